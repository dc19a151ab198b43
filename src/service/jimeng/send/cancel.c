/*
 * A task is taken back as the web page does. The service does so with what still queues;
 * whatever it answers, its record says what has become of it.
 */
#include "base/cleanup.h"
#include "model/taskid.h"
#include "service/jimeng/send/client.h"
#include "service/jimeng/send/draft.h"
#include "service/jimeng/send/reply.h"
#include "service/jimeng/send/sign.h"

enum { BODY_MAX = TASKID_MAX + 32, ANSWER_MAX = 1 << 20, TIMEOUT_MS = 30 * 1000 };

/* What calls the request wrong, or its task, is a "no" that can be read. */
static void finish_cancel(struct exchange *exchange, const struct reply *reply)
{
	_cleanup_(reading_release) struct reading reading = reply_take(exchange, reply);
	struct service_cancelled cancelled = { .err = reading.err };

	if (cancelled.err.kind == ERR_USAGE)
		cancelled.err.kind = ERR_FAILED;
	exchange_cancelled(exchange, &cancelled);
}

enum err_kind api_cancel(
    struct exchange *exchange, const struct task *known, struct err *err)
{
	static const struct draft_exception except[] = { { "pf", SIGN_PF },
		{ NULL, NULL } };
	const struct wire *wire = wire_of(exchange->service->settings);
	_cleanup_(buf_release) struct buf body = buf_make(BODY_MAX);
	_cleanup_(draft_release) struct draft draft = draft_make();

	if (!known->history_id || !taskid_is_history(known->history_id))
		return err_set(err, ERR_USAGE,
		    "the service has not told its own id of task '%s' yet",
		    known->submit_id);
	buf_addf(&body, "{\"history_id\":\"%s\"}", known->history_id);
	if (buf_failed(&body))
		return err_set(err, ERR_NOMEM, "out of memory for a request");
	draft_add_api_url(&draft, wire, wire->cancel_path);
	draft_add_api_headers(&draft, wire, except);
	if (draft_add_sign(&draft, wire, wire->cancel_path, err))
		return err->kind;
	draft.cookie_header = "Cookie";
	draft.body = body.data;
	draft.body_len = body.len;
	draft.max_body_bytes = ANSWER_MAX;
	draft.timeout_ms = TIMEOUT_MS;
	draft.once = true;
	return draft_send(&draft, exchange, finish_cancel, err);
}
