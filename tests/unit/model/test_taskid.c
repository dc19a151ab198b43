#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/taskid.h"

static const char sixty_four[] =
    "0123456789012345678901234567890123456789012345678901234567890123";

static const struct {
	const char *id;
	bool is_valid, is_history;
} ids[] = {
	{ "a", true, false },
	{ "5cf3790f-5adb-42d6-adad-ba06071b18be", true, false },
	{ "25666395318786", true, true },
	{ "0", true, true },
	{ "A_z-09", true, false },
	{ "-", true, false },
	{ sixty_four, true, true },
	{ "01234567890123456789012345678901234567890123456789012345678901234", false,
	    false },
	{ "", false, false },
	{ NULL, false, false },
	{ " 1", false, false },
	{ "1 ", false, false },
	{ "1\n", false, false },
	{ "a.b", false, false },
	{ "../x", false, false },
	{ "a/b", false, false },
	{ "a\"b", false, false },
	{ "任务", false, false },
	{ "１２", false, false },
	{ "-1", true, false },
	{ "+1", false, false },
};

static void ids_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		print_message("# row %zu\n", i);
		assert_int_equal(taskid_is_valid(ids[i].id), ids[i].is_valid);
		assert_int_equal(taskid_is_history(ids[i].id), ids[i].is_history);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(ids_are_told_apart) };

	return cmocka_run_group_tests_name("taskid", tests, NULL, NULL);
}
