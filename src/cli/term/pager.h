/*
 * pager.h - what is long is shown in a pager, as git does: standard output, when it is a
 * terminal, goes through $DREAMQ_PAGER, $PAGER or 'less -FRX' ("cat" or "": none).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pager {
	pid_t pid; /* 0: none */
	int terminal; /* a copy of what stdout was */
	size_t columns; /* of that terminal; 0: nobody knows */
};

/*
 * Starts it; without one (none is wanted, or none is there) nothing changes. Before
 * anything is written.
 */
void pager_start(struct pager *pager);
static inline bool pager_runs(const struct pager *pager)
{
	return pager->pid > 0;
}
/* Flushes stdout, which is the terminal again when the pager has ended. */
void pager_end(struct pager *pager);

/* The columns of the terminal that a descriptor is; 0: it is none. */
size_t pager_columns_of(int fd);
