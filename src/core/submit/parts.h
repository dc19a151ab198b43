/*
 * parts.h - what the files of the outbox share: queue.c is the part as others see it,
 * send.c takes a submit from the queue onto the wire, answer.c does what an answer asks
 * for, entries.c keeps the lists.
 *
 * A sending, from the queue and back to nothing (the ledger's thread is group_commit.h):
 *
 *   idle ──► beginning ──► begun ──► under way ──► writing ──► answered ──► idle
 *     ▲      (the thread)    │       (the wire)     │  ▲  ▲      (told)
 *     ├── no longer ours ◄───┤                      ▼  │  │
 *     └── can't be begun ◄───┘                   unwritten│
 *                            │  it may not leave now      │
 *                            └────────────────────────────┘
 *
 * In `beginning` nothing may leave; from `begun` on it stands in the ledger that it may
 * have. What is begun leaves at once, or is put back as what it was: never sent.
 */
#pragma once

#include <sys/queue.h>

#include "core/account/group_commit.h"
#include "core/submit/outbox.h"
#include "core/submit/pace.h"
#include "service/service.h"

enum { KINDS = 2 /* images, videos */ };

/* A submit that waits. It keeps its place in the queue while it is under way. */
struct entry {
	TAILQ_ENTRY(entry) others;
	size_t key;
	const char *id;
	bool is_begun;
	bool is_forgotten; /* among `gone` */
};

struct queue {
	TAILQ_HEAD(entries, entry) entries;
	size_t n; /* not begun */
	struct pace pace;
};

enum sending_step {
	IDLE,
	BEGINNING,
	BEGUN,
	UNDER_WAY,
	WRITING,
	UNWRITTEN,
	ANSWERED, /* and not told of yet */
	SENDING_STEPS
};

/* How one request ended, in words of our own that outlive the answer. */
struct answer_kept {
	enum sent_outcome outcome;
	struct err err;
	bool is_refusal; /* busy, or trouble with login or account: the others wait */
	bool is_put_back; /* SENT_NEVER_LEFT: we did not try */
	enum fail_class fail_class;
	const char *reason; /* static; NULL none */
	int64_t credits; /* what it costs; -1 not told */
	char fail_code[16], history_id[TASKID_MAX + 1], alias_id[TASKID_MAX + 1];
};

/* A request from its beginning on, and its answer until that is in the ledger, and told.
 */
struct sending {
	struct group_entry writing; /* first: the beginning, then the answer */
	enum sending_step step;
	bool is_posted; /* `writing` is the ledger's thread's */
	struct outbox *outbox;
	struct queue *queue;
	struct entry *entry; /* NULL: its task belongs to somebody else by now */
	char id[TASKID_MAX + 1];
	int64_t begun_ms;
	struct answer_kept kept;
	struct task_fail fail; /* of `kept`, as the ledger takes it */
	size_t key; /* of what is to be told; OUTBOX_NO_KEY: nobody wants to know */
	bool is_to_tell;
	struct outbox_told told;
};

struct outbox {
	struct dq *dq;
	struct group_commit *commits;
	bool perseveres;
	bool is_held; /* something is told that may stand in the way of the next one */
	uint64_t random;
	struct queue queues[KINDS];
	struct sending sendings[OUTBOX_UNDER_WAY_MAX];
	unsigned failures; /* never left, in a row; those begun together count once */
	unsigned unclear; /* in a row */
	int64_t failed_ms, trouble_since_ms; /* the last and the first of `failures` */
	int64_t not_before_ms; /* no queue sends before */
	int64_t write_ms; /* when UNWRITTEN ones are tried again */

	/* To be told, beside what the sendings have. */
	struct err never_left, account, no_room, cant_go_on; /* kind ERR_OK: nothing */
	struct entries gone; /* sent by another process, or forgotten */
};

/* entries.c */

struct entry *outbox_entry_of(const struct entries *entries, size_t key); /* or NULL */
/* The oldest that nobody has begun; NULL: none waits. */
struct entry *outbox_first_waiting(const struct queue *queue);
size_t outbox_count_waiting(const struct outbox *outbox);
void outbox_entry_remove(struct queue *queue, struct entry *entry); /* NULL is fine */
/* Its submit waits in its place in the queue again. */
void outbox_wait_again(struct sending *sending);
struct sending *outbox_sending_in(struct outbox *outbox, enum sending_step step);
unsigned outbox_count(const struct outbox *outbox, enum sending_step step);
/* It is at its end, and shall be told so. */
void outbox_end(struct sending *sending, enum outbox_what what, const struct err *why);
void outbox_abort(struct outbox *outbox, const struct err *why);

/* send.c */

/* When one of this queue may be begun; INT64_MAX: not before something has come. */
int64_t outbox_queue_next_ms(const struct outbox *outbox, const struct queue *queue);
/* Begin what may be begun. */
void outbox_begin_due(struct outbox *outbox, struct queue *queue);
/* What is begun leaves, or goes back; without may_send all of it goes back. */
void outbox_leave(struct outbox *outbox, bool may_send);
/* Is there something begun that outbox_leave() can do something with? */
bool outbox_has_begun(const struct outbox *outbox);

/* answer.c */

/* The answer, in sending->kept, into the ledger, and then what follows from it. */
void outbox_write_down(struct sending *sending);
/* It has never left: its submit waits again, and nothing follows. */
void outbox_put_back(struct sending *sending);
/* The run ends, and the commits are stopped: what is not in the ledger goes there. */
void outbox_write_last(struct sending *sending);
/* A service_on_sent; the payload is the sending. */
void outbox_on_sent(void *payload, const struct service_sent *sent);
/* The state of a task whose submit has ended so, for the ledger. */
enum task_state outbox_state_after(enum sent_outcome outcome);
