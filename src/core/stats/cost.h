/*
 * cost.h - what tasks cost, by the statement of their account; and what the next ones
 * will, by those of which it is known. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/balance.h"
#include "model/task.h"

/* What a statement says of one task. */
struct cost {
	const char *submit_id, *history_id; /* of its entries; one may be NULL */
	int64_t credits; /* what was taken, less what was given back */
	bool is_charged; /* an entry took something; else `credits` says nothing */
};
/*
 * Adds the entries up, task by task. `entries` are the newest ones without a gap, so what
 * was given back for a charge among them is among them, too. Fills ret_costs[n], returns
 * how many there are. What was given back for more than was taken, or without a charge,
 * is not `is_charged`: the rest stands on older pages.
 */
size_t cost_add_up(const struct credit_entry *entries, size_t n, struct cost *ret_costs);

/* Which of the costs is the entry's? `n`: it is about no task. */
size_t cost_index(const struct cost *costs, size_t n, const struct credit_entry *entry);

/* Tasks that are to be paid, and shall cost the same. */
struct price {
	enum media_kind kind;
	const char *model, *terms; /* of service_asked(); model may be NULL */
	size_t n; /* to be paid */
	/* Of the same terms; and of the same kind and model, made elsewhere. */
	struct price_seen {
		size_t n;
		int64_t dearest;
	} same, elsewhere;
};
/* A task of known cost. `terms` NULL: nobody knows what was sent for it. */
void price_note(struct price *price, enum media_kind kind, const char *model,
    const char *terms, int64_t credits);
/*
 * What one is expected to cost at most: the dearest of those with the same terms, else of
 * those made elsewhere. NULL: nobody knows.
 */
const struct price_seen *price_known(const struct price *price);

struct price_sum {
	int64_t credits; /* of all that are to be paid; at most INT64_MAX */
	size_t tasks;
	size_t seen, seen_elsewhere; /* the known costs that it rests on */
	const struct price *unknown; /* the first without any; NULL: none */
};
struct price_sum price_sum(const struct price *prices, size_t n);
