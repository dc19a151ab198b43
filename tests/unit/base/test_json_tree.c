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
#include "base/json.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void duplicates_are_refused_at_every_level(void **state)
{
	static const struct {
		const char *text, *says; /* NULL: fine */
	} row[] = {
		{ "{\"a\":1,\"A\":1,\"\":2}", NULL },
		{ "[{\"a\":1},{\"a\":1}]", NULL },
		{ "{\"a\":{\"a\":1}}", NULL },
		{ "{\"a\":1,\"a\":1}", "'a' is there twice" },
		{ "{\"a\":1,\"\\u0061\":1}", "'a' is there twice" },
		{ "{\"\":1,\"\":1}", "'' is there twice" },
		{ "{\"é\":1,\"\\u00e9\":1}", "'é' is there twice" },
		{ "{\"/\":1,\"\\/\":1}", "'/' is there twice" },
		{ "{\"x\":{\"y\":[0,{\"a\":1,\"b\":2,\"a\":3}]}}",
		    "'a' is there twice in 'x.y.[]'" },
		{ "[[],{},{\"p\":[]},{\"a\":1,\"a\":1}]", "'a' is there twice in '[]'" },
		{ "{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,"
		  "\"i\":0,\"j\":0,\"d\":0}",
		    "'d' is there twice" },
		{ "{\"\\u001b[31m\":1,\"\\u001b[31m\":1}", "'?[31m' is there twice" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_(json_deletep) cJSON *json = NULL;
		struct err err = { 0 };

		assert_int_equal(
		    json_parse(row[i].text, strlen(row[i].text), &json, &err),
		    row[i].says ? ERR_CONTRACT : ERR_OK);
		print_message("# %s\n", err.msg);
		if (row[i].says)
			assert_non_null(strstr(err.msg, row[i].says));
	}
}

static void a_tree_of_many_keys(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(1 << 22);
	_cleanup_(json_deletep) cJSON *json = NULL;
	struct err err;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addf(&b, "%s\"%d\":0", i ? "," : "[{", i);
	buf_addf(&b, ",\"777\":0}]");
	assert_int_equal(json_parse(b.data, b.len, &json, &err), ERR_CONTRACT);
	assert_non_null(strstr(err.msg, "'777' is there twice"));
	b.data[b.len - 8] = 'x';
	assert_int_equal(json_parse(b.data, b.len, &json, &err), ERR_OK);
}

static cJSON *tree(const char *text)
{
	cJSON *json = NULL;
	struct err err;

	assert_int_equal(json_parse(text, strlen(text), &json, &err), ERR_OK);
	return json;
}

static void integers(void **state)
{
	static const struct {
		const char *value;
		int64_t number;
		unsigned mistyped;
	} row[] = {
		{ "0", 0, 0 },
		{ "-6", -6, 0 },
		{ "50", 50, 0 },
		{ "34010105", 34010105, 0 },
		{ "1757778120.779", 1757778120, 0 },
		{ "9007199254740992", 9007199254740992, 0 },
		{ "1e3", 1000, 0 },
		{ "1e300", INT64_MAX, 0 },
		{ "-1e300", INT64_MIN, 0 },
		{ "1e999", INT64_MAX, 0 },
		{ "-1e999", INT64_MIN, 0 },
		{ "1e-300", 0, 0 },
		{ "99999999999999999999999999999", INT64_MAX, 0 },
		{ "\"0\"", 0, 0 },
		{ "\"-6\"", -6, 0 },
		{ "\"7548849513423963431\"", 7548849513423963431, 0 },
		{ "\"9223372036854775807\"", INT64_MAX, 0 },
		{ "\"-9223372036854775808\"", INT64_MIN, 0 },
		{ "\"9223372036854775808\"", -99, 1 },
		{ "\"99999999999999999999999\"", -99, 1 },
		{ "\"\"", -99, 1 },
		{ "\"-\"", -99, 1 },
		{ "\"+1\"", -99, 1 },
		{ "\" 1\"", -99, 1 },
		{ "\"1 \"", -99, 1 },
		{ "\"1.5\"", -99, 1 },
		{ "\"0x1\"", -99, 1 },
		{ "\"abc\"", -99, 1 },
		{ "true", -99, 1 },
		{ "[]", -99, 1 },
		{ "{}", -99, 1 },
		{ "null", -99, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_(json_deletep) cJSON *json = NULL;
		unsigned mistyped = 0;
		char text[100];

		(void)snprintf(text, sizeof(text), "{\"a\":{\"b\":%s}}", row[i].value);
		json = tree(text);
		print_message("# %s\n", row[i].value);
		assert_int_equal(
		    json_get_int(json, "a.b", -99, &mistyped), row[i].number);
		assert_int_equal(mistyped, row[i].mistyped);
		assert_int_equal(json_get_int(json, "a.b", -99, NULL), row[i].number);
	}
}

static void fractions(void **state)
{
	static const struct {
		const char *value;
		double number;
		unsigned mistyped;
	} row[] = {
		{ "1757778120.779", 1757778120.779, 0 },
		{ "-0.5", -0.5, 0 },
		{ "\"42\"", 42, 0 },
		{ "1e999", -1, 1 },
		{ "-1e999", -1, 1 },
		{ "\"nan\"", -1, 1 },
		{ "\"inf\"", -1, 1 },
		{ "true", -1, 1 },
		{ "null", -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_(json_deletep) cJSON *json = NULL;
		unsigned mistyped = 0;
		char text[100];

		(void)snprintf(text, sizeof(text), "{\"a\":%s}", row[i].value);
		json = tree(text);
		assert_true(json_get_double(json, "a", -1, &mistyped) == row[i].number);
		assert_int_equal(mistyped, row[i].mistyped);
	}
}

static void numbers_too_long_for_the_tree_are_refused(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(100000);
	cJSON *json = NULL;
	struct err err;

	(void)state;
	for (int n = 1; n <= 63; n++)
		buf_addf(&b, "9");
	assert_int_equal(json_parse(b.data, b.len, &json, &err), ERR_OK);
	json_deletep(&json);
	for (int n = 64; n < 70000; n++) {
		buf_addf(&b, "9");
		if (n < 70 || n > 69990)
			assert_int_equal(
			    json_parse(b.data, b.len, &json, &err), ERR_CONTRACT);
	}
}

static void readers_find_their_way(void **state)
{
	_cleanup_(json_deletep) cJSON *json =
	    tree("{\"s\":\"图\",\"n\":null,\"o\":{\"a\":[1,2],\"e\":\"\"},\"i\":5,"
		 "\"sx\":1,\"o.a\":7}");
	unsigned mistyped = 0;

	(void)state;
	assert_string_equal(json_get_string(json, "s", &mistyped), "图");
	assert_string_equal(json_get_string(json, "o.e", &mistyped), "");
	assert_null(json_get_string(json, "n", &mistyped));
	assert_null(json_get_string(json, "n.x.y", &mistyped));
	assert_null(json_get_string(json, "missing", &mistyped));
	assert_null(json_get_string(json, "missing.x", &mistyped));
	assert_null(json_get_string(json, "", &mistyped));
	assert_null(json_get_string(json, "S", &mistyped));
	assert_null(json_get_string(json, "o.", &mistyped));
	assert_null(json_get_string(NULL, "s", &mistyped));
	assert_non_null(json_get_array(json, "o.a", &mistyped));
	assert_non_null(json_get_object(json, "o", &mistyped));
	assert_non_null(json_find(json, "o.a"));
	assert_null(json_find(json, "n"));
	assert_int_equal(mistyped, 0);
	assert_null(json_get_string(json, "i", &mistyped));
	assert_int_equal(mistyped, 1);
	assert_null(json_get_array(json, "o", &mistyped));
	assert_int_equal(mistyped, 2);
	assert_null(json_get_object(json, "o.a", &mistyped));
	assert_int_equal(mistyped, 3);
	assert_int_equal(json_get_int(json, "s.x", -1, &mistyped), -1);
	assert_int_equal(mistyped, 4);
	assert_int_equal(json_get_int(json, "o.a.x", -1, &mistyped), -1);
	assert_int_equal(mistyped, 5);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(duplicates_are_refused_at_every_level),
		cmocka_unit_test(a_tree_of_many_keys),
		cmocka_unit_test(integers),
		cmocka_unit_test(fractions),
		cmocka_unit_test(numbers_too_long_for_the_tree_are_refused),
		cmocka_unit_test(readers_find_their_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
