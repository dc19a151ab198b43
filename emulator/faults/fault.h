/*
 * fault.h - carries out what a script planned for a request.
 */
#pragma once

#include "wire/request.h"

/* Answer in place of the service; false when no such fault was planned. */
bool fault_replace(struct request *r);

/* Spoil the answer that is there. */
void fault_change(struct request *r);

/* Decide how it travels; call last, when the size is known. */
void fault_wire(struct request *r);
