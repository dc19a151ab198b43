/*
 * wish.h - what an agent wants made: as the library takes it, as a person is asked for
 * it, and as a command.
 *
 * Its idempotency key is the agent's, or made of the arguments: the same arguments are
 * the same task for ever, whoever cut the call or sent it twice. Who wants the same once
 * more says so with another `copy`.
 */
#pragma once

#include "dreamq/submit.h"
#include "mcp/call.h"
#include "mcp/params.h"

enum { WISH_KEY_BYTES = 201, WISH_KEY_MAX = 190 /* bytes of an agent's own */ };

struct wish {
	struct dq_submit submit; /* borrows from here and from the call */
	char key[WISH_KEY_BYTES];
	int64_t copy;
	/* Of a repeat: what is repeated. */
	const char *repeats;
	char *prompt, *kind; /* of that; owned; NULL: unknown */
};

#define WISH_KEY_PARAMS                                                          \
	{ "copy", PARAM_INTEGER, .min = 1, .max = 1000, .otherwise = 1,          \
		.description = "another number makes, and pays, another one of " \
			       "the same" },                                     \
	{                                                                        \
		"idempotency_key", PARAM_TEXT,                                   \
		    .min = 1, .max = WISH_KEY_MAX,                               \
		    .description = "made from the arguments when not given; "    \
				   "the same key is the same task"               \
	}

extern const struct param wish_params[], repeat_params[];

/* False: `ret_why` says what is wrong with the arguments. */
bool wish_make(struct call *call, struct wish *ret_wish, char ret_why[200]);
void wish_release(struct wish *wish);

/* Return what a person reads before a yes, and the command that does the same in a
 * terminal; malloc'ed; NULL: no memory, or a prompt too long for a command. */
char *wish_question(const struct wish *wish, const struct call *call, int64_t credits);
char *wish_command(const struct wish *wish, const struct call *call);
