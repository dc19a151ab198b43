/* What is too much of an answer, and what reading a large one costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <malloc.h>

#include "answers.h"

static void too_many_records_are_refused(void **state)
{
	_cleanup_(buf_release) struct buf text = buf_make(1 << 20);
	struct answer *answer = NULL;
	struct err err;

	(void)state;
	buf_addf(&text, "{\"ret\":\"0\",\"data\":[");
	for (int i = 0; i < ANSWER_RECORDS_MAX; i++)
		buf_addf(&text, "%s{}", i ? "," : "");
	buf_addf(&text, "]}");
	answer = decode(text.data, text.len);
	answer_free(answer);
	answer = NULL;
	text.len -= 2;
	buf_addf(&text, ",{}]}");
	assert_int_equal(
	    answer_decode(text.data, text.len, -1, &answer, &err), ERR_CONTRACT);
	assert_null(answer);
}

/* A task of `n` items, of which those `apart` places away are one picture. */
static struct task *judge_items(int n, int apart)
{
	_cleanup_(buf_release) struct buf text = buf_make(16 << 20);
	_cleanup_(answer_freep) struct answer *answer = NULL;

	buf_addf(&text, "{\"ret\":\"0\",\"data\":{\"a\":{\"status\":50,\"item_list\":[");
	for (int i = 0; i < n; i++)
		buf_addf(&text,
		    "%s{\"image\":{\"large_images\":[{\"image_uri\":\"u%d\","
		    "\"image_url\":\"https://h.example/%d\"}]}}",
		    i ? "," : "", i % apart, i);
	buf_addf(&text, "]}}}");
	answer = decode(text.data, text.len);
	return judge(answer, "a");
}

static void one_picture_is_one_however_often_it_is_named(void **state)
{
	static const int rows[][2] = { { 1000, 1 }, { 40000, 3 }, { 1000, 256 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		_cleanup_(task_freep) struct task *task =
		    judge_items(rows[i][0], rows[i][1]);

		assert_int_equal(task->n_assets, rows[i][1]);
		assert_int_equal(task->left_out, 0);
		assert_int_equal(task->state, TASK_SUCCEEDED);
		assert_null(task->warning);
		assert_string_equal(task->assets[0].uri, "u0");
		assert_true(task->arena.used_bytes < 1 << 20);
	}
}

static void too_many_assets_are_cut(void **state)
{
	_cleanup_(task_freep) struct task *task = judge_items(300, 300);

	(void)state;
	assert_int_equal(task->left_out, 300 - ANSWER_ASSETS_MAX);
	assert_int_equal(task->n_assets, ANSWER_ASSETS_MAX);
	assert_int_equal(task->state, TASK_SUCCEEDED);
	assert_non_null(task->warning);
}

/* What the trees of cJSON hold at once; reset by count_from(). */
static size_t held_bytes, peak_bytes;

static void *counting_malloc(size_t size)
{
	void *p = malloc(size);

	held_bytes += p ? malloc_usable_size(p) : 0;
	if (held_bytes > peak_bytes)
		peak_bytes = held_bytes;
	return p;
}

static void counting_free(void *p)
{
	held_bytes -= p ? malloc_usable_size(p) : 0;
	free(p);
}

/* The captured record `n` times under keys of its own, compact as on the wire. */
static void make_batch(struct buf *text, int n)
{
	_cleanup_(buf_release) struct buf fixture = buf_make(FIXTURE_MAX);
	_cleanup_(json_deletep) cJSON *json = NULL;
	_cleanup_free_ char *record = NULL;

	read_fixture(CAPTURED, &fixture);
	json = cJSON_Parse(fixture.data);
	record = cJSON_PrintUnformatted(
	    cJSON_GetObjectItem(cJSON_GetObjectItem(json, "data"), CAPTURED_ID));
	assert_non_null(record);
	buf_addf(text, "{\"ret\":\"0\",\"data\":{");
	for (int i = 0; i < n; i++)
		buf_addf(text, "%s\"id-%d\":%s", i ? "," : "", i, record);
	buf_addf(text, "}}");
	assert_false(buf_failed(text));
}

static size_t peak_of_batch(int n)
{
	cJSON_Hooks hooks = { counting_malloc, counting_free };
	_cleanup_(buf_release) struct buf text = buf_make(8 << 20);
	struct answer *answer;

	make_batch(&text, n);
	cJSON_InitHooks(&hooks);
	held_bytes = peak_bytes = 0;
	answer = decode(text.data, text.len);
	for (int i = 0; i < n; i++) {
		char id[16];
		struct task *task;

		(void)snprintf(id, sizeof(id), "id-%d", i);
		task = judge(answer, id);
		assert_int_equal(task->n_assets, 4);
		task_free(task);
	}
	task_free(judge(answer, "nobody"));
	answer_free(answer);
	cJSON_InitHooks(NULL);
	assert_int_equal(held_bytes, 0);
	return peak_bytes;
}

static void a_batch_costs_one_record_at_a_time(void **state)
{
	const size_t one = peak_of_batch(1);
	const size_t fifty = peak_of_batch(50);

	(void)state;
	print_message("# trees: %zu bytes for one record, %zu for fifty\n", one, fifty);
	assert_true(one > 0);
	assert_true(fifty < one + one / 10);
	assert_true(fifty < (1 << 20));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_many_records_are_refused),
		cmocka_unit_test(one_picture_is_one_however_often_it_is_named),
		cmocka_unit_test(too_many_assets_are_cut),
		cmocka_unit_test(a_batch_costs_one_record_at_a_time),
	};

	return cmocka_run_group_tests_name("answer_ceilings", tests, NULL, NULL);
}
