/*
 * request.h - one request: what was read of it, what was understood, and its answer.
 *
 * http.c makes a request when its line has been read and frees it when the
 * connection has done with it. In between the host's answer() fills in the reply. A
 * request belongs to one thread.
 */
#pragma once

#include <jansson.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/text.h"
#include "script/script.h"
#include "wire/host.h"
#include "wire/reply.h"

enum { REQUEST_BODY_MAX = 16 << 20 };

struct task;

/* The life of the links to one object, which a fault may end. */
struct links_watch {
	bool counts; /* the bytes of this answer are taken from their life */
	bool end_here; /* they die where this answer is cut */
	uint32_t salt; /* of the links that are meant */
};

struct request {
	struct http_host *host;
	struct MHD_Connection *conn;
	bool is_cdn, is_tls, is_begun, is_logged;
	char *uri; /* as received, with the query */
	const char *method, *path; /* path is decoded; owned by the connection */
	struct text body;
	bool is_too_big;
	json_t *json; /* the body, NULL when it is none */
	int64_t now_ms; /* emulated, when the handler began */
	int64_t skew_ms; /* what a fault adds to the times shown */
	char logid[40];

	const char *on; /* the word of the fault script for what was asked, or NULL */
	const char *sign; /* how it is signed, jimeng/sign.h; NULL: not at all */
	char *session; /* NULL without cookie */
	char **ids; /* asked for, submitted, or behind the link */
	size_t ids_count;
	char **violations;
	size_t violations_count;
	struct plan plan;
	bool is_accepted; /* a submit that was accepted, */
	bool is_duplicate; /* not for the first time */
	int ret; /* the business error that was prepared for it, or 0 */
	const struct task *task; /* behind a link */
	unsigned task_index;

	struct reply reply;
	struct delivery delivery;
	struct links_watch links;
	uint64_t sent;
	bool is_stalled; /* the stall has been */
};

/* For the ports: a request whose line has been read. */
struct request *request_new(
    struct http_host *host, bool is_cdn, bool is_tls, const char *uri);
void request_free(struct request *r);

/* A header of the request, or NULL; an argument of its query, "" when absent. */
const char *request_header(const struct request *r, const char *name);
const char *request_argument(const struct request *r, const char *name);

void request_violation(struct request *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Is the id at `index` there before, in this list of the body or another? */
bool request_repeats_id(const struct request *r, size_t index);
void request_add_id(struct request *r, const char *id);

/* The fault of this kind that hits the request, or NULL. */
static inline const struct fault *request_fault(
    const struct request *r, enum fault_kind kind)
{
	return r->plan.faults[kind];
}
