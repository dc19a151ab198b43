/*
 * script.h - faults, as lines of text.
 *
 *     on=query nth=3 : status 503 retry-after=2
 *     on=cdn uri=*0.png* times=2 : reset after=1000
 *     on=submit times=1 : accept-then reset
 *
 * A line is matchers, a lone colon, and one or more faults. A fault is its
 * name, its argument if it takes one, and options. `#` begins a comment. The
 * tables in parse.c and parse_fault.c are the grammar. Every line counts the requests
 * that match it; several lines may hit one request, and of two faults of one
 * kind the later line wins.
 *
 * A script may be extended and cleared while requests run: a plan stays valid
 * until script_release().
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/text.h"

enum script_on {
	ON_QUERY = 1 << 0,
	ON_SUBMIT = 1 << 1,
	ON_QUEUE = 1 << 2,
	ON_CREDIT = 1 << 3,
	ON_CDN = 1 << 4,
	ON_HISTORY = 1 << 5,
	ON_ASSETS = 1 << 6,
	ON_ITEMS = 1 << 7,
	ON_IMAGES = 1 << 8,
	ON_VIDEOS = 1 << 9,
	ON_CANCEL = 1 << 10,
	ON_CREDIT_HISTORY = 1 << 11,
	ON_ANY = (1 << 12) - 1,
};

enum fault_kind {
	/* instead of the answer */
	FAULT_STATUS,
	FAULT_RET,
	FAULT_HTML,
	FAULT_EMPTY,
	FAULT_NOT_JSON,
	FAULT_JSON,
	FAULT_DEEP,
	FAULT_BIG,
	FAULT_REDIRECT,
	/* the answer, changed */
	FAULT_WRONG_TYPES,
	FAULT_DUPLICATE_KEYS,
	FAULT_CUT_JSON,
	FAULT_OMIT,
	FAULT_SWAP,
	FAULT_RECORD_OF,
	FAULT_STATE,
	FAULT_INTERVAL,
	FAULT_ITEMS,
	FAULT_TOTAL,
	FAULT_LINK,
	FAULT_PAGE,
	FAULT_ITEM,
	FAULT_UNLISTED,
	FAULT_SKEW,
	FAULT_RETRY_AFTER,
	/* the way it travels */
	FAULT_RESET,
	FAULT_STALL,
	FAULT_SLOW,
	FAULT_TRUNCATE,
	FAULT_LENGTH,
	FAULT_SWITCHING,
	FAULT_CHUNK_EXTENSION,
	FAULT_AHEAD,
	/* the CDN */
	FAULT_NEW_ETAG,
	FAULT_NO_RANGE,
	FAULT_BAD_RANGE,
	FAULT_NO_VALIDATORS,
	FAULT_EXPIRE_AFTER,
	/* what happens to the account before the answer */
	FAULT_ADD_RECORDS,
	FAULT_TOP_UP,
	/* a submit is accepted first, whatever the other faults do */
	FAULT_ACCEPT_THEN,
	FAULT_KINDS
};

enum { FAULTS_PER_LINE = 8 };

struct fault {
	enum fault_kind kind;
	double number; /* the argument: a code, bytes, seconds */
	double upto; /* of a range of bytes; else as `number` */
	char *text; /* the argument, where it is text */
	int64_t after; /* option after=, -1 without */
	int status; /* option status=, 0 without */
	int retry_after; /* option retry-after=, -1 without */
	char *message; /* option msg= */
	char *body; /* option body= */
	char *names; /* option names= */
};

struct rule {
	char *line;
	unsigned on;
	int64_t nth, after, times, every; /* 0: not given; times -1 */
	double prob;
	double within_s; /* from its first match on, service time; 0: not given */
	int64_t first_ms; /* of the first match; 0: none yet */
	char *account, *id, *uri, *method;
	struct fault faults[FAULTS_PER_LINE];
	unsigned count;
	uint64_t seen, applied;
	struct rule *next;
};

struct script {
	pthread_mutex_t lock;
	uint64_t seed;
	struct rule *rules, *cleared;
};

/* What a rule can look at. */
struct script_request {
	enum script_on on;
	const char *method, *uri, *account;
	const char *const *ids;
	size_t ids_count;
	int64_t now_ms; /* of the service */
	double shrink; /* clock.h: by what a duration is divided */
};

struct plan {
	const struct fault *faults[FAULT_KINDS]; /* NULL where there is none */
};

void script_init(struct script *script, uint64_t seed);
void script_release(struct script *script);

/* Append the lines of a text, all or none. Errors name the line. */
enum err_kind script_add(struct script *script, const char *text, struct err *err);
enum err_kind script_add_file(struct script *script, const char *path, struct err *err);
void script_clear(struct script *script);
/* Take out the lines that read exactly as those of the text; how many that were. */
unsigned script_remove(struct script *script, const char *text);

/* Count the request and collect what is to happen to it. */
struct plan script_match(struct script *script, const struct script_request *request);

/* Append every line with how often it matched and applied, a JSON array. */
void script_list(struct script *script, struct text *out);

/* The name of a kind, as scripts and the request log have it: NULL past the end. */
const char *script_fault_name(size_t i);

/* One line (not empty, not a comment) to a rule; the caller frees it. */
enum err_kind script_parse_line(
    const char *line, struct rule **ret_rule, struct err *err);
void rule_free(struct rule *rule);
