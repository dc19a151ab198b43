/*
 * balance.h - the credits of an account: what it has at one moment, and what its
 * statement says came and went. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Where credits come from. */
enum credit_sort { CREDIT_SUBSCRIPTION, CREDIT_GIFT, CREDIT_PURCHASE, CREDIT_SORTS };
enum { BALANCE_ENDS_MAX = 16 };

/* So many are gone at that time, unless they were spent before. */
struct balance_end {
	int64_t amount; /* 1 or more */
	int64_t at_unix; /* s, the service's clock */
};

struct balance {
	int64_t total; /* -1: not told */
	int64_t of_sort[CREDIT_SORTS]; /* -1: not told */
	struct balance_end ends[BALANCE_ENDS_MAX]; /* the soonest first */
	size_t n_ends;
};

/* One line of a statement. */
struct credit_entry {
	int64_t amount; /* negative: it was taken */
	int64_t at_unix_ms; /* 0: not told */
	const char *title; /* the service's words; NULL none */
	const char *submit_id, *history_id; /* of the task that it is about; NULL none */
};

struct balance balance_make(void); /* nothing is told */
/* Keeps the soonest ones; what is not there (0) or has no end is passed over. */
void balance_add_end(struct balance *balance, int64_t amount, int64_t at_unix);

/*
 * How many credits were taken between two readings, of which the later one was made at
 * `now_unix`? -1: they can't tell, since one of them is not whole, some credits ended
 * in between, or any came.
 */
int64_t balance_fell(
    const struct balance *before, const struct balance *after, int64_t now_unix);
