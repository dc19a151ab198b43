/*
 * slots.h - the records of an answer: where in its bytes each lies, and whose it is.
 *
 * `data` is cut before any tree is made, by the answer's tape. The own ids of the records
 * are looked up on it, too, once, when somebody asks for them. What the tape does not
 * have, or says too little about (a key with an escape), is read as a tree, one at a
 * time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/json_tape.h"
#include "service/jimeng/read/record.h"

struct slot {
	const char *key; /* in the arena; NULL: member of a list, or never an id */
	struct json_slice value; /* in the answer's bytes */
	size_t token; /* of the value on the tape; 0: read it in another way */
	bool is_plain; /* it is on the tape, not too large, and no key comes twice */
	const char *own_ids[RECORD_IDS]; /* in the arena; once they are indexed */
	bool is_doubled; /* another record has this key: neither is believed */
};

struct slots {
	struct slot *at; /* up to ANSWER_RECORDS_MAX */
	size_t n, room;
	bool is_indexed;
	struct arena arena;
	const struct json_tape *tape; /* the answer's; may be empty */
};

struct slots slots_make(const struct json_tape *tape);
void slots_release(struct slots *slots);

/*
 * Cuts out the members of `data`, which json_scan() has accepted: an object by key, or a
 * list; `token` is its own on the tape, 0 none. *ret_is_neither: it is something else,
 * and holds none. ERR_CONTRACT: too many.
 */
enum err_kind slots_cut(struct slots *slots, struct json_slice data, size_t token,
    bool *ret_is_neither, struct err *err);
/* How many could not be read: json_mend() has written over them, or their key is doubled.
 */
size_t slots_lost(const struct slots *slots, bool is_mended);
/* ERR_CONTRACT, names the key of a slot that is_doubled. */
enum err_kind slot_refuse_doubled(const struct slot *slot, struct err *err);
/* Collect the own ids of all; again, it does nothing. ERR_NOMEM. */
enum err_kind slots_index(struct slots *slots, struct err *err);
/* Does the record itself carry this id? Indexed only. */
bool slot_owns_id(const struct slot *slot, const char *id);
/* A tree of this record. ERR_CONTRACT: a key comes twice in it, or it is too large. */
enum err_kind slot_tree(const struct slots *slots, const struct slot *slot,
    struct json_tree *ret_tree, struct err *err);
/* Finds by key; else by the ids inside. NULL: the service does not know the id. */
enum err_kind slots_find(
    struct slots *slots, const char *id, const struct slot **ret_slot, struct err *err);
