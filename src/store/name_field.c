#include "store/name_field.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "store/name_safe.h"

enum {
	DIGITS_MAX = 20,
	FORMAT_MAX = 64,
	MOMENT_MAX = 256,
	VALUE_MAX = 1 << 20,
	FIELD_MAX = 8 << 20, /* before it is cleaned and cut */
};

/* What may stand behind its colon. */
enum field_type {
	FIELD_TEXT, /* {model:10}: the first ten characters */
	FIELD_PROMPT, /* the same, and a hash when there are more */
	FIELD_NUMBER, /* {index:02}: with zeros in front */
	FIELD_MOMENT, /* {date:%Y-%m} */
	FIELD_COUNTER, /* {counter:03}: written as a number, known later */
};

/* --- what each field says; nothing, when it is not known --- */

static void add_text(struct buf *into, const char *text)
{
	if (text)
		buf_addf(into, "%s", text);
}

static void add_positive(struct buf *into, int64_t number)
{
	if (number > 0)
		buf_addf(into, "%" PRId64, number);
}

static void put_submit_id(struct buf *into, const struct name_of *of)
{
	add_text(into, of->task->submit_id);
}

static void put_history_id(struct buf *into, const struct name_of *of)
{
	add_text(into, of->task->history_id);
}

static void put_id(struct buf *into, const struct name_of *of)
{
	if (of->task->submit_id && *of->task->submit_id)
		put_submit_id(into, of);
	else
		put_history_id(into, of);
}

static void put_index(struct buf *into, const struct name_of *of)
{
	buf_addf(into, "%d", of->asset->index);
}

static void put_index1(struct buf *into, const struct name_of *of)
{
	buf_addf(into, "%" PRId64, (int64_t)of->asset->index + 1);
}

static void put_kind(struct buf *into, const struct name_of *of)
{
	const char *kind = media_kind_name(of->asset->kind);

	add_text(into, kind ? kind : media_kind_name(of->task->kind));
}

static void put_mode(struct buf *into, const struct name_of *of)
{
	add_text(into, task_mode_name(of->task->mode));
}

static void put_ext(struct buf *into, const struct name_of *of)
{
	add_text(into, of->extension && *of->extension ? of->extension : "bin");
}

/* In milliseconds: add_moment() reads them. */
static void put_created(struct buf *into, const struct name_of *of)
{
	add_positive(into, of->task->created_unix_ms);
}

static void put_prompt(struct buf *into, const struct name_of *of)
{
	add_text(into, of->task->prompt);
}

static void put_model(struct buf *into, const struct name_of *of)
{
	add_text(into, of->task->model);
}

/* A colon is no character for a name everywhere. */
static void put_ratio(struct buf *into, const struct name_of *of)
{
	const char *ratio = of->task->ratio;
	const char *colon = ratio ? strchr(ratio, ':') : NULL;

	if (colon)
		buf_addf(into, "%.*sx%s", (int)(colon - ratio), ratio, colon + 1);
	else
		add_text(into, ratio);
}

static void put_seed(struct buf *into, const struct name_of *of)
{
	if (of->task->has_seed)
		buf_addf(into, "%" PRId64, of->task->seed);
}

static void put_account(struct buf *into, const struct name_of *of)
{
	add_text(into, of->task->account);
}

static void put_tags(struct buf *into, const struct name_of *of)
{
	add_text(into, of->task->tags);
}

/* The rest of the first tag that begins so. */
static void put_project(struct buf *into, const struct name_of *of)
{
	static const char begin[] = "project:";
	const char *tag = of->task->tags;

	while (tag && strncmp(tag, begin, strlen(begin)) != 0) {
		tag = strchr(tag, ' ');
		tag += tag != NULL;
	}
	if (tag)
		buf_addf(into, "%.*s", (int)strcspn(tag + strlen(begin), " "),
		    tag + strlen(begin));
}

static void put_counter(struct buf *into, const struct name_of *of)
{
	const char digit = NAME_COUNTER;

	(void)of;
	buf_add(into, &digit, 1);
}

static void put_uri(struct buf *into, const struct name_of *of)
{
	const char *slash = of->asset->uri ? strrchr(of->asset->uri, '/') : NULL;

	add_text(into, slash ? slash + 1 : of->asset->uri);
}

static void put_width(struct buf *into, const struct name_of *of)
{
	add_positive(into, of->asset->width);
}

static void put_height(struct buf *into, const struct name_of *of)
{
	add_positive(into, of->asset->height);
}

/* In seconds; the shortest film has one. */
static void put_duration(struct buf *into, const struct name_of *of)
{
	const int64_t ms = of->asset->duration_ms;

	add_positive(into, ms > 0 && ms < 1500 ? 1 : (ms + 500) / 1000);
}

static void put_sha(struct buf *into, const struct name_of *of)
{
	add_text(into, of->sha256);
}

#define FIELDS(X)                       \
	X(id, TEXT, id)                 \
	X(index, NUMBER, index)         \
	X(index1, NUMBER, index1)       \
	X(ext, TEXT, ext)               \
	X(kind, TEXT, kind)             \
	X(date, MOMENT, created)        \
	X(time, MOMENT, created)        \
	X(prompt, PROMPT, prompt)       \
	X(model, TEXT, model)           \
	X(mode, TEXT, mode)             \
	X(ratio, TEXT, ratio)           \
	X(seed, NUMBER, seed)           \
	X(width, NUMBER, width)         \
	X(height, NUMBER, height)       \
	X(duration, NUMBER, duration)   \
	X(account, TEXT, account)       \
	X(profile, TEXT, account)       \
	X(submit_id, TEXT, submit_id)   \
	X(history_id, TEXT, history_id) \
	X(tags, TEXT, tags)             \
	X(project, TEXT, project)       \
	X(counter, COUNTER, counter)    \
	X(sha, TEXT, sha)               \
	X(uri, TEXT, uri)

static const struct {
	enum field_type type;
	void (*put)(struct buf *into, const struct name_of *of);
} fields[] = {
#define X(name, type, from) { FIELD_##type, put_##from },
	FIELDS(X)
#undef X
};

static const char *const field_names[] = {
#define X(name, type, from) #name,
	FIELDS(X)
#undef X
	    NULL,
};

/* How they are written when nobody says how. */
static const struct {
	const char *name, *format;
} defaults[] = {
	{ "date", "%Y%m%d" },
	{ "time", "%H%M%S" },
	{ "prompt", "40" },
	{ "sha", "12" },
};

const char *const *name_fields(void)
{
	return field_names;
}

int name_field_find(const char *name, size_t len)
{
	for (int i = 0; field_names[i]; i++)
		if (strlen(field_names[i]) == len && !memcmp(name, field_names[i], len))
			return i;
	return -1;
}

bool name_field_counts(const struct name_choice *choice)
{
	return choice->field >= 0 && fields[choice->field].type == FIELD_COUNTER;
}

/* --- formats --- */

static const char *format_of(const struct name_choice *choice, char into[FORMAT_MAX])
{
	const char *name = field_names[choice->field];

	into[0] = '\0';
	if (choice->format_len > 0) {
		(void)snprintf(
		    into, FORMAT_MAX, "%.*s", (int)choice->format_len, choice->format);
		return into;
	}
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (!strcmp(defaults[i].name, name))
			(void)snprintf(into, FORMAT_MAX, "%s", defaults[i].format);
	return into;
}

/* These are the same in every language; the names of days and months are not. */
static bool is_moment_format(const char *format)
{
	while ((format = strchr(format, '%'))) {
		if (!format[1] || !strchr("YmdHMSyjGVu", format[1]))
			return false;
		format += 2;
	}
	return true;
}

static enum err_kind fail_format(const char *name, const char *format,
    const char *example, const char *meaning, struct err *err)
{
	return err_set(err, ERR_USAGE,
	    "name template: '{%s:%s}' is no way to write '{%s}'; write '{%s:%s}': %s",
	    name, format, name, name, example, meaning);
}

enum err_kind name_field_check(
    const struct name_choice *choice, bool has_format, struct err *err)
{
	const char *name = field_names[choice->field];
	char format[FORMAT_MAX];
	uint64_t number;

	if (!has_format)
		return ERR_OK;
	if (choice->format_len >= FORMAT_MAX)
		return err_set(err, ERR_USAGE,
		    "name template: what stands behind '{%s:' is too long", name);
	(void)snprintf(
	    format, sizeof(format), "%.*s", (int)choice->format_len, choice->format);
	switch (fields[choice->field].type) {
	case FIELD_NUMBER:
	case FIELD_COUNTER:
		if (format[0] != '0' || !text_uint(format, 1, DIGITS_MAX, &number))
			return fail_format(name, format, "02",
			    N_("two digits at least; up to 020"), err);
		return ERR_OK;
	case FIELD_MOMENT:
		if (!*format || !is_moment_format(format))
			return fail_format(name, format, "%Y-%m-%d",
			    N_("there are %Y %m %d %H %M %S %y %j %G %V %u"), err);
		return ERR_OK;
	case FIELD_TEXT:
	case FIELD_PROMPT:
		if (format[0] == '0' || !text_uint(format, 1, NAME_PART_MAX, &number))
			return fail_format(name, format, "20",
			    N_("the first 20 characters; from 1 to 200"), err);
		return ERR_OK;
	}
	return ERR_OK;
}

static enum err_kind add_characters(struct buf *into, const char *format,
    enum field_type type, const struct buf *value, struct err *err)
{
	_cleanup_(buf_release) struct buf clean = buf_make(VALUE_MAX);
	uint64_t characters = NAME_PART_MAX;
	size_t keep;

	name_add_value(&clean, value->data);
	if (buf_failed(&clean))
		return err_set(err, ERR_NOMEM, "out of memory for a file name");
	(void)text_uint(format, 1, NAME_PART_MAX, &characters);
	keep = name_prefix(clean.data, (size_t)characters, NAME_PART_MAX);
	while (keep > 0 && keep < clean.len && clean.data[keep - 1] == ' ')
		keep--;
	buf_add(into, clean.data, keep);
	/* Of all of it, so that prompts that differ behind the cut stay different. */
	if (type == FIELD_PROMPT && keep < clean.len)
		return name_add_hash(into, value->data, value->len, err);
	return ERR_OK;
}

/* `fill` in front, up to as many as the format says. */
static void add_number(
    struct buf *into, const char *format, char fill, const char *digits)
{
	const size_t width = *format ? (size_t)strtoul(format, NULL, 10) : 0;

	for (size_t n = strlen(digits); n < width; n++)
		buf_add(into, &fill, 1);
	buf_addf(into, "%s", digits);
}

/* By the clock on the wall here; a "/" in the format makes folders. */
static void add_moment(struct buf *into, const char *format, const char *unix_ms)
{
	const time_t seconds = (time_t)(strtoll(unix_ms, NULL, 10) / 1000);
	char text[MOMENT_MAX];
	struct tm local;

	if (!localtime_r(&seconds, &local))
		return;
/* The format was checked: is_moment_format(). */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (strftime(text, sizeof(text), format, &local) > 0)
		buf_addf(into, "%s", text);
#pragma GCC diagnostic pop
}

enum err_kind name_field_add(struct buf *into, const struct name_choice *choice,
    const struct name_of *of, struct err *err)
{
	/* A ceiling for one value; a longer one is as good as unknown. */
	_cleanup_(buf_release) struct buf value = buf_make(FIELD_MAX);
	const enum field_type type = fields[choice->field].type;
	char format[FORMAT_MAX];

	fields[choice->field].put(&value, of);
	if (buf_failed(&value) || value.len == 0)
		return ERR_OK;
	(void)format_of(choice, format);
	if (type == FIELD_NUMBER)
		add_number(into, format, '0', value.data);
	else if (type == FIELD_COUNTER)
		add_number(into, format, NAME_COUNTER, value.data);
	else if (type == FIELD_MOMENT)
		add_moment(into, format, value.data);
	else
		return add_characters(into, format, type, &value, err);
	return ERR_OK;
}
