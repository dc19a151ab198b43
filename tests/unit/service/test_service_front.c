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

/* --- what a service leaves out --------------------------------------------------- */

static const char *const regions[] = { "here", "there", NULL };

/* Nobody asks it for anything here. */
static const struct service_ops bare = {
	.name = "bare",
	.regions = regions,
	.plain = { .address = "https://bare.example" },
};

static struct service_settings *bare_settings(const struct service_ops *ops)
{
	struct service_settings *settings;
	struct err err;

	assert_int_equal(service_settings_new(ops, &settings, &err), ERR_OK);
	return settings;
}

static void settings_are_plain(void **state)
{
	struct service_settings *settings = bare_settings(&bare);
	struct service_traits traits = service_traits_of(&bare, settings);

	(void)state;
	assert_string_equal(traits.address, "https://bare.example");
	assert_string_equal(traits.submit_address, "https://bare.example");
	assert_string_equal(traits.region, "here");
	assert_int_equal(traits.batch_max, 1);
	assert_int_equal(traits.assets_max, 256);
	assert_int_equal(traits.stall_seconds, 30);
	assert_int_equal(traits.slow_seconds, 60);
	assert_int_equal(traits.time_scale, 1);
	assert_string_equal(service_setting_name_at(&bare, 0), "api_base");
	assert_string_equal(service_setting_name_at(&bare, 1), "submit_base");
	assert_string_equal(service_setting_name_at(&bare, 2), "region");
	assert_null(service_setting_name_at(&bare, 3));
	service_settings_free(&bare, settings);
	service_settings_free(&bare, NULL);
}

static void what_is_given_counts(void **state)
{
	struct service_ops ops = bare;
	struct service_settings *settings;
	struct service_traits traits;

	(void)state;
	ops.plain = (struct service_traits){ NULL, "https://s.example", "there", NULL, 2,
		7, 8, 3, 4, 5, 6 };
	settings = bare_settings(&ops);
	traits = service_traits_of(&ops, settings);
	assert_string_equal(traits.address, ""); /* the user has to name it */
	assert_string_equal(traits.submit_address, "https://s.example");
	assert_string_equal(traits.region, "there");
	assert_int_equal(traits.batch_max, 2);
	assert_int_equal(traits.page_max, 7);
	assert_int_equal(traits.files_max, 8);
	assert_int_equal(traits.assets_max, 3);
	assert_int_equal(traits.stall_seconds, 4);
	assert_int_equal(traits.slow_seconds, 5);
	assert_int_equal(traits.time_scale, 6);
	service_settings_free(&ops, settings);
}

static void settings_can_be_set(void **state)
{
	static const struct {
		const char *name, *value, *message; /* NULL: it is taken */
	} rows[] = {
		{ "api_base", "https://a.example//", NULL },
		{ "api_base", "http://127.0.0.1:8", NULL },
		{ "api_base", "https://a.example/", NULL },
		{ "region", "there", NULL },
		{ "api_base", "http://a.example", "api_base" },
		{ "submit_base", "nowhere", "submit_base" },
		{ "region", "nowhere", "service 'bare' has no region 'nowhere'" },
		{ "regoin", "there", "did you mean 'region'?" },
		{ "something", "there", "there is no wire setting 'something'" },
	};
	struct service_settings *settings = bare_settings(&bare);
	struct service_traits traits;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const enum err_kind kind = service_settings_set(
		    &bare, settings, rows[i].name, rows[i].value, &err);

		print_message("# row %zu\n", i);
		assert_int_equal(kind, rows[i].message ? ERR_USAGE : ERR_OK);
		if (rows[i].message)
			assert_non_null(strstr(err.msg, rows[i].message));
	}
	traits = service_traits_of(&bare, settings);
	assert_string_equal(traits.address, "https://a.example");
	assert_string_equal(traits.submit_address, "https://a.example");
	assert_string_equal(traits.region, "there");
	service_settings_free(&bare, settings);
}

static void a_login_is_one_word(void **state)
{
	static char long_one[10000];
	static const struct {
		const char *text, *credential; /* NULL: refused */
	} rows[] = {
		{ "abc", "abc" },
		{ " \t\r\n a=b;c~ \r\n\n", "a=b;c~" },
		{ "", NULL },
		{ " \n", NULL },
		{ "two words", NULL },
		{ "two\nlines", NULL },
		{ "\x01", NULL },
		{ "caf\xc3\xa9", NULL },
		{ long_one, NULL },
	};

	(void)state;
	memset(long_one, 'a', sizeof(long_one) - 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *credential = NULL, *file;
		int64_t expires = -1;
		struct err err;
		const enum err_kind kind = service_read_credential(
		    &bare, NULL, rows[i].text, &credential, &expires, &err);

		print_message("# row %zu\n", i);
		assert_int_equal(kind, rows[i].credential ? ERR_OK : ERR_AUTH);
		if (kind) {
			assert_null(strstr(err.msg, "two"));
			assert_null(credential);
			continue;
		}
		assert_string_equal(credential, rows[i].credential);
		assert_int_equal(expires, 0);
		file = service_credential_as_file(&bare, NULL, credential, 0);
		assert_string_equal(file, credential);
		free(file);
		free(credential);
	}
}

static void an_absence_lasts_for_minutes(void **state)
{
	(void)state;
	assert_int_equal(service_absence_ms(&bare, false), 2 * 60 * 1000);
	assert_int_equal(service_absence_ms(&bare, true), 10 * 60 * 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_private),
		cmocka_unit_test(settings_are_plain),
		cmocka_unit_test(what_is_given_counts),
		cmocka_unit_test(settings_can_be_set),
		cmocka_unit_test(a_login_is_one_word),
		cmocka_unit_test(an_absence_lasts_for_minutes),
	};

	return cmocka_run_group_tests_name("service_front", tests, NULL, NULL);
}
