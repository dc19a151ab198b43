#include "cli/term/wrap.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* Each with a blank behind it. */
static const char opening[] = "( [ （ 【 《 「 “ ‘ ";
static const char closing[] = ") ] , . ; : ! ? ， 。 ； ： 、 ！ ？ ） 】 》 」 ” ’ … ";

/* A character, and a blank behind it. */
struct sign {
	char text[8];
	size_t len;
};

static struct sign sign_at(const char *text)
{
	struct sign sign = { .len = text_char_len(text, strlen(text)) };

	if (sign.len == 0 || sign.len > 4)
		sign.len = 1; /* damaged bytes count one by one */
	memcpy(sign.text, text, sign.len);
	return sign;
}

static bool is_among(const char *set, struct sign sign)
{
	sign.text[sign.len] = ' ';
	return *sign.text != ' ' && *sign.text && strstr(set, sign.text);
}

/* Whether a line may end behind `sign`, where `rest` goes on. */
static bool can_end(const struct sign *sign, const char *rest)
{
	const bool is_ascii = (unsigned char)*sign->text < 0x80;
	const bool needs_no_blank =
	    text_width(sign->text) == 2 || (!is_ascii && is_among(closing, *sign));

	return needs_no_blank && !is_among(opening, *sign) &&
	    !is_among(closing, sign_at(rest));
}

/* How many brackets are open behind `c`. */
static unsigned nest(unsigned depth, char c)
{
	if (c == '[')
		return depth + 1;
	return c == ']' && depth > 0 ? depth - 1 : depth;
}

/* How much of a text goes on a line: to the end of its paragraph, or where it may end. */
static size_t line_len(const char *text, unsigned room)
{
	size_t good = 0, poor = 0, last = 0, width = 0, i = 0;
	struct sign sign = { .len = 0 };
	unsigned depth = 0;

	for (; text[i]; i += sign.len) {
		if (text[i] == '\n')
			return i;
		if (i > 0 && !is_among(opening, sign) &&
		    !is_among(closing, sign_at(text + i)))
			last = i;
		sign = sign_at(text + i);
		width += text_width(sign.text);
		if (text[i] == ' ' && width <= room + 1)
			*(depth ? &poor : &good) = i;
		if (width > room && i > 0)
			break;
		depth = nest(depth, text[i]);
		if (can_end(&sign, text + i + sign.len))
			good = i + sign.len;
	}
	if (!text[i])
		return i;
	if (good || poor)
		return good ? good : poor;
	return last ? last : i; /* within a word, then */
}

static void add_lines(
    struct buf *into, const char *text, unsigned first, unsigned indent, unsigned columns)
{
	const unsigned room = columns > indent ? columns - indent : columns;

	if (columns <= indent)
		indent = 0;
	while (*text) {
		const size_t len = line_len(text, room);

		buf_addf(into, "%*s%.*s\n", (int)first, "", (int)len, text);
		first = indent;
		text += len;
		while (*text == ' ')
			text++;
		text += *text == '\n';
	}
}

void wrap_add(struct buf *into, const char *text, unsigned indent, unsigned columns)
{
	add_lines(into, text, columns > indent ? indent : 0, indent, columns);
}

void wrap_add_beside(
    struct buf *into, const char *text, unsigned indent, unsigned columns)
{
	add_lines(into, *text ? text : "\n", 0, indent, columns);
}
