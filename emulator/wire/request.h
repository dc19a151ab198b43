/*
 * request.h - one request, its answer, and the way the answer travels.
 *
 * http.c makes a request when its line has been read and frees it when the
 * connection has done with it. In between service.c fills in the reply. A
 * request belongs to one thread.
 */
#pragma once

#include <jansson.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/source.h"
#include "common/text.h"
#include "script/script.h"
#include "wire/emulator.h"

enum { REQUEST_BODY_MAX = 16 << 20, REPLY_HEADERS_MAX = 16 };

struct reply_header {
	const char *name;
	char *value;
};

struct reply {
	int status; /* 0: no answer at all */
	struct reply_header headers[REPLY_HEADERS_MAX];
	unsigned headers_count;
	struct source body;
	uint64_t first; /* the part of the body that is sent: a range */
	uint64_t size;
};

/* What happens to an answer that is on its way. Offsets count body bytes; -1 is never. */
struct wire {
	int64_t cut_at; /* the connection ends here, */
	bool is_reset; /* by a reset or by an ordinary close */
	int64_t stall_at;
	double stall_s;
	uint64_t rate; /* bytes a second; 0 is no limit */
	int64_t length_delta; /* how much Content-Length lies */
	bool kills_links; /* when it is cut, the links to this asset die */
	bool counts_links; /* its bytes are taken from the life of these links */
	uint32_t salt; /* of the links that the last two mean */
};

struct request {
	struct emulator *emu;
	struct MHD_Connection *conn;
	bool is_cdn, is_begun, is_logged;
	char *uri; /* as received, with the query */
	const char *method, *path; /* path is decoded; owned by the connection */
	struct text body;
	bool is_too_big;
	json_t *json; /* the body, NULL when it is none */
	int64_t now_ms; /* emulated, when the handler began */
	int64_t skew_ms; /* what a fault adds to the times shown */
	char logid[40];

	const char *on; /* the word of the fault script for what was asked, or NULL */
	char *session; /* NULL without cookie */
	char **ids; /* asked for, submitted, or behind the link */
	size_t ids_count;
	char **violations;
	size_t violations_count;
	struct plan plan;
	bool is_accepted; /* a submit that was accepted */
	int ret; /* the business error that was prepared for it, or 0 */
	const struct task *task; /* behind a link */
	unsigned task_index;

	struct reply reply;
	struct wire wire;
	uint64_t sent;
	bool is_stalled; /* the stall has been */
};

struct request *request_new(struct emulator *emu, bool is_cdn, const char *uri);
void request_free(struct request *r);

/* A header of the request, or NULL; an argument of its query, "" when absent. */
const char *request_header(const struct request *r, const char *name);
const char *request_argument(const struct request *r, const char *name);

void request_violation(struct request *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void request_add_id(struct request *r, const char *id);

/* The fault of this kind that hits the request, or NULL. */
static inline const struct fault *request_fault(
    const struct request *r, enum fault_kind kind)
{
	return r->plan.faults[kind];
}

void reply_header(struct request *r, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Answer with this text, which the reply takes over; with a copy of a string. */
void reply_text(struct request *r, int status, const char *type, struct text *body);
void reply_string(struct request *r, int status, const char *type, const char *body);

/* Drop an answer that was prepared. */
void reply_clear(struct request *r);

/* Write the log line, once. */
void request_log(struct request *r);
