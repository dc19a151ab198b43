#include "core/browse/browse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/browse/parts.h"

/* --- the walks --------------------------------------------------------------------- */

/* A walk for one kind only leaves the others behind, so it is one of its own. */
static void name_walk(const struct browse_wanted *wanted, const char *listing,
    char name[LEDGER_LISTING_MAX + 1])
{
	const char *kind = media_kind_name(wanted->kind);

	(void)snprintf(name, LEDGER_LISTING_MAX + 1, "%.30s%s%s", listing,
	    kind ? "/" : "", kind ? kind : "");
}

/* What was seen of all kinds was seen of one. */
static enum err_kind begin_walk(struct browse *browse, const char *listing,
    struct walk *walk, const char *name, struct err *err)
{
	const struct dq *dq = browse->dq;
	struct ledger_walk at = { 0 };

	if (!browse->wanted.anew && ledger_walk(dq->ledger, dq->profile, name, &at, err))
		return err->kind;
	if (!browse->wanted.anew && at.mark_unix_ms == 0 &&
	    browse->wanted.kind != MEDIA_UNKNOWN &&
	    ledger_walk(dq->ledger, dq->profile, listing, &at, err))
		return err->kind;
	walk_begin(walk, &at);
	return ERR_OK;
}

static enum err_kind begin_walks(struct browse *browse, struct err *err)
{
	const struct service_ops *ops = browse->dq->ops;

	for (; browse->n < BROWSE_LISTINGS_MAX; browse->n++) {
		const char *listing = service_listing_at(ops, browse->n);
		char *name = browse->names[browse->n];

		if (!listing)
			break;
		name_walk(&browse->wanted, listing, name);
		if (begin_walk(browse, listing, &browse->walks[browse->n], name, err))
			return err->kind;
	}
	if (browse->n == 0)
		return err_set(err, ERR_USAGE,
		    "this service can't say what an account has; give ids instead");
	return ERR_OK;
}

void browse_go_on(struct browse *browse)
{
	while (browse->now < browse->n && browse_walk(browse)->stage == WALK_OVER)
		browse->now++;
}

/* --- its life -------------------------------------------------------------------- */

enum err_kind browse_new(struct dq *dq, const struct browse_wanted *wanted, uint64_t seed,
    struct browse **ret_browse, struct err *err)
{
	struct browse *browse = calloc(1, sizeof(*browse));

	if (!browse)
		return err_set(err, ERR_NOMEM, "out of memory");
	browse->dq = dq;
	browse->wanted = *wanted;
	browse->random = seed;
	browse->count = dq->traits.page_max;
	if (begin_walks(browse, err)) {
		browse_free(browse);
		return err->kind;
	}
	*ret_browse = browse;
	return ERR_OK;
}

void browse_told_release(struct browse_told *told)
{
	for (size_t i = 0; told->tasks && i < told->n; i++)
		task_free(told->tasks[i]);
	free(told->tasks);
	free(told->is_new);
	*told = (struct browse_told){ .what = told->what };
}

void browse_free(struct browse *browse)
{
	if (!browse)
		return;
	if (browse->is_asking)
		session_close_service(browse->dq);
	for (size_t i = 0; i < browse->n_news; i++)
		browse_told_release(&browse->news[i]);
	walk_set_release(&browse->met);
	for (size_t i = 0; i < BROWSE_LISTINGS_MAX; i++)
		walk_release(&browse->walks[i]);
	free(browse);
}

/* --- its steps ------------------------------------------------------------------- */

bool browse_is_over(const struct browse *browse)
{
	return browse->now == browse->n && browse->n_news == 0;
}

void browse_skip(struct browse *browse)
{
	if (browse->now < browse->n)
		walk_release(browse_walk(browse));
	browse->failures = 0;
	browse->next_ms = 0;
	browse_go_on(browse);
}

static bool is_to_ask(const struct browse *browse)
{
	return !browse->is_asking && browse->now < browse->n && browse->n_news == 0;
}

void browse_step(struct browse *browse, bool may_send)
{
	if (may_send && is_to_ask(browse) &&
	    session_plan_ms(browse->dq) >= browse->next_ms)
		browse_ask(browse);
}

int64_t browse_next_ms(const struct browse *browse)
{
	return is_to_ask(browse) ? session_span_ms(browse->dq, browse->next_ms)
				 : INT64_MAX;
}

int64_t browse_wait_since_ms(const struct browse *browse)
{
	return browse->is_asking ? browse->asked_ms : INT64_MAX;
}

const struct err *browse_trouble(const struct browse *browse)
{
	return &browse->last_trouble;
}

/* --- what it tells --------------------------------------------------------------- */

void browse_tell(struct browse *browse, const struct browse_told *told)
{
	struct browse_told *last = &browse->news[BROWSE_NEWS_MAX - 1];

	/* One answer never has so many; what can't be kept is the end of it. */
	if (browse->n_news == BROWSE_NEWS_MAX)
		browse_told_release(last);
	else
		last = &browse->news[browse->n_news++];
	*last = *told;
}

void browse_abort(struct browse *browse, const struct err *why)
{
	browse_tell(
	    browse, &(struct browse_told){ .what = BROWSE_CANT_GO_ON, .why = *why });
}

bool browse_told(struct browse *browse, struct browse_told *ret_told)
{
	if (browse->n_news == 0)
		return false;
	*ret_told = browse->news[0];
	browse->n_news--;
	memmove(browse->news, browse->news + 1, browse->n_news * sizeof(*browse->news));
	return true;
}
