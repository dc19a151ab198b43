/*
 * json_tape.h - a JSON text read once: where each of its keys and values lies.
 *
 * json_scan_tape() checks the text as json_scan() does, and notes a token for each key
 * and value, in their order: an object is followed by its keys, each of which is followed
 * by its value. So cutting, looking up and making trees read no byte twice, and check
 * nothing again. A token has 16 bytes, a tape at most `max_tokens`; a text of more, or
 * for whose tape there is no memory, is checked and has an empty tape (n 0): whoever
 * reads by tape has another way, too.
 *
 * The text must stay as it is and where it is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/err.h"
#include "base/json_token.h"

/* ERR_CONTRACT: no JSON, as json_scan() says it. */
enum err_kind json_scan_tape(const char *bytes, size_t len, size_t max_tokens,
    struct json_tape *ret_tape, struct err *err);
void json_tape_release(struct json_tape *tape); /* a zeroed one owns nothing */

/*
 * May an object in there have a key twice? False is certain; true is not: an object of
 * more than some hundred members and keys with escapes are not looked at closely.
 */
bool json_tape_may_double(const struct json_tape *tape, size_t token);

/* The value at a dotted path, an object's member at each step; 0: it is not there. */
size_t json_tape_find(const struct json_tape *tape, size_t token, const char *path);

/* A tree, read as cJSON and never changed. */
struct json_tree {
	cJSON *root;
	void *memory; /* all nodes in one piece; NULL: they are cJSON's own */
};
/* Are more values in it, itself counted, than `max`? */
bool json_tape_has_more(const struct json_tape *tape, size_t token, size_t max);
/* Makes the tree of one value, as cJSON_Parse() would. False: no memory. */
bool json_tape_tree(
    const struct json_tape *tape, size_t token, struct json_tree *ret_tree);
void json_tree_release(struct json_tree *tree); /* a zeroed one owns nothing */
