/* The same body with another id, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "service/service.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void another_id_and_nothing_else(void **state)
{
	static const struct {
		const char *body, *renamed;
	} row[] = {
		{ "{\"prompt\":\"a\",\"submit_id\":\"old\"}",
		    "{\"prompt\":\"a\",\"submit_id\":\"new\"}" },
		{ "{\"subject_id\":\"default\",\"submit_id\":\"old\"}",
		    "{\"subject_id\":\"default\",\"submit_id\":\"new\"}" },
		{ "{\"subject_id\":\"old\",\"submit_id\":\"old\"}",
		    "{\"subject_id\":\"new\",\"submit_id\":\"new\"}" },
		{ "{\"prompt\":\"old\",\"x\":{\"submit_id\":\"old\"},\"submit_id\":"
		  "\"old\"}",
		    "{\"prompt\":\"old\",\"x\":{\"submit_id\":\"old\"},\"submit_id\":"
		    "\"new\"}" },
		{ "{\"seed\":12345678901234567890123,\"prompt\":\"\\u4e00\\n 只\","
		  "\"submit_id\":\"old\",\"list\":[1, 2]}",
		    "{\"seed\":12345678901234567890123,\"prompt\":\"\\u4e00\\n 只\","
		    "\"submit_id\":\"new\",\"list\":[1, 2]}" },
		{ "{}", "{}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_free_ char *renamed = NULL;
		struct err err;

		assert_int_equal(service_rename(&service_jimeng, row[i].body, "new", 1,
				     &renamed, &err),
		    ERR_OK);
		assert_string_equal(renamed, row[i].renamed);
	}
}

static void what_is_no_object_has_no_id(void **state)
{
	static const char *const bodies[] = { "", "[]", "{", "{\"a\":1}x",
		"{\"a\":1,\"a\":2}" };

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		char *renamed = NULL;
		struct err err;

		assert_int_equal(
		    service_rename(&service_jimeng, bodies[i], "new", 1, &renamed, &err),
		    ERR_CONTRACT);
		assert_null(renamed);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_id_and_nothing_else),
		cmocka_unit_test(what_is_no_object_has_no_id),
	};

	return cmocka_run_group_tests_name("rename", tests, NULL, NULL);
}
