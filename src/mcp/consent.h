/*
 * consent.h - a person's yes, before a tool pays or removes something.
 *
 * The client shows a form with one box. How it is asked is the revision's: in 2026-07-28
 * our result asks, and the same call comes again with the answer and the paper that we
 * handed out (dreamq/consent.h), which is signed, bound to tool and arguments, and good
 * for ten minutes; before, we send a request and wait for its answer. Nothing in the
 * arguments is a consent.
 */
#pragma once

#include "dreamq/consent.h"
#include "mcp/answer.h"
#include "mcp/call.h"

struct question {
	const char *message; /* what a person reads */
	const char *box; /* what the box to tick says */
};

enum consent {
	CONSENT_GIVEN,
	CONSENT_DECLINED,
	CONSENT_UNANSWERED, /* nobody has answered in time */
	CONSENT_CANT_ASK, /* the client has no forms */
	CONSENT_ANSWERED, /* the answer is made: it asks, or is an error */
};

/* With CONSENT_GIVEN `ret_word` is what dq_submit.consent takes. */
enum consent consent_get(struct call *call, struct answer *answer,
    const struct question *question, char ret_word[DQ_CONSENT_MAX]);
