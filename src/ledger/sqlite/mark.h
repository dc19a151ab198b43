/*
 * mark.h - how far the ledger had come, kept a second time, beside it.
 *
 * A log that is deleted or damaged, a file that is exchanged for an older copy: SQLite
 * opens what is left, and what is missing has never been. So "<ledger>-mark" holds, in
 * one line, what the row of `books` held after the newest transaction: the name of the
 * ledger, its generation, its number of tasks. Who finds a ledger behind its mark
 * knows that rows are missing, and about how many.
 *
 * Why a crash gives no false alarm, and hides no loss:
 *
 *  1. The generation grows with every transaction that adds or takes rows, and with every
 *     durable one. It is a row of the ledger: it lives and dies with the transaction.
 *  2. The mark is written after the commit, and before the operation returns. So at every
 *     moment, after the end of any process, mark <= ledger: a crash between the two
 * leaves a mark that lags, which is no alarm.
 *  3. What it hides then is the loss of a transaction whose operation never returned: its
 *     id was not told, its request has not left. Whoever goes on with such a row (sends
 *     it) does so in a durable transaction of his own, and writes the mark before the
 *     request leaves. So whatever was told, or sent, is below the mark.
 *  4. A power cut may undo commits that were not durable, but keep the mark. So it has
 * two generations: `durable`, of the last synced commit, holds for ever; `latest` holds
 *     only for the boot (the kernel's boot_id) in which it was written.
 *  5. A mark that a power cut has undone is older, which is 2. It is one line in one
 *     sector, written in place, with a checksum: what can't be read is no mark, and
 * begins anew. It is not synced: that would double the price of a submit, and only helps
 *     when power and log are lost together.
 *  6. Two who write at once keep the larger of each number: each reads, compares and
 *     writes under a lock of the file (an open-file-description lock, for microseconds).
 *     A reader reads the mark first and the ledger behind it, so others who write
 * meanwhile only make the ledger younger.
 *
 * `is_behind` stays once it was found, whatever is written later, until somebody says
 * that the ledger is right as it is (care.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { MARK_NAME_MAX = 16, MARK_BOOT_MAX = 36 };

struct mark {
	char name[MARK_NAME_MAX + 1]; /* of the ledger: books.name; "" no mark */
	int64_t durable, latest; /* generations, 0 or more */
	int64_t tasks; /* rows at `latest` */
	bool is_behind;
	char boot[MARK_BOOT_MAX + 1]; /* in which `latest` was written; "" unknown */
};

struct mark_file {
	int fd; /* -1: not open */
	char boot[MARK_BOOT_MAX + 1]; /* of now */
};

static inline struct mark_file mark_file_make(void)
{
	return (struct mark_file){ .fd = -1 };
}

void mark_file_release(struct mark_file *file);

/* Without a mark, or when it can't be read, *ret_mark is all 0. Never fails. */
void mark_read(const char *ledger_path, struct mark *ret_mark);
/* `latest` may be relied upon: it was written in this boot. */
bool mark_is_of_this_boot(const struct mark *mark);

/* Have the file, with its full length, so that mark_write() finds its room. */
enum err_kind mark_prepare(
    struct mark_file *file, const char *ledger_path, struct err *err);
/*
 * The larger of what is there and *mark, by number; `latest` 0: no number but `durable`
 * is told. A mark of another ledger is replaced when that had no tasks or `is_forced`,
 * else left alone; forced, numbers may become smaller, too.
 * Trouble is not told: the mark lags then, see above.
 */
void mark_write(struct mark_file *file, const char *ledger_path, const struct mark *mark,
    bool is_forced);
/* The file as a whole, durable, whatever was there: for ledgers that nobody has open. */
enum err_kind mark_put(const char *ledger_path, const struct mark *mark, struct err *err);
