/*
 * end.c - what becomes of a file that did not come: later, a new link, given
 * up, or left to another process.
 */
#include "base/clock.h"
#include "core/download/parts.h"
#include "core/engine/pause.h"
#include "core/poll/waiting.h"

static void drop_bytes(struct download *d)
{
	partial_discard(d->partial);
	d->partial = NULL;
	d->have_bytes = 0;
}

/* That it is lost is found out again when there is room; forgotten, it does not matter.
 */
static void could_not_note(struct engine *engine, const struct err *why)
{
	if (pause_waits_for(engine, why))
		pause_for_disk(engine, why, -1);
	else if (why->kind != ERR_NOT_FOUND)
		engine_abort(engine, why);
}

/* Its reason goes to the item; only what the service denies for good is noted as lost. */
static void give_up(struct download *d, const struct err *why)
{
	struct engine *engine = d->engine;
	struct dq *dq = engine->dq;
	struct err outcome = *why, err;

	err_note(&outcome, "file %d of task '%s'", d->index, d->item->id);
	if (why->kind == ERR_GONE &&
	    ledger_asset_lost(dq->ledger, dq->profile, d->item->task->submit_id, d->index,
		why->msg, &err))
		could_not_note(engine, &err);
	item_note_trouble(engine, d->item, &outcome);
	session_note(dq, "%s", outcome.msg);
	download_close(d, DOWNLOAD_GIVEN_UP);
}

/* Why there are no looks any more; without memory for that, the engine ends for it. */
static const struct err *why_looks_are_over(const struct download *d)
{
	const struct engine *engine = d->engine;

	if (engine->looks_over.kind)
		return &engine->looks_over;
	return d->item->trouble ? d->item->trouble : &engine->fatal;
}

void download_want_link(struct download *d)
{
	struct engine *engine = d->engine;

	if (d->item->looks_are_over) {
		give_up(d, why_looks_are_over(d));
		return;
	}
	download_enter(d, DOWNLOAD_NO_LINK, 0);
	sched_hurry(engine->sched, d->item->key, waiting_now_ms(engine));
}

/* Its new owner fetches it; a look of ours, once we are the owner again, revives it. */
static void let_go(struct download *d)
{
	download_close(d, DOWNLOAD_LET_GO);
}

void downloads_let_go(struct item *item)
{
	item->files_open++;
	for (struct download *d = item->downloads; d; d = d->next)
		if (d->state < DOWNLOAD_QUEUES)
			let_go(d);
	item->files_open--;
	item->is_final = false; /* its new owner says so */
}

/* The disk is in the way of every file: end in order, keeping all that is there. */
static void stop_all(struct engine *engine, const struct err *why)
{
	struct downloads *downloads = engine->downloads;

	engine_end_looks(engine, why);
	for (size_t i = 0; i < downloads->n; i++) {
		struct download *d = downloads->all[i];

		if (!d)
			continue;
		if (d->state == DOWNLOAD_READY || d->state == DOWNLOAD_LATER ||
		    d->state == DOWNLOAD_OLD_LINK)
			give_up(d, why);
	}
}

/*
 * A watch tries each file again after its rest; only without the ledger, or without
 * memory, it can't go on.
 */
static void stop(struct engine *engine, const struct err *why)
{
	if (engine->goal != GOAL_WATCH)
		stop_all(engine, why);
	else if (why->kind != ERR_IO)
		engine_abort(engine, why);
}

const struct err download_out_of_time = { .kind = ERR_RUNNING,
	.msg = "not all here when the waiting time ended; what came is kept" };

/* Eight tries brought nothing new. Whatever the last one met, it may be well tomorrow. */
static void give_up_trying(struct download *d, const struct err *why)
{
	struct err last = *why;

	if (d->counts.tries >= RETRY_TRIES_MAX && why->kind != ERR_TRUST) {
		last.kind = ERR_NET;
		err_note(&last, "%d tries in a row brought nothing new", RETRY_TRIES_MAX);
	}
	give_up(d, &last);
}

/* One file's place is taken, or one can't be read: the others may well come. */
static bool is_only_here(const struct engine *engine, const struct err *why)
{
	struct err of_sink;

	return why->kind == ERR_IO &&
	    sink_check(engine->downloads->sink, &of_sink) == ERR_OK;
}

void download_failed(struct download *d, const struct err *why)
{
	struct engine *engine = d->engine;
	int64_t delay_ms = 0;
	enum retry_move what;

	if (d->have_bytes > d->mark_bytes) {
		d->counts = (struct retry_counts){ .restarts = d->counts.restarts };
		d->mark_bytes = d->have_bytes;
	}
	d->last_failure = *why;
	if (why->kind == ERR_CONTRACT)
		drop_bytes(d); /* nothing is built upon what proved wrong */
	if (d->item->role == ITEM_FOLLOWED) {
		download_release(d);
		let_go(d);
		return;
	}
	what = retry_download(&d->counts, why, engine_random(engine), &delay_ms);
	if (what == RETRY_ROOM && !pause_waits_for(engine, why))
		what = RETRY_STOP_ALL;
	switch (what) {
	case RETRY_LATER:
		download_release(d);
		if (engine->is_time_up)
			give_up(d, why);
		else
			download_later(d, delay_ms);
		return;
	case RETRY_RESTART:
	case RETRY_RENEW:
		download_release(d);
		download_want_link(d);
		return;
	case RETRY_ROOM:
		pause_for_disk(engine, why,
		    d->total_bytes > 0 ? d->total_bytes - (int64_t)d->have_bytes : -1);
		download_release(d);
		if (!engine->is_time_up) {
			download_later(d, 0);
			return;
		}
		give_up(d, why);
		stop_all(engine, why);
		return;
	case RETRY_STOP_ALL:
		download_release(d);
		give_up(d, why);
		if (!is_only_here(engine, why))
			stop(engine, why);
		return;
	case RETRY_GIVE_UP:
		download_release(d);
		give_up_trying(d, why);
		return;
	}
}

/* For time, or for room on the disk? */
static bool waits(const struct download *d)
{
	return d->state == DOWNLOAD_LATER ||
	    (d->state == DOWNLOAD_READY && pause_holds_downloads(d->engine));
}

/* No link will come; and when the time is up, nothing is waited for at all. */
void downloads_orphan(struct engine *engine, struct item *item, const struct err *why)
{
	item->files_open++;
	for (struct download *d = item->downloads; d; d = d->next) {
		if (d->state == DOWNLOAD_NO_LINK || d->state == DOWNLOAD_OLD_LINK)
			give_up(d, why);
		else if (engine->is_time_up && waits(d))
			give_up(d,
			    d->busy_elsewhere || !d->last_failure.kind
				? why
				: &d->last_failure);
	}
	item->files_open--;
}
