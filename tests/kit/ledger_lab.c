#include "ledger_lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "ledger/sqlite/handle.h"

static const char profile[] = "default";

/* cmocka's asserts jump, which no thread of a server may. */
static void must(enum err_kind kind, const struct err *err)
{
	if (kind == ERR_OK)
		return;
	(void)fprintf(stderr, "ledger_lab: %s\n", err->msg);
	abort();
}

static void must_be(bool is_so, const char *what)
{
	if (is_so)
		return;
	(void)fprintf(stderr, "ledger_lab: %s\n", what);
	abort();
}

static struct ledger *open_it(const char *path)
{
	struct ledger *ledger = NULL;
	struct err err;

	must(ledger_open(path, &ledger, &err), &err);
	return ledger;
}

static void close_itp(struct ledger **ledger)
{
	ledger_close(*ledger);
}

#define LEDGER _cleanup_(close_itp) struct ledger

/* --- a new one ---------------------------------------------------------------------- */

/* The first one, as it was: the file, and what of it still is in its log. */
static struct made {
	char *bytes;
	size_t len;
} made[2];
static const char *const made_names[] = { "", "-wal" };

static void keep_made(const char *path, struct made *keep)
{
	FILE *file = fopen(path, "re");
	FILE *out = open_memstream(&keep->bytes, &keep->len);
	char piece[4096];
	size_t n;

	must_be(file && out, "the new ledger can't be read");
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		must_be(fwrite(piece, 1, n, out) == n, "no memory");
	must_be(fclose(out) == 0 && fclose(file) == 0, "the new ledger can't be read");
}

static void forget_made(void)
{
	for (size_t i = 0; i < 2; i++)
		free(made[i].bytes);
}

static void write_made(const char *path, const struct made *from)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	must_be(fd >= 0 && write(fd, from->bytes, from->len) == (ssize_t)from->len,
	    "a ledger can't be made");
	(void)close(fd);
}

void lab_make(const char *path)
{
	const bool is_first = !made[0].bytes;

	if (is_first)
		ledger_close(open_it(path));
	for (size_t i = 0; i < 2; i++) {
		char name[512];

		(void)snprintf(name, sizeof(name), "%s%s", path, made_names[i]);
		if (is_first)
			keep_made(name, &made[i]);
		else
			write_made(name, &made[i]);
	}
	if (is_first)
		(void)atexit(forget_made);
}

/* --- what it says ------------------------------------------------------------------ */

struct only {
	char id[TASKID_MAX + 1];
	size_t n;
};

static bool keep_id(void *payload, const struct task *task)
{
	struct only *only = payload;

	(void)snprintf(only->id, sizeof(only->id), "%s", task->submit_id);
	only->n++;
	return true;
}

static bool count_one(void *payload, const struct task *task)
{
	(void)task;
	++*(size_t *)payload;
	return true;
}

static struct task *find(struct ledger *ledger, const char *id)
{
	struct task *task = NULL;
	struct err err;

	must(ledger_find(ledger, profile, id, &task, &err), &err);
	return task;
}

struct task *lab_task(const char *path, const char *id)
{
	LEDGER *ledger = open_it(path);
	const struct ledger_filter all = { .account = profile };
	struct only only = { .n = 0 };
	struct err err;

	if (id)
		return find(ledger, id);
	must(ledger_list(ledger, &all, keep_id, &only, &err), &err);
	must_be(only.n <= 1, "there are several tasks: which is it?");
	return only.n ? find(ledger, only.id) : NULL;
}

size_t lab_count(const char *path, const struct ledger_filter *filter)
{
	LEDGER *ledger = open_it(path);
	const struct ledger_filter all = { .account = NULL };
	size_t n = 0;
	struct err err;

	must(ledger_list(ledger, filter ? filter : &all, count_one, &n, &err), &err);
	return n;
}

void lab_assert_state(const char *path, const char *id, const char *expected)
{
	_cleanup_(task_freep) struct task *task = lab_task(path, id);

	assert_string_equal(task ? task_state_name(task->state) : "none", expected);
}

void lab_assert_asset(const char *path, const char *id, int index, const char *expected)
{
	_cleanup_(task_freep) struct task *task = lab_task(path, id);
	const struct asset *asset = task ? task_asset(task, index) : NULL;

	assert_string_equal(asset ? asset_state_name(asset->state) : "none", expected);
}

/* --- what others do ---------------------------------------------------------------- */

void lab_forget(const char *path, const char *id)
{
	LEDGER *ledger = open_it(path);
	struct err err;

	must(ledger_forget(ledger, profile, id, &err), &err);
}

void lab_observe(const char *path, struct task *seen)
{
	LEDGER *ledger = open_it(path);
	struct err err;

	must(
	    ledger_observe(ledger, profile, &seen, NULL, 1, clock_unix_ms(), &err), &err);
}

static void give_up(struct ledger *ledger, const char *id, int index)
{
	_cleanup_(task_freep) struct task *task = find(ledger, id);
	const struct asset *asset = task ? task_asset(task, index) : NULL;
	struct err err;

	must_be(asset && asset->state == ASSET_STORED, "there is no such stored file");
	must(ledger_asset_wanted(ledger, profile, id, index, &err), &err);
}

void lab_lose(const char *path, const char *id, int index)
{
	LEDGER *ledger = open_it(path);
	struct err err;

	give_up(ledger, id, index);
	must(ledger_asset_lost(ledger, profile, id, index, "it is gone", &err), &err);
}

/* --- what the dead have left ------------------------------------------------------- */

void lab_intend(struct ledger *ledger, const char *id, int64_t now_unix_ms)
{
	char body[TASKID_MAX + 20];
	const struct intent intent = { .account = profile,
		.submit_id = id,
		.kind = MEDIA_IMAGE,
		.prompt = "x",
		.body = body,
		.request_hash = "h",
		.content_hash = "c",
		.now_unix_ms = now_unix_ms };
	struct intended intended;
	struct err err;

	(void)snprintf(body, sizeof(body), "{\"submit_id\":\"%s\"}", id);
	must(ledger_intend(ledger, &intent, 1, &intended, NULL, &err), &err);
}

void lab_die_sending(const char *path, const char *id)
{
	LEDGER *ledger = open_it(path);
	_cleanup_free_ char *sent = NULL;
	enum media_kind kind;
	struct err err;

	lab_intend(ledger, id, clock_unix_ms());
	must(ledger_send_begin(ledger, profile, id, &kind, &sent, &err), &err);
	must_be(sent != NULL, "it does not wait to be sent");
}

void lab_die_storing(const char *path, const char *id, int index)
{
	LEDGER *ledger = open_it(path);
	_cleanup_(task_freep) struct task *task = find(ledger, id);
	const struct asset *stored = task ? task_asset(task, index) : NULL;
	struct err err;

	give_up(ledger, id, index);
	must(ledger_asset_fetched(ledger, profile, id, stored, &err), &err);
}

void lab_die_repairing(const char *path, const char *id, int index)
{
	LEDGER *ledger = open_it(path);

	give_up(ledger, id, index);
}

/* --- below its operations ---------------------------------------------------------- */

enum { LOCK_WAIT_MS = 10000 };

static sqlite3 *open_file(const char *path)
{
	sqlite3 *file = NULL;

	must_be(!sqlite3_open(path, &file) && !sqlite3_busy_timeout(file, LOCK_WAIT_MS),
	    "the file can't be opened");
	return file;
}

char *lab_repeat_of(const char *path, const char *id)
{
	static const char text[] = "SELECT rerolls FROM tasks WHERE submit_id = ?1";
	sqlite3 *file = open_file(path);
	sqlite3_stmt *stmt = NULL;
	const char *of;
	char *copy;

	must_be(!sqlite3_prepare_v2(file, text, -1, &stmt, NULL), sqlite3_errmsg(file));
	must_be(!sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC), sqlite3_errmsg(file));
	must_be(sqlite3_step(stmt) == SQLITE_ROW, "there is no such task");
	of = (const char *)sqlite3_column_text(stmt, 0);
	copy = of ? strdup(of) : NULL;
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(file);
	return copy;
}

/* A connection with a transaction open. */
struct lab_lock *lab_lock(const char *path)
{
	sqlite3 *file = open_file(path);

	must_be(!sqlite3_exec(file, "BEGIN IMMEDIATE", NULL, NULL, NULL),
	    sqlite3_errmsg(file));
	return (struct lab_lock *)file;
}

void lab_unlock(struct lab_lock *lock)
{
	must_be(!sqlite3_close((sqlite3 *)lock), "the lock can't be let go");
}

void lab_wait_for_locks(struct ledger *ledger, int wait_ms)
{
	sqlite_of(ledger)->sql.wait_ms = wait_ms;
}

static void run(const char *path, const char *text)
{
	sqlite3 *file = open_file(path);

	must_be(
	    !sqlite3_db_config(file, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL) &&
		!sqlite3_exec(file, text, NULL, NULL, NULL),
	    sqlite3_errmsg(file));
	(void)sqlite3_close(file);
}

/* Whoever opens the file anew knows nothing of the rule that forbids it. */
void lab_double(const char *path, const char *id)
{
	char text[500];

	run(path,
	    "PRAGMA writable_schema = ON;"
	    "UPDATE sqlite_schema SET sql = replace(sql, 'UNIQUE (account, submit_id),', "
	    "'')"
	    " WHERE name = 'tasks';"
	    "DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_tasks_1'");
	(void)snprintf(text, sizeof(text),
	    "CREATE TEMP TABLE double AS SELECT * FROM tasks WHERE submit_id = '%s';"
	    "UPDATE double SET id = (SELECT max(id) + 1 FROM tasks);"
	    "INSERT INTO tasks SELECT * FROM double",
	    id);
	run(path, text);
}
