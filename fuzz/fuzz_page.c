/*
 * Whatever bytes come as a page of the history: reading it ends, each task that it tells
 * of has a name and holds what every judged task does, and its cursor can be sent back.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "judged.h"
#include "model/taskid.h"
#include "service/jimeng/read/page.h"
#include "service/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_cursor(const char *next)
{
	_cleanup_(json_deletep) cJSON *value = NULL;
	struct err err;

	require(strlen(next) <= SERVICE_CURSOR_MAX);
	require(!json_parse(next, strlen(next), &value, &err));
	require(cJSON_IsString(value) || cJSON_IsNumber(value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(answer_freep) struct answer *answer = NULL;
	_cleanup_(page_release) struct page page = { 0 };
	struct err err = { .kind = ERR_OK };

	if (answer_decode((const char *)data, size, -1, &answer, &err))
		return 0;
	if (page_read(answer, 0, &page, &err)) {
		require(err.kind != ERR_OK && err.msg[0]);
		require(!page.found && !page.n && !page.next);
		return 0;
	}
	require(page.n <= ANSWER_RECORDS_MAX);
	for (size_t i = 0; i < page.n; i++) {
		require(taskid_is_valid(page.found[i].task->submit_id));
		check_judged(page.found[i].task);
	}
	if (page.next)
		check_cursor(page.next);
	return 0;
}
