#include "store/name_safe.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/text.h"

enum {
	EXTENSION_MAX = 16,
	VALUE_MAX = 16 * 1024, /* what is behind it can't reach a name */
	PART_BYTES_MAX = 1 << 20,
	ZWNJ = 0x200c, /* Persian is written with it */
	ZWJ = 0x200d, /* joins emoji to one */
};

static const char forbidden[] = "/\\:*?\"<>|";

/* --- values --- */

static bool is_space(int32_t code, utf8proc_category_t category)
{
	return (code >= '\t' && code <= '\r') || code == 0x85 ||
	    category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
	    category == UTF8PROC_CATEGORY_ZP;
}

/* Never a character, in no version of Unicode. */
static bool is_no_character(int32_t code)
{
	return (code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef);
}

static bool is_refused(int32_t code, utf8proc_category_t category)
{
	return code < 0 || category == UTF8PROC_CATEGORY_CC || is_no_character(code) ||
	    (code < 0x80 && strchr(forbidden, (int)code));
}

/* Turns writing around, or merely hides: soft hyphens, bidi controls, tags. */
static bool is_invisible(int32_t code, utf8proc_category_t category)
{
	return category == UTF8PROC_CATEGORY_CF && code != ZWJ && code != ZWNJ;
}

/* How many letters and signs of ASCII come first, which stay as they are? */
static size_t plain_len(const char *value, size_t len)
{
	size_t n = 0;

	while (
	    n < len && value[n] > ' ' && value[n] < 0x7f && !strchr(forbidden, value[n]))
		n++;
	return n;
}

static void add_clean(struct buf *into, const char *value, size_t len)
{
	bool has_space = false;
	utf8proc_category_t category;
	int32_t code;
	size_t n;

	for (; len; value += n, len -= n) {
		n = plain_len(value, len);
		if (n) {
			if (has_space)
				buf_add(into, " ", 1);
			has_space = false;
			buf_add(into, value, n);
			continue;
		}
		code = text_char_at(value, len, &n);
		category = utf8proc_category(code);
		if (is_space(code, category)) {
			has_space = into->len > 0;
			continue;
		}
		if (is_invisible(code, category))
			continue;
		if (has_space)
			buf_add(into, " ", 1);
		has_space = false;
		if (is_refused(code, category))
			buf_add(into, "_", 1);
		else
			buf_add(into, value, n);
	}
}

static bool is_ascii(const struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if ((unsigned char)text->data[i] >= 0x80)
			return false;
	return true;
}

/* Adds well-formed text in its composed form (NFC), which ASCII has. */
static void add_composed(struct buf *into, const struct buf *text)
{
	utf8proc_uint8_t *composed = NULL;
	utf8proc_ssize_t len;

	if (is_ascii(text)) {
		buf_add(into, text->data, text->len);
		return;
	}
	len = utf8proc_map((const utf8proc_uint8_t *)text->data,
	    (utf8proc_ssize_t)text->len, &composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);

	if (len >= 0)
		buf_add(into, composed, (size_t)len);
	else
		into->failed = true; /* there was no memory: it is well-formed */
	free(composed);
}

void name_add_value(struct buf *into, const char *value)
{
	_cleanup_(buf_release) struct buf clean = buf_make(VALUE_MAX);
	const size_t len = strlen(value);

	add_clean(&clean, value, len < VALUE_MAX ? len : VALUE_MAX - 4);
	if (buf_failed(&clean))
		into->failed = true;
	else if (!text_is_blank(clean.data))
		add_composed(into, &clean);
}

/* --- where it may be cut --- */

size_t name_prefix(const char *text, size_t characters, size_t max_bytes)
{
	const size_t len = strlen(text);
	size_t at = 0, good = 0, count = 0, n;
	int32_t before = 0, state = 0;

	while (at < len) {
		const int32_t code = text_char_at(text + at, len - at, &n);

		if (at == 0 || utf8proc_grapheme_break_stateful(before, code, &state)) {
			good = at;
			if (count++ == characters)
				return at;
		}
		if (at + n >
		    max_bytes) /* one that is too long itself is cut all the same */
			return good ? good : at;
		before = code;
		at += n;
	}
	return len;
}

enum err_kind name_add_hash(
    struct buf *into, const char *text, size_t len, struct err *err)
{
	char hex[HASH_HEX_MAX];

	if (hash_text(HASH_SHA256, text, len, hex, err))
		return err->kind;
	buf_addf(into, "-%.*s", NAME_HASH_LEN, hex);
	return ERR_OK;
}

size_t name_stem(const char *part, size_t len)
{
	const char *dot = memrchr(part, '.', len);

	if (!dot || dot == part || part + len - dot > EXTENSION_MAX)
		return len;
	return (size_t)(dot - part);
}

/* --- parts of a path --- */

static bool is_lost_at_end(char c)
{
	return c == '.' || c == ' ';
}

/* A dot hides it, a dash makes it an option, a space can't be seen. */
static bool is_bad_in_front(char c)
{
	return c == '.' || c == ' ' || c == '-';
}

/* Names of devices in every folder of Windows, whatever the extension. */
static bool is_device(const char *part)
{
	static const char *const names[] = { "con", "prn", "aux", "nul", "conin$",
		"conout$" };
	static const char *const ports[] = { "com", "lpt" };
	static const char *const digits[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8",
		"9", "¹", "²", "³", "\x01" /* NAME_COUNTER, which will be one */ };
	size_t len = strcspn(part, ".");

	while (len > 0 && part[len - 1] == ' ')
		len--;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (len == strlen(names[i]) && !strncasecmp(part, names[i], len))
			return true;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		for (size_t k = 0; k < sizeof(digits) / sizeof(digits[0]); k++)
			if (len == 3 + strlen(digits[k]) &&
			    !strncasecmp(part, ports[i], 3) &&
			    !strncmp(part + 3, digits[k], len - 3))
				return true;
	return false;
}

static void soften(char *part)
{
	size_t len = strlen(part);

	for (char *p = part; is_bad_in_front(*p); p++)
		*p = '_';
	for (; len > 0 && is_lost_at_end(part[len - 1]); len--)
		part[len - 1] = '_';
}

static void replace_forbidden(char *part)
{
	for (char *p = part; *p; p++)
		if (strchr(forbidden, *p))
			*p = '_';
}

/* With room for a '_' in front. */
static enum err_kind shorten(
    struct buf *into, const struct buf *whole, size_t max_bytes, struct err *err)
{
	const size_t stem = name_stem(whole->data, whole->len);
	const size_t rest = whole->len - stem + 1 + NAME_HASH_LEN + 1;
	size_t keep;

	if (whole->len < max_bytes) {
		buf_add(into, whole->data, whole->len);
		return ERR_OK;
	}
	keep =
	    name_prefix(whole->data, SIZE_MAX, max_bytes > rest ? max_bytes - rest : 0);
	while (keep > 0 && is_lost_at_end(whole->data[keep - 1]))
		keep--;
	buf_add(into, whole->data, keep);
	if (name_add_hash(into, whole->data, whole->len, err))
		return err->kind;
	buf_add(into, whole->data + stem, whole->len - stem);
	return ERR_OK;
}

enum err_kind name_add_part(struct buf *into, const char *part, size_t len,
    const struct part_rules *rules, struct err *err)
{
	_cleanup_(buf_release) struct buf raw = buf_make(PART_BYTES_MAX);
	_cleanup_(buf_release) struct buf whole = buf_make(PART_BYTES_MAX);
	_cleanup_(buf_release) struct buf kept = buf_make(NAME_PART_MAX + 1);

	buf_add(&raw, part, len);
	add_composed(&whole, &raw); /* a letter and an accent may have met only now */
	if (!buf_failed(&whole) && shorten(&kept, &whole, rules->max_bytes, err))
		return err->kind;
	if (buf_failed(&whole) || buf_failed(&kept) || buf_failed(&raw))
		return err_set(err, ERR_NOMEM, "out of memory for a file name");
	if (rules->for_windows)
		replace_forbidden(kept.data);
	soften(kept.data);
	if (is_device(kept.data))
		buf_add(into, "_", 1);
	buf_add(into, kept.data, kept.len);
	return ERR_OK;
}
