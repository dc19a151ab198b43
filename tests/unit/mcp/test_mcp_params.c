#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mcp/params.h"

static const char *const *words(void)
{
	static const char *const list[] = { "all", "any", NULL };

	return list;
}

static const struct param params[] = {
	{ "ids", PARAM_IDS, .is_required = true },
	{ "id", PARAM_ID, .min = 0 },
	{ "text", PARAM_TEXT, .min = 1, .max = 3 },
	{ "n", PARAM_INTEGER, .min = 0, .max = 40, .otherwise = 30 },
	{ "until", PARAM_CHOICE, .choices = words, .description = "when" },
	{ .name = NULL },
};

static void arguments_are_judged(void **state)
{
	static const struct {
		const char *arguments;
		const char *why; /* a part of it; NULL: they are good */
	} rows[] = {
		{ "{}", "'ids' is needed" },
		{ "{\"ids\":[\"a\"]}", NULL },
		{ "{\"ids\":[]}", "'ids' must be" },
		{ "{\"ids\":[1]}", "'ids' must be" },
		{ "{\"ids\":[\"a/b\"]}", "'ids' must be" },
		{ "{\"ids\":[\"\"]}", "'ids' must be" },
		{ "{\"ids\":{\"a\":\"b\"}}", "'ids' must be" },
		{ "{\"ids\":null}", "'ids' must be" },
		{ "{\"ids\":[\"a\"],\"id\":\"b_-9\"}", NULL },
		{ "{\"ids\":[\"a\"],\"id\":"
		  "\"12345678901234567890123456789012345678901234567890"
		  "123456789012345\"}",
		    "'id' must be" },
		{ "{\"ids\":[\"a\"],\"text\":\"小猫咪\"}", NULL },
		{ "{\"ids\":[\"a\"],\"text\":\"abcd\"}", "'text' must be" },
		{ "{\"ids\":[\"a\"],\"text\":\"\"}", "'text' must be" },
		{ "{\"ids\":[\"a\"],\"n\":40}", NULL },
		{ "{\"ids\":[\"a\"],\"n\":41}", "from 0 to 40" },
		{ "{\"ids\":[\"a\"],\"n\":-1}", "from 0 to 40" },
		{ "{\"ids\":[\"a\"],\"n\":1e300}", "from 0 to 40" },
		{ "{\"ids\":[\"a\"],\"n\":\"1\"}", "from 0 to 40" },
		{ "{\"ids\":[\"a\"],\"until\":\"any\"}", NULL },
		{ "{\"ids\":[\"a\"],\"until\":\"Any\"}", "'until' must be" },
		{ "{\"ids\":[\"a\"],\"\xe2\x80\xae\":1}", "there is no argument '?'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		cJSON *arguments = cJSON_Parse(rows[i].arguments);
		char why[200];

		assert_non_null(arguments);
		if (params_check(params, arguments, why))
			assert_null(rows[i].why);
		else
			assert_non_null(rows[i].why ? strstr(why, rows[i].why) : NULL);
		cJSON_Delete(arguments);
	}
}

static void what_is_not_given_is_otherwise(void **state)
{
	cJSON *arguments = cJSON_Parse("{\"ids\":[\"a\",\"b\",\"a\"],\"n\":7}");
	const char *ids[PARAM_IDS_MAX];

	(void)state;
	assert_int_equal(params_integer(params, arguments, "n"), 7);
	assert_int_equal(params_integer(params, NULL, "n"), 30);
	assert_null(params_text(arguments, "until"));
	assert_int_equal(params_ids(arguments, ids), 2);
	assert_string_equal(ids[1], "b");
	cJSON_Delete(arguments);
}

static void the_schema_says_the_same(void **state)
{
	cJSON *schema = params_schema(params);
	char *text = cJSON_PrintUnformatted(schema);

	(void)state;
	assert_string_equal(text,
	    "{\"type\":\"object\",\"properties\":{\"ids\":{\"type\":\"array\",\"items\":{"
	    "\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9_-]{1,64}$\"},\"minItems\":1,"
	    "\"maxItems\":50},\"id\":{\"type\":\"string\",\"pattern\":"
	    "\"^[A-Za-z0-9_-]{1,64}$\"},\"text\":{\"type\":\"string\",\"minLength\":1,"
	    "\"maxLength\":3},\"n\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":40,"
	    "\"default\":30},\"until\":{\"type\":\"string\",\"enum\":[\"all\",\"any\"],"
	    "\"description\":\"when\"}},\"required\":[\"ids\"],"
	    "\"additionalProperties\":false}");
	free(text);
	cJSON_Delete(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_judged),
		cmocka_unit_test(what_is_not_given_is_otherwise),
		cmocka_unit_test(the_schema_says_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
