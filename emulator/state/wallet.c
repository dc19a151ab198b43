#include "state/wallet.h"

#include "common/text.h"

int64_t wallet_total(const struct wallet *wallet)
{
	int64_t total = 0;

	for (int i = 0; i < PURSES; i++)
		total += wallet->purses[i];
	return total;
}

void wallet_note(struct wallet *wallet, const struct credit_entry *entry)
{
	if (wallet->count == wallet->room) {
		wallet->room = wallet->room ? wallet->room * 2 : 16;
		wallet->entries =
		    mem_grow(wallet->entries, wallet->room * sizeof(*wallet->entries));
	}
	wallet->entries[wallet->count++] = *entry;
}

void wallet_spend(struct wallet *wallet, const struct credit_entry *entry)
{
	int64_t left = entry->amount;

	for (int i = 0; i < PURSES; i++) {
		const int64_t part = wallet->purses[i] < left ? wallet->purses[i] : left;

		wallet->purses[i] -= part;
		left -= part;
	}
	if (entry->amount)
		wallet_note(wallet, entry);
}

void wallet_give(
    struct wallet *wallet, enum purse purse, const struct credit_entry *entry)
{
	wallet->purses[purse] += entry->amount;
	wallet_note(wallet, entry);
}

void wallet_release(struct wallet *wallet)
{
	free(wallet->entries);
	*wallet = (struct wallet){ 0 };
}
