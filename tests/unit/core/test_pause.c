/*
 * What a pause says, and how often: a ledger that another program holds on to is told of
 * once, however often it is tried again; another lock, later, is told of again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/engine/pause.h"
#include "core/engine/run.h"
#include "core/lease/leases.h"
#include "moments.h"

enum { TRY_MS = PAUSE_DISK_MS + 1, LOCKED_MS = 30000 };

struct notes {
	unsigned n;
	enum dq_note last;
};

static void count_notes(void *payload, const struct dq_event *event)
{
	struct notes *notes = payload;

	if (event->type != DQ_EVENT_NOTE)
		return;
	notes->n++;
	notes->last = event->note;
}

/* As long as the ledger waits for it by itself, so many times, and tried in between. */
static void be_locked(struct engine *engine, unsigned times)
{
	struct moment *now = &engine->dq->now;
	struct err why;

	err_set(&why, ERR_LOCKED, "another program has locked the ledger");
	for (unsigned i = 0; i < times; i++) {
		now->mono_ms += LOCKED_MS;
		pause_for_disk(engine, &why, -1);
		now->mono_ms += TRY_MS;
		pause_step(engine);
	}
}

static void each_lock_is_told_once(void **state)
{
	char cookie[] = "/nonexistent/cookie";
	struct notes notes = { 0 };
	struct dq dq = { .on_event = count_notes,
		.payload = &notes,
		.cookie_path = cookie,
		.now = { .mono_ms = 1000000 } };
	struct engine engine = { .dq = &dq, .goal = goal_row(GOAL_GET) };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(pause_new(&engine, &err), ERR_OK);
	be_locked(&engine, 20);
	assert_int_equal(notes.n, 1);
	assert_int_equal(notes.last, DQ_NOTE_PAUSE);
	dq.now.mono_ms += PAUSE_LOCK_AGAIN_MS;
	be_locked(&engine, 20);
	assert_int_equal(notes.n, 2);
	pause_free(&engine);
}

/* A front end shows a pause for as long as it lasts: it has to know both ends. */
static void a_note_says_of_what_kind_it_is(void **state)
{
	char cookie[] = "/nonexistent/cookie";
	struct notes notes = { 0 };
	struct moments moments = { 0 };
	struct dq *dq = &moments.dq;
	struct engine engine = { .dq = dq, .goal = goal_row(GOAL_GET) };
	const struct err well = { .kind = ERR_OK };
	struct err why;

	(void)state;
	moments_open(&moments);
	dq->on_event = count_notes;
	dq->payload = &notes;
	dq->cookie_path = cookie;
	assert_int_equal(leases_new(dq, &engine.leases, &why), ERR_OK);
	assert_int_equal(pause_new(&engine, &why), ERR_OK);
	err_set(&why, ERR_AUTH, "the login is refused");
	pause_for_account(&engine, &why, PAUSE_ALL);
	assert_int_equal(notes.n, 1);
	assert_int_equal(notes.last, DQ_NOTE_PAUSE);
	pause_was_probed(&engine, &why, -1);
	assert_int_equal(notes.n, 1);
	pause_was_probed(&engine, &well, -1);
	assert_int_equal(notes.n, 2);
	assert_int_equal(notes.last, DQ_NOTE_RESUME);
	session_note(dq, "that is odd");
	assert_int_equal(notes.last, DQ_NOTE_WARNING);
	leases_free(engine.leases);
	pause_free(&engine);
	moments_close(&moments);
}

/* Bought, or given: what was stopped for want of them goes on. */
static void more_credits_end_a_pause(void **state)
{
	static const struct {
		int64_t credits;
		bool fails, goes_on;
	} probes[] = {
		{ -1, true, false }, /* nobody knows what there was */
		{ 3, false, false }, /* that is what there was */
		{ 3, false, false },
		{ 1, false, false },
		{ 50, true, false }, /* of a refusal nothing is believed */
		{ 50, false, true },
	};
	char cookie[] = "/nonexistent/cookie";
	struct notes notes = { 0 };
	struct moments moments = { 0 };
	struct dq *dq = &moments.dq;
	struct engine engine = { .dq = dq, .goal = goal_row(GOAL_GET) };
	struct err why;

	(void)state;
	moments_open(&moments);
	dq->on_event = count_notes;
	dq->payload = &notes;
	dq->cookie_path = cookie;
	dq->traits.time_scale = 1;
	assert_int_equal(leases_new(dq, &engine.leases, &why), ERR_OK);
	assert_int_equal(pause_new(&engine, &why), ERR_OK);
	err_set(&why, ERR_ACCOUNT, "not enough credits");
	pause_for_account(&engine, &why, PAUSE_SENDING);
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		const struct err outcome = { .kind = probes[i].fails ? ERR_NET : ERR_OK };

		assert_true(pause_holds_sends(&engine));
		assert_false(pause_holds_polls(&engine));
		pause_was_probed(&engine, &outcome, probes[i].credits);
		assert_int_equal(pause_holds_sends(&engine), !probes[i].goes_on);
	}
	assert_int_equal(notes.n, 2);
	assert_int_equal(notes.last, DQ_NOTE_RESUME);
	/* What stopped all is no matter of credits. */
	pause_for_account(&engine, &why, PAUSE_ALL);
	pause_was_probed(&engine, &(struct err){ .kind = ERR_OK }, 3);
	pause_was_probed(&engine, &(struct err){ .kind = ERR_OK }, 500);
	assert_true(pause_holds_polls(&engine));
	leases_free(engine.leases);
	pause_free(&engine);
	moments_close(&moments);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_lock_is_told_once),
		cmocka_unit_test(a_note_says_of_what_kind_it_is),
		cmocka_unit_test(more_credits_end_a_pause),
	};

	return cmocka_run_group_tests_name("pause", tests, NULL, NULL);
}
