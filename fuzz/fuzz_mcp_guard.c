/*
 * Whatever head of a request comes, with whatever body: what the guard lets pass has our
 * Host, the token, and one length; and a body whose header says another thing is refused.
 *
 * The input is lines: the target, then "name: value" each, then an empty one and a body.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mcp/http_mirror.h"
#include "web/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		__builtin_trap();
}

/* Cuts the line off that begins at *at; NULL: there is none. */
static char *next_line(char **at)
{
	char *line = *at, *end;

	if (!line)
		return NULL;
	end = strchr(line, '\n');
	*at = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return line;
}

/* As a server's parser hands fields on: names without ':', values without blanks before.
 */
static void read_fields(char **at, struct web_request *request)
{
	char *line;

	while ((line = next_line(at)) && *line) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon++ = '\0';
		colon += strspn(colon, " ");
		if (request->n_fields < WEB_FIELDS_MAX)
			request->fields[request->n_fields] =
			    (struct web_field){ line, colon };
		request->n_fields++;
	}
}

static void check_guard(const struct web_request *request)
{
	static const struct guard ours = { "127.0.0.1", 4747, "0123456789abcdef" };
	size_t hosts, tokens, lengths, codings, origins;
	const char *host = web_field(request, "host", &hosts);
	const char *token = web_field(request, "authorization", &tokens);
	const char *origin = web_field(request, "origin", &origins);
	const enum guard_verdict verdict =
	    guard_judge(&ours, request, GUARD_WANTS_DATA | GUARD_WANTS_BODY);

	require(guard_answer(verdict)->sentence != NULL);
	if (verdict)
		return;
	(void)web_field(request, "content-length", &lengths);
	(void)web_field(request, "transfer-encoding", &codings);
	require(request->target[0] == '/' && request->target[1] != '/');
	require(hosts == 1 && strlen(host) == strlen("127.0.0.1:4747"));
	require(!strcmp(host + strlen(host) - 5, ":4747"));
	require(tokens == 1 && strlen(token) == strlen("Bearer 0123456789abcdef"));
	require(!strcmp(token + strlen("Bearer "), "0123456789abcdef"));
	require(origins == 0 || !strncmp(origin, "http://", 7));
	require(lengths + codings <= 1);
}

/* A name in plain text is the same as the body's. */
static void check_mirror(const struct web_request *request, const char *body)
{
	struct message message;
	const char *why;
	const enum rpc_code code = message_read(body, strlen(body), &message, &why);
	const char *method = web_field(request, "Mcp-Method", NULL);

	if (code == RPC_OK && message.kind == MESSAGE_REQUEST &&
	    !mirror_fault(request, &message))
		require(method &&
		    (!strcmp(method, message.method) ||
			!strncmp(method, "=?base64?", 9)));
	message_release(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *at = text;
	struct web_request request = { .method = "POST" };

	require(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	request.target = next_line(&at);
	read_fields(&at, &request);
	check_guard(&request);
	(void)web_accepts(&request, "text/event-stream");
	if (at)
		check_mirror(&request, at);
	free(text);
	return 0;
}
