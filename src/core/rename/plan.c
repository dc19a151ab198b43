/*
 * plan.c - which name each file gets. Of those with one wish: who has it keeps it, then
 * come those that have a number of it, or have had one, in the order of these; the others
 * by age. Each gets the lowest number that is free. So a template that was used already
 * gives the same names again, and one after which another was used, too.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "core/rename/parts.h"

enum { NUMBERS_MAX = 99999 };

struct planning {
	struct rename *rename;
	void *claimed; /* a tree of the `to` that are given */
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void keep(void *node)
{
	(void)node; /* it is of the file */
}

static void planning_release(struct planning *planning)
{
	tdestroy(planning->claimed, keep);
}

static int by_number(const void *a, const void *b)
{
	const struct rename_file *x = a, *y = b;
	int order = strcmp(x->wish, y->wish);

	if (!order)
		order = (int)x->rank - (int)y->rank;
	if (!order)
		order = (x->number > y->number) - (x->number < y->number);
	if (!order)
		order = (x->created_unix_ms > y->created_unix_ms) -
		    (x->created_unix_ms < y->created_unix_ms);
	if (!order)
		order = strcmp(x->id, y->id);
	return order ? order : x->index - y->index;
}

static bool is_free(
    const struct planning *planning, const struct rename_file *file, const char *path)
{
	const struct rename *rename = planning->rename;

	if (tfind(path, &planning->claimed, compare))
		return false;
	/* Where one of ours is that will go: it gets there behind that. */
	if (rename->is_preview || texts_have(&rename->froms, path))
		return true;
	return !texts_have(&rename->others, path) &&
	    stored_look(rename->sinks, path, file->from) != STORED_OTHER;
}

static enum err_kind claim(
    struct planning *planning, struct rename_file *file, char *take_path, struct err *err)
{
	file->to = take_path;
	if (!tsearch(take_path, &planning->claimed, compare))
		return rename_no_memory(err);
	if (file->from && strcmp(file->from, take_path) == 0)
		file->state = RENAME_STAYS;
	return ERR_OK;
}

/* The first that is free, from *number on; that is left behind it. */
static enum err_kind choose(struct planning *planning, struct rename_file *file,
    unsigned *number, struct err *err)
{
	const struct rename *rename = planning->rename;

	for (; *number <= NUMBERS_MAX; (*number)++) {
		_cleanup_free_ char *name = name_alternative(file->wish, *number);
		_cleanup_free_ char *path = name ? fs_join(rename->root, name) : NULL;

		if (!path)
			return rename_no_memory(err);
		if (is_free(planning, file, path)) {
			(*number)++;
			return claim(planning, file, TAKE_PTR(path), err);
		}
	}
	return err_set(err, ERR_IO,
	    "'%s' and %d names like it are taken in '%s'; choose another template",
	    file->wish, NUMBERS_MAX - 1, rename->root);
}

/* Two assets, one file, one wish. */
static bool is_same(const struct rename_file *a, const struct rename_file *b)
{
	return a->from && b->from && strcmp(a->from, b->from) == 0 &&
	    strcmp(a->wish, b->wish) == 0;
}

static struct rename_file *find_same(struct rename *rename, size_t first, size_t i)
{
	for (size_t k = first; k < i; k++)
		if (is_same(&rename->files[k], &rename->files[i]))
			return &rename->files[k];
	return NULL;
}

static enum err_kind share(
    struct rename_file *file, const struct rename_file *same, struct err *err)
{
	file->to = strdup(same->to);
	file->state = same->state;
	return file->to ? ERR_OK : rename_no_memory(err);
}

/* Those of one wish. */
static enum err_kind plan_wish(
    struct planning *planning, size_t first, size_t end, struct err *err)
{
	struct rename *rename = planning->rename;
	unsigned number = 1;

	for (size_t i = first; i < end; i++) {
		struct rename_file *file = &rename->files[i];
		const struct rename_file *same;

		if (file->to)
			continue;
		/* Shared places are rare, and then those who share stand together. */
		same = find_same(rename, i > first ? i - 1 : first, i);
		if (same ? share(file, same, err) : choose(planning, file, &number, err))
			return err->kind;
	}
	return ERR_OK;
}

ANALYZER_LOSES_SIGHT
/* Who has what it wishes has it first, whatever others wish. */
static enum err_kind plan_content(struct planning *planning, struct err *err)
{
	struct rename *rename = planning->rename;

	for (size_t i = 0; i < rename->n_files; i++) {
		struct rename_file *file = &rename->files[i];
		char *path;

		if (file->rank != RANK_HAS_WISH)
			continue;
		path = strdup(file->from);
		if (!path)
			return rename_no_memory(err);
		if (tfind(path, &planning->claimed, compare)) {
			file->to = path;
			file->state = RENAME_STAYS;
		} else if (claim(planning, file, path, err)) {
			return err->kind;
		}
	}
	return ERR_OK;
}

ANALYZER_SEES_AGAIN

static int by_from(const void *a, const void *b)
{
	const struct rename_file *x = a, *y = b;
	const int order = strcmp(x->from ? x->from : "", y->from ? y->from : "");

	return order ? order : by_number(a, b);
}

static enum err_kind note_tos(struct rename *rename, struct err *err)
{
	for (size_t i = 0; i < rename->n_files; i++)
		if (!texts_add(&rename->tos, strdup(rename->files[i].to)))
			return rename_no_memory(err);
	texts_sort(&rename->tos);
	return ERR_OK;
}

enum err_kind rename_plan(struct rename *rename, struct err *err)
{
	_cleanup_(planning_release) struct planning planning = { .rename = rename };
	size_t end;

	if (rename->n_files == 0)
		return ERR_OK;
	qsort(rename->files, rename->n_files, sizeof(*rename->files), by_number);
	if (plan_content(&planning, err))
		return err->kind;
	for (size_t i = 0; i < rename->n_files; i = end) {
		for (end = i + 1; end < rename->n_files &&
		     strcmp(rename->files[end].wish, rename->files[i].wish) == 0;
		     end++)
			continue;
		if (plan_wish(&planning, i, end, err))
			return err->kind;
	}
	qsort(rename->files, rename->n_files, sizeof(*rename->files), by_from);
	return note_tos(rename, err);
}
