#include "base/json_feed.h"

#include <string.h>

enum state {
	WANTS_VALUE,
	WANTS_VALUE_OR_END, /* behind '[' */
	WANTS_KEY,
	WANTS_KEY_OR_END, /* behind '{' */
	WANTS_COLON,
	WANTS_COMMA,
	IN_TEXT,
	IN_ESCAPE,
	IN_HEX,
	IN_WORD,
};

enum { REPLACEMENT = 0xfffd /* for what is no character */ };

_Static_assert(JSON_DEPTH_MAX <= 64, "a bit for each level");

struct json_feed json_feed_make(enum err_kind (*on_event)(void *payload,
				    const struct json_feed_event *event, struct err *err),
    void *payload)
{
	return (struct json_feed){
		.on_event = on_event, .payload = payload, .state = WANTS_VALUE
	};
}

static enum err_kind refuse(
    const struct json_feed *feed, const char *why, struct err *err)
{
	return err_set(err, ERR_CONTRACT, "byte %zu: %s", (size_t)feed->at, why);
}

static enum err_kind tell(struct json_feed *feed, enum json_feed_what what,
    const char *bytes, size_t len, struct err *err)
{
	const struct json_feed_event event = { what, bytes, len, false };

	return feed->on_event(feed->payload, &event, err);
}

static bool is_in_object(const struct json_feed *feed)
{
	return feed->depth > 0 && (feed->objects >> (feed->depth - 1) & 1U) != 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* --- strings ----------------------------------------------------------------- */

static enum err_kind add_code(struct json_feed *feed, unsigned code, struct err *err);

/* Half of a pair that is followed by something else is no character. */
static enum err_kind end_half(struct json_feed *feed, struct err *err)
{
	if (feed->high == 0)
		return ERR_OK;
	feed->high = 0;
	return add_code(feed, REPLACEMENT, err);
}

/* A key is gathered, a value is told as it comes. */
static enum err_kind add_text(
    struct json_feed *feed, const char *bytes, size_t len, struct err *err)
{
	if (len == 0)
		return ERR_OK;
	if (end_half(feed, err))
		return err->kind;
	if (!feed->is_key)
		return tell(feed, JSON_FEED_TEXT, bytes, len, err);
	if (len > JSON_FEED_KEY_MAX - feed->word_len)
		feed->is_too_long = true;
	if (feed->is_too_long)
		return ERR_OK;
	memcpy(feed->word + feed->word_len, bytes, len);
	feed->word_len += len;
	return ERR_OK;
}

static enum err_kind end_text(struct json_feed *feed, struct err *err)
{
	const struct json_feed_event last = { JSON_FEED_TEXT, "", 0, true };

	if (end_half(feed, err))
		return err->kind;
	if (!feed->is_key) {
		feed->state = feed->depth > 0 ? WANTS_COMMA : WANTS_VALUE;
		return feed->on_event(feed->payload, &last, err);
	}
	feed->state = WANTS_COLON;
	if (feed->is_too_long)
		feed->word_len = 0;
	feed->word[feed->word_len] = '\0';
	return tell(feed, JSON_FEED_KEY, feed->word, feed->word_len, err);
}

/* Adds a character as UTF-8. */
static enum err_kind add_code(struct json_feed *feed, unsigned code, struct err *err)
{
	char bytes[4];
	size_t n = 0;

	if (code < 0x80) {
		bytes[n++] = (char)code;
	} else if (code < 0x800) {
		bytes[n++] = (char)(0xc0 | code >> 6);
	} else {
		if (code < 0x10000) {
			bytes[n++] = (char)(0xe0 | code >> 12);
		} else {
			bytes[n++] = (char)(0xf0 | code >> 18);
			bytes[n++] = (char)(0x80 | (code >> 12 & 0x3f));
		}
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
	}
	if (code >= 0x80)
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	return add_text(feed, bytes, n, err);
}

static enum err_kind end_hex(struct json_feed *feed, struct err *err)
{
	const unsigned high = feed->high, code = feed->hex;
	const bool is_low = code >= 0xdc00 && code < 0xe000;

	feed->state = IN_TEXT;
	if (is_low && high) {
		feed->high = 0;
		return add_code(
		    feed, 0x10000 + ((high - 0xd800) << 10) + (code - 0xdc00), err);
	}
	if (code < 0xd800 || code >= 0xdc00)
		return add_code(feed, is_low || code == 0 ? REPLACEMENT : code, err);
	if (end_half(feed, err))
		return err->kind;
	feed->high = code;
	return ERR_OK;
}

static enum err_kind add_hex(struct json_feed *feed, char c, struct err *err)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit = strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);

	if (!c || !digit)
		return refuse(feed, N_("\\u wants four hexadecimal digits"), err);
	feed->hex = feed->hex << 4 | (unsigned)(digit - digits);
	return ++feed->n_hex < 4 ? ERR_OK : end_hex(feed, err);
}

static enum err_kind add_escape(struct json_feed *feed, char c, struct err *err)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	const char *letter = c ? strchr(letters, c) : NULL;

	if (c == 'u') {
		feed->state = IN_HEX;
		feed->hex = feed->n_hex = 0;
		return ERR_OK;
	}
	if (!letter)
		return refuse(feed, N_("an unknown escape"), err);
	feed->state = IN_TEXT;
	return add_text(feed, &meanings[letter - letters], 1, err);
}

/* Reads on to the next quote or backslash; *ret_n bytes are done with. */
static enum err_kind read_text(
    struct json_feed *feed, const char *bytes, size_t len, size_t *ret_n, struct err *err)
{
	size_t n = 0;

	while (n < len && bytes[n] != '"' && bytes[n] != '\\')
		n++;
	*ret_n = n < len ? n + 1 : n;
	if (add_text(feed, bytes, n, err))
		return err->kind;
	if (n == len)
		return ERR_OK;
	if (bytes[n] == '"')
		return end_text(feed, err);
	feed->state = IN_ESCAPE;
	return ERR_OK;
}

/* --- the rest ---------------------------------------------------------------- */

static enum err_kind begin(struct json_feed *feed, bool is_object, struct err *err)
{
	const uint64_t bit = (uint64_t)1 << (feed->depth & 63U);

	if (feed->depth == JSON_DEPTH_MAX)
		return refuse(feed, N_("too deep"), err);
	feed->objects = is_object ? feed->objects | bit : feed->objects & ~bit;
	feed->depth++;
	feed->state = is_object ? WANTS_KEY_OR_END : WANTS_VALUE_OR_END;
	return tell(feed, is_object ? JSON_FEED_OBJECT : JSON_FEED_ARRAY, "", 0, err);
}

static enum err_kind end(struct json_feed *feed, char c, struct err *err)
{
	if (feed->depth == 0 || is_in_object(feed) != (c == '}'))
		return refuse(feed, N_("a bracket that closes nothing"), err);
	feed->depth--;
	feed->state = feed->depth > 0 ? WANTS_COMMA : WANTS_VALUE;
	return tell(feed, JSON_FEED_END, "", 0, err);
}

static enum err_kind begin_text(struct json_feed *feed, bool is_key)
{
	feed->state = IN_TEXT;
	feed->is_key = is_key;
	feed->is_too_long = false;
	feed->word_len = 0;
	feed->high = 0;
	return ERR_OK;
}

static enum err_kind begin_value(struct json_feed *feed, char c, struct err *err)
{
	if (c == '{' || c == '[')
		return begin(feed, c == '{', err);
	if (c == '"')
		return begin_text(feed, false);
	if (c == ']' && feed->state == WANTS_VALUE_OR_END)
		return end(feed, c, err);
	if (!c || !strchr("-0123456789tfn", c))
		return refuse(feed, N_("a value is expected"), err);
	feed->state = IN_WORD;
	feed->word[0] = c;
	feed->word_len = 1;
	return ERR_OK;
}

static enum err_kind end_word(struct json_feed *feed, struct err *err)
{
	feed->state = feed->depth > 0 ? WANTS_COMMA : WANTS_VALUE;
	feed->word[feed->word_len] = '\0';
	return tell(feed, JSON_FEED_WORD, feed->word, feed->word_len, err);
}

static enum err_kind begin_key(struct json_feed *feed, char c, struct err *err)
{
	if (c == '"')
		return begin_text(feed, true);
	if (c == '}' && feed->state == WANTS_KEY_OR_END)
		return end(feed, c, err);
	return refuse(feed, N_("a key is expected"), err);
}

static enum err_kind read_comma(struct json_feed *feed, char c, struct err *err)
{
	if (c == '}' || c == ']')
		return end(feed, c, err);
	if (c != ',')
		return refuse(feed, N_("a comma is expected"), err);
	feed->state = is_in_object(feed) ? WANTS_KEY : WANTS_VALUE;
	return ERR_OK;
}

/* Reads one byte between the strings. */
static enum err_kind read_mark(struct json_feed *feed, char c, struct err *err)
{
	switch ((enum state)feed->state) {
	case WANTS_VALUE:
	case WANTS_VALUE_OR_END:
		return begin_value(feed, c, err);
	case WANTS_KEY:
	case WANTS_KEY_OR_END:
		return begin_key(feed, c, err);
	case WANTS_COLON:
		if (c != ':')
			return refuse(feed, N_("a colon is expected"), err);
		feed->state = WANTS_VALUE;
		return ERR_OK;
	case WANTS_COMMA:
		return read_comma(feed, c, err);
	case IN_TEXT:
	case IN_ESCAPE:
	case IN_HEX:
	case IN_WORD:
		break;
	}
	return ERR_OK;
}

/* A word ends before what is none of its letters: *ret_n 0, and it comes again. */
static enum err_kind read_word(
    struct json_feed *feed, char c, size_t *ret_n, struct err *err)
{
	const bool goes_on = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    c == 'E' || c == '+' || c == '-' || c == '.';

	*ret_n = goes_on;
	if (!goes_on)
		return end_word(feed, err);
	if (feed->word_len < JSON_FEED_WORD_MAX)
		feed->word[feed->word_len++] = c;
	return ERR_OK;
}

static enum err_kind read_some(
    struct json_feed *feed, const char *bytes, size_t len, size_t *ret_n, struct err *err)
{
	*ret_n = 1;
	switch ((enum state)feed->state) {
	case IN_TEXT:
		return read_text(feed, bytes, len, ret_n, err);
	case IN_ESCAPE:
		return add_escape(feed, *bytes, err);
	case IN_HEX:
		return add_hex(feed, *bytes, err);
	case IN_WORD:
		return read_word(feed, *bytes, ret_n, err);
	case WANTS_VALUE:
	case WANTS_VALUE_OR_END:
	case WANTS_KEY:
	case WANTS_KEY_OR_END:
	case WANTS_COLON:
	case WANTS_COMMA:
		break;
	}
	return is_space(*bytes) ? ERR_OK : read_mark(feed, *bytes, err);
}

enum err_kind json_feed_add(
    struct json_feed *feed, const char *bytes, size_t len, struct err *err)
{
	while (len > 0) {
		size_t n;

		if (read_some(feed, bytes, len, &n, err))
			return err->kind;
		bytes += n;
		len -= n;
		feed->at += n;
	}
	return ERR_OK;
}

enum err_kind json_feed_end(struct json_feed *feed, struct err *err)
{
	if (feed->state == IN_WORD && feed->depth == 0 && end_word(feed, err))
		return err->kind;
	if (feed->depth == 0 && feed->state == WANTS_VALUE)
		return ERR_OK;
	return refuse(feed, N_("it ends in the middle"), err);
}
