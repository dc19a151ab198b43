/*
 * guard.h - may this request be answered at all? Asked before anything else is looked at,
 * for every one.
 *
 * A server on loopback has these for neighbours: every page in every browser of the
 * machine, by a name that leads here (DNS rebinding) or from another port; other users;
 * and programs that read a request otherwise than we do. So the Host must be ours to the
 * letter, with our port; what a browser says of who asks must be ourselves; a token is
 * needed for whatever has data or does something; a body must be JSON, which no form can
 * send; and what has two lengths has none.
 *
 * Pure: a request in, a verdict out. Comparing the token takes as long for a wrong one as
 * for the right one.
 */
#pragma once

#include <stdint.h>

#include "web/request.h"

enum { GUARD_TOKEN_MAX = 128 };

struct guard {
	const char *address; /* the literal that we listen at: "127.0.0.1", "[::1]" */
	uint16_t port;
	const char *token; /* NULL: none is asked for */
};

/* What a request wants, as its row in the table of routes has it; or'ed. */
enum guard_wants {
	GUARD_WANTS_DATA = 1, /* the token is needed */
	GUARD_WANTS_BODY = 2, /* JSON */
};

enum guard_verdict {
	GUARD_PASSES,
	GUARD_FIELDS, /* too many */
	GUARD_TARGET, /* no path of ours, whoever decodes it */
	GUARD_LENGTH, /* two lengths, or a form of body that two may read differently */
	GUARD_HOST,
	GUARD_SITE, /* a browser, on behalf of another site */
	GUARD_ORIGIN,
	GUARD_TOKEN,
	GUARD_TYPE, /* a body that is not JSON */
};

enum guard_verdict guard_judge(
    const struct guard *guard, const struct web_request *request, unsigned wants);

struct guard_answer {
	unsigned status; /* of HTTP */
	const char *sentence; /* fixed: nothing of the request is in it */
};

/* How to answer what does not pass. */
const struct guard_answer *guard_answer(enum guard_verdict verdict);
