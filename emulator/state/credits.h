/*
 * credits.h - what the tasks of the store cost their accounts.
 */
#pragma once

#include "state/store.h"

/* For state/, which holds the lock: give back what failed tasks have cost, if it is so.
 */
void credits_settle(const struct store *store, struct account *account, int64_t now_ms);

/* For state/, too: charge the account for the task, or give back all that it was charged.
 */
void credits_charge(struct task *task, int price, int64_t now_ms);
void credits_give_back(struct task *task, const char *title, int64_t now_ms);
