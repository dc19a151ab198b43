/*
 * Whatever a record says of how its task was made: numbers are in their range, and texts
 * are texts.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "service/jimeng/send/origin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_deletep) cJSON *record = NULL;
	_cleanup_(task_freep) struct task *task = task_new();
	unsigned odd = 0;
	struct fields fields = { .arena = task ? &task->arena : NULL, .mistyped = &odd };
	struct err err = { .kind = ERR_OK };

	if (!task || json_parse((const char *)data, size, &record, &err))
		return 0;
	origin_read(&fields, record, task);
	require(!task->has_seed || (task->seed >= 0 && task->seed <= TASK_NUMBER_MAX));
	require(!task->has_credits ||
	    (task->credits >= 0 && task->credits <= TASK_NUMBER_MAX));
	require(!task->prompt || strlen(task->prompt) <= size * 3);
	return 0;
}
