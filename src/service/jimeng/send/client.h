/*
 * client.h - the service's requests, one function each, and what their replies say.
 * Errors are classified here, decided upon elsewhere.
 *
 * Each begins an exchange (service/exchange.h) and returns at once; with an error nothing
 * has left.
 */
#pragma once

#include "service/exchange.h"
#include "service/jimeng/read/answer.h"
#include "service/jimeng/send/draft.h"
#include "service/jimeng/send/reply.h"
#include "service/jimeng/send/wire.h"

/*
 * Asks for exchange->n ids (PROTOCOL A1). as_history[i] puts id i in `history_ids`.
 * finish() reads the reply with api_read_query().
 */
enum err_kind api_query(struct exchange *exchange, const char *const *ids,
    const bool *as_history, exchange_finish *finish, struct err *err);

/*
 * How a query ended. err.kind is ERR_OK (then `answer`), ERR_NET (5xx, HTML, empty body,
 * cut), ERR_BUSY (429, slow-down codes; retry_after_ms), ERR_AUTH, ERR_ACCOUNT, ERR_USAGE
 * (caller-bug codes), ERR_CONTRACT, ERR_CANCELLED.
 */
struct api_outcome {
	struct err err;
	struct answer *answer; /* owned */
	bool is_empty_body; /* then ask whether the login still holds: api_credit() */
	/*
	 * A smaller batch may cure it: 413, 414, 5xx, 408, timeout, cut, too big, not
	 * JSON, "invalid parameter". Never for a single id; of a page, always.
	 */
	bool could_be_size;
	bool is_lag; /* ERR_BUSY: the service is behind its own submits, and catches up */
};

/* The bytes of the reply are given back: the answer has a copy of what it needs. */
struct api_outcome api_read_query(struct exchange *exchange, const struct reply *reply);
void api_outcome_release(struct api_outcome *outcome);

enum listing { LISTING_ASSETS, LISTING_HISTORY };
/*
 * Asks for one page of what the account has (PROTOCOL B8). `cursor` is JSON of an earlier
 * page, NULL: the first. ERR_USAGE: it is none. finish() reads the reply with
 * api_read_query().
 */
enum err_kind api_list(struct exchange *exchange, enum listing listing,
    const struct service_place *place, exchange_finish *finish, struct err *err);

/*
 * Asks for exchange->n files by their names (files_body.h). ERR_USAGE: one is none.
 * finish() reads the reply with api_read_query().
 */
enum err_kind api_files(struct exchange *exchange, enum service_files which,
    const struct service_file *files, exchange_finish *finish, struct err *err);

/* Where a submit goes now, by the way that the settings say. */
const char *api_submit_address(const struct wire *wire);
/*
 * The body that would be sent, by the way that the settings say (route.h); the caller
 * frees it. ERR_USAGE for what can't be asked so.
 */
enum err_kind api_submit_body(const struct wire *wire,
    const struct service_request *request, char **ret_body, struct err *err);
/* The operation of service_ops.h, by the way that the body tells. */
enum err_kind api_submit_rename(const char *body, const char *submit_id,
    int64_t made_unix_ms, char **ret_body, struct err *err);

/* The operation of service_ops.h: two bodies with equal terms cost the same. */
enum err_kind api_asked(
    const char *body, struct service_asked *ret_asked, struct err *err);

/* The operation of service_ops.h. What comes of it: read/sent.h. */
enum err_kind api_submit(
    struct exchange *exchange, enum media_kind kind, const char *body, struct err *err);

/* The operation of service_ops.h (PROTOCOL B8): by the history id alone. */
enum err_kind api_cancel(
    struct exchange *exchange, const struct task *known, struct err *err);
