/*
 * request.h - an HTTP request as it came in, before anybody believes it: its method, its
 * target and its fields, some of them doubled or nonsense. Borrowed for as long as it is
 * answered; nothing is decoded.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { WEB_FIELDS_MAX = 100 };

struct web_field {
	const char *name, *value;
};

struct web_request {
	const char *method, *target;
	struct web_field fields[WEB_FIELDS_MAX];
	size_t n_fields; /* more than WEB_FIELDS_MAX: those behind are not kept */
};

/* Returns the first field of that name, NULL: there is none; *ret_n (may be NULL) is how
 * many there are. The case of names does not matter. */
const char *web_field(const struct web_request *request, const char *name, size_t *ret_n);
/*
 * Is `value` a media type of that name, with parameters or without? "application/json;
 * charset=utf-8" is.
 */
bool web_is_type(const char *value, const char *type);
/* Does one of the fields of Accept have it, or a range that it lies in? True without. */
bool web_accepts(const struct web_request *request, const char *type);
