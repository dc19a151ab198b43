#include "core/submit/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/account/totals.h"
#include "core/policy/retry.h"
#include "core/submit/parts.h"

/* --- the queues ------------------------------------------------------------------- */

enum err_kind outbox_new(
    const struct outbox_setup *setup, struct outbox **ret_outbox, struct err *err)
{
	struct outbox *outbox = calloc(1, sizeof(*outbox));

	if (!outbox)
		return err_set(err, ERR_NOMEM, "out of memory");
	outbox->dq = setup->dq;
	outbox->perseveres = setup->perseveres;
	outbox->random = setup->seed;
	TAILQ_INIT(&outbox->gone);
	for (size_t i = 0; i < KINDS; i++) {
		TAILQ_INIT(&outbox->queues[i].entries);
		outbox->queues[i].pace = pace_make();
	}
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		outbox->sendings[i].outbox = outbox;
	*ret_outbox = outbox;
	return ERR_OK;
}

static struct queue *queue_of(struct outbox *outbox, enum media_kind kind)
{
	return &outbox->queues[kind == MEDIA_VIDEO];
}

enum err_kind outbox_add(struct outbox *outbox, size_t key, const char *id,
    enum media_kind kind, struct err *err)
{
	struct queue *queue = queue_of(outbox, kind);
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return err_set(err, ERR_NOMEM, "out of memory for the queue of submits");
	entry->key = key;
	entry->id = id;
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

static struct entry *entry_of(const struct entries *entries, size_t key)
{
	struct entry *entry;

	TAILQ_FOREACH(entry, entries, others)
	if (entry->key == key)
		break;
	return entry;
}

/* The oldest that nobody has begun; NULL: none waits. */
static struct entry *first_waiting(const struct queue *queue)
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

	for (size_t i = 0; i < KINDS; i++)
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

unsigned outbox_under_way(const struct outbox *outbox)
{
	return count_sendings(outbox, UNDER_WAY);
}

bool outbox_is_sending(const struct outbox *outbox, size_t key)
{
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++) {
		const struct sending *sending = &outbox->sendings[i];

		if (sending->key == key &&
		    (sending->step == UNDER_WAY || sending->step == ANSWERED))
			return true;
	}
	return false;
}

void outbox_room(struct outbox *outbox)
{
	for (size_t i = 0; i < KINDS; i++)
		pace_room(&outbox->queues[i].pace);
}

void outbox_abort(struct outbox *outbox, const struct err *why)
{
	outbox->is_held = true;
	if (!outbox->cant_go_on.kind || err_is_worse(why, &outbox->cant_go_on))
		outbox->cant_go_on = *why;
}

/* --- sending ---------------------------------------------------------------------- */

/* Somebody else has sent it, or it was forgotten: which, is told. */
static void gone(struct outbox *outbox, struct queue *queue, struct entry *entry)
{
	const struct dq *dq = outbox->dq;
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	if (ledger_find(dq->ledger, dq->profile, entry->id, &task, &err)) {
		outbox_entry_remove(queue, entry);
		outbox_abort(outbox, &err);
		return;
	}
	entry->is_forgotten = !task;
	queue->n--;
	TAILQ_REMOVE(&queue->entries, entry, others);
	TAILQ_INSERT_TAIL(&outbox->gone, entry, others);
}

/* The ledger calls it begun, and it did not begin. */
static void not_started(struct sending *sending, const struct err *why)
{
	sending->kept = (struct answer_kept){ .outcome = SENT_NEVER_LEFT, .err = *why };
	outbox_take_answer(sending);
	outbox_abort(sending->outbox, why);
}

static void can_not_begin(struct outbox *outbox, const struct err *why)
{
	if (!retry_waits_for(why, outbox->perseveres, session_is_draining(outbox->dq))) {
		outbox_abort(outbox, why);
		return;
	}
	outbox->no_room = *why;
	outbox->is_held = true;
}

static void send(struct outbox *outbox, struct queue *queue, struct entry *entry,
    struct sending *sending)
{
	struct dq *dq = outbox->dq;
	_cleanup_free_ char *body = NULL;
	enum media_kind kind = MEDIA_IMAGE;
	struct err err;

	if (ledger_send_begin(dq->ledger, dq->profile, entry->id, &kind, &body, &err) &&
	    err.kind != ERR_NOT_FOUND) {
		can_not_begin(outbox, &err);
		return;
	}
	if (!body) {
		gone(outbox, queue, entry);
		return;
	}
	entry->is_begun = true;
	queue->n--;
	sending->queue = queue;
	sending->entry = entry;
	sending->key = entry->key;
	(void)snprintf(sending->id, sizeof(sending->id), "%s", entry->id);
	sending->begun_ms = outbox->dq->now.mono_ms;
	sending->step = UNDER_WAY;
	totals_request(dq);
	if (dq->ops->send(dq->service, kind, body, outbox_on_sent, sending, &err))
		not_started(sending, &err);
	else
		pace_sent(&queue->pace);
}

static void write_again(struct outbox *outbox)
{
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		if (outbox->sendings[i].step == UNWRITTEN &&
		    outbox->dq->now.mono_ms >= outbox->write_ms)
			outbox_take_answer(&outbox->sendings[i]);
}

/* When this queue may send; INT64_MAX: not before an answer has come. */
static int64_t queue_next_ms(const struct outbox *outbox, const struct queue *queue)
{
	const int64_t pace_ms = pace_next_ms(&queue->pace);

	if (queue->n == 0)
		return INT64_MAX;
	/* While nothing gets through, one is enough to find out. */
	if (outbox->failures > 0 && count_sendings(outbox, UNDER_WAY) > 0)
		return INT64_MAX;
	return pace_ms > outbox->not_before_ms ? pace_ms : outbox->not_before_ms;
}

static bool may_send_one(const struct outbox *outbox, const struct queue *queue)
{
	return !outbox->is_held && count_sendings(outbox, UNWRITTEN) == 0 &&
	    queue_next_ms(outbox, queue) <= outbox->dq->now.mono_ms;
}

void outbox_step(struct outbox *outbox, bool may_send)
{
	struct err err;

	outbox->is_held = !may_send;
	if (!may_send)
		return;
	write_again(outbox);
	if (outbox_count_waiting(outbox) > 0 && session_service(outbox->dq, &err)) {
		if (err.kind == ERR_AUTH)
			outbox->account = err;
		else
			outbox_abort(outbox, &err);
		return;
	}
	for (size_t i = 0; i < KINDS; i++) {
		struct queue *queue = &outbox->queues[i];
		struct sending *idle;
		struct entry *entry;

		while (may_send_one(outbox, queue) && (idle = sending_in(outbox, IDLE)) &&
		    (entry = first_waiting(queue)))
			send(outbox, queue, entry, idle);
	}
}

int64_t outbox_next_ms(const struct outbox *outbox)
{
	int64_t next_ms = INT64_MAX;

	if (count_sendings(outbox, UNWRITTEN) > 0)
		return outbox->write_ms;
	if (count_sendings(outbox, IDLE) == 0)
		return INT64_MAX;
	for (size_t i = 0; i < KINDS; i++) {
		const int64_t queue_ms = queue_next_ms(outbox, &outbox->queues[i]);

		next_ms = queue_ms < next_ms ? queue_ms : next_ms;
	}
	return next_ms;
}

/* --- what has happened ------------------------------------------------------------- */

static bool tell_of_sending(struct sending *sending, struct outbox_told *ret_told)
{
	if (!sending->is_to_tell)
		return false;
	*ret_told = sending->told;
	ret_told->key = sending->key;
	sending->is_to_tell = false;
	if (sending->step == ANSWERED)
		sending->step = IDLE;
	return true;
}

static bool tell_of_gone(struct outbox *outbox, struct outbox_told *ret_told)
{
	struct entry *entry = TAILQ_FIRST(&outbox->gone);

	if (!entry)
		return false;
	*ret_told =
	    (struct outbox_told){ .what = OUTBOX_SENT_BY_OTHER, .key = entry->key };
	if (entry->is_forgotten) {
		ret_told->what = OUTBOX_FORGOTTEN;
		err_set(&ret_told->why, ERR_NOT_FOUND,
		    "task '%s' was forgotten before it was sent", entry->id);
	}
	TAILQ_REMOVE(&outbox->gone, entry, others);
	free(entry);
	return true;
}

static bool tell(struct err *why, enum outbox_what what, struct outbox_told *ret_told)
{
	if (!why->kind)
		return false;
	*ret_told =
	    (struct outbox_told){ .what = what, .key = OUTBOX_NO_KEY, .why = *why };
	*why = (struct err){ .kind = ERR_OK };
	return true;
}

bool outbox_told(struct outbox *outbox, struct outbox_told *ret_told)
{
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		if (tell_of_sending(&outbox->sendings[i], ret_told))
			return true;
	if (tell_of_gone(outbox, ret_told) ||
	    tell(&outbox->account, OUTBOX_ACCOUNT, ret_told) ||
	    tell(&outbox->no_room, OUTBOX_NO_ROOM, ret_told) ||
	    tell(&outbox->cant_go_on, OUTBOX_CANT_GO_ON, ret_told))
		return true;
	if (!tell(&outbox->never_left, OUTBOX_NEVER_LEFT, ret_told))
		return false;
	ret_told->failures = outbox->failures;
	ret_told->trouble_ms = outbox->failed_ms - outbox->trouble_since_ms;
	return true;
}

/* --- letting go ------------------------------------------------------------------- */

void outbox_drop(struct outbox *outbox, size_t key)
{
	struct entry *entry = entry_of(&outbox->gone, key);

	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++) {
		struct sending *sending = &outbox->sendings[i];

		if (sending->step == IDLE || sending->key != key)
			continue;
		sending->entry = NULL; /* the ledger still learns its answer */
		sending->key = OUTBOX_NO_KEY;
	}
	for (size_t i = 0; i < KINDS; i++) {
		struct queue *queue = &outbox->queues[i];

		outbox_entry_remove(queue, entry_of(&queue->entries, key));
	}
	if (entry) {
		TAILQ_REMOVE(&outbox->gone, entry, others);
		free(entry);
	}
}

void outbox_free(struct outbox *outbox)
{
	struct err ignored; /* who comes next asks the service */
	struct entry *entry;

	if (!outbox)
		return;
	if (outbox_under_way(outbox) > 0)
		session_close_service(outbox->dq);
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		if (outbox->sendings[i].step == UNWRITTEN)
			(void)outbox_write_down(&outbox->sendings[i], &ignored);
	for (size_t i = 0; i < KINDS; i++) {
		struct queue *queue = &outbox->queues[i];

		while (!TAILQ_EMPTY(&queue->entries))
			outbox_entry_remove(queue, TAILQ_FIRST(&queue->entries));
	}
	while ((entry = TAILQ_FIRST(&outbox->gone))) {
		TAILQ_REMOVE(&outbox->gone, entry, others);
		free(entry);
	}
	free(outbox);
}
