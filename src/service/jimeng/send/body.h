/*
 * body.h - the body of a submit being put together: fields in order, each a key and the
 * JSON text of its value. What the user adds stays the bytes it is, so that a long number
 * is not rounded on its way. Start with a zeroed one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "service/service.h"

enum { BODY_FIELDS_MAX = 128, BODY_BYTES_MAX = 1 << 20 };

struct body {
	struct {
		char *key, *value;
		bool is_users;
	} field[BODY_FIELDS_MAX];
	size_t n;
};

void body_release(struct body *body);
/* Returns the place of the field, body->n when there is none. */
size_t body_find(const struct body *body, const char *key);
/* Set a field, in its place when it is there, to a text, which is quoted first. */
enum err_kind body_put_text(
    struct body *body, const char *key, const char *text, struct err *err);
/* The same with the text of a JSON value. */
enum err_kind body_put_json(
    struct body *body, const char *key, const char *json, struct err *err);
/*
 * Put the fields of request->extra_json, then those of request->sets over what is there,
 * as the user's. A set's value is JSON when it reads as JSON, else a text. ERR_USAGE for
 * what is none, and for submit_id.
 */
enum err_kind body_put_users(
    struct body *body, const struct service_request *request, struct err *err);
/* The whole as JSON, malloc'ed. ERR_USAGE: it is too long. */
enum err_kind body_print(const struct body *body, char **ret_text, struct err *err);

/* ERR_USAGE for an id, kind, prompt, model, ratio or duration that no submit has. */
enum err_kind body_check_request(const struct service_request *request, struct err *err);
