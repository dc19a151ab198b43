/*
 * place.c - where the files of a repair go: a sink for each folder, and as few
 * of them as may be, for each is a request of its own.
 *
 * What a sink does not hold already it gets a copy of (core/download/claim.c). So the
 * sink of a task is the folder that all its files lie below, if files can be put there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/verify/parts.h"
#include "dreamq/verify.h"

enum { ROOTS_FEW = 4 };

struct recollection {
	int index;
	char *path; /* owned */
};

static bool recall(void *payload, const struct ledger_place *place)
{
	struct recollection *r = payload;

	if (place->index != r->index || *place->path != '/')
		return true;
	free(r->path);
	r->path = strdup(place->path);
	return true;
}

/* Where was it the last time, as far as the ledger remembers? */
static void recall_path(struct verify *verify, struct verify_file *file)
{
	struct recollection r = { .index = file->index };
	struct err ignored;

	if (file->path)
		return;
	(void)ledger_places(
	    verify->dq->ledger, verify->dq->profile, file->id, recall, &r, &ignored);
	file->path = r.path;
}

/* How many bytes of `folder` name a folder that `path` lies below, too? */
static size_t common(const char *folder, size_t len, const char *path)
{
	while (len > 1 &&
	    (strncmp(folder, path, len) != 0 || (path[len] != '/' && path[len])))
		while (--len > 1 && folder[len] != '/')
			;
	return len;
}

/* The files of one task are neighbours among all files, which are by id. */
static size_t first_of_task(const struct verify *verify, const char *id)
{
	size_t low = 0, high = verify->n_files;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(verify->files[middle]->id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_of(const struct verify *verify, size_t i, const char *id)
{
	return i < verify->n_files && strcmp(verify->files[i]->id, id) == 0;
}

/* Finds the folder that all files of the task lie below; NULL: none that we could use. */
static char *common_folder(const struct verify *verify, const char *id)
{
	const size_t first = first_of_task(verify, id);
	_cleanup_free_ char *folder = NULL;

	for (size_t i = first; is_of(verify, i, id); i++) {
		const char *path = verify->files[i]->path;

		if (path && !folder)
			folder = location_place(path);
		else if (path)
			folder[common(folder, strlen(folder), path)] = '\0';
		if (path && !folder)
			return NULL;
	}
	for (size_t i = first; folder && is_of(verify, i, id); i++) {
		const char *path = verify->files[i]->path;
		_cleanup_free_ char *own = path ? location_place(path) : NULL;

		if (own && strcmp(own, folder) != 0 &&
		    !stored_reaches(verify->sinks, folder, own))
			return NULL;
	}
	return TAKE_PTR(folder);
}

/* One for all files of a task: they come with one poll. `file` is the first of them. */
static char *choose_root(
    const struct verify *verify, const struct verify_file *file, struct err *err)
{
	const struct dq_verify *options = verify->options;
	const char *url = options->get.sink ? options->get.sink : ".";
	char *place = common_folder(verify, file->id);

	(void)verify_no_memory(err); /* if it is none of those below */
	if (place)
		return place;
	if (file->path)
		return location_place(file->path);
	if (options->folders && options->folders[0])
		url = options->folders[0];
	return place_of_url(url, &place, err) ? NULL : place;
}

static int by_root(const void *a, const void *b)
{
	const struct verify_file *x = *(struct verify_file *const *)a;
	const struct verify_file *y = *(struct verify_file *const *)b;
	int order = strcmp(x->root, y->root);

	if (!order)
		order = strcmp(x->id, y->id);
	return order ? order : x->index - y->index;
}

static size_t count_roots(struct verify_file *const *files, size_t n)
{
	size_t roots = n > 0;

	for (size_t i = 1; i < n; i++)
		roots += strcmp(files[i - 1]->root, files[i]->root) != 0;
	return roots;
}

/* A folder a task would cost a request each: go one up where that is possible. */
static bool merge_roots(const struct verify *verify, struct verify_file **files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *above = location_place(files[i]->root);

		if (!above)
			return false;
		if (!stored_reaches(verify->sinks, above, files[i]->root))
			continue;
		free(files[i]->root);
		files[i]->root = TAKE_PTR(above);
	}
	qsort(files, n, sizeof(struct verify_file *), by_root);
	return true;
}

ANALYZER_LOSES_SIGHT
enum err_kind verify_find_roots(
    struct verify *verify, struct verify_file **files, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		recall_path(verify, files[i]);
	for (size_t i = 0; i < n; i++) {
		const bool is_next = i > 0 && !strcmp(files[i]->id, files[i - 1]->id);

		files[i]->root = is_next ? strdup(files[i - 1]->root)
					 : choose_root(verify, files[i], err);
		if (!files[i]->root)
			return is_next ? verify_no_memory(err) : err->kind;
	}
	qsort(files, n, sizeof(struct verify_file *), by_root);
	if (count_roots(files, n) > ROOTS_FEW && !merge_roots(verify, files, n))
		return verify_no_memory(err);
	return ERR_OK;
}

ANALYZER_SEES_AGAIN
