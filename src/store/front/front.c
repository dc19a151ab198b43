/*
 * front.c - hands each question to the sink that it is of.
 */
#include "store/sink.h"

#include <string.h>

#include "store/sink_ops.h"

/* --- kinds ------------------------------------------------------------------------ */

int sink_kind_of(const char *url)
{
	const size_t n = sink_scheme_len(url);

	for (int i = 0; sink_kinds[i]; i++) {
		const char *scheme = sink_kinds[i]->scheme;

		if (n == 0 ? sink_kinds[i]->takes_paths
			   : strlen(scheme) == n && strncmp(scheme, url, n) == 0)
			return i;
	}
	return -1;
}

/* --- a sink ----------------------------------------------------------------------- */

enum err_kind sink_open(const char *url, struct sink **ret_sink, struct err *err)
{
	const int kind = sink_kind_of(url);

	return kind < 0 ? sink_no_kind(url, err)
			: sink_kinds[kind]->open(url, ret_sink, err);
}

void sink_free(struct sink *sink)
{
	if (sink)
		sink->ops->free(sink);
}

const char *sink_place(const struct sink *sink)
{
	return sink->ops->place(sink);
}

void sink_no_sync(struct sink *sink)
{
	if (sink->ops->no_sync)
		sink->ops->no_sync(sink);
}

enum err_kind sink_check(const struct sink *sink, struct err *err)
{
	return sink->ops->check(sink, err);
}

bool sink_is_below(const struct sink *sink, const char *location)
{
	return sink->ops->is_below(sink, location);
}

int64_t sink_free_bytes(const struct sink *sink)
{
	return sink->ops->free_bytes(sink);
}

/* --- a file on its way ------------------------------------------------------------ */

enum err_kind partial_begin(struct sink *sink, const char *key,
    struct partial **ret_partial, uint64_t *ret_size_bytes, struct err *err)
{
	return sink->ops->begin(sink, key, ret_partial, ret_size_bytes, err);
}

enum err_kind partial_write(
    struct partial *partial, const void *bytes, size_t len, struct err *err)
{
	return partial->sink->ops->write(partial, bytes, len, err);
}

enum err_kind partial_read(const struct partial *partial, uint64_t offset,
    void *ret_bytes, size_t len, struct err *err)
{
	return partial->sink->ops->read(partial, offset, ret_bytes, len, err);
}

enum err_kind partial_truncate(
    struct partial *partial, uint64_t size_bytes, struct err *err)
{
	return partial->sink->ops->truncate(partial, size_bytes, err);
}

enum err_kind partial_trust(struct partial *partial, const struct synced *synced,
    uint64_t *ret_size_bytes, struct err *err)
{
	return partial->sink->ops->trust(partial, synced, ret_size_bytes, err);
}

enum err_kind partial_sync(struct partial *partial, uint64_t size_bytes,
    struct synced *ret_synced, struct err *err)
{
	return partial->sink->ops->sync(partial, size_bytes, ret_synced, err);
}

void partial_want_md5(struct partial *partial)
{
	partial->sink->ops->want_md5(partial);
}

enum err_kind partial_sum(
    struct partial *partial, struct sealed *ret_sealed, struct err *err)
{
	return partial->sink->ops->sum(partial, ret_sealed, err);
}

enum err_kind partial_choose(struct partial *partial, const char *name,
    const struct sealed *sealed, char **ret_location, struct err *err)
{
	return partial->sink->ops->choose(partial, name, sealed, ret_location, err);
}

void sink_flush(struct sink *sink, const struct flush *flush)
{
	const struct err none = { .kind = ERR_OK };

	for (size_t i = 0; i < flush->n_seals; i++)
		flush->seals[i].err = none;
	for (size_t i = 0; i < flush->n_commits; i++) {
		flush->commits[i].err = none;
		flush->commits[i].is_taken = false;
	}
	if (flush->n_seals + flush->n_commits > 0)
		sink->ops->flush(sink, flush);
}

void partial_close(struct partial *partial)
{
	if (partial)
		partial->sink->ops->close(partial);
}

void partial_discard(struct partial *partial)
{
	if (partial)
		partial->sink->ops->discard(partial);
}
