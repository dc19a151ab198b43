/*
 * errands.c - as front.c, the operations of errands.h.
 */
#include "ledger/errands.h"

#include <string.h>

#include "ledger/ops.h"
#include "ledger/rules/message.h"

static const char *const state_names[ERRAND_STATES] = {
	[ERRAND_WORKING] = "working",
	[ERRAND_DONE] = "done",
	[ERRAND_FAILED] = "failed",
	[ERRAND_CANCELLED] = "cancelled",
};

const char *errand_state_name(enum errand_state state)
{
	return state_names[state];
}

bool errand_state_parse(const char *name, enum errand_state *ret_state)
{
	for (int i = 0; i < ERRAND_STATES; i++) {
		if (!name || strcmp(state_names[i], name) != 0)
			continue;
		*ret_state = (enum errand_state)i;
		return true;
	}
	return false;
}

static bool is_text(const char *text)
{
	return text &&
	    strnlen(text, LEDGER_ERRAND_TEXT_MAX + 1) <= LEDGER_ERRAND_TEXT_MAX;
}

static bool has_outcome(const struct errand *end)
{
	return end->state == ERRAND_DONE || end->state == ERRAND_FAILED;
}

enum err_kind ledger_errand_begin(struct ledger *ledger, const struct errand *errand,
    char ret_id[LEDGER_ERRAND_ID_LEN + 1], struct err *err)
{
	struct errand made = *errand;

	if (!errand->account || !is_text(errand->what) || !is_text(errand->arguments))
		return err_set(err, ERR_USAGE, "this can't be an errand");
	if (!message_random(ret_id))
		return err_set(err, ERR_IO, "the system gives no random numbers");
	made.id = ret_id;
	return ledger->ops->errand_begin(ledger, &made, err);
}

enum err_kind ledger_errand_end(
    struct ledger *ledger, const struct errand *end, struct err *err)
{
	if (end->state == ERRAND_WORKING || has_outcome(end) != is_text(end->outcome))
		return err_set(err, ERR_USAGE, "this can't be the end of an errand");
	return ledger->ops->errand_end(ledger, end, err);
}

enum err_kind ledger_errand_find(struct ledger *ledger, int64_t now_unix_ms,
    struct arena *arena, struct errand *errand, struct err *err)
{
	struct errand found = { .id = NULL };

	if (ledger->ops->errand_find(
		ledger, errand->account, errand->id, arena, &found, err))
		return err->kind;
	if (!found.id || found.expires_unix_ms <= now_unix_ms)
		return err_set(err, ERR_NOT_FOUND, "there is no such errand");
	*errand = found;
	return ERR_OK;
}
