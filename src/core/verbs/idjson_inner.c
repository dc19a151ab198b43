/*
 * idjson_inner.c - a JSON text that another one has in a string: the body of a request or
 * an answer in a HAR. It is read as it comes, and never held.
 */
#include <string.h>

#include "core/verbs/idjson_impl.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* No JSON of an object or array begins as its base64 does: "ey", "ew", "W" ... */
static enum idjson_form recognise(char first)
{
	if (first == '{' || first == '[')
		return INNER_PLAIN;
	return first == 'e' || first == 'W' ? INNER_BASE64 : INNER_OTHER;
}

/* What is no JSON any more says nothing; only trouble of our own ends the reading. */
static enum err_kind add(
    struct idjson_inner *inner, const char *bytes, size_t len, struct err *err)
{
	const enum err_kind kind = idjson_add(inner->reader, bytes, len, err);

	if (kind != ERR_CONTRACT)
		return kind;
	inner->form = INNER_OTHER;
	return err->kind = ERR_OK;
}

static int value_of(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *digit = c ? strchr(digits, c) : NULL;

	return digit ? (int)(digit - digits) : -1;
}

static enum err_kind add_base64(
    struct idjson_inner *inner, const char *bytes, size_t len, struct err *err)
{
	char out[1024];
	size_t n = 0;

	for (size_t i = 0; i < len && inner->form == INNER_BASE64; i++) {
		const int value = value_of(bytes[i]);

		if (value < 0)
			continue;
		inner->bits = (inner->bits << 6 | (unsigned)value) & 0xffffU;
		inner->n_bits += 6;
		if (inner->n_bits >= 8) {
			inner->n_bits -= 8;
			out[n++] = (char)(inner->bits >> inner->n_bits & 0xffU);
		}
		if (n == sizeof(out)) {
			n = 0;
			if (add(inner, out, sizeof(out), err))
				return err->kind;
		}
	}
	return inner->form == INNER_BASE64 ? add(inner, out, n, err) : ERR_OK;
}

enum err_kind idjson_inner_add(struct idjson_inner *inner,
    const struct idjson_taker *taker, size_t number, const char *bytes, size_t len,
    struct err *err)
{
	size_t blank = 0;

	if (inner->form == INNER_UNSEEN) {
		while (blank < len && is_blank(bytes[blank]))
			blank++;
		if (blank == len)
			return ERR_OK;
		if (!inner->reader)
			inner->reader = idjson_new(taker);
		if (!inner->reader)
			return err_set(err, ERR_NOMEM, "out of memory");
		idjson_begin_inner(inner->reader, number);
		inner->form = recognise(bytes[blank]);
		inner->bits = inner->n_bits = 0;
	}
	if (inner->form == INNER_PLAIN)
		return add(inner, bytes + blank, len - blank, err);
	if (inner->form == INNER_BASE64)
		return add_base64(inner, bytes + blank, len - blank, err);
	return ERR_OK;
}

void idjson_inner_end(struct idjson_inner *inner)
{
	inner->form = INNER_UNSEEN;
}

void idjson_inner_release(struct idjson_inner *inner)
{
	idjson_free(inner->reader);
	inner->reader = NULL;
}
