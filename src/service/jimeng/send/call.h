/*
 * call.h - one exchange with the API under way: what is sent, what came so
 * far, and whom to tell.
 *
 * A call lives until its transfer's on_done, also when the api has gone
 * before; then its `api` is NULL and nobody is told.
 */
#pragma once

#include <sys/queue.h>

#include "base/buf.h"
#include "base/secret.h"
#include "model/taskid.h"
#include "service/jimeng/send/client.h"
#include "service/jimeng/send/reply.h"

enum {
	CALL_URL_MAX = 4096,
	CALL_HEADERS_MAX = 16,
	CALL_HEADER_MAX = 1024, /* of one line */
	CALL_LOCATION_MAX = 512,
	CALL_LOG_ID_MAX = 64,
};

struct api {
	struct net *net;
	const struct wire *wire;
	struct secret cookie;
	LIST_HEAD(call_list, call) calls;
};

struct call {
	LIST_ENTRY(call) others;
	struct api *api; /* NULL: nobody waits any more */
	struct net_request *request;
	void (*finish)(const struct call *call, const struct reading *reading, bool sent);
	union {
		api_on_query *query;
		api_on_submit *submit;
		service_on_credit *credit;
	} on;
	void *payload;
	size_t n_ids;
	char submit_id[TASKID_MAX + 1]; /* of a submit */
	struct buf body;
	struct err body_err; /* why we stopped reading; ERR_OK: we did not */
	long status;
	int64_t retry_after_ms, date_unix_ms;
	char location[CALL_LOCATION_MAX], log_id[CALL_LOG_ID_MAX + 1];
};

/* A request being put together; start with draft_make(). */
struct draft {
	struct buf url;
	char line[CALL_HEADERS_MAX][CALL_HEADER_MAX];
	const char *headers[CALL_HEADERS_MAX + 1];
	size_t n;
	bool is_cut;
	const char *cookie_header;
	const char *body;
	size_t body_len, max_body_bytes;
	uint32_t timeout_ms;
	bool wants_gzip, once;
};

static inline struct draft draft_make(void)
{
	return (struct draft){ .url = buf_make(CALL_URL_MAX) };
}

void draft_release(struct draft *draft);
void draft_add_header(struct draft *draft, const char *name, const char *value);

/*
 * Send a copy of *call (finish, on, payload, n_ids, submit_id). Its finish() is called
 * once, unless api_free() comes first. An error: nothing was sent, nothing is called.
 */
enum err_kind call_start(
    struct api *api, const struct draft *draft, const struct call *call, struct err *err);
/* Nobody waits for this one any more. */
void call_abandon(struct call *call);
