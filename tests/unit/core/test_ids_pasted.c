/* Ids out of what dreamq prints itself, and of what people paste. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "dreamq/ids.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define IDS _cleanup_(ids_freep) struct dq_ids *
#define ONE "c8790d9d-8be4-4f24-8733-44aa090a3f3c"
#define TWO "759f5212-6bc4-457e-a8de-9f7ebc72ca8c"
#define NO_ID "' is no task id (1 to 64 of letters, digits, '_' and '-')\n"

enum { TOLD_MAX = 4096 };

static void ids_freep(struct dq_ids **ids)
{
	dq_ids_free(*ids);
}

static void listen(void *payload, const struct dq_error *error)
{
	const char *message = error->message;
	char *told = payload;

	assert_true(strlen(told) + strlen(message) + 2 < TOLD_MAX);
	strcat(told, message);
	strcat(told, "\n");
}

static void assert_ids(const struct dq_ids *ids, const char *expected)
{
	char all[TOLD_MAX] = "";

	for (size_t i = 0; i < dq_ids_count(ids); i++) {
		strcat(all, i ? " " : "");
		strcat(all, dq_ids_list(ids)[i]);
	}
	assert_string_equal(all, expected);
}

static const struct {
	const char *label, *text, *ids, *told;
} texts[] = {
	{ "quotes", "\"" ONE "\"\n'" TWO "',\n`t-0`\n\xe2\x80\x9ct-1\xe2\x80\x9d\n",
	    ONE " " TWO " t-0 t-1", "" },
	{ "a list on a line", ONE "," TWO "\nt-0, t-1,t-2\n\"t-3\", \"t-4\",\n",
	    ONE " " TWO " t-0 t-1 t-2 t-3 t-4", "" },
	{ "a list with something else", "t-0, not this one\n", "",
	    "f, line 1: 't-0, not this one" NO_ID },
	{ "no list", "t-0;t-1\n" ONE ";" TWO "\n", ONE " " TWO,
	    "f, line 1: 't-0;t-1" NO_ID },
	{ "rows of list",
	    ONE "  video  succeeded  1/1  2026-11-22 23:28:57  waves, at night\n" TWO
		"  image  queued     -    2026-11-22 23:28:56  like " ONE "\n"
		"t-0  image  succeeded  4/4  2026-11-22 23:28:55  " TWO "\n",
	    ONE " " TWO, "" },
	{ "a row of a name of one's own",
	    "t-0  image  succeeded  4/4  2026-11-22 23:28:55  cat\n"
	    "t-1  -  unknown  -  2026-11-22 23:28:55\n",
	    "t-0 t-1", "" },
	{ "rows of every kind that list prints",
	    "t-0  audio  succeeded  1/1  2026-11-22 23:28:55  cat\n"
	    "t-1  ?      partial    1/4  2026-11-22 23:28:55  cat\n"
	    "t-2  video  succeeded  1/1  2026-11-22 23:28:55  cat\n",
	    "t-0 t-1 t-2", "" },
	{ "a row with its prompt first",
	    "cat  " ONE "  image  succeeded  4/4  2026-11-22 23:28:55\n", ONE, "" },
	{ "what get says",
	    ONE ": succeeded, 4 of 4\n" TWO ": stored 'x/" TWO "_0.png', 4 kB\n",
	    ONE " " TWO, "" },
	{ "lines of --json",
	    "{\"schema_version\":1,\"event\":\"task\",\"submit_id\":\"t-0\",\"prompt\":"
	    "\"a {"
	    " \\\"submit_id\\\":\\\"no\\\" # }\"}\n"
	    "{\"schema_version\":1,\"event\":\"totals\"}\n"
	    "{\"schema_version\":1,\"submit_id\":null,\"history_id\":\"123\"}\r\n",
	    "t-0 123", "" },
	{ "the same, pretty",
	    "{\n  \"submit_id\": \"t-0\",\n  \"assets\": [{}]\n}\n{\n  "
	    "\"submit_id\": \"t-1\"\n}\nt-2\nnot one\n",
	    "t-0 t-1 t-2", "f, line 9: 'not one" NO_ID },
	{ "an array of them", "[{\"submit_id\":\"t-0\"}, \"t-1\", {\"x\":1}]", "t-0 t-1",
	    "f, element 3: '(not a string)" NO_ID },
	{ "objects without an end", "{\"submit_id\":\"t-0\"\n{\nt-1\n{ " ONE " \n",
	    "t-1 " ONE,
	    "f, line 1: '{\"submit_id\":\"t-0\"" NO_ID "f, line 2: '{" NO_ID },
	/* After one without an end none is looked for beyond its line. */
	{ "objects behind one without an end", "{\n{\"x\":1,\n\"y\":\"t-0\"}\n", "",
	    "f, line 1: '{" NO_ID "f, line 2: '{\"x\":1," NO_ID
	    "f, line 3: '\"y\":\"t-0\"}" NO_ID },
	{ "export --format csv",
	    "submit_id,history_id,profile,prompt,path\r\n"
	    "t-0,1,default,\"a, \"\"b\"\"\r\nt-9,c\",x/t-0_0.png\r\n"
	    "t-0,1,default,,x/t-0_1.png\r\n" ONE ",2,,,\r\n",
	    "t-0 " ONE, "" },
	{ "the same out of a spreadsheet",
	    "prompt;submit_id;x\n\"a;b\";t-0;\nc;not one;\n", "t-0",
	    "f, row 3: 'not one" NO_ID },
	{ "and with tabs", "\xef\xbb\xbfprofile\tsubmit_id\nx\tt-0\n", "t-0", "" },
	{ "paths",
	    "/home/x/pictures/" ONE "_0.png\npictures/t-0_12.webp\nt-1_0.png.json\n",
	    ONE " t-0 t-1", "" },
	{ "other paths", "pictures/cat.png\n/etc/passwd\n", "",
	    "f, line 1: 'pictures/cat.png" NO_ID "f, line 2: '/etc/passwd" NO_ID },
	{ "addresses of pages",
	    "https://jimeng.jianying.com/ai-tool/"
	    "generate?type=image&submit_id=t-0&x=1#top\n"
	    "https://jimeng.jianying.com/ai-tool/work-detail/" ONE "?from=" TWO "\n"
	    "https://jimeng.jianying.com/#/detail?historyId=7300000000000000001\n",
	    "t-0 " ONE " " TWO " 7300000000000000001", "" },
	{ "addresses without an id", "https://jimeng.jianying.com/a?submit_id=\n", "",
	    "f, line 1: 'https://jimeng.jianying.com/a?submit_id=" NO_ID },
	{ "no part of something longer", "x" ONE "\nab" ONE "-0 y\n", "x" ONE,
	    "f, line 2: 'ab" ONE "-0 y" NO_ID },
	{ "prose", "this is not one\n", "", "f, line 1: 'this is not one" NO_ID },
};

static void texts_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		char told[TOLD_MAX] = "";
		IDS ids = NULL;

		print_message("# %s\n", texts[i].label);
		assert_int_equal(dq_ids_new(&ids, NULL), DQ_OK);
		assert_int_equal(dq_ids_add_text(ids, texts[i].text,
				     strlen(texts[i].text), "f", listen, told, NULL),
		    DQ_OK);
		assert_ids(ids, texts[i].ids);
		assert_string_equal(told, texts[i].told);
	}
}

static void so_are_arguments(void **state)
{
	static const struct {
		const char *argument, *ids; /* NULL: refused */
	} row[] = {
		{ "'t-0'", "t-0" },
		{ "t-0,t-1", "t-0 t-1" },
		{ "t-0\nt-1\n", "t-0 t-1" },
		{ "{" ONE "}", ONE },
		{ "{\"submit_id\":\"t-0\"}", "t-0" },
		{ "[\"t-0\",\"t-1\"]", "t-0 t-1" },
		{ "pictures/t-0_0.png", "t-0" },
		{ "https://jimeng.jianying.com/x?submit_id=t-0", "t-0" },
		{ "t-0\nnot one", NULL },
		{ "t-0;t-1", NULL },
		{ "t-0?t-1", NULL },
		{ "\"\"", NULL },
		{ ",", NULL },
		{ " ", NULL },
		{ "", NULL },
		{ "{}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct dq_error err = { .message = "" };
		IDS ids = NULL;

		print_message("# %zu\n", i);
		assert_int_equal(dq_ids_new(&ids, NULL), DQ_OK);
		assert_int_equal(dq_ids_add(ids, row[i].argument, "argument 2", &err),
		    row[i].ids ? DQ_OK : DQ_USAGE);
		if (row[i].ids)
			assert_ids(ids, row[i].ids);
		else
			assert_ptr_equal(
			    strstr(err.message, "argument 2: "), err.message);
	}
}

/* Many that open and never close: each is looked at once, not each to the end. */
static void open_ends_cost_nothing(void **state)
{
	enum { N = 400000 };
	_cleanup_free_ char *text = malloc(2 * N + 1);
	IDS ids = NULL;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < N; i++)
		memcpy(text + 2 * i, "{\n", 3);
	assert_int_equal(dq_ids_new(&ids, NULL), DQ_OK);
	assert_int_equal(
	    dq_ids_add_text(ids, text, (size_t)2 * N, "f", NULL, NULL, NULL), DQ_OK);
	assert_int_equal(dq_ids_count(ids), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read),
		cmocka_unit_test(so_are_arguments),
		cmocka_unit_test(open_ends_cost_nothing),
	};

	return cmocka_run_group_tests_name("ids_pasted", tests, NULL, NULL);
}
