#include "ledger/rules/words.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char fetched[] = " fetched: ";

void words_asset(struct buf *into, int index, const char *what, const char *detail)
{
	buf_addf(into, "%d %s%s", index, what, detail ? ": " : "");
	if (detail)
		buf_add(into, detail, text_cut(detail, WORDS_DETAIL_MAX));
}

const char *words_sync(bool is_unsynced)
{
	return is_unsynced ? "nobody waited until the disk had it (--no-sync)" : NULL;
}

bool words_place(
    const char *what, const char *text, int *ret_index, const char **ret_path)
{
	const size_t n = sizeof(fetched) - 1;
	char *end;
	long index;

	if (strcmp(what, "asset") != 0 || !isdigit((unsigned char)*text))
		return false;
	index = strtol(text, &end, 10);
	if (index < 0 || index > INT32_MAX || strncmp(end, fetched, n) != 0)
		return false;
	if (!end[n] || strlen(end + n) >= WORDS_DETAIL_MAX)
		return false;
	*ret_index = (int)index;
	*ret_path = end + n;
	return true;
}

void words_answer(struct buf *into, enum task_state state, const char *code)
{
	buf_addf(into, "%s", task_state_name(state));
	if (state != TASK_SUBMITTING)
		return;
	buf_addf(into, ": not accepted this time, waits again");
	if (code && *code)
		buf_addf(into, " (%s)", code);
}
