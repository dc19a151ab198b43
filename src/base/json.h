/*
 * json.h - reading JSON that a stranger wrote.
 *
 * Stricter than the parser below it (cJSON): refused are bytes behind the
 * value, nesting deeper than JSON_DEPTH_MAX, duplicate keys, invalid UTF-8,
 * NUL in strings, half surrogate pairs, control characters, a byte order mark,
 * numbers of more than 63 characters, NaN and friends. Errors name the byte or
 * the path.
 *
 * A large answer is never held as a tree: json_scan() checks a text in one
 * pass without allocating, json_members() cuts an object into slices, and
 * json_parse() makes a tree of one slice.
 *
 * The json_get_*() readers treat a field of another type as absent and count
 * it in *ret_mistyped (may be NULL): a service that changes a type must not
 * take a finished task away from its owner. JSON null counts as absent only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/err.h"
#include "base/json_scan.h" /* JSON_DEPTH_MAX */

struct json_slice {
	const char *bytes;
	size_t len;
};

struct json_member {
	struct json_slice key; /* raw, between the quotes, still escaped */
	struct json_slice value;
	size_t token; /* of the value, when it was cut out by a tape; else 0 */
	bool is_doubled; /* another member has the same key */
};

/* Is the whole text exactly one well-formed JSON value? ERR_CONTRACT says where not. */
enum err_kind json_scan(const char *bytes, size_t len, struct err *err);

/*
 * Cuts out the members of an object that json_scan() has accepted. *ret_members is
 * malloc'ed (the caller frees it), NULL when the object is empty. More than `max`
 * members, a duplicate key or another type than object: ERR_CONTRACT.
 */
enum err_kind json_members(struct json_slice object, size_t max,
    struct json_member **ret_members, size_t *ret_n, struct err *err);

/* The same of an object some of whose keys come twice, or oftener: those are marked. */
enum err_kind json_members_doubled(struct json_slice object, size_t max,
    struct json_member **ret_members, size_t *ret_n, struct err *err);

/* Both of an object on a tape (json_tape.h), without reading it again. */
enum err_kind json_tape_members(const struct json_tape *tape, size_t object, size_t max,
    struct json_member **ret_members, size_t *ret_n, struct err *err);
enum err_kind json_tape_members_doubled(const struct json_tape *tape, size_t object,
    size_t max, struct json_member **ret_members, size_t *ret_n, struct err *err);

/*
 * Unescape a key, or a string slice with its quotes; the result is malloc'ed, NULL when
 * out of memory or when the slice is no string's contents.
 */
char *json_unescape(struct json_slice raw);

/*
 * Makes one tree; checks all of the above, duplicate keys at every level. The caller
 * frees it with cJSON_Delete(). In a tree numbers are doubles: whole ones are exact up to
 * 2^53.
 */
enum err_kind json_parse(
    const char *bytes, size_t len, cJSON **ret_json, struct err *err);

/*
 * As json_parse(), of at most `max_values` values: an array of zeros takes forty times
 * its bytes as a tree. More: ERR_CONTRACT.
 */
enum err_kind json_parse_within(
    const char *bytes, size_t len, size_t max_values, cJSON **ret_json, struct err *err);

/*
 * Of an answer that json_scan() refuses, in place: a string, number or word that can't
 * be read becomes "", a key that can't, another; then a member of the object's `data` (or
 * an element, if that is an array) that still can't becomes 0. Returns how many were
 * written over. Whether json_scan() takes the text then must be asked again: one that is
 * cut, or broken on the outside, is refused still.
 */
size_t json_mend(char *bytes, size_t len);

void json_deletep(cJSON **json); /* for _cleanup_ */

/* Readers. `path` is dotted: "task.queue_info.queue_idx". No path goes through arrays. */
const cJSON *json_find(const cJSON *object, const char *path); /* NULL: absent or null */
const char *json_get_string(
    const cJSON *object, const char *path, unsigned *ret_mistyped);
/*
 * Reads a number, or a string of digits with or without a minus (the service writes both;
 * a string is exact); else `otherwise`. A fraction is cut off, a number beyond int64_t
 * becomes the nearest end of it, a string beyond it is mistyped.
 */
int64_t json_get_int(
    const cJSON *object, const char *path, int64_t otherwise, unsigned *ret_mistyped);
/* The same, what is outside of low..high being the nearest end of that. */
struct json_range {
	int64_t low, high;
};
int64_t json_get_int_in(const cJSON *object, const char *path, struct json_range range,
    int64_t otherwise, unsigned *ret_mistyped);
/* Reads a number as above; the result is always finite. */
double json_get_double(
    const cJSON *object, const char *path, double otherwise, unsigned *ret_mistyped);
const cJSON *json_get_array(
    const cJSON *object, const char *path, unsigned *ret_mistyped);
const cJSON *json_get_object(
    const cJSON *object, const char *path, unsigned *ret_mistyped);
