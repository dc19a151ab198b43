/*
 * test_script.c - unit tests of script.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "script/script.h"

static const struct bad_row {
	const char *line, *message;
} bad[] = {
	{ "status 503", "'status': unknown matcher" },
	{ "on=query", "no ' : ' between the matchers and the faults" },
	{ "on=query :", "no fault behind the ':'" },
	{ "on=foo : reset",
	    "'on=foo': not one of query, submit, queue, credit, credit-history, history, "
	    "assets, list, "
	    "items, images, videos, cancel, cdn, api, any" },
	{ "nth=x : reset", "'nth=x': not a number" },
	{ "nth=-1 : reset", "'nth=-1': not a number" },
	{ "prob=2 : reset", "'prob=2': not from 0 to 1" },
	{ ": explode", "'explode': unknown fault" },
	{ ": status", "'status' needs an argument" },
	{ ": status abc", "'status abc': bad argument" },
	{ ": reset 5", "'5': unknown fault" },
	{ ": reset after=x", "'after=x': bad value" },
	{ ": stall forever", "'stall forever': bad argument" },
	{ ": expire-after 3M..", "'expire-after 3M..': bad argument" },
	{ ": expire-after ..3M", "'expire-after ..3M': bad argument" },
	{ ": expire-after 3M..2M", "'expire-after 3M..2M': bad argument" },
	{ ": expire-after", "'expire-after' needs an argument" },
};

static void bad_lines_say_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rule *rule = NULL;
		struct err err = { 0 };

		assert_int_equal(script_parse_line(bad[i].line, &rule, &err), ERR_USAGE);
		assert_string_equal(err.msg, bad[i].message);
		assert_null(rule);
	}
}

static void good_lines_are_read(void **state)
{
	struct rule *rule = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
	    script_parse_line("on=cdn uri=*0.png* times=2 account=a id=t-1 every=3 "
			      "after=4 prob=0.5 method=GET : reset after=1k "
			      "ret 1019 msg=\"a \\\"b\\\" c\" stall 250ms length -7 "
			      "expire-after 1k..2k # x",
		&rule, &err),
	    ERR_OK);
	assert_int_equal(rule->on, ON_CDN);
	assert_int_equal(rule->times, 2);
	assert_int_equal(rule->every, 3);
	assert_int_equal(rule->after, 4);
	assert_string_equal(rule->uri, "*0.png*");
	assert_int_equal(rule->count, 5);
	assert_int_equal(rule->faults[0].kind, FAULT_RESET);
	assert_int_equal(rule->faults[0].after, 1024);
	assert_int_equal((int)rule->faults[1].number, 1019);
	assert_string_equal(rule->faults[1].message, "a \"b\" c");
	assert_int_equal((int)(rule->faults[2].number * 1000), 250);
	assert_int_equal((int)rule->faults[3].number, -7);
	assert_int_equal((int)rule->faults[4].number, 1024);
	assert_int_equal((int)rule->faults[4].upto, 2048);
	rule_free(rule);
}

static struct plan ask(struct script *script, enum script_on on, const char *id)
{
	const char *ids[] = { "other", id };
	struct script_request request = {
		.on = on,
		.method = "POST",
		.uri = "/a/0.png?x",
		.account = "u1",
		.ids = ids,
		.ids_count = 2,
	};

	return script_match(script, &request);
}

/* Which of twelve equal requests a line hits, as bits. */
static unsigned hits(const char *line)
{
	struct script script;
	struct err err = { 0 };
	unsigned bits = 0;

	script_init(&script, 1);
	assert_int_equal(script_add(&script, line, &err), ERR_OK);
	for (unsigned i = 0; i < 12; i++)
		if (ask(&script, ON_QUERY, "t-1").faults[FAULT_EMPTY])
			bits |= 1u << i;
	script_release(&script);
	return bits;
}

static void counters_choose_requests(void **state)
{
	(void)state;
	assert_int_equal(hits(": empty"), 0xfff);
	assert_int_equal(hits("on=cdn : empty"), 0);
	assert_int_equal(hits("on=api nth=3 : empty"), 0x004);
	assert_int_equal(hits("times=2 : empty"), 0x003);
	assert_int_equal(hits("times=0 : empty"), 0);
	assert_int_equal(hits("after=10 : empty"), 0xc00);
	assert_int_equal(hits("every=4 : empty"), 0x888);
	assert_int_equal(hits("after=1 every=4 times=2 : empty"), 0x110);
	assert_int_equal(hits("id=t-* : empty"), 0xfff);
	assert_int_equal(hits("id=x : empty"), 0);
	assert_int_equal(hits("account=u2 : empty"), 0);
	assert_int_equal(hits("uri=*.png* method=post : empty"), 0xfff);
	assert_int_equal(hits("prob=0 : empty"), 0);
	assert_int_not_equal(hits("prob=0.5 : empty"), 0);
	assert_int_not_equal(hits("prob=0.5 : empty"), 0xfff);
	assert_int_equal(hits("prob=0.5 : empty"), hits("prob=0.5 : empty"));
}

static void a_script_is_added_whole_or_not(void **state)
{
	struct text list = { 0 };
	struct script script;
	struct err err = { 0 };

	(void)state;
	script_init(&script, 1);
	assert_int_equal(
	    script_add(&script, "# note\n\non=query : reset\r\n  : boom\n", &err),
	    ERR_USAGE);
	assert_string_equal(err.msg, "line 4: 'boom': unknown fault");
	script_list(&script, &list);
	assert_string_equal(text_str(&list), "[]");
	assert_int_equal(
	    script_add(&script, ": status 500\nnth=2 : status 503", &err), ERR_OK);
	assert_int_equal((int)ask(&script, ON_ANY, "").faults[FAULT_STATUS]->number, 500);
	assert_int_equal((int)ask(&script, ON_ANY, "").faults[FAULT_STATUS]->number, 503);
	script_clear(&script);
	assert_null(ask(&script, ON_ANY, "").faults[FAULT_STATUS]);
	text_release(&list);
	script_release(&script);
}

static void lines_are_taken_out_by_name(void **state)
{
	struct text list = { 0 };
	struct script script;
	struct err err = { 0 };
	struct plan before;

	(void)state;
	script_init(&script, 1);
	assert_int_equal(
	    script_add(&script, ": status 500\non=cdn : reset\n : status 503\n", &err),
	    ERR_OK);
	before = ask(&script, ON_QUERY, "");
	assert_int_equal(script_remove(&script, "on=cdn : stall 1s"), 0);
	assert_int_equal(script_remove(&script, "nothing\r\n: status 503  \n"), 1);
	assert_int_equal((int)before.faults[FAULT_STATUS]->number, 503);
	assert_int_equal(
	    (int)ask(&script, ON_QUERY, "").faults[FAULT_STATUS]->number, 500);
	assert_int_equal(script_remove(&script, ": status 500\non=cdn : reset"), 2);
	script_list(&script, &list);
	assert_string_equal(text_str(&list), "[]");
	text_release(&list);
	script_release(&script);
}

static void the_fault_table_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < FAULT_KINDS; i++) {
		assert_non_null(script_fault_name(i));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(
			    script_fault_name(i), script_fault_name(j));
	}
	assert_null(script_fault_name(FAULT_KINDS));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_lines_say_why),
		cmocka_unit_test(good_lines_are_read),
		cmocka_unit_test(counters_choose_requests),
		cmocka_unit_test(a_script_is_added_whole_or_not),
		cmocka_unit_test(lines_are_taken_out_by_name),
		cmocka_unit_test(the_fault_table_is_whole),
	};

	return cmocka_run_group_tests_name("emulator script", tests, NULL, NULL);
}
