/*
 * ledger_fixture.h - a ledger in a folder of its own, and tasks as a poll shows
 * them. For the tests of the ledger; include it behind cmocka.h.
 */
#pragma once

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/err.h"
#include "ledger/list.h"
#include "ledger/marks.h"
#include "ledger/past.h"
#include "model/task.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define NOW INT64_C(1790000000000)
#define ME "default"
#define SHA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct fixture {
	char folder[64], path[96];
	struct ledger *ledger;
	struct err err;
};

static inline int remove_entry(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline struct ledger *open_ledger(const char *path)
{
	struct ledger *ledger = NULL;
	struct err err = { 0 };

	if (ledger_open(path, &ledger, &err))
		fail_msg("open: %s", err.msg);
	return ledger;
}

static inline int fixture_make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->folder, "/tmp/dreamq-ledger-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->path, sizeof(f->path), "%s/sub/ledger.db", f->folder);
	f->ledger = open_ledger(f->path);
	*state = f;
	return 0;
}

static inline int fixture_free(void **state)
{
	struct fixture *f = *state;

	ledger_close(f->ledger);
	(void)nftw(f->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

static inline void reopen(struct fixture *f)
{
	ledger_close(f->ledger);
	f->ledger = open_ledger(f->path);
}

static inline void close_it(struct fixture *f)
{
	ledger_close(f->ledger);
	f->ledger = NULL;
}

/* The file of the ledger with this suffix; valid until the next call. */
static inline char *beside(const struct fixture *f, const char *suffix)
{
	static char path[200];

	(void)snprintf(path, sizeof(path), "%s%s", f->path, suffix);
	return path;
}

#define ok(call)                                               \
	do {                                                   \
		f->err = (struct err){ 0 };                    \
		if ((call) != ERR_OK)                          \
			fail_msg("%s: %s", #call, f->err.msg); \
	} while (0)

/* One number out of the file, past the code under test. */
static inline int64_t peek(const struct fixture *f, const char *text)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int64_t number = -999;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 10000);
	if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	if (sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return number;
}

static inline void poke(const char *path, const char *text)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 10000);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* The table of tasks is read as empty: names and keys are in indexes only. */
static inline void lose_the_table(const struct fixture *f)
{
	poke(f->path,
	    "PRAGMA writable_schema = ON;"
	    "CREATE TABLE empty (x);"
	    "UPDATE sqlite_schema SET rootpage ="
	    " (SELECT rootpage FROM sqlite_schema WHERE name = 'empty')"
	    " WHERE name = 'tasks'");
}

static inline struct task *look(const char *id, enum task_state state)
{
	struct task *task = task_new();

	assert_non_null(task);
	task->submit_id = id;
	task->state = state;
	if (state == TASK_SUCCEEDED)
		task->finished_unix_ms = NOW;
	return task;
}

/* Behind the others, as the decoder does it. */
static inline struct asset *show(struct task *task, const char *uri)
{
	struct asset *wider =
	    arena_alloc(&task->arena, (task->n_assets + 1) * sizeof(*wider));
	struct asset *asset;

	assert_non_null(wider);
	if (task->n_assets)
		memcpy(wider, task->assets, task->n_assets * sizeof(*wider));
	task->assets = wider;
	asset = &wider[task->n_assets];
	*asset = (struct asset){ .index = (int)task->n_assets,
		.kind = MEDIA_IMAGE,
		.uri = uri,
		.url = "https://cdn.invalid/signed?x-signature=secret",
		.expires_unix = 77,
		.duration_ms = -1,
		.size_bytes = -1,
		.stored_bytes = -1 };
	task->n_assets++;
	return asset;
}

static inline void adopt(struct fixture *f, const char *id)
{
	ok(ledger_adopt(f->ledger, ME, &id, 1, NOW, &f->err));
}

static inline void observe(struct fixture *f, struct task *task)
{
	ok(ledger_observe(f->ledger, ME, &task, NULL, 1, NOW, &f->err));
}

static inline struct task *find(struct fixture *f, const char *id)
{
	struct task *task = NULL;

	ok(ledger_find(f->ledger, ME, id, &task, &f->err));
	return task;
}

static inline enum task_state state_of(struct fixture *f, const char *id)
{
	struct task *task = find(f, id);
	enum task_state state;

	assert_non_null(task);
	state = task->state;
	task_free(task);
	return state;
}

static inline struct asset bytes_of(int index, const char *uri, const char *path)
{
	return (struct asset){ .index = index,
		.uri = uri,
		.path = path,
		.stored_bytes = 123,
		.sha256 = SHA,
		.format = "webp",
		.size_bytes = -1,
		.duration_ms = -1 };
}

static inline void store(
    struct fixture *f, const char *id, int index, const char *uri, const char *path)
{
	const struct asset bytes = bytes_of(index, uri, path);

	ok(ledger_asset_fetched(f->ledger, ME, id, &bytes, &f->err));
	ok(ledger_asset_stored(f->ledger, ME, id, index, NOW, &f->err));
}

static inline struct intent intent_of(const char *id)
{
	return (struct intent){ .account = ME,
		.submit_id = id,
		.kind = MEDIA_IMAGE,
		.prompt = "一只猫 \"quoted\"",
		.model = "high_aes_general_v40",
		.ratio = "1:1",
		.body = "{\"prompt\":\"x\"}",
		.request_hash = SHA,
		.now_unix_ms = NOW };
}

/* One intent that waits. */
static inline enum err_kind wait_one(
    struct ledger *ledger, const struct intent *intent, struct err *err)
{
	struct intended intended;

	return ledger_intend(ledger, intent, 1, &intended, NULL, err);
}

static inline enum err_kind begin(
    struct ledger *ledger, const char *account, const char *id, struct err *err)
{
	enum media_kind kind;
	char *body = NULL;

	if (ledger_send_begin(ledger, account, id, &kind, &body, err))
		return err->kind;
	if (!body)
		return err_set(err, ERR_NOT_FOUND, "'%s' does not wait", id);
	free(body);
	return ERR_OK;
}

static inline struct ledger_entry move_of(
    const char *id, const struct asset *asset, enum asset_state to)
{
	return (struct ledger_entry){ .kind = ENTRY_MOVE,
		.move = { .submit_id = id, .asset = asset, .to = to } };
}

/* One that is being sent. */
static inline enum err_kind send_one(
    struct ledger *ledger, const struct intent *intent, struct err *err)
{
	if (wait_one(ledger, intent, err))
		return err->kind;
	return begin(ledger, intent->account, intent->submit_id, err);
}

static inline enum err_kind answer(struct ledger *ledger, const char *id,
    enum task_state state, const struct task_fail *fail, const char *history_id,
    struct err *err)
{
	const struct answered answered = {
		.account = ME,
		.submit_id = id,
		.state = state,
		.fail = fail,
		.history_id = history_id,
	};

	return ledger_submitted(ledger, &answered, err);
}
