/*
 * list.h - many tasks of a ledger: which of them, in which order.
 */
#pragma once

#include "ledger/ledger.h"
#include "model/search.h"

/* By what a list is sorted. */
#define LEDGER_SORTS(X)                                                     \
	X(SEEN, "seen") /* when we first heard of it: of all the fastest */ \
	X(COST, "cost")                                                     \
	X(CREATED, "created")                                               \
	X(FINISHED, "finished")                                             \
	X(ID, "id")                                                         \
	X(KIND, "kind")                                                     \
	X(MODEL, "model")                                                   \
	X(RATING, "rating")                                                 \
	X(SIZE, "size") /* bytes of its stored files */                     \
	X(STATE, "state")
enum ledger_sort {
#define X(name, text) LEDGER_SORT_##name,
	LEDGER_SORTS(X)
#undef X
	    LEDGER_SORT_COUNT
};
/* The names, in that order; NULL-terminated. */
extern const char *const ledger_sort_names[];
bool ledger_sort_parse(const char *name, enum ledger_sort *ret_sort);

enum { LEDGER_FILTER_TAGS = 8 };
struct ledger_filter {
	const char *account; /* NULL: all */
	bool only_unfinished; /* not final, or final success with assets not stored */
	bool has_state;
	enum task_state state;
	int64_t since_unix_ms; /* 0: all; by when we first heard of it */
	size_t limit; /* 0: none; the first of the list */
	/* NULL: any; looks through prompt, model, tags, notes and ids */
	const struct task_search *search;
	const char *const *tags; /* each of them, on the task or a file of it */
	size_t n_tags; /* LEDGER_FILTER_TAGS at most */
	/*
	 * The newest first, or, with is_ascending, the oldest. By anything else than
	 * LEDGER_SORT_SEEN all rows that are left are looked at before the first comes;
	 * what is not known comes last either way, and of equals the newest first.
	 */
	enum ledger_sort sort;
	bool is_ascending;
	/* Only what stands behind the task of this number in a list by LEDGER_SORT_SEEN,
	 * be it there any more or not; 0: all. */
	int64_t behind;
	const char
	    *sha256; /* only tasks with a file stored that has this sum; NULL: any */
};
/* The task is the callee's for the call only. Return false to stop. No transaction is
 * held. */
typedef bool ledger_on_task(void *payload, const struct task *task);
enum err_kind ledger_list(struct ledger *ledger, const struct ledger_filter *filter,
    ledger_on_task *on_task, void *payload, struct err *err);
