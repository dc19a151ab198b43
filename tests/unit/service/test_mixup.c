/* Records of one answer that say different things about whose they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "service/jimeng/read/answer.h"

enum { ASKED_MAX = 3 };
#define BY(id)                \
	{                     \
		.asked = (id) \
	}

/* What is said of each that asked: "-" nothing, "!x" contradicted by x, "?x" of x. */
static const struct row {
	const char *name, *data;
	struct answer_asker asked[ASKED_MAX];
	const char *wanted[ASKED_MAX];
} rows[] = {
	{ "a record each", "'a':{'submit_id':'a'},'b':{'submit_id':'b'}",
	    { BY("a"), BY("b") }, { "-", "-" } },
	{ "nothing inside", "'a':{'status':20},'b':{'status':50}", { BY("a"), BY("b") },
	    { "-", "-" } },
	{ "one is absent", "'a':{'submit_id':'a'}", { BY("a"), BY("b") }, { "-", "-" } },
	{ "swapped", "'a':{'submit_id':'b'},'b':{'submit_id':'a'}", { BY("a"), BY("b") },
	    { "!b", "!a" } },
	{ "swapped, and a third",
	    "'a':{'submit_id':'b'},'c':{'submit_id':'c'},"
	    "'b':{'submit_id':'a'}",
	    { BY("a"), BY("c"), BY("b") }, { "!b", "-", "!a" } },
	{ "in a ring",
	    "'a':{'submit_id':'b'},'b':{'submit_id':'c'},'c':{'submit_id':'a'}",
	    { BY("a"), BY("b"), BY("c") }, { "!b", "!a", "!a" } },
	{ "swapped in the task only",
	    "'a':{'task':{'submit_id':'b'}},'b':{'task':{'submit_id':'a'}}",
	    { BY("a"), BY("b") }, { "!b", "!a" } },
	{ "two keys, one id inside", "'a':{'submit_id':'a'},'b':{'submit_id':'a'}",
	    { BY("a"), BY("b") }, { "!b", "!a" } },
	{ "the other's key is not there", "'a':{'submit_id':'b'}", { BY("a"), BY("b") },
	    { "!b", "!a" } },
	{ "nobody asked for the other", "'a':{'submit_id':'b'},'b':{'submit_id':'a'}",
	    { BY("a") }, { "!b" } },
	{ "swapped history ids",
	    "'11':{'history_record_id':'22','submit_id':'b'},"
	    "'22':{'history_record_id':'11','submit_id':'a'}",
	    { BY("11"), BY("22") }, { "!22", "!11" } },
	{ "the other's history id",
	    "'a':{'submit_id':'a','history_record_id':'22'},"
	    "'22':{'submit_id':'b','history_record_id':'22'}",
	    { BY("a"), BY("22") }, { "!22", "!a" } },
	{ "two with one history id",
	    "'a':{'submit_id':'a','history_record_id':'22'},"
	    "'b':{'submit_id':'b','history_record_id':'22'}",
	    { BY("a"), BY("b") }, { "!b", "!a" } },
	{ "one submit id, two history ids",
	    "'a':{'submit_id':'a','history_record_id':'11'},"
	    "'22':{'submit_id':'a','history_record_id':'22'}",
	    { BY("a"), BY("22") }, { "!22", "!a" } },
	{ "one task by both of its ids",
	    "'a':{'submit_id':'a','history_record_id':'11'},"
	    "'11':{'submit_id':'a','history_record_id':'11'}",
	    { BY("a"), BY("11") }, { "-", "-" } },
	{ "by both, with one record", "'a':{'submit_id':'a','history_record_id':'11'}",
	    { BY("a"), BY("11") }, { "-", "-" } },
	{ "by both, with one id inside", "'a':{'submit_id':'a'},'11':{'submit_id':'a'}",
	    { BY("a"), BY("11") }, { "-", "-" } },
	{ "under keys of both, asked for once",
	    "'a':{'submit_id':'a','history_record_id':'11'},"
	    "'11':{'submit_id':'a','history_record_id':'11'}",
	    { BY("a") }, { "-" } },
	{ "a name that we know it by", "'a':{'submit_id':'alias'}",
	    { { "a", "a", "alias" } }, { "-" } },
	{ "asked for by its other name",
	    "'11':{'submit_id':'a','history_record_id':'11'}", { { "11", "a", "11" } },
	    { "-" } },
	{ "a stranger's", "'a':{'submit_id':'x'},'b':{'submit_id':'b'}",
	    { BY("a"), BY("b") }, { "?x", "-" } },
	{ "a stranger's history", "'11':{'history_record_id':'22','submit_id':'a'}",
	    { BY("11") }, { "?22" } },
	{ "ids that are no ids", "'a':{'submit_id':'b c'},'b':{'submit_id':7}",
	    { BY("a"), BY("b") }, { "-", "-" } },
	{ "records that are none", "'a':[],'b':'a'", { BY("a"), BY("b") }, { "-", "-" } },
};

static struct answer *decode(const char *data)
{
	_cleanup_free_ char *text = NULL;
	struct answer *answer = NULL;
	struct err err;
	const int len = asprintf(&text, "{\"ret\":\"0\",\"data\":{%s}}", data);

	assert_true(len > 0);
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	assert_int_equal(answer_decode(text, (size_t)len, -1, &answer, &err), ERR_OK);
	return answer;
}

static const char *said(const struct service_doubt *doubt, char into[80])
{
	static const char marks[] = { [SERVICE_UNDOUBTED] = '-',
		[SERVICE_CONTRADICTED] = '!',
		[SERVICE_OF_A_STRANGER] = '?' };

	(void)snprintf(
	    into, 80, "%c%s", marks[doubt->kind], doubt->other ? doubt->other : "");
	return into;
}

static void records_contradict_each_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];
		_cleanup_(answer_freep) struct answer *answer = decode(row->data);
		struct service_doubt doubts[ASKED_MAX];
		size_t n = 0;
		struct err err;
		char text[80];

		while (n < ASKED_MAX && row->asked[n].asked)
			n++;
		print_message("# %s\n", row->name);
		assert_int_equal(
		    answer_doubts(answer, row->asked, n, doubts, &err), ERR_OK);
		for (size_t k = 0; k < n; k++)
			assert_string_equal(said(&doubts[k], text), row->wanted[k]);
	}
}

static void nothing_is_asked_of_an_empty_answer(void **state)
{
	_cleanup_(answer_freep) struct answer *answer = decode("");
	const struct answer_asker asker = { .asked = "a" };
	struct service_doubt doubt;
	struct err err;

	(void)state;
	assert_int_equal(answer_doubts(answer, &asker, 1, &doubt, &err), ERR_OK);
	assert_int_equal(doubt.kind, SERVICE_UNDOUBTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_contradict_each_other),
		cmocka_unit_test(nothing_is_asked_of_an_empty_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
