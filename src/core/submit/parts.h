/*
 * parts.h - what the two halves of the outbox share: outbox.c queues and
 * sends, outbox_answer.c does what an answer asks for.
 */
#pragma once

#include <sys/queue.h>

#include "core/submit/lane.h"
#include "core/submit/outbox.h"
#include "service/jimeng/read/fate.h"

enum { LANES = 2 /* images, videos */ };

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

enum sending_step { IDLE, UNDER_WAY, UNWRITTEN };

/* How one request ended, in words of our own that outlive the answer. */
struct answer_kept {
	enum fate fate;
	struct err err;
	bool is_refusal; /* busy, or trouble with login or account: the others wait */
	char ret[16], history_id[TASKID_MAX + 1], alias_id[TASKID_MAX + 1];
};

/* A request under way, and then its answer until that is in the ledger. */
struct sending {
	enum sending_step step;
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

/* outbox.c */

size_t outbox_count_waiting(const struct outbox *outbox);
void outbox_entry_remove(struct queue *queue, struct entry *entry); /* NULL is fine */
/* The oldest that nobody has begun; NULL: none waits. */
struct entry *outbox_first_waiting(const struct queue *queue);

/* outbox_answer.c */

/* The answer, in sending->kept, into the ledger, and then what follows from it. */
void outbox_take_answer(struct sending *sending);
/* Only into the ledger: the run ends. */
enum err_kind outbox_write_down(const struct sending *sending, struct err *err);
/* As api_submit() calls it back; the payload is the sending. */
void outbox_on_submit(void *payload, const struct submit_outcome *outcome);
