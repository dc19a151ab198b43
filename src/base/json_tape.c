/*
 * json_tape.c - what a tape is read for; json_scan.c writes it. Nothing else is checked
 * here: each byte has passed the scan.
 */
#include "base/json_tape.h"

#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/json_unescape.h"

void json_tape_release(struct json_tape *tape)
{
	free(tape->tokens);
	*tape = (struct json_tape){ 0 };
}

enum { TOKEN_BYTES = 12 }; /* of an answer, on average */

/* Of a long text most of the room at once; for more, or without it, the scan sees. */
static void reserve(struct json_tape *tape, size_t len)
{
	const size_t likely = len / TOKEN_BYTES;
	const size_t room = likely < tape->max ? likely : tape->max;

	if (len < UINT32_MAX && room > 0)
		tape->tokens = malloc(room * sizeof(*tape->tokens));
	if (tape->tokens)
		tape->room = room;
}

enum err_kind json_scan_tape(const char *bytes, size_t len, size_t max_tokens,
    struct json_tape *ret_tape, struct err *err)
{
	struct json_tape tape = { .bytes = bytes, .max = max_tokens };
	struct json_scanner s = {
		.bytes = bytes, .len = len, .tape = len < UINT32_MAX ? &tape : NULL
	};

	reserve(&tape, len);
	if (json_scan_whole(&s, err)) {
		json_tape_release(&tape);
		return err->kind;
	}
	if (!s.tape)
		json_tape_release(&tape);
	*ret_tape = tape;
	return ERR_OK;
}

static char first_of(const struct json_tape *tape, const struct json_token *token)
{
	return tape->bytes[token->at];
}

/* --- keys that come twice ----------------------------------------------------------- */

enum { PAIRWISE_MAX = 8, HASHED_MAX = 128, TABLE = 2 * HASHED_MAX };

static bool are_same(
    const struct json_tape *tape, const struct json_token *a, const struct json_token *b)
{
	return a->len == b->len &&
	    !memcmp(tape->bytes + a->at, tape->bytes + b->at, a->len);
}

/* Of its length, and of its first and last eight bytes. */
static uint32_t hash_of(const struct json_tape *tape, const struct json_token *key)
{
	const char *bytes = tape->bytes + key->at;
	uint64_t first = 0, last = 0;

	memcpy(&first, bytes, key->len < 8 ? key->len : 8);
	if (key->len > 8)
		memcpy(&last, bytes + key->len - 8, 8);
	first = (first ^ key->len) * 0x9e3779b97f4a7c15 + last;
	first *= 0xff51afd7ed558ccd;
	return (uint32_t)(first >> 40);
}

/* Is one of the keys before `last` the same? `key` is the first of the object. */
static bool is_among(const struct json_tape *tape, size_t key, size_t last)
{
	const struct json_token *tokens = tape->tokens;

	for (; key < last; key = tokens[key + 1].next)
		if (are_same(tape, &tokens[key], &tokens[last]))
			return true;
	return false;
}

static bool few_may_double(const struct json_tape *tape, size_t object)
{
	const struct json_token *tokens = tape->tokens;
	size_t key = object + 1;

	for (uint32_t i = 0; i < tokens[object].n; i++, key = tokens[key + 1].next)
		if (tokens[key].n || is_among(tape, object + 1, key))
			return true;
	return false;
}

/* Keys that were seen, by their hash; more than half is never full. */
struct seen_keys {
	uint32_t tokens[TABLE];
	uint32_t mask; /* of the part that is used */
};

static void seen_begin(struct seen_keys *seen, uint32_t n)
{
	uint32_t room = 4 * PAIRWISE_MAX;

	while (room < 2 * n)
		room *= 2;
	memset(seen->tokens, 0, room * sizeof(*seen->tokens));
	seen->mask = room - 1;
}

/* Adds the key; false: it is there. */
static bool is_new(const struct json_tape *tape, struct seen_keys *seen, uint32_t key)
{
	const struct json_token *tokens = tape->tokens;
	uint32_t at = hash_of(tape, &tokens[key]) & seen->mask;

	for (; seen->tokens[at]; at = (at + 1) & seen->mask)
		if (are_same(tape, &tokens[seen->tokens[at]], &tokens[key]))
			return false;
	seen->tokens[at] = key;
	return true;
}

static bool many_may_double(const struct json_tape *tape, size_t object)
{
	const struct json_token *tokens = tape->tokens;
	struct seen_keys seen;
	size_t key = object + 1;

	seen_begin(&seen, tokens[object].n);
	for (uint32_t i = 0; i < tokens[object].n; i++, key = tokens[key + 1].next)
		if (tokens[key].n || !is_new(tape, &seen, (uint32_t)key))
			return true;
	return false;
}

bool json_tape_may_double(const struct json_tape *tape, size_t token)
{
	const struct json_token *tokens = tape->tokens;
	const size_t end = tokens[token].next;
	bool may = false;

	for (; token < end && !may; token++) {
		const uint32_t n = tokens[token].n;

		if (n == 0 || first_of(tape, &tokens[token]) != '{')
			continue;
		may = n > HASHED_MAX ||
		    (n <= PAIRWISE_MAX ? few_may_double(tape, token)
				       : many_may_double(tape, token));
	}
	return may;
}

/* --- looking up --------------------------------------------------------------------- */

static size_t member_of(
    const struct json_tape *tape, size_t object, const char *name, size_t len)
{
	const struct json_token *tokens = tape->tokens;
	size_t key = object + 1;

	for (uint32_t i = 0; i < tokens[object].n; i++, key = tokens[key + 1].next)
		if (tokens[key].len == len + 2 &&
		    !memcmp(tape->bytes + tokens[key].at + 1, name, len))
			return key + 1;
	return 0;
}

size_t json_tape_find(const struct json_tape *tape, size_t token, const char *path)
{
	for (;;) {
		const size_t len = strcspn(path, ".");

		if (first_of(tape, &tape->tokens[token]) != '{')
			return 0;
		token = member_of(tape, token, path, len);
		if (!token || !path[len])
			return token;
		path += len + 1;
	}
}

/* --- trees -------------------------------------------------------------------------- */

enum { NUMBER_ROOM = 64 }; /* the scan takes no longer one */

/* How many values are in it, itself too: all tokens but the keys. */
static size_t count_values(const struct json_tape *tape, size_t token)
{
	const size_t end = tape->tokens[token].next;
	size_t n = end - token;

	for (; token < end; token++)
		if (first_of(tape, &tape->tokens[token]) == '{')
			n -= tape->tokens[token].n;
	return n;
}

bool json_tape_has_more(const struct json_tape *tape, size_t token, size_t max)
{
	return tape->tokens[token].next - token > max && count_values(tape, token) > max;
}

struct builder {
	const struct json_tape *tape;
	cJSON *node; /* the next that is free */
	char *text; /* the same */
};

/* Copies the string out, as it is meant. */
static char *build_text(struct builder *b, const struct json_token *token)
{
	const char *from = b->tape->bytes + token->at + 1;
	char *text = b->text;
	size_t len = token->len - 2;

	if (token->n)
		len = json_unescape_into(from, len, text);
	else
		memcpy(text, from, len);
	text[len] = '\0';
	b->text += len + 1;
	return text;
}

/* A number of up to 15 digits without an exponent is exact this way. False: another. */
static bool read_plain(const char *at, size_t len, double *ret_value)
{
	static const double tens[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
		1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	const bool is_minus = *at == '-';
	int64_t digits = 0;
	size_t behind = 0;
	bool has_point = false;

	if (len > 15)
		return false;
	for (size_t i = is_minus; i < len; i++) {
		if (at[i] == '.') {
			has_point = true;
			continue;
		}
		if (at[i] < '0' || at[i] > '9')
			return false;
		digits = digits * 10 + (at[i] - '0');
		behind += has_point;
	}
	*ret_value = (double)digits / tens[behind];
	if (is_minus)
		*ret_value = -*ret_value;
	return true;
}

/* Does as cJSON: strtod() minds the locale's decimal point. */
static double read_number(const char *at, size_t len)
{
	char copy[NUMBER_ROOM];
	double value = 0;
	char *point;

	if (read_plain(at, len, &value) || len >= sizeof(copy))
		return value;
	memcpy(copy, at, len);
	copy[len] = '\0';
	point = strchr(copy, '.');
	if (point)
		*point = *localeconv()->decimal_point;
	return strtod(copy, NULL);
}

static int as_int(double value)
{
	if (value >= INT_MAX)
		return INT_MAX;
	return value <= (double)INT_MIN ? INT_MIN : (int)value;
}

static void build_value(struct builder *b, const struct json_token *token, cJSON *node)
{
	const char *at = b->tape->bytes + token->at;

	switch (*at) {
	case '{':
		node->type = cJSON_Object;
		break;
	case '[':
		node->type = cJSON_Array;
		break;
	case '"':
		node->type = cJSON_String;
		node->valuestring = build_text(b, token);
		break;
	case 't':
		node->type = cJSON_True;
		node->valueint = 1;
		break;
	case 'f':
		node->type = cJSON_False;
		break;
	case 'n':
		node->type = cJSON_NULL;
		break;
	default:
		node->type = cJSON_Number;
		node->valuedouble = read_number(at, token->len);
		node->valueint = as_int(node->valuedouble);
		break;
	}
}

/* An object or array whose parts are being built. */
struct level {
	cJSON *node, *last;
	size_t end; /* the token behind it */
	bool has_keys;
};

/* As cJSON does: the first one's `prev` is the last one. */
static void link_part(struct level *level, cJSON *part)
{
	if (level->last) {
		level->last->next = part;
		part->prev = level->last;
	} else {
		level->node->child = part;
	}
	level->node->child->prev = part;
	level->last = part;
}

/* Builds the value at `token`, below `level` unless that is NULL; returns its token. */
static size_t build_part(
    struct builder *b, size_t token, struct level *level, cJSON *node)
{
	const struct json_token *tokens = b->tape->tokens;

	*node = (cJSON){ .type = cJSON_Invalid };
	if (level && level->has_keys)
		node->string = build_text(b, &tokens[token++]);
	if (level)
		link_part(level, node);
	build_value(b, &tokens[token], node);
	return token;
}

static void build(struct builder *b, size_t token)
{
	const struct json_token *tokens = b->tape->tokens;
	const size_t end = tokens[token].next;
	struct level levels[JSON_DEPTH_MAX + 1];
	size_t depth = 0;

	while (token < end) {
		cJSON *node = b->node++;

		while (depth && levels[depth - 1].end == token)
			depth--;
		token = build_part(b, token, depth ? &levels[depth - 1] : NULL, node);
		if (tokens[token].next > token + 1)
			levels[depth++] = (struct level){ .node = node,
				.end = tokens[token].next,
				.has_keys = node->type == cJSON_Object };
		token++;
	}
}

bool json_tape_tree(
    const struct json_tape *tape, size_t token, struct json_tree *ret_tree)
{
	const size_t n = count_values(tape, token);
	/* A string and its end take less than it takes with its quotes. */
	cJSON *nodes = cJSON_malloc(n * sizeof(*nodes) + tape->tokens[token].len + 1);
	struct builder b = { .tape = tape, .node = nodes };

	if (!nodes)
		return false;
	b.text = (char *)(nodes + n);
	build(&b, token);
	*ret_tree = (struct json_tree){ .root = nodes, .memory = nodes };
	return true;
}

void json_tree_release(struct json_tree *tree)
{
	if (!tree->memory)
		cJSON_Delete(tree->root);
	cJSON_free(tree->memory);
	*tree = (struct json_tree){ 0 };
}
