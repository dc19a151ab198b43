#include "core/submit/outbox.h"

#include <stdlib.h>

#include "core/submit/parts.h"

/* --- the queues ------------------------------------------------------------------- */

enum err_kind outbox_new(
    const struct outbox_setup *setup, struct outbox **ret_outbox, struct err *err)
{
	struct outbox *outbox = calloc(1, sizeof(*outbox));

	if (!outbox)
		return err_set(err, ERR_NOMEM, "out of memory");
	outbox->dq = setup->dq;
	outbox->commits = setup->commits;
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

void outbox_give_up(struct outbox *outbox)
{
	if (outbox_under_way(outbox) > 0)
		service_give_up_sends(outbox->dq->service);
}

unsigned outbox_under_way(const struct outbox *outbox)
{
	return outbox_count(outbox, UNDER_WAY);
}

static const bool is_on_its_way[SENDING_STEPS] = {
	[BEGINNING] = true, [BEGUN] = true, [UNDER_WAY] = true, [WRITING] = true
};

bool outbox_is_busy(const struct outbox *outbox)
{
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		if (is_on_its_way[outbox->sendings[i].step])
			return true;
	return false;
}

bool outbox_is_sending(const struct outbox *outbox, size_t key)
{
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++) {
		const struct sending *sending = &outbox->sendings[i];

		if (sending->key == key &&
		    (is_on_its_way[sending->step] || sending->step == ANSWERED))
			return true;
	}
	return false;
}

void outbox_room(struct outbox *outbox)
{
	for (size_t i = 0; i < KINDS; i++)
		pace_room(&outbox->queues[i].pace);
}

/* --- going on ---------------------------------------------------------------------- */

static void write_again(struct outbox *outbox)
{
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		if (outbox->sendings[i].step == UNWRITTEN &&
		    !outbox->sendings[i].is_posted &&
		    outbox->dq->now.mono_ms >= outbox->write_ms)
			outbox_write_down(&outbox->sendings[i]);
}

/* Without it nothing leaves. */
static bool has_service(struct outbox *outbox)
{
	struct err err;

	if (!session_service(outbox->dq, &err))
		return true;
	if (err.kind == ERR_AUTH)
		outbox->account = err;
	else
		outbox_abort(outbox, &err);
	return false;
}

void outbox_step(struct outbox *outbox, bool may_send)
{
	outbox->is_held = !may_send;
	if (may_send)
		write_again(outbox);
	if (may_send &&
	    (outbox_count_waiting(outbox) > 0 || outbox_count(outbox, BEGUN) > 0))
		may_send = has_service(outbox);
	outbox_leave(outbox, may_send);
	for (size_t i = 0; may_send && i < KINDS; i++)
		outbox_begin_due(outbox, &outbox->queues[i]);
}

/* All that is unwritten, just now. */
static bool is_tried_again(const struct outbox *outbox)
{
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		if (outbox->sendings[i].step == UNWRITTEN &&
		    !outbox->sendings[i].is_posted)
			return false;
	return true;
}

int64_t outbox_next_ms(const struct outbox *outbox)
{
	int64_t next_ms = INT64_MAX;

	if (outbox_has_begun(outbox))
		return 0;
	if (outbox_count(outbox, UNWRITTEN) > 0)
		return is_tried_again(outbox) ? INT64_MAX : outbox->write_ms;
	if (outbox_count(outbox, IDLE) == 0)
		return INT64_MAX;
	for (size_t i = 0; i < KINDS; i++) {
		const int64_t queue_ms = outbox_queue_next_ms(outbox, &outbox->queues[i]);

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
	struct entry *entry = outbox_entry_of(&outbox->gone, key);

	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++) {
		struct sending *sending = &outbox->sendings[i];

		if (sending->step == IDLE || sending->key != key)
			continue;
		sending->entry = NULL; /* the ledger still learns its answer */
		sending->key = OUTBOX_NO_KEY;
	}
	for (size_t i = 0; i < KINDS; i++) {
		struct queue *queue = &outbox->queues[i];

		outbox_entry_remove(queue, outbox_entry_of(&queue->entries, key));
	}
	if (entry) {
		TAILQ_REMOVE(&outbox->gone, entry, others);
		free(entry);
	}
}

void outbox_free(struct outbox *outbox)
{
	struct entry *entry;

	if (!outbox)
		return;
	if (outbox_under_way(outbox) > 0)
		session_close_service(outbox->dq);
	group_commit_stop(outbox->commits);
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		outbox_write_last(&outbox->sendings[i]);
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
