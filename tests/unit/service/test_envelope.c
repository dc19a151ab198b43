#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "service/jimeng/read/answer.h"

static struct answer *decode(const char *bytes, size_t len)
{
	struct answer *answer = NULL;
	struct err err = { .kind = ERR_OK };

	if (answer_decode(bytes, len, -1, &answer, &err))
		fail_msg("%s", err.msg);
	return answer;
}

static const struct {
	const char *text;
	enum err_kind kind;
} envelopes[] = {
	{ "", ERR_NET },
	{ " \r\n ", ERR_NET },
	{ "\xef\xbb\xbf", ERR_NET },
	{ "<html></html>", ERR_NET },
	{ "\n<!DOCTYPE html>", ERR_NET },
	{ "upstream connect error", ERR_CONTRACT },
	{ "[]", ERR_CONTRACT },
	{ "null", ERR_CONTRACT },
	{ "\"0\"", ERR_CONTRACT },
	{ "{}", ERR_CONTRACT },
	{ "{\"ret\":null}", ERR_CONTRACT },
	{ "{\"ret\":\"\"}", ERR_CONTRACT },
	{ "{\"ret\":[]}", ERR_CONTRACT },
	{ "{\"ret\":true}", ERR_CONTRACT },
	{ "{\"ret\":\"0\",\"ret\":\"0\"}", ERR_CONTRACT },
	{ "{\"ret\":\"0\",\"data\":7}", ERR_CONTRACT },
	{ "{\"ret\":\"0\",\"data\":\"x\"}", ERR_CONTRACT },
	{ "{\"ret\":\"0\"}{\"ret\":\"0\"}", ERR_CONTRACT },
	{ "{\"ret\":NaN}", ERR_CONTRACT },
	{ "{\"ret\":\"0\",\"data\":{\"a\":{},\"a\":{}}}", ERR_CONTRACT },
	{ "{\"ret\":\"0\",\"errmsg\":\"\xff\"}", ERR_OK },
	{ "{\"ret\":\"0\"}", ERR_OK },
	{ "\xef\xbb\xbf{\"ret\":0}\n", ERR_OK },
	{ "{\"ret\":-6,\"data\":7}", ERR_OK },
	{ "{\"ret\":\"0\",\"data\":[1,{},\"a\",[2,{\"b\":[]}] , null]}", ERR_OK },
	{ "{\"ret\":\"0\",\"errmsg\":7,\"logid\":[],\"systime\":{}}", ERR_OK },
};

static void envelopes_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(envelopes) / sizeof(*envelopes); i++) {
		_cleanup_(answer_freep) struct answer *answer = NULL;
		struct err err = { .kind = ERR_OK };

		print_message("# row %zu\n", i);
		assert_int_equal(answer_decode(envelopes[i].text,
				     strlen(envelopes[i].text), -1, &answer, &err),
		    envelopes[i].kind);
	}
}

static const struct {
	const char *fields;
	int64_t date_ms, server_ms;
} times[] = {
	{ "\"systime\":\"1757778133\"", -1, INT64_C(1757778133000) },
	{ "\"systime\":1757778133", -1, INT64_C(1757778133000) },
	{ "\"systime\":\"1790786145123\"", -1, INT64_C(1790786145123) },
	{ "\"svr_time\":1768097895", -1, INT64_C(1768097895000) },
	{ "\"sysTime\":\"1768097895\"", -1, INT64_C(1768097895000) },
	{ "\"systime\":\"soon\",\"svr_time\":1768097895", -1, INT64_C(1768097895000) },
	{ "\"systime\":0", INT64_C(1768097895000), INT64_C(1768097895000) },
	{ "\"systime\":\"99999999999999999\"", INT64_C(1768097895000),
	    INT64_C(1768097895000) },
	{ "\"systime\":{}", -1, -1 },
	{ "\"x\":1", INT64_C(1768097895000), INT64_C(1768097895000) },
	{ "\"x\":1", -1, -1 },
	{ "\"x\":1", 5, -1 },
};

static void the_servers_time_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		_cleanup_(answer_freep) struct answer *answer = NULL;
		char text[256];
		struct err err;

		print_message("# row %zu\n", i);
		(void)snprintf(text, sizeof(text), "{\"ret\":\"0\",%s}", times[i].fields);
		assert_int_equal(
		    answer_decode(text, strlen(text), times[i].date_ms, &answer, &err),
		    ERR_OK);
		assert_int_equal(answer_server_unix_ms(answer), times[i].server_ms);
	}
}

static void errors_carry_what_the_service_said(void **state)
{
	static const char text[] =
	    "{\"ret\":34010105,\"msg\":\"login\\u001b[31m error https://h.example/a?"
	    "x-signature=secretsecret\",\"log_id\":\"2026-XYZ\"}";
	_cleanup_(answer_freep) struct answer *answer = decode(text, sizeof(text) - 1);
	struct err err;

	(void)state;
	assert_int_equal(answer_error(answer, &err), ERR_AUTH);
	assert_non_null(strstr(err.msg, "'34010105'"));
	assert_non_null(strstr(err.msg, "2026-XYZ"));
	assert_null(strstr(err.msg, "secretsecret"));
	assert_null(strchr(err.msg, '\x1b'));
	assert_int_equal(answer_class(answer), RET_LOGIN);
}

static void long_texts_are_cut_between_characters(void **state)
{
	_cleanup_(buf_release) struct buf text = buf_make(1 << 20);
	_cleanup_(answer_freep) struct answer *answer = NULL;
	struct err err;

	(void)state;
	buf_addf(&text, "{\"ret\":\"1015\",\"errmsg\":\"a");
	for (int i = 0; i < 20000; i++)
		buf_addf(&text, "图");
	buf_addf(&text, "\"}");
	answer = decode(text.data, text.len);
	assert_int_equal(answer_error(answer, &err), ERR_AUTH);
	assert_non_null(strstr(err.msg, "图"));
	assert_null(strchr(err.msg, '?'));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(envelopes_are_told_apart),
		cmocka_unit_test(the_servers_time_is_found),
		cmocka_unit_test(errors_carry_what_the_service_said),
		cmocka_unit_test(long_texts_are_cut_between_characters),
	};

	return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
