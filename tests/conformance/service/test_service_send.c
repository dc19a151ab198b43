/* What every service that takes submits must do (service.h), tried on each that there is.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "harness.h"
#include "stand.h"

static void what_was_accepted_is_known(void **state)
{
	static const struct service_memory none;
	struct stand *stand = *state;
	const struct service_question question = { "task-9", NULL, &none, true };

	assert_int_equal(stand_send(stand, "task-9"), SENT_ACCEPTED);
	stand_poll(stand, &question, 1);
	assert_int_equal(stand->err.kind, ERR_OK);
	assert_int_equal(stand->seen[0].absences, 0);
}

static void a_server_in_trouble_leaves_it_unclear(void **state)
{
	struct stand *stand = *state;

	stand->world.fail_next(&stand->world, "submit");
	assert_int_equal(stand_send(stand, "task-9"), SENT_UNCLEAR);
}

static void what_is_given_up_ends_once(void **state)
{
	struct stand *stand = *state;

	stand_start_send(stand, "task-9");
	service_give_up_sends(stand->service);
	assert_int_equal(stand->calls, 0);
	harness_drain(stand->net);
	assert_int_equal(stand->calls, 1);
	assert_int_equal(stand->sent.err.kind, ERR_CANCELLED);
	assert_int_equal(stand->sent.outcome, SENT_NEVER_LEFT);
	service_give_up_sends(stand->service);
	stand_poll_one(stand);
	assert_int_equal(stand->err.kind, ERR_OK);
}

static void what_can_not_be_asked_has_no_body(void **state)
{
	struct stand *stand = *state;
	const struct service_request request = {
		.submit_id = "task-9", .kind = MEDIA_UNKNOWN, .prompt = "a fox"
	};
	char *body = NULL;
	struct err err;

	assert_int_equal(
	    service_body(stand->ops, stand->settings, &request, &body, &err), ERR_USAGE);
	assert_null(body);
}

static char *body_for(struct stand *stand, const char *id, int64_t made_unix_ms)
{
	const struct service_request request = { .submit_id = id,
		.made_unix_ms = made_unix_ms,
		.kind = MEDIA_IMAGE,
		.prompt = "a fox" };
	char *body = NULL;
	struct err err;

	assert_int_equal(
	    service_body(stand->ops, stand->settings, &request, &body, &err), ERR_OK);
	return body;
}

/* What it would have been, had it been made for that task at that time. */
static void a_body_can_be_another_tasks(void **state)
{
	struct stand *stand = *state;
	_cleanup_free_ char *body = body_for(stand, "task-9", 1757778120598);
	_cleanup_free_ char *wanted = body_for(stand, "another", 1757778120599);
	_cleanup_free_ char *renamed = NULL;
	struct err err;

	assert_int_equal(
	    service_rename(stand->ops, body, "another", 1757778120599, &renamed, &err),
	    ERR_OK);
	assert_string_equal(renamed, wanted);
	assert_null(strstr(renamed, "task-9"));
}

/* --- taking back ------------------------------------------------------------------ */

/* What has ended is not taken back, and that is no trouble of the network or the user. */
static void what_has_ended_is_not_taken_back(void **state)
{
	static const struct service_memory none;
	struct stand *stand = *state;
	const struct service_question question = { stand_ids[0], NULL, &none, true };
	_cleanup_free_ char *history_id = NULL;

	stand_poll(stand, &question, 1);
	assert_non_null(stand->seen[0].task->history_id);
	history_id = strdup(stand->seen[0].task->history_id);
	assert_non_null(history_id);
	assert_int_equal(stand_cancel(stand, stand_ids[0], history_id), ERR_FAILED);
	assert_int_equal(stand_cancel(stand, "nobody-1", "1"), ERR_FAILED);
	stand->world.fail_next(&stand->world, "cancel");
	assert_int_equal(stand_cancel(stand, stand_ids[0], history_id), ERR_NET);
	stand->world.refuse_login(&stand->world);
	assert_int_equal(stand_cancel(stand, stand_ids[0], history_id), ERR_AUTH);
}

static void what_has_no_name_is_not_asked_for(void **state)
{
	static const struct task known = { .submit_id = "task-1" };
	struct stand *stand = *state;
	struct err err;

	assert_int_equal(
	    service_cancel(stand->service, &known, NULL, NULL, &err), ERR_USAGE);
	assert_non_null(strstr(err.msg, "task-1"));
	harness_drain(stand->net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_SENDERS(what_was_accepted_is_known),
		ON_SENDERS(a_server_in_trouble_leaves_it_unclear),
		ON_SENDERS(what_is_given_up_ends_once),
		ON_SENDERS(what_can_not_be_asked_has_no_body),
		ON_SENDERS(a_body_can_be_another_tasks),
		ON(jimeng, what_has_ended_is_not_taken_back),
		ON(jimeng, what_has_no_name_is_not_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
