/*
 * entries.c - what waits, what is on its way, and what is to be told: the lists of the
 * outbox.
 */
#include <stdlib.h>

#include "core/submit/parts.h"

struct entry *outbox_entry_of(const struct entries *entries, size_t key)
{
	struct entry *entry;

	TAILQ_FOREACH(entry, entries, others)
		if (entry->key == key)
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

	for (size_t i = 0; i < KINDS; i++)
		n += outbox->queues[i].n;
	return n;
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

void outbox_wait_again(struct sending *sending)
{
	if (!sending->entry)
		return;
	sending->entry->is_begun = false;
	sending->queue->n++;
}

struct sending *outbox_sending_in(struct outbox *outbox, enum sending_step step)
{
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		if (outbox->sendings[i].step == step)
			return &outbox->sendings[i];
	return NULL;
}

unsigned outbox_count(const struct outbox *outbox, enum sending_step step)
{
	unsigned n = 0;

	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++)
		n += outbox->sendings[i].step == step;
	return n;
}

void outbox_end(struct sending *sending, enum outbox_what what, const struct err *why)
{
	sending->step = ANSWERED;
	sending->told.what = what;
	sending->told.why = *why;
	sending->is_to_tell = true;
}

void outbox_abort(struct outbox *outbox, const struct err *why)
{
	outbox->is_held = true;
	if (!outbox->cant_go_on.kind || err_is_worse(why, &outbox->cant_go_on))
		outbox->cant_go_on = *why;
}
