#include "core/submit/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/engine/pause.h"
#include "core/submit/parts.h"

/* --- the queues ------------------------------------------------------------------- */

enum err_kind outbox_new(struct engine *engine, struct err *err)
{
	struct outbox *outbox = calloc(1, sizeof(*outbox));

	if (!outbox)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < LANES; i++) {
		TAILQ_INIT(&outbox->queues[i].entries);
		outbox->queues[i].lane = lane_make();
	}
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		outbox->sendings[i].engine = engine;
	engine->outbox = outbox;
	return ERR_OK;
}

static struct queue *queue_of(struct outbox *outbox, enum media_kind kind)
{
	return &outbox->queues[kind == MEDIA_VIDEO];
}

static enum err_kind learn_kind(struct engine *engine, struct item *item, struct err *err)
{
	_cleanup_(task_freep) struct task *task = NULL;

	if (item->kind != MEDIA_UNKNOWN)
		return ERR_OK;
	if (ledger_find(engine->dq->ledger, engine->dq->profile, item->id, &task, err))
		return err->kind;
	if (task)
		item->kind = task->kind;
	return ERR_OK;
}

enum err_kind outbox_add(struct engine *engine, struct item *item, struct err *err)
{
	struct queue *queue;
	struct entry *entry;

	if (learn_kind(engine, item, err))
		return err->kind;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return err_set(err, ERR_NOMEM, "out of memory for the queue of submits");
	entry->item = item;
	item->role = ITEM_UNSENT;
	queue = queue_of(engine->outbox, item->kind);
	TAILQ_INSERT_TAIL(&queue->entries, entry, others);
	queue->n++;
	return ERR_OK;
}

void outbox_entry_remove(struct queue *queue, struct entry *entry)
{
	if (!entry)
		return;
	if (!entry->is_begun)
		queue->n--;
	TAILQ_REMOVE(&queue->entries, entry, others);
	free(entry);
}

static struct entry *entry_of(const struct queue *queue, const struct item *item)
{
	struct entry *entry;

	TAILQ_FOREACH(entry, &queue->entries, others)
	if (entry->item == item)
		break;
	return entry;
}

struct entry *outbox_first_waiting(const struct queue *queue)
{
	struct entry *entry;

	if (queue->n == 0)
		return NULL;
	TAILQ_FOREACH(entry, &queue->entries, others)
	if (!entry->is_begun)
		break;
	return entry;
}

size_t outbox_count_waiting(const struct outbox *outbox)
{
	size_t n = 0;

	for (size_t i = 0; i < LANES; i++)
		n += outbox->queues[i].n;
	return n;
}

static struct sending *sending_in(struct outbox *outbox, enum sending_step step)
{
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		if (outbox->sendings[i].step == step)
			return &outbox->sendings[i];
	return NULL;
}

static unsigned count_sendings(const struct outbox *outbox, enum sending_step step)
{
	unsigned n = 0;

	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		n += outbox->sendings[i].step == step;
	return n;
}

unsigned outbox_under_way(const struct engine *engine)
{
	return count_sendings(engine->outbox, UNDER_WAY);
}

void outbox_room(struct engine *engine)
{
	for (size_t i = 0; i < LANES; i++)
		lane_room(&engine->outbox->queues[i].lane);
}

/* --- sending ---------------------------------------------------------------------- */

/* Somebody else has sent it, or it was forgotten. */
static void gone(struct engine *engine, struct queue *queue, struct entry *entry)
{
	struct item *item = entry->item;
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	outbox_entry_remove(queue, entry);
	if (ledger_find(engine->dq->ledger, engine->dq->profile, item->id, &task, &err)) {
		engine_abort(engine, &err);
	} else if (task) {
		engine_look_at(engine, item);
	} else {
		err_set(&err, ERR_NOT_FOUND, "task '%s' was forgotten before it was sent",
		    item->id);
		item->is_final = true;
		engine_conclude(engine, item, &err);
	}
}

/* The ledger calls it begun, and it did not begin. */
static void not_started(struct sending *sending, const struct err *why)
{
	sending->kept = (struct answer_kept){ .fate = FATE_NEVER_LEFT, .err = *why };
	outbox_take_answer(sending);
	engine_abort(sending->engine, why);
}

static void send(struct engine *engine, struct queue *queue, struct entry *entry,
    struct sending *sending)
{
	struct dq *dq = engine->dq;
	_cleanup_free_ char *body = NULL;
	enum media_kind kind = MEDIA_IMAGE;
	struct err err;

	if (ledger_send_begin(
		dq->ledger, dq->profile, entry->item->id, &kind, &body, &err) &&
	    err.kind != ERR_NOT_FOUND) {
		if (pause_waits_for(engine, &err))
			pause_for_disk(engine, &err, -1);
		else
			engine_abort(engine, &err);
		return;
	}
	if (!body) {
		gone(engine, queue, entry);
		return;
	}
	entry->is_begun = true;
	entry->item->requests = 1;
	queue->n--;
	sending->queue = queue;
	sending->entry = entry;
	(void)snprintf(sending->id, sizeof(sending->id), "%s", entry->item->id);
	sending->begun_ms = clock_mono_ms();
	sending->step = UNDER_WAY;
	dq->totals.requests++;
	if (api_submit(dq->api, kind, body, outbox_on_submit, sending, &err))
		not_started(sending, &err);
	else
		lane_sent(&queue->lane);
}

static void write_again(struct engine *engine)
{
	struct outbox *outbox = engine->outbox;

	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		if (outbox->sendings[i].step == UNWRITTEN &&
		    clock_mono_ms() >= outbox->write_ms)
			outbox_take_answer(&outbox->sendings[i]);
}

/* When this queue may send; INT64_MAX: not before an answer has come. */
static int64_t queue_next_ms(const struct outbox *outbox, const struct queue *queue)
{
	const int64_t lane_ms = lane_next_ms(&queue->lane);

	if (queue->n == 0)
		return INT64_MAX;
	/* While nothing gets through, one is enough to find out. */
	if (outbox->failures > 0 && count_sendings(outbox, UNDER_WAY) > 0)
		return INT64_MAX;
	return lane_ms > outbox->not_before_ms ? lane_ms : outbox->not_before_ms;
}

static bool may_send(
    const struct engine *engine, const struct queue *queue, int64_t now_ms)
{
	return !engine_is_holding(engine) && !pause_holds_sends(engine) &&
	    count_sendings(engine->outbox, UNWRITTEN) == 0 &&
	    queue_next_ms(engine->outbox, queue) <= now_ms;
}

void outbox_send_due(struct engine *engine, int64_t now_ms)
{
	struct outbox *outbox = engine->outbox;
	struct err err;

	write_again(engine);
	if (outbox_count_waiting(outbox) > 0 && session_api(engine->dq, &err)) {
		if (err.kind == ERR_AUTH)
			engine_account_trouble(engine, &err);
		else
			engine_abort(engine, &err);
		return;
	}
	for (size_t i = 0; i < LANES; i++) {
		struct queue *queue = &outbox->queues[i];
		struct sending *idle;
		struct entry *entry;

		while (may_send(engine, queue, now_ms) &&
		    (idle = sending_in(outbox, IDLE)) &&
		    (entry = outbox_first_waiting(queue)))
			send(engine, queue, entry, idle);
	}
}

int64_t outbox_next_ms(const struct engine *engine)
{
	const struct outbox *outbox = engine->outbox;
	int64_t next_ms = INT64_MAX;

	if (count_sendings(outbox, UNWRITTEN) > 0)
		return outbox->write_ms;
	if (count_sendings(outbox, IDLE) == 0)
		return INT64_MAX;
	for (size_t i = 0; i < LANES; i++) {
		const int64_t queue_ms = queue_next_ms(outbox, &outbox->queues[i]);

		next_ms = queue_ms < next_ms ? queue_ms : next_ms;
	}
	return next_ms;
}

/* --- letting go ------------------------------------------------------------------- */

static struct sending *sending_of(struct outbox *outbox, const struct item *item)
{
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		if (outbox->sendings[i].step != IDLE && outbox->sendings[i].entry &&
		    outbox->sendings[i].entry->item == item)
			return &outbox->sendings[i];
	return NULL;
}

void outbox_drop(struct engine *engine, struct item *item)
{
	struct sending *sending = sending_of(engine->outbox, item);

	if (sending) {
		sending->entry = NULL; /* the ledger still learns its answer */
		item->requests = 0;
	}
	for (size_t i = 0; i < LANES; i++) {
		struct queue *queue = &engine->outbox->queues[i];

		outbox_entry_remove(queue, entry_of(queue, item));
	}
}

void outbox_free(struct engine *engine)
{
	struct outbox *outbox = engine->outbox;
	struct err ignored; /* who comes next asks the service */

	if (outbox_under_way(engine) > 0) {
		api_free(engine->dq->api);
		engine->dq->api = NULL;
	}
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		if (outbox->sendings[i].step == UNWRITTEN)
			(void)outbox_write_down(&outbox->sendings[i], &ignored);
	for (size_t i = 0; i < LANES; i++) {
		struct queue *queue = &outbox->queues[i];

		while (!TAILQ_EMPTY(&queue->entries))
			outbox_entry_remove(queue, TAILQ_FIRST(&queue->entries));
	}
	free(outbox);
	engine->outbox = NULL;
}
