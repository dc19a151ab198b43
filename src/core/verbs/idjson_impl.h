/*
 * idjson_impl.h - what idjson.c, which goes through the text, idjson_facts.c, which knows
 * what its names mean, and idjson_inner.c, the texts in it, share.
 */
#pragma once

#include "base/buf.h"
#include "base/json_feed.h"
#include "core/verbs/idjson.h"
#include "model/taskid.h"

/* What a member of an object is about. */
enum idjson_role {
	ROLE_NONE,
	ROLE_SUBMIT_ID,
	ROLE_HISTORY_ID,
	ROLE_PROMPT,
	ROLE_MODEL,
	ROLE_STATE,
	ROLE_TYPE,
	ROLE_CREDITS,
	ROLE_CREATED,
	ROLE_DATA, /* its members may be records, by their ids */
	ROLE_RECORD, /* what only records have */
	ROLE_OURS, /* a line of dreamq, which need not be about a task */
	ROLE_LOG, /* these are names of a HAR */
	ROLE_ENTRIES,
	ROLE_REQUEST,
	ROLE_RESPONSE,
	ROLE_BODY,
	ROLE_TEXT,
	ROLE_URL,
};
enum idjson_role idjson_role_of(const char *key);

/* What an object has said so far. */
struct idjson_facts {
	char submit_id[TASKID_MAX + 1], history_id[TASKID_MAX + 1]; /* "" unknown */
	char state[32], type[32], model[128];
	char *prompt; /* malloc'ed */
	int64_t credits, created_unix_ms;
};
struct idjson_facts idjson_facts_make(void);
void idjson_facts_release(struct idjson_facts *facts);
/* A member's value; of a wrong form it says nothing. False: no memory. */
bool idjson_facts_text(
    struct idjson_facts *facts, enum idjson_role role, const char *text);
void idjson_facts_word(
    struct idjson_facts *facts, enum idjson_role role, const char *word);
/* An object in another one says of that what it does not say itself. */
void idjson_facts_inherit(struct idjson_facts *facts, struct idjson_facts *inner);

/* A JSON text within a text, plain or as base64. */
struct idjson_inner {
	struct idjson *reader; /* of its own; NULL: none was needed yet */
	enum idjson_form { INNER_UNSEEN, INNER_PLAIN, INNER_BASE64, INNER_OTHER } form;
	unsigned bits, n_bits; /* of base64 */
};
/* Reads on in it. What is no JSON is passed over. */
enum err_kind idjson_inner_add(struct idjson_inner *inner,
    const struct idjson_taker *taker, size_t number, const char *bytes, size_t len,
    struct err *err);
void idjson_inner_end(struct idjson_inner *inner);
void idjson_inner_release(struct idjson_inner *inner);

/* A reader for such a text: a HAR is nothing else in it, nor is its array an outermost
 * one. */
void idjson_begin_inner(struct idjson *reader, size_t number);
