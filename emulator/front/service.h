/*
 * service.h - decides the answer to a request: the route, what the request did
 * wrong, the faults of the script, and the handler.
 */
#pragma once

#include "front/emulator.h"

/* Make the ports answer as the service: sets the functions of emu->host, which it owns.
 */
void service_attach(struct emulator *emu);
