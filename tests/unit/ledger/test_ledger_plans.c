/*
 * test_ledger_plans.c - how SQLite does what it is asked: no statement goes through a
 * whole table, and none sorts, but those that are listed here with a reason. Every
 * statement is prepared once, and what the sources say is compared with that.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/lease.h"
#include "ledger/sqlite/handle.h"
#include "ledger_operations.h"

enum { TEXTS_MAX = 2000, SOURCE_MAX = 1 << 20 };

static char *texts[TEXTS_MAX];
static size_t n_texts;

int __real_sqlite3_prepare_v3(sqlite3 *db, const char *text, int n, unsigned flags,
    sqlite3_stmt **stmt, const char **tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *text, int n, unsigned flags,
    sqlite3_stmt **stmt, const char **tail);

static bool is_of_rows(const char *text)
{
	static const char *const verbs[] = { "SELECT ", "INSERT ", "UPDATE ", "DELETE " };

	for (size_t i = 0; i < COUNT(verbs); i++)
		if (!strncmp(text, verbs[i], strlen(verbs[i])))
			return true;
	return false;
}

int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *text, int n, unsigned flags,
    sqlite3_stmt **stmt, const char **tail)
{
	bool is_known = !is_of_rows(text);

	for (size_t i = 0; i < n_texts && !is_known; i++)
		is_known = !strcmp(texts[i], text);
	if (!is_known && n_texts < TEXTS_MAX)
		texts[n_texts++] = strdup(text);
	return __real_sqlite3_prepare_v3(db, text, n, flags, stmt, tail);
}

/* A transaction is run again when its answer was lost. */
static bool runs_twice;

enum err_kind __real_ledger_run(struct sqlite_ledger *ledger, enum sql_purpose purpose,
    ledger_work *work, void *payload, struct err *err);
enum err_kind __wrap_ledger_run(struct sqlite_ledger *ledger, enum sql_purpose purpose,
    ledger_work *work, void *payload, struct err *err);

enum err_kind __wrap_ledger_run(struct sqlite_ledger *ledger, enum sql_purpose purpose,
    ledger_work *work, void *payload, struct err *err)
{
	if (runs_twice && __real_ledger_run(ledger, purpose, work, payload, err))
		return err->kind;
	return __real_ledger_run(ledger, purpose, work, payload, err);
}

/* --- everything once ------------------------------------------------------------ */

static bool pass_task(void *payload, const struct task *task)
{
	(void)payload;
	return task != NULL;
}

static bool pass_open(void *payload, const struct open_task *task)
{
	(void)payload;
	return task != NULL;
}

static bool pass_past(void *payload, const struct past_task *task)
{
	(void)payload;
	return task != NULL;
}

static bool pass_tag(void *payload, const char *tag, int64_t n_tasks)
{
	(void)payload;
	return tag && n_tasks;
}

static bool pass_event(void *payload, const struct ledger_event *event)
{
	(void)payload;
	return event != NULL;
}

static void list_all_ways(struct fixture *f)
{
	struct task_search search;

	ok(search_make("a cat", &search, &f->err));
	for (int bits = 0; bits < 128 * LEDGER_SORT_COUNT; bits++) {
		const struct ledger_filter filter = {
			.account = bits & 1 ? ME : NULL,
			.only_unfinished = bits & 2,
			.has_state = bits & 12,
			.state = bits & 4 ? TASK_NOT_FOUND : TASK_FAILED,
			.since_unix_ms = bits & 16 ? NOW : 0,
			.is_ascending = bits & 32,
			.tags = (const char *const[]){ "good" },
			.sha256 = bits % 7 == 0 ? SHA : NULL,
			.n_tags = bits % 5 == 0,
			.search = bits & 64 ? &search : NULL,
			.sort = (enum ledger_sort)(bits / 128),
		};

		ok(ledger_list(f->ledger, &filter, pass_task, NULL, &f->err));
	}
	search_release(&search);
}

static void read_all(struct fixture *f)
{
	struct account_pause pause;
	struct asset_known known[] = { { .submit_id = "file" },
		{ .submit_id = "nobody" } };
	struct arena arena = arena_make(1 << 20);
	const struct delivery_filter any = { .hook = NULL };
	struct ledger_found found;
	struct task *task = NULL;
	enum media_kind kind;
	char *body = NULL;

	list_all_ways(f);
	ok(ledger_count(f->ledger, &(struct ledger_count){ 0 }, &f->err));
	ok(ledger_tags(f->ledger, ME, pass_tag, NULL, &f->err));
	ok(ledger_deliveries(f->ledger, &any, pass_delivery, NULL, &f->err));
	ok(ledger_find(f->ledger, ME, "nobody", &task, &f->err));
	ok(ledger_find_assets(f->ledger, ME, known, 2, &arena, &f->err));
	arena_release(&arena);
	ok(ledger_prefix(f->ledger, ME, "fi", &found, &f->err));
	ok(ledger_open_tasks(f->ledger, ME, pass_open, NULL, &f->err));
	ok(ledger_past(f->ledger, ME, NOW, 5, pass_past, NULL, &f->err));
	ok(ledger_past(f->ledger, NULL, 0, 0, pass_past, NULL, &f->err));
	ok(ledger_events(f->ledger, ME, "file", pass_event, NULL, &f->err));
	ok(ledger_pause_of(f->ledger, ME, NOW, &pause, &f->err));
	ok(ledger_walk(f->ledger, ME, "assets", &(struct ledger_walk){ 0 }, &f->err));
	ok(ledger_body(f->ledger, ME, "waits", &kind, &body, &f->err));
	free(body);
}

static void many_ids(struct fixture *f)
{
	enum { MANY = 600 };
	static char names[MANY][8];
	static const char *ids[MANY];
	static struct lease leases[MANY];

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "m%d", i);
		ids[i] = names[i];
		leases[i] = (struct lease){ .id = ids[i] };
	}
	for (int i = 0; i < 2; i++)
		ok(ledger_adopt(f->ledger, ME, ids, MANY, NOW, &f->err));
	ok(ledger_lease(f->ledger, ME, leases, MANY, NOW, &f->err));
	ok(ledger_lease_release(f->ledger, ME, ids, MANY, &f->err));
}

static void files_go_their_ways(struct fixture *f)
{
	const struct asset part = {
		.index = 0, .uri = "u", .synced_bytes = 5, .synced_sha256 = SHA
	};

	ok(ledger_asset_progress(f->ledger, ME, "file", 0, "\"v\"", &f->err));
	ok(ledger_asset_synced(f->ledger, ME, "file", &part, &f->err));
	store(f, "file", 0, "u", "/x");
	ok(ledger_asset_wanted(f->ledger, ME, "file", 0, &f->err));
	ok(ledger_asset_lost(f->ledger, ME, "file", 1, "gone", &f->err));
	ok(ledger_believe(f->ledger, ME, "file", &f->err));
}

/* A picture gets another size, again and again; then the end is denied, twice. */
static void polls_contradict(struct fixture *f)
{
	for (int i = 0; i < 300; i++) {
		struct task *seen = look("moody", i % 2 ? TASK_QUEUED : TASK_GENERATING);

		observe(f, seen);
		task_free(seen);
	}
	for (int i = 1; i < 5; i++) {
		struct task *seen = look("moody", i < 3 ? TASK_SUCCEEDED : TASK_QUEUED);

		show(seen, "picture")->width = i;
		observe(f, seen);
		task_free(seen);
	}
}

/* Keys of batches, repeats, another way of keying. */
static void submit_all_ways(struct fixture *f)
{
	struct intent intent = intent_of("keyed");
	struct intended intended;
	bool is_known = false;

	intent.content_hash = SHA;
	intent.idempotency_key = "scope:1";
	intent.key_scope = "scope:";
	intent.line_key = "scope:1";
	intent.nth = 1;
	ok(ledger_intend(f->ledger, &intent, 1, &intended, NULL, &f->err));
	intent.submit_id = "again";
	intent.rerolls = "keyed";
	intent.idempotency_key = "scope:more";
	ok(ledger_intended_before(f->ledger, &intent, 1, &is_known, &f->err));
	intent.idempotency_key = "scope:1";
	ok(ledger_intend(f->ledger, &intent, 1, &intended, NULL, &f->err));
	intent.rerolls = NULL;
	intent.idempotency_key = "scope:other";
	intent.submit_id = "third";
	intent.nth = 2;
	ok(ledger_intend(f->ledger, &intent, 1, &intended, NULL, &f->err));
}

/* One waits again; another one's sender ends before it has heard. */
static void senders_end(struct fixture *f)
{
	const struct intent later = intent_of("later"), left = intent_of("left");
	const struct intent twice = intent_of("twice");
	size_t n = 0;

	runs_twice = true;
	ok(wait_one(f->ledger, &twice, &f->err));
	runs_twice = false;
	ok(send_one(f->ledger, &later, &f->err));
	ok(answer(f->ledger, "later", TASK_SUBMITTING, NULL, NULL, &f->err));
	ok(send_one(f->ledger, &left, &f->err));
	reopen(f);
	ok(ledger_settle_dead(f->ledger, &n, &f->err));
	assert_int_equal(n, 2); /* and "waits" */
}

static void do_everything(struct fixture *f)
{
	assert_int_equal(operations_prepare(f->ledger), 0);
	ledger_deliver_to(f->ledger, &everything);
	for (size_t i = 0; i < COUNT(operations); i++)
		ok(operations[i].run(f->ledger, &f->err));
	many_ids(f);
	files_go_their_ways(f);
	polls_contradict(f);
	submit_all_ways(f);
	senders_end(f);
	read_all(f);
	reopen(f);
}

/* --- plans ---------------------------------------------------------------------- */

/* What a plan may do to a whole table, or sort, of which statement, and why. */
static const struct allowed {
	const char *step, *text, *why;
} allowed[] = {
	{ "SCAN tasks USING COVERING INDEX tasks_past",
	    "SELECT count(*) FROM tasks INDEXED BY tasks_past",
	    "at the start, against what the books say: pages of an index are counted" },
	{ "SCAN tasks USING COVERING INDEX tasks_key",
	    "SELECT count(*) FROM tasks INDEXED BY tasks_key", "the same" },
	{ "SCAN keys", "SELECT count(*) FROM keys", "the same" },
	{ "SCAN assets USING COVERING INDEX", "SELECT count(*) FROM assets",
	    "the same, of a ledger that is small" },
	{ "USE TEMP B-TREE", "INDEXED BY tasks_account_past WHERE id ",
	    "list has counted them: they are few" },
	{ "USE TEMP B-TREE", "INDEXED BY tasks_past WHERE id ", "the same" },
	{ "USE TEMP B-TREE", "NULLS LAST, id DESC",
	    "somebody wants it sorted, by what would be written for each row else" },
	{ "SCAN tasks USING INDEX tasks_state", "ORDER BY state",
	    "it is in that order, and a limit ends it" },
	{ "USE TEMP B-TREE", "SELECT id FROM (SELECT id FROM tasks WHERE id ",
	    "a page of each of two states" },
};
static bool is_used[COUNT(allowed)];

static bool is_bad(const char *step)
{
	static const char *const tables[] = { "tasks", "assets", "events", "keys",
		"deliveries", "errands", "permits", "secrets", "t" };
	const char *name = strstr(step, "SCAN ");

	if (strstr(step, "TEMP B-TREE"))
		return true;
	for (size_t i = 0; name && i < COUNT(tables); i++) {
		const size_t len = strlen(tables[i]);

		if (!strncmp(name + 5, tables[i], len) &&
		    (name[5 + len] == ' ' || !name[5 + len]))
			return true;
	}
	return false;
}

static bool is_allowed(const char *step, const char *text)
{
	for (size_t i = 0; i < COUNT(allowed); i++) {
		if (!strstr(step, allowed[i].step) || !strstr(text, allowed[i].text))
			continue;
		is_used[i] = true;
		return true;
	}
	return false;
}

/* All steps of all plans, for who wants to know what they use. */
static struct buf plans;

static void check_plan(sqlite3 *db, const char *text)
{
	_cleanup_(buf_release) struct buf explain = buf_make(SOURCE_MAX);
	sqlite3_stmt *stmt = NULL;

	buf_addf(&explain, "EXPLAIN QUERY PLAN %s", text);
	if (sqlite3_prepare_v2(db, explain.data, -1, &stmt, NULL))
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(stmt, 3);

		if (is_bad(step) && !is_allowed(step, text))
			fail_msg("%s: %s", step, text);
		buf_addf(&plans, "%s\n", step);
	}
	sqlite3_finalize(stmt);
}

static void no_plan_goes_through_a_table(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db = NULL;

	plans = buf_make(SOURCE_MAX);
	do_everything(f);
	assert_true(n_texts < TEXTS_MAX);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	for (size_t i = 0; i < n_texts; i++)
		check_plan(db, texts[i]);
	sqlite3_close(db);
	for (size_t i = 0; i < COUNT(allowed); i++)
		if (!is_used[i])
			fail_msg("no plan needs it any more: %s", allowed[i].text);
}

/* What no plan uses is written for nothing, with each row. */
static void every_index_is_used(void **state)
{
	struct fixture *f = *state;
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int n = 0;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db,
		"SELECT name FROM sqlite_schema WHERE type = 'index' AND sql <> ''", -1,
		&stmt, NULL),
	    SQLITE_OK);
	for (; sqlite3_step(stmt) == SQLITE_ROW; n++) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);
		char part[64];

		(void)snprintf(part, sizeof(part), "INDEX %s ", name);
		if (!strstr(plans.data, part))
			fail_msg("no plan uses the index %s", name);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	assert_true(n > 5);
}

/* --- the sources ---------------------------------------------------------------- */

/* They go through all of a ledger on purpose: once, or when a person asks for it. */
static const char *const whole_ledgers[] = { "backup.c", "care.c", "recover.c",
	"recover_rows.c", "steps.c" };

static bool is_passed_over(const char *file)
{
	for (size_t i = 0; i < COUNT(whole_ledgers); i++)
		if (!strcmp(file, whole_ledgers[i]))
			return true;
	return !strstr(file, ".c");
}

/* The first literal of a statement: up to its closing quote, or what is filled in. */
static void assert_seen(const char *file, const char *literal)
{
	const size_t len = strcspn(literal, "\"%");
	char part[400];

	(void)snprintf(part, sizeof(part), "%.*s", (int)len, literal);
	for (size_t i = 0; i < n_texts; i++)
		if (strstr(texts[i], part))
			return;
	fail_msg("%s: the plan of '%s' is not looked at: do_everything() or "
		 "ledger_operations.h lacks who says it",
	    file, part);
}

static void every_statement_was_seen(void **state)
{
	_cleanup_free_ char *folder = NULL;
	DIR *dir;

	(void)state;
	assert_true(
	    asprintf(&folder, "%s/../../src/ledger/sqlite", getenv("FIXTURES")) > 0);
	dir = opendir(folder);
	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir));) {
		_cleanup_(buf_release) struct buf text = buf_make(SOURCE_MAX);
		_cleanup_free_ char *path = NULL;
		struct err err;

		if (is_passed_over(entry->d_name))
			continue;
		assert_true(asprintf(&path, "%s/%s", folder, entry->d_name) > 0);
		assert_int_equal(fs_read_all(path, &text, &err), ERR_OK);
		for (const char *at = text.data; (at = strchr(at, '"')); at++)
			if (is_of_rows(at + 1))
				assert_seen(entry->d_name, at + 1);
	}
	closedir(dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_plan_goes_through_a_table),
		cmocka_unit_test(every_index_is_used),
		cmocka_unit_test(every_statement_was_seen),
	};

	return cmocka_run_group_tests_name(
	    "ledger_plans", tests, fixture_make, fixture_free);
}
