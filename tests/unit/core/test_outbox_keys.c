/* Submits with idempotency keys, repeats, and many at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "dreamq/submit.h"
#include "ledger_lab.h"
#include "scene.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SCENE _cleanup_(scene_close) struct scene
#define TEXT _cleanup_free_ char *

static void assert_state(const struct scene *scene, const char *expected)
{
	lab_assert_state(scene->ledger, NULL, expected);
}

/* The payload is the body of the refusal. */
static void refuse(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	raw_answer(peer, 200, "", scene->payload);
}

static void hang_up(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	raw_reset(peer);
}

static void dead_login(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	raw_answer(peer, 200, "", "{\"ret\":\"1015\",\"errmsg\":\"login error\"}");
}

static void accept_it(struct raw_peer *peer, const char *request)
{
	const char *at = strstr(request, "\"submit_id\":\"");
	char data[200];

	(void)snprintf(data, sizeof(data), "\"submit_id\":\"%.*s\"",
	    at ? (int)strcspn(at + 13, "\"") : 0, at ? at + 13 : "");
	scene_say_data(peer, data);
}

static void too_many_at_first(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	if (number >= 1)
		accept_it(peer, request);
	else
		raw_answer(peer, 200, "Retry-After: 1\r\n",
		    "{\"ret\":\"1310\",\"errmsg\":\"ExceedConcurrencyLimit\"}");
}

static void interrupt_on_note(struct scene *scene, const struct dq_event *event)
{
	if (event->type == DQ_EVENT_NOTE)
		dq_interrupt(scene->dq);
}

/* --- once more, and not once more --------------------------------------------------- */

static enum dq_status submit_keyed(
    struct scene *scene, const char *prompt, bool rerolls, char id[DQ_ID_MAX + 1])
{
	const struct dq_submit submission = { .size_bytes = sizeof(submission),
		.prompt = prompt,
		.idempotency_key = "order-17",
		.rerolls_key = rerolls };

	return dq_submit(scene->dq, &submission, id, &scene->err);
}

static void a_key_names_one_task(void **state)
{
	SCENE scene = { .on_submit = NULL };
	char a[DQ_ID_MAX + 1], b[DQ_ID_MAX + 1];

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit_keyed(&scene, "x", false, a), DQ_OK);
	assert_int_equal(submit_keyed(&scene, "x", false, b), DQ_OK);
	assert_string_equal(a, b);
	scene_rerun(&scene);
	assert_int_equal(submit_keyed(&scene, "x", false, b), DQ_OK);
	assert_string_equal(a, b);
	assert_int_equal(submit_keyed(&scene, "another wish", false, b), DQ_USAGE);
	assert_string_equal(b, "");
	assert_non_null(strstr(scene.err.message, "order-17"));
	assert_non_null(strstr(scene.err.message, a));
	assert_int_equal(atomic_load(&scene.submits), 1);
}

static void a_key_does_not_send_what_was_refused(void **state)
{
	static char content[] = "{\"ret\":\"2038\"}";
	SCENE scene = { .on_submit = refuse, .payload = content };
	char a[DQ_ID_MAX + 1], b[DQ_ID_MAX + 1];

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit_keyed(&scene, "x", false, a), DQ_FAILED);
	scene.on_submit = NULL;
	assert_int_equal(submit_keyed(&scene, "x", false, b), DQ_FAILED);
	assert_string_equal(a, b);
	assert_int_equal(atomic_load(&scene.submits), 1);
}

/* What the first run could not find out, the second one looks up. */
static void a_key_settles_what_is_unknown(void **state)
{
	SCENE scene = {
		.on_submit = hang_up, .on_query = dead_login, .on_credit = dead_login
	};
	char a[DQ_ID_MAX + 1], b[DQ_ID_MAX + 1];

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit_keyed(&scene, "x", false, a), DQ_AUTH);
	scene.on_query = NULL;
	scene_rerun(&scene);
	assert_int_equal(submit_keyed(&scene, "x", false, b), DQ_OK);
	assert_string_equal(a, b);
	assert_int_equal(atomic_load(&scene.submits), 1);
	assert_state(&scene, "succeeded");
}

/* The bodies of both requests are the same but for the id. */
static void assert_repeated(struct scene *scene, const char *a, const char *b)
{
	char old_id[100], new_id[100];

	assert_string_not_equal(a, b);
	(void)snprintf(old_id, sizeof(old_id), "\"submit_id\":\"%s\"", a);
	(void)snprintf(new_id, sizeof(new_id), "\"submit_id\":\"%s\"", b);
	assert_int_equal(atomic_load(&scene->submits), 2);
	assert_int_equal(scene_asked(scene, "\"seed\":12345678901234567890"), 2);
	assert_int_equal(scene_asked(scene, old_id), 1);
	assert_int_equal(scene_asked(scene, new_id), 1);
	assert_true(scene_told(scene, "paid once more"));
}

static void a_repeat_is_paid_once_more_and_says_so(void **state)
{
	static const char *const sets[] = { "seed=12345678901234567890", NULL };
	static const struct dq_submit submission = { .prompt = "x", .sets = sets };
	SCENE scene = { .on_submit = NULL };
	char a[DQ_ID_MAX + 1], b[DQ_ID_MAX + 1];
	TEXT repeated = NULL;

	(void)state;
	scene_open(&scene);
	assert_int_equal(dq_submit(scene.dq, &submission, a, &scene.err), DQ_OK);
	const struct dq_submit again = { .size_bytes = sizeof(again), .reroll = a };

	assert_int_equal(dq_submit(scene.dq, &again, b, &scene.err), DQ_OK);
	assert_repeated(&scene, a, b);
	repeated = lab_repeat_of(scene.ledger, b);
	assert_non_null(repeated);
	assert_string_equal(repeated, a);
	assert_int_equal(scene_query(&scene, b, NULL, NULL), DQ_OK);
}

static void a_repeat_takes_over_the_key(void **state)
{
	SCENE scene = { .on_submit = NULL };
	char a[DQ_ID_MAX + 1], b[DQ_ID_MAX + 1], c[DQ_ID_MAX + 1];

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit_keyed(&scene, "x", true, a), DQ_OK);
	assert_int_equal(submit_keyed(&scene, "x", true, b), DQ_OK);
	assert_string_not_equal(a, b);
	assert_int_equal(submit_keyed(&scene, "x", false, c), DQ_OK);
	assert_string_equal(b, c);
	assert_int_equal(atomic_load(&scene.submits), 2);
}

static void a_repeat_needs_something_that_was_sent(void **state)
{
	static const struct dq_submit row[] = {
		{ .reroll = "never-heard-of" },
		{ .reroll = "not sent from here" },
		{ .reroll = "from-elsewhere" },
		{ .reroll = "from-elsewhere", .prompt = "x" },
		{ .prompt = "x", .rerolls_key = true },
		{ .prompt = "x", .idempotency_key = "" },
		{ .prompt = "x", .idempotency_key = "a\nb" },
	};
	SCENE scene = { .on_submit = NULL };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_query(&scene, "from-elsewhere", NULL, NULL), DQ_OK);
	for (size_t i = 0; i < COUNT(row); i++) {
		char id[DQ_ID_MAX + 1] = "?";

		print_message("# %zu\n", i);
		assert_int_equal(dq_submit(scene.dq, &row[i], id, &scene.err), DQ_USAGE);
		assert_string_equal(id, "");
	}
	assert_int_equal(atomic_load(&scene.submits), 0);
}

/* Repeating what has never been sent would pay twice for one submission. */
static void what_waits_is_not_repeated(void **state)
{
	SCENE scene = { .on_submit = too_many_at_first, .on_event = interrupt_on_note };
	char a[DQ_ID_MAX + 1], b[DQ_ID_MAX + 1];

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit_keyed(&scene, "x", false, a), DQ_INTERRUPTED);
	scene.on_event = NULL;
	const struct dq_submit again = { .size_bytes = sizeof(again), .reroll = a };

	assert_int_equal(dq_submit(scene.dq, &again, b, &scene.err), DQ_USAGE);
	assert_non_null(strstr(scene.err.message, "waits to be sent"));
	assert_int_equal(submit_keyed(&scene, "x", true, b), DQ_OK);
	assert_string_equal(a, b);
	assert_int_equal(atomic_load(&scene.submits), 2);
}

/* --- many ------------------------------------------------------------------------- */

enum { MANY = 30 };

struct heard {
	char ids[MANY][DQ_ID_MAX + 1];
	bool is_known[MANY];
	size_t n;
};

static void hear_id(void *payload, size_t i, const char *submit_id, bool is_known)
{
	struct heard *heard = payload;

	assert_int_equal(i, heard->n);
	(void)snprintf(heard->ids[i], sizeof(heard->ids[i]), "%s", submit_id);
	heard->is_known[i] = is_known;
	heard->n++;
}

static void many_are_sent_once_each(void **state)
{
	SCENE scene = { .on_submit = NULL };
	struct dq_submit submissions[MANY] = { 0 };
	char keys[MANY][16];
	struct heard first = { 0 }, second = { 0 };
	struct dq_batch batch = { .size_bytes = sizeof(batch),
		.submits = submissions,
		.n = MANY,
		.on_id = hear_id,
		.payload = &first };

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "k/%zu", i);
		submissions[i].prompt = "x";
		submissions[i].idempotency_key = keys[i];
	}
	scene_open(&scene);
	assert_int_equal(dq_submit_all(scene.dq, &batch, &scene.err), DQ_OK);
	assert_int_equal(first.n, MANY);
	assert_int_equal(atomic_load(&scene.submits), MANY);
	assert_int_equal(scene.told[DQ_EVENT_TASK], MANY);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(scene_asked(&scene, first.ids[i]), 1);
	scene_rerun(&scene);
	batch.payload = &second;
	assert_int_equal(dq_submit_all(scene.dq, &batch, &scene.err), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), MANY);
	for (size_t i = 0; i < MANY; i++) {
		assert_string_equal(first.ids[i], second.ids[i]);
		assert_false(first.is_known[i]);
		assert_true(second.is_known[i]);
	}
}

static enum dq_status submit_for(struct scene *scene, const struct dq_submit *submissions,
    size_t n, int64_t max_wait_ms)
{
	const struct dq_batch batch = { .size_bytes = sizeof(batch),
		.submits = submissions,
		.n = n,
		.max_wait_ms = max_wait_ms };

	return dq_submit_all(scene->dq, &batch, &scene->err);
}

static void one_bad_wish_among_many_records_none(void **state)
{
	static const struct dq_submit submissions[] = { { .prompt = "a" },
		{ .prompt = "b" }, { .prompt = "c", .ratio = "5:4" } };
	SCENE scene = { .on_submit = NULL };

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit_for(&scene, submissions, 3, 0), DQ_USAGE);
	assert_non_null(strstr(scene.err.message, "submit 3"));
	assert_int_equal(submit_for(&scene, submissions, 0, 0), DQ_USAGE);
	assert_int_equal(atomic_load(&scene.submits), 0);
	assert_int_equal(lab_count(scene.ledger, NULL), 0);
}

/* The first that meets trouble with the account holds back the rest, unsent. */
static void the_account_holds_back_the_rest(void **state)
{
	static char no_credit[] = "{\"ret\":\"1006\"}";
	struct dq_submit submissions[MANY] = { 0 };
	SCENE scene = { .on_submit = refuse, .payload = no_credit };
	const struct ledger_filter waiting = { .has_state = true,
		.state = TASK_SUBMITTING };

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		submissions[i].prompt = "x";
	scene_open(&scene);
	assert_int_equal(submit_for(&scene, submissions, MANY, 0), DQ_ACCOUNT);
	assert_in_range(atomic_load(&scene.submits), 1, 4);
	assert_int_equal(scene.told[DQ_EVENT_TASK], MANY);
	assert_int_equal(lab_count(scene.ledger, &waiting), 30);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_names_one_task),
		cmocka_unit_test(a_key_does_not_send_what_was_refused),
		cmocka_unit_test(a_key_settles_what_is_unknown),
		cmocka_unit_test(a_repeat_is_paid_once_more_and_says_so),
		cmocka_unit_test(a_repeat_takes_over_the_key),
		cmocka_unit_test(a_repeat_needs_something_that_was_sent),
		cmocka_unit_test(what_waits_is_not_repeated),
		cmocka_unit_test(many_are_sent_once_each),
		cmocka_unit_test(one_bad_wish_among_many_records_none),
		cmocka_unit_test(the_account_holds_back_the_rest),
	};

	return cmocka_run_group_tests_name("outbox_keys", tests, NULL, NULL);
}
