/*
 * transfer_head.c - where a transfer begins, and what the head of its answer makes of the
 * bytes that are here already: splice.h decides, this does it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "core/account/totals.h"
#include "core/download/file.h"

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

/* Refuses everything but 200, 206 and 416. */
static bool refuse_status(struct download *d, const struct net_head *head)
{
	switch (head->status) {
	case 401:
	case 403:
	case 404:
	case 410:
		return refuse(d, ERR_GONE, head, N_("the link is dead"));
	case 429:
		return refuse(
		    d, ERR_BUSY, head, N_("the file server asked us to slow down"));
	case 408:
		return refuse(d, ERR_NET, head, N_("the file server lost patience"));
	default:
		if (head->status >= 500)
			return refuse(
			    d, ERR_NET, head, N_("the file server is in trouble"));
		return refuse(d, ERR_CONTRACT, head, N_("the file server sent no file"));
	}
}

/* What is here is worth nothing any more. */
static bool start_over(struct download *d)
{
	transfer_end_comparing(d);
	free(d->pinned_md5);
	d->pinned_md5 = NULL;
	d->object_bytes = -1;
	if (d->have_bytes == 0)
		return true;
	totals_bytes_lost(d->downloads->dq, d->have_bytes);
	d->have_bytes = d->rate_bytes = d->checkpoint.synced.size_bytes = 0;
	return partial_truncate(d->partial, 0, &d->trouble) == ERR_OK;
}

bool transfer_begin_afresh(struct download *d)
{
	d->begun_afresh++;
	if (start_over(d))
		err_set(&d->trouble, ERR_NET, "the file has changed; starting it over");
	return false;
}

/*
 * Remember what vouches for the bytes. The ledger hears of it with the first checkpoint
 * (before that no other run builds upon them), but what it has of an earlier object must
 * not stay until then.
 */
static bool keep_validator(struct download *d, char *validator)
{
	const struct dq *dq = d->downloads->dq;
	const bool is_same =
	    validator && d->validator && strcmp(validator, d->validator) == 0;
	_cleanup_free_ char *noted = NULL;

	download_set_validator(d, validator);
	if (!d->is_noted || is_same)
		return true;
	noted = download_notable_validator(d);
	d->is_noted = noted != NULL;
	return ledger_asset_progress(dq->ledger, dq->profile, d->files->task->submit_id,
		   d->index, noted, &d->trouble) == ERR_OK;
}

/* For the totals: what this transfer will bring, told once per file. */
static void expect(struct download *d)
{
	if (d->total_bytes < 0 || d->is_expected)
		return;
	d->is_expected = true;
	totals_bytes_expected(d->downloads->dq, (uint64_t)d->total_bytes - d->have_bytes);
}

/* Nothing vouches for what is here from now on, but the md5 that the record tells now. */
static bool pin_md5(struct download *d)
{
	const struct asset *asset = download_asset(d);

	if (!d->pinned_md5)
		d->pinned_md5 = asset && asset->md5 ? strdup(asset->md5) : NULL;
	if (!d->pinned_md5)
		return err_set(&d->trouble, ERR_NOMEM, "out of memory") == ERR_OK;
	return keep_validator(d, NULL);
}

static bool join(struct download *d, const struct net_head *head)
{
	d->total_bytes = d->object_bytes = head->range_total;
	expect(d);
	if (d->way == SPLICE_MD5)
		return pin_md5(d);
	if (d->way == SPLICE_AFRESH || !d->validator)
		return keep_validator(d, splice_validator(head, head->range_total));
	return true;
}

static bool begin_comparing(struct download *d, const struct net_head *head)
{
	d->total_bytes = d->object_bytes = head->range_total;
	d->next_validator = splice_validator(head, head->range_total);
	expect(d);
	return true;
}

static bool on_partial_content(struct download *d, const struct net_head *head)
{
	if (d->way == SPLICE_AFRESH && !start_over(d))
		return false;
	switch (splice_judge(&d->splice, d->way, head)) {
	case SPLICE_JOIN:
		return join(d, head);
	case SPLICE_COMPARE:
		return begin_comparing(d, head);
	case SPLICE_AGAIN:
		d->tag_is_kept_back = true;
		err_set(&d->trouble, ERR_NET,
		    "the file server does not say whether it is the same file");
		return false;
	case SPLICE_CHANGED:
		break;
	}
	return transfer_begin_afresh(d);
}

static bool on_whole(struct download *d, const struct net_head *head)
{
	if (!start_over(d))
		return false;
	d->total_bytes = d->object_bytes = head->content_length;
	if (d->total_bytes == 0)
		return refuse(d, ERR_NET, head, N_("the file server sent an empty file"));
	if (d->total_bytes > TRANSFER_FILE_MAX)
		return refuse(
		    d, ERR_CONTRACT, head, N_("the file is larger than any we take"));
	expect(d);
	return keep_validator(d, splice_validator(head, d->total_bytes));
}

static bool on_unsatisfiable(struct download *d, const struct net_head *head)
{
	if (!splice_is_complete(&d->splice, head))
		return transfer_begin_afresh(d);
	d->is_complete = true;
	return false;
}

bool transfer_head(struct download *d, const struct net_head *head)
{
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

/* --- where it begins ------------------------------------------------------------- */

/* But for the window, which costs a look at the disk. */
static struct splice known_of(const struct download *d)
{
	const struct asset *asset = download_asset(d);

	return (struct splice){ .validator = d->validator,
		.have_bytes = d->have_bytes,
		.known_bytes = d->object_bytes,
		.claimed_bytes = asset->size_bytes,
		.has_md5 = asset->md5 != NULL,
		.tag_is_kept_back = d->tag_is_kept_back,
		.may_not_range = d->begun_afresh > SPLICE_AFRESH_MAX };
}

bool transfer_has_all(const struct download *d)
{
	const struct splice known = known_of(d);

	return splice_has_all(&known);
}

static enum err_kind read_window(struct download *d, struct err *err)
{
	d->window = malloc(SPLICE_WINDOW);
	if (!d->window)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (partial_read(
		d->partial, d->have_bytes - SPLICE_WINDOW, d->window, SPLICE_WINDOW, err))
		return err->kind;
	d->splice.is_telling = splice_is_telling(d->window, SPLICE_WINDOW);
	return ERR_OK;
}

enum err_kind transfer_plan(struct download *d, struct err *err)
{
	transfer_end_comparing(d);
	d->splice = known_of(d);
	d->splice.is_telling = d->have_bytes >= SPLICE_OVERLAP_MIN;
	d->way = splice_plan(&d->splice);
	if (d->way != SPLICE_OVERLAP)
		return ERR_OK;
	if (read_window(d, err))
		return err->kind;
	d->way = splice_plan(&d->splice);
	if (d->way != SPLICE_OVERLAP)
		transfer_end_comparing(d);
	return ERR_OK;
}

/* --- the bytes that come again --------------------------------------------------- */

void transfer_end_comparing(struct download *d)
{
	free(d->window);
	free(d->next_validator);
	d->window = d->next_validator = NULL;
	d->compared_bytes = 0;
}

bool transfer_compare(struct download *d, const char **bytes, size_t *len)
{
	const size_t left = SPLICE_WINDOW - d->compared_bytes;
	const size_t n = *len < left ? *len : left;
	_cleanup_free_ char *validator = NULL;

	if (memcmp(d->window + d->compared_bytes, *bytes, n) != 0)
		return transfer_begin_afresh(d);
	d->compared_bytes += n;
	*bytes += n;
	*len -= n;
	if (d->compared_bytes < SPLICE_WINDOW)
		return true;
	validator = TAKE_PTR(d->next_validator);
	transfer_end_comparing(d);
	return keep_validator(d, TAKE_PTR(validator));
}
