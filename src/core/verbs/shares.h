/*
 * shares.h - how many rows of the ledger have the same file: two profiles may know one
 * task, and two tasks may have brought the same bytes under one name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ledger/ledger.h"
#include "store/sink.h"

struct shares { /* all 0 but `sinks`: no file is known */
	const struct sinks *sinks;
	void *tree;
	char *place, *true_place; /* of the last that was asked for */
};

/* Counts the files of all rows, whoever's they are. */
enum err_kind shares_load(struct shares *shares, struct ledger *ledger, struct err *err);
/* One row more has it; false: there is no memory. */
bool shares_add(struct shares *shares, const char *location);
/* One row less has it; *ret_left: so many still do. False: there is no memory. */
bool shares_drop(struct shares *shares, const char *location, size_t *ret_left);
/* Is it a file of a row? False: there is no memory. */
bool shares_have(struct shares *shares, const char *location, bool *ret_have);
void shares_release(struct shares *shares);
