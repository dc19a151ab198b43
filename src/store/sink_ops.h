/*
 * sink_ops.h - what a kind of sink has to do. For store/ only; sink.h has the promises,
 * each function here keeps that of the one with its name there.
 *
 * How to add one: a folder src/store/NAME/ with its struct sink_kind, a line in
 * front/kinds.c, and a row in tests/conformance/sink/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/sink.h"

struct sink_ops {
	void (*free)(struct sink *sink);
	const char *(*place)(const struct sink *sink);
	void (*no_sync)(struct sink *sink); /* NULL: there is nothing to leave out */
	enum err_kind (*check)(const struct sink *sink, struct err *err);
	bool (*is_below)(const struct sink *sink, const char *location);
	int64_t (*free_bytes)(const struct sink *sink);

	/* Of a sink that was opened to store. */
	enum err_kind (*begin)(struct sink *sink, const char *key,
	    struct partial **ret_partial, uint64_t *ret_size_bytes, struct err *err);
	enum err_kind (*write)(
	    struct partial *partial, const void *bytes, size_t len, struct err *err);
	enum err_kind (*read)(const struct partial *partial, uint64_t offset,
	    void *ret_bytes, size_t len, struct err *err);
	enum err_kind (*truncate)(
	    struct partial *partial, uint64_t size_bytes, struct err *err);
	enum err_kind (*trust)(struct partial *partial, const struct synced *synced,
	    uint64_t *ret_size_bytes, struct err *err);
	enum err_kind (*sync)(struct partial *partial, uint64_t size_bytes,
	    struct synced *ret_synced, struct err *err);
	void (*want_md5)(struct partial *partial);
	enum err_kind (*sum)(
	    struct partial *partial, struct sealed *ret_sealed, struct err *err);
	enum err_kind (*choose)(struct partial *partial, const char *name,
	    const struct sealed *sealed, char **ret_location, struct err *err);
	void (*flush)(struct sink *sink, const struct flush *flush);
	void (*close)(struct partial *partial);
	void (*discard)(struct partial *partial);

	/* Of any sink, for every location of its kind. */
	int64_t (*size)(struct sink *sink, const char *location, int64_t believed_bytes);
	enum err_kind (*settle)(struct sink *sink, const char *location,
	    uint64_t size_bytes, const char *sha256, bool *ret_matches, struct err *err);
	enum err_kind (*copy)(struct sink *sink, const char *location,
	    struct partial *into, struct err *err); /* by partial_write() */
	enum err_kind (*path)(struct sink *sink, const char *location, char **ret_path,
	    struct err *err); /* NULL: this kind has none */
	enum err_kind (*note)(struct sink *sink, const struct note *note,
	    struct err *ret_taken, struct err *err);
	enum err_kind (*inspect)(struct sink *sink, const char *location,
	    const struct synced *want, const struct file_watch *watch,
	    struct file_found *ret_found, struct err *err);
	enum err_kind (*tells_end)(struct sink *sink, const char *location,
	    uint64_t size_bytes, const struct media_type **ret_type, bool *ret_tells,
	    struct err *err);
	bool (*place_is_gone)(struct sink *sink, const char *location);
	enum err_kind (*scan)(struct sink *sink, const char *place, bool is_deep,
	    scan_on_entry *on_entry, void *payload, struct err *err);
	bool (*is_held)(struct sink *sink, const char *location);
	enum err_kind (*remove)(struct sink *sink, const char *location,
	    bool (*may_go)(void *payload), void *payload, bool *ret_removed,
	    struct err *err);
	char *(*partial_at)(struct sink *sink, const char *place, const char *key);
	enum err_kind (*move)(struct sink *sink, const char *from, const char *to,
	    bool *ret_exists, struct err *err);
	enum err_kind (*duplicate)(
	    struct sink *sink, const char *from, const char *to, struct err *err);
	enum stored_what (*look)(
	    struct sink *sink, const char *location, const char *file);
	void (*give)(
	    struct sink *sink, const char *place, struct relocation *all, size_t n);
	void (*take)(
	    struct sink *sink, const char *place, struct relocation *all, size_t n);
	char *(*true_place)(struct sink *sink, const char *place);
	bool (*reaches)(struct sink *sink, const char *place, const char *below);
};

/*
 * Both begin with these, so that front.c finds the functions of a sink and of a partial.
 */
struct sink {
	const struct sink_ops *ops;
};
struct partial {
	struct sink *sink;
};

struct sink_kind {
	const char *scheme; /* of its urls and locations, without "://" */
	bool takes_paths; /* and what has no scheme: one kind does */
	/* As sink_open(). */
	enum err_kind (*open)(const char *url, struct sink **ret_sink, struct err *err);
	/* For looking: knows every location of its kind, makes nothing, begins nothing.
	 * Used by several threads at once. */
	enum err_kind (*open_to_read)(struct sink **ret_sink, struct err *err);
	/* As place_of_url(). */
	enum err_kind (*place)(const char *url, char **ret_place, struct err *err);
};

/* front/kinds.c: ends with NULL. A test that brings a sink of its own brings its own
 * table. */
extern const struct sink_kind *const sink_kinds[];

extern const struct sink_kind sink_folder;

/* Returns the place of its kind in the table; -1: none is for it. */
int sink_kind_of(const char *url);
/* Returns the length of SCHEME in "SCHEME://..."; 0: it has none. */
size_t sink_scheme_len(const char *url);
/* Says that no kind stores at such a url: ERR_USAGE. */
enum err_kind sink_no_kind(const char *url, struct err *err);
