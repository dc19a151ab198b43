/* What every service must do (service.h), tried on each that there is. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "harness.h"
#include "stand.h"

/* --- looks ----------------------------------------------------------------------- */

static void each_id_is_answered_once(void **state)
{
	struct stand *stand = *state;
	struct service_memory notes[STAND_IDS + 1] = { 0 };
	struct service_question questions[STAND_IDS + 1];

	for (size_t i = 0; i < STAND_IDS; i++)
		questions[i] =
		    (struct service_question){ stand_ids[i], NULL, &notes[i], false };
	questions[STAND_IDS] =
	    (struct service_question){ "nobody-1", NULL, &notes[STAND_IDS], false };
	for (size_t i = 0; i <= STAND_IDS; i++)
		assert_int_equal(service_way(stand->ops, &questions[i]),
		    service_way(stand->ops, &questions[0]));
	stand_poll(stand, questions, STAND_IDS + 1);
	assert_int_equal(stand->err.kind, ERR_OK);
	assert_int_equal(stand->n, STAND_IDS + 1);
	for (size_t i = 0; i <= STAND_IDS; i++) {
		assert_non_null(stand->seen[i].task);
		assert_string_equal(stand->seen[i].task->submit_id, questions[i].id);
		assert_int_equal(stand->seen[i].doubt.kind, SERVICE_UNDOUBTED);
		assert_int_equal(stand->seen[i].absences, i == STAND_IDS);
	}
	assert_int_equal(stand->seen[STAND_IDS].task->state, TASK_UNKNOWN);
	assert_int_equal(stand->seen[STAND_IDS].absent_since_ms, stand->now_ms);
}

/* Looks until an end, keeping the notes, which may be anywhere in memory. */
static enum task_state look_until_an_end(struct stand *stand, const char *id)
{
	struct service_memory notes[2] = { 0 };

	for (unsigned i = 0; i < 20; i++) {
		const struct service_question question = { id, NULL, &notes[i % 2],
			false };

		stand_poll(stand, &question, 1);
		assert_int_equal(stand->err.kind, ERR_OK);
		assert_non_null(stand->seen[0].task);
		if (task_state_is_final(stand->seen[0].task->state))
			return stand->seen[0].task->state;
		notes[(i + 1) % 2] = stand->seen[0].memory;
		memset(&notes[i % 2], 0xa5, sizeof(notes[0]));
		stand->now_ms += service_absence_ms(stand->ops, true) / 4 + 1;
	}
	return TASK_UNKNOWN;
}

static void a_task_ends_with_links(void **state)
{
	struct stand *stand = *state;
	const struct task *task;

	assert_int_equal(look_until_an_end(stand, stand_ids[0]), TASK_SUCCEEDED);
	task = stand->seen[0].task;
	assert_true(task->n_assets >= 1);
	assert_non_null(task->assets[0].uri);
	assert_non_null(task->assets[0].url);
}

static void an_absence_is_believed_in_the_end(void **state)
{
	struct stand *stand = *state;

	assert_int_equal(look_until_an_end(stand, "nobody-1"), TASK_NOT_FOUND);
	assert_true(stand->seen[0].absences > 1);
}

/* What is remembered lies in the notes alone: zeroed, it is the first poll again. */
static void notes_that_are_zeroed_are_forgotten(void **state)
{
	struct stand *stand = *state;
	struct service_memory notes = { 0 };
	const struct service_question question = { "nobody-1", NULL, &notes, false };

	stand_poll(stand, &question, 1);
	notes = stand->seen[0].memory;
	stand->now_ms += 1;
	stand_poll(stand, &question, 1);
	assert_int_equal(stand->seen[0].absences, 2);
	assert_int_equal(stand->seen[0].absent_since_ms, stand->now_ms - 1);
	notes = (struct service_memory){ 0 };
	stand_poll(stand, &question, 1);
	assert_int_equal(stand->seen[0].absences, 1);
	assert_int_equal(stand->seen[0].absent_since_ms, stand->now_ms);
}

static void what_was_shown_is_missed_for_longer(void **state)
{
	const struct stand *stand = *state;

	assert_true(service_absence_ms(stand->ops, false) > 0);
	assert_true(
	    service_absence_ms(stand->ops, true) > service_absence_ms(stand->ops, false));
}

static void a_batch_has_a_limit(void **state)
{
	struct stand *stand = *state;
	const size_t n = service_traits_of(stand->ops, stand->settings).batch_max;
	struct service_memory notes = { 0 };
	struct service_question *questions = calloc(n + 1, sizeof(*questions));
	struct err err;

	assert_true(n >= 1);
	assert_non_null(questions);
	for (size_t i = 0; i <= n; i++)
		questions[i] =
		    (struct service_question){ stand_ids[0], NULL, &notes, false };
	assert_int_equal(
	    service_poll(stand->service, questions, n + 1, stand_on_polled, stand, &err),
	    ERR_USAGE);
	assert_int_equal(
	    service_poll(stand->service, questions, 0, stand_on_polled, stand, &err),
	    ERR_USAGE);
	harness_drain(stand->net);
	assert_int_equal(stand->calls, 0);
	free(questions);
}

/* --- trouble --------------------------------------------------------------------- */

static void trouble_of_the_server_passes(void **state)
{
	struct stand *stand = *state;

	stand->world.fail_next(&stand->world, "query");
	stand_poll_one(stand);
	assert_int_equal(stand->err.kind, ERR_NET);
	assert_true(stand->err.msg[0] != '\0');
	stand_poll_one(stand);
	assert_int_equal(stand->err.kind, ERR_OK);
}

static void a_refused_login_is_told(void **state)
{
	struct stand *stand = *state;

	stand->world.refuse_login(&stand->world);
	stand_poll_one(stand);
	assert_int_equal(stand->err.kind, ERR_AUTH);
	assert_true(stand->asks_login);
}

static void a_refused_login_refuses_all(void **state)
{
	struct stand *stand = *state;

	assert_int_equal(stand_credit(stand), ERR_OK);
	stand->world.refuse_login(&stand->world);
	assert_int_equal(stand_credit(stand), ERR_AUTH);
	assert_int_equal(stand_send(stand, "task-9"), SENT_ACCOUNT);
	assert_int_equal(stand->err.kind, ERR_AUTH);
}

static void move_to_nobody(struct stand *stand)
{
	service_free(stand->service);
	stand_set(stand, "http://127.0.0.1:1");
	stand_open(stand);
}

static void nobody_at_the_address_is_told(void **state)
{
	struct stand *stand = *state;

	move_to_nobody(stand);
	stand_poll_one(stand);
	assert_int_equal(stand->err.kind, ERR_NET);
}

static void nothing_is_sent_to_nobody(void **state)
{
	struct stand *stand = *state;

	move_to_nobody(stand);
	assert_int_equal(stand_credit(stand), ERR_NET);
	assert_int_equal(stand_send(stand, "task-9"), SENT_NEVER_LEFT);
}

/* --- the end of a service -------------------------------------------------------- */

static void a_freed_service_never_calls_back(void **state)
{
	static const struct service_memory none;
	struct stand *stand = *state;
	const struct service_question question = { stand_ids[0], NULL, &none, false };

	stand_start_poll(stand, &question, 1);
	service_free(stand->service);
	stand->service = NULL;
	harness_drain(stand->net);
	assert_int_equal(stand->calls, 0);
}

static void nor_does_it_of_what_was_sent(void **state)
{
	static const struct service_memory none;
	struct stand *stand = *state;
	const struct service_question question = { stand_ids[0], NULL, &none, false };

	stand_start_poll(stand, &question, 1);
	stand_start_send(stand, "task-9");
	stand_start_credit(stand);
	service_free(stand->service);
	stand->service = NULL;
	harness_drain(stand->net);
	assert_int_equal(stand->calls, 0);
}

static void it_may_be_freed_inside_a_callback(void **state)
{
	struct stand *stand = *state;

	stand->frees = true;
	stand_poll_one(stand);
	assert_int_equal(stand->err.kind, ERR_OK);
	assert_null(stand->service);
}

static void it_may_be_freed_inside_any_callback(void **state)
{
	struct stand *stand = *state;

	stand->frees = true;
	assert_int_equal(stand_send(stand, "task-9"), SENT_ACCEPTED);
	stand_open(stand);
	assert_int_equal(stand_credit(stand), ERR_OK);
	assert_null(stand->service);
}

/* --- settings and logins --------------------------------------------------------- */

static void settings_have_names_and_bounds(void **state)
{
	struct stand *stand = *state;
	const struct service_ops *ops = stand->ops;
	const struct service_traits traits = service_traits_of(ops, stand->settings);
	bool has_base = false;
	struct err err;

	assert_string_equal(traits.address, stand->world.address);
	assert_string_equal(traits.submit_address, stand->world.address);
	assert_non_null(traits.region);
	assert_true(traits.assets_max >= 1 && traits.stall_seconds >= 1);
	assert_true(traits.slow_seconds >= 1 && traits.time_scale >= 1);
	for (size_t i = 0; service_setting_name_at(ops, i); i++)
		has_base |= !strcmp(service_setting_name_at(ops, i), "api_base");
	assert_true(has_base);
	assert_int_equal(
	    service_settings_set(ops, stand->settings, "no-such", "x", &err), ERR_USAGE);
	assert_non_null(strstr(err.msg, "'no-such'"));
	assert_true(service_n_ways(ops) >= 1 && ops->name[0] && ops->regions[0]);
}

static void a_login_is_kept_as_it_was(void **state)
{
	struct stand *stand = *state;
	_cleanup_free_ char *credential = stand_credential(stand);
	_cleanup_free_ char *file =
	    service_credential_as_file(stand->ops, stand->settings, credential, 0);
	_cleanup_free_ char *again = NULL;
	char *none = NULL;
	int64_t expires = -1;
	struct err err;

	assert_non_null(file);
	assert_int_equal(service_read_credential(
			     stand->ops, stand->settings, file, &again, &expires, &err),
	    ERR_OK);
	assert_string_equal(credential, again);
	assert_int_equal(expires, 0);
	assert_int_equal(service_read_credential(stand->ops, stand->settings,
			     "top secret;;", &none, &expires, &err),
	    ERR_AUTH);
	assert_null(none);
	assert_null(strstr(err.msg, "top secret"));
	assert_int_equal(
	    service_set_credential(stand->service, credential, &err), ERR_OK);
	stand_poll_one(stand);
	assert_int_equal(stand->err.kind, ERR_OK);
}

static void another_login_counts_for_all(void **state)
{
	struct stand *stand = *state;
	_cleanup_free_ char *credential = stand_credential(stand);
	struct err err;

	assert_int_equal(
	    service_set_credential(stand->service, credential, &err), ERR_OK);
	assert_int_equal(stand_credit(stand), ERR_OK);
}

/* --- what a service need not have ------------------------------------------------ */

static void assert_says_no(enum err_kind kind, const struct err *err)
{
	assert_int_equal(kind, ERR_USAGE);
	assert_int_equal(err->kind, ERR_USAGE);
	assert_non_null(strstr(err->msg, "service 'made-up'"));
}

static void what_is_left_out_is_refused(void **state)
{
	struct stand *stand = *state;
	const struct service_request request = {
		.submit_id = "task-9", .kind = MEDIA_IMAGE, .prompt = "a fox"
	};
	const struct task known = { .submit_id = "task-9", .history_id = "9" };
	char *body = NULL;
	struct err err;

	assert_says_no(service_check_send(stand->ops, &err), &err);
	assert_says_no(
	    service_body(stand->ops, stand->settings, &request, &body, &err), &err);
	assert_null(body);
	assert_says_no(
	    service_send(stand->service, MEDIA_IMAGE, "{}", NULL, NULL, &err), &err);
	assert_says_no(service_credit(stand->service, NULL, NULL, &err), &err);
	assert_says_no(service_cancel(stand->service, &known, NULL, NULL, &err), &err);
	assert_says_no(
	    service_statement(stand->service, NULL, 5, NULL, NULL, &err), &err);
	assert_says_no(service_asked(stand->ops, "{}", NULL, &err), &err);
	for (int which = 0; which < SERVICE_FILES; which++) {
		const struct service_file file = { "a", NULL };

		assert_false(service_has_files(stand->ops, (enum service_files)which));
		assert_says_no(service_files(stand->service, (enum service_files)which,
				   &file, 1, NULL, NULL, &err),
		    &err);
	}
	harness_drain(stand->net);
}

static void it_has_one_way_and_one_name(void **state)
{
	static const struct service_memory none;
	const struct stand *stand = *state;
	const struct service_question question = { "1", NULL, &none, false };
	struct task task = { .submit_id = "task-1", .history_id = "1", .alias_id = "2" };

	assert_int_equal(service_n_ways(stand->ops), 1);
	assert_int_equal(service_way(stand->ops, &question), 0);
	assert_null(service_other_id(stand->ops, &task));
	assert_false(service_may_be_other_id(stand->ops, "1"));
}

static void a_region_finds_its_service(void **state)
{
	(void)state;
	assert_ptr_equal(service_find(NULL), &service_jimeng);
	assert_ptr_equal(service_find("cn"), &service_jimeng);
	assert_ptr_equal(service_find("no such"), &service_jimeng);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH(each_id_is_answered_once),
		ON_EACH(a_task_ends_with_links),
		ON_EACH(an_absence_is_believed_in_the_end),
		ON_EACH(notes_that_are_zeroed_are_forgotten),
		ON_EACH(what_was_shown_is_missed_for_longer),
		ON_EACH(a_batch_has_a_limit),
		ON_EACH(trouble_of_the_server_passes),
		ON_EACH(a_refused_login_is_told),
		ON_SENDERS(a_refused_login_refuses_all),
		ON_EACH(nobody_at_the_address_is_told),
		ON_SENDERS(nothing_is_sent_to_nobody),
		ON_EACH(a_freed_service_never_calls_back),
		ON_SENDERS(nor_does_it_of_what_was_sent),
		ON_EACH(it_may_be_freed_inside_a_callback),
		ON_SENDERS(it_may_be_freed_inside_any_callback),
		ON_EACH(settings_have_names_and_bounds),
		ON_EACH(a_login_is_kept_as_it_was),
		ON_SENDERS(another_login_counts_for_all),
		ON(made_up, what_is_left_out_is_refused),
		ON(made_up, it_has_one_way_and_one_name),
		cmocka_unit_test(a_region_finds_its_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
