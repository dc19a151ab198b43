/*
 * live.h - is the process that wrote this row still there?
 *
 * Beside the ledger lies "<ledger>-live", an empty file. Who writes a row that
 * only makes sense while he lives draws a random number, locks the byte at that place of
 * the file, and puts the number into the row. The kernel drops the lock when the
 * process ends, however it ends. Nothing is left to clean up: a number nobody
 * holds is a dead process, also after a reboot or when the file was removed.
 *
 * Open-file-description locks are used: two ledgers of one process are two owners.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct live {
	int fd; /* -1: nothing taken yet */
	int64_t owner; /* 0: nothing taken yet */
};

static inline struct live live_make(void)
{
	return (struct live){ .fd = -1 };
}

/* Take a number for the rest of this object's life, unless it has one. */
enum err_kind live_take(struct live *live, const char *ledger_path, struct err *err);
/* Which of them live? Our own does. */
enum err_kind live_are_alive(const struct live *live, const char *ledger_path,
    const int64_t *owners, size_t n, bool *ret_are_alive, struct err *err);
void live_release(struct live *live);
