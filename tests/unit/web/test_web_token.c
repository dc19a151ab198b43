#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "web/token.h"

static void only_the_same_is_equal(void **state)
{
	static const struct {
		const char *ours, *theirs;
		bool wanted;
	} rows[] = {
		{ "abc", "abc", true },
		{ "abc", "abd", false },
		{ "abc", "ab", false },
		{ "abc", "abca", false },
		{ "abc", "abcabc", false },
		{ "abc", "", false },
		{ "", "", false },
		{ "", "a", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(
		    token_equal(rows[i].ours, rows[i].theirs), rows[i].wanted);
}

static void a_new_one_is_another(void **state)
{
	_cleanup_(secret_release) struct secret a = { NULL }, b = { NULL };
	struct err err;

	(void)state;
	assert_int_equal(token_make(&a, &err), ERR_OK);
	assert_int_equal(token_make(&b, &err), ERR_OK);
	assert_int_equal(strlen(a.text), TOKEN_MADE_BYTES);
	assert_int_equal(strspn(a.text, "0123456789abcdef"), TOKEN_MADE_BYTES);
	assert_string_not_equal(a.text, b.text);
}

static void a_file_has_it_in_its_first_line(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		enum err_kind wanted;
	} rows[] = {
		{ "abcdefghijklmnop\n", 0600, ERR_OK },
		{ "  abcdefghijklmnop \r\nmore\n", 0600, ERR_OK },
		{ "abcdefghijklmnop", 0400, ERR_OK },
		{ "abcdefghijklmnop\n", 0640, ERR_AUTH },
		{ "abcdefghijklmno\n", 0600, ERR_USAGE },
		{ "", 0600, ERR_USAGE },
		{ "abcdefgh ijklmnop\n", 0600, ERR_USAGE },
		{ "abcdefghijklmn\xc3\xa4p\n", 0600, ERR_USAGE },
	};
	char path[] = "/tmp/token-XXXXXX";
	const int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		_cleanup_(secret_release) struct secret token = { NULL };
		struct err err;

		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, rows[i].text, strlen(rows[i].text), 0),
		    strlen(rows[i].text));
		assert_int_equal(fchmod(fd, rows[i].mode), 0);
		assert_int_equal(token_read(path, &token, &err), rows[i].wanted);
		if (!rows[i].wanted)
			assert_string_equal(token.text, "abcdefghijklmnop");
	}
	(void)close(fd);
	(void)unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_same_is_equal),
		cmocka_unit_test(a_new_one_is_another),
		cmocka_unit_test(a_file_has_it_in_its_first_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
