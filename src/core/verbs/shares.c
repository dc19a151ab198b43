/*
 * shares.c - files are told apart by their names in the one place that a link may lead
 * to, not by the words that it was called with.
 */
#include "core/verbs/shares.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/list.h"

struct share {
	char *at;
	size_t n;
};

static int by_place(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	return strcmp(x->at, y->at);
}

static void share_free(void *node)
{
	struct share *share = node;

	free(share->at);
	free(share);
}

/* Neighbours lie in one place. */
static bool look_up_place(struct shares *shares, const char *location)
{
	_cleanup_free_ char *place = location_place(location);

	if (!place)
		return false;
	if (shares->place && strcmp(shares->place, place) == 0)
		return true;
	free(shares->true_place);
	shares->true_place = stored_true_place(shares->sinks, place);
	free(shares->place);
	shares->place = shares->true_place ? TAKE_PTR(place) : NULL;
	return shares->true_place != NULL;
}

/* Where it is in truth; NULL: no memory. */
static char *true_location(struct shares *shares, const char *location)
{
	const char *name;

	if (!look_up_place(shares, location))
		return NULL;
	name = location_below(shares->place, location);
	return name ? fs_join(shares->true_place, name) : strdup(location);
}

/* The tree keeps what it takes. */
ANALYZER_LOSES_SIGHT
bool shares_add(struct shares *shares, const char *location)
{
	struct share *share = calloc(1, sizeof(*share)), **there;

	if (!share)
		return false;
	share->at = true_location(shares, location);
	there = share->at ? tsearch(share, &shares->tree, by_place) : NULL;
	if (there)
		(*there)->n++;
	if (!there || *there != share)
		share_free(share);
	return there != NULL;
}

ANALYZER_SEES_AGAIN

/* *ret_share NULL: no row has it, or ever had. False: no memory. */
static bool find(struct shares *shares, const char *location, struct share **ret_share)
{
	_cleanup_free_ char *at = true_location(shares, location);
	const struct share key = { .at = at };
	struct share **there = at ? tfind(&key, &shares->tree, by_place) : NULL;

	*ret_share = there ? *there : NULL;
	return at != NULL;
}

bool shares_drop(struct shares *shares, const char *location, size_t *ret_left)
{
	struct share *share;

	*ret_left = 0;
	if (!find(shares, location, &share))
		return false;
	if (share && share->n > 0)
		*ret_left = --share->n;
	return true;
}

bool shares_have(struct shares *shares, const char *location, bool *ret_have)
{
	struct share *share;

	*ret_have = false;
	if (!find(shares, location, &share))
		return false;
	*ret_have = share && share->n > 0;
	return true;
}

struct loading {
	struct shares *shares;
	bool has_failed;
};

static bool on_task(void *payload, const struct task *task)
{
	struct loading *loading = payload;

	for (size_t i = 0; i < task->n_assets; i++)
		loading->has_failed |= task->assets[i].path &&
		    !shares_add(loading->shares, task->assets[i].path);
	return !loading->has_failed;
}

enum err_kind shares_load(struct shares *shares, struct ledger *ledger, struct err *err)
{
	const struct ledger_filter all = { 0 };
	struct loading loading = { .shares = shares };

	if (ledger_list(ledger, &all, on_task, &loading, err))
		return err->kind;
	return loading.has_failed
	    ? err_set(err, ERR_NOMEM, "out of memory for the names of files")
	    : ERR_OK;
}

void shares_release(struct shares *shares)
{
	tdestroy(shares->tree, share_free);
	free(shares->place);
	free(shares->true_place);
}
