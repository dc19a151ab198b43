/*
 * service.h - decides the answer to a request: the route, what the request did
 * wrong, the faults of the script, and the handler.
 */
#pragma once

#include "wire/request.h"

void service_answer(struct request *r);
