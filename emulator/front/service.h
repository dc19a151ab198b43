/*
 * service.h - decides the answer to a request: the route, what the request did
 * wrong, the faults of the script, and the handler.
 */
#pragma once

#include "front/emulator.h"
#include "state/mix.h"

/* Give the account that the mix names, or that of the session, or "test", these records.
 */
void service_add_records(
    struct emulator *emu, const struct mix *mix, const char *session);

/* Make the ports answer as the service: sets the functions of emu->host, which it owns.
 */
void service_attach(struct emulator *emu);
