/*
 * sink_memory.h - a sink that has no folder: memory://BOX, in this process. It is there
 * to prove that nobody above store/ knows what a sink is.
 *
 * As a power cut would have it, a process that is killed (memory_kill()) leaves zeros
 * where it had not synced. Its files have no path, so --exec has nothing to open.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "store/sink_ops.h"

extern const struct sink_kind sink_memory;

/* As if the process had ended: locks are dropped, what is open is gone. */
void memory_kill(void);
void memory_clear(void); /* all boxes; nothing may be open */

void memory_put(const char *location, const void *bytes, size_t len);
/* A file, or a partial by stored_partial_at(). NULL: there is none. Borrowed. */
unsigned char *memory_bytes(const char *location, size_t *ret_len);
void memory_cut(const char *location, size_t len);
size_t memory_count(void); /* files and partials */
/* The next syncs fail for want of room, and writes after half of their bytes. */
void memory_set_full(bool is_full);
/* Commits, writes or syncs wait on their threads until it is false again. Does one wait?
 */
void memory_hold(bool holds);
void memory_hold_writes(bool holds);
void memory_hold_syncs(bool holds);
bool memory_is_holding(void);
