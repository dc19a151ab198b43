/*
 * stored.c - what is stored, asked of the kind that a location is of.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "store/sink_ops.h"

struct sinks {
	size_t n;
	struct sink *all[]; /* as in sink_kinds */
};

void sinks_free(struct sinks *sinks)
{
	if (!sinks)
		return;
	for (size_t i = 0; i < sinks->n; i++)
		sink_free(sinks->all[i]);
	free(sinks);
}

static void sinks_freep(struct sinks **sinks)
{
	sinks_free(*sinks);
}

enum err_kind sinks_new(struct sinks **ret_sinks, struct err *err)
{
	_cleanup_(sinks_freep) struct sinks *sinks = NULL;
	size_t n = 0;

	while (sink_kinds[n])
		n++;
	sinks = calloc(1, sizeof(*sinks) + n * sizeof(struct sink *));
	if (!sinks)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (; sinks->n < n; sinks->n++)
		if (sink_kinds[sinks->n]->open_to_read(&sinks->all[sinks->n], err))
			return err->kind;
	*ret_sinks = TAKE_PTR(sinks);
	return ERR_OK;
}

/* NULL: no kind has such locations. */
static struct sink *sink_of(const struct sinks *sinks, const char *location)
{
	const int kind = sink_kind_of(location);

	return kind < 0 ? NULL : sinks->all[kind];
}

/* --- a file ----------------------------------------------------------------------- */

int64_t stored_size(
    const struct sinks *sinks, const char *location, int64_t believed_bytes)
{
	struct sink *sink = sink_of(sinks, location);

	return sink ? sink->ops->size(sink, location, believed_bytes) : -1;
}

enum err_kind stored_settle(const struct sinks *sinks, const char *location,
    uint64_t size_bytes, const char *sha256, bool *ret_matches, struct err *err)
{
	struct sink *sink = sink_of(sinks, location);

	return sink
	    ? sink->ops->settle(sink, location, size_bytes, sha256, ret_matches, err)
	    : sink_no_kind(location, err);
}

enum err_kind stored_copy(const struct sinks *sinks, const char *location,
    struct partial *into, struct err *err)
{
	struct sink *sink = sink_of(sinks, location);

	return sink ? sink->ops->copy(sink, location, into, err)
		    : sink_no_kind(location, err);
}

enum err_kind stored_path(
    const struct sinks *sinks, const char *location, char **ret_path, struct err *err)
{
	struct sink *sink = sink_of(sinks, location);

	if (!sink || !sink->ops->path)
		return err_set(err, ERR_USAGE,
		    "'%s' has no path that a program could open", location);
	return sink->ops->path(sink, location, ret_path, err);
}

/* All of them are beside files of one sink. */
enum err_kind stored_note(const struct sinks *sinks, const struct note *note,
    struct err *ret_taken, struct err *err)
{
	struct sink *sink = note->n > 0 ? sink_of(sinks, note->locations[0]) : NULL;

	ret_taken->kind = ERR_OK;
	if (note->n == 0)
		return ERR_OK;
	return sink ? sink->ops->note(sink, note, ret_taken, err)
		    : sink_no_kind(note->locations[0], err);
}

/* --- looking through -------------------------------------------------------------- */

enum err_kind stored_check(const struct sinks *sinks, const char *location,
    const struct synced *want, const struct file_watch *watch,
    struct file_found *ret_found, struct err *err)
{
	struct sink *sink = sink_of(sinks, location);

	return sink ? sink->ops->inspect(sink, location, want, watch, ret_found, err)
		    : sink_no_kind(location, err);
}

enum err_kind stored_tells_end(const struct sinks *sinks, const char *location,
    uint64_t size_bytes, const struct media_type **ret_type, bool *ret_tells,
    struct err *err)
{
	struct sink *sink = sink_of(sinks, location);

	return sink
	    ? sink->ops->tells_end(sink, location, size_bytes, ret_type, ret_tells, err)
	    : sink_no_kind(location, err);
}

bool stored_place_is_gone(const struct sinks *sinks, const char *location)
{
	struct sink *sink = sink_of(sinks, location);

	return sink && sink->ops->place_is_gone(sink, location);
}

enum err_kind stored_scan(const struct sinks *sinks, const char *place, bool is_deep,
    scan_on_entry *on_entry, void *payload, struct err *err)
{
	struct sink *sink = sink_of(sinks, place);

	return sink ? sink->ops->scan(sink, place, is_deep, on_entry, payload, err)
		    : sink_no_kind(place, err);
}

bool stored_is_held(const struct sinks *sinks, const char *location)
{
	struct sink *sink = sink_of(sinks, location);

	return !sink || sink->ops->is_held(sink, location);
}

enum err_kind stored_remove(const struct sinks *sinks, const char *location,
    bool (*may_go)(void *payload), void *payload, bool *ret_removed, struct err *err)
{
	struct sink *sink = sink_of(sinks, location);

	return sink ? sink->ops->remove(sink, location, may_go, payload, ret_removed, err)
		    : sink_no_kind(location, err);
}

char *stored_partial_at(const struct sinks *sinks, const char *place, const char *key)
{
	struct sink *sink = sink_of(sinks, place);

	return sink ? sink->ops->partial_at(sink, place, key) : NULL;
}

/* Of both; NULL: there is none, or they differ. */
static struct sink *sink_of_both(
    const struct sinks *sinks, const char *from, const char *to, struct err *err)
{
	struct sink *sink = sink_of(sinks, from);

	if (sink && sink == sink_of(sinks, to))
		return sink;
	err_set(err, ERR_USAGE, "'%s' and '%s' are not of one sink", from, to);
	return NULL;
}

enum err_kind stored_move(const struct sinks *sinks, const char *from, const char *to,
    bool *ret_exists, struct err *err)
{
	struct sink *sink = sink_of_both(sinks, from, to, err);

	return sink ? sink->ops->move(sink, from, to, ret_exists, err) : err->kind;
}

enum err_kind stored_duplicate(
    const struct sinks *sinks, const char *from, const char *to, struct err *err)
{
	struct sink *sink = sink_of_both(sinks, from, to, err);

	return sink ? sink->ops->duplicate(sink, from, to, err) : err->kind;
}

enum stored_what stored_look(
    const struct sinks *sinks, const char *location, const char *file)
{
	struct sink *sink = sink_of(sinks, location);

	return sink ? sink->ops->look(sink, location, file) : STORED_OTHER;
}

/* Of all kinds that these places are of there is one. */
static struct sink *sink_of_all(
    const struct sinks *sinks, const char *place, struct relocation *all, size_t n)
{
	struct sink *sink = sink_of(sinks, place);

	for (size_t i = 0; i < n; i++)
		if (!sink || sink_of(sinks, all[i].from) != sink)
			sink = NULL;
	for (size_t i = 0; i < n && !sink; i++)
		(void)err_set(&all[i].err, ERR_USAGE, "'%s' and '%s' are not of one sink",
		    all[i].from, all[i].to);
	return sink;
}

void stored_give(
    const struct sinks *sinks, const char *place, struct relocation *all, size_t n)
{
	struct sink *sink = sink_of_all(sinks, place, all, n);

	if (sink)
		sink->ops->give(sink, place, all, n);
}

void stored_take(
    const struct sinks *sinks, const char *place, struct relocation *all, size_t n)
{
	struct sink *sink = sink_of_all(sinks, place, all, n);

	if (sink)
		sink->ops->take(sink, place, all, n);
}

/* --- places ----------------------------------------------------------------------- */

enum err_kind place_of_url(const char *url, char **ret_place, struct err *err)
{
	const int kind = sink_kind_of(url);

	return kind < 0 ? sink_no_kind(url, err)
			: sink_kinds[kind]->place(url, ret_place, err);
}

char *stored_true_place(const struct sinks *sinks, const char *place)
{
	struct sink *sink = sink_of(sinks, place);

	return sink ? sink->ops->true_place(sink, place) : strdup(place);
}

bool stored_reaches(const struct sinks *sinks, const char *place, const char *below)
{
	struct sink *sink = sink_of(sinks, place);

	return sink && sink->ops->reaches(sink, place, below);
}
