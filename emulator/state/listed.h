/*
 * listed.h - the tasks of an account in the order of their creation. For the store, which
 * holds its lock meanwhile.
 */
#pragma once

#include "state/store.h"

/* Put the task in its place. Tasks created at one moment are listed a millisecond apart.
 */
void listed_add(struct account *account, const struct task *task);
