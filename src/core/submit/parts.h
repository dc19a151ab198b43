/*
 * parts.h - what the two halves of the outbox share: queue.c queues and
 * sends, answer.c does what an answer asks for.
 */
#pragma once

#include <sys/queue.h>

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

enum sending_step { IDLE, UNDER_WAY, UNWRITTEN, ANSWERED /* and not told of yet */ };

/* How one request ended, in words of our own that outlive the answer. */
struct answer_kept {
	enum sent_outcome outcome;
	struct err err;
	bool is_refusal; /* busy, or trouble with login or account: the others wait */
	enum fail_class fail_class;
	const char *reason; /* static; NULL none */
	char fail_code[16], history_id[TASKID_MAX + 1], alias_id[TASKID_MAX + 1];
};

/* A request under way, and then its answer until that is in the ledger, and told. */
struct sending {
	enum sending_step step;
	struct outbox *outbox;
	struct queue *queue;
	struct entry *entry; /* NULL: its task belongs to somebody else by now */
	char id[TASKID_MAX + 1];
	int64_t begun_ms;
	struct answer_kept kept;
	size_t key; /* of what is to be told; OUTBOX_NO_KEY: nobody wants to know */
	bool is_to_tell;
	struct outbox_told told;
};

struct outbox {
	struct dq *dq;
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

/* queue.c */

size_t outbox_count_waiting(const struct outbox *outbox);
void outbox_entry_remove(struct queue *queue, struct entry *entry); /* NULL is fine */
void outbox_abort(struct outbox *outbox, const struct err *why);

/* answer.c */

/* The answer, in sending->kept, into the ledger, and then what follows from it. */
void outbox_take_answer(struct sending *sending);
/* Only into the ledger: the run ends. */
enum err_kind outbox_write_down(const struct sending *sending, struct err *err);
/* A service_on_sent; the payload is the sending. */
void outbox_on_sent(void *payload, const struct service_sent *sent);
/* The state of a task whose submit has ended so, for the ledger. */
enum task_state outbox_state_after(enum sent_outcome outcome);
