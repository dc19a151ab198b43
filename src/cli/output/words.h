/*
 * words.h - what people are told about a task. What the service or a ledger
 * said is made printable here; the names of states are translated only where
 * nobody would cut them out with awk.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "dreamq/dreamq.h"

enum { WORDS_MAX = 64 * 1024, WORDS_TIME_MAX = 32 };

const char *words_state(const char *state);
/* Adds a stranger's text, without control characters; a line break becomes a blank. */
void words_add_clean(struct buf *into, const char *text);
/* Adds "2/4"; "-" when nothing is known. */
void words_add_files(struct buf *into, const struct dq_task *task);
/* Adds "place 12 of 340, about 1m35s"; nothing when it is in no queue. */
void words_add_queue(struct buf *into, const struct dq_task *task);
/* Adds "2038: text did not pass review (content)"; nothing when it has not failed. */
void words_add_fail(struct buf *into, const struct dq_task *task);
/*
 * Adds "links live until 14:05 (37m02s)", of the link that dies first; nothing without.
 */
void words_add_links(struct buf *into, const struct dq_task *task, int64_t now_unix_ms);
/*
 * "about 40s left (20s to 1m10s)", or where another time stands beside it "done in about
 * 40s ...", behind `before`; nothing when unknown, or when all of it has passed.
 */
struct words_eta {
	int64_t low_unix_ms, unix_ms, high_unix_ms;
	bool is_beside_other;
};
struct words_eta words_eta_of(const struct dq_task *task);
void words_add_eta(struct buf *into, const char *before, const struct words_eta *eta,
    int64_t now_unix_ms, bool has_band);
/*
 * "8 (reported)", "4 (measured)", "unknown"; and for a table: "8 cr reported",
 * "4 cr measured", "". Returns `into`.
 */
enum { WORDS_CREDITS_MAX = 64 };
const char *words_credits(const struct dq_task *task, char into[WORDS_CREDITS_MAX]);
enum { WORDS_COUNT_MAX = 64 };
/* "1 task", "2 files"; returns `into`. */
const char *words_tasks(size_t n, char into[WORDS_COUNT_MAX]);
const char *words_files(size_t n, char into[WORDS_COUNT_MAX]);
const char *words_credits_short(const struct dq_task *task, char into[WORDS_CREDITS_MAX]);
/*
 * "video, multi-frame"; and in one word, for a table: "video/multi_frame".
 * NULL when the kind is not known. Returns `into`.
 */
enum { WORDS_KIND_MAX = 96 };
const char *words_kind(const struct dq_task *task, char into[WORDS_KIND_MAX]);
const char *words_kind_short(const struct dq_task *task, char into[WORDS_KIND_MAX]);
/* Queue place or failure, whichever there is, behind ", ". */
void words_add_trouble(struct buf *into, const struct dq_task *task);

/* Writes the local time "2026-11-22 21:30:05"; "-" for 0. Returns `into`. */
const char *words_time(int64_t unix_ms, char into[WORDS_TIME_MAX]);
