/*
 * row.h - rows of the tables, as the structs of model/task.h.
 */
#pragma once

/* Of what is open: it has ended and nothing is left to do, but its end may change. */
#define ROW_MAY_ONLY_CHANGE                                               \
	"CASE state WHEN 'failed' THEN 1 WHEN 'not_found' THEN 1 "        \
	"WHEN 'succeeded' THEN NOT EXISTS (SELECT 1 FROM assets WHERE "   \
	"task = tasks.id AND assets.state IN ('wanted', 'fetched')) AND " \
	"EXISTS (SELECT 1 FROM assets WHERE task = tasks.id) ELSE 0 END"

/*
 * A row of an id that somebody has typed, and of which the service has never shown
 * anything: it was asked for, and is not there or was not yet. A row with a key says that
 * the key is used, and one with an event 0 (recover.c) was ours: they are none.
 */
#define ROW_IS_STRAY                                                       \
	"(state = 'not_found' OR (state = 'unknown' AND looks > 0)) AND "  \
	"idempotency_key IS NULL AND "                                     \
	"body IS NULL AND status IS NULL AND created_unix_ms IS NULL AND " \
	"history_id IS NULL AND alias_id IS NULL AND "                     \
	"NOT EXISTS (SELECT 1 FROM assets WHERE assets.task = tasks.id) "  \
	"AND NOT EXISTS (SELECT 1 FROM events WHERE "                      \
	"events.task = tasks.id AND events.seq = 0)"

#include "ledger/sqlite/handle.h"

struct row_task {
	struct arena *arena; /* set by the caller: where strings and arrays go */
	int64_t id; /* 0: no such row */
	int64_t lease_owner, lease_token; /* 0: none */
	struct task task; /* its own `arena` is unused */
};

/* A row without its strings, for operations that need no more. */
struct row_brief {
	int64_t id; /* 0: no such row */
	enum task_state state;
	int64_t owner; /* submitting: 0 waits; else 0 */
	int64_t lease_owner, lease_token, version; /* 0: none */
};

/*
 * Finds the task with this submit id, else the one with this history id, else the one
 * with this alias. Without a row, row->id is 0. In a transaction of the caller, so that
 * task and assets agree.
 */
enum err_kind row_find(struct sqlite_ledger *ledger, const char *account, const char *id,
    struct row_task *row, struct err *err);
/* The row of this number; the same. */
enum err_kind row_load(
    struct sqlite_ledger *ledger, int64_t id, struct row_task *row, struct err *err);
/* One asset of what row_find() would find. */
enum err_kind row_find_asset(struct sqlite_ledger *ledger, const char *account,
    struct asset_known *known, struct arena *arena, struct err *err);
/* Nothing of it is left to be done; its end may change, at most (ROW_MAY_ONLY_CHANGE). */
bool row_is_over(const struct row_task *row);
/* Make the loaded row a task of its own, whose arena row->arena is. */
void row_become_task(const struct row_task *row, struct task *task);

/* Finds as row_find() does. */
enum err_kind row_peek(struct sqlite_ledger *ledger, const char *account, const char *id,
    struct row_brief *ret_row, struct err *err);
/* ERR_NOT_FOUND in words. */
enum err_kind row_is_missing(const char *id, struct err *err);

/* Add a row in TASK_UNKNOWN, with its event, unless row_find() would find one. */
enum err_kind row_adopt(struct sqlite_ledger *ledger, const char *account, const char *id,
    int64_t now_unix_ms, struct err *err);

/* Write what an observation may change. */
enum err_kind row_update(struct sqlite_ledger *ledger, int64_t row,
    const struct task *task, int64_t now_unix_ms, struct err *err);
enum err_kind row_insert_assets(struct sqlite_ledger *ledger, int64_t row,
    const struct asset *const *assets, size_t n, struct err *err);
/* The facts of an asset (not its state), found by its index. */
enum err_kind row_update_asset(struct sqlite_ledger *ledger, int64_t row,
    const struct asset *asset, struct err *err);
