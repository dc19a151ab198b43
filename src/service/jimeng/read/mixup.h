/*
 * mixup.h - do the records of one answer say the same about whose they are?
 *
 * Three things name the owner of a record: the id that was asked for, the key under which
 * it stands, and the ids inside it. Two records belong together when one carries an id of
 * the other, and then they must be of one task: each carries an id of who asked (or none
 * of that kind), and they don't have different ids of one kind. Else they contradict each
 * other, and nobody can tell which of them is right; answer.h has the outcomes.
 */
#pragma once

#include "service/jimeng/read/slots.h"
#include "service/service.h"

/* Who asked for a record: by which id, and what else this task is called. */
struct answer_asker {
	const char *asked;
	const char *id, *other_id; /* NULL: nothing else */
};

/* answer_doubts() on the slots of an answer. */
enum err_kind mixup_find(struct slots *slots, const struct answer_asker *askers, size_t n,
    struct service_doubt *ret_doubts, struct err *err);
