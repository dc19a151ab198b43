/*
 * transfer.c - one file's bytes from its link into its partial.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/download_parts.h"
#include "core/view.h"

#define FILE_MAX (INT64_C(256) << 30)

enum { SNIFF_BYTES = 16 };

/*
 * What the peer says the object is, in a form that can be compared and, when it
 * is a strong ETag (RFC 9110, 8.8.3), sent back as If-Range. NULL: it says too
 * little to ever resume.
 */
static char *validator_of(const struct net_head *head, int64_t total_bytes)
{
	char *text = NULL;

	if (head->etag && head->etag[0] == '"')
		return strdup(head->etag);
	if (total_bytes < 0 || !head->last_modified)
		return NULL;
	if (asprintf(&text, "length=%" PRId64 " modified=%s", total_bytes,
		head->last_modified) < 0)
		return NULL;
	return text;
}

static bool is_etag(const char *validator)
{
	return validator && validator[0] == '"';
}

static bool refuse(
    struct download *d, enum err_kind kind, const struct net_head *head, const char *why)
{
	if (head->deny_reason)
		err_set(&d->trouble, kind, "%s (status %ld, %s)", why, head->status,
		    head->deny_reason);
	else
		err_set(&d->trouble, kind, "%s (status %ld)", why, head->status);
	if (head->retry_after_ms > 0)
		d->trouble.retry_after_ms = (uint32_t)head->retry_after_ms;
	return false;
}

/* Everything but 200, 206 and 416. */
static bool refuse_status(struct download *d, const struct net_head *head)
{
	switch (head->status) {
	case 401:
	case 403:
	case 404:
	case 410:
		return refuse(d, ERR_GONE, head, "the link is dead");
	case 429:
		return refuse(d, ERR_BUSY, head, "the file server asked us to slow down");
	case 408:
		return refuse(d, ERR_NET, head, "the file server lost patience");
	default:
		if (head->status >= 500)
			return refuse(d, ERR_NET, head, "the file server is in trouble");
		return refuse(d, ERR_CONTRACT, head, "the file server sent no file");
	}
}

static bool start_over(struct download *d)
{
	if (d->have_bytes == 0)
		return true;
	d->engine->dq->totals.bytes_done -=
	    d->have_bytes < d->engine->dq->totals.bytes_done
	    ? d->have_bytes
	    : d->engine->dq->totals.bytes_done;
	d->have_bytes = d->mark_bytes = d->rate_bytes = 0;
	return partial_truncate(d->partial, 0, &d->trouble) == ERR_OK;
}

/* Remember what vouches for the bytes, when there will be enough to resume. */
static bool keep_validator(struct download *d, char *validator)
{
	const struct dq *dq = d->engine->dq;
	const bool is_known =
	    validator && d->validator && strcmp(validator, d->validator) == 0;

	download_set_validator(d, validator);
	if (is_known || (d->total_bytes >= 0 && d->total_bytes < DOWNLOAD_RESUME_MIN))
		return true;
	return ledger_asset_progress(dq->ledger, dq->profile, d->item->task->submit_id,
		   d->index, validator, &d->trouble) == ERR_OK;
}

/* For the totals: what this transfer will bring, told once per file. */
static void expect(struct download *d)
{
	struct dq_totals *totals = &d->engine->dq->totals;

	if (d->total_bytes < 0 || d->is_expected)
		return;
	d->is_expected = true;
	totals->bytes_expected += (uint64_t)d->total_bytes - d->have_bytes;
}

/* The rest of what we have? Another object, or another place in it, is not. */
static bool is_continuation(
    const struct download *d, const struct net_head *head, const char *validator)
{
	if (head->range_first != (int64_t)d->have_bytes)
		return false;
	return !d->validator || !validator || strcmp(validator, d->validator) == 0;
}

static bool on_partial_content(struct download *d, const struct net_head *head)
{
	_cleanup_free_ char *validator = validator_of(head, head->range_total);

	if (!is_continuation(d, head, validator)) {
		/* The bytes do not fit: away with ours, and again from the start. */
		if (start_over(d))
			err_set(&d->trouble, ERR_NET,
			    "the file has changed; starting it over");
		return false;
	}
	d->total_bytes = head->range_total;
	expect(d);
	return keep_validator(d, TAKE_PTR(validator));
}

static bool on_whole(struct download *d, const struct net_head *head)
{
	if (!start_over(d))
		return false;
	d->total_bytes = head->content_length;
	if (d->total_bytes == 0)
		return refuse(d, ERR_NET, head, "the file server sent an empty file");
	if (d->total_bytes > FILE_MAX)
		return refuse(
		    d, ERR_CONTRACT, head, "the file is larger than any we take");
	expect(d);
	return keep_validator(d, validator_of(head, d->total_bytes));
}

static bool on_unsatisfiable(struct download *d, const struct net_head *head)
{
	if (head->range_total == (int64_t)d->have_bytes)
		d->is_complete = true;
	else if (start_over(d))
		err_set(&d->trouble, ERR_NET, "the file has changed; starting it over");
	return false;
}

static bool on_head(void *payload, const struct net_head *head)
{
	struct download *d = payload;

	switch (head->status) {
	case 200:
		return on_whole(d, head);
	case 206:
		return on_partial_content(d, head);
	case 416:
		return on_unsatisfiable(d, head);
	default:
		return refuse_status(d, head);
	}
}

static void tell_progress(struct download *d)
{
	const int64_t now_ms = clock_mono_ms();
	const struct asset *asset = download_asset(d);
	_cleanup_(view_release) struct view view = { 0 };
	struct dq_asset shown;

	if (now_ms - d->progress_ms < DOWNLOAD_PROGRESS_MS || !asset)
		return;
	if (now_ms > d->rate_ms) {
		const int64_t rate = (int64_t)(d->have_bytes - d->rate_bytes) * 1000 /
		    (now_ms - d->rate_ms);

		d->bytes_per_second =
		    d->bytes_per_second ? (3 * d->bytes_per_second + rate) / 4 : rate;
	}
	d->progress_ms = d->rate_ms = now_ms;
	d->rate_bytes = d->have_bytes;
	if (!view_make(d->item->task, &view))
		return;
	shown = view_asset(asset);
	session_emit(d->engine->dq,
	    (struct dq_event){ .type = DQ_EVENT_PROGRESS,
		.task = &view.task,
		.asset = &shown,
		.bytes_done = (int64_t)d->have_bytes,
		.bytes_total = d->total_bytes,
		.bytes_per_second = d->bytes_per_second });
}

/* A page instead of a picture is refused with its first bytes, not when it is all here.
 */
static bool looks_like_media(struct download *d, const void *bytes, size_t len)
{
	static const unsigned char gzip[] = { 0x1f, 0x8b };
	const bool is_packed = len >= SNIFF_BYTES && !memcmp(bytes, gzip, sizeof(gzip));

	if (d->have_bytes > 0 || len < SNIFF_BYTES || media_sniff(bytes, len))
		return true;
	err_set(&d->trouble, ERR_CONTRACT,
	    is_packed
		? "the file server sent the file packed (gzip), which nobody asked for"
		: "the file server sent something that is no picture, film or sound");
	return false;
}

static bool on_bytes(void *payload, const void *bytes, size_t len)
{
	struct download *d = payload;

	if (!looks_like_media(d, bytes, len))
		return false;
	if (partial_write(d->partial, bytes, len, &d->trouble))
		return false;
	d->have_bytes += len;
	d->engine->dq->totals.bytes_done += len;
	tell_progress(d);
	return true;
}

/* The body ended as HTTP says; is it also as long as it was said to be? */
static bool is_whole(struct download *d)
{
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
	d->engine->downloads->n_fetching--;
	d->engine->dq->totals.files_active--;
	why = failure_of(d, err);
	if (why.kind == ERR_CANCELLED)
		download_later(d, 0); /* the run is ending */
	else if (why.kind)
		download_failed(d, &why);
	else
		finish_start(d);
}

enum err_kind transfer_start(struct download *d, struct err *err)
{
	const struct asset *asset = download_asset(d);
	static const struct net_handler handler = {
		.on_head = on_head, .on_bytes = on_bytes, .on_done = on_done
	};
	const struct net_spec spec = {
		.role = NET_CDN,
		.method = "GET",
		.url = asset->url,
		.max_body_bytes = (uint64_t)FILE_MAX,
		.stall_timeout_ms = d->engine->dq->wire->stall_seconds * 1000,
		.range_from = (int64_t)d->have_bytes,
		.if_range = d->have_bytes && is_etag(d->validator) ? d->validator : NULL,
	};

	free(d->uri);
	d->uri = asset->uri ? strdup(asset->uri) : NULL;
	if (asset->uri && !d->uri)
		return err_set(err, ERR_NOMEM, "out of memory");
	d->trouble = (struct err){ .kind = ERR_OK };
	d->is_complete = false;
	d->total_bytes = -1;
	d->rate_ms = d->progress_ms = clock_mono_ms();
	d->rate_bytes = d->have_bytes;
	return net_start(d->engine->dq->net, &spec, &handler, d, &d->request, err);
}
