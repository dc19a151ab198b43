/*
 * client.h - the service's requests, one function each. Every call returns
 * at once; the outcome comes later through the callback, exactly once, on
 * the loop's thread. Errors are classified here, decided upon elsewhere.
 */
#pragma once

#include "net/net.h"
#include "service/jimeng/read/answer.h"
#include "service/jimeng/send/wire.h"
#include "service/service.h"

struct api;

/*
 * The cookie is copied, kept out of core dumps where the system lets us, and wiped at the
 * end. `net` and `wire` are borrowed until api_free().
 */
enum err_kind api_new(struct net *net, const struct wire *wire, const char *cookie,
    struct api **ret_api, struct err *err);
/*
 * Outcomes still under way never come. Their transfers are cancelled, which takes one
 * net_step() that doesn't wait; from inside a callback it happens right after.
 */
void api_free(struct api *api);
/* Holds for the requests from now on; the old one is wiped. */
enum err_kind api_set_cookie(struct api *api, const char *cookie, struct err *err);

/*
 * How a request ended. err.kind is ERR_OK (then `answer`), ERR_NET (5xx,
 * HTML, empty body, cut), ERR_BUSY (429, slow-down codes; retry_after_ms),
 * ERR_AUTH, ERR_ACCOUNT, ERR_USAGE (caller-bug codes), ERR_CONTRACT, ERR_CANCELLED.
 */
struct api_outcome {
	struct err err;
	struct answer *answer; /* borrowed until the callback returns */
	bool is_empty_body; /* then ask whether the login still holds: api_credit() */
	/*
	 * A smaller batch may cure it: 413, 414, 5xx, 408, timeout, cut, too big, not
	 * JSON, "invalid parameter". Never for a single id.
	 */
	bool could_be_size;
	bool sent; /* the request may have reached the service */
	bool is_lag; /* ERR_BUSY: the service is behind its own submits, and catches up */
};
typedef void api_on_query(void *payload, const struct api_outcome *outcome);

/*
 * Ask for ids (PROTOCOL A1). as_history[i] puts id i in `history_ids`. At most
 * wire->batch_max; more is the caller's bug.
 */
enum err_kind api_query(struct api *api, const char *const *ids, const bool *as_history,
    size_t n, api_on_query *on_query, void *payload, struct err *err);

/*
 * The body that would be sent (PROTOCOL A2, B11), as text; the caller frees it. Fields of
 * extra_json, then of `sets`, are put over ours, all but submit_id. A set's value is
 * JSON when it reads as JSON, else a text. ERR_USAGE for bad values.
 */
enum err_kind api_submit_body(const struct wire *wire,
    const struct service_request *request, char **ret_body, struct err *err);

struct submit_outcome {
	/*
	 * ERR_OK: accepted. ERR_AUTH, ERR_ACCOUNT, ERR_USAGE, ERR_FAILED (content):
	 * refused by the service in a readable answer; nothing was started, unless
	 * `may_have_started`. ERR_BUSY: the same, this time. Anything else with `sent`:
	 * nobody knows. Without `sent`: it never left.
	 */
	struct err err;
	bool sent;
	long status; /* of HTTP; 0: none came */
	const char *submit_id; /* the service's echo, NULL none; borrowed */
	const char *history_id; /* NULL none; borrowed */
	const char *ret; /* its code, NULL none */
	bool may_have_started; /* names a task or a charge, somewhere (started.h) */
};
typedef void api_on_submit(void *payload, const struct submit_outcome *outcome);

enum err_kind api_submit(struct api *api, enum media_kind kind, const char *body,
    api_on_submit *on_submit, void *payload, struct err *err);

/* Does the login still hold, and what credit is left? At most 1e12 a sort of credit. */
enum err_kind api_credit(
    struct api *api, service_on_credit *on_credit, void *payload, struct err *err);
