/* Why the next poll is when it is: a sentence for every rule, every bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/policy/explain.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define UNKNOWN_ETA        \
	{                  \
		-1, -1, -1 \
	}

enum { NOW_MS = 5000000 };
static const int64_t now_unix_ms = 1795384800000; /* 2026-11-22T22:00:00Z */
static struct dist exponential; /* mean 100 s: median 69 s, the band 10.5 to 230 s */
static const struct learnt learnt = { .n = 24 };

static const struct task task = {
	.submit_id = "ID",
	.kind = MEDIA_VIDEO,
	.has_queue = true,
	.queue = { 1240, 2000, -1 },
	.finished = 1,
	.total = 4,
};

static struct sched_reason reason_of(enum plan_rule rule, enum plan_bound bound)
{
	return (struct sched_reason){
		.plan = { .gap_ms = 38000,
		    .floor_ms = 10000,
		    .price_s = 0.7,
		    .rule = rule,
		    .bound = bound },
		.view = { .state = TASK_GENERATING,
		    .kind = MEDIA_VIDEO,
		    .dist = &exponential,
		    .age_ms = 52000,
		    .queue_eta_ms = 112000,
		    .queued_ms = 300000,
		    .absences = 3,
		    .gap_max_ms = 90000 },
		.polled_ms = NOW_MS,
		.due_ms = NOW_MS + 38000,
		.drain = 11.0,
	};
}

static struct explain explain_of(const struct sched_reason *reason)
{
	return (struct explain){ .task = &task,
		.reason = reason,
		.eta = UNKNOWN_ETA,
		.learnt = &learnt,
		.now_ms = NOW_MS,
		.now_unix_ms = now_unix_ms };
}

static void check(const struct explain *explain, const char *want)
{
	_cleanup_(buf_release) struct buf text = buf_make(EXPLAIN_MAX);

	explain_poll(explain, &text);
	assert_false(buf_failed(&text));
	assert_string_equal(text.data, want);
}

#define WHEN "ID: next poll in 38s (at 22:00:38): "
#define VIDEOS "such videos take 1m10s (10s to 3m50s, 24 known)"

static void every_rule_has_its_sentence(void **state)
{
	static const char *const row[] = {
		[PLAN_ABSENT] = WHEN "the service does not know it (3 polls in a row); "
				     "steps double to 1m",
		[PLAN_QUEUE] =
		    WHEN "place 1240, 11 places/s, about 1m50s left: half of that",
		[PLAN_QUEUE_END] = WHEN "place 1240, 11 places/s, about 1m50s left, then "
					"the first poll of a generation; " VIDEOS,
		[PLAN_QUEUE_BLIND] =
		    WHEN "queued for 5m00s without a place: steps grow with the wait",
		[PLAN_EARLY] =
		    WHEN "generating for 52s; an early poll, for rejects; " VIDEOS,
		[PLAN_DIST] =
		    WHEN "generating for 52s; " VIDEOS "; a poll is worth 0.7s of delay",
		[PLAN_PARTIAL] = WHEN "1 of 4 files are ready and the rest comes soon: "
				      "the shortest step, 10s",
	};

	(void)state;
	assert_true(PLAN_QUEUE_SHARE == 0.5); /* "half" */
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct sched_reason reason =
		    reason_of((enum plan_rule)i, PLAN_FREE);
		const struct explain explain = explain_of(&reason);

		check(&explain, row[i]);
	}
}

static void every_bound_has_its_sentence(void **state)
{
	static const struct {
		enum plan_rule rule;
		enum plan_bound bound;
		const char *want;
	} row[] = {
		{ PLAN_QUEUE, PLAN_FREE, "" },
		{ PLAN_QUEUE, PLAN_FLOOR_USER, "; not under 10s, your --interval" },
		{ PLAN_QUEUE, PLAN_FLOOR_ADVICE,
		    "; the service asks for 10s between polls" },
		{ PLAN_QUEUE, PLAN_FLOOR_KIND, "; not under 10s, the floor of its kind" },
		{ PLAN_QUEUE, PLAN_FLOOR_ACCOUNT,
		    "; not under 10s, as the service said to slow down" },
		{ PLAN_QUEUE, PLAN_GUARD, "; guard: never more than 30m00s" },
		{ PLAN_QUEUE_BLIND, PLAN_GUARD, "; guard: never more than 30m00s" },
		{ PLAN_DIST, PLAN_GUARD, "; guard: never more than 2m00s" },
		{ PLAN_QUEUE_END, PLAN_GUARD, "; guard: never more than 2m00s" },
		{ PLAN_QUEUE, PLAN_GUARD_LINKS,
		    "; guard: never more than 1m30s, or links might die unseen" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct sched_reason free = reason_of(row[i].rule, PLAN_FREE);
		const struct sched_reason bound = reason_of(row[i].rule, row[i].bound);
		const struct explain without = explain_of(&free);
		const struct explain with = explain_of(&bound);
		_cleanup_(buf_release) struct buf want = buf_make(EXPLAIN_MAX);

		explain_poll(&without, &want);
		buf_addf(&want, "%s", row[i].want);
		check(&with, want.data);
	}
}

static void the_end_has_a_band(void **state)
{
	const struct sched_reason reason = reason_of(PLAN_QUEUE, PLAN_GUARD);
	struct explain explain = explain_of(&reason);

	(void)state;
	explain.eta = (struct plan_eta){ 41000, 82000, 200000 };
	check(&explain,
	    WHEN "place 1240, 11 places/s, about 1m50s left: half of that; guard: never "
		 "more than 30m00s; done in about 1m20s (40s to 3m20s)");
}

static void what_is_not_known_is_not_told(void **state)
{
	struct task plain = { .submit_id = "ID", .queue = { -1, -1, -1 } };
	struct sched_reason reason = reason_of(PLAN_QUEUE, PLAN_FREE);
	struct explain explain = explain_of(&reason);

	(void)state;
	explain.task = &plain;
	reason.drain = 0.0;
	check(&explain, WHEN "queued, about 1m50s left: half of that");
	plain.has_queue = true;
	plain.queue.position = 7;
	reason.drain = 0.02;
	check(&explain, WHEN "place 7, 1.2 places/min, about 1m50s left: half of that");
	reason.drain = 0.44;
	check(&explain, WHEN "place 7, 0.4 places/s, about 1m50s left: half of that");
	reason = reason_of(PLAN_ABSENT, PLAN_FREE);
	reason.view.absences = 1;
	check(&explain,
	    WHEN "the service does not know it (1 poll in a row); steps double to 1m");
}

static void what_is_known_of_the_distribution(void **state)
{
	struct sched_reason reason = reason_of(PLAN_DIST, PLAN_FREE);
	struct explain explain = explain_of(&reason);
	struct learnt some = { .n = 0 };

	(void)state;
	explain.learnt = &some;
	reason.view.kind = MEDIA_IMAGE;
	reason.plan.price_s = 0.034;
	check(&explain,
	    WHEN
	    "generating for 52s; such images take 1m10s (10s to 3m50s, a guess: none "
	    "known yet); a poll is worth 0.03s of delay");
	some = (struct learnt){ .n = 3, .is_new_dist = true };
	reason.view.kind = MEDIA_AUDIO;
	reason.view.age_ms = -1;
	check(&explain,
	    WHEN "generating; such sounds take 1m10s (10s to 3m50s, 3 known since the "
		 "service has changed); a poll is worth 0.03s of delay");
	explain.learnt = NULL;
	reason.view.kind = MEDIA_UNKNOWN;
	check(&explain,
	    WHEN
	    "generating; such tasks take 1m10s (10s to 3m50s); a poll is worth 0.03s "
	    "of delay");
}

/* A state that says nothing is taken for a generation, and that is told. */
static void other_states_under_the_distribution(void **state)
{
	struct sched_reason reason = reason_of(PLAN_DIST, PLAN_FREE);
	const struct explain explain = explain_of(&reason);

	(void)state;
	reason.view.state = TASK_QUEUED;
	check(&explain,
	    WHEN "queued for 5m00s without a place, taken as generating; " VIDEOS
		 "; a poll is worth 0.7s of delay");
	reason.view.state = TASK_UNKNOWN;
	check(&explain,
	    WHEN "unknown, taken as generating; " VIDEOS
		 "; a poll is worth 0.7s of delay");
}

static void a_look_that_is_due(void **state)
{
	struct sched_reason reason = reason_of(PLAN_QUEUE, PLAN_FREE);
	const struct explain explain = explain_of(&reason);

	(void)state;
	reason.due_ms = NOW_MS - 1;
	check(&explain,
	    "ID: next poll now: place 1240, 11 places/s, about 1m50s left: half of that");
}

/* The longest of all fits. */
static void there_is_room_for_all(void **state)
{
	char id[65];
	struct task wide = { .submit_id = id,
		.has_queue = true,
		.queue = { INT64_MAX, INT64_MAX, -1 },
		.finished = INT64_MAX,
		.total = INT64_MAX };

	(void)state;
	memset(id, 'x', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	for (int rule = PLAN_ABSENT; rule <= PLAN_PARTIAL; rule++) {
		for (int bound = PLAN_FREE; bound <= PLAN_GUARD_LINKS; bound++) {
			struct sched_reason reason =
			    reason_of((enum plan_rule)rule, (enum plan_bound)bound);
			struct explain explain = explain_of(&reason);
			_cleanup_(buf_release) struct buf text = buf_make(EXPLAIN_MAX);

			explain.task = &wide;
			explain.eta =
			    (struct plan_eta){ INT64_MAX - 1, INT64_MAX - 1, INT64_MAX };
			reason.view.queue_eta_ms = reason.view.age_ms =
			    reason.view.queued_ms = INT64_MAX - 1;
			reason.plan.floor_ms = reason.view.gap_max_ms = INT64_MAX - 1;
			reason.drain = 1e18;
			reason.due_ms = PLAN_INTERVAL_MAX_MS;
			explain_poll(&explain, &text);
			assert_false(buf_failed(&text));
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_has_its_sentence),
		cmocka_unit_test(every_bound_has_its_sentence),
		cmocka_unit_test(the_end_has_a_band),
		cmocka_unit_test(what_is_not_known_is_not_told),
		cmocka_unit_test(what_is_known_of_the_distribution),
		cmocka_unit_test(other_states_under_the_distribution),
		cmocka_unit_test(a_look_that_is_due),
		cmocka_unit_test(there_is_room_for_all),
	};

	(void)setenv("TZ", "UTC", 1);
	tzset();
	exponential = dist_exponential(100.0);
	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
