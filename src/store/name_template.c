#include "store/name_template.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"

enum { SHOWN_MAX = 40, LIST_MAX = 1024 };

enum err_kind name_take_piece(
    const char *template, const char **at, struct name_piece *ret_piece, struct err *err)
{
	const char *text = *at;
	size_t len;

	*ret_piece = (struct name_piece){ .text = text, .len = strcspn(text, "{}") };
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
	*ret_piece =
	    (struct name_piece){ .text = text + 1, .len = len, .is_place = true };
	*at += len + 2;
	return ERR_OK;
}

static void add_names(struct buf *into)
{
	for (const char *const *name = name_fields(); *name; name++)
		buf_addf(into, "%s{%s}", into->len ? " " : "", *name);
}

static enum err_kind fail_field(const char *name, size_t len, struct err *err)
{
	_cleanup_free_ char *word = strndup(name, len < SHOWN_MAX ? len : SHOWN_MAX);
	_cleanup_(buf_release) struct buf all = buf_make(LIST_MAX);
	const char *nearest;

	add_names(&all);
	if (!word || buf_failed(&all))
		return err_set(err, ERR_NOMEM, "out of memory for a file name");
	nearest = text_nearest(word, name_fields());
	text_make_printable(word);
	if (nearest)
		return err_set(err, ERR_USAGE,
		    "name template: there is no field '{%s}'; did you mean '{%s}'? all "
		    "of them: '%s'",
		    word, nearest, all.data);
	return err_set(err, ERR_USAGE,
	    "name template: there is no field '{%s}'; there are '%s'", word, all.data);
}

enum err_kind name_take_choice(struct name_piece *place, struct name_choice *ret_choice,
    bool *ret_has, struct err *err)
{
	const char *text = place->text, *bar, *colon;
	size_t len = place->len, name_len;

	*ret_has = place->is_place;
	if (!place->is_place)
		return ERR_OK;
	bar = memchr(text, '|', len);
	place->is_place = bar != NULL;
	if (bar) {
		place->text = bar + 1;
		place->len = (size_t)(text + len - (bar + 1));
		len = (size_t)(bar - text);
	} else if (len == 0 && text[-1] == '|') {
		*ret_choice = (struct name_choice){ .field = -1 };
		return ERR_OK;
	}
	colon = memchr(text, ':', len);
	name_len = colon ? (size_t)(colon - text) : len;
	*ret_choice = (struct name_choice){ .field = name_field_find(text, name_len) };
	if (ret_choice->field < 0)
		return fail_field(text, name_len, err);
	if (colon) {
		ret_choice->format = colon + 1;
		ret_choice->format_len = len - name_len - 1;
	}
	return name_field_check(ret_choice, colon != NULL, err);
}
