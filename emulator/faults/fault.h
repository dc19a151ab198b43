/*
 * fault.h - carries out what a script planned for a request: bends its reply, and how
 * that travels.
 *
 * In this order: fault_replace(), or the handler of the service; fault_change();
 * fault_deliver() when the size is known; then fault_sent() for what leaves, and
 * fault_cut() when the answer ends early.
 */
#pragma once

#include "state/store.h"
#include "wire/request.h"

/* Answer in place of the service; false when no such fault was planned. */
bool fault_replace(struct request *r);

/* Spoil the answer that is there. */
void fault_change(struct request *r);

/* Decide how it travels. */
void fault_deliver(struct store *store, struct request *r);

/* Take bytes that leave from the life of the links to their object. */
void fault_sent(struct store *store, const struct request *r, size_t bytes);

/* End the life of these links; false when no fault wants it, or they were dead before. */
bool fault_cut(struct store *store, const struct request *r);
