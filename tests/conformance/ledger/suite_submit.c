/*
 * suite_submit.c - what every ledger promises about submitting.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keyed.h"
#include "suite.h"

static void an_intent_waits_is_sent_and_answered(void **state)
{
	struct suite *s = *state;
	const struct intent intent = intent_of("t1");

	wait_one(s, &intent);
	assert_string_equal(state_of(s, "t1"), "submitting*");
	assert_true(begins(s, s->a, "t1"));
	assert_string_equal(state_of(s, "t1"), "submitting");
	assert_false(begins(s, s->b, "t1"));
	assert_false(begins(s, s->a, "t1"));
	answer(s, s->a, "t1", TASK_QUEUED);
	assert_string_equal(state_of(s, "77"), "queued");
	assert_string_equal(say_events(s, "t1"),
	    "state|submitting: waits to be sent\nstate|submitting: about to be sent\n"
	    "state|queued\n");
}

static void only_its_sender_puts_a_task_back(void **state)
{
	struct suite *s = *state;
	const struct intent intent = intent_of("t1");

	wait_one(s, &intent);
	assert_true(begins(s, s->a, "t1"));
	answer(s, s->b, "t1", TASK_SUBMITTING);
	assert_string_equal(state_of(s, "t1"), "submitting");
	answer(s, s->a, "t1", TASK_SUBMITTING);
	assert_string_equal(state_of(s, "t1"), "submitting*");
	assert_non_null(strstr(
	    say_events(s, "t1"), "submitting: not accepted this time, waits again"));
	assert_true(begins(s, s->b, "t1"));
	answer(s, s->b, "t1", TASK_FAILED);
	assert_string_equal(state_of(s, "t1"), "failed");
}

static bool keep_cost(void *payload, const struct past_task *task)
{
	struct past_task *into = payload;

	*into = (struct past_task){ .has_credits = task->has_credits,
		.credits_are_measured = task->credits_are_measured,
		.credits = task->credits };
	return true;
}

/* What it cost, "-" unknown, "m" measured. */
static const char *cost_of(struct suite *s, const char *id)
{
	static char text[60];
	struct past_task is = { .polls = -1 };
	struct task *task = find(s, id);

	(void)snprintf(text, sizeof(text), "-");
	if (task->has_credits)
		(void)snprintf(text, sizeof(text), "%lld%s", (long long)task->credits,
		    task->credits_are_measured ? "m" : "");
	ok(ledger_past(s->b, ME, 0, 0, keep_cost, &is, &s->err));
	assert_int_equal(is.has_credits, task->has_credits);
	assert_int_equal(is.credits_are_measured, task->credits_are_measured);
	if (is.has_credits)
		assert_int_equal(is.credits, task->credits);
	task_free(task);
	return text;
}

static void tell_cost(struct suite *s, const char *id, int64_t credits, bool is_measured)
{
	struct task *task = task_new();

	task->submit_id = id;
	task->has_credits = true;
	task->credits = credits;
	task->credits_are_measured = is_measured;
	ok(ledger_observe(s->a, ME, &task, NULL, 1, NOW, &s->err));
	task_free(task);
}

static void what_was_measured_stays(void **state)
{
	struct suite *s = *state;

	adopt(s, "t1");
	assert_string_equal(cost_of(s, "t1"), "-");
	tell_cost(s, "t1", 132, false);
	assert_string_equal(cost_of(s, "t1"), "132");
	tell_cost(s, "t1", 130, false);
	assert_string_equal(cost_of(s, "t1"), "130");
	tell_cost(s, "t1", 4, true);
	assert_string_equal(cost_of(s, "t1"), "4m");
	tell_cost(s, "t1", 132, false);
	see(s, "t1", TASK_QUEUED, "u0");
	assert_string_equal(cost_of(s, "t1"), "4m");
	tell_cost(s, "t1", 0, true); /* it was given back */
	assert_string_equal(cost_of(s, "t1"), "0m");
}

static enum task_mode mode_of(struct suite *s, const char *id)
{
	struct task *task = find(s, id);
	const enum task_mode mode = task->mode;

	task_free(task);
	return mode;
}

static void show_mode(struct suite *s, const char *id, enum task_mode mode)
{
	struct task *task = task_new();

	task->submit_id = id;
	task->mode = mode;
	ok(ledger_observe(s->a, ME, &task, NULL, 1, NOW, &s->err));
	task_free(task);
}

/* What we have asked for, we know better. */
static void it_is_kept_how_it_was_made(void **state)
{
	struct suite *s = *state;
	struct intent ours = intent_of("t1");
	const struct intent plain = intent_of("t2");

	ours.mode = MODE_MULTI_FRAME;
	wait_one(s, &ours);
	wait_one(s, &plain);
	adopt(s, "t3");
	assert_int_equal(mode_of(s, "t1"), MODE_MULTI_FRAME);
	assert_int_equal(mode_of(s, "t2"), MODE_NONE);
	for (int i = 0; i < 2; i++) { /* the second says nothing about it */
		show_mode(s, "t1", i ? MODE_NONE : MODE_AGENT);
		show_mode(s, "t2", i ? MODE_NONE : MODE_EDIT);
		show_mode(s, "t3", i ? MODE_NONE : MODE_DRAFT);
	}
	assert_int_equal(mode_of(s, "t1"), MODE_MULTI_FRAME);
	assert_int_equal(mode_of(s, "t2"), MODE_EDIT);
	assert_int_equal(mode_of(s, "t3"), MODE_DRAFT);
	show_mode(s, "t3", MODE_FINAL);
	assert_int_equal(mode_of(s, "t3"), MODE_FINAL);
}

static void an_answer_may_tell_what_it_costs(void **state)
{
	struct suite *s = *state;
	const struct intent intent = intent_of("t1");
	const struct answered answered = { .account = ME,
		.submit_id = "t1",
		.state = TASK_QUEUED,
		.has_credits = true,
		.credits = 8 };
	struct task *task;

	wait_one(s, &intent);
	assert_true(begins(s, s->a, "t1"));
	ok(ledger_submitted(s->a, &answered, &s->err));
	task = find(s, "t1");
	assert_true(task->has_credits);
	assert_int_equal(task->credits, 8);
	assert_false(task->credits_are_measured);
	task_free(task);
}

static void what_a_look_showed_is_newer_than_the_answer(void **state)
{
	struct suite *s = *state;
	const struct intent intent = intent_of("t1");

	wait_one(s, &intent);
	assert_true(begins(s, s->a, "t1"));
	see(s, "t1", TASK_SUCCEEDED, "u0");
	answer(s, s->a, "t1", TASK_QUEUED);
	assert_string_equal(state_of(s, "77"), "succeeded");
}

static void the_dead_send_no_more(void **state)
{
	struct suite *s = *state;
	const struct intent intents[] = { intent_of("t1"), intent_of("t2"),
		intent_of("t3") };
	size_t n = 9;

	for (size_t i = 0; i < COUNT(intents); i++)
		wait_one(s, &intents[i]);
	assert_true(begins(s, s->a, "t1"));
	assert_true(begins(s, s->b, "t2"));
	ok(ledger_settle_dead(s->b, &n, &s->err));
	assert_int_equal(n, 0);
	world_kill(s->a);
	s->a = NULL;
	ok(ledger_settle_dead(s->b, &n, &s->err));
	assert_int_equal(n, 1);
	assert_string_equal(state_of(s, "t1"), "unknown");
	assert_string_equal(state_of(s, "t2"), "submitting");
	assert_string_equal(state_of(s, "t3"), "submitting*");
}

/* What is wrong with one is no other's, of whatever kind they are. */
static void entries_of_all_kinds_share_a_transaction(void **state)
{
	struct suite *s = *state;
	const struct intent intents[] = { intent_of("t1"), intent_of("t2") };
	const struct asset file = {
		.index = 0, .path = "/f", .stored_bytes = 10, .sha256 = SHA
	};
	struct ledger_entry entries[] = {
		{ .kind = ENTRY_SEND, .send = { .submit_id = "t1" } },
		{ .kind = ENTRY_ANSWER,
		    .answer = { .submit_id = "nobody", .state = TASK_QUEUED } },
		{ .kind = ENTRY_SEND, .send = { .submit_id = "t1" } },
		{ .kind = ENTRY_SEND, .send = { .submit_id = "nobody" } },
		{ .kind = ENTRY_MOVE,
		    .move = { .submit_id = "t3", .asset = &file, .to = ASSET_STORED } },
		{ .kind = ENTRY_SEND, .send = { .submit_id = "t2" } },
		{ .kind = ENTRY_ANSWER,
		    .answer = { .submit_id = "t2", .state = TASK_SUBMITTING } },
		{ .kind = ENTRY_MOVE,
		    .move = { .submit_id = "t3", .asset = &file, .to = ASSET_FETCHED } },
	};
	static const enum err_kind kinds[] = { ERR_OK, ERR_NOT_FOUND, ERR_OK, ERR_OK,
		ERR_LEDGER, ERR_OK, ERR_OK, ERR_OK };
	static const bool has_body[] = { [0] = true, [5] = true, [7] = false };

	for (size_t i = 0; i < COUNT(intents); i++)
		wait_one(s, &intents[i]);
	see(s, "t3", TASK_SUCCEEDED, "u0");
	ok(ledger_commit(s->a, ME, entries, COUNT(entries), NOW, &s->err));
	for (size_t i = 0; i < COUNT(entries); i++) {
		assert_int_equal(entries[i].why.kind, kinds[i]);
		if (entries[i].kind != ENTRY_SEND)
			continue;
		assert_int_equal(entries[i].send.body != NULL, has_body[i]);
		free(entries[i].send.body);
	}
	assert_string_equal(state_of(s, "t1"), "submitting");
	assert_string_equal(state_of(s, "t2"), "submitting*");
	assert_true(begins(s, s->b, "t2"));
	/* What makes no sense at all is not begun with. */
	entries[0].send.submit_id = "t2";
	entries[1].answer.state = TASK_SUCCEEDED;
	assert_int_equal(ledger_commit(s->a, ME, entries, 2, NOW, &s->err), ERR_USAGE);
}

/* --- keys ------------------------------------------------------------------------ */

/* Which key has the task, and which one does it repeat? */
static void a_key_is_one_task(void **state)
{
	struct suite *s = *state;
	const struct intent first = keyed("t1", "K", SHA), same = keyed("t2", "K", SHA),
			    other = keyed("t3", "K", SHB), free = keyed("t4", "L", SHB);
	const struct intent asked[] = { same, other, free };
	bool are_known[COUNT(asked)];
	struct intent again = keyed("t5", "K", SHB);
	struct intended intended;

	expect(s, &first, "t1");
	expect(s, &same, "t1");
	assert_int_equal(
	    ledger_intend(s->a, &other, 1, &intended, NULL, &s->err), ERR_USAGE);
	assert_non_null(strstr(s->err.msg, "'K' belongs to the task 't1'"));
	ok(ledger_intended_before(s->a, asked, COUNT(asked), are_known, &s->err));
	assert_true(are_known[0] && are_known[1] && !are_known[2]);
	/* A repeat takes it over. */
	again.rerolls = "t1";
	expect(s, &again, "t5");
	expect(s, &other, "t5");
	assert_key(s, "t1", NULL, NULL);
	assert_key(s, "t5", "K", "t1");
}

static void all_of_a_batch_or_none(void **state)
{
	struct suite *s = *state;
	const struct intent first = keyed("t1", "K", SHA);
	struct intent batch[] = { intent_of("t2"), keyed("t3", "K", SHB),
		keyed("t4", "K", SHA) };
	struct intended intended[COUNT(batch)];
	size_t refused = 9;

	expect(s, &first, "t1");
	batch[1].rerolls = "t1";
	assert_int_equal(
	    ledger_intend(s->a, batch, COUNT(batch), intended, &refused, &s->err),
	    ERR_USAGE);
	assert_int_equal(refused, 2);
	assert_string_equal(state_of(s, "t2"), "none");
	assert_string_equal(state_of(s, "t3"), "none");
	/* Its key has gone nowhere. */
	expect(s, &batch[2], "t1");
	assert_int_equal(ledger_intend(s->a, &first, 1, intended, NULL, &s->err), ERR_OK);
	assert_true(intended[0].is_known);
	batch[0].body = NULL;
	assert_int_equal(
	    ledger_intend(s->a, batch, 1, intended, &refused, &s->err), ERR_USAGE);
	assert_int_equal(refused, 0);
}

static void a_rehearsal_writes_nothing(void **state)
{
	struct suite *s = *state;
	const struct intent first = keyed("t1", "K", SHA);
	struct intent batch[] = { keyed("t2", "K", SHA), keyed("t3", "L", SHB),
		keyed("t4", "L", SHB), keyed("t5", "K", SHA) };
	struct intended intended[COUNT(batch)];
	size_t refused = 9;

	expect(s, &first, "t1");
	batch[3].rerolls = "t1";
	ok(ledger_rehearse(s->a, batch, COUNT(batch), intended, &refused, &s->err));
	assert_true(intended[0].is_known && intended[2].is_known);
	assert_string_equal(intended[0].submit_id, "t1");
	assert_string_equal(intended[2].submit_id, "t3");
	assert_false(intended[1].is_known || intended[3].is_known);
	assert_string_equal(state_of(s, "t3"), "none");
	assert_string_equal(state_of(s, "t5"), "none");
	assert_key(s, "t1", "K", NULL);
	/* It refuses what would be refused, and then the whole may still be meant. */
	batch[1].idempotency_key = "K";
	assert_int_equal(
	    ledger_rehearse(s->a, batch, COUNT(batch), intended, &refused, &s->err),
	    ERR_USAGE);
	assert_int_equal(refused, 1);
	batch[1].idempotency_key = "L";
	ok(ledger_intend(s->a, batch, 3, intended, &refused, &s->err));
	assert_string_equal(state_of(s, "t3"), "submitting*");
}

static void a_scope_knows_the_nth_of_a_wish(void **state)
{
	struct suite *s = *state;
	struct intent line = keyed("t1", "B/1", SHA),
		      content = keyed("t2", "B/0123456789abcdef", SHA),
		      second = keyed("t3", "B/0123456789abcdef.2", SHA),
		      changed = keyed("t4", "B/fedcba9876543210", SHB);

	line.key_scope = content.key_scope = second.key_scope = changed.key_scope = "B/";
	line.nth = content.nth = changed.nth = 1;
	second.nth = 2;
	line.line_key = content.line_key = changed.line_key = "B/1";
	second.line_key = "B/2";
	expect(s, &line, "t1");
	expect(s, &content, "t1");
	expect(s, &second, "t3");
	/* Its place was another request of the same prompt. */
	assert_int_equal(
	    ledger_intend(s->a, &changed, 1, &(struct intended){ 0 }, NULL, &s->err),
	    ERR_USAGE);
	changed.prompt = "a dog";
	expect(s, &changed, "t4");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, suite_begin, suite_end)
	const struct CMUnitTest tests[] = {
		T(an_intent_waits_is_sent_and_answered),
		T(only_its_sender_puts_a_task_back),
		T(it_is_kept_how_it_was_made),
		T(what_was_measured_stays),
		T(an_answer_may_tell_what_it_costs),
		T(what_a_look_showed_is_newer_than_the_answer),
		T(the_dead_send_no_more),
		T(entries_of_all_kinds_share_a_transaction),
		T(a_key_is_one_task),
		T(all_of_a_batch_or_none),
		T(a_rehearsal_writes_nothing),
		T(a_scope_knows_the_nth_of_a_wish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
