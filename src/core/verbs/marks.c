/*
 * marks.c - what people say of tasks.
 */
#include "dreamq/marks.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "core/account/session.h"
#include "core/common/given.h"
#include "ledger/marks.h"

enum { TAGS_GIVEN_MAX = 1000 };

/* Tags as the ledger has them. */
struct tags {
	char (*texts)[TAG_MAX + 1];
	const char **list;
};

static void tags_release(struct tags *tags)
{
	free(tags->texts);
	free(tags->list);
}

static enum err_kind make_tags(
    const char *const *given, size_t n, struct tags *tags, struct err *err)
{
	if (n > TAGS_GIVEN_MAX)
		return err_set(
		    err, ERR_USAGE, "a task has at most %d tags", LEDGER_TAGS_MAX);
	tags->texts = calloc(n + 1, sizeof(*tags->texts));
	tags->list = calloc(n + 1, sizeof(*tags->list));
	if (!tags->texts || !tags->list)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		if (tag_make(given[i], tags->texts[i], err))
			return err->kind;
		tags->list[i] = tags->texts[i];
	}
	return ERR_OK;
}

/* It may have lines, and nothing else that a terminal would obey. */
static bool is_note(const char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\n' && *text != '\t') ||
		    *text == 0x7f)
			return false;
	return true;
}

static enum err_kind check(const struct dq_mark *mark, struct err *err)
{
	const size_t len = mark->note ? strnlen(mark->note, LEDGER_NOTE_MAX + 1) : 0;

	if (len > LEDGER_NOTE_MAX)
		return err_set(
		    err, ERR_USAGE, "a note has at most %d bytes", LEDGER_NOTE_MAX);
	if (mark->note && (!is_note(mark->note) || !text_is_utf8(mark->note, len)))
		return err_set(
		    err, ERR_USAGE, "a note is UTF-8, and has no control characters");
	if (mark->has_rating &&
	    (mark->rating < LEDGER_RATING_REJECTED || mark->rating > LEDGER_RATING_MAX))
		return err_set(err, ERR_USAGE, "%d is no rating", mark->rating);
	return ERR_OK;
}

static enum err_kind mark_task(
    struct dq *dq, const char *id, const struct dq_mark *mark, struct err *err)
{
	_cleanup_(tags_release) struct tags add = { 0 }, remove = { 0 };
	struct ledger_mark wanted = { .index = LEDGER_MARK_TASK,
		.n_add = mark->n_add,
		.n_remove = mark->n_remove,
		.note = mark->note,
		.has_rating = mark->has_rating,
		.rating = mark->rating };

	if (check(mark, err) || make_tags(mark->add, mark->n_add, &add, err) ||
	    make_tags(mark->remove, mark->n_remove, &remove, err) ||
	    session_ledger_to_read(dq, err))
		return err->kind;
	if (!dq->ledger)
		return err_set(
		    err, ERR_NOT_FOUND, "the ledger does not know task '%s'", id);
	wanted.add = add.list;
	wanted.remove = remove.list;
	return ledger_mark(dq->ledger, dq->profile, id, &wanted, clock_unix_ms(), err);
}

enum dq_status dq_mark(struct dq *dq, const char *id, const struct dq_mark *given,
    struct dq_error *ret_error)
{
	struct dq_mark mark;
	struct err err;

	given_take(&mark, sizeof(mark), given);
	return mark_task(dq, id, &mark, &err) ? session_fail(&err, ret_error) : DQ_OK;
}

struct tag_listener {
	void (*on_tag)(void *payload, const char *tag, int64_t n_tasks);
	void *payload;
};

static bool tell_tag(void *payload, const char *tag, int64_t n_tasks)
{
	const struct tag_listener *listener = payload;

	listener->on_tag(listener->payload, tag, n_tasks);
	return true;
}

enum dq_status dq_tags(struct dq *dq,
    void (*on_tag)(void *payload, const char *tag, int64_t n_tasks), void *payload,
    struct dq_error *ret_error)
{
	struct tag_listener listener = { on_tag, payload };
	struct err err;

	if (session_ledger_to_read(dq, &err) ||
	    (dq->ledger &&
		ledger_tags(dq->ledger, dq->profile, tell_tag, &listener, &err)))
		return session_fail(&err, ret_error);
	return DQ_OK;
}
