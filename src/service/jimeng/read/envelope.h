/*
 * envelope.h - the outside of every answer of the service: code, text, log
 * id, time, and where `data` lies (PROTOCOL B2).
 *
 * The names differ by family (errmsg or msg, logid or log_id or logId, systime
 * or svr_time, seconds or milliseconds); all of them are read everywhere.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"

enum {
	ENVELOPE_MEMBERS_MAX = 256,
	ENVELOPE_TEXT_MAX = 160, /* bytes of the server's text that are kept */
};

/* Owns a copy of the bytes; `data` points into it. A zeroed one owns nothing. */
struct envelope {
	char *bytes;
	size_t len;
	char ret[24]; /* as text, also when it came as a number */
	char text[ENVELOPE_TEXT_MAX + 1]; /* printable, redacted; "" none */
	char log_id[65]; /* "" none */
	int64_t server_unix_ms; /* -1 unknown */
	struct json_slice data; /* len 0: absent or null */
	struct json_tape tape; /* of the bytes; may be empty */
	size_t data_token; /* of `data` on it; 0 none */
	unsigned mistyped; /* fields of a wrong type, treated as absent */
	size_t mended; /* what can't be read, written over (json_mend) */
};

/*
 * `date_unix_ms` (the Date header, -1 none) serves when the body tells no
 * time. Empty or HTML: ERR_NET. Not JSON, not an object, no `ret`: ERR_CONTRACT. What is
 * broken within a record, or beside `data`, costs no more than itself.
 */
enum err_kind envelope_read(const char *bytes, size_t len, int64_t date_unix_ms,
    struct envelope *ret_envelope, struct err *err);
void envelope_release(struct envelope *envelope);

/*
 * Returns ERR_OK for ret "0"; else kind by class, and a sentence with code, text and log
 * id.
 */
enum err_kind envelope_error(const struct envelope *envelope, struct err *err);
