/*
 * json_entry.c - the entry in JSON, with comments or without: only bytes of ours are put
 * between those that are there, in the style that they have.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "mcp/install/edit.h"
#include "mcp/install/json_walk.h"

enum { KEYS_MAX = 3, INDENT_MAX = 32 };

/* How the text is laid out. */
struct style {
	const char *newline;
	char unit[INDENT_MAX + 1]; /* one level */
};

/* Replaces [from, to) of the text. */
struct splice {
	size_t from, to;
	struct buf bytes;
};

/* --- layout ------------------------------------------------------------------------ */

static size_t line_start(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] != '\n')
		at--;
	return at;
}

/* What stands before the first word of this line. */
static size_t indent_len(const char *text, size_t at)
{
	return strspn(text + line_start(text, at), " \t");
}

static bool is_first_of_line(const char *text, size_t at)
{
	return line_start(text, at) > 0 &&
	    line_start(text, at) + indent_len(text, at) == at;
}

static size_t behind_content(const char *text, size_t close)
{
	while (close > 0 && strchr(" \t\r\n", text[close - 1]))
		close--;
	return close;
}

static bool has_newline(const char *text, size_t from, size_t to)
{
	return memchr(text + from, '\n', to - from) != NULL;
}

static struct style style_of(const char *text, const struct walk_object *root)
{
	struct style style = { strstr(text, "\r\n") ? "\r\n" : "\n", "  " };
	const size_t len = root->n ? indent_len(text, root->first) : 0;

	if (root->n && is_first_of_line(text, root->first) && len > 0 &&
	    len <= INDENT_MAX)
		(void)snprintf(style.unit, sizeof(style.unit), "%.*s", (int)len,
		    text + line_start(text, root->first));
	return style;
}

/* "\n" and tabs behind it are laid out; else all stands in one line. */
static void add_laid_out(struct buf *into, const char *value, const struct style *style,
    const char *indent, bool is_wide)
{
	for (const char *at = value; *at; at++) {
		if (*at == '\n' && is_wide)
			buf_addf(into, "%s%s", style->newline, indent);
		else if (*at == '\n')
			buf_add(into, " ", at[1] == '\t' && at[-1] == ',');
		else if (*at == '\t')
			buf_addf(into, "%s", is_wide ? style->unit : "");
		else
			buf_add(into, at, 1);
	}
}

/* --- putting ----------------------------------------------------------------------- */

/* A new member behind the others. */
static void insert(const char *text, const struct walk_object *object, bool is_root,
    const char *member, struct splice *ret_splice)
{
	struct walk top = { .text = text, .len = strlen(text), .has_comments = true };
	struct walk_object root;
	size_t root_open = 0;
	const size_t content = behind_content(text, object->close);
	const bool is_wide = object->n ? is_first_of_line(text, object->first) ||
		has_newline(text, object->end, object->close)
				       : is_root || object->close > object->open + 1;
	const size_t model = object->n ? object->first : object->open;
	char indent[2 * INDENT_MAX + 1];
	struct style style;

	(void)walk_whole(&top, &root_open);
	top.at = root_open;
	walk_object(&top, "", &root);
	style = style_of(text, &root);
	(void)snprintf(indent, sizeof(indent), "%.*s%s", (int)indent_len(text, model),
	    text + line_start(text, model), object->n ? "" : style.unit);

	ret_splice->from = object->n && !object->comma ? object->end : content;
	ret_splice->to = object->close;
	if (object->n && !object->comma)
		buf_addf(&ret_splice->bytes, ",%.*s", (int)(content - object->end),
		    text + object->end);
	if (is_wide)
		buf_addf(&ret_splice->bytes, "%s%s", style.newline, indent);
	else if (object->n)
		buf_addf(&ret_splice->bytes, " ");
	add_laid_out(&ret_splice->bytes, member, &style, indent, is_wide);
	buf_addf(&ret_splice->bytes, "%s", object->comma ? "," : "");
	if (is_wide && !has_newline(text, content, object->close))
		buf_addf(&ret_splice->bytes, "%s%.*s", style.newline,
		    (int)indent_len(text, object->open),
		    text + line_start(text, object->open));
	else
		buf_add(&ret_splice->bytes, text + content, object->close - content);
}

/* The value of a member that there is not yet: objects around it for the other keys. */
static void add_member(
    struct buf *into, const char *const *keys, size_t n, const char *value)
{
	_cleanup_(buf_release) struct buf inner = buf_make(EDIT_BYTES_MAX);

	buf_addf(into, "\"%s\": ", keys[0]);
	if (n == 1) {
		buf_addf(into, "%s", value);
		return;
	}
	add_member(&inner, keys + 1, n - 1, value);
	buf_addf(into, "{\n\t");
	for (const char *at = inner.data; *at; at++)
		buf_addf(into, *at == '\n' ? "\n\t" : "%c", *at);
	buf_addf(into, "\n}");
}

static enum err_kind apply(
    const char *text, const struct splice *splice, struct buf *into, struct err *err)
{
	buf_add(into, text, splice->from);
	buf_add(into, splice->bytes.data, splice->bytes.len);
	buf_add(into, text + splice->to, strlen(text + splice->to));
	return buf_failed(into) || buf_failed(&splice->bytes)
	    ? err_set(err, ERR_NOMEM, "out of memory")
	    : ERR_OK;
}

/* How far keys[0 .. n) are there: *ret_object is where the way ends. */
static enum err_kind follow(const struct edit *edit, const char *const *keys, size_t n,
    struct walk_object *ret_object, size_t *ret_depth, struct err *err)
{
	struct walk walk = { .text = edit->text,
		.len = strlen(edit->text),
		.has_comments = edit->has_comments };
	size_t open = 0;

	if (!walk_whole(&walk, &open))
		return edit_refuse(edit, walk.at, walk.why, err);
	for (size_t i = 0;; i++) {
		walk.at = open;
		walk_object(&walk, keys[i], ret_object);
		*ret_depth = i;
		if (ret_object->matches > 1)
			return edit_refuse(edit, ret_object->key,
			    N_("a key is there twice; take one away"), err);
		if (ret_object->matches == 0 || i + 1 == n)
			return ERR_OK;
		open = ret_object->value;
		if (edit->text[open] != '{')
			return edit_refuse(
			    edit, open, N_("an object '{...}' is expected here"), err);
	}
}

static enum err_kind put_value(const struct edit *edit, const char *const *keys, size_t n,
    const char *value, struct buf *into, struct err *err)
{
	_cleanup_(buf_release) struct buf member = buf_make(EDIT_BYTES_MAX);
	struct splice splice = { .bytes = buf_make(EDIT_BYTES_MAX) };
	struct walk_object object = { 0 };
	size_t depth = 0;
	enum err_kind kind = follow(edit, keys, n, &object, &depth, err);

	if (kind)
		return kind;
	if (object.matches) {
		splice.from = object.value;
		splice.to = object.value_end;
		add_laid_out(&splice.bytes, value, NULL, "", false);
	} else {
		add_member(&member, keys + depth, n - depth, value);
		insert(edit->text, &object, depth == 0, member.data, &splice);
	}
	kind = apply(edit->text, &splice, into, err);
	buf_release(&splice.bytes);
	return kind;
}

static void add_entry(struct buf *into, const struct edit_pair *pairs)
{
	buf_addf(into, "{");
	for (const struct edit_pair *pair = pairs; pair->key; pair++)
		buf_addf(into, "%s\n\t\"%s\": %s", pair == pairs ? "" : ",", pair->key,
		    pair->value);
	buf_addf(into, "\n}");
}

/* Is it there, as an object? */
static bool is_there(const struct edit *edit, const char *const *keys,
    enum err_kind *kind, struct err *err)
{
	struct walk_object object = { 0 };
	size_t depth = 0;

	*kind = follow(edit, keys, 2, &object, &depth, err);
	return !*kind && depth == 1 && object.matches && edit->text[object.value] == '{';
}

enum err_kind json_entry_put(const struct edit *edit, const struct edit_pair *pairs,
    struct buf *into, struct err *err)
{
	_cleanup_(buf_release) struct buf entry = buf_make(EDIT_BYTES_MAX);
	const char *keys[KEYS_MAX] = { edit->list, edit->name };
	const bool is_empty = edit->text[strspn(edit->text, " \t\r\n")] == '\0';
	struct edit step = *edit;
	enum err_kind kind;

	if (is_empty)
		step.text = "{}\n";
	if (!is_there(&step, keys, &kind, err)) {
		add_entry(&entry, pairs);
		return kind ? kind : put_value(&step, keys, 2, entry.data, into, err);
	}
	buf_add(into, edit->text, strlen(edit->text));
	for (const struct edit_pair *pair = pairs; pair->key && !kind; pair++) {
		struct buf next = buf_make(EDIT_BYTES_MAX);

		if (pair->is_choice)
			continue;
		step.text = into->data;
		keys[2] = pair->key;
		kind = put_value(&step, keys, KEYS_MAX, pair->value, &next, err);
		buf_release(into);
		*into = next;
	}
	return kind;
}

/* --- taking out -------------------------------------------------------------------- */

static struct splice cut(const char *text, const struct walk_object *object)
{
	struct splice splice = { object->key, object->value_end,
		buf_make(EDIT_BYTES_MAX) };

	if (object->comma_after)
		splice.to = object->comma_after + 1;
	if (is_first_of_line(text, object->key)) {
		splice.from = line_start(text, object->key) - 1;
		splice.from -= splice.from > 0 && text[splice.from - 1] == '\r';
	} else if (object->comma_after) {
		splice.to += strspn(text + splice.to, " \t");
	} else {
		splice.from = behind_content(text, object->key);
	}
	/* The comma before it was for it alone; what stands between the two stays. */
	if (!object->comma_after && object->comma_before) {
		const size_t behind = object->comma_before + 1;

		buf_add(&splice.bytes, text + behind,
		    splice.from > behind ? splice.from - behind : 0);
		splice.from = object->comma_before;
	}
	return splice;
}

/* The object that we came from is empty now: it goes as well, unless it is "{}". */
static enum err_kind tidy(const struct edit *edit, const char *const *keys, size_t n,
    struct buf *into, struct err *err);

static enum err_kind take_out(const struct edit *edit, const char *const *keys, size_t n,
    struct buf *into, struct err *err)
{
	_cleanup_(buf_release) struct buf left = buf_make(EDIT_BYTES_MAX);
	struct walk_object object = { 0 };
	struct splice splice;
	struct edit after = *edit;
	size_t depth = 0;
	enum err_kind kind = follow(edit, keys, n, &object, &depth, err);

	if (kind)
		return kind;
	if (depth + 1 < n || !object.matches) {
		buf_add(into, edit->text, strlen(edit->text));
		return ERR_OK;
	}
	splice = cut(edit->text, &object);
	kind = apply(edit->text, &splice, &left, err);
	buf_release(&splice.bytes);
	if (kind)
		return kind;
	after.text = left.data;
	return tidy(&after, keys, n, into, err);
}

static enum err_kind tidy(const struct edit *edit, const char *const *keys, size_t n,
    struct buf *into, struct err *err)
{
	struct splice nothing = { .bytes = buf_make(1) };
	struct walk_object object = { 0 };
	size_t depth = 0;

	if (follow(edit, keys, n, &object, &depth, err))
		return err->kind;
	if (object.close == object.open + 1 ||
	    behind_content(edit->text, object.close) != object.open + 1) {
		buf_add(into, edit->text, strlen(edit->text));
		return ERR_OK;
	}
	if (n > 1)
		return take_out(edit, keys, n - 1, into, err);
	nothing.from = object.open + 1;
	nothing.to = object.close;
	return apply(edit->text, &nothing, into, err);
}

enum err_kind json_entry_remove(
    const struct edit *edit, struct buf *into, struct err *err)
{
	const char *keys[] = { edit->list, edit->name };

	if (edit->text[strspn(edit->text, " \t\r\n")])
		return take_out(edit, keys, 2, into, err);
	buf_add(into, edit->text, strlen(edit->text));
	return ERR_OK;
}
