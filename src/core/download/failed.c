/*
 * failed.c - what becomes of a file that did not come: later, a new link, given
 * up, or left to another process.
 */
#include "base/say.h"
#include "core/common/random.h"
#include "core/download/file.h"

static void drop_bytes(struct download *d)
{
	partial_discard(d->partial);
	d->partial = NULL;
	d->have_bytes = 0;
}

/*
 * That it is lost is found out again when there is room; forgotten, it does not matter.
 */
static void could_not_note(struct downloads *downloads, const struct err *why)
{
	if (downloads_wait_for(downloads, why))
		downloads_no_room(downloads, why, -1);
	else if (why->kind != ERR_NOT_FOUND)
		downloads_abort(downloads, why);
}

/* Only what the service denies for good is noted as lost. */
void download_give_up(struct download *d, const struct err *why)
{
	struct dq *dq = d->downloads->dq;
	struct err outcome = *why, err;

	err_note(&outcome, "file %d of task '%s'", d->index, d->files->id);
	if (why->kind == ERR_GONE &&
	    ledger_asset_lost(dq->ledger, dq->profile, d->files->task->submit_id,
		d->index, why->msg, &err))
		could_not_note(d->downloads, &err);
	task_files_note(d->downloads, d->files, &outcome);
	session_note(dq, "%s", err_shown(&outcome));
	download_close(d, DOWNLOAD_GIVEN_UP);
}

void download_want_link(struct download *d)
{
	if (d->files->no_links) {
		download_give_up(d, d->files->no_links);
		return;
	}
	download_enter(d, DOWNLOAD_NO_LINK, 0);
	d->files->wants_link = true;
	task_files_tell(d->downloads, d->files);
}

/* The disk is in the way of every file: end in order, keeping all that is there. */
static void stop_all(struct downloads *downloads, const struct err *why)
{
	downloads->in_the_way = *why;
	for (size_t i = 0; i < downloads->n; i++) {
		struct download *d = downloads->all[i];

		if (d &&
		    (d->state == DOWNLOAD_READY || d->state == DOWNLOAD_LATER ||
			d->state == DOWNLOAD_OLD_LINK))
			download_give_up(d, why);
	}
}

/*
 * A watch tries each file again after its rest; only without the ledger, or without
 * memory, it can't go on.
 */
static void stop(struct downloads *downloads, const struct err *why)
{
	if (!downloads->perseveres)
		stop_all(downloads, why);
	else if (why->kind != ERR_IO)
		downloads_abort(downloads, why);
}

const struct err download_out_of_time = { .kind = ERR_RUNNING,
	.msg = N_("not all here when the waiting time ended; what came is kept") };

/* Eight tries brought nothing new. Whatever the last one met, it may be well tomorrow. */
static void give_up_trying(struct download *d, const struct err *why)
{
	struct err last = *why;

	if (d->counts.tries >= RETRY_TRIES_MAX && why->kind != ERR_TRUST) {
		last.kind = ERR_NET;
		err_note(&last, "%d tries in a row brought nothing new", RETRY_TRIES_MAX);
	}
	download_give_up(d, &last);
}

/* One file's place is taken, or one can't be read: the others may well come. */
static bool is_only_here(const struct downloads *downloads, const struct err *why)
{
	struct err of_sink;

	return why->kind == ERR_IO && sink_check(downloads->sink, &of_sink) == ERR_OK;
}

/* There is no room for it: the next try waits until there is. */
static void no_room(struct download *d, const struct err *why)
{
	downloads_no_room(d->downloads, why,
	    d->total_bytes > 0 ? d->total_bytes - (int64_t)d->have_bytes : -1);
	download_release(d);
	if (!d->downloads->is_time_up) {
		download_later(d, 0);
		return;
	}
	download_give_up(d, why);
	stop_all(d->downloads, why);
}

static void renew(struct download *d, int64_t delay_ms)
{
	if (delay_ms == 0 || d->files->no_links || d->downloads->is_time_up) {
		download_want_link(d);
		return;
	}
	download_later(d, session_span_ms(d->downloads->dq, delay_ms));
	d->waits_for_link = true;
}

static void follow(
    struct download *d, enum retry_move what, const struct err *why, int64_t delay_ms)
{
	if (what == RETRY_ROOM) {
		no_room(d, why);
		return;
	}
	download_release(d);
	switch (what) {
	case RETRY_LATER:
		if (d->downloads->is_time_up)
			download_give_up(d, why);
		else
			download_later(d, delay_ms);
		return;
	case RETRY_RENEW:
		renew(d, delay_ms);
		return;
	case RETRY_RESTART:
		download_want_link(d);
		return;
	case RETRY_STOP_ALL:
		download_give_up(d, why);
		if (!is_only_here(d->downloads, why))
			stop(d->downloads, why);
		return;
	case RETRY_GIVE_UP:
	case RETRY_ROOM:
		give_up_trying(d, why);
		return;
	}
}

void download_failed(struct download *d, const struct err *why)
{
	int64_t delay_ms = 0;
	enum retry_move what;

	if (d->have_bytes > d->mark_bytes) {
		d->counts = (struct retry_counts){ .restarts = d->counts.restarts };
		d->mark_bytes = d->have_bytes;
	}
	d->last_failure = *why;
	if (why->kind == ERR_CONTRACT)
		drop_bytes(d); /* nothing is built upon what proved wrong */
	if (d->files->is_let_go) { /* its new owner fetches it */
		download_release(d);
		download_close(d, DOWNLOAD_LET_GO);
		return;
	}
	if (why->kind == ERR_CANCELLED) { /* the run is ending */
		download_release(d);
		download_later(d, 0);
		return;
	}
	what = retry_download(
	    &d->counts, why, random_next(&d->downloads->random), &delay_ms);
	if (what == RETRY_ROOM && !downloads_wait_for(d->downloads, why))
		what = RETRY_STOP_ALL;
	follow(d, what, why, delay_ms);
}
