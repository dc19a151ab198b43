/*
 * parts.h - what the tables of bench-parts share: clocks and memory of this process.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct spent {
	double wall_s, cpu_s;
};
/* The clocks as they stand; of two of them the difference is what lies between. */
struct spent spent_now(void);
struct spent spent_since(struct spent from);
double peak_mib(void); /* of this process so far */

/* Ends the program with what happened. */
void ok_or_die(enum err_kind kind, const struct err *err);

/* The tables; what they need are words of the command line. */
int table_decode(int n_files, char **files);
int table_ledger(const char *path, size_t n);
int table_heard(const char *path, size_t n);
