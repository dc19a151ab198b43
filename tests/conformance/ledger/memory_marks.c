/*
 * memory_marks.c - what people say of tasks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "memory_rows.h"

static struct mem_tag *tag_of(struct mem_task *row, int index, const char *tag)
{
	for (size_t i = 0; i < row->n_tags; i++)
		if (row->tags[i].index == index && !strcmp(row->tags[i].tag, tag))
			return &row->tags[i];
	return NULL;
}

static int by_place(const void *a, const void *b)
{
	const struct mem_tag *one = a, *two = b;

	return one->index != two->index ? (one->index > two->index ? 1 : -1)
					: strcmp(one->tag, two->tag);
}

static bool add_tag(struct mem_task *row, int index, const char *tag)
{
	if (tag_of(row, index, tag))
		return true;
	if (!ARRAY_RESERVE(row->tags, row->tags_room, row->n_tags + 1))
		return false;
	row->tags[row->n_tags].index = index;
	(void)snprintf(row->tags[row->n_tags++].tag, TAG_MAX + 1, "%s", tag);
	qsort(row->tags, row->n_tags, sizeof(*row->tags), by_place);
	return true;
}

static size_t count_new(struct mem_task *row, const struct ledger_mark *mark)
{
	size_t n = 0;

	for (size_t i = 0; i < row->n_tags; i++)
		n += row->tags[i].index == mark->index;
	for (size_t i = 0; i < mark->n_remove; i++)
		n -= tag_of(row, mark->index, mark->remove[i]) != NULL;
	for (size_t i = 0; i < mark->n_add; i++)
		n += !tag_of(row, mark->index, mark->add[i]);
	return n;
}

static bool change(struct mem_task *row, const struct ledger_mark *mark)
{
	for (size_t i = 0; i < mark->n_remove; i++) {
		struct mem_tag *tag = tag_of(row, mark->index, mark->remove[i]);

		if (tag)
			memmove(tag, tag + 1,
			    (size_t)(row->tags + row->n_tags-- - tag - 1) * sizeof(*tag));
	}
	for (size_t i = 0; i < mark->n_add; i++)
		if (!add_tag(row, mark->index, mark->add[i]))
			return false;
	if (mark->index != LEDGER_MARK_TASK)
		return true; /* of files nothing but tags is told yet */
	if (mark->note)
		row->is.note =
		    *mark->note ? arena_strdup(&row->is.arena, mark->note) : NULL;
	if (mark->has_rating)
		row->is.rating = mark->rating;
	return !mark->note || !*mark->note || row->is.note;
}

enum err_kind mem_mark(struct ledger *base, const char *account, const char *id,
    const struct ledger_mark *mark, int64_t now_unix_ms, struct err *err)
{
	struct mem_task *row = mem_find(mem_of(base)->store, account, id);

	(void)now_unix_ms;
	if (!row)
		return mem_is_missing(id, err);
	if (mark->index != LEDGER_MARK_TASK && !mem_asset(row, mark->index))
		return err_set(err, ERR_NOT_FOUND, "the task '%.100s' has no file %d", id,
		    mark->index);
	if (mark->n_add > 0 && count_new(row, mark) > LEDGER_TAGS_MAX)
		return err_set(
		    err, ERR_USAGE, "a task has at most %d tags", LEDGER_TAGS_MAX);
	if (!change(row, mark))
		return mem_no_memory(err);
	mem_changed(mem_of(base));
	return ERR_OK;
}

bool mem_has_tags(const struct mem_task *row, const char *const *tags, size_t n_tags)
{
	size_t n = 0;

	for (size_t i = 0; i < n_tags; i++) {
		bool is_there = false;

		for (size_t k = 0; k < row->n_tags; k++)
			is_there |= !strcmp(row->tags[k].tag, tags[i]);
		n += is_there;
	}
	return n == n_tags;
}

bool mem_add_tags(const struct mem_task *row, bool of_files, struct buf *into)
{
	for (size_t i = 0; i < row->n_tags; i++)
		if (of_files || row->tags[i].index == LEDGER_MARK_TASK)
			buf_addf(into, "%s%s", into->len ? " " : "", row->tags[i].tag);
	return !buf_failed(into);
}

static int by_tag(const void *a, const void *b)
{
	const struct mem_tag *one = a, *two = b;

	return strcmp(one->tag, two->tag);
}

enum err_kind mem_tags(struct ledger *base, const char *account, ledger_on_tag *on_tag,
    void *payload, struct err *err)
{
	const struct mem_store *store = mem_of(base)->store;
	struct mem_tag *all = NULL;
	size_t n = 0, room = 0;

	/* One of each task. */
	for (size_t i = 0; i < store->n_tasks; i++)
		for (size_t k = 0; k < store->tasks[i]->n_tags; k++) {
			struct mem_task *row = store->tasks[i];
			bool is_first = !strcmp(row->is.account, account);

			for (size_t j = 0; j < k; j++)
				is_first &=
				    strcmp(row->tags[j].tag, row->tags[k].tag) != 0;
			if (!is_first)
				continue;
			if (!ARRAY_RESERVE(all, room, n + 1)) {
				free(all);
				return mem_no_memory(err);
			}
			all[n++] = row->tags[k];
		}
	if (n > 0)
		qsort(all, n, sizeof(*all), by_tag);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i; k < n && !strcmp(all[k].tag, all[i].tag); k++)
			;
		if (!on_tag(payload, all[i].tag, (int64_t)(k - i)))
			break;
	}
	free(all);
	return ERR_OK;
}
