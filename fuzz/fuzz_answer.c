/*
 * Whatever bytes come as an answer: decoding and judging end, in a state of the
 * table or an error with a sentence, and no task says what contradicts itself.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "judged.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LOOKS = 7, LOOK_S = 60 };

/* Ids that fixtures use, so that records are found by key and by their own ids. */
static const char *const ids[] = {
	"a",
	"25666395318786",
	"25594898552322",
	"5cf3790f-5adb-42d6-adad-ba06071b18be",
	"11111111-1111-4111-8111-111111111111",
	"00000001-1111-4111-8111-111111111111",
	"8875150819340",
};

static void look(struct answer *answer, const char *id)
{
	struct poll_memory memory = { .asked_as_submit = true, .asked_as_history = true };

	for (int i = 0; i < LOOKS; i++) {
		_cleanup_(task_freep) struct task *task = NULL;
		struct err err = { .kind = ERR_OK };

		if (answer_judge(
			answer, id, (int64_t)i * LOOK_S * 1000, &memory, &task, &err)) {
			require(err.kind != ERR_OK && err.msg[0] && !task);
			return;
		}
		check_judged(task);
	}
}

/* Whose is which? Who is doubted is told whose record it may be. */
static void doubt(struct answer *answer)
{
	enum { N = sizeof(ids) / sizeof(*ids) };
	struct answer_asker askers[N] = { 0 };
	struct service_doubt doubts[N];
	struct err err = { .kind = ERR_OK };

	for (size_t i = 0; i < N; i++)
		askers[i].asked = ids[i];
	require(!answer_doubts(answer, askers, N, doubts, &err));
	for (size_t i = 0; i < N; i++)
		require((doubts[i].kind == SERVICE_UNDOUBTED) == !doubts[i].other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(answer_freep) struct answer *answer = NULL;
	struct err err = { .kind = ERR_OK };

	if (answer_decode((const char *)data, size, -1, &answer, &err)) {
		require(err.kind != ERR_OK && err.msg[0] && !answer);
		return 0;
	}
	(void)answer_error(answer, &err);
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		look(answer, ids[i]);
	doubt(answer);
	return 0;
}
