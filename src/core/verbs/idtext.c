#include "core/verbs/idtext.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "model/task.h"
#include "model/taskid.h"

enum {
	UUID_LEN = 36,
	OLD_LEN = 16, /* of an id that the service's command line made up to 1.4.2 */
	NUMBER_MIN = 8, /* digits of a history id */
	NUMBER_MAX = 20,
	CELL_MAX = 4096,
};

/* --- lines ------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c && strchr(" \t\r\n\v\f", c);
}

/* Without blanks, quotes and separators at both ends; in place. */
static char *strip(char *text)
{
	static const char *const around[] = { "\"", "'", "`", ",", ";", "\xe2\x80\x9c",
		"\xe2\x80\x9d", "\xe2\x80\x98", "\xe2\x80\x99" };
	size_t len = strlen(text);
	bool has_changed = true;

	while (has_changed && len > 0) {
		has_changed = false;
		if (is_blank(text[len - 1])) {
			text[--len] = '\0';
			has_changed = true;
		} else if (is_blank(text[0])) {
			text++;
			len--;
			has_changed = true;
		}
		for (size_t i = 0; i < sizeof(around) / sizeof(*around); i++) {
			const size_t n = strlen(around[i]);

			if (len >= n && !memcmp(text + len - n, around[i], n)) {
				text[len -= n] = '\0';
				has_changed = true;
			}
			if (len >= n && !memcmp(text, around[i], n)) {
				text += n;
				len -= n;
				has_changed = true;
			}
		}
	}
	return text;
}

/* Is it 8-4-4-4-12 hexadecimal digits, and no part of something longer? */
static bool is_uuid_at(const char *line, const char *at)
{
	if (at > line && (isalnum((unsigned char)at[-1]) || at[-1] == '-'))
		return false;
	for (size_t i = 0; i < UUID_LEN; i++) {
		const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? at[i] != '-' : !isxdigit((unsigned char)at[i]))
			return false;
	}
	return !isalnum((unsigned char)at[UUID_LEN]) && at[UUID_LEN] != '-';
}

bool idtext_looks_like_id(const char *text)
{
	const size_t len = strlen(text);

	if (len == UUID_LEN)
		return is_uuid_at(text, text);
	if (len == OLD_LEN && text[strspn(text, "0123456789abcdefABCDEF")] == '\0')
		return true;
	return len >= NUMBER_MIN && len <= NUMBER_MAX && taskid_is_history(text);
}

static enum err_kind take(
    const struct idtext_taker *taker, const char *id, size_t *n, struct err *err)
{
	++*n;
	return taker->take(taker->payload, id, err);
}

static enum err_kind take_uuids(char *line, const struct idtext_taker *taker,
    size_t at_most, size_t *n, struct err *err)
{
	for (char *at = line; *at && *n < at_most; at++) {
		char id[UUID_LEN + 1];

		if (!is_uuid_at(line, at))
			continue;
		memcpy(id, at, UUID_LEN);
		id[UUID_LEN] = '\0';
		if (take(taker, id, n, err))
			return err->kind;
		at += UUID_LEN - 1;
	}
	return ERR_OK;
}

/* Takes "a,b" or "'a', 'b'": all of them, or none. */
static enum err_kind take_list(
    const char *line, const struct idtext_taker *taker, size_t *n, struct err *err)
{
	_cleanup_free_ char *check = strdup(line), *copy = strdup(line);
	char *rest = NULL;

	if (!check || !copy)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (!strchr(line, ','))
		return ERR_OK;
	for (char *part = strtok_r(check, ",", &rest); part;
	     part = strtok_r(NULL, ",", &rest))
		if (!taskid_is_valid(strip(part)))
			return ERR_OK;
	for (char *part = strtok_r(copy, ",", &rest); part;
	     part = strtok_r(NULL, ",", &rest))
		if (take(taker, strip(part), n, err))
			return err->kind;
	return ERR_OK;
}

static bool has_column(const char *line, const char *text)
{
	const size_t len = strlen(text);

	for (const char *at = line; (at = strstr(at, "  ")); at++)
		if (!strncmp(at + 2, text, len) && !strncmp(at + 2 + len, "  ", 2))
			return true;
	return false;
}

/* A row of list, query or show's first line: one of its columns is the kind. */
static bool is_row(const char *line)
{
	static const char *const unknown[] = { "-", "?" };

	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
		if (has_column(line, unknown[i]))
			return true;
	for (enum media_kind kind = MEDIA_IMAGE; kind <= MEDIA_AUDIO; kind++)
		if (has_column(line, media_kind_name(kind)))
			return true;
	return false;
}

static enum err_kind take_row(
    char *line, const struct idtext_taker *taker, size_t *n, struct err *err)
{
	if (take_uuids(line, taker, 1, n, err) || *n)
		return err->kind;
	line[strcspn(line, " \t")] = '\0';
	return taskid_is_valid(line) ? take(taker, line, n, err) : ERR_OK;
}

/* Takes "...?submit_id=X&...", "#/detail?historyId=X". */
static enum err_kind take_parameter(
    const char *line, const struct idtext_taker *taker, size_t *n, struct err *err)
{
	static const char *const names[] = { "submit_id=", "submitId=", "history_id=",
		"historyId=", "history_record_id=", "historyRecordId=" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *at = strstr(line, names[i]);
		char id[TASKID_MAX + 1];
		size_t len;

		if (!at || (at > line && !strchr("?&#;\"' ", at[-1])))
			continue;
		at += strlen(names[i]);
		len = strcspn(at, "&#;\"' \t");
		if (len > TASKID_MAX)
			continue;
		memcpy(id, at, len);
		id[len] = '\0';
		if (taskid_is_valid(id))
			return take(taker, id, n, err);
	}
	return ERR_OK;
}

/* What the service's own command line has before the number: "ID_image_1.png". */
static void cut_kind(char *name)
{
	for (enum media_kind kind = MEDIA_IMAGE; kind <= MEDIA_AUDIO; kind++) {
		char *end = strrchr(name, '_');

		if (end && end > name && !strcmp(end + 1, media_kind_name(kind)))
			*end = '\0';
	}
}

/* Takes "pictures/ID_0.png", its sidecar "ID_0.png.json", and "ID_image_1.png". */
static enum err_kind take_file(
    char *line, const struct idtext_taker *taker, size_t *n, struct err *err)
{
	char *slash = strrchr(line, '/');
	char *name = slash ? slash + 1 : line;
	char *dot = strchr(name, '.'), *digits;

	if (!dot || !isalnum((unsigned char)dot[1]))
		return ERR_OK;
	for (const char *c = dot; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '.')
			return ERR_OK;
	*dot = '\0';
	digits = strrchr(name, '_');
	if (!digits || !digits[1] || digits[1 + strspn(digits + 1, "0123456789")])
		return ERR_OK;
	*digits = '\0';
	cut_kind(name);
	return taskid_is_valid(name) ? take(taker, name, n, err) : ERR_OK;
}

enum err_kind idtext_line(
    char *line, const struct idtext_taker *taker, size_t *ret_n, struct err *err)
{
	size_t n = 0;

	line = strip(line);
	err->kind = ERR_OK;
	if (taskid_is_valid(line))
		(void)take(taker, line, &n, err);
	if (!err->kind && n == 0)
		(void)take_list(line, taker, &n, err);
	if (!err->kind && n == 0 && is_row(line))
		(void)take_row(line, taker, &n, err);
	if (!err->kind && n == 0)
		(void)take_parameter(line, taker, &n, err);
	if (!err->kind && n == 0)
		(void)take_uuids(line, taker, SIZE_MAX, &n, err);
	if (!err->kind && n == 0)
		(void)take_file(line, taker, &n, err);
	*ret_n = n;
	return err->kind;
}

enum err_kind idtext_address(
    const char *address, const struct idtext_taker *taker, struct err *err)
{
	size_t n = 0;

	err->kind = ERR_OK;
	return take_parameter(address, taker, &n, err);
}

/* --- JSON ------------------------------------------------------------------------ */

size_t idtext_object(const char *text, size_t len)
{
	size_t depth = 0;
	bool is_string = false;

	for (size_t i = 0; i < len; i++) {
		const char c = text[i];

		if (is_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				is_string = false;
		} else if (c == '"') {
			is_string = true;
		} else if (c == '{') {
			depth++;
		} else if (c == '}' && --depth == 0) {
			return i + 1;
		}
	}
	return 0;
}

/* --- tables ---------------------------------------------------------------------- */

/*
 * One cell from *at on, unquoted into `cell`; *at is behind what ends it, *ret_end that.
 */
static void cut_cell(char separator, const char *text, size_t len, size_t *at,
    struct buf *cell, char *ret_end)
{
	bool is_quoted = *at < len && text[*at] == '"';

	*at += is_quoted;
	*ret_end = '\0';
	while (*at < len) {
		const char c = text[(*at)++];

		if (is_quoted && c == '"') {
			if (*at < len && text[*at] == '"')
				buf_add(cell, &text[(*at)++], 1);
			else
				is_quoted = false;
		} else if (!is_quoted && (c == separator || c == '\n')) {
			*ret_end = c;
			return;
		} else if (is_quoted || c != '\r') {
			buf_add(cell, &c, 1);
		}
	}
}

bool idtext_row(const struct idtext_table *table, const char *text, size_t len,
    size_t *at, char **ret_id)
{
	_cleanup_(buf_release) struct buf id = buf_make(CELL_MAX);
	char end = table->separator;

	if (*at >= len)
		return false;
	for (size_t column = 0; end == table->separator; column++) {
		struct buf cell = buf_make(CELL_MAX);

		cut_cell(table->separator, text, len, at, &cell, &end);
		if (column == table->column)
			buf_add(&id, cell.data, strlen(cell.data));
		buf_release(&cell);
	}
	*ret_id = strdup(id.data);
	return *ret_id != NULL;
}

/* How well does a heading say that ids are below it? 0: not at all. */
static size_t rank_of(const char *cell)
{
	static const char *const names[] = { "id", "taskid", "historyid",
		"historyrecordid", "submitid" };
	char name[32];
	size_t n = 0;

	for (const char *c = cell; *c; c++) {
		if (strchr("_- \t", *c))
			continue;
		if (n + 1 == sizeof(name))
			return 0;
		name[n++] = text_lower(*c);
	}
	name[n] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name))
			return i + 1;
	return 0;
}

/* The best of the columns of a heading that ends at `end`; 0: none is of ids. */
static size_t rank_columns(
    const char *text, size_t at, size_t end, struct idtext_table *table)
{
	char last = table->separator;
	size_t best = 0;

	for (size_t column = 0; last == table->separator; column++) {
		struct buf cell = buf_make(CELL_MAX);
		size_t rank;

		cut_cell(table->separator, text, end, &at, &cell, &last);
		rank = rank_of(cell.data);
		buf_release(&cell);
		if (rank <= best)
			continue;
		best = rank;
		table->column = column;
	}
	return best;
}

static bool is_exact_heading(const char *line, size_t len)
{
	static const char *const names[] = { "submit_id", "history_id",
		"history_record_id", "task_id" };

	while (len > 0 && is_blank(line[len - 1]))
		len--;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == len && !strncmp(names[i], line, len))
			return true;
	return false;
}

bool idtext_table(
    const char *text, size_t len, size_t *at, struct idtext_table *ret_table)
{
	static const char separators[] = { ',', ';', '\t' };
	const char *stop = memchr(text + *at, '\n', len - *at);
	const size_t end = stop ? (size_t)(stop - text) : len;

	for (size_t i = 0; i < sizeof(separators); i++) {
		struct idtext_table table = { .separator = separators[i] };

		/* A table of one column has nothing between them, but an exact name. */
		if (!memchr(text + *at, separators[i], end - *at) &&
		    !is_exact_heading(text + *at, end - *at))
			continue;
		if (rank_columns(text, *at, end, &table) == 0)
			continue;
		*ret_table = table;
		*at = stop ? end + 1 : len;
		return true;
	}
	return false;
}
