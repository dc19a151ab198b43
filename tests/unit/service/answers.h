/* answers.h - an answer is decoded, its tasks are judged; or the test fails. After
 * cmocka.h. */
#pragma once

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "service/jimeng/read/answer.h"

#define CAPTURED "history_success_image_web_full.json"
#define CAPTURED_ID "25666395318786"

enum { FIXTURE_MAX = 1 << 20 };

static inline void read_fixture(const char *name, struct buf *into)
{
	_cleanup_free_ char *path = fs_join(getenv("FIXTURES"), name);
	struct err err;

	assert_int_equal(fs_read_all(path, into, &err), ERR_OK);
}

static inline struct answer *decode(const char *bytes, size_t len)
{
	struct answer *answer = NULL;
	struct err err = { .kind = ERR_OK };

	if (answer_decode(bytes, len, -1, &answer, &err))
		fail_msg("%s", err.msg);
	return answer;
}

static inline struct task *judge(struct answer *answer, const char *id)
{
	struct poll_memory memory = { 0 };
	struct task *task = NULL;
	struct err err = { .kind = ERR_OK };

	if (answer_judge(answer, id, 0, &memory, &task, &err))
		fail_msg("%s", err.msg);
	return task;
}
