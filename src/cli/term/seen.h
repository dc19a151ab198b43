/*
 * seen.h - which state each task was last told in, so that a log has a line
 * when the state changes and none when only a queue place does. Sixteen bytes
 * a task: a 64-bit hash stands for the id, and a collision costs a line of talk. When
 * it is full it forgets everything, which costs a line a task.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen {
	struct seen_slot *slots; /* NULL: everything is new */
	size_t n_slots; /* a power of two */
	size_t n_used;
};

/* Makes one for about n_tasks of them. Without memory everything is new. */
struct seen seen_make(size_t n_tasks);
void seen_release(struct seen *seen);
/* Is this state news for the task? Remember it. */
bool seen_is_new(struct seen *seen, const char *id, const char *state);
