/*
 * Answers with extreme numbers, broken strings and broken records, made at random:
 *
 *	ANSWERS=20000 ANSWER_SEED=7
 *
 * Each record but a broken one is read, with all of its files, and each number of it is
 * in the range that its header states.
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
#include "service/jimeng/read/answer.h"
#include "service/jimeng/read/record.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define TEXT_OF(literal)                     \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

enum { RECORDS_MAX = 8, ITEMS_MAX = 3, TEXT_MAX = 1 << 20, ROUNDS = 300 };

static uint64_t word;

static unsigned draw(size_t n)
{
	word ^= word << 13;
	word ^= word >> 7;
	word ^= word << 17;
	return (unsigned)(word % n);
}

static const char *const numbers[] = { "0", "-0", "1", "-1", "12", "0.5", "-0.5e-300",
	"2147483647", "2147483648", "-2147483649", "4294967296", "9007199254740993",
	"9223372036854775807", "-9223372036854775808", "9223372036854775808",
	"18446744073709551616", "1e18", "1e19", "1e308", "-1e308", "1e999", "-1e999",
	"1e-999", "\"9223372036854775807\"", "\"-9223372036854775808\"",
	"\"99999999999999999999\"", "\"\"", "\"x\"", "null", "true", "[]", "{}", "NaN",
	"-Infinity", "1e+", "0x10", "00",
	"1111111111222222222233333333334444444444555555555566666666667777777777" };

static const struct {
	const char *bytes;
	size_t len;
} texts[] = { TEXT_OF("plain"), TEXT_OF("\\ud83c"), TEXT_OF("half \\udf00 of it"),
	TEXT_OF("\\ud83c\\u0041"), TEXT_OF("\\u0000"), TEXT_OF("\\u00"), TEXT_OF("\\u"),
	TEXT_OF("\\x41"), TEXT_OF("\xff\xfe"), TEXT_OF("\xc0\xaf"),
	TEXT_OF("\xed\xa0\x80"), TEXT_OF("\xf4\x90\x80\x80"), TEXT_OF("\xe4\xb8"),
	TEXT_OF("\n"), TEXT_OF("a\0b"), TEXT_OF("\x01\x1b[31m"), TEXT_OF("\x7f"),
	TEXT_OF("{\\\"a\\\":["), TEXT_OF("]}\xff"), TEXT_OF("") };

static void put_number(struct buf *out, const char *name)
{
	buf_addf(out, "\"%s\":%s,", name, numbers[draw(COUNT(numbers))]);
}

static void put_broken_text(struct buf *out)
{
	const size_t i = draw(COUNT(texts));

	buf_addf(out, "\"");
	buf_add(out, texts[i].bytes, texts[i].len);
	buf_addf(out, "\"");
}

static void put_text(struct buf *out, const char *name)
{
	buf_addf(out, "\"%s\":", name);
	put_broken_text(out);
	buf_addf(out, ",");
}

static void put_items(struct buf *out, unsigned record, unsigned n)
{
	buf_addf(out, "\"item_list\":[");
	for (unsigned i = 0; i < n; i++) {
		buf_addf(out, "%s{\"image\":{\"large_images\":[{", i ? "," : "");
		put_number(out, "width");
		put_number(out, "height");
		put_number(out, "size");
		put_number(out, "url_expire");
		put_text(out, "format");
		put_text(out, "md5");
		buf_addf(out,
		    "\"image_uri\":\"u%u-%u\",\"image_url\":\"https://h.example/%u\"}]},",
		    record, i, i);
		buf_addf(out, "\"video\":null,\"audio\":{},\"common_attr\":{");
		put_text(out, "title");
		put_number(out, "id");
		buf_addf(out, "\"x\":1}}");
	}
	buf_addf(out, "],");
}

/* Numbers that decide the state come as they should; all others as they like. */
static void put_record(struct buf *out, unsigned record, unsigned n_items)
{
	buf_addf(out, "{\"status\":%d,\"submit_id\":\"r%u\",", n_items ? 50 : 20, record);
	buf_addf(out, "\"queue_info\":{\"queue_status\":%d,", n_items ? 3 : 1);
	put_number(out, "queue_idx");
	put_number(out, "queue_length");
	buf_addf(out, "\"polling_config\":{");
	put_number(out, "interval_seconds");
	put_number(out, "timeout_seconds");
	buf_addf(out, "\"x\":0}},");
	put_number(out, "forecast_generate_cost");
	put_number(out, "forecast_queue_cost");
	put_number(out, "created_time");
	put_number(out, "total_image_count");
	put_number(out, "finished_image_count");
	put_number(out, "generate_type");
	put_text(out, "history_group_key");
	put_text(out, "model_name");
	if (draw(4) == 0) {
		put_broken_text(out);
		buf_addf(out, ":1,");
	}
	put_items(out, record, n_items);
	buf_addf(out, "\"x\":0}");
}

/* A record, or something in its place, that nobody can read. */
static void put_broken_record(struct buf *out)
{
	static const char *const broken[] = { "{\"status\" 50}", "{\"status\":}",
		"{\"status\":50,}", "{,}", "{\"a\":1,\"a\":2}", "{\"a\":[1,,2]}", "17",
		"\"none\"", "null", "[]", "true", "[1 2]", "{1:2}" };
	const unsigned i = draw(COUNT(broken) + 1);

	if (i < COUNT(broken)) {
		buf_addf(out, "%s", broken[i]);
		return;
	}
	for (int depth = 0; depth < 100; depth++)
		buf_addf(out, "[");
	for (int depth = 0; depth < 100; depth++)
		buf_addf(out, "]");
}

struct made {
	unsigned n, broken; /* n: none is broken */
	unsigned items[RECORDS_MAX];
};

static struct made make(struct buf *out)
{
	struct made made = { .n = 1 + draw(RECORDS_MAX) };

	made.broken = draw(2) ? draw(made.n) : made.n;
	buf_addf(out, "{\"ret\":\"0\",");
	put_text(out, "errmsg");
	put_text(out, "logid");
	put_number(out, "systime");
	buf_addf(out, "\"data\":{");
	for (unsigned i = 0; i < made.n; i++) {
		made.items[i] = draw(ITEMS_MAX + 1);
		buf_addf(out, "%s\"r%u\":", i ? "," : "", i);
		if (i == made.broken && draw(4) == 0)
			buf_addf(out, "{\"status\":50},\"r%u\":{\"status\":20}", i);
		else if (i == made.broken)
			put_broken_record(out);
		else
			put_record(out, i, made.items[i]);
	}
	buf_addf(out, "}}");
	assert_false(buf_failed(out));
	return made;
}

static void assert_in(int64_t low, int64_t value, int64_t high)
{
	assert_true(low <= value && value <= high);
}

static void assert_ranges(const struct task *task)
{
	assert_in(-1, task->queue.position, RECORD_NUMBER_MAX);
	assert_in(-1, task->queue.length, RECORD_NUMBER_MAX);
	assert_in(-1, task->queue.eta_seconds, RECORD_SECONDS_MAX);
	assert_in(-1, task->forecast_generate_s, RECORD_SECONDS_MAX);
	assert_in(-1, task->forecast_queue_s, RECORD_SECONDS_MAX);
	assert_in(0, task->total, RECORD_NUMBER_MAX);
	assert_in(0, task->poll_interval_ms, 3600 * 1000);
	assert_in(0, task->created_unix_ms, INT64_C(4102444800000));
	for (size_t i = 0; i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];

		assert_in(0, asset->width, 1000 * 1000);
		assert_in(0, asset->height, 1000 * 1000);
		assert_in(-1, asset->size_bytes, INT64_C(1) << 50);
		assert_in(-1, asset->duration_ms, 1000 * 1000 * 1000);
	}
}

static void look_at(struct answer *answer, const struct made *made, unsigned record)
{
	_cleanup_(task_freep) struct task *task = NULL;
	struct poll_memory memory = { 0 };
	struct err err = { .kind = ERR_OK };
	char id[16], uri[32];

	(void)snprintf(id, sizeof(id), "r%u", record);
	if (record == made->broken) {
		assert_int_equal(
		    answer_judge(answer, id, 0, &memory, &task, &err), ERR_CONTRACT);
		return;
	}
	if (answer_judge(answer, id, 0, &memory, &task, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(task->state, made->items[record] ? TASK_SUCCEEDED : TASK_QUEUED);
	assert_int_equal(task->n_assets, made->items[record]);
	for (unsigned i = 0; i < task->n_assets; i++) {
		(void)snprintf(uri, sizeof(uri), "u%u-%u", record, i);
		assert_string_equal(task->assets[i].uri, uri);
	}
	assert_ranges(task);
}

static void one_answer(void)
{
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	_cleanup_(answer_freep) struct answer *answer = NULL;
	const struct made made = make(&text);
	struct err err = { .kind = ERR_OK };

	if (answer_decode(text.data, text.len, -1, &answer, &err)) {
		/* Its only record: nothing of it is left. */
		if (made.n > 1 || made.broken != 0 || err.kind != ERR_CONTRACT)
			fail_msg("%s in %s", err.msg, text.data);
		return;
	}
	for (unsigned i = 0; i < made.n; i++)
		look_at(answer, &made, i);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

static void only_what_is_broken_is_lost(void **state)
{
	const uint64_t rounds = number_of("ANSWERS", ROUNDS);
	const uint64_t seed = number_of("ANSWER_SEED", 1);

	(void)state;
	for (uint64_t i = 0; i < rounds; i++) {
		word = (seed * 1000003 + i) * UINT64_C(0x9e3779b97f4a7c15) | 1;
		one_answer();
	}
	print_message("# %llu answers\n", (unsigned long long)rounds);
}

/* --- by name ---------------------------------------------------------------------- */

static struct answer *decode(const char *text)
{
	struct answer *answer = NULL;
	struct err err = { .kind = ERR_OK };

	if (answer_decode(text, strlen(text), -1, &answer, &err))
		fail_msg("%s", err.msg);
	return answer;
}

static void what_is_mended_is_counted(void **state)
{
	_cleanup_(answer_freep) struct answer *answer =
	    decode("{\"ret\":\"0\",\"errmsg\":\"\\ud800\",\"data\":{\"a\":{\"t\":NaN},"
		   "\"b\":{,}}}");

	(void)state;
	assert_int_equal(answer_mended(answer), 3);
}

/* A record that nobody can read may be that of an id that is not there. */
static void an_absence_beside_a_lost_record_tells_nothing(void **state)
{
	_cleanup_(answer_freep) struct answer *answer =
	    decode("{\"ret\":\"0\",\"data\":{\"a\":{,},\"b\":{\"status\":20}}}");
	_cleanup_(task_freep) struct task *task = NULL;
	struct poll_memory memory = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(answer_judge(answer, "c", 0, &memory, &task, &err), ERR_NET);
	assert_int_equal(memory.absences, 0);
	assert_int_equal(
	    answer_judge(answer, "a", 0, &memory, &task, &err), ERR_CONTRACT);
	assert_int_equal(answer_judge(answer, "b", 0, &memory, &task, &err), ERR_OK);
}

/* An answer that is cut, or broken on the outside, tells nothing of its tasks. */
static void the_outside_must_be_whole(void **state)
{
	static const char *const texts_cut[] = { "{\"ret\":\"0\",\"data\":{\"a\":{,}",
		"{\"ret\":\"0\",\"data\":{\"a\":{,},\"b\":{}}",
		"{\"ret\":\"0\",\"data\":{\"a", "{\"ret\":\"0\" \"data\":{}}",
		"{\"ret\":\"0\",\"errmsg\":\"x\" \"data\":{}}",
		"{\"ret\":\"0\",\"data\":{\"a\":{} \"b\":{}}}",
		"{\"ret\":\"0\",\"data\":{\"a\":{,} \"b\":{}}}",
		"{\"ret\":\"0\",\"data\":{\"a\":7 \"b\":{}}}",
		"{\"ret\":\"0\",\"data\":{}} x", "{\"ret\":\"0\",\"data\":{}} \"\xff\"",
		"{\"ret\":\"\\ud800\",\"data\":{}}",
		"{\"ret\":\"0\",\"data\":{\"a\" {}}}", "{", "{\"", "{\"\\" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts_cut); i++) {
		struct answer *answer = NULL;
		struct err err = { .kind = ERR_OK };

		print_message("# %s\n", texts_cut[i]);
		assert_int_equal(
		    answer_decode(texts_cut[i], strlen(texts_cut[i]), -1, &answer, &err),
		    ERR_CONTRACT);
	}
}

/* Which of two is meant, nobody knows: neither is believed, all others are. */
static void a_key_that_comes_twice_costs_both_records(void **state)
{
	static const char *const answers[] = {
		"{\"ret\":\"0\",\"data\":{\"a\":{\"status\":50},\"b\":{\"status\":20},"
		"\"a\":{\"status\":30}}}",
		"{\"ret\":\"0\",\"data\":{\"a\":{\"status\":20},\"b\":{\"status\":20},"
		"\"\\u0061\":{\"status\":20},\"a\":{,}}}",
		"{\"ret\":\"0\",\"errmsg\":\"\\ud800\",\"data\":{\"history_list\":[],"
		"\"history_list\":[],\"a\":{},\"b\":{\"status\":20},\"a\":{}}}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		_cleanup_(answer_freep) struct answer *answer = decode(answers[i]);
		_cleanup_(task_freep) struct task *task = NULL;
		struct poll_memory memory = { 0 };
		struct err err;

		assert_int_equal(
		    answer_judge(answer, "a", 0, &memory, &task, &err), ERR_CONTRACT);
		assert_non_null(strstr(err.msg, "the key 'a' is there twice"));
		assert_int_equal(
		    answer_judge(answer, "c", 0, &memory, &task, &err), ERR_NET);
		assert_int_equal(memory.absences, 0);
		assert_int_equal(
		    answer_judge(answer, "b", 0, &memory, &task, &err), ERR_OK);
		assert_int_equal(task->state, TASK_GENERATING);
	}
}

/* Small when packed, and a tree of 60 bytes a zero: that record is refused. */
static void a_record_of_too_many_values_is_refused(void **state)
{
	_cleanup_(buf_release) struct buf text = buf_make(ANSWER_BODY_MAX);
	_cleanup_(answer_freep) struct answer *answer = NULL;
	_cleanup_(task_freep) struct task *task = NULL;
	struct poll_memory memory = { 0 };
	struct err err;

	(void)state;
	buf_addf(&text, "{\"ret\":\"0\",\"data\":{\"many\":{\"a\":[0");
	for (int i = 0; i < ANSWER_VALUES_MAX; i++)
		buf_add(&text, ",0", 2);
	buf_addf(&text, "]},\"b\":{\"status\":20}}}");
	answer = decode(text.data);
	assert_int_equal(
	    answer_judge(answer, "many", 0, &memory, &task, &err), ERR_CONTRACT);
	assert_non_null(strstr(err.msg, "500000"));
	assert_int_equal(answer_judge(answer, "b", 0, &memory, &task, &err), ERR_OK);
}

/* Blanks pack well. Gone through once for each of them, these would take hours. */
static void blanks_cost_no_time(void **state)
{
	enum { BLANKS = 2 << 20 };
	_cleanup_(buf_release) struct buf text = buf_make(ANSWER_BODY_MAX);
	_cleanup_(answer_freep) struct answer *answer = NULL;
	char line[1024];

	(void)state;
	memset(line, ' ', sizeof(line));
	buf_addf(&text, "{\"ret\":\"0\",\"data\":{\"a\":{,}");
	for (size_t i = 0; i < BLANKS / sizeof(line); i++)
		buf_add(&text, line, sizeof(line));
	buf_addf(&text, ",\"b\":{\"status\":20}}}");
	answer = decode(text.data);
	assert_int_equal(answer_mended(answer), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_broken_is_lost),
		cmocka_unit_test(what_is_mended_is_counted),
		cmocka_unit_test(an_absence_beside_a_lost_record_tells_nothing),
		cmocka_unit_test(the_outside_must_be_whole),
		cmocka_unit_test(a_key_that_comes_twice_costs_both_records),
		cmocka_unit_test(a_record_of_too_many_values_is_refused),
		cmocka_unit_test(blanks_cost_no_time),
	};

	return cmocka_run_group_tests_name("answer_broken", tests, NULL, NULL);
}
