/*
 * measure.h - what one submit costs, by the balance before and after it. For submit.c.
 *
 * It is a measurement only when nothing else can have changed the balance: no other task
 * of the account is unfinished before or after, as far as the ledger knows, and by the
 * balance itself (model/balance.h). Otherwise nothing is claimed, and a note says why.
 * Trouble here never stands in the way of the submit.
 */
#pragma once

#include "core/account/session.h"
#include "model/balance.h"

struct measure {
	const char *submit_id; /* NULL: nothing is measured */
	struct balance before;
};

/* Its row is in the ledger, and it was not sent yet. `submit_id` is borrowed. */
void measure_begin(struct dq *dq, const char *submit_id, struct measure *ret_measure);
/* The submit has ended; in whichever way, the ledger knows. */
void measure_end(struct dq *dq, const struct measure *measure);
