/*
 * Whatever a text is: as JSON in pieces the same tasks are told of as at once, all ids
 * are valid, and as curl commands it is read to its end.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/verbs/idcurl.h"
#include "core/verbs/idjson.h"
#include "model/taskid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		__builtin_trap();
}

/* A sum of all that was told, in order. */
static void add_sum(uint64_t *sum, const char *text)
{
	for (; text && *text; text++)
		*sum = (*sum ^ (unsigned char)*text) * 1099511628211U;
	*sum = *sum * 31 + 7;
}

static enum err_kind take(void *payload, const struct idjson_task *task, struct err *err)
{
	(void)err;
	require(task->submit_id || task->history_id);
	require(!task->submit_id || taskid_is_valid(task->submit_id));
	require(!task->history_id || taskid_is_valid(task->history_id));
	add_sum(payload, task->submit_id);
	add_sum(payload, task->history_id);
	add_sum(payload, task->prompt);
	add_sum(payload, task->state);
	return ERR_OK;
}

static enum err_kind take_text(
    void *payload, const char *text, size_t number, struct err *err)
{
	(void)err;
	require(number > 0);
	add_sum(payload, text);
	return ERR_OK;
}

static enum err_kind pass_over(void *payload, size_t number, struct err *err)
{
	(void)err;
	require(number > 0);
	add_sum(payload, "!");
	return ERR_OK;
}

static void settle(void *payload, bool is_ours)
{
	add_sum(payload, is_ours ? "+" : "-");
}

static uint64_t read_in(const char *text, size_t size, size_t step)
{
	uint64_t sum = 0;
	const struct idjson_taker taker = { take, take_text, pass_over, settle, &sum };
	_cleanup_(idjson_freep) struct idjson *reader = idjson_new(&taker);
	struct err err = { .kind = ERR_OK };
	enum err_kind kind = ERR_OK;

	for (size_t i = 0; reader && !kind && i < size; i += step)
		kind =
		    idjson_add(reader, text + i, size - i < step ? size - i : step, &err);
	if (reader && !kind)
		kind = idjson_end(reader, &err);
	add_sum(&sum, kind ? err.msg : "");
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t sum = 0;
	const struct idjson_taker taker = { take, take_text, pass_over, settle, &sum };
	_cleanup_free_ char *text = malloc(size + 1);
	struct err err = { .kind = ERR_OK };

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	require(read_in(text, size, size ? size : 1) == read_in(text, size, 1));
	require(!idcurl_read(text, size, &taker, &err));
	return 0;
}
