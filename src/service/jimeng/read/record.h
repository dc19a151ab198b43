/*
 * record.h - one record of an answer: what it says, without an opinion.
 *
 * record_read() fills the task (all but state, failure and warning) and the
 * facts that verdict.h and failure.h judge by.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "model/task.h"

#define STATUS_ABSENT INT64_MIN

/* What the service's numbers are clamped to as they are read, so that no sum overflows.
 */
enum {
	RECORD_NUMBER_MAX =
	    1000 * 1000 * 1000, /* a status (both ways), a place, a count */
	RECORD_SECONDS_MAX = 366 * 24 * 3600, /* a forecast */
};

struct facts {
	/* These, within plus and minus RECORD_NUMBER_MAX: */
	int64_t status; /* the record's own, else the task's; STATUS_ABSENT */
	int64_t task_status; /* of `task`; STATUS_ABSENT */
	int64_t queue_status; /* STATUS_ABSENT */
	bool has_finish_time;
	int64_t usable, failed,
	    total; /* assets, 0 to RECORD_NUMBER_MAX; total: the largest promise */
	int64_t told; /* total as the service told it; 0: nothing did */
	/* NULL when absent, empty, or the service's word for "none" */
	const char *fail_code, *fail_key, *fail_message;
	const char *fail_word; /* fail_msg: "InputTextRisk" */
	const char *item_word; /* of the first failed item: "SystemBusy" */
	unsigned bad_links;
	size_t left_out; /* assets that were too many */
};

/* Where a record was found. */
struct record {
	const cJSON *json;
	const char *key; /* its key in `data`; NULL: member of a list */
	int64_t server_unix_ms; /* of the answer; -1 unknown */
};

/*
 * The strings live in the task's arena. Not an object: ERR_CONTRACT. Fields of a wrong
 * type are counted only.
 */
enum err_kind record_read(const struct record *record, struct task *task,
    struct facts *ret_facts, unsigned *mistyped, struct err *err);

enum { RECORD_IDS = 5 };
/* The paths of a record's own ids, NULL-terminated. */
extern const char *const record_id_paths[RECORD_IDS + 1];
