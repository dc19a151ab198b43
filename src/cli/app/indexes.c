#include "cli/app/indexes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

enum { INDEX_MAX = 9999 };

static enum err_kind fail(const char *text, struct err *err)
{
	return err_set(err, ERR_USAGE,
	    "--index: '%.40s' is no list of files; write '0,2' or '1-3'", text);
}

/* "1-3", "2" */
static bool read_range(char *part, uint64_t *ret_first, uint64_t *ret_last)
{
	char *dash = strchr(part, '-');

	if (dash)
		*dash = '\0';
	if (!text_uint(part, 0, INDEX_MAX, ret_first))
		return false;
	*ret_last = *ret_first;
	return !dash || text_uint(dash + 1, *ret_first, INDEX_MAX, ret_last);
}

enum err_kind indexes_read(const char *text, struct indexes *ret_indexes, struct err *err)
{
	_cleanup_free_ char *copy = text ? strdup(text) : NULL;
	_cleanup_free_ int *all = calloc(INDEXES_MAX, sizeof(*all));
	char *at = copy, *part;
	size_t n = 0;

	*ret_indexes = (struct indexes){ 0 };
	if (!text)
		return ERR_OK;
	if (!copy || !all)
		return err_set(err, ERR_NOMEM, "out of memory");
	while ((part = strsep(&at, ","))) {
		uint64_t first = 0, last = 0;

		if (!read_range(part, &first, &last))
			return fail(text, err);
		for (; first <= last; first++) {
			if (n == INDEXES_MAX)
				return fail(text, err);
			all[n++] = (int)first;
		}
	}
	ret_indexes->all = TAKE_PTR(all);
	ret_indexes->n = n;
	return ERR_OK;
}

bool indexes_want(const struct indexes *indexes, int index)
{
	for (size_t i = 0; i < indexes->n; i++)
		if (indexes->all[i] == index)
			return true;
	return indexes->n == 0;
}

bool asked_for(
    const struct asked *asked, const struct dq_task *task, const struct dq_asset *asset)
{
	const char *kind = asset->kind ? asset->kind : task->kind;

	return (!asked->indexes || indexes_want(asked->indexes, asset->index)) &&
	    (!asked->kind || (kind && strcmp(kind, asked->kind) == 0));
}

void indexes_release(struct indexes *indexes)
{
	free(indexes->all);
}
