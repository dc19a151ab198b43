#include "net/log.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/redact.h"
#include "base/text.h"

enum { LINE_MAX_BYTES = 1024, LOGID_SHOWN = 64 };

/* What hosts call themselves, and what they say, must not steer the terminal. */
static void log_line(const struct net *net, struct buf *line)
{
	if (!buf_failed(line)) {
		text_make_printable(line->data);
		net->log(net->log_payload, line->data);
	}
	buf_release(line);
}

void log_start(const struct net_request *request)
{
	struct buf line = buf_make(LINE_MAX_BYTES);
	char shown[sizeof(request->link.shown)];
	const char *url = request->link.shown;

	if (request->role == NET_CDN)
		url = redact_url(url, shown, sizeof(shown));
	else if (request->hides_path)
		url = request->link.peer;
	buf_addf(&line, "#%lu > %s %s", request->number,
	    request->is_post ? "POST" : "GET", url);
	if (request->is_post)
		buf_addf(&line, " (%zu bytes)", request->body_len);
	log_line(request->net, &line);
}

void log_end(const struct net_request *request)
{
	const struct net_head *head = &request->head.view;
	const int64_t took_ms = clock_mono_ms() - request->begun_ms;
	struct buf line = buf_make(LINE_MAX_BYTES);

	buf_addf(&line, "#%lu < ", request->number);
	if (head->status)
		buf_addf(
		    &line, "%ld, %" PRIu64 " bytes, ", head->status, request->body_bytes);
	buf_addf(&line, "%" PRId64 " ms", took_ms);
	if (head->tt_logid)
		buf_addf(&line, ", logid %.*s",
		    (int)text_cut(head->tt_logid, LOGID_SHOWN), head->tt_logid);
	if (request->why.kind != ERR_OK)
		buf_addf(&line, ", %s", request->why.msg);
	log_line(request->net, &line);
}
