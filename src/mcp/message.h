/*
 * message.h - a line as a message of JSON-RPC 2.0, or why it is none.
 *
 * Read strictly (base/json.h): one JSON value of valid UTF-8, not too deep, no key twice,
 * nothing behind it, at most MESSAGE_VALUES_MAX values. An id is a string or a whole
 * number, and is kept as it stood in the text: a number that is larger than a double can
 * say comes back as it came.
 */
#pragma once

#include <stddef.h>

#include <cjson/cJSON.h>

enum { MESSAGE_VALUES_MAX = 20000 };

/* The codes of JSON-RPC, and those that revision 2026-07-28 adds. */
enum rpc_code {
	RPC_OK = 0,
	RPC_PARSE = -32700,
	RPC_REQUEST = -32600,
	RPC_METHOD = -32601,
	RPC_PARAMS = -32602,
	RPC_INTERNAL = -32603,
	RPC_RESOURCE = -32002, /* of the older revisions: there is none */
	RPC_HEADER = -32020, /* of HTTP: the header says another thing than the body */
	RPC_CAPABILITY = -32021, /* the client has not declared what this needs */
	RPC_VERSION = -32022,
};

enum message_kind { MESSAGE_REQUEST, MESSAGE_NOTIFICATION, MESSAGE_RESPONSE };

struct message {
	enum message_kind kind;
	cJSON *json; /* all of it */
	const char *method; /* NULL: a response */
	const cJSON *params; /* an object; NULL: there are none */
	char *id; /* as it stood in the text; NULL: none */
	char *progress_token; /* params._meta.progressToken, the same */
	char *request_id; /* params.requestId, the same: which request is cancelled */
};

/*
 * RPC_OK; else why it is no message, with a sentence in *ret_why, and of *ret_message
 * the id alone, when it could be read. The caller releases it in any case.
 */
enum rpc_code message_read(
    const char *line, size_t len, struct message *ret_message, const char **ret_why);
void message_release(struct message *message);

/*
 * Returns an id, or a token, in one form for each value, to be compared: a string without
 * its escapes. malloc'ed; NULL: no memory.
 */
char *message_id_key(const char *raw);
