/*
 * json_tree.c - the second half of json.h: trees and their readers.
 */
#include "base/array.h"
#include "base/json.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json_scan.h"
#include "base/text.h"

enum { PAIRWISE_MAX = 8, PATH_SHOWN = 160, KEY_SHOWN = 40 };

/* The objects and arrays around what is being looked at, outermost first. */
struct trail {
	const cJSON *step[JSON_DEPTH_MAX];
	size_t n;
	const char **keys; /* scratch for sorting */
	size_t room;
};

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory for a JSON tree");
}

static enum err_kind fail_duplicate(
    const struct trail *trail, const char *key, struct err *err)
{
	_cleanup_(buf_release) struct buf where = buf_make(PATH_SHOWN);

	for (size_t i = 1; i < trail->n; i++) {
		const char *name = trail->step[i]->string;

		name = name ? name : "[]";
		buf_addf(&where, "%s%.*s", where.len ? "." : "",
		    (int)text_cut(name, KEY_SHOWN), name);
	}
	if (where.len)
		return err_set(err, ERR_CONTRACT,
		    "the key '%.40s' is there twice in '%s'", key, where.data);
	return err_set(err, ERR_CONTRACT, "the key '%.40s' is there twice", key);
}

static int compare_names(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* Of few members each pair is compared. */
static const char *find_pair(const cJSON *object)
{
	for (const cJSON *a = object->child; a; a = a->next)
		for (const cJSON *b = a->next; b; b = b->next)
			if (!strcmp(a->string, b->string))
				return a->string;
	return NULL;
}

static enum err_kind check_members(
    struct trail *trail, const cJSON *object, struct err *err)
{
	const char *twice = NULL;
	size_t n = 0;

	for (const cJSON *c = object->child; c; c = c->next)
		n++;
	if (n <= PAIRWISE_MAX) {
		twice = find_pair(object);
		return twice ? fail_duplicate(trail, twice, err) : ERR_OK;
	}
	if (!ARRAY_RESERVE(trail->keys, trail->room, n))
		return no_memory(err);
	n = 0;
	for (const cJSON *c = object->child; c; c = c->next)
		trail->keys[n++] = c->string;
	qsort(trail->keys, n, sizeof(*trail->keys), compare_names);
	for (size_t i = 1; i < n && !twice; i++)
		if (!strcmp(trail->keys[i - 1], trail->keys[i]))
			twice = trail->keys[i];
	return twice ? fail_duplicate(trail, twice, err) : ERR_OK;
}

/* Walks the whole tree without recursion; its depth was checked before. */
static enum err_kind check_tree(struct trail *trail, const cJSON *root, struct err *err)
{
	const cJSON *at = root;

	for (;;) {
		if (at->child && trail->n < JSON_DEPTH_MAX) {
			trail->step[trail->n++] = at;
			if (cJSON_IsObject(at) && check_members(trail, at, err))
				return err->kind;
			at = at->child;
			continue;
		}
		while (at != root && !at->next)
			at = trail->step[--trail->n];
		if (at == root)
			return ERR_OK;
		at = at->next;
	}
}

void json_deletep(cJSON **json)
{
	cJSON_Delete(*json);
	*json = NULL;
}

enum err_kind json_parse(const char *bytes, size_t len, cJSON **ret_json, struct err *err)
{
	return json_parse_within(bytes, len, SIZE_MAX, ret_json, err);
}

enum err_kind json_parse_within(
    const char *bytes, size_t len, size_t max_values, cJSON **ret_json, struct err *err)
{
	_cleanup_(json_deletep) cJSON *json = NULL;
	struct trail trail = { .n = 0 };
	enum err_kind kind;
	size_t values;

	if (json_scan_count(bytes, len, &values, err))
		return err->kind;
	if (values > max_values)
		return err_set(err, ERR_CONTRACT, "%zu values, where %zu are the most",
		    values, max_values);
	json = cJSON_ParseWithLength(bytes, len);
	if (!json) /* the text is right, so this is the only reason left */
		return no_memory(err);
	kind = check_tree(&trail, json, err);
	free(trail.keys);
	if (kind)
		return kind;
	*ret_json = TAKE_PTR(json);
	return ERR_OK;
}

static void count(unsigned *mistyped)
{
	if (mistyped)
		++*mistyped;
}

static const cJSON *member(const cJSON *object, const char *name, size_t len)
{
	for (const cJSON *c = object->child; c; c = c->next)
		if (*c->string == *name && !strncmp(c->string, name, len) &&
		    !c->string[len])
			return c;
	return NULL;
}

/*
 * Returns NULL when it is absent, null, or behind something that is no object (which is
 * counted).
 */
static const cJSON *find(const cJSON *object, const char *path, unsigned *mistyped)
{
	const cJSON *at = object;

	for (;;) {
		const size_t len = (size_t)(strchrnul(path, '.') - path);

		if (!at || cJSON_IsNull(at))
			return NULL;
		if (!cJSON_IsObject(at)) {
			count(mistyped);
			return NULL;
		}
		at = member(at, path, len);
		if (!path[len])
			return at && !cJSON_IsNull(at) ? at : NULL;
		path += len + 1;
	}
}

const cJSON *json_find(const cJSON *object, const char *path)
{
	return find(object, path, NULL);
}

const char *json_get_string(const cJSON *object, const char *path, unsigned *ret_mistyped)
{
	const cJSON *node = find(object, path, ret_mistyped);

	if (node && !cJSON_IsString(node)) {
		count(ret_mistyped);
		return NULL;
	}
	return node ? node->valuestring : NULL;
}

static bool parse_digits(const char *text, int64_t *ret_value)
{
	const char *digits = text + (*text == '-');
	const size_t n = strlen(digits);
	long long value;
	char *end;

	if (n == 0 || strspn(digits, "0123456789") != n)
		return false;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || *end)
		return false;
	*ret_value = value;
	return true;
}

static int64_t clamp(double value)
{
	if (value >= 9223372036854775808.0)
		return INT64_MAX;
	if (value <= -9223372036854775808.0)
		return INT64_MIN;
	return (int64_t)value;
}

int64_t json_get_int(
    const cJSON *object, const char *path, int64_t otherwise, unsigned *ret_mistyped)
{
	const cJSON *node = find(object, path, ret_mistyped);
	int64_t value;

	if (!node)
		return otherwise;
	if (cJSON_IsNumber(node) && !isnan(node->valuedouble))
		return clamp(node->valuedouble);
	if (cJSON_IsString(node) && parse_digits(node->valuestring, &value))
		return value;
	count(ret_mistyped);
	return otherwise;
}

int64_t json_get_int_in(const cJSON *object, const char *path, struct json_range range,
    int64_t otherwise, unsigned *ret_mistyped)
{
	const int64_t value = json_get_int(object, path, otherwise, ret_mistyped);

	if (value == otherwise)
		return value;
	if (value < range.low)
		return range.low;
	return value > range.high ? range.high : value;
}

double json_get_double(
    const cJSON *object, const char *path, double otherwise, unsigned *ret_mistyped)
{
	const cJSON *node = find(object, path, ret_mistyped);
	int64_t value;

	if (!node)
		return otherwise;
	if (cJSON_IsNumber(node) && isfinite(node->valuedouble))
		return node->valuedouble;
	if (cJSON_IsString(node) && parse_digits(node->valuestring, &value))
		return (double)value;
	count(ret_mistyped);
	return otherwise;
}

const cJSON *json_get_array(const cJSON *object, const char *path, unsigned *ret_mistyped)
{
	const cJSON *node = find(object, path, ret_mistyped);

	if (node && !cJSON_IsArray(node)) {
		count(ret_mistyped);
		return NULL;
	}
	return node;
}

const cJSON *json_get_object(
    const cJSON *object, const char *path, unsigned *ret_mistyped)
{
	const cJSON *node = find(object, path, ret_mistyped);

	if (node && !cJSON_IsObject(node)) {
		count(ret_mistyped);
		return NULL;
	}
	return node;
}
