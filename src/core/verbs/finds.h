/*
 * finds.h - the tasks that a source has told of: each once, with all that was said of it,
 * in the order in which they came. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "core/common/index.h"
#include "core/verbs/idjson.h"

enum { FINDS_MAX = 1000000, FINDS_BYTES_MAX = 256 << 20 };

struct find {
	const char *submit_id, *history_id; /* one may be NULL */
	const char *prompt, *model, *state, *type; /* NULL unknown */
	int64_t credits; /* -1 unknown */
	int64_t created_unix_ms; /* 0 unknown */
	const char *unit; /* a constant */
	size_t number;
	/*
	 * good: it counts. pending: it may turn out to be none. dropped: it did, unless
	 * it is told again; or it is one of the others, under its history id.
	 */
	enum { FIND_GOOD, FIND_PENDING, FIND_DROPPED } standing;
};

struct finds {
	struct find *list;
	size_t len, room;
	struct index by_submit, by_history;
	struct arena arena;
	size_t settled; /* those before are not pending */
	bool is_pending; /* what comes now is */
};

/* It must stay where it is. */
void finds_init(struct finds *finds);
void finds_release(struct finds *finds);
/* Adds a task, or what is new about it. */
enum err_kind finds_add(struct finds *finds, const struct idjson_task *task,
    const char *unit, struct err *err);
/* What was pending counts, or not. */
void finds_settle(struct finds *finds, bool counts);
/* Returns the id that the task is asked for by. */
const char *find_id(const struct find *find);
