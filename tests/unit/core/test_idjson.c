/* Tasks out of JSON: the same are told however it is cut, and what is about none is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "core/verbs/finds.h"
#include "core/verbs/idcurl.h"
#include "core/verbs/idjson.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define ONE "11111111-2222-4333-8444-555555555501"
#define TWO "11111111-2222-4333-8444-555555555502"

enum { TOLD_MAX = 65536 };

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static enum err_kind take(void *payload, const struct idjson_task *task, struct err *err)
{
	(void)err;
	buf_addf(payload, "%zu:%s/%s/%s/%s ", task->number, or_dash(task->submit_id),
	    or_dash(task->history_id), or_dash(task->state), or_dash(task->prompt));
	return ERR_OK;
}

static enum err_kind take_text(
    void *payload, const char *text, size_t number, struct err *err)
{
	(void)err;
	buf_addf(payload, "%zu='%s' ", number, text);
	return ERR_OK;
}

static enum err_kind pass_over(void *payload, size_t number, struct err *err)
{
	(void)err;
	buf_addf(payload, "%zu! ", number);
	return ERR_OK;
}

static void settle(void *payload, bool is_ours)
{
	buf_addf(payload, is_ours ? "ours " : "other ");
}

static enum err_kind feed(
    const char *text, size_t len, size_t step, struct buf *told, struct err *err)
{
	const struct idjson_taker taker = { take, take_text, pass_over, settle, told };
	_cleanup_(idjson_freep) struct idjson *reader = idjson_new(&taker);

	assert_non_null(reader);
	for (size_t i = 0; i < len; i += step)
		if (idjson_add(reader, text + i, len - i < step ? len - i : step, err))
			return err->kind;
	return idjson_end(reader, err);
}

static const struct {
	const char *label, *text, *told;
} texts[] = {
	{ "nothing", "{\"a\":{\"b\":[1,2]}}", "" },
	{ "an object", "{\"submit_id\":\"x-1\",\"prompt\":\"cat\"}", "1:x-1/-/-/cat " },
	{ "values one behind the other",
	    "{\"submit_id\":\"a\"}\n{}\n{\"historyId\":\"77\"}",
	    "1:a/-/-/- 3:-/77/-/- " },
	{ "elements",
	    "[{\"submit_id\":\"a\"},{\"x\":1},3,null,\"b c\",[1],{\"y\":{"
	    "\"submit_id\":\"d\"}}]",
	    "1:a/-/-/- 2! 3! 4! 5='b c' 6! 7:d/-/-/- " },
	{ "a record by its key",
	    "{\"data\":{\"" ONE
	    "\":{\"item_list\":[]},\"25666395318786\":{\"item_list\":[]},"
	    "\"next\":{\"item_list\":[]},\"" TWO "\":{\"x\":1}}}",
	    "1:" ONE "/-/-/- 1:-/25666395318786/-/- " },
	{ "lists of ids",
	    "{\"submit_ids\":[\"a\",\"b b\",\"\"],\"history_ids\":null,\"x\":[\"c\"]}",
	    "1:a/-/-/- " },
	{ "ids of a wrong form",
	    "{\"submit_id\":\"a b\",\"history_id\":\"0\",\"x\":{\"submit_id\":7}}", "" },
	{ "what is said further in",
	    "{\"submit_id\":\"a\",\"request\":{\"prompt\":\"p\"},\"submission\":{"
	    "\"state\":"
	    "\"partial_success\"}}",
	    "1:a/-/partial_success/p " },
	{ "but not of another task",
	    "{\"submit_id\":\"a\",\"next\":{\"submit_id\":\"b\",\"prompt\":\"p\"}}",
	    "1:b/-/-/p 1:a/-/-/- " },
	{ "a text in a text is none, outside of a HAR",
	    "{\"text\":\"{\\\"submit_id\\\":\\\"a\\\"}\"}", "" },
	{ "of ours that is about no task",
	    "[{\"schema_version\":1,\"event\":\"adopted\"},{\"schema_version\":1,"
	    "\"submit_id\":"
	    "\"a\"}]",
	    "2:a/-/-/- " },
};

static void texts_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		print_message("# %s\n", texts[i].label);
		for (size_t step = 1; step < 8; step++) {
			_cleanup_(buf_release) struct buf told = buf_make(TOLD_MAX);
			struct err err = { .msg = "" };

			assert_int_equal(
			    feed(texts[i].text, strlen(texts[i].text), step, &told, &err),
			    ERR_OK);
			assert_string_equal(told.data, texts[i].told);
		}
	}
}

static void a_har_is_the_same_in_pieces(void **state)
{
	_cleanup_(buf_release) struct buf text = buf_make(TOLD_MAX);
	_cleanup_(buf_release) struct buf whole = buf_make(TOLD_MAX);
	char path[4096];
	struct err err = { .msg = "" };

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/adopt/traffic.har", getenv("FIXTURES"));
	assert_int_equal(fs_read_all(path, &text, &err), ERR_OK);
	assert_int_equal(feed(text.data, text.len, text.len, &whole, &err), ERR_OK);
	assert_non_null(strstr(whole.data, "25666395318021"));
	assert_null(strstr(whole.data, "do-not-keep"));
	for (size_t step = 1; step < 40; step += 3) {
		_cleanup_(buf_release) struct buf told = buf_make(TOLD_MAX);

		assert_int_equal(feed(text.data, text.len, step, &told, &err), ERR_OK);
		assert_string_equal(told.data, whole.data);
	}
	/* Cut anywhere it is told to be cut, and nothing else happens. */
	for (size_t len = 1; len + 3 < text.len; len += 7) {
		_cleanup_(buf_release) struct buf told = buf_make(TOLD_MAX);

		assert_int_equal(feed(text.data, len, len, &told, &err), ERR_CONTRACT);
	}
}

static void long_prompts_are_cut_at_a_character(void **state)
{
	_cleanup_(buf_release) struct buf text = buf_make(1 << 20);
	_cleanup_(buf_release) struct buf told = buf_make(TOLD_MAX);
	struct err err = { .msg = "" };

	(void)state;
	buf_addf(&text, "{\"submit_id\":\"a\",\"prompt\":\"x");
	for (size_t i = 0; i < 20000; i++)
		buf_addf(&text, "猫");
	buf_addf(&text, "\"}");
	assert_int_equal(feed(text.data, text.len, 5000, &told, &err), ERR_OK);
	assert_int_equal(told.len, strlen("1:a/-/-/") + 1 + 16380 + 1);
}

/* --- sets -------------------------------------------------------------------- */

static void add(struct finds *finds, const char *submit_id, const char *history_id)
{
	const struct idjson_task task = { .submit_id = submit_id,
		.history_id = history_id,
		.credits = -1,
		.number = 1 };
	struct err err;

	assert_int_equal(finds_add(finds, &task, "line", &err), ERR_OK);
}

static void assert_finds(struct finds *finds, const char *expected)
{
	char all[400] = "";

	for (size_t i = 0; i < finds->len; i++) {
		const struct find *find = &finds->list[i];

		if (find->standing != FIND_GOOD)
			continue;
		(void)snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s/%s ",
		    or_dash(find->submit_id), or_dash(find->history_id));
	}
	assert_string_equal(all, expected);
	finds_release(finds);
}

static void a_task_is_one_under_both_ids(void **state)
{
	struct finds finds;

	(void)state;
	finds_init(&finds);
	add(&finds, "a", NULL);
	add(&finds, NULL, "1");
	add(&finds, "b", NULL);
	add(&finds, "a", "1"); /* which "1" was */
	add(&finds, NULL, "1");
	add(&finds, NULL, "2");
	add(&finds, "c", "2");
	add(&finds, "d", "2"); /* the first keeps it */
	assert_finds(&finds, "a/1 b/- c/2 d/- ");
}

static void what_is_pending_counts_when_it_is_settled(void **state)
{
	struct finds finds;

	(void)state;
	finds_init(&finds);
	add(&finds, "a", NULL);
	finds.is_pending = true;
	add(&finds, "b", NULL);
	add(&finds, "a", NULL);
	finds_settle(&finds, false);
	add(&finds, "c", NULL);
	finds_settle(&finds, true);
	add(&finds, "d", NULL);
	assert_finds(&finds, "a/- c/- ");
}

/* --- curl -------------------------------------------------------------------- */

static void commands_are_cut_as_a_shell_does(void **state)
{
	static const struct {
		const char *text, *told;
	} row[] = {
		{ "curl 'https://x/?submit_id=a&b=c' -H 'submit_id: no'", "1:a/-/-/- " },
		{ "curl https://x --data-raw '{\"submit_id\":\"it'\\''s\"}'", "1! " },
		{ "curl https://x -d \"{\\\"submit_id\\\":\\\"a\\\"}\"\n", "1:a/-/-/- " },
		{ "curl x --data-binary "
		  "$'{\"submit_id\":\"a\\u0062\\'\",\"prompt\":\"x\"}'",
		    "1! " },
		{ "curl x --json $'{\"submit_id\":\"a\\u0062\"}' ;\ncurl y",
		    "1:ab/-/-/- 2! " },
		{ "curl x \\\r\n -d '{\"submit_id\":\n\"a\"}'", "1:a/-/-/- " },
		{ "curl x -d not-json -d '{\"submit_id\":\"a\"", "1! " },
		{ "curl ^\"http://x/?historyId=12^\" ^\r\n --data-raw "
		  "^\"^{^\\^\"submit_id^\\^\":^\\^\"a^\\^\"^}^\"",
		    "1:-/12/-/- 1:a/-/-/- " },
		{ "curl 'unclosed", "1! " },
		{ "curl \\", "1! " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_(buf_release) struct buf told = buf_make(TOLD_MAX);
		const struct idjson_taker taker = { take, take_text, pass_over, settle,
			&told };
		struct err err = { .msg = "" };

		print_message("# %s\n", row[i].text);
		assert_true(idcurl_is_one(row[i].text, strlen(row[i].text)));
		assert_int_equal(
		    idcurl_read(row[i].text, strlen(row[i].text), &taker, &err), ERR_OK);
		assert_string_equal(told.data, row[i].told);
	}
	assert_false(idcurl_is_one("curly", 5));
	assert_false(idcurl_is_one("curl", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read),
		cmocka_unit_test(a_har_is_the_same_in_pieces),
		cmocka_unit_test(long_prompts_are_cut_at_a_character),
		cmocka_unit_test(a_task_is_one_under_both_ids),
		cmocka_unit_test(what_is_pending_counts_when_it_is_settled),
		cmocka_unit_test(commands_are_cut_as_a_shell_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
