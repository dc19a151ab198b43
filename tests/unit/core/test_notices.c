/* Which events are told to others, and the commands that are given for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/account/dq.h"
#include "core/account/notices.h"
#include "dreamq/notify.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void rules_are_read(void **state)
{
	const char *const on[] = { "done=echo a=b", "stored=x", "done= y", NULL };
	const struct dq_notify notify = { .size_bytes = sizeof(notify), .on = on };
	struct notice_rules rules;
	struct err err;

	(void)state;
	assert_int_equal(notice_rules_make(&notify, &rules, &err), ERR_OK);
	assert_int_equal(rules.n, 3);
	assert_int_equal(rules.rules[0].notice, NOTICE_DONE);
	assert_string_equal(rules.rules[0].command, "echo a=b");
	assert_string_equal(rules.rules[2].command, " y");
	notice_rules_release(&rules);
	assert_int_equal(notice_rules_make(NULL, &rules, &err), ERR_OK);
	assert_int_equal(rules.n, 0);
	assert_false(rules.on_desktop);
}

static void bad_rules_are_refused(void **state)
{
	static const char *const bad[] = { "", "=", "done", "done=", "Done=x", "don=x",
		"done =x", "later=x", "完成=x" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *const on[] = { "stored=x", bad[i], NULL };
		const struct dq_notify notify = { .size_bytes = sizeof(notify),
			.on = on };
		struct notice_rules rules = { .n = 99 };
		struct err err;

		if (notice_rules_make(&notify, &rules, &err) != ERR_USAGE)
			fail_msg("'%s' is taken", bad[i]);
		assert_int_equal(rules.n, 99);
	}
}

static void too_many_are_refused(void **state)
{
	const char *on[66] = { NULL };
	const struct dq_notify notify = { .size_bytes = sizeof(notify), .on = on };
	struct notice_rules rules;
	struct err err;

	(void)state;
	for (size_t i = 0; i < 64; i++)
		on[i] = "disk=x";
	assert_int_equal(notice_rules_make(&notify, &rules, &err), ERR_OK);
	notice_rules_release(&rules);
	on[64] = "disk=x";
	assert_int_equal(notice_rules_make(&notify, &rules, &err), ERR_USAGE);
}

static void hear(
    void *payload, enum notice notice, const struct dq_event *event, const char *text)
{
	(void)event, (void)text;
	*(enum notice *)payload = notice;
}

static void events_are_what_they_are(void **state)
{
	struct dq_task task = { .state = "succeeded", .is_final = true };
	const struct {
		enum dq_event_type type;
		const char *state;
		bool is_final;
		enum dq_note note;
		enum notice wanted; /* NOTICES: none */
	} rows[] = {
		{ DQ_EVENT_STORED, "generating", false, 0, NOTICE_STORED },
		{ DQ_EVENT_TASK, "succeeded", true, 0, NOTICE_DONE },
		{ DQ_EVENT_TASK, "failed", true, 0, NOTICE_FAILED },
		{ DQ_EVENT_TASK, "cancelled", true, 0, NOTICE_FAILED },
		{ DQ_EVENT_TASK, "not_found", true, 0, NOTICE_FAILED },
		{ DQ_EVENT_TASK, "generating", false, 0, NOTICES },
		{ DQ_EVENT_STATE, "succeeded", true, 0, NOTICES },
		{ DQ_EVENT_PROGRESS, "succeeded", true, 0, NOTICES },
		{ DQ_EVENT_NOTE, "succeeded", true, DQ_NOTE_LOGIN, NOTICE_LOGIN },
		{ DQ_EVENT_NOTE, "succeeded", true, DQ_NOTE_PAUSE, NOTICES },
		{ DQ_EVENT_TICK, "succeeded", true, 0, NOTICES },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum notice heard = NOTICES;
		struct dq dq = { .listener = { hear, &heard } };

		task.state = rows[i].state;
		task.is_final = rows[i].is_final;
		notices_hear(&dq,
		    &(struct dq_event){ .type = rows[i].type,
			.task = &task,
			.note = rows[i].note,
			.text = "x" });
		if (heard != rows[i].wanted)
			fail_msg("row %zu: %d", i, heard);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_read),
		cmocka_unit_test(bad_rules_are_refused),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(events_are_what_they_are),
	};

	return cmocka_run_group_tests_name("notices", tests, NULL, NULL);
}
