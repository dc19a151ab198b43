/*
 * words.h - the texts of events, and what can be read out of them again. Every back end
 * keeps them as they are: what an older dreamq wrote is understood, too.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "model/task.h"

/* A longer path is cut, and none then that could be read again. */
enum { WORDS_DETAIL_MAX = 4096, WORDS_TEXT_MAX = 8 << 10 };

/*
 * Says what became of asset `index`: "fetched", "stored", "lost" ... `detail` may be
 * NULL; a long one is cut.
 */
void words_asset(struct buf *into, int index, const char *what, const char *detail);

/* Returns what is to be said of a file that is stored; NULL: nothing more. */
const char *words_sync(bool is_unsynced);

/* Says how a submit ended. `code` of a refusal may be NULL or "". */
void words_answer(struct buf *into, enum task_state state, const char *code);

/*
 * Does the event say where an asset was meant to be put? *ret_path points into `text`.
 */
bool words_place(
    const char *what, const char *text, int *ret_index, const char **ret_path);
