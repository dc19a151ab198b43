/* How long did it take, as far as the ledger knows; and what is taught from it. The
 * ledger is one of our own, that has a past and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/stats/past.h"
#include "ledger/ops.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { NONE = -1, T0 = 1700000000 };

/* Seconds after T0; NONE: 0, which is unknown. */
static int64_t at(int seconds)
{
	return seconds == NONE ? 0 : ((int64_t)T0 + seconds) * 1000;
}

static void lengths(void **state)
{
	static const struct {
		const char *what;
		enum task_state state;
		int created, finished, queued_until, generating_by;
		double seconds; /* 0: unknown */
	} row[] = {
		{ "never queued", TASK_SUCCEEDED, 10, 31, NONE, NONE, 21 },
		{ "seen generating only", TASK_SUCCEEDED, 10, 31, NONE, 15, 21 },
		{ "failed", TASK_FAILED, 10, 14, NONE, NONE, 4 },
		{ "queued, then seen starting", TASK_SUCCEEDED, 0, 200, 100, 110, 95 },
		{ "the gap is just small enough", TASK_SUCCEEDED, 0, 200, 100, 159,
		    70.5 },
		{ "the gap is too large", TASK_SUCCEEDED, 0, 200, 100, 160, 0 },
		{ "out of the queue and ended in one look", TASK_SUCCEEDED, 0, 130, 100,
		    140, 15 },
		{ "the same, too long ago", TASK_SUCCEEDED, 0, 170, 100, 180, 0 },
		{ "never seen out of the queue", TASK_SUCCEEDED, 0, 200, 100, NONE, 0 },
		{ "ended before it was queued", TASK_SUCCEEDED, 0, 90, 100, 110, 0 },
		{ "looks in the wrong order", TASK_SUCCEEDED, 0, 200, 100, 90, 0 },
		{ "no creation", TASK_SUCCEEDED, NONE, 31, NONE, NONE, 0 },
		{ "no end", TASK_SUCCEEDED, 10, NONE, NONE, NONE, 0 },
		{ "no time at all", TASK_SUCCEEDED, 10, 10, NONE, NONE, 0 },
		{ "ended before it began", TASK_SUCCEEDED, 31, 10, NONE, NONE, 0 },
		{ "still running", TASK_GENERATING, 10, 31, NONE, NONE, 0 },
		{ "partial", TASK_PARTIAL, 10, 31, NONE, NONE, 0 },
		{ "cancelled", TASK_CANCELLED, 10, 31, NONE, NONE, 0 },
		{ "not found", TASK_NOT_FOUND, 10, 31, NONE, NONE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct past_task task = {
			.state = row[i].state,
			.created_unix_ms = at(row[i].created),
			.finished_unix_ms = at(row[i].finished),
			.queued_until_unix_ms = at(row[i].queued_until),
			.generating_by_unix_ms = at(row[i].generating_by),
		};
		double seconds = 0;
		const bool is_known = past_seconds(&task, &seconds);

		if (is_known != (row[i].seconds > 0) ||
		    (is_known &&
			(seconds < row[i].seconds - 1e-9 ||
			    seconds > row[i].seconds + 1e-9)))
			fail_msg("%s: %d, %g", row[i].what, is_known, seconds);
	}
}

/* --- teaching --- */

static struct {
	const struct past_task *tasks; /* repeated: task i is tasks[i % n] */
	size_t n, total, given, limit;
	enum err_kind kind;
} past;

static enum err_kind tell_past(struct ledger *ledger, const char *account,
    int64_t since_unix_ms, size_t limit, ledger_on_past *on_past, void *payload,
    struct err *err)
{
	(void)ledger;
	assert_string_equal(account, "me");
	assert_int_equal(since_unix_ms, 0);
	past.limit = limit;
	past.given = 0;
	while (past.given < past.total) {
		struct past_task task = past.tasks[past.given % past.n];

		/* Each older one took a second longer. */
		task.finished_unix_ms += (int64_t)past.given * 1000;
		past.given++;
		if (!on_past(payload, &task))
			break;
	}
	return past.kind ? err_set(err, past.kind, "trouble") : ERR_OK;
}

static const struct ledger_ops ops = { .past = tell_past };
static struct ledger ledger = { .ops = &ops };

static void teach(
    const struct past_task *tasks, size_t n, size_t total, struct dists *dists)
{
	struct err err;

	past.tasks = tasks;
	past.n = n;
	past.total = total;
	assert_int_equal(past_teach(&ledger, "me", dists, &err), ERR_OK);
}

static void lanes_learn_oldest_first(void **state)
{
	const struct past_task tasks[] = {
		{ .kind = MEDIA_IMAGE,
		    .model = "m1",
		    .state = TASK_SUCCEEDED,
		    .created_unix_ms = at(0),
		    .finished_unix_ms = at(20) },
		{ .kind = MEDIA_VIDEO,
		    .state = TASK_FAILED,
		    .created_unix_ms = at(0),
		    .finished_unix_ms = at(3) },
		{ .kind = MEDIA_IMAGE,
		    .model = "m1",
		    .state = TASK_CANCELLED,
		    .created_unix_ms = at(0),
		    .finished_unix_ms = at(20) },
	};
	struct dists *dists = dists_new();
	const struct learnt *images, *videos;

	(void)state;
	assert_non_null(dists);
	teach(tasks, COUNT(tasks), 9, dists);
	assert_int_equal(past.given, 9);
	assert_int_equal(past.limit, PAST_TEACH_ROWS_MAX);
	images = dists_learnt(dists, dists_lane(dists, MEDIA_IMAGE, "m1"));
	assert_int_equal(images->n, 3);
	/* ln 26, ln 23, ln 20: the newest was told last */
	assert_float_equal(images->logs[0], 3.2581, 1e-3);
	assert_float_equal(images->logs[2], 2.9957, 1e-3);
	videos = dists_learnt(dists, dists_lane(dists, MEDIA_VIDEO, NULL));
	assert_true(videos->rejects > 0);
	dists_free(dists);
}

static void no_more_than_is_useful(void **state)
{
	const struct past_task tasks[] = {
		{ .kind = MEDIA_IMAGE,
		    .state = TASK_SUCCEEDED,
		    .created_unix_ms = at(0),
		    .finished_unix_ms = at(20) },
		{ .kind = MEDIA_IMAGE, .state = TASK_GENERATING },
	};
	struct dists *dists = dists_new();

	(void)state;
	assert_non_null(dists);
	teach(tasks, COUNT(tasks), 3 * PAST_TEACH_MAX, dists);
	assert_int_equal(past.given, 2 * PAST_TEACH_MAX - 1);
	dists_free(dists);
}

static void trouble_is_told(void **state)
{
	struct dists *dists = dists_new();
	struct err err;

	(void)state;
	assert_non_null(dists);
	past.total = 0;
	past.kind = ERR_LEDGER;
	assert_int_equal(past_teach(&ledger, "me", dists, &err), ERR_LEDGER);
	assert_string_equal(err.msg, "trouble");
	past.kind = ERR_OK;
	assert_int_equal(past_teach(&ledger, "me", dists, &err), ERR_OK);
	dists_free(dists);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths),
		cmocka_unit_test(lanes_learn_oldest_first),
		cmocka_unit_test(no_more_than_is_useful),
		cmocka_unit_test(trouble_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
