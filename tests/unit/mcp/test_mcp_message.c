#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "mcp/message.h"

static enum rpc_code read_line(const char *line, struct message *ret_message)
{
	const char *why = NULL;
	const enum rpc_code code = message_read(line, strlen(line), ret_message, &why);

	assert_non_null(why);
	return code;
}

static void what_is_no_message_has_its_code(void **state)
{
	static const struct {
		const char *line;
		enum rpc_code code;
		const char *id; /* that could be read */
	} rows[] = {
		{ "", RPC_PARSE, NULL },
		{ "{", RPC_PARSE, NULL },
		{ "{}{}", RPC_PARSE, NULL },
		{ "{\"jsonrpc\":\"2.0\",\"method\":\"\xff\"}", RPC_PARSE, NULL },
		{ "{\"jsonrpc\":\"2.0\",\"method\":\"\\ud800\"}", RPC_PARSE, NULL },
		{ "null", RPC_REQUEST, NULL },
		{ "[]", RPC_REQUEST, NULL },
		{ "{}", RPC_REQUEST, NULL },
		{ "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"m\"}", RPC_REQUEST, "1" },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1}", RPC_REQUEST, "1" },
		{ "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"m\"}", RPC_REQUEST,
		    NULL },
		{ "{\"jsonrpc\":\"2.0\",\"id\":-,\"method\":\"m\"}", RPC_PARSE, NULL },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1.0,\"method\":\"m\"}", RPC_REQUEST,
		    NULL },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":[]}", RPC_REQUEST, "1" },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":null}",
		    RPC_REQUEST, "1" },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{\"a\":1,"
		  "\"a\":2}}",
		    RPC_REQUEST, NULL },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"error\":{}}",
		    RPC_REQUEST, "1" },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{\"_meta\":{"
		  "\"progressToken\":1.5}}}",
		    RPC_REQUEST, "1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct message message;

		assert_int_equal(read_line(rows[i].line, &message), rows[i].code);
		if (rows[i].id)
			assert_string_equal(message.id, rows[i].id);
		else
			assert_null(message.id);
		message_release(&message);
	}
}

static void what_is_one_is_told_apart(void **state)
{
	static const struct {
		const char *line;
		enum message_kind kind;
		const char *id, *token;
	} rows[] = {
		{ "{\"jsonrpc\":\"2.0\",\"method\":\"m\"}", MESSAGE_NOTIFICATION, NULL,
		    NULL },
		{ "{\"jsonrpc\":\"2.0\",\"id\":\"\",\"method\":\"m\"}", MESSAGE_REQUEST,
		    "\"\"", NULL },
		{ " {\"id\" : 12345678901234567890 "
		  ",\"method\":\"m\",\"jsonrpc\":\"2.0\"} ",
		    MESSAGE_REQUEST, "12345678901234567890", NULL },
		{ "{\"jsonrpc\":\"2.0\",\"id\":\"\\u00e9\",\"result\":{}}",
		    MESSAGE_RESPONSE, "\"\\u00e9\"", NULL },
		{ "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"m\",\"params\":{\"_meta\":{"
		  "\"progressToken\":0}}}",
		    MESSAGE_REQUEST, "0", "0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct message message;

		assert_int_equal(read_line(rows[i].line, &message), RPC_OK);
		assert_int_equal(message.kind, rows[i].kind);
		if (rows[i].id)
			assert_string_equal(message.id, rows[i].id);
		else
			assert_null(message.id);
		if (rows[i].token)
			assert_string_equal(message.progress_token, rows[i].token);
		else
			assert_null(message.progress_token);
		message_release(&message);
	}
}

static void too_many_values_are_refused(void **state)
{
	struct buf line = buf_make(1 << 20);
	struct message message;

	(void)state;
	buf_addf(&line, "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":{\"a\":[0");
	for (int i = 0; i < 3 * MESSAGE_VALUES_MAX; i++)
		buf_addf(&line, ",0");
	buf_addf(&line, "]}}");
	assert_int_equal(read_line(line.data, &message), RPC_REQUEST);
	assert_null(message.json);
	message_release(&message);
	buf_release(&line);
}

static void ids_are_compared_by_what_they_mean(void **state)
{
	static const struct {
		const char *raw, *key;
	} rows[] = { { "1", "1" }, { "\"1\"", "\"1" }, { "\"w\"", "\"w" },
		{ "\"\\u0077\"", "\"w" }, { "\"\"", "\"" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *key = message_id_key(rows[i].raw);

		assert_string_equal(key, rows[i].key);
		free(key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_message_has_its_code),
		cmocka_unit_test(what_is_one_is_told_apart),
		cmocka_unit_test(too_many_values_are_refused),
		cmocka_unit_test(ids_are_compared_by_what_they_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
