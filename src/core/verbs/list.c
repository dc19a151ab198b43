/*
 * list.c - the ledger's tasks: which of them, in which order.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/account/session.h"
#include "core/common/given.h"
#include "ledger/list.h"
#include "model/tag.h"

static bool tell_task(void *payload, const struct task *task)
{
	struct dq *dq = payload;

	session_emit_task(dq, DQ_EVENT_TASK, task);
	return !atomic_load(&dq->is_interrupted);
}

static enum err_kind set_state(
    const char *state, struct ledger_filter *filter, struct err *err)
{
	filter->only_unfinished = strcmp(state, "unfinished") == 0;
	filter->has_state = !filter->only_unfinished;
	if (filter->has_state && !task_state_parse(state, &filter->state))
		return err_set(err, ERR_USAGE, "there is no state '%s'", state);
	return ERR_OK;
}

/* Without a sort the newest come first; with one the smallest do. */
static enum err_kind set_sort(
    const char *sort, struct ledger_filter *filter, struct err *err)
{
	filter->is_ascending = sort[0] != '-';
	if (!ledger_sort_parse(sort + !filter->is_ascending, &filter->sort))
		return err_set(err, ERR_USAGE, "tasks can't be sorted by '%.100s'", sort);
	return ERR_OK;
}

/* Tags between commas, as the ledger has them. */
struct tags {
	char texts[LEDGER_FILTER_TAGS][TAG_MAX + 1];
	const char *list[LEDGER_FILTER_TAGS];
};

static enum err_kind set_tags(
    const char *words, struct tags *tags, struct ledger_filter *filter, struct err *err)
{
	for (const char *at = words; at;
	     at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		const size_t n = filter->n_tags;
		char word[4 * TAG_MAX + 2];

		(void)snprintf(word, sizeof(word), "%.*s", (int)strcspn(at, ","), at);
		if (n == LEDGER_FILTER_TAGS)
			return err_set(err, ERR_USAGE,
			    "tasks can be found by at most %d tags", LEDGER_FILTER_TAGS);
		if (tag_make(word, tags->texts[n], err))
			return err->kind;
		tags->list[n] = tags->texts[n];
		filter->n_tags++;
	}
	filter->tags = tags->list;
	return ERR_OK;
}

/* What is made for a filter, and has to live as long. */
struct made {
	struct task_search search;
	struct tags tags;
};

static void made_release(struct made *made)
{
	search_release(&made->search);
}

static enum err_kind make_filter(const struct dq *dq, const struct dq_filter *filter,
    struct made *made, struct ledger_filter *ret_filter, struct err *err)
{
	*ret_filter = (struct ledger_filter){
		.account = filter->all_accounts ? NULL : dq->profile,
		.since_unix_ms = filter->since_unix_ms,
		.limit = filter->limit,
		.behind = filter->behind,
		.sha256 = filter->sha256,
		.search = filter->search ? &made->search : NULL,
	};
	if ((filter->state && set_state(filter->state, ret_filter, err)) ||
	    (filter->sort && set_sort(filter->sort, ret_filter, err)) ||
	    (filter->tags && set_tags(filter->tags, &made->tags, ret_filter, err)) ||
	    (filter->search && search_make(filter->search, &made->search, err)))
		return err->kind;
	return ERR_OK;
}

enum dq_status dq_list(
    struct dq *dq, const struct dq_filter *given, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	_cleanup_(made_release) struct made made = { .search.text = buf_make(0) };
	struct dq_filter filter;
	struct ledger_filter wanted;
	struct err err;

	session_verb_begins(dq, 0);
	given_take(&filter, sizeof(filter), given);
	if (make_filter(dq, &filter, &made, &wanted, &err) ||
	    session_ledger_to_read(dq, &err) ||
	    (dq->ledger && ledger_list(dq->ledger, &wanted, tell_task, dq, &err)))
		return session_fail(&err, ret_error);
	if (!atomic_load(&dq->is_interrupted))
		return session_ledger_trouble(dq, &err) ? session_fail(&err, ret_error)
							: DQ_OK;
	err_set(&err, ERR_CANCELLED, "interrupted");
	return session_fail(&err, ret_error);
}
