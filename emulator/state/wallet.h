/*
 * wallet.h - the credits of an account: what there is, and how it came and went.
 *
 * Gifts expire and are spent first, then what a subscription gives, then what was bought.
 * Not locked: the store does that.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct task;

enum purse { PURSE_GIFT, PURSE_VIP, PURSE_PURCHASE, PURSES };

enum credit_way {
	CREDIT_CAME = 1, /* as the service numbers them */
	CREDIT_WENT,
};

struct credit_entry {
	int64_t at_ms;
	int amount; /* always positive */
	enum credit_way way;
	const char *title; /* a literal */
	const struct task *task; /* NULL: for no task */
};

struct wallet {
	int64_t purses[PURSES];
	struct credit_entry *entries; /* in the order that they were made */
	size_t count, room;
};

int64_t wallet_total(const struct wallet *wallet);

/* Write down what came or went; the purses stay as they are. */
void wallet_note(struct wallet *wallet, const struct credit_entry *entry);

/* Take what the entry says, which must be there, or put it into a purse. */
void wallet_spend(struct wallet *wallet, const struct credit_entry *entry);
void wallet_give(
    struct wallet *wallet, enum purse purse, const struct credit_entry *entry);

void wallet_release(struct wallet *wallet);
