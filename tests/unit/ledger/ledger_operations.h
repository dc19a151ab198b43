/*
 * ledger_operations.h - each writing operation of the ledger once (but settle_dead, for
 * which somebody has to die), how to see whether it was done, and how to undo that. For
 * tests that make all of them fail; include it behind cmocka.h.
 */
#pragma once

#include "ledger/errands.h"
#include "ledger/lease.h"
#include "ledger/walk.h"
#include "ledger_fixture.h"
#include "ledger_operations_told.h"

#define required(call)                                                       \
	do {                                                                 \
		if ((call) != ERR_OK) {                                      \
			(void)fprintf(stderr, "# %s: %s\n", #call, err.msg); \
			return 1;                                            \
		}                                                            \
	} while (0)

static inline enum err_kind do_intend(struct ledger *ledger, struct err *err)
{
	const struct permit unasked = { .max_a_day = 2 };
	struct intent intents[] = { intent_of("n1"), intent_of("n2") };
	struct intended intended[2];

	intents[1].permit = &unasked;
	return ledger_intend(ledger, intents, 2, intended, NULL, err);
}

static inline enum err_kind do_secret(struct ledger *ledger, struct err *err)
{
	char value[LEDGER_SECRET_MAX];

	return ledger_secret(ledger, "test", value, err);
}

static inline enum err_kind do_begin(struct ledger *ledger, struct err *err)
{
	return begin(ledger, ME, "waits", err);
}

static inline enum err_kind do_answer(struct ledger *ledger, struct err *err)
{
	return answer(ledger, "sent", TASK_QUEUED, NULL, "12345", err);
}

static inline enum err_kind do_adopt(struct ledger *ledger, struct err *err)
{
	static const char *const ids[] = { "a1", "a2" };

	return ledger_adopt(ledger, ME, ids, COUNT(ids), NOW, err);
}

static inline enum err_kind do_observe(struct ledger *ledger, struct err *err)
{
	/* Not on the heap: that may be failing just now. */
	struct asset assets[] = { bytes_of(0, "u0", NULL), bytes_of(1, "u1", NULL) };
	struct task seen = { .arena = arena_make(4 << 20),
		.submit_id = "seen",
		.state = TASK_SUCCEEDED,
		.status = INT64_MIN,
		.assets = assets,
		.n_assets = COUNT(assets) };
	struct task *const polls[] = { &seen };

	(void)ledger_observe(ledger, ME, polls, NULL, 1, NOW, err);
	arena_release(&seen.arena);
	return err->kind;
}

static inline enum err_kind do_turn_page(struct ledger *ledger, struct err *err)
{
	struct asset asset = bytes_of(0, "p0", NULL);
	struct task seen = { .arena = arena_make(4 << 20),
		.submit_id = "paged",
		.state = TASK_SUCCEEDED,
		.status = INT64_MIN,
		.assets = &asset,
		.n_assets = 1 };
	struct task *const tasks[] = { &seen };
	const struct ledger_walk walk = { .mark_unix_ms = NOW, .deep = "c" };
	const struct ledger_page page = { "assets", &walk, tasks, 1 };

	(void)ledger_turn_page(ledger, ME, &page, NOW, err);
	arena_release(&seen.arena);
	return err->kind;
}

static inline enum err_kind do_lease(struct ledger *ledger, struct err *err)
{
	struct lease lease = { .id = "free" };

	if (ledger_lease(ledger, ME, &lease, 1, NOW, err))
		return lease.token ? ERR_CONTRACT : err->kind;
	return lease.token ? ERR_OK : ERR_CONTRACT;
}

static inline enum err_kind do_renew(struct ledger *ledger, struct err *err)
{
	return ledger_lease_renew(ledger, NOW + 777777, err);
}

static inline enum err_kind do_release(struct ledger *ledger, struct err *err)
{
	const char *id = "leased";

	return ledger_lease_release(ledger, ME, &id, 1, err);
}

static inline enum err_kind do_pause(struct ledger *ledger, struct err *err)
{
	const struct account_pause pause = { ERR_BUSY, NOW + 9, "slow down" };

	return ledger_pause(ledger, ME, &pause, err);
}

static inline enum err_kind do_budget(struct ledger *ledger, struct err *err)
{
	const struct budget budget = { .per_minute = 60, .burst = 5 };
	int64_t wait_ms = -1;

	if (ledger_budget_take(ledger, ME, &budget, NOW, &wait_ms, err))
		return wait_ms == -1 ? err->kind : ERR_CONTRACT;
	return wait_ms == 0 ? ERR_OK : ERR_CONTRACT;
}

/* The second one's row comes after the first one has been written. */
static inline enum err_kind do_count_polls(struct ledger *ledger, struct err *err)
{
	const struct poll_counters all[] = { { .submit_id = "seen", .polls = 1 },
		{ .submit_id = "free", .polls = 1, .detected_unix_ms = NOW } };

	return ledger_count_polls(ledger, ME, all, COUNT(all), err);
}

static inline enum err_kind do_fetched(struct ledger *ledger, struct err *err)
{
	const struct asset first = bytes_of(0, NULL, "/x"),
			   second = bytes_of(1, NULL, "/y");
	struct ledger_entry entries[] = { move_of("file", &first, ASSET_FETCHED),
		move_of("file", &second, ASSET_FETCHED) };

	return ledger_commit(ledger, ME, entries, COUNT(entries), NOW, err);
}

static inline enum err_kind do_stored(struct ledger *ledger, struct err *err)
{
	return ledger_asset_stored(ledger, ME, "files", 0, NOW, err);
}

static inline enum err_kind do_wanted(struct ledger *ledger, struct err *err)
{
	return ledger_asset_wanted(ledger, ME, "files", 1, err);
}

static inline enum err_kind do_progress(struct ledger *ledger, struct err *err)
{
	return ledger_asset_progress(ledger, ME, "files", 2, "\"v\"", err);
}

static inline enum err_kind do_synced(struct ledger *ledger, struct err *err)
{
	const struct asset part = {
		.index = 3, .uri = "f3", .synced_bytes = 5, .synced_sha256 = SHA
	};

	return ledger_asset_synced(ledger, ME, "files", &part, err);
}

static inline enum err_kind do_lost(struct ledger *ledger, struct err *err)
{
	return ledger_asset_lost(ledger, ME, "files", 4, "gone", err);
}

static inline enum err_kind do_believe(struct ledger *ledger, struct err *err)
{
	return ledger_believe(ledger, ME, "doubtful", err);
}

static char errand_id[LEDGER_ERRAND_ID_LEN + 1]; /* of the one that ends */

static inline struct errand errand_of(const char *what)
{
	return (struct errand){ .account = ME,
		.what = what,
		.arguments = "{}",
		.made_unix_ms = NOW,
		.expires_unix_ms = NOW + 1 };
}

static inline enum err_kind do_errand_begin(struct ledger *ledger, struct err *err)
{
	const struct errand errand = errand_of("begin");
	char id[LEDGER_ERRAND_ID_LEN + 1];

	return ledger_errand_begin(ledger, &errand, id, err);
}

static inline enum err_kind do_errand_end(struct ledger *ledger, struct err *err)
{
	const struct errand end = { .id = errand_id,
		.account = ME,
		.state = ERRAND_DONE,
		.outcome = "{}",
		.changed_unix_ms = NOW };
	struct arena arena = arena_make(1 << 20);
	struct errand errand = { .account = ME, .id = errand_id };
	const enum err_kind kind = ledger_errand_find(ledger, NOW, &arena, &errand, err);

	arena_release(&arena);
	return kind ? kind : ledger_errand_end(ledger, &end, err);
}

static inline enum err_kind do_forget(struct ledger *ledger, struct err *err)
{
	return ledger_forget(ledger, ME, "forget", err);
}

static inline enum err_kind do_mark(struct ledger *ledger, struct err *err)
{
	static const char *const add[] = { "good" }, *const remove[] = { "bad" };
	const struct ledger_mark mark = { .index = 0,
		.add = add,
		.n_add = 1,
		.remove = remove,
		.n_remove = 1,
		.note = "a note",
		.has_rating = true,
		.rating = 3 };

	return ledger_mark(ledger, ME, "files", &mark, NOW, err);
}

/* Whoever undoes has no foreign keys, and a row that comes next may get the same id. */
#define NO_STRAY_EVENTS "; DELETE FROM events WHERE task NOT IN (SELECT id FROM tasks)"

static const struct {
	const char *name;
	enum err_kind (*run)(struct ledger *ledger, struct err *err);
	const char *is_done; /* 1 when it was done, 0 when nothing of it was */
	const char *undo;
} operations[] = {
	{ "intend", do_intend,
	    "SELECT ((SELECT count(*) FROM tasks WHERE submit_id LIKE 'n_') + "
	    "(SELECT count(*) FROM permits)) / 3.0",
	    "DELETE FROM permits; "
	    "DELETE FROM tasks WHERE submit_id LIKE 'n_'" NO_STRAY_EVENTS },
	{ "secret", do_secret, "SELECT count(*) FROM secrets", "DELETE FROM secrets" },
	{ "send_begin", do_begin, "SELECT owner > 0 FROM tasks WHERE submit_id = 'waits'",
	    "UPDATE tasks SET owner = 0 WHERE submit_id = 'waits'" },
	{ "submitted", do_answer,
	    "SELECT state = 'queued' FROM tasks WHERE submit_id = 'sent'",
	    "UPDATE tasks SET state = 'submitting', owner = 1 WHERE "
	    "submit_id = 'sent'" },
	{ "adopt", do_adopt, "SELECT count(*) / 2.0 FROM tasks WHERE submit_id LIKE 'a_'",
	    "DELETE FROM tasks WHERE submit_id LIKE 'a_'" NO_STRAY_EVENTS },
	{ "observe", do_observe,
	    "SELECT (state = 'succeeded') + (SELECT count(*) FROM assets WHERE task = "
	    "tasks.id) = 3 FROM tasks WHERE submit_id = 'seen'",
	    "DELETE FROM assets WHERE uri IN ('u0', 'u1'); UPDATE tasks "
	    "SET state = 'unknown' WHERE submit_id = 'seen'" },
	{ "turn_page", do_turn_page,
	    "SELECT ((SELECT count(*) FROM walks WHERE deep = 'c') + (SELECT count(*) "
	    "FROM assets WHERE uri = 'p0')) / 2.0",
	    "DELETE FROM walks; DELETE FROM assets WHERE uri = 'p0'; DELETE FROM tasks "
	    "WHERE submit_id = 'paged'" NO_STRAY_EVENTS },
	{ "lease", do_lease,
	    "SELECT lease_owner IS NOT NULL FROM tasks WHERE submit_id = 'free'",
	    "UPDATE tasks SET lease_owner = NULL WHERE submit_id = 'free'" },
	{ "renew", do_renew, "SELECT max(renewed_unix_ms) = 1790000777777 FROM owners",
	    "UPDATE owners SET renewed_unix_ms = 1790000000000" },
	{ "release", do_release,
	    "SELECT lease_owner IS NULL FROM tasks WHERE submit_id = 'leased'",
	    "UPDATE tasks SET lease_owner = (SELECT owner FROM owners) "
	    "WHERE submit_id = 'leased'" },
	{ "pause", do_pause, "SELECT count(*) FROM accounts WHERE pause_kind IS NOT NULL",
	    "DELETE FROM accounts" },
	{ "budget", do_budget,
	    "SELECT count(*) FROM accounts WHERE bucket_used_micro = 1000000",
	    "DELETE FROM accounts" },
	{ "count_polls", do_count_polls, "SELECT sum(looks) / 2.0 FROM tasks",
	    "UPDATE tasks SET looks = 0, detected_unix_ms = NULL" },
	{ "fetched", do_fetched,
	    "SELECT count(*) / 2.0 FROM assets WHERE state = 'fetched' AND uri IN ('u', "
	    "'v')",
	    "UPDATE assets SET state = 'wanted', intent_path = NULL, "
	    "intent_bytes = NULL, intent_sha256 = NULL WHERE uri IN ('u', 'v')" },
	{ "stored", do_stored, "SELECT state = 'stored' FROM assets WHERE uri = 'f0'",
	    "UPDATE assets SET state = 'fetched', intent_path = path, "
	    "intent_bytes = stored_bytes, intent_sha256 = sha256, path = NULL, "
	    "stored_bytes = NULL, sha256 = NULL, stored_unix_ms = NULL "
	    "WHERE uri = 'f0'" },
	{ "wanted", do_wanted, "SELECT state = 'wanted' FROM assets WHERE uri = 'f1'",
	    "UPDATE assets SET state = 'stored', path = '/f1', stored_bytes = 123, "
	    "sha256 = '" SHA "' WHERE uri = 'f1'" },
	{ "progress", do_progress, "SELECT etag IS NOT NULL FROM assets WHERE uri = 'f2'",
	    "UPDATE assets SET etag = NULL WHERE uri = 'f2'" },
	{ "synced", do_synced,
	    "SELECT synced_bytes IS NOT NULL FROM assets WHERE uri = 'f3'",
	    "UPDATE assets SET synced_bytes = NULL, synced_sha256 = NULL "
	    "WHERE uri = 'f3'" },
	{ "lost", do_lost, "SELECT state = 'lost' FROM assets WHERE uri = 'f4'",
	    "UPDATE assets SET state = 'wanted', lost_reason = NULL WHERE uri = 'f4'" },
	{ "believe", do_believe,
	    "SELECT NOT is_open FROM tasks WHERE submit_id = 'doubtful'",
	    "UPDATE tasks SET is_open = 1 WHERE submit_id = 'doubtful'" },
	{ "mark", do_mark,
	    "SELECT ((SELECT count(*) FROM marks WHERE rating = 3) + "
	    "(SELECT count(*) FROM tags WHERE tag = 'good')) / 2.0",
	    "DELETE FROM marks; DELETE FROM tags" },
	{ "deliver", do_deliver, "SELECT count(*) FROM deliveries WHERE hook = 'deliver'",
	    "DELETE FROM deliveries WHERE hook = 'deliver'" },
	{ "claim", do_claim,
	    "SELECT owner IS NOT NULL FROM deliveries WHERE hook = 'claim'",
	    "UPDATE deliveries SET owner = NULL, claimed_until_unix_ms = NULL "
	    "WHERE hook = 'claim'" },
	{ "settle", do_settle, "SELECT state = 'sent' FROM deliveries WHERE id = 1",
	    "UPDATE deliveries SET state = 'waiting', body = '{}' WHERE id = 1" },
	{ "change", do_change,
	    "SELECT state = 'dropped' FROM deliveries WHERE hook = 'change'",
	    "UPDATE deliveries SET state = 'waiting', body = '{}' "
	    "WHERE hook = 'change'" },
	{ "errand", do_errand_begin, "SELECT count(*) FROM errands WHERE what = 'begin'",
	    "DELETE FROM errands WHERE what = 'begin'" },
	{ "its end", do_errand_end,
	    "SELECT state = 'done' FROM errands WHERE what = 'end'",
	    "UPDATE errands SET state = 'working', outcome = NULL WHERE what = 'end'" },
	{ "forget", do_forget,
	    "SELECT count(*) = 0 FROM tasks WHERE submit_id = 'forget'",
	    "INSERT INTO tasks (account, submit_id, state, is_open, "
	    "first_seen_unix_ms, updated_unix_ms) VALUES ('default', "
	    "'forget', 'unknown', 1, 1, 1)" },
};

/* One file for each operation on a file, and an end that nobody has proven. */
static inline int operations_prepare_files(struct ledger *ledger)
{
	static const char *const uris[] = { "f0", "f1", "f2", "f3", "f4" };
	const struct asset first = bytes_of(0, NULL, "/f0"),
			   second = bytes_of(1, NULL, "/f1");
	struct task *seen[] = { look("files", TASK_PARTIAL),
		look("doubtful", TASK_FAILED) };
	struct err err = { 0 };

	for (size_t i = 0; i < COUNT(uris); i++)
		(void)show(seen[0], uris[i]);
	seen[1]->fail.class = FAIL_CONTRACT;
	required(ledger_observe(ledger, ME, seen, NULL, COUNT(seen), NOW, &err));
	required(ledger_asset_fetched(ledger, ME, "files", &first, &err));
	required(ledger_asset_fetched(ledger, ME, "files", &second, &err));
	required(ledger_asset_stored(ledger, ME, "files", 1, NOW, &err));
	for (size_t i = 0; i < COUNT(seen); i++)
		task_free(seen[i]);
	return 0;
}

/* One for each operation on a delivery. */
static inline int operations_prepare_deliveries(struct ledger *ledger)
{
	static const char *const hooks[] = { "settle", "claim", "change" };
	struct err err = { 0 };

	for (size_t i = 0; i < COUNT(hooks); i++) {
		const struct delivery_made made = { .is = { .hook = hooks[i],
							.account = ME,
							.submit_id = "",
							.event = "login",
							.index = -1,
							.body = "{}" },
			.now_unix_ms = NOW };

		required(ledger_deliver(ledger, &made, &err));
	}
	return 0;
}

static inline int operations_prepare(struct ledger *ledger)
{
	static const char *const ids[] = { "seen", "free", "leased", "file", "forget" };
	const struct intent waits = intent_of("waits"), sent = intent_of("sent");
	struct lease lease = { .id = "leased" };
	const struct errand ends = errand_of("end");
	struct task *seen = look("file", TASK_PARTIAL);
	struct err err = { 0 };

	(void)show(seen, "u");
	(void)show(seen, "v");
	required(ledger_adopt(ledger, ME, ids, COUNT(ids), NOW, &err));
	required(ledger_errand_begin(ledger, &ends, errand_id, &err));
	required(wait_one(ledger, &waits, &err));
	required(send_one(ledger, &sent, &err));
	required(ledger_lease(ledger, ME, &lease, 1, NOW, &err));
	required(ledger_observe(ledger, ME, &seen, NULL, 1, NOW, &err));
	task_free(seen);
	return operations_prepare_deliveries(ledger) || operations_prepare_files(ledger);
}
