#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mcp/http_mirror.h"

#define META "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}"

static void the_header_says_what_the_body_does(void **state)
{
	static const struct {
		const char *body; /* method and params */
		struct web_field fields[5];
		const char *wanted; /* the field that is wrong; NULL: none */
	} rows[] = {
		{ "\"tools/list\",\"params\":{" META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" },
			{ "mcp-method", "tools/list" } },
		    NULL },
		{ "\"tools/list\",\"params\":{" META "}",
		    { { "Mcp-Method", "tools/list" } }, "MCP-Protocol-Version" },
		{ "\"tools/list\",\"params\":{" META "}",
		    { { "MCP-Protocol-Version", "2025-11-25" },
			{ "Mcp-Method", "tools/list" } },
		    "MCP-Protocol-Version" },
		{ "\"tools/list\",\"params\":{" META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" } }, "Mcp-Method" },
		{ "\"tools/list\",\"params\":{" META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" },
			{ "Mcp-Method", "Tools/List" } },
		    "Mcp-Method" },
		{ "\"tools/list\",\"params\":{" META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" },
			{ "Mcp-Method", "tools/list" }, { "Mcp-Method", "tools/list" } },
		    "Mcp-Method" },
		{ "\"tools/call\",\"params\":{\"name\":\"x\"," META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" },
			{ "Mcp-Method", "tools/call" }, { "Mcp-Name", "x" } },
		    NULL },
		{ "\"tools/call\",\"params\":{\"name\":\"x\"," META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" },
			{ "Mcp-Method", "tools/call" } },
		    "Mcp-Name" },
		{ "\"tools/call\",\"params\":{\"name\":\"x\"," META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" },
			{ "Mcp-Method", "tools/call" }, { "Mcp-Name", "y" } },
		    "Mcp-Name" },
		{ "\"tools/call\",\"params\":{\"name\":\"即梦\"," META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" },
			{ "Mcp-Method", "tools/call" },
			{ "Mcp-Name", "=?base64?5Y2z5qKm?=" } },
		    NULL },
		{ "\"tools/call\",\"params\":{\"name\":\"即梦\"," META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" },
			{ "Mcp-Method", "tools/call" },
			{ "Mcp-Name", "=?base64?5Y2z5qKm" } },
		    "Mcp-Name" },
		{ "\"tools/call\",\"params\":{\"name\":\"即梦\"," META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" },
			{ "Mcp-Method", "tools/call" },
			{ "Mcp-Name", "=?BASE64?5Y2z5qKm?=" } },
		    "Mcp-Name" },
		{ "\"tools/call\",\"params\":{\"name\":\"x\"," META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" },
			{ "Mcp-Method", "tools/call" }, { "Mcp-Name", "=?base64?=" } },
		    "Mcp-Name" },
		{ "\"resources/read\",\"params\":{\"uri\":\"a:b\"," META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" },
			{ "Mcp-Method", "resources/read" }, { "Mcp-Name", "a:b" } },
		    NULL },
		{ "\"tasks/get\",\"params\":{\"taskId\":\"t\"," META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" },
			{ "Mcp-Method", "tasks/get" }, { "Mcp-Name", "u" } },
		    "Mcp-Name" },
		{ "\"tools/call\",\"params\":{\"name\":\"x\"," META "}",
		    { { "MCP-Protocol-Version", "2026-07-28" },
			{ "Mcp-Method", "tools/call" }, { "Mcp-Name", " x \t" } },
		    NULL },
		/* a body without it is refused for that, by who looks at the body */
		{ "\"tools/call\",\"params\":{}", { { "Mcp-Method", "tools/call" } },
		    NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct web_request request = { .n_fields = 0 };
		struct message message;
		const char *why = NULL, *fault;
		char line[500];

		(void)snprintf(line, sizeof(line),
		    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":%s}", rows[i].body);
		assert_int_equal(
		    message_read(line, strlen(line), &message, &why), RPC_OK);
		for (size_t f = 0; f < 5 && rows[i].fields[f].name; f++)
			request.fields[request.n_fields++] = rows[i].fields[f];
		fault = mirror_fault(&request, &message);
		if (!fault != !rows[i].wanted)
			print_error("row %zu: %s\n", i, fault ? fault : "passes");
		assert_true(!fault == !rows[i].wanted);
		if (fault)
			assert_non_null(strstr(fault, rows[i].wanted));
		message_release(&message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_says_what_the_body_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
