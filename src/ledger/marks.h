/*
 * marks.h - what people say of tasks, for themselves: tags, a note, a rating. It stays
 * with the task and goes with it (ledger_forget()); no poll changes it.
 */
#pragma once

#include "ledger/ledger.h"
#include "model/tag.h"

enum {
	LEDGER_TAGS_MAX = 50, /* of one task */
	LEDGER_NOTE_MAX = 16 << 10, /* bytes */
	LEDGER_RATING_REJECTED = -1, /* as in XMP; 0 is none, and 5 the best */
	LEDGER_RATING_MAX = 5,
	LEDGER_MARK_TASK = -1, /* the task itself, and not one of its files */
};

/* What changes; what is not named stays. */
struct ledger_mark {
	int index; /* of a file; LEDGER_MARK_TASK */
	const char *const *add, *const *remove; /* tags, as tag_make() writes them */
	size_t n_add, n_remove;
	const char *note; /* NULL: as it is; "": none */
	bool has_rating;
	int rating;
};
/*
 * Writes it, durably, all or nothing. A tag that is there is added once, and one that is
 * not there is removed already. ERR_USAGE: a tag, note or rating that is none, or too
 * many tags then. ERR_NOT_FOUND: no such task, or it has no such file.
 */
enum err_kind ledger_mark(struct ledger *ledger, const char *account, const char *id,
    const struct ledger_mark *mark, int64_t now_unix_ms, struct err *err);

/* The tags of an account, by their bytes, and on how many tasks each is. */
typedef bool ledger_on_tag(void *payload, const char *tag, int64_t n_tasks);
enum err_kind ledger_tags(struct ledger *ledger, const char *account,
    ledger_on_tag *on_tag, void *payload, struct err *err);
