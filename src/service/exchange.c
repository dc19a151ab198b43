#include "service/exchange.h"

#include <stdlib.h>

#include "base/cleanup.h"

/* --- its life ----------------------------------------------------------------------- */

ANALYZER_LOSES_SIGHT
struct exchange *exchange_new(struct service *service, size_t n_questions)
{
	struct exchange *exchange =
	    calloc(1, sizeof(*exchange) + n_questions * sizeof(exchange->questions[0]));

	if (!exchange)
		return NULL;
	exchange->service = service;
	exchange->n = n_questions;
	exchange->body = buf_make(0);
	LIST_INSERT_HEAD(&service->exchanges, exchange, others);
	return exchange;
}

ANALYZER_SEES_AGAIN

static void leave_service(struct exchange *exchange)
{
	if (exchange->service)
		LIST_REMOVE(exchange, others);
	exchange->service = NULL;
}

void exchange_free(struct exchange *exchange)
{
	leave_service(exchange);
	buf_release(&exchange->body);
	free(exchange->notes);
	free(exchange);
}

void exchange_abandon(struct exchange *exchange)
{
	leave_service(exchange);
	if (exchange->request)
		net_cancel(exchange->request); /* on_done() frees it */
	else
		exchange_free(exchange);
}

/* --- its request -------------------------------------------------------------------- */

static bool on_head(void *payload, const struct net_head *head)
{
	struct exchange *exchange = payload;

	(void)head;
	exchange->has_head = true;
	return true;
}

static bool on_bytes(void *payload, const void *bytes, size_t len)
{
	struct exchange *exchange = payload;

	buf_add(&exchange->body, bytes, len);
	return !buf_failed(&exchange->body);
}

static struct reply reply_of(const struct exchange *exchange, const struct err *err,
    const struct net_head *head, bool sent)
{
	struct reply reply = {
		.err = *err,
		.sent = sent,
		.retry_after_ms = -1,
		.date_unix_ms = -1,
		.body = exchange->body.data,
		.len = exchange->body.len,
	};

	if (buf_failed(&exchange->body))
		err_set(&reply.err, ERR_NOMEM, "no memory for an answer");
	if (exchange->has_head) {
		reply.status = head->status;
		reply.retry_after_ms = head->retry_after_ms;
		reply.date_unix_ms = head->date_unix_ms;
		reply.location = head->location;
		reply.log_id = head->tt_logid;
	}
	return reply;
}

static void on_done(
    void *payload, const struct err *err, const struct net_head *head, bool sent)
{
	struct exchange *exchange = payload;
	const struct reply reply = reply_of(exchange, err, head, sent);

	exchange->request = NULL;
	if (exchange->service)
		exchange->finish(exchange, &reply);
	else
		exchange_free(exchange);
}

enum err_kind exchange_start(struct exchange *exchange, const struct net_spec *spec,
    exchange_finish *finish, struct err *err)
{
	static const struct net_handler handler = { on_head, on_bytes, on_done };
	const struct service *service = exchange->service;
	struct net_spec ours = *spec;

	ours.role = NET_API;
	ours.cookie = spec->cookie_header ? service->credential.text : NULL;
	exchange->finish = finish;
	exchange->body = buf_make(spec->max_body_bytes); /* the loop refuses more */
	return net_start(
	    service->net, &ours, &handler, exchange, &exchange->request, err);
}

/* --- its end ------------------------------------------------------------------------ */

struct service_polled exchange_polled_make(
    const struct exchange *exchange, const struct err *why)
{
	struct service_polled polled = {
		.err = *why,
		.seen = calloc(exchange->n, sizeof(*polled.seen)),
		.n = exchange->n,
		.server_unix_ms = -1,
	};

	if (!polled.seen)
		err_set(&polled.err, ERR_NOMEM, "out of memory for an answer");
	return polled;
}

void exchange_polled(struct exchange *exchange, const struct service_polled *polled)
{
	leave_service(exchange); /* which the callback may free */
	exchange->on.polled(exchange->payload, polled);
	for (size_t i = 0; polled->seen && i < polled->n; i++)
		task_free(polled->seen[i].task);
	free(polled->seen);
	exchange_free(exchange);
}

void exchange_browsed(struct exchange *exchange, const struct service_browsed *browsed)
{
	leave_service(exchange);
	exchange->on.browsed(exchange->payload, browsed);
	exchange_free(exchange);
}

void exchange_offered(struct exchange *exchange, const struct service_offered *offered)
{
	leave_service(exchange);
	exchange->on.offered(exchange->payload, offered);
	exchange_free(exchange);
}

void exchange_sent(struct exchange *exchange, const struct service_sent *sent)
{
	leave_service(exchange);
	exchange->on.sent(exchange->payload, sent);
	exchange_free(exchange);
}

void exchange_cancelled(
    struct exchange *exchange, const struct service_cancelled *cancelled)
{
	leave_service(exchange);
	exchange->on.cancelled(exchange->payload, cancelled);
	exchange_free(exchange);
}

void exchange_credited(struct exchange *exchange, const struct service_credit *credit)
{
	leave_service(exchange);
	exchange->on.credit(exchange->payload, credit);
	exchange_free(exchange);
}

void exchange_stated(struct exchange *exchange, const struct service_statement *statement)
{
	leave_service(exchange);
	exchange->on.statement(exchange->payload, statement);
	exchange_free(exchange);
}
