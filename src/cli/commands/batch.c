#include "cli/commands/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/app/input.h"
#include "cli/term/i18n.h"

enum {
	FIELDS_MAX = 128, /* of a line, and of its "set" */
	LINE_PROMPT_MAX = 64 << 10, /* bytes; the library's limit */
	ARENA_MAX = 512 << 20,
};

enum field_type { FIELD_TEXT, FIELD_CHOICE, FIELD_NUMBER, FIELD_SET };

/* What a JSON line may have, by name. */
static const struct field {
	const char *name;
	enum field_type type;
	enum opt_id like; /* CHOICE, NUMBER: the option with the same values */
	size_t offset; /* TEXT, CHOICE: of a const char * in struct dq_submit */
} fields[] = {
	{ "duration", FIELD_NUMBER, OPT_DURATION, 0 },
	{ "idempotency_key", FIELD_TEXT, OPT_COUNT,
	    offsetof(struct dq_submit, idempotency_key) },
	{ "kind", FIELD_CHOICE, OPT_KIND, offsetof(struct dq_submit, kind) },
	{ "model", FIELD_TEXT, OPT_COUNT, offsetof(struct dq_submit, model) },
	{ "prompt", FIELD_TEXT, OPT_COUNT, offsetof(struct dq_submit, prompt) },
	{ "ratio", FIELD_CHOICE, OPT_RATIO, offsetof(struct dq_submit, ratio) },
	{ "set", FIELD_SET, OPT_COUNT, 0 },
	{ "submit_id", FIELD_TEXT, OPT_COUNT, offsetof(struct dq_submit, submit_id) },
};

enum { FIELDS = sizeof(fields) / sizeof(*fields) };

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory for the batch");
}

/* --- a line of JSON -------------------------------------------------------------- */

static const struct field *field_find(const char *name)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (!strcmp(fields[i].name, name))
			return &fields[i];
	return NULL;
}

static enum err_kind refuse_key(const char *name, struct err *err)
{
	const char *names[FIELDS + 1] = { NULL };
	const char *nearest;

	for (size_t i = 0; i < FIELDS; i++)
		names[i] = fields[i].name;
	nearest = text_nearest(name, names);
	if (nearest)
		return err_set(err, ERR_USAGE, "unknown key '%.80s'; did you mean '%s'?",
		    name, nearest);
	return err_set(err, ERR_USAGE,
	    "unknown key '%.80s'; more fields of the request go into \"set\"", name);
}

static enum err_kind read_text(struct batch *batch, const char *name,
    struct json_slice value, const char **ret_text, struct err *err)
{
	_cleanup_free_ char *text = value.bytes[0] == '"' ? json_unescape(value) : NULL;

	if (!text)
		return err_set(err, ERR_USAGE, "'%s' is not a text", name);
	if (!text[0])
		return err_set(err, ERR_USAGE, "'%s' is empty", name);
	*ret_text = arena_strdup(&batch->arena, text);
	return *ret_text ? ERR_OK : no_memory(err);
}

static enum err_kind check_choice(
    const struct field *field, const char *text, struct err *err)
{
	const char *const *choices = options[field->like].choices;

	for (size_t i = 0; choices[i]; i++)
		if (!strcmp(choices[i], text))
			return ERR_OK;
	return err_set(err, ERR_USAGE, "'%.80s' can't be the '%s'", text, field->name);
}

static enum err_kind read_number(
    const struct field *field, struct json_slice value, int *ret_number, struct err *err)
{
	const struct opt *like = &options[field->like];
	char digits[16];
	uint64_t number;

	(void)snprintf(digits, sizeof(digits), "%.*s", (int)value.len, value.bytes);
	if (value.len >= sizeof(digits) ||
	    !text_uint(digits, like->min, like->max, &number))
		return err_set(err, ERR_USAGE,
		    "'%s' is not a whole number from %llu to %llu", field->name,
		    (unsigned long long)like->min, (unsigned long long)like->max);
	*ret_number = (int)number;
	return ERR_OK;
}

static enum err_kind check_set_key(const char *key, struct err *err)
{
	static const char allowed[] = "0123456789-_abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	if (!key[0] || strlen(key) > 64 || key[strspn(key, allowed)] ||
	    !strcmp(key, "submit_id"))
		return err_set(
		    err, ERR_USAGE, "'%.80s' can't be a field of \"set\"", key);
	return ERR_OK;
}

/* Behind the defaults' own, over which they win. The bytes of a value stay. */
static enum err_kind read_set(struct batch *batch, struct json_slice value,
    struct dq_submit *submit, struct err *err)
{
	_cleanup_free_ struct json_member *members = NULL;
	size_t n = 0, n_before = 0;
	const char **sets;

	if (value.bytes[0] != '{')
		return err_set(err, ERR_USAGE, "'%s' is not an object", "set");
	if (json_members(value, FIELDS_MAX, &members, &n, err))
		return err->kind;
	while (submit->sets && submit->sets[n_before])
		n_before++;
	sets = arena_alloc(&batch->arena, (n_before + n + 1) * sizeof(*sets));
	if (!sets)
		return no_memory(err);
	for (size_t i = 0; i < n_before; i++)
		sets[i] = submit->sets[i];
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *key = json_unescape(members[i].key);
		_cleanup_free_ char *set = NULL;

		if (!key)
			return no_memory(err);
		if (check_set_key(key, err))
			return err->kind;
		if (asprintf(&set, "%s=%.*s", key, (int)members[i].value.len,
			members[i].value.bytes) < 0)
			set = NULL;
		sets[n_before + i] = arena_strdup(&batch->arena, set);
		if (!sets[n_before + i])
			return no_memory(err);
	}
	submit->sets = sets;
	return ERR_OK;
}

static enum err_kind read_field(struct batch *batch, const struct json_member *member,
    struct dq_submit *submit, struct err *err)
{
	_cleanup_free_ char *name = json_unescape(member->key);
	const struct field *field = name ? field_find(name) : NULL;
	const char *text = NULL;

	if (!name)
		return no_memory(err);
	if (!field)
		return refuse_key(name, err);
	if (field->type == FIELD_SET)
		return read_set(batch, member->value, submit, err);
	if (field->type == FIELD_NUMBER)
		return read_number(field, member->value, &submit->duration_s, err);
	if (read_text(batch, field->name, member->value, &text, err) ||
	    (field->type == FIELD_CHOICE && check_choice(field, text, err)))
		return err->kind;
	*(const char **)(void *)((char *)submit + field->offset) = text;
	return ERR_OK;
}

static enum err_kind read_object(struct batch *batch, struct json_slice line,
    struct dq_submit *submit, struct err *err)
{
	const int default_duration_s = submit->duration_s;
	_cleanup_free_ struct json_member *members = NULL;
	size_t n = 0;

	if (json_scan(line.bytes, line.len, err) ||
	    json_members(line, FIELDS_MAX, &members, &n, err)) {
		err->kind = err->kind == ERR_CONTRACT ? ERR_USAGE : err->kind;
		return err->kind;
	}
	submit->duration_s = 0;
	for (size_t i = 0; i < n; i++)
		if (read_field(batch, &members[i], submit, err)) {
			err->kind = err->kind == ERR_CONTRACT ? ERR_USAGE : err->kind;
			return err->kind;
		}
	const bool is_video = submit->kind && !strcmp(submit->kind, "video");

	if (submit->duration_s && !is_video)
		return err_set(err, ERR_USAGE, "only a video has a duration");
	if (!submit->duration_s && is_video)
		submit->duration_s = default_duration_s;
	return ERR_OK;
}

/* --- any line -------------------------------------------------------------------- */

static enum err_kind read_prompt(struct batch *batch, struct json_slice line,
    struct dq_submit *submit, struct err *err)
{
	if (memchr(line.bytes, '\0', line.len) || !text_is_utf8(line.bytes, line.len))
		return err_set(err, ERR_USAGE, "the prompt is not a text in UTF-8");
	submit->prompt = arena_strndup(&batch->arena, line.bytes, line.len);
	return submit->prompt ? ERR_OK : no_memory(err);
}

/* A file that is one JSON array, or a line of it: as a prompt it would be paid for. */
static bool is_of_array(struct json_slice line)
{
	struct err err;

	if (line.len == 1 || (line.len == 2 && line.bytes[1] == ','))
		return line.bytes[0] == '[' || line.bytes[0] == ']';
	return line.bytes[0] == '[' && !json_scan(line.bytes, line.len, &err);
}

enum err_kind batch_check_key(const char *key, struct err *err)
{
	if (key && strlen(key) > BATCH_KEY_MAX)
		return err_set(err, ERR_USAGE,
		    "the idempotency key is longer than %d bytes", BATCH_KEY_MAX);
	for (const char *at = key; at && *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return err_set(
			    err, ERR_USAGE, "the idempotency key has control characters");
	return ERR_OK;
}

/* The key of the whole stands for one of its line: it gets that at the end. */
static enum err_kind name_line(const struct dq_submit *defaults, struct json_slice line,
    size_t number, struct dq_submit *submit, char digest[BATCH_DIGEST_MAX],
    struct err *err)
{
	char hex[HASH_HEX_MAX];

	digest[0] = '\0';
	submit->line = number;
	if (batch_check_key(submit->idempotency_key, err))
		return err->kind;
	if (submit->rerolls_key && !submit->idempotency_key)
		return err_set(
		    err, ERR_USAGE, "--reroll needs an idempotency key for each line");
	if (!submit->idempotency_key ||
	    submit->idempotency_key != defaults->idempotency_key)
		return ERR_OK;
	if (hash_text(HASH_SHA256, line.bytes, line.len, hex, err))
		return err->kind;
	(void)snprintf(digest, BATCH_DIGEST_MAX, "%.16s", hex);
	return ERR_OK;
}

/* An id of the user's own must be one, and be there once. */
static enum err_kind check_id(
    struct batch *batch, const struct dq_submit *submit, struct err *err)
{
	const size_t n_before = dq_ids_count(batch->named);
	struct dq_error error;
	enum dq_status status;

	if (!submit->submit_id)
		return ERR_OK;
	status = dq_ids_add(batch->named, submit->submit_id, "submit_id", &error);
	if (status) {
		*err = app_error(status == DQ_USAGE ? ERR_USAGE : ERR_NOMEM, &error);
		return err->kind;
	}
	if (dq_ids_count(batch->named) == n_before)
		return err_set(err, ERR_USAGE, "another line has the submit_id '%s', too",
		    submit->submit_id);
	return ERR_OK;
}

static enum err_kind check_line(
    struct batch *batch, const struct dq_submit *submit, struct err *err)
{
	if (!submit->prompt)
		return err_set(err, ERR_USAGE, "the line has no prompt");
	if (text_is_blank(submit->prompt))
		return err_set(err, ERR_USAGE, "the prompt is empty");
	if (strlen(submit->prompt) > LINE_PROMPT_MAX)
		return err_set(err, ERR_USAGE, "the prompt is longer than %d bytes",
		    LINE_PROMPT_MAX);
	return check_id(batch, submit, err);
}

static enum err_kind grow(struct batch *batch, struct err *err)
{
	size_t room = batch->room, same = batch->room;

	if (!ARRAY_RESERVE(batch->submits, room, batch->n + 1) ||
	    !ARRAY_RESERVE(batch->digests, same, batch->n + 1))
		return no_memory(err);
	batch->room = room;
	return ERR_OK;
}

static enum err_kind read_line(struct batch *batch, struct json_slice line, size_t number,
    const struct dq_submit *defaults, struct err *err)
{
	struct dq_submit submit = *defaults;
	const bool is_video = submit.kind && !strcmp(submit.kind, "video");
	char digest[BATCH_DIGEST_MAX];

	if (line.bytes[0] == '{') {
		if (read_object(batch, line, &submit, err))
			return err->kind;
	} else {
		if (is_of_array(line))
			return err_set(err, ERR_USAGE,
			    "a JSON array is no prompt; give one object or prompt a "
			    "line");
		if (read_prompt(batch, line, &submit, err))
			return err->kind;
		submit.duration_s = is_video ? submit.duration_s : 0;
	}
	if (name_line(defaults, line, number, &submit, digest, err) ||
	    check_line(batch, &submit, err) || grow(batch, err))
		return err->kind;
	memcpy(batch->digests[batch->n], digest, sizeof(digest));
	batch->submits[batch->n++] = submit;
	return ERR_OK;
}

static struct json_slice trimmed(const char *start, const char *end)
{
	static const char spaces[] = " \t\r\v\f";

	while (start < end && strchr(spaces, *start) && *start)
		start++;
	while (end > start && strchr(spaces, end[-1]) && end[-1])
		end--;
	return (struct json_slice){ start, (size_t)(end - start) };
}

/* --- the file -------------------------------------------------------------------- */

static int read_lines(struct app *app, const struct buf *text, const char *name,
    const struct dq_submit *defaults, struct batch *batch)
{
	static const char bom[] = "\xef\xbb\xbf";
	const char *at = text->data, *end = at + text->len;
	struct err err;

	if (text->len >= 3 && !memcmp(at, bom, 3))
		at += 3;
	for (size_t number = 1; at < end; number++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		const struct json_slice line = trimmed(at, stop ? stop : end);

		at = stop ? stop + 1 : end;
		if (line.len == 0 || line.bytes[0] == '#' ||
		    !read_line(batch, line, number, defaults, &err))
			continue;
		if (err.kind != ERR_USAGE)
			return app_fail(app, &err);
		batch->bad++;
		err_note(&err, "%s, line %zu", name, number);
		(void)app_fail(app, &err);
	}
	return 0;
}

int batch_read(struct app *app, const char *path, const struct dq_submit *defaults,
    struct batch *ret_batch)
{
	const char *name = strcmp(path, "-") != 0 ? path : _("standard input");
	_cleanup_(batch_release) struct batch batch = { .arena = arena_make(ARENA_MAX) };
	_cleanup_(buf_release) struct buf text = buf_make(INPUT_MAX);
	struct dq_error error;
	enum dq_status made = dq_ids_new(&batch.named, &error);
	const char *by = args_text(&app->args, OPT_KEY_BY);
	struct err err;
	int status;

	if (made)
		return app_fail_dq(app, made, &error);
	if (input_read(app, path, &text, &err))
		return app_fail(app, &err);
	status = read_lines(app, &text, name, defaults, &batch);
	if (status)
		return status;
	if (batch.n == 0 && batch.bad > 0)
		return DQ_USAGE; /* each was told */
	if (batch.n == 0)
		return app_usage(app, "%s has nothing to submit", name);
	if (batch_give_keys(
		&batch, defaults->idempotency_key, by && !strcmp(by, "line"), &err))
		return app_fail(app, &err);
	batch.name = name;
	*ret_batch = batch;
	batch = (struct batch){ 0 };
	return 0;
}

void batch_release(struct batch *batch)
{
	free(batch->submits);
	free(batch->digests);
	dq_ids_free(batch->named);
	arena_release(&batch->arena);
	*batch = (struct batch){ 0 };
}
