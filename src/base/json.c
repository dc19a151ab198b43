#include "base/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/json_scan.h"
#include "base/json_unescape.h"
#include "base/say.h"
#include "base/text.h"

enum err_kind json_scan(const char *bytes, size_t len, struct err *err)
{
	size_t values;

	return json_scan_count(bytes, len, &values, err);
}

char *json_unescape(struct json_slice raw)
{
	struct json_scanner s;
	char *text;

	if (raw.len >= 2 && raw.bytes[0] == '"' && raw.bytes[raw.len - 1] == '"') {
		raw.bytes++;
		raw.len -= 2;
	}
	s = (struct json_scanner){ .bytes = raw.bytes, .len = raw.len };
	if (!json_scan_body(&s) || s.at != raw.len)
		return NULL;
	text = malloc(raw.len + 1);
	if (text)
		text[json_unescape_into(raw.bytes, raw.len, text)] = '\0';
	return text;
}

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory for a JSON text");
}

/* Names a stranger's key in the error, short and printable. */
static enum err_kind fail_duplicate(struct err *err, struct json_slice key)
{
	_cleanup_free_ char *plain = json_unescape(key);

	if (!plain)
		return no_memory(err);
	return err_set(err, ERR_CONTRACT, "the key '%.40s' is there twice", plain);
}

struct plain_key {
	struct json_slice text;
	size_t member;
};

static int compare_keys(const void *a, const void *b)
{
	const struct json_slice *x = &((const struct plain_key *)a)->text,
				*y = &((const struct plain_key *)b)->text;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->bytes, y->bytes, x->len);
}

/* The key as it is meant: itself, or unescaped into the arena. */
static bool plain_key(
    struct json_slice raw, struct arena *arena, struct json_slice *ret_key)
{
	char *text;

	*ret_key = raw;
	if (!memchr(raw.bytes, '\\', raw.len))
		return true;
	text = arena_alloc(arena, raw.len);
	if (!text)
		return false;
	*ret_key =
	    (struct json_slice){ text, json_unescape_into(raw.bytes, raw.len, text) };
	return true;
}

static enum err_kind mark_doubled(struct json_member *members, size_t n, struct err *err)
{
	_cleanup_(arena_release) struct arena arena = arena_make(SIZE_MAX);
	_cleanup_free_ struct plain_key *keys = calloc(n, sizeof(*keys));

	if (!keys)
		return no_memory(err);
	for (size_t i = 0; i < n; i++) {
		keys[i].member = i;
		if (!plain_key(members[i].key, &arena, &keys[i].text))
			return no_memory(err);
	}
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < n; i++)
		if (!compare_keys(&keys[i - 1], &keys[i]))
			members[keys[i - 1].member].is_doubled =
			    members[keys[i].member].is_doubled = true;
	return ERR_OK;
}

struct member_list {
	struct json_member *at;
	size_t n, room, max;
};

static enum err_kind add_member(
    struct member_list *list, struct json_member member, struct err *err)
{
	if (list->n == list->max)
		return err_set(
		    err, ERR_CONTRACT, "an object with more than %zu members", list->max);
	if (!ARRAY_RESERVE(list->at, list->room, list->n + 1))
		return no_memory(err);
	list->at[list->n++] = member;
	return ERR_OK;
}

/* `s` stands before a key. */
static bool scan_member(struct json_scanner *s, struct json_member *ret_member)
{
	struct json_member member = { .is_doubled = false };

	json_scan_space(s);
	member.key.bytes = s->bytes + s->at + 1;
	if (!json_scan_key(s, &member.key.len))
		return false;
	json_scan_space(s);
	member.value.bytes = s->bytes + s->at;
	if (!json_scan_value(s))
		return false;
	member.value.len = (size_t)(s->bytes + s->at - member.value.bytes);
	json_scan_space(s);
	*ret_member = member;
	return true;
}

/* `s` stands behind the opening brace. */
static enum err_kind scan_members(
    struct json_scanner *s, struct member_list *list, struct err *err)
{
	struct json_member member;

	json_scan_space(s);
	if (s->at < s->len && s->bytes[s->at] == '}')
		return ERR_OK;
	for (;; s->at++) {
		if (!scan_member(s, &member))
			return json_scan_fail(s, err);
		if (add_member(list, member, err))
			return err->kind;
		if (s->at == s->len || s->bytes[s->at] != ',')
			break;
	}
	if (s->at == s->len || s->bytes[s->at] != '}') {
		s->why = N_("the object is not closed");
		return json_scan_fail(s, err);
	}
	return ERR_OK;
}

/* Hands out what was cut, those with the same key marked. */
static enum err_kind hand_out(struct member_list *list, enum err_kind kind,
    struct json_member **ret_members, size_t *ret_n, struct err *err)
{
	_cleanup_free_ struct json_member *members = list->at;

	if (kind || (list->n && mark_doubled(members, list->n, err)))
		return err->kind;
	*ret_members = TAKE_PTR(members);
	*ret_n = list->n;
	return ERR_OK;
}

enum err_kind json_members_doubled(struct json_slice object, size_t max,
    struct json_member **ret_members, size_t *ret_n, struct err *err)
{
	struct json_scanner s = { .bytes = object.bytes, .len = object.len, .depth = 1 };
	struct member_list list = { .max = max };

	json_scan_space(&s);
	if (s.at == s.len || s.bytes[s.at] != '{')
		return err_set(err, ERR_CONTRACT, "not a JSON object");
	s.at++;
	return hand_out(&list, scan_members(&s, &list, err), ret_members, ret_n, err);
}

static enum err_kind refuse_doubled(
    const struct json_member *members, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (members[i].is_doubled)
			return fail_duplicate(err, members[i].key);
	return ERR_OK;
}

enum err_kind json_members(struct json_slice object, size_t max,
    struct json_member **ret_members, size_t *ret_n, struct err *err)
{
	_cleanup_free_ struct json_member *members = NULL;
	size_t n = 0;

	if (json_members_doubled(object, max, &members, &n, err) ||
	    refuse_doubled(members, n, err))
		return err->kind;
	*ret_members = TAKE_PTR(members);
	*ret_n = n;
	return ERR_OK;
}

/* --- by tape -------------------------------------------------------------------- */

static enum err_kind tape_members(const struct json_tape *tape, size_t object,
    struct member_list *list, struct err *err)
{
	const struct json_token *tokens = tape->tokens;
	size_t key = object + 1;

	for (uint32_t i = 0; i < tokens[object].n; i++, key = tokens[key + 1].next) {
		const struct json_token *value = &tokens[key + 1];
		const struct json_member member = {
			.key = { tape->bytes + tokens[key].at + 1, tokens[key].len - 2 },
			.value = { tape->bytes + value->at, value->len },
			.token = key + 1,
		};

		if (add_member(list, member, err))
			return err->kind;
	}
	return ERR_OK;
}

enum err_kind json_tape_members_doubled(const struct json_tape *tape, size_t object,
    size_t max, struct json_member **ret_members, size_t *ret_n, struct err *err)
{
	struct member_list list = { .max = max };

	if (tape->bytes[tape->tokens[object].at] != '{')
		return err_set(err, ERR_CONTRACT, "not a JSON object");
	return hand_out(
	    &list, tape_members(tape, object, &list, err), ret_members, ret_n, err);
}

enum err_kind json_tape_members(const struct json_tape *tape, size_t object, size_t max,
    struct json_member **ret_members, size_t *ret_n, struct err *err)
{
	_cleanup_free_ struct json_member *members = NULL;
	size_t n = 0;

	if (json_tape_members_doubled(tape, object, max, &members, &n, err) ||
	    refuse_doubled(members, n, err))
		return err->kind;
	*ret_members = TAKE_PTR(members);
	*ret_n = n;
	return ERR_OK;
}
