#include "core/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "api/retcode.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "core/fate.h"
#include "core/lane.h"
#include "core/pause.h"
#include "core/retry.h"

enum {
	LANES = 2, /* images, videos */
	FAILURES_MAX = 5, /* GOAL_SUBMIT: attempts in a row that have not left */
	UNCLEAR_MAX =
	    4, /* unclear ends in a row before the next ones are held back ... */
	UNCLEAR_HOLD_MS = 500, /* ... for so long */
	WRITE_AGAIN_MS = 1000, /* the ledger found no room */
};

/* A submit that waits. It keeps its place in the lane while it is under way. */
struct entry {
	TAILQ_ENTRY(entry) others;
	struct item *item;
	bool is_begun;
};

struct queue {
	TAILQ_HEAD(entries, entry) entries;
	size_t n; /* not begun */
	struct lane lane;
};

/* How one request ended, in words of our own that outlive the answer. */
struct answer_kept {
	enum fate fate;
	struct err err;
	char ret[16], history_id[TASKID_MAX + 1], alias_id[TASKID_MAX + 1];
};

struct sending {
	enum { IDLE, UNDER_WAY, UNWRITTEN } step;
	struct engine *engine;
	struct queue *queue;
	struct entry *entry; /* NULL: its item belongs to somebody else by now */
	char id[TASKID_MAX + 1];
	int64_t begun_ms;
	struct answer_kept kept;
};

struct outbox {
	struct queue queues[LANES];
	struct sending sendings[OUTBOX_UNDER_WAY_MAX];
	unsigned failures; /* never left, in a row; those begun together count once */
	unsigned unclear; /* in a row */
	int64_t failed_ms, trouble_since_ms; /* the last and the first of `failures` */
	int64_t not_before_ms; /* no lane sends before */
	int64_t write_ms; /* when UNWRITTEN ones are tried again */
};

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

static void entry_remove(struct queue *queue, struct entry *entry)
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

/* The oldest that nobody has begun. */
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

static size_t count_waiting(const struct outbox *outbox)
{
	size_t n = 0;

	for (size_t i = 0; i < LANES; i++)
		n += outbox->queues[i].n;
	return n;
}

static struct sending *sending_in(struct outbox *outbox, int step)
{
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		if ((int)outbox->sendings[i].step == step)
			return &outbox->sendings[i];
	return NULL;
}

static unsigned count_sendings(const struct outbox *outbox, int step)
{
	unsigned n = 0;

	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		n += (int)outbox->sendings[i].step == step;
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

/* Its own back to the queue, where it keeps its place. */
static void wait_again(struct sending *sending)
{
	if (!sending->entry)
		return;
	sending->entry->is_begun = false;
	sending->queue->n++;
}

/* --- what an answer does ------------------------------------------------------------ */

static void tell_state(struct engine *engine, const char *id)
{
	struct dq *dq = engine->dq;
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	if (!ledger_find(dq->ledger, dq->profile, id, &task, &err) && task)
		session_emit_task(dq, DQ_EVENT_STATE, task);
}

static void was_accepted(struct sending *sending)
{
	static const struct err accepted = { .kind = ERR_OK };
	struct engine *engine = sending->engine;
	struct item *item = sending->entry ? sending->entry->item : NULL;

	lane_accepted(&sending->queue->lane);
	if (sending->kept.alias_id[0])
		session_note(engine->dq,
		    "the service calls task '%s' by another id, '%s'", sending->id,
		    sending->kept.alias_id);
	entry_remove(sending->queue, sending->entry);
	if (!item)
		return;
	if (engine->goal == GOAL_SUBMIT) {
		engine_conclude(engine, item, &accepted);
		return;
	}
	tell_state(engine, item->id);
	engine_look_at(engine, item, clock_mono_ms());
}

static void was_refused(struct sending *sending)
{
	struct engine *engine = sending->engine;
	struct item *item = sending->entry ? sending->entry->item : NULL;
	struct err why = sending->kept.err;

	entry_remove(sending->queue, sending->entry);
	if (!item)
		return;
	/* To any other verb it is a task that has failed, like one that fails later. */
	if (engine->goal != GOAL_SUBMIT || why.kind != ERR_USAGE)
		why.kind = ERR_FAILED;
	err_note(&why, "task '%s'", item->id);
	item->is_final = true;
	engine_conclude(engine, item, &why);
}

/* Many in a row: something in the middle swallows them. Hundreds need not follow. */
static void is_unclear(struct sending *sending, int64_t now_ms)
{
	struct engine *engine = sending->engine;
	struct outbox *outbox = engine->outbox;
	struct item *item = sending->entry ? sending->entry->item : NULL;

	if (++outbox->unclear >= UNCLEAR_MAX)
		outbox->not_before_ms = now_ms + UNCLEAR_HOLD_MS;
	session_note(engine->dq, "%s; asking whether task '%s' has arrived",
	    sending->kept.err.msg, sending->id);
	entry_remove(sending->queue, sending->entry);
	if (!item)
		return;
	tell_state(engine, item->id);
	engine_look_at(engine, item, now_ms);
}

static void shall_wait(struct sending *sending, int64_t now_ms)
{
	struct engine *engine = sending->engine;
	const struct err *why = &sending->kept.err;
	const char *reason = retcode_text(sending->kept.ret);
	const size_t n = count_waiting(engine->outbox);

	if (lane_refused(&sending->queue->lane, now_ms, why->retry_after_ms,
		engine_random(engine)))
		session_note(engine->dq, "%s; %zu %s in the local queue",
		    reason ? reason : why->msg, n, n == 1 ? "waits" : "wait");
}

/* What has not been sent ends for this run; the ledger keeps it in its queue. */
static void end_waiting(struct engine *engine, const struct err *why)
{
	struct outbox *outbox = engine->outbox;

	for (size_t i = 0; i < LANES; i++) {
		struct queue *queue = &outbox->queues[i];
		struct entry *entry;

		while ((entry = first_waiting(queue))) {
			struct item *item = entry->item;

			entry_remove(queue, entry);
			engine_end_looks_at(engine, item, why);
		}
	}
}

/* Is it worth another attempt? A look judges the same way (retry.h). */
static bool is_worth_it(
    const struct engine *engine, const struct err *why, int64_t now_ms)
{
	const struct outbox *outbox = engine->outbox;
	const struct retry_request tried = {
		.failures = outbox->failures,
		.trouble_ms = now_ms - outbox->trouble_since_ms,
		.ever_went_well = engine->ever_went_well,
	};

	if (engine->goal == GOAL_WATCH)
		return true;
	if (engine->goal == GOAL_SUBMIT)
		return outbox->failures < FAILURES_MAX;
	return why->kind != ERR_NET || retry_api(&tried, why);
}

static int64_t backoff_ms(unsigned failures, uint64_t random)
{
	int64_t for_ms = RETRY_BASE_MS;

	for (unsigned i = 1; i < failures && for_ms < RETRY_CAP_MS; i++)
		for_ms *= 2;
	if (for_ms > RETRY_CAP_MS)
		for_ms = RETRY_CAP_MS;
	return for_ms / 2 + (int64_t)(random % (uint64_t)(for_ms / 2));
}

static void never_left(struct sending *sending, int64_t now_ms)
{
	struct engine *engine = sending->engine;
	struct outbox *outbox = engine->outbox;
	const struct err *why = &sending->kept.err;

	if (outbox->failures > 0 && sending->begun_ms < outbox->failed_ms)
		return;
	if (outbox->failures == 0)
		outbox->trouble_since_ms = now_ms;
	outbox->failures++;
	outbox->failed_ms = now_ms;
	outbox->not_before_ms =
	    now_ms + backoff_ms(outbox->failures, engine_random(engine));
	if (!is_worth_it(engine, why, now_ms))
		end_waiting(engine, why);
	else if (outbox->failures == 1)
		session_note(engine->dq, "%s; nothing was sent, trying again", why->msg);
}

/* The answer is in the ledger: now it counts. */
static void follow(struct sending *sending)
{
	struct outbox *outbox = sending->engine->outbox;
	struct item *item = sending->entry ? sending->entry->item : NULL;
	const int64_t now_ms = clock_mono_ms();
	const enum fate fate = sending->kept.fate;

	if (item)
		item->requests = 0;
	if (fate != FATE_NEVER_LEFT)
		outbox->failures = 0;
	if (fate != FATE_NEVER_LEFT && fate != FATE_UNCLEAR)
		outbox->unclear = 0;
	if (fate_state(fate) == TASK_SUBMITTING)
		wait_again(sending);
	sending->step = IDLE;
	switch (fate) {
	case FATE_ACCEPTED:
		was_accepted(sending);
		break;
	case FATE_UNCLEAR:
		is_unclear(sending, now_ms);
		break;
	case FATE_REFUSED:
		was_refused(sending);
		break;
	case FATE_LATER:
		shall_wait(sending, now_ms);
		break;
	case FATE_ACCOUNT:
		lane_narrow(&sending->queue->lane);
		engine_account_trouble(sending->engine, &sending->kept.err);
		break;
	case FATE_NEVER_LEFT:
		never_left(sending, now_ms);
		break;
	}
	/* Its time was over while it was under way, and it waits again. */
	if (item && item->looks_are_over)
		engine_conclude_if_done(sending->engine, item);
}

static enum err_kind write_down(const struct sending *sending, struct err *err)
{
	const struct answer_kept *kept = &sending->kept;
	struct dq *dq = sending->engine->dq;
	const struct task_fail fail = {
		.class = fate_fail_class(kept->ret),
		.code = kept->ret[0] ? kept->ret : NULL,
		.message = kept->err.msg,
	};
	const struct answered answered = {
		.account = dq->profile,
		.submit_id = sending->id,
		.state = fate_state(kept->fate),
		.fail = kept->fate == FATE_REFUSED ? &fail : NULL,
		.history_id = kept->history_id[0] ? kept->history_id : NULL,
		.alias_id = kept->alias_id[0] ? kept->alias_id : NULL,
	};

	return ledger_submitted(dq->ledger, &answered, err);
}

/*
 * No room in the ledger: the answer stays here, and the lock of the process says that
 * it is not lost. The item may end meanwhile (the waiting time is over).
 */
static void keep_unwritten(struct sending *sending, const struct err *why)
{
	struct engine *engine = sending->engine;

	sending->step = UNWRITTEN;
	if (sending->entry)
		sending->entry->item->requests = 0;
	engine->outbox->write_ms = clock_mono_ms() + WRITE_AGAIN_MS;
	if (engine_is_holding(engine))
		engine_abort(engine, why);
	else
		pause_for_disk(engine, why, -1);
}

static void take_answer(struct sending *sending)
{
	struct err err;

	if (!write_down(sending, &err)) {
		follow(sending);
		return;
	}
	if (err.kind == ERR_NOSPACE) {
		keep_unwritten(sending, &err);
		return;
	}
	if (sending->entry)
		sending->entry->item->requests = 0;
	sending->step = IDLE;
	engine_abort(sending->engine, &err);
}

static void keep(char *into, size_t room, const char *text)
{
	(void)snprintf(into, room, "%s", text && strlen(text) < room ? text : "");
}

static void on_submit(void *payload, const struct submit_outcome *outcome)
{
	struct sending *sending = payload;
	struct answer_kept *kept = &sending->kept;

	lane_ended(&sending->queue->lane);
	*kept = (struct answer_kept){ .fate = fate_of(outcome), .err = outcome->err };
	keep(kept->ret, sizeof(kept->ret), outcome->ret);
	keep(kept->history_id, sizeof(kept->history_id), outcome->history_id);
	if (outcome->submit_id && strcmp(outcome->submit_id, sending->id) != 0)
		keep(kept->alias_id, sizeof(kept->alias_id), outcome->submit_id);
	take_answer(sending);
}

/* --- sending ---------------------------------------------------------------------- */

/* Somebody else has sent it, or it was forgotten. */
static void gone(struct engine *engine, struct queue *queue, struct entry *entry)
{
	struct item *item = entry->item;
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	entry_remove(queue, entry);
	if (ledger_find(engine->dq->ledger, engine->dq->profile, item->id, &task, &err)) {
		engine_abort(engine, &err);
	} else if (task) {
		engine_look_at(engine, item, clock_mono_ms());
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
	take_answer(sending);
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
		if (err.kind == ERR_NOSPACE)
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
	if (api_submit(dq->api, kind, body, on_submit, sending, &err))
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
			take_answer(&outbox->sendings[i]);
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
	if (count_waiting(outbox) > 0 && session_api(engine->dq, &err)) {
		if (err.kind == ERR_AUTH)
			engine_account_trouble(engine, &err);
		else
			engine_abort(engine, &err);
		return;
	}
	for (size_t i = 0; i < LANES; i++) {
		struct queue *queue = &outbox->queues[i];
		struct sending *idle;

		while (
		    may_send(engine, queue, now_ms) && (idle = sending_in(outbox, IDLE)))
			send(engine, queue, first_waiting(queue), idle);
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

	if (sending)
		sending->entry = NULL; /* the ledger still learns its answer */
	for (size_t i = 0; i < LANES; i++) {
		struct queue *queue = &engine->outbox->queues[i];

		entry_remove(queue, entry_of(queue, item));
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
			(void)write_down(&outbox->sendings[i], &ignored);
	for (size_t i = 0; i < LANES; i++) {
		struct queue *queue = &outbox->queues[i];

		while (!TAILQ_EMPTY(&queue->entries))
			entry_remove(queue, TAILQ_FIRST(&queue->entries));
	}
	free(outbox);
	engine->outbox = NULL;
}
