/*
 * exchange.h - one exchange with a service: what was asked of it, and whom to tell. For
 * service/ only.
 *
 *   ops->poll(exchange, &err)         the front has made it
 *   exchange_start(exchange, &spec, finish, &err)
 *           ... the loop runs ...     finish(exchange, &reply)
 *   exchange_polled(exchange, &polled)     or _sent(), _credited(): told, and over
 *
 * It belongs to its service. When that is freed first, its request is cancelled, finish()
 * is not called and nobody is told. finish() has to tell, once: that frees the exchange.
 */
#pragma once

#include <sys/queue.h>

#include "base/buf.h"
#include "net/net.h"
#include "service/service_ops.h"

struct exchange;

/* How a request ended; all of it is borrowed. */
struct reply {
	struct err err; /* of the transfer */
	bool sent; /* the request may have reached the service */
	long status; /* 0: no head came */
	int64_t retry_after_ms, date_unix_ms; /* -1 not told */
	const char *location, *log_id; /* NULL not told */
	const char *body; /* lies in exchange->body */
	size_t len;
};
typedef void exchange_finish(struct exchange *exchange, const struct reply *reply);

struct exchange {
	LIST_ENTRY(exchange) others;
	struct service *service; /* NULL: it is freed, or all is told */
	union {
		service_on_polled *polled;
		service_on_browsed *browsed;
		service_on_offered *offered;
		service_on_sent *sent;
		service_on_cancelled *cancelled;
		service_on_credit *credit;
		service_on_statement *statement;
	} on;
	void *payload;
	void *notes; /* the service's own; malloc'ed, and freed with this */

	struct net_request *request; /* NULL: none is under way */
	exchange_finish *finish;
	struct buf body; /* of the reply */
	bool has_head, is_send;

	size_t n; /* of questions, or of files that are asked for */
	struct service_question questions[];
};

/* Made by the front for each operation. NULL: no memory. */
struct exchange *exchange_new(struct service *service, size_t n_questions);
/* Nobody is told. For one without a request, whose operation could not begin. */
void exchange_free(struct exchange *exchange);
/* Its service is about to go. */
void exchange_abandon(struct exchange *exchange);

/*
 * Sends the request of this spec, of which `role` and `cookie` need not be given: the
 * credential goes into the header that `cookie_header` names. An error: nothing was sent,
 * nothing is called.
 */
enum err_kind exchange_start(struct exchange *exchange, const struct net_spec *spec,
    exchange_finish *finish, struct err *err);

/*
 * What a poll is told with: `seen` zeroed, one for each question. Without memory for that
 * `err` says so, else it is *why.
 */
struct service_polled exchange_polled_make(
    const struct exchange *exchange, const struct err *why);
/* Tells, and releases what it was told with, tasks that nobody took included. */
void exchange_polled(struct exchange *exchange, const struct service_polled *polled);
void exchange_browsed(struct exchange *exchange, const struct service_browsed *browsed);
void exchange_offered(struct exchange *exchange, const struct service_offered *offered);
void exchange_sent(struct exchange *exchange, const struct service_sent *sent);
void exchange_cancelled(
    struct exchange *exchange, const struct service_cancelled *cancelled);
void exchange_credited(struct exchange *exchange, const struct service_credit *credit);
void exchange_stated(
    struct exchange *exchange, const struct service_statement *statement);
