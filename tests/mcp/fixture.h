/*
 * fixture.h - what the conformance suite of the protocol asks a server for, answered by
 * the server's own parts: its frames, eras, transport and table of methods. Its tools,
 * prompts and resources are these, and nobody else's. Of one thread.
 */
#pragma once

#include "mcp/method.h"

/* Does the tool of that name, as tools/call. False: there is none. */
bool fixture_call(struct request *request, const char *name);
/* Puts the tools' rows there; the caller frees it. */
cJSON *fixture_tools(void);
/* Hears what a client answers to a request of ours. */
void fixture_response(struct peer *peer, const struct message *message);
/* Returns the params' member, in whatever comes; NULL: there is none. */
const cJSON *fixture_param(const struct request *request, const char *name);
/* Takes text of JSON as a result. */
void fixture_reply(struct request *request, const char *json);
