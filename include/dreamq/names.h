/*
 * names.h - which names a template gives to files, and giving them. docs/names.md tells
 * users of it. Errors and strings are those of dreamq.h.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A file and its name; borrowed until on_named returns. */
struct dq_named {
	const char *submit_id;
	int index;
	const char *from; /* absolute, where it is (was); NULL: not fetched yet */
	const char *to; /* absolute */
	const char *name; /* the same, below the sink */
	const char *state; /* "stays", "planned", "renamed", "failed" */
	const char *text; /* why it failed, in English; NULL */
	const char *shown; /* the same in the language of the program */
};
struct dq_renamed {
	size_t files, renamed, planned, failed;
	size_t elsewhere; /* stored, but not below the sink */
};
struct dq_naming {
	size_t size_bytes;
	const char *sink, *name_template; /* as those of struct dq_get */
	/* Words of the template itself are made fit for Windows, too; short paths. */
	bool windows_filenames;
	const char *const *ids; /* these tasks only; NULL: all */
	size_t n;
	size_t limit; /* without ids: the newest so many; 0: all */
	bool dry_run; /* dq_rename: tell, and change nothing */
	void (*on_named)(void *payload, const struct dq_named *named); /* may be NULL */
	void *payload;
};
/* Return the fields of a template. The list ends with NULL and is never freed. */
DQ_API const char *const *dq_name_fields(void);
/* May files be named so? DQ_USAGE says why not. Nothing is opened. */
DQ_API enum dq_status dq_name_check(const struct dq_naming *naming, struct dq_error *err);
/* Tell which names the files of these tasks would get in an empty folder. */
DQ_API enum dq_status dq_name_preview(struct dq *dq, const struct dq_naming *naming,
    struct dq_renamed *ret_renamed, struct dq_error *err);
/*
 * Give the stored files below `sink` the names of the template, in the ledger and on the
 * disk. A name that is taken gets the lowest number that is free; nothing is replaced; a
 * file that is where it should be stays. What lies beside them as a sidecar follows. It
 * may be killed at any moment: each file is where the ledger says, and to run it again
 * goes on. DQ_RUNNING: others are at work on one of the tasks; DQ_STORAGE: a file could
 * not be renamed; DQ_USAGE: the template, or no file lies below the sink.
 */
DQ_API enum dq_status dq_rename(struct dq *dq, const struct dq_naming *naming,
    struct dq_renamed *ret_renamed, struct dq_error *err);

#ifdef __cplusplus
}
#endif
