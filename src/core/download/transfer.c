/*
 * transfer.c - one file's bytes from its link into its partial.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/account/totals.h"
#include "core/common/view.h"
#include "core/download/file.h"

enum { SNIFF_BYTES = 16 };

static void tell_progress(struct download *d, int64_t now_ms)
{
	const struct asset *asset = download_asset(d);
	_cleanup_(view_release) struct view view = { 0 };
	struct dq_asset shown;

	if (!asset)
		return;
	if (now_ms > d->rate_ms) {
		const int64_t rate = (int64_t)(d->have_bytes - d->rate_bytes) * 1000 /
		    (now_ms - d->rate_ms);

		d->bytes_per_second =
		    d->bytes_per_second ? (3 * d->bytes_per_second + rate) / 4 : rate;
	}
	d->progress_ms = d->rate_ms = now_ms;
	d->rate_bytes = d->have_bytes;
	if (!view_make(d->files->task, &view))
		return;
	shown = view_asset(asset);
	session_emit(d->downloads->dq,
	    (struct dq_event){ .type = DQ_EVENT_PROGRESS,
		.task = &view.task,
		.asset = &shown,
		.bytes_done = (int64_t)d->have_bytes,
		.bytes_total = d->total_bytes,
		.bytes_per_second = d->bytes_per_second });
}

/*
 * A page instead of a picture is refused with its first bytes, not when it is all here.
 */
static bool looks_like_media(struct download *d, const void *bytes, size_t len)
{
	static const unsigned char gzip[] = { 0x1f, 0x8b };
	const bool is_packed = len >= SNIFF_BYTES && !memcmp(bytes, gzip, sizeof(gzip));

	if (d->have_bytes > 0 || len < SNIFF_BYTES || media_sniff(bytes, len))
		return true;
	err_set(&d->trouble, ERR_CONTRACT,
	    is_packed
		? N_("the file server sent the file packed (gzip), which nobody asked "
		     "for")
		: N_("the file server sent something that is no picture, film or sound"));
	return false;
}

/*
 * A file that only drips must not keep a place from those that wait: it gives way, and
 * comes again later. A connection without any byte is cut in net/ already.
 */
static bool gives_way(struct download *d)
{
	const unsigned seconds = d->downloads->dq->traits.slow_seconds;
	const int64_t now_ms = d->downloads->dq->now.mono_ms;
	const uint64_t came_bytes = d->slow_bytes;
	char amount[24];

	if (now_ms - d->slow_ms < (int64_t)seconds * 1000)
		return false;
	d->slow_ms = now_ms;
	d->slow_bytes = 0;
	if (net_was_throttled(d->request)) /* it is we who are slow */
		return false;
	if (came_bytes >= (uint64_t)DOWNLOAD_SLOW_BYTES * seconds ||
	    !download_others_wait(d->downloads))
		return false;
	err_set(&d->trouble, ERR_NET,
	    "only %s came within %u s; it comes later, others wait",
	    text_bytes(came_bytes, amount), seconds);
	d->trouble.retry_after_ms = seconds * 1000;
	return true;
}

static bool on_head(void *payload, const struct net_head *head)
{
	return transfer_head(payload, head);
}

static bool on_bytes(void *payload, const void *bytes, size_t len)
{
	struct download *d = payload;
	const int64_t now_ms = d->downloads->dq->now.mono_ms;
	const char *from = bytes;

	d->slow_bytes += len;
	if (d->window && !transfer_compare(d, &from, &len))
		return false;
	if (len == 0)
		return !gives_way(d);
	if (!looks_like_media(d, from, len))
		return false;
	if (writer_add(d, from, len, &d->trouble))
		return false;
	d->downloads->came_bytes += len;
	totals_bytes_came(d->downloads->dq, len);
	if (now_ms - d->progress_ms >= DOWNLOAD_PROGRESS_MS)
		tell_progress(d, now_ms);
	return !gives_way(d);
}

/* The body ended as HTTP says; is it also as long as it was said to be? */
static bool is_whole(struct download *d)
{
	if (d->window) {
		err_set(&d->trouble, ERR_NET, "the answer ended within what is here");
		return false;
	}
	if (d->total_bytes < 0 || d->have_bytes == (uint64_t)d->total_bytes)
		return true;
	err_set(&d->trouble,
	    d->have_bytes < (uint64_t)d->total_bytes ? ERR_NET : ERR_CONTRACT,
	    "%" PRIu64 " of %" PRId64 " bytes came", d->have_bytes, d->total_bytes);
	return false;
}

/* Why the transfer did not bring the whole file; kind ERR_OK: it did. */
static struct err failure_of(struct download *d, const struct err *err)
{
	struct err why = { .kind = ERR_OK };

	if (d->is_complete)
		return why;
	if (!d->trouble.kind && !err->kind && is_whole(d) && d->have_bytes == 0)
		err_set(&why, ERR_NET, "the file server sent an empty file");
	else
		why = d->trouble.kind ? d->trouble : *err;
	return why;
}

static void on_done(
    void *payload, const struct err *err, const struct net_head *head, bool sent)
{
	struct download *d = payload;
	struct err why;

	(void)head;
	(void)sent;
	d->request = NULL;
	d->downloads->n_fetching--;
	d->downloads->n_transfers++;
	d->downloads->took_ms += (uint64_t)(d->downloads->dq->now.mono_ms - d->begun_ms);
	totals_fetch_ended(d->downloads->dq);
	why = failure_of(d, err);
	if (why.kind == ERR_CANCELLED && !d->downloads->workers)
		download_later(d, 0); /* checkpoint_last() follows */
	else if (why.kind == ERR_CANCELLED && d->downloads->is_time_up)
		writer_end(d, &download_out_of_time);
	else
		writer_end(d, &why);
}

enum err_kind transfer_start(struct download *d, struct err *err)
{
	const struct asset *asset = download_asset(d);
	static const struct net_handler handler = {
		.on_head = on_head, .on_bytes = on_bytes, .on_done = on_done
	};
	struct net_spec spec = {
		.role = NET_CDN,
		.method = "GET",
		.url = asset->url,
		.max_body_bytes = (uint64_t)TRANSFER_FILE_MAX,
		.stall_timeout_ms = d->downloads->dq->traits.stall_seconds * 1000,
	};

	if (transfer_plan(d, err))
		return err->kind;
	spec.range_from = (int64_t)splice_from(&d->splice, d->way);
	if (d->way == SPLICE_ETAG)
		spec.if_range = d->validator;

	d->trouble = (struct err){ .kind = ERR_OK };
	d->is_complete = false;
	d->total_bytes = -1;
	d->begun_ms = d->downloads->dq->now.mono_ms;
	d->rate_ms = d->progress_ms = d->slow_ms = d->downloads->dq->now.mono_ms;
	d->slow_bytes = 0;
	d->rate_bytes = d->have_bytes;
	if (writer_begin(d, err))
		return err->kind;
	if (net_start(d->downloads->dq->net, &spec, &handler, d, &d->request, err)) {
		download_drop_backlog(d);
		return err->kind;
	}
	return ERR_OK;
}
