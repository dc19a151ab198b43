/* What the front of services (service.h) does for all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "service/service_ops.h"

/* --- a login in a file ----------------------------------------------------------- */

static void write_file(const char *path, const char *bytes, size_t len, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static enum err_kind load(const char *path, char **ret_cookie, struct err *err)
{
	struct service_settings *settings;
	enum err_kind kind;
	int64_t expires = 0;

	assert_int_equal(service_settings_new(&service_jimeng, &settings, err), ERR_OK);
	kind = service_load_credential(
	    &service_jimeng, settings, path, ret_cookie, &expires, err);
	service_settings_free(&service_jimeng, settings);
	return kind;
}

static void files_are_private(void **state)
{
	char path[] = "cookie-XXXXXX";
	const int fd = mkstemp(path);
	char *cookie = NULL;
	struct err err;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	write_file(path, "sessionid=abc\n", 14, 0600);
	assert_int_equal(load(path, &cookie, &err), ERR_OK);
	assert_string_equal(cookie, "sessionid=abc");
	free(cookie);
	cookie = NULL;
	write_file(path, "sessionid=abc\n", 14, 0644);
	assert_int_equal(load(path, &cookie, &err), ERR_AUTH);
	assert_non_null(strstr(err.msg, path));
	write_file(path, "sessionid=a\0c\n", 14, 0600);
	assert_int_equal(load(path, &cookie, &err), ERR_AUTH);
	write_file(path, "", 0, 0600);
	assert_int_equal(load(path, &cookie, &err), ERR_AUTH);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(load(path, &cookie, &err), ERR_AUTH);
	assert_non_null(strstr(err.msg, path));
	assert_int_equal(load(NULL, &cookie, &err), ERR_AUTH);
	assert_null(cookie);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_private),
	};

	return cmocka_run_group_tests_name("service_front", tests, NULL, NULL);
}
