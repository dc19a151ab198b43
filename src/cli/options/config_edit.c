#include "cli/options/config_edit.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"

enum { TEXT_MAX = 256 * 1024 };

enum line_kind {
	LINE_OTHER, /* blank, a comment, another key */
	LINE_HEADER, /* of the key's section */
	LINE_KEY,
	LINE_SHOWN, /* a comment that shows the key */
	LINE_BODY, /* another key of the section */
};

struct editor {
	const struct key *key;
	const char *value, *newline;
	bool is_inside; /* of the key's section */
	bool is_written;
	struct buf into;
};

static bool is_our_section(const struct key *key, char *line)
{
	enum config_section section;
	const char *profile;

	return config_read_section(line, &section, &profile) && section == key->section &&
	    (section != CONFIG_PROFILE || !strcmp(profile, key->profile));
}

/* Does "name = ..." begin here? */
static bool has_key(char *line, const char *name)
{
	char *equals = strchr(line, '=');

	if (!equals)
		return false;
	*equals = '\0';
	return !strcmp(text_trim(line), name);
}

static enum line_kind judge(struct editor *editor, const char *line, size_t len)
{
	_cleanup_free_ char *copy = strndup(line, len);
	char *text = copy ? text_trim(copy) : NULL;

	if (!text || !*text)
		return LINE_OTHER;
	if (*text == '[') {
		editor->is_inside = is_our_section(editor->key, text);
		return editor->is_inside ? LINE_HEADER : LINE_OTHER;
	}
	if (!editor->is_inside)
		return LINE_OTHER;
	if (*text == '#' || *text == ';')
		return has_key(text + 1, editor->key->name) ? LINE_SHOWN : LINE_OTHER;
	return has_key(text, editor->key->name) ? LINE_KEY : LINE_BODY;
}

static void write_key(struct editor *editor)
{
	const char *value = editor->value;
	const size_t len = strlen(value);
	const bool is_quoted = len > 0 &&
	    (strchr(" \t", value[0]) || strchr(" \t", value[len - 1]) ||
		(len > 1 && value[0] == '"' && value[len - 1] == '"'));
	const char *quote = is_quoted ? "\"" : "";

	if (editor->is_written)
		return;
	buf_addf(&editor->into, "%s = %s%s%s%s", editor->key->name, quote, value, quote,
	    editor->newline);
	editor->is_written = true;
}

static void write_section(struct editor *editor)
{
	static const char *const names[] = {
		[CONFIG_DEFAULT] = "default",
		[CONFIG_PROFILE] = "profile",
		[CONFIG_WIRE] = "wire",
		[CONFIG_ALIAS] = "alias",
	};
	const bool is_profile = editor->key->section == CONFIG_PROFILE;

	buf_addf(&editor->into, "%s[%s%s%s]%s",
	    editor->into.len > 0 ? editor->newline : "", names[editor->key->section],
	    is_profile ? " " : "", is_profile ? editor->key->profile : "",
	    editor->newline);
	write_key(editor);
}

/* Where a new key goes: behind which line (from 1); 0: its section is not there. */
struct place {
	size_t behind;
	bool is_there; /* the key itself */
};

static struct place find_place(struct editor *editor, const char *text)
{
	struct place place = { 0 };
	size_t shown = 0, number = 1;

	editor->is_inside = false;
	for (const char *end; *text; text = *end ? end + 1 : end, number++) {
		end = strchrnul(text, '\n');
		switch (judge(editor, text, (size_t)(end - text))) {
		case LINE_KEY:
			place.is_there = true;
			break;
		case LINE_SHOWN:
			shown = number;
			break;
		case LINE_HEADER:
		case LINE_BODY:
			place.behind = number;
			break;
		case LINE_OTHER:
			break;
		}
	}
	if (shown)
		place.behind = shown;
	return place;
}

static void copy_line(struct editor *editor, const char *line, const char *end)
{
	buf_add(&editor->into, line, (size_t)(end - line));
	if (*end)
		buf_add(&editor->into, "\n", 1);
	else
		buf_addf(&editor->into, "%s", editor->newline);
}

char *config_edit(
    const char *text, const struct key *key, const char *value, bool *ret_found)
{
	const bool has_mark = !strncmp(text, "\xef\xbb\xbf", 3);
	struct editor editor = { .key = key,
		.value = value,
		.newline = strstr(text, "\r\n") ? "\r\n" : "\n",
		.into = buf_make(TEXT_MAX) };
	const char *line = has_mark ? text + 3 : text;
	const struct place place = find_place(&editor, line);
	char *made;

	editor.is_inside = false;
	buf_add(&editor.into, text, has_mark ? 3 : 0);
	for (size_t number = 1; *line; number++) {
		const char *end = strchrnul(line, '\n');
		const enum line_kind kind = judge(&editor, line, (size_t)(end - line));

		if (kind != LINE_KEY)
			copy_line(&editor, line, end);
		else if (value)
			write_key(&editor);
		if (value && !place.is_there && number == place.behind)
			write_key(&editor);
		line = *end ? end + 1 : end;
	}
	if (value && !editor.is_written)
		write_section(&editor);
	*ret_found = place.is_there;
	made = editor.into.len == 0 && !buf_failed(&editor.into) ? strdup("")
								 : buf_take(&editor.into);
	buf_release(&editor.into);
	return made;
}
