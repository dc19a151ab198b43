#include "core/stats/cost.h"

#include <string.h>

/* --- by the statement ------------------------------------------------------------- */

static bool is_same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

size_t cost_index(const struct cost *costs, size_t n, const struct credit_entry *entry)
{
	size_t i = 0;

	while (i < n && !is_same(costs[i].submit_id, entry->submit_id) &&
	    !is_same(costs[i].history_id, entry->history_id))
		i++;
	return i;
}

size_t cost_add_up(const struct credit_entry *entries, size_t n, struct cost *ret_costs)
{
	size_t n_costs = 0;

	for (size_t i = 0; i < n; i++) {
		const struct credit_entry *entry = &entries[i];
		const size_t at = cost_index(ret_costs, n_costs, entry);
		struct cost *cost = &ret_costs[at];

		if (!entry->submit_id && !entry->history_id)
			continue;
		if (at == n_costs) {
			*cost = (struct cost){ .credits = 0 };
			n_costs++;
		}
		cost->submit_id = entry->submit_id ? entry->submit_id : cost->submit_id;
		cost->history_id =
		    entry->history_id ? entry->history_id : cost->history_id;
		cost->credits -= entry->amount;
		cost->is_charged = cost->is_charged || entry->amount < 0;
	}
	for (size_t i = 0; i < n_costs; i++)
		ret_costs[i].is_charged =
		    ret_costs[i].is_charged && ret_costs[i].credits >= 0;
	return n_costs;
}

/* --- of the next ones ------------------------------------------------------------- */

static void note(struct price_seen *seen, int64_t credits)
{
	seen->dearest = seen->n == 0 || credits > seen->dearest ? credits : seen->dearest;
	seen->n++;
}

void price_note(struct price *price, enum media_kind kind, const char *model,
    const char *terms, int64_t credits)
{
	if (kind != price->kind)
		return;
	if (terms && !strcmp(terms, price->terms))
		note(&price->same, credits);
	else if (!terms && is_same(model, price->model))
		note(&price->elsewhere, credits);
}

const struct price_seen *price_known(const struct price *price)
{
	if (price->same.n > 0)
		return &price->same;
	return price->elsewhere.n > 0 ? &price->elsewhere : NULL;
}

struct price_sum price_sum(const struct price *prices, size_t n)
{
	struct price_sum sum = { .credits = 0 };

	for (size_t i = 0; i < n; i++) {
		const struct price_seen *seen = price_known(&prices[i]);
		int64_t all;

		sum.tasks += prices[i].n;
		if (!seen) {
			sum.unknown = sum.unknown ? sum.unknown : &prices[i];
			continue;
		}
		sum.seen += seen->n;
		sum.seen_elsewhere += seen == &prices[i].elsewhere ? seen->n : 0;
		if (__builtin_mul_overflow(seen->dearest, (int64_t)prices[i].n, &all) ||
		    __builtin_add_overflow(sum.credits, all, &sum.credits))
			sum.credits = INT64_MAX;
	}
	return sum;
}
