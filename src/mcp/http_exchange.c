#include "mcp/http_exchange.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mcp/frame.h"

static void lock(struct http_exchange *exchange)
{
	(void)pthread_mutex_lock(&exchange->lock);
}

/* Whoever sends it hears of a change. */
static void unlock_changed(struct http_exchange *exchange)
{
	const uint64_t one = 1;

	exchange->is_changed = true;
	(void)pthread_mutex_unlock(&exchange->lock);
	(void)!write(exchange->changed_fd, &one, sizeof(one));
}

static void unlock(struct http_exchange *exchange)
{
	(void)pthread_mutex_unlock(&exchange->lock);
}

/* --- as a wire --------------------------------------------------------------------- */

/* The status of an answer; what is not here is 200. */
static const struct {
	enum rpc_code code;
	unsigned status;
	bool always; /* also in a session: there an error is an answer like others */
} statuses[] = {
	{ RPC_PARSE, 400, true },
	{ RPC_REQUEST, 400, true },
	{ RPC_METHOD, 404, false },
	{ RPC_PARAMS, 400, false },
	{ RPC_HEADER, 400, true },
	{ RPC_CAPABILITY, 400, false },
	{ RPC_VERSION, 400, false },
};

static unsigned status_of(const struct http_exchange *exchange, enum rpc_code code)
{
	const bool has_session = exchange->asks != &exchange->peer;

	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (statuses[i].code == code && (statuses[i].always || !has_session))
			return statuses[i].status;
	return 200;
}

static void add_event(struct http_exchange *exchange, const struct wire_frame *frame)
{
	exchange->is_stream = true;
	if (!exchange->status)
		exchange->status = 200;
	buf_addf(&exchange->out, "event: message\ndata: ");
	buf_add(&exchange->out, frame->line, frame->len);
	buf_addf(&exchange->out, "\n");
}

static void write_frame(struct wire *wire, const struct wire_frame *frame)
{
	struct http_exchange *exchange =
	    (struct http_exchange *)wire; /* its first member */
	const bool is_answer = frame->what == WIRE_ANSWER;

	lock(exchange);
	if (exchange->is_over || (!is_answer && !exchange->takes_events)) {
		unlock(exchange);
		return;
	}
	if (is_answer && !exchange->is_stream) {
		if (!exchange->status)
			exchange->status = status_of(exchange, frame->code);
		buf_add(&exchange->out, frame->line, frame->len);
	} else {
		add_event(exchange, frame);
	}
	exchange->is_over = is_answer || buf_failed(&exchange->out);
	unlock_changed(exchange);
}

static void hold(struct wire *wire)
{
	struct http_exchange *exchange = (struct http_exchange *)wire;

	exchange->holds++;
}

/* A call that was cancelled says nothing: then nobody is kept waiting for it. */
static void drop(struct wire *wire)
{
	struct http_exchange *exchange = (struct http_exchange *)wire;

	exchange->holds--;
	if (!exchange->holds && exchange->is_dispatched)
		http_exchange_end(exchange, 202);
	(void)http_exchange_free(exchange);
}

static const struct wire_kind kind = { .write = write_frame, .hold = hold, .drop = drop };

/* --- for the transport ------------------------------------------------------------- */

struct http_exchange *http_exchange_new(const char *target, int changed_fd)
{
	struct http_exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return NULL;
	*exchange = (struct http_exchange){ .wire = { &kind },
		.target = strdup(target),
		.body = buf_make(FRAME_MAX + 1),
		.out = buf_make(EXCHANGE_OUT_MAX),
		.changed_fd = changed_fd,
		.has_connection = true };
	exchange->asks = &exchange->peer;
	(void)pthread_mutex_init(&exchange->lock, NULL);
	if (!exchange->target) {
		exchange->has_connection = false;
		(void)http_exchange_free(exchange);
		return NULL;
	}
	return exchange;
}

bool http_exchange_free(struct http_exchange *exchange)
{
	if (exchange->has_connection || exchange->holds)
		return false;
	free(exchange->target);
	buf_release(&exchange->body);
	buf_release(&exchange->out);
	(void)pthread_mutex_destroy(&exchange->lock);
	free(exchange);
	return true;
}

void http_exchange_stream(struct http_exchange *exchange)
{
	lock(exchange);
	exchange->is_stream = true;
	exchange->status = 200;
	unlock_changed(exchange);
}

void http_exchange_beat(struct http_exchange *exchange)
{
	lock(exchange);
	if (exchange->is_stream && !exchange->is_over)
		buf_addf(&exchange->out, ":\n\n");
	exchange->is_over |= buf_failed(&exchange->out);
	unlock_changed(exchange);
}

void http_exchange_end(struct http_exchange *exchange, unsigned status)
{
	lock(exchange);
	exchange->is_over = true;
	if (!exchange->status)
		exchange->status = status;
	unlock_changed(exchange);
}

bool http_exchange_take_change(struct http_exchange *exchange)
{
	bool is;

	lock(exchange);
	is = exchange->is_changed;
	exchange->is_changed = false;
	unlock(exchange);
	return is;
}

bool http_exchange_starts(
    struct http_exchange *exchange, unsigned *ret_status, bool *ret_is_stream)
{
	bool starts;

	lock(exchange);
	*ret_status = exchange->status;
	*ret_is_stream = exchange->is_stream;
	starts = exchange->status && (exchange->is_stream || exchange->is_over);
	unlock(exchange);
	return starts;
}

/* What was sent is let go as soon as all of it is. */
ssize_t http_exchange_read(struct http_exchange *exchange, char *into, size_t room)
{
	size_t n;
	ssize_t result;

	lock(exchange);
	n = exchange->out.len - exchange->sent;
	n = n < room ? n : room;
	if (n > 0)
		memcpy(into, exchange->out.data + exchange->sent, n);
	exchange->sent += n;
	if (exchange->sent == exchange->out.len && !buf_failed(&exchange->out)) {
		buf_clear(&exchange->out);
		exchange->sent = 0;
	}
	result = n > 0 || !exchange->is_over ? (ssize_t)n : -1;
	unlock(exchange);
	return result;
}
