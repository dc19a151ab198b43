/*
 * name.c - a template is read piece by piece by one walker; checking and making differ
 * only in what they do with a piece.
 */
#include "store/name.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "store/name_field.h"
#include "store/name_safe.h"
#include "store/name_template.h"

enum {
	TEMPLATE_MAX = 1000,
	PATH_MAX_BYTES = 2000, /* of what a template makes */
	PARTS_MAX = 16,
	WINDOWS_PATH_MAX = 200, /* of the 260 that many of its programs can take */
	WINDOWS_PARTS_MAX = 7,
	NUMBER_DIGITS_MAX = 9,
};

static const char unknown[] = "unknown";

static size_t parts_max(const struct naming *naming)
{
	return naming->for_windows ? WINDOWS_PARTS_MAX : PARTS_MAX;
}

/* --- checking --- */

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

static size_t count_parts(const char *path)
{
	size_t n = 1;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

static bool is_printable(const char *text)
{
	_cleanup_free_ char *copy = strdup(text);

	if (!copy)
		return false;
	text_make_printable(copy);
	return !strcmp(copy, text);
}

static enum err_kind check_text(const char *template, struct err *err)
{
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
	if (strlen(template) > TEMPLATE_MAX)
		return err_set(err, ERR_USAGE, "the name template is too long");
	return ERR_OK;
}

static bool has_slash(const char *text, size_t len)
{
	return len > 0 && memchr(text, '/', len) != NULL;
}

/* A folder is made before the number is known. */
static enum err_kind refuse_counted_folder(const char *template, struct err *err)
{
	return err_set(err, ERR_USAGE,
	    "name template '%.100s': '{counter}' counts files, so no '/' may stand "
	    "behind "
	    "it",
	    template);
}

enum err_kind name_check(const struct naming *naming, struct err *err)
{
	const char *template = naming->template, *at = template;
	struct name_piece piece;
	struct name_choice choice;
	bool has_choice, counts = false;

	if (check_text(template, err))
		return err->kind;
	if (count_parts(template) > parts_max(naming))
		return err_set(err, ERR_USAGE,
		    "name template '%.100s' has more than %zu folders", template,
		    parts_max(naming) - 1);
	do {
		if (name_take_piece(template, &at, &piece, err))
			return err->kind;
		if (counts && has_slash(piece.text, piece.len))
			return refuse_counted_folder(template, err);
		do {
			if (name_take_choice(&piece, &choice, &has_choice, err))
				return err->kind;
			counts |= has_choice && name_field_counts(&choice);
		} while (has_choice);
	} while (*at);
	return ERR_OK;
}

/* --- making --- */

/* The first choice that is known; a last one that is empty is nothing, and known. */
static enum err_kind fill_place(
    struct buf *into, struct name_piece *place, const struct name_of *of, struct err *err)
{
	const size_t before = into->len;
	struct name_choice choice;
	bool has_choice;

	do {
		if (name_take_choice(place, &choice, &has_choice, err))
			return err->kind;
		if (has_choice && choice.field < 0)
			return ERR_OK;
		if (has_choice && name_field_add(into, &choice, of, err))
			return err->kind;
	} while (has_choice && into->len == before);
	if (!has_choice)
		buf_addf(into, "%s", unknown);
	return ERR_OK;
}

static enum err_kind fill(
    struct buf *into, const char *template, const struct name_of *of, struct err *err)
{
	const char *at = template;
	struct name_piece piece;

	while (*at) {
		if (name_take_piece(template, &at, &piece, err))
			return err->kind;
		if (!piece.is_place)
			buf_add(into, piece.text, piece.len);
		else if (fill_place(into, &piece, of, err))
			return err->kind;
	}
	return ERR_OK;
}

/* As many as there can be, each has its share of the path. */
static struct part_rules rules_of(const struct naming *naming, const char *path)
{
	const size_t whole = naming->for_windows ? WINDOWS_PATH_MAX : PATH_MAX_BYTES;
	const size_t share = whole / count_parts(path) - 1;

	return (struct part_rules){
		.max_bytes = share < NAME_PART_MAX ? share : NAME_PART_MAX,
		.for_windows = naming->for_windows,
	};
}

static enum err_kind add_parts(
    struct buf *into, const char *path, const struct part_rules *rules, struct err *err)
{
	size_t len;

	for (; *path; path += len + (path[len] == '/')) {
		len = strcspn(path, "/");
		if (len == 0)
			continue;
		if (into->len > 0)
			buf_add(into, "/", 1);
		if (name_add_part(into, path, len, rules, err))
			return err->kind;
	}
	if (into->len == 0)
		buf_add(into, "_", 1);
	return ERR_OK;
}

enum err_kind name_make(const struct naming *naming, const struct name_of *of,
    char **ret_name, struct err *err)
{
	_cleanup_(buf_release) struct buf raw = buf_make(1 << 20);
	_cleanup_(buf_release) struct buf name = buf_make(PATH_MAX_BYTES + NAME_PART_MAX);
	struct part_rules rules;

	if (name_check(naming, err) || fill(&raw, naming->template, of, err))
		return err->kind;
	rules = rules_of(naming, raw.data);
	if (!buf_failed(&raw) && add_parts(&name, raw.data, &rules, err))
		return err->kind;
	*ret_name = buf_failed(&raw) ? NULL : buf_take(&name);
	return *ret_name ? ERR_OK
			 : err_set(err, ERR_NOMEM, "out of memory for a file name");
}

/* --- numbers --- */

/* Where the number goes. */
static size_t stem_of_path(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *part = slash ? slash + 1 : name;

	return (size_t)(part - name) + name_stem(part, strlen(part));
}

/* Each {counter} of the name is this number. */
static char *fill_counters(const char *name, unsigned n)
{
	_cleanup_(buf_release) struct buf into = buf_make(PATH_MAX_BYTES + NAME_PART_MAX);

	while (*name) {
		const char counter[] = { NAME_COUNTER, '\0' };
		const size_t len = strcspn(name, counter);
		const size_t width = strspn(name + len, counter);

		buf_add(&into, name, len);
		if (width > 0)
			buf_addf(&into, "%0*u", (int)width, n);
		name += len + width;
	}
	return buf_take(&into);
}

char *name_alternative(const char *name, unsigned n)
{
	const size_t stem = stem_of_path(name);
	char *other;

	if (strchr(name, NAME_COUNTER))
		return fill_counters(name, n);
	if (n == 1)
		return strdup(name);
	return asprintf(&other, "%.*s-%u%s", (int)stem, name, n, name + stem) < 0 ? NULL
										  : other;
}

/* What stands behind it may be a digit, too: each length is tried. */
static unsigned counter_number(const char *name, size_t at, const char *other)
{
	unsigned number = 0;

	if (strncmp(name, other, at) != 0)
		return 0;
	for (size_t i = 0; i < NUMBER_DIGITS_MAX && isdigit((unsigned char)other[at + i]);
	     i++) {
		_cleanup_free_ char *made = NULL;

		number = number * 10 + (unsigned)(other[at + i] - '0');
		made = fill_counters(name, number);
		if (number > 0 && made && strcmp(made, other) == 0)
			return number;
	}
	return 0;
}

unsigned name_number(const char *name, const char *other)
{
	const char *counter = strchr(name, NAME_COUNTER);
	const size_t stem = stem_of_path(name);
	const char *digits;
	uint64_t number = 0;
	size_t n;

	if (counter)
		return counter_number(name, (size_t)(counter - name), other);
	if (strcmp(name, other) == 0)
		return 1;
	if (strncmp(name, other, stem) != 0 || other[stem] != '-')
		return 0;
	digits = other + stem + 1;
	if (*digits == '0')
		return 0;
	n = strspn(digits, "0123456789");
	if (n > NUMBER_DIGITS_MAX || strcmp(digits + n, name + stem) != 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		number = number * 10 + (uint64_t)(digits[i] - '0');
	return number >= 2 ? (unsigned)number : 0;
}
