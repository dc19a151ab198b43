#include "model/balance.h"

#include <string.h>

struct balance balance_make(void)
{
	struct balance balance = { .total = -1 };

	for (size_t i = 0; i < CREDIT_SORTS; i++)
		balance.of_sort[i] = -1;
	return balance;
}

void balance_add_end(struct balance *balance, int64_t amount, int64_t at_unix)
{
	const struct balance_end *ends = balance->ends;
	size_t at = balance->n_ends;

	while (at > 0 && ends[at - 1].at_unix > at_unix)
		at--;
	if (amount <= 0 || at_unix <= 0 || at == BALANCE_ENDS_MAX)
		return;
	if (balance->n_ends < BALANCE_ENDS_MAX)
		balance->n_ends++;
	memmove(&balance->ends[at + 1], &balance->ends[at],
	    (balance->n_ends - at - 1) * sizeof(balance->ends[0]));
	balance->ends[at] = (struct balance_end){ amount, at_unix };
}

int64_t balance_fell(
    const struct balance *before, const struct balance *after, int64_t now_unix)
{
	if (before->total < 0 || after->total < 0)
		return -1;
	for (size_t i = 0; i < CREDIT_SORTS; i++)
		if ((before->of_sort[i] < 0) != (after->of_sort[i] < 0) ||
		    after->of_sort[i] > before->of_sort[i])
			return -1;
	if (before->n_ends > 0 && before->ends[0].at_unix <= now_unix)
		return -1;
	return before->total < after->total ? -1 : before->total - after->total;
}
