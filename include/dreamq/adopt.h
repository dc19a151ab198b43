/*
 * adopt.h - tasks that other tools have made: found in what those keep or print, and
 * taken into the ledger.
 *
 * What is read: the database of the service's own command line (tasks.db), or of another
 * tool that has a column of ids; a record of a browser's traffic (HAR), of which cookies
 * and headers are passed over; a pasted curl command; JSON of the service, of its command
 * lines, of dreamq; tables (CSV) with a column of ids; and texts with ids, addresses or
 * paths of files. Errors, strings and sizes are those of dreamq.h.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A task that was found. */
struct dq_found {
	const char *source; /* its name */
	const char *form; /* "database", "har", "json", "curl", "table", "text" */
	const char *unit; /* "row", "entry", "element", "line", "command" */
	size_t number; /* which one of these, from 1 */
	const char *submit_id; /* the id that it is adopted by */
	const char *history_id; /* NULL unknown */
	const char *kind, *prompt, *model; /* NULL unknown */
	/* As the source has it, in words of dq_state_names(); NULL unknown. The ledger
	 * doesn't take it: the service is asked. */
	const char *state;
	bool is_known; /* the ledger had it already */
};
/* What might have been one and is none. */
struct dq_skipped {
	const char *source, *form, *unit;
	size_t number;
	const char *text; /* why: a sentence in English */
	const char *shown; /* the same in the language of the program */
};

struct dq_adopt_source {
	size_t size_bytes;
	const char *name; /* for messages */
	const char *path; /* NULL: a stream, which can be no database */
	/* Write up to `room` bytes, none at the end; other than 0: it can't be read. */
	int (*read)(void *payload, char *into, size_t room, size_t *ret_n);
	void *payload;
};
struct dq_adopt {
	size_t size_bytes;
	bool dry_run; /* write nothing: only tell */
	void (*on_found)(void *payload, const struct dq_found *found); /* may be NULL */
	void (*on_skipped)(
	    void *payload, const struct dq_skipped *skipped); /* the same */
	void *payload;
};
struct dq_adopted {
	const char *form; /* NULL: it could not be told */
	size_t found, added, known; /* added to the ledger, or would be */
	size_t skipped;
};
/*
 * Find the tasks of a source, adopt them for the profile, and tell each of them then,
 * where it was found and whether it is new; what was skipped is told while reading. Only
 * the ledger is used: what became of them, dq_get(), dq_wait() or dq_watch() asks.
 *
 * A source of any size is read in pieces: what is held are the tasks, at most a million
 * of them and 256 MiB. What was found before a source turns out to be cut, damaged or
 * unreadable is adopted all the same.
 *
 * DQ_USAGE: there is no task in it, or it is damaged, or of a kind that is not read;
 * DQ_STORAGE: it can't be read, or is locked by its program; DQ_INTERRUPTED.
 */
DQ_API enum dq_status dq_adopt(struct dq *dq, const struct dq_adopt_source *source,
    const struct dq_adopt *adopt, struct dq_adopted *ret_adopted, struct dq_error *err);

#ifdef __cplusplus
}
#endif
