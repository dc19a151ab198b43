/*
 * name.c - a template is read piece by piece by one walker; checking and
 * making differ only in what they do with a piece.
 */
#include "store/name.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"

enum { PART_MAX = 200, NAME_MAX_BYTES = 2000, PROMPT_CHARS = 40, EXTENSION_MAX = 16 };

static const char unknown[] = "unknown";

/* What the fields are made of. */
struct subject {
	const struct task *task;
	const struct asset *asset;
	const char *extension;
};

static void add_text(struct buf *into, const char *text)
{
	buf_addf(into, "%s", text && *text ? text : unknown);
}

static void put_submit_id(struct buf *into, const struct subject *s)
{
	add_text(into, s->task->submit_id);
}

static void put_history_id(struct buf *into, const struct subject *s)
{
	add_text(into, s->task->history_id);
}

static void put_id(struct buf *into, const struct subject *s)
{
	if (s->task->submit_id && *s->task->submit_id)
		put_submit_id(into, s);
	else
		put_history_id(into, s);
}

static void put_index(struct buf *into, const struct subject *s)
{
	buf_addf(into, "%d", s->asset->index);
}

static void put_index1(struct buf *into, const struct subject *s)
{
	buf_addf(into, "%" PRId64, (int64_t)s->asset->index + 1);
}

static void put_kind(struct buf *into, const struct subject *s)
{
	const char *kind = media_kind_name(s->asset->kind);

	add_text(into, kind ? kind : media_kind_name(s->task->kind));
}

static void put_ext(struct buf *into, const struct subject *s)
{
	buf_addf(into, "%s", s->extension && *s->extension ? s->extension : "bin");
}

/* Writes of "2026-11-22T21:30:05.123Z" the digits of one half. */
static void put_moment(struct buf *into, const struct subject *s, size_t at, size_t len)
{
	char iso[CLOCK_ISO_MAX];

	if (s->task->created_unix_ms <= 0) {
		add_text(into, NULL);
		return;
	}
	(void)clock_iso(s->task->created_unix_ms, iso);
	for (size_t i = at; i < at + len; i++)
		if (iso[i] >= '0' && iso[i] <= '9')
			buf_add(into, iso + i, 1);
}

static void put_date(struct buf *into, const struct subject *s)
{
	put_moment(into, s, 0, 10);
}

static void put_time(struct buf *into, const struct subject *s)
{
	put_moment(into, s, 11, 8);
}

static void put_prompt(struct buf *into, const struct subject *s)
{
	const char *prompt = s->task->prompt ? s->task->prompt : "";
	const size_t len = strlen(prompt);
	size_t at = 0, n;

	for (int i = 0; i < PROMPT_CHARS && at < len; i++) {
		n = text_char_len(prompt + at, len - at);
		at += n ? n : 1;
	}
	if (at)
		buf_add(into, prompt, at);
	else
		add_text(into, NULL);
}

static void put_model(struct buf *into, const struct subject *s)
{
	add_text(into, s->task->model);
}

/* A colon is no character for a name everywhere. */
static void put_ratio(struct buf *into, const struct subject *s)
{
	const char *ratio = s->task->ratio;
	const char *colon = ratio ? strchr(ratio, ':') : NULL;

	if (colon)
		buf_addf(into, "%.*sx%s", (int)(colon - ratio), ratio, colon + 1);
	else
		add_text(into, ratio);
}

static void put_seed(struct buf *into, const struct subject *s)
{
	if (s->task->has_seed)
		buf_addf(into, "%" PRId64, s->task->seed);
	else
		add_text(into, NULL);
}

static void put_account(struct buf *into, const struct subject *s)
{
	add_text(into, s->task->account);
}

static void put_uri(struct buf *into, const struct subject *s)
{
	const char *slash = s->asset->uri ? strrchr(s->asset->uri, '/') : NULL;

	add_text(into, slash ? slash + 1 : s->asset->uri);
}

static void put_width(struct buf *into, const struct subject *s)
{
	buf_addf(into, "%" PRId64, s->asset->width);
}

static void put_height(struct buf *into, const struct subject *s)
{
	buf_addf(into, "%" PRId64, s->asset->height);
}

#define FIELDS(X)     \
	X(id)         \
	X(submit_id)  \
	X(history_id) \
	X(index)      \
	X(index1)     \
	X(kind)       \
	X(ext)        \
	X(date)       \
	X(time)       \
	X(prompt)     \
	X(model)      \
	X(ratio)      \
	X(seed)       \
	X(account)    \
	X(uri)        \
	X(width)      \
	X(height)

static const char *const field_names[] = {
#define X(name) #name,
	FIELDS(X)
#undef X
	    NULL,
};

static void (*const field_puts[])(struct buf *into, const struct subject *s) = {
#define X(name) put_##name,
	FIELDS(X)
#undef X
};

const char *const *name_fields(void)
{
	return field_names;
}

/* One piece of a template: text as it is, or (field >= 0) a field. */
struct piece {
	const char *text;
	size_t len;
	int field;
};

static enum err_kind fail_field(
    const char *template, const char *name, size_t len, struct err *err)
{
	_cleanup_free_ char *word = strndup(name, len < 40 ? len : 40);
	const char *nearest;

	if (!word)
		return err_set(err, ERR_NOMEM, "out of memory for a file name");
	nearest = text_nearest(word, field_names);
	text_make_printable(word);
	if (nearest)
		return err_set(err, ERR_USAGE,
		    "name template '%.100s': there is no field {%s}; did you mean {%s}?",
		    template, word, nearest);
	return err_set(err, ERR_USAGE,
	    "name template '%.100s': there is no field {%s}; there are {id}, {index}, "
	    "{ext}, {kind}, {date}, {time}, {prompt} and more",
	    template, word);
}

/* The piece at *at, which is moved behind it; *ret_piece has len 0 at the end. */
static enum err_kind take_piece(
    const char *template, const char **at, struct piece *ret_piece, struct err *err)
{
	const char *text = *at;
	size_t len;

	*ret_piece = (struct piece){ text, strcspn(text, "{}"), -1 };
	if (ret_piece->len || !*text) {
		*at += ret_piece->len;
		return ERR_OK;
	}
	if (text[0] == '}' || text[1] == '{') {
		ret_piece->len = 1;
		*at += text[1] == text[0] ? 2 : 1;
		return ERR_OK;
	}
	len = strcspn(text + 1, "{}");
	if (text[1 + len] != '}')
		return err_set(err, ERR_USAGE,
		    "name template '%.100s': a { is not closed; write {{ for a brace",
		    template);
	for (int i = 0; field_names[i]; i++)
		if (strlen(field_names[i]) == len &&
		    !memcmp(text + 1, field_names[i], len))
			ret_piece->field = i;
	if (ret_piece->field < 0)
		return fail_field(template, text + 1, len, err);
	ret_piece->len = len + 2;
	*at += len + 2;
	return ERR_OK;
}

static bool has_part(const char *path, const char *part)
{
	const size_t len = strlen(part);
	size_t n;

	for (; *path; path += n + (path[n] == '/')) {
		n = strcspn(path, "/");
		if (n == len && !memcmp(path, part, n))
			return true;
	}
	return false;
}

static bool is_printable(const char *text)
{
	_cleanup_free_ char *copy = strdup(text);

	if (!copy)
		return false;
	text_make_printable(copy);
	return !strcmp(copy, text);
}

enum err_kind name_check(const char *template, struct err *err)
{
	const char *at = template;
	struct piece piece;

	if (!*template)
		return err_set(err, ERR_USAGE, "the name template is empty");
	if (!is_printable(template))
		return err_set(err, ERR_USAGE,
		    "the name template has control characters or is not UTF-8");
	if (*template == '/')
		return err_set(err, ERR_USAGE,
		    "name template '%.100s' is an absolute path; name the folder with "
		    "--output-dir",
		    template);
	if (has_part(template, "..") || has_part(template, "."))
		return err_set(err, ERR_USAGE,
		    "name template '%.100s' has the part '.' or '..'", template);
	if (template[strlen(template) - 1] == '/')
		return err_set(err, ERR_USAGE,
		    "name template '%.100s' ends with a slash: it names no file",
		    template);
	if (strlen(template) > NAME_MAX_BYTES / 2)
		return err_set(err, ERR_USAGE, "the name template is too long");
	do {
		if (take_piece(template, &at, &piece, err))
			return err->kind;
	} while (piece.len);
	return ERR_OK;
}

/* Measures the longest beginning of at most `max` bytes that ends between characters. */
static size_t cut_at_character(const char *text, size_t len, size_t max)
{
	size_t at = 0, n;

	while (at < len) {
		n = text_char_len(text + at, len - at);
		n = n ? n : 1;
		if (at + n > max)
			break;
		at += n;
	}
	return at;
}

/* A field's value, made harmless: no folders, nothing a file system dislikes. */
static enum err_kind add_field(
    struct buf *into, int field, const struct subject *subject, struct err *err)
{
	/* A ceiling for one value; a longer one fails, which a name survives. */
	_cleanup_(buf_release) struct buf value = buf_make(1 << 20);
	size_t len;

	field_puts[field](&value, subject);
	if (buf_failed(&value)) {
		buf_release(&value);
		add_text(&value, NULL);
	}
	if (buf_failed(&value))
		return err_set(err, ERR_NOMEM, "out of memory for a file name");
	text_make_printable(value.data); /* what it does not like becomes '?' */
	for (char *p = value.data; *p; p++)
		if (strchr("/\\:*?\"<>|", *p))
			*p = '_';
	len = strlen(value.data);
	buf_add(into, value.data, cut_at_character(value.data, len, PART_MAX));
	return ERR_OK;
}

/* Finds where the extension begins, with its dot; `len` when there is none. */
static size_t stem_length(const char *part, size_t len)
{
	const char *dot = memrchr(part, '.', len);

	if (!dot || dot == part || part + len - dot > EXTENSION_MAX)
		return len;
	return (size_t)(dot - part);
}

/*
 * Dots in front hide files and make ".."; dots and spaces behind get lost on some disks.
 */
static void soften_ends(char *part, size_t len)
{
	for (size_t i = 0; i < len && (part[i] == '.' || part[i] == ' '); i++)
		part[i] = '_';
	for (size_t i = len; i > 0 && (part[i - 1] == '.' || part[i - 1] == ' '); i--)
		part[i - 1] = '_';
}

/* Adds one part of the path; a long one loses the end of its stem, not its extension. */
static void add_part(struct buf *into, const char *part, size_t len)
{
	char kept[PART_MAX];
	size_t stem = stem_length(part, len), n;

	if (len == 0)
		return;
	n = cut_at_character(part, stem, PART_MAX - (len - stem));
	memcpy(kept, part, n);
	memcpy(kept + n, part + stem, len - stem);
	n += len - stem;
	soften_ends(kept, n);
	buf_addf(into, "%s%.*s", into->len ? "/" : "", (int)n, kept);
}

enum err_kind name_make(const char *template, const struct task *task,
    const struct asset *asset, const char *extension, char **ret_name, struct err *err)
{
	const struct subject subject = { task, asset, extension };
	_cleanup_(buf_release) struct buf raw = buf_make(1 << 20);
	_cleanup_(buf_release) struct buf name = buf_make(NAME_MAX_BYTES);
	const char *at = template;
	struct piece piece;
	char *ready;

	if (name_check(template, err))
		return err->kind;
	do {
		if (take_piece(template, &at, &piece, err))
			return err->kind;
		if (piece.field < 0)
			buf_add(&raw, piece.text, piece.len);
		else if (add_field(&raw, piece.field, &subject, err))
			return err->kind;
	} while (piece.len);
	for (const char *part = raw.data; *part; part += strspn(part, "/")) {
		const size_t len = strcspn(part, "/");

		add_part(&name, part, len);
		part += len;
	}
	if (name.failed && name.len + 1 + PART_MAX > NAME_MAX_BYTES)
		return err_set(err, ERR_USAGE,
		    "name template '%.100s' gives a path of more than %d bytes", template,
		    NAME_MAX_BYTES);
	ready = buf_take(&name);
	if (!ready || buf_failed(&raw)) {
		free(ready);
		return err_set(err, ERR_NOMEM, "out of memory for a file name");
	}
	*ret_name = ready;
	return ERR_OK;
}

char *name_alternative(const char *name, unsigned n)
{
	const char *slash = strrchr(name, '/');
	const char *part = slash ? slash + 1 : name;
	const size_t stem = (size_t)(part - name) + stem_length(part, strlen(part));
	char *other;

	return asprintf(&other, "%.*s-%u%s", (int)stem, name, n, name + stem) < 0 ? NULL
										  : other;
}
