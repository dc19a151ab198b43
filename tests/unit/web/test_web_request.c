#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/request.h"

static void fields_are_found_by_name(void **state)
{
	const struct web_request request = {
		.fields = { { "A", "1" }, { "b", "2" }, { "a", "3" } }, .n_fields = 3
	};
	size_t n;

	(void)state;
	assert_string_equal(web_field(&request, "a", &n), "1");
	assert_int_equal(n, 2);
	assert_string_equal(web_field(&request, "B", NULL), "2");
	assert_null(web_field(&request, "c", &n));
	assert_int_equal(n, 0);
}

static void types_have_parameters(void **state)
{
	static const struct {
		const char *value;
		bool wanted;
	} rows[] = {
		{ "text/css", true },
		{ " TEXT/css ; charset=x", true },
		{ "text/css;", true },
		{ "text/cs", false },
		{ "text/csss", false },
		{ "text/css, text/css", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(web_is_type(rows[i].value, "text/css"), rows[i].wanted);
}

static void a_range_accepts_what_lies_in_it(void **state)
{
	static const struct {
		struct web_field fields[2];
		size_t n;
		bool wanted;
	} rows[] = {
		{ { { "Host", "x" } }, 1, true }, /* says nothing of it */
		{ { { "Accept", "*/*" } }, 1, true },
		{ { { "Accept", "text/*" } }, 1, true },
		{ { { "Accept", "application/json,text/event-stream;q=0.5" } }, 1, true },
		{ { { "accept", "application/json" }, { "Accept", "text/event-stream" } },
		    2, true },
		{ { { "Accept", "application/json" } }, 1, false },
		{ { { "Accept", "text/html" } }, 1, false },
		{ { { "Accept", "image/*" } }, 1, false },
		{ { { "Accept", "" } }, 1, false },
		{ { { "Accept", ",,, ," } }, 1, false },
		{ { { "Accept", "text/*x" } }, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct web_request request = { .fields = { rows[i].fields[0],
							 rows[i].fields[1] },
			.n_fields = rows[i].n };

		assert_int_equal(
		    web_accepts(&request, "text/event-stream"), rows[i].wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_by_name),
		cmocka_unit_test(types_have_parameters),
		cmocka_unit_test(a_range_accepts_what_lies_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
