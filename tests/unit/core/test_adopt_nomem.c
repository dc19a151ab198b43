/*
 * Every allocation of what looks for tasks in texts fails once, each in a run of its own:
 * the answer is "no memory", and nothing is leaked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/verbs/finds.h"
#include "core/verbs/idcurl.h"
#include "core/verbs/idjson.h"
#include "nomem.h"

enum { RUNS_MAX = 1000 };

/* True: it went well, so nothing is left to fail. */
typedef bool run_once(void);

static void each_allocation_fails(run_once *scenario)
{
	for (unsigned n = 1; n < RUNS_MAX; n++) {
		bool went_well;

		nomem_fail(n);
		went_well = scenario();
		if (nomem_left() > 0) {
			nomem_fail(0);
			assert_true(went_well);
			assert_true(n > 1);
			return;
		}
		assert_false(went_well);
	}
	assert_true(false);
}

static enum err_kind keep(void *payload, const struct idjson_task *task, struct err *err)
{
	return finds_add(payload, task, "entry", err);
}

static enum err_kind pass(void *payload, size_t number, struct err *err)
{
	(void)payload;
	(void)number;
	(void)err;
	return ERR_OK;
}

static void settle(void *payload, bool is_ours)
{
	finds_settle(payload, is_ours);
}

static bool find_tasks(const char *text, bool is_curl)
{
	_cleanup_(finds_release) struct finds finds;
	const struct idjson_taker taker = { keep, NULL, pass, settle, &finds };
	_cleanup_(idjson_freep) struct idjson *reader = idjson_new(&taker);
	struct err err = { .kind = ERR_OK };

	finds_init(&finds);
	if (!reader)
		return false;
	if (is_curl ? idcurl_read(text, strlen(text), &taker, &err)
		    : idjson_whole(reader, text, strlen(text), 1, &err)) {
		assert_int_equal(err.kind, ERR_NOMEM);
		return false;
	}
	assert_int_equal(finds.len, 2);
	return true;
}

static bool read_json_tasks(void)
{
	return find_tasks(
	    "[{\"submit_id\":\"a\",\"history_id\":\"1\",\"prompt\":\"cat\"},"
	    "{\"submit_ids\":[\"b\",\"a\"]}]",
	    false);
}

static bool read_curl_tasks(void)
{
	return find_tasks("curl ^\"http://x/?submit_id=a^\" --json "
			  "^\"{\\\"submit_id\\\":\\\"b\\\"}^\"",
	    true);
}

static bool read_a_har(void)
{
	static const char text[] =
	    "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://x/mweb/v1/y\","
	    "\"postData\":{\"text\":\"{\\\"submit_ids\\\":[\\\"a\\\",\\\"b\\\"]}\"}}}]}}";
	_cleanup_(finds_release) struct finds finds;
	const struct idjson_taker taker = { keep, NULL, pass, settle, &finds };
	_cleanup_(idjson_freep) struct idjson *reader = idjson_new(&taker);
	struct err err = { .kind = ERR_OK };

	finds_init(&finds);
	if (!reader || idjson_add(reader, text, strlen(text), &err))
		return false;
	assert_int_equal(idjson_end(reader, &err), ERR_OK);
	assert_int_equal(finds.len, 2);
	return true;
}

static void tasks_of_others(void **state)
{
	(void)state;
	each_allocation_fails(read_json_tasks);
	each_allocation_fails(read_curl_tasks);
	each_allocation_fails(read_a_har);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_of_others),
	};

	return cmocka_run_group_tests_name("adopt_nomem", tests, NULL, NULL);
}
