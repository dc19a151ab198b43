#include "service/jimeng/read/slots.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "model/taskid.h"
#include "service/jimeng/read/limits.h"

enum { OWN_IDS_MAX = 2 << 20, RAW_KEY_MAX = 6 * TASKID_MAX };

/* Lists that some clients expect in `data` (PROTOCOL B2); a tolerance. */
static const char *const list_names[] = { "history_list", "history_records", NULL };

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory for an answer");
}

static bool is_list_name(struct json_slice key)
{
	for (size_t i = 0; list_names[i]; i++)
		if (key.len == strlen(list_names[i]) &&
		    !memcmp(key.bytes, list_names[i], key.len))
			return true;
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Measures the value at `at`, in a text that json_scan() has accepted. */
static size_t value_length(const char *at, const char *end)
{
	const char *c = at;
	size_t depth = 0;
	bool in_string = false;

	for (; c < end; c++) {
		if (in_string) {
			if (*c == '\\')
				c++;
			else if (*c == '"')
				in_string = false;
		} else if (*c == '"') {
			in_string = true;
		} else if (*c == '{' || *c == '[') {
			depth++;
		} else if (depth == 0 && (*c == ',' || *c == ']')) {
			break;
		} else if (*c == '}' || *c == ']') {
			depth--;
		}
	}
	while (c > at && is_space(c[-1]))
		c--;
	return (size_t)(c - at);
}

static enum err_kind add_slot(
    struct slots *slots, const struct slot *slot, struct err *err)
{
	if (slots->n == ANSWER_RECORDS_MAX)
		return err_set(err, ERR_CONTRACT, "the answer has more than %d records",
		    ANSWER_RECORDS_MAX);
	if (!ARRAY_RESERVE(slots->at, slots->room, slots->n + 1))
		return no_memory(err);
	slots->at[slots->n++] = *slot;
	return ERR_OK;
}

/*
 * Makes it plain, in the arena; NULL: out of memory, or so long that it is never an id.
 */
static const char *plain_key(struct slots *slots, struct json_slice raw)
{
	_cleanup_free_ char *unescaped = NULL;

	if (raw.len > RAW_KEY_MAX)
		return NULL;
	if (!memchr(raw.bytes, '\\', raw.len))
		return arena_strndup(&slots->arena, raw.bytes, raw.len);
	unescaped = json_unescape(raw);
	return arena_strdup(&slots->arena, unescaped);
}

static enum err_kind add_keyed(
    struct slots *slots, const struct json_member *member, struct err *err)
{
	const char *key = plain_key(slots, member->key);

	if (!key && member->key.len <= RAW_KEY_MAX)
		return no_memory(err);
	return add_slot(slots,
	    &(struct slot){ .key = key,
		.value = member->value,
		.token = member->token,
		.is_doubled = member->is_doubled },
	    err);
}

static enum err_kind add_list_by_tape(struct slots *slots, size_t list, struct err *err)
{
	const struct json_token *tokens = slots->tape->tokens;

	for (size_t i = list + 1; i < tokens[list].next; i = tokens[i].next) {
		const struct json_slice value = { slots->tape->bytes + tokens[i].at,
			tokens[i].len };

		if (add_slot(slots, &(struct slot){ .value = value, .token = i }, err))
			return err->kind;
	}
	return ERR_OK;
}

static enum err_kind add_list(
    struct slots *slots, struct json_slice array, size_t token, struct err *err)
{
	const char *at = array.bytes + 1;
	const char *end = array.bytes + array.len;

	if (token)
		return add_list_by_tape(slots, token, err);
	while (at < end) {
		struct json_slice value = { at, 0 };

		if (is_space(*at) || *at == ',') {
			at++;
			continue;
		}
		if (*at == ']')
			return ERR_OK;
		value.len = value_length(at, end);
		if (add_slot(slots, &(struct slot){ .value = value }, err))
			return err->kind;
		at += value.len;
	}
	return ERR_OK;
}

static enum err_kind cut_members(const struct slots *slots, struct json_slice object,
    size_t token, struct json_member **ret_members, size_t *ret_n, struct err *err)
{
	if (token)
		return json_tape_members_doubled(
		    slots->tape, token, ANSWER_RECORDS_MAX, ret_members, ret_n, err);
	return json_members_doubled(object, ANSWER_RECORDS_MAX, ret_members, ret_n, err);
}

static enum err_kind add_members(
    struct slots *slots, struct json_slice object, size_t token, struct err *err)
{
	_cleanup_free_ struct json_member *members = NULL;
	size_t n;

	if (cut_members(slots, object, token, &members, &n, err))
		return err_note(err, "'data'");
	for (size_t i = 0; i < n; i++) {
		const struct json_member *member = &members[i];
		const enum err_kind kind = !member->is_doubled &&
			is_list_name(member->key) && member->value.bytes[0] == '['
		    ? add_list(slots, member->value, member->token, err)
		    : add_keyed(slots, member, err);

		if (kind)
			return kind;
	}
	return ERR_OK;
}

struct slots slots_make(const struct json_tape *tape)
{
	return (struct slots){ .arena = arena_make(OWN_IDS_MAX), .tape = tape };
}

void slots_release(struct slots *slots)
{
	arena_release(&slots->arena);
	free(slots->at);
	*slots = (struct slots){ 0 };
}

enum err_kind slots_cut(struct slots *slots, struct json_slice data, size_t token,
    bool *ret_is_neither, struct err *err)
{
	*ret_is_neither = false;
	if (data.len == 0)
		return ERR_OK;
	if (data.bytes[0] == '{')
		return add_members(slots, data, token, err);
	if (data.bytes[0] == '[')
		return add_list(slots, data, token, err);
	*ret_is_neither = true;
	return ERR_OK;
}

size_t slots_lost(const struct slots *slots, bool is_mended)
{
	size_t n = 0;

	for (size_t i = 0; i < slots->n; i++)
		n += slots->at[i].is_doubled ||
		    (is_mended && slots->at[i].value.bytes[0] == '0');
	return n;
}

enum err_kind slot_refuse_doubled(const struct slot *slot, struct err *err)
{
	return err_set(err, ERR_CONTRACT, "the key '%.40s' is there twice",
	    slot->key ? slot->key : "...");
}

static bool is_plain(const struct slots *slots, const struct slot *slot)
{
	return slot->token && !json_tape_may_double(slots->tape, slot->token) &&
	    !json_tape_has_more(slots->tape, slot->token, ANSWER_VALUES_MAX);
}

enum err_kind slot_tree(const struct slots *slots, const struct slot *slot,
    struct json_tree *ret_tree, struct err *err)
{
	struct json_tree tree = { 0 };

	if (!slot->is_plain && !is_plain(slots, slot)) {
		if (json_parse_within(slot->value.bytes, slot->value.len,
			ANSWER_VALUES_MAX, &tree.root, err))
			return err->kind;
	} else if (!json_tape_tree(slots->tape, slot->token, &tree)) {
		return no_memory(err);
	}
	*ret_tree = tree;
	return ERR_OK;
}

/* The id at that path, in the arena; NULL: none that is valid. */
static enum err_kind keep_id(
    struct slots *slots, const char *id, const char **ret_id, struct err *err)
{
	if (!taskid_is_valid(id))
		return ERR_OK;
	*ret_id = arena_strdup(&slots->arena, id);
	return *ret_id ? ERR_OK : no_memory(err);
}

static enum err_kind index_by_tree(
    struct slots *slots, struct slot *slot, struct err *err)
{
	_cleanup_(json_tree_release) struct json_tree tree = { 0 };

	if (slot_tree(slots, slot, &tree, err))
		return err->kind == ERR_NOMEM ? ERR_NOMEM : ERR_OK;
	for (size_t i = 0; i < RECORD_IDS; i++) {
		const char *id = json_get_string(tree.root, record_id_paths[i], NULL);

		if (keep_id(slots, id, &slot->own_ids[i], err))
			return err->kind;
	}
	return ERR_OK;
}

static enum err_kind index_by_tape(
    struct slots *slots, struct slot *slot, struct err *err)
{
	for (size_t i = 0; i < RECORD_IDS; i++) {
		_cleanup_free_ char *id = NULL;
		const struct json_token *token;
		const size_t at =
		    json_tape_find(slots->tape, slot->token, record_id_paths[i]);

		token = &slots->tape->tokens[at];
		if (!at || slots->tape->bytes[token->at] != '"')
			continue;
		id = json_unescape(
		    (struct json_slice){ slots->tape->bytes + token->at, token->len });
		if (!id)
			return no_memory(err);
		if (keep_id(slots, id, &slot->own_ids[i], err))
			return err->kind;
	}
	return ERR_OK;
}

/* An unreadable record owns nothing; only memory is a reason to stop. */
static enum err_kind index_slot(struct slots *slots, struct slot *slot, struct err *err)
{
	if (slot->value.bytes[0] != '{' || slot->is_doubled)
		return ERR_OK;
	slot->is_plain = is_plain(slots, slot);
	return slot->is_plain ? index_by_tape(slots, slot, err)
			      : index_by_tree(slots, slot, err);
}

enum err_kind slots_index(struct slots *slots, struct err *err)
{
	struct err why;

	for (size_t i = 0; i < slots->n && !slots->is_indexed; i++) {
		if (index_slot(slots, &slots->at[i], &why)) {
			*err = why;
			return err->kind;
		}
	}
	slots->is_indexed = true;
	return ERR_OK;
}

bool slot_owns_id(const struct slot *slot, const char *id)
{
	for (size_t i = 0; i < RECORD_IDS; i++)
		if (slot->own_ids[i] && !strcmp(slot->own_ids[i], id))
			return true;
	return false;
}

enum err_kind slots_find(
    struct slots *slots, const char *id, const struct slot **ret_slot, struct err *err)
{
	const struct slot *found = NULL;

	for (size_t i = 0; i < slots->n && !found; i++)
		if (slots->at[i].key && !strcmp(slots->at[i].key, id))
			found = &slots->at[i];
	if (!found && slots_index(slots, err))
		return err->kind;
	for (size_t i = 0; i < slots->n && !found; i++)
		if (slot_owns_id(&slots->at[i], id))
			found = &slots->at[i];
	*ret_slot = found;
	return ERR_OK;
}
