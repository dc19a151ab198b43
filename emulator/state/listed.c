#include "state/listed.h"

#include <string.h>

#include "common/text.h"

/* Where the first one stands that is listed at this moment or later. */
static size_t place_of(const struct account *account, int64_t at_ms)
{
	size_t low = 0, high = account->listed_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (account->listed[middle].at_ms < at_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void make_room(struct account *account)
{
	if (account->listed_count < account->listed_room)
		return;
	account->listed_room = account->listed_room ? account->listed_room * 2 : 16;
	account->listed =
	    mem_grow(account->listed, account->listed_room * sizeof(*account->listed));
}

void listed_add(struct account *account, const struct task *task)
{
	const int64_t created_ms = task->life.created_ms;
	int64_t at_ms = created_ms;
	size_t place;

	/* Thousands may be made at one moment: go on behind the last one. */
	if (account->listed_count && account->listed_last == created_ms)
		at_ms = account->listed_last_at + 1;
	place = place_of(account, at_ms);
	while (place < account->listed_count && account->listed[place].at_ms == at_ms) {
		place++;
		at_ms++;
	}
	make_room(account);
	memmove(&account->listed[place + 1], &account->listed[place],
	    (account->listed_count - place) * sizeof(*account->listed));
	account->listed[place] = (struct listed){ .at_ms = at_ms, .task = task };
	account->listed_count++;
	account->listed_last = created_ms;
	account->listed_last_at = at_ms;
}

size_t store_count(struct store *store, const struct account *account)
{
	size_t count;

	(void)pthread_mutex_lock(&store->lock);
	count = account->listed_count;
	(void)pthread_mutex_unlock(&store->lock);
	return count;
}

struct listed *store_list(
    struct store *store, const struct account *account, size_t *ret_count)
{
	struct listed *list;
	size_t count;

	(void)pthread_mutex_lock(&store->lock);
	count = account->listed_count;
	list = mem_new(count, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = account->listed[count - 1 - i];
	(void)pthread_mutex_unlock(&store->lock);
	*ret_count = count;
	return list;
}
