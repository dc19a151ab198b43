/*
 * A browser's login: what Chromium has encrypted (sealed by openssl(1), not by us), where
 * profiles lie, and copies that leave nothing behind. Whole databases:
 * tests/run/browser.t.
 */
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

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "core/browser/copy.h"
#include "core/browser/place.h"
#include "core/browser/unseal.h"

enum { SEALED_MAX = 64 };

static size_t from_hex(const char *hex, uint8_t into[SEALED_MAX])
{
	const size_t len = strlen(hex) / 2;

	assert_true(len <= SEALED_MAX);
	for (size_t i = 0; i < len; i++) {
		unsigned byte;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		into[i] = (uint8_t)byte;
	}
	return len;
}

/* --- sealed values ----------------------------------------------------------- */

#define HASHED                                                                           \
	"df9d7b22c613267c6729cf7117b929f2bee76ff671d478f3221a735237c63435aee023487b5eed" \
	"07b"                                                                            \
	"32b4d4d0b997793"

static const struct {
	const char *password; /* NULL: the fixed one */
	const char *sealed, *host;
	int version;
	const char *want; /* NULL: it stays closed */
} seals[] = {
	{ NULL, "00eb6e0b42c5e8dcb7bf57c6110af18d", ".jianying.com", 23, "abc" },
	{ NULL, HASHED, ".jianying.com", 24, "abc" },
	{ NULL, HASHED, ".jianying.com", 30, "abc" },
	{ NULL,
	    "df9d7b22c613267c6729cf7117b929f2bee76ff671d478f3221a735237c63435dc2af4744638"
	    "c7"
	    "2af8495b422331b320",
	    ".jianying.com", 24, "" },
	{ "ring",
	    "5cd5ecf20f9a5b26ebc25d6f4431848cdf82db4f4122528e369f0dc5fc618cd181905986ee4a"
	    "11"
	    "b4c665b3bbb286827f",
	    ".jianying.com", 24, "abc" },
	{ "another", HASHED, ".jianying.com", 24, NULL }, /* another password */
	{ NULL, HASHED, ".stranger.com", 24, NULL }, /* another's cookie */
	{ NULL, "00eb6e0b42c5e8dcb7bf57c6110af18d", ".jianying.com", 24, NULL },
	{ NULL, "00eb6e0b42c5e8dcb7bf57c6110af1", ".jianying.com", 23, NULL }, /* cut */
	{ NULL, "", ".jianying.com", 23, NULL },
};

static void sealed_values_open_with_their_key_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(seals) / sizeof(*seals); i++) {
		uint8_t key[UNSEAL_KEY_BYTES], bytes[SEALED_MAX];
		struct sealed sealed = { .bytes = bytes,
			.len = from_hex(seals[i].sealed, bytes),
			.host = seals[i].host,
			.version = seals[i].version };
		char value[64] = "untouched";
		struct err err;

		assert_int_equal(unseal_make_key(seals[i].password, key, &err), ERR_OK);
		if (seals[i].want) {
			assert_int_equal(
			    unseal(&sealed, key, value, sizeof(value), &err), ERR_OK);
			assert_string_equal(value, seals[i].want);
		} else {
			assert_int_equal(
			    unseal(&sealed, key, value, sizeof(value), &err), ERR_AUTH);
		}
	}
}

static void a_value_that_is_too_long_is_refused(void **state)
{
	uint8_t key[UNSEAL_KEY_BYTES], bytes[SEALED_MAX];
	struct sealed sealed = { .bytes = bytes,
		.len = from_hex(HASHED, bytes),
		.host = ".jianying.com",
		.version = 24 };
	char value[4];
	struct err err;

	(void)state;
	assert_int_equal(unseal_make_key(NULL, key, &err), ERR_OK);
	assert_int_equal(unseal(&sealed, key, value, 3, &err), ERR_AUTH);
	assert_int_equal(unseal(&sealed, key, value, 4, &err), ERR_OK);
}

/* --- places ------------------------------------------------------------------ */

static int set_up(void **state)
{
	char *folder = strdup("/tmp/browser.XXXXXX");

	*state = folder;
	return !folder || !mkdtemp(folder) || setenv("HOME", folder, 1) ||
	    unsetenv("XDG_CONFIG_HOME");
}

static int tear_down(void **state)
{
	_cleanup_free_ char *folder = *state;
	char command[100];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command); /* NOLINT(cert-env33-c): a path of our own */
}

static void put(const char *home, const char *name, const char *text)
{
	_cleanup_free_ char *path = fs_join(home, name);
	struct err err;

	assert_int_equal(fs_make_parent(path, 0700, &err), ERR_OK);
	assert_int_equal(fs_write_atomic(path, text, strlen(text), 0600, &err), ERR_OK);
}

/* Which profile's file is found, below HOME; NULL: *err has `words`. */
static void check_place(const char *home, const char *browser, const char *profile,
    const char *want, const char *words)
{
	char path[PATH_MAX];
	struct err err = { 0 };

	assert_non_null(browser_find(browser));
	if (browser_place(browser_find(browser), profile, path, &err)) {
		assert_null(want);
		assert_non_null(strstr(err.msg, words));
		return;
	}
	assert_non_null(want);
	assert_string_equal(path + strlen(home) + 1, want);
}

static void firefox_opens_what_was_installed(void **state)
{
	const char *home = *state;

	check_place(home, "firefox", NULL, NULL, "no profile of Firefox was found");
	put(home, ".mozilla/firefox/profiles.ini",
	    "[Profile0]\r\nName=old\r\nIsRelative=1\r\nPath=a.old\r\nDefault=1\r\n\r\n"
	    "[Profile1]\nName=New One\nIsRelative=1\nPath=b.new\n\n"
	    "[InstallAB]\nDefault=b.new\nLocked=1\n");
	check_place(home, "firefox", NULL, NULL, "has no cookies yet");
	put(home, ".mozilla/firefox/a.old/cookies.sqlite", "x");
	put(home, ".mozilla/firefox/b.new/cookies.sqlite", "x");
	check_place(home, "firefox", NULL, ".mozilla/firefox/b.new/cookies.sqlite", NULL);
	check_place(
	    home, "firefox", "old", ".mozilla/firefox/a.old/cookies.sqlite", NULL);
	check_place(
	    home, "firefox", "new one", ".mozilla/firefox/b.new/cookies.sqlite", NULL);
	check_place(
	    home, "firefox", "a.old", ".mozilla/firefox/a.old/cookies.sqlite", NULL);
	check_place(home, "firefox", "none", NULL, "there are: old, New One");
}

static void chromium_opens_what_was_used_last(void **state)
{
	const char *home = *state;

	put(home, ".config/chromium/Default/Cookies", "x");
	check_place(home, "chromium", NULL, ".config/chromium/Default/Cookies", NULL);
	put(home, ".config/chromium/Local State", "{ nonsense");
	check_place(home, "chromium", NULL, ".config/chromium/Default/Cookies", NULL);
	put(home, ".config/chromium/Local State",
	    "{\"profile\":{\"last_used\":\"Profile "
	    "2\",\"info_cache\":{\"Default\":{\"name\":"
	    "\"A\"},\"Profile 2\":{\"name\":\"B\"}}}}");
	put(home, ".config/chromium/Profile 2/Network/Cookies", "x");
	check_place(
	    home, "chromium", NULL, ".config/chromium/Profile 2/Network/Cookies", NULL);
	check_place(home, "chromium", "A", ".config/chromium/Default/Cookies", NULL);
	check_place(home, "chrome", NULL, NULL, "no profile of Google Chrome");
	assert_null(browser_find("netscape"));
	assert_null(browser_find(""));
}

/* --- copies ------------------------------------------------------------------ */

static void a_copy_leaves_nothing_behind(void **state)
{
	const char *home = *state;
	_cleanup_free_ char *path = fs_join(home, "db");
	_cleanup_free_ char *none = fs_join(home, "none");
	struct browser_copy copy = { .folder = "" };
	char folder[PATH_MAX];
	struct stat st;
	struct err err;

	assert_int_equal(setenv("XDG_RUNTIME_DIR", home, 1), 0);
	put(home, "db", "main");
	put(home, "db-wal", "log");
	assert_int_equal(browser_copy_make(path, &copy, &err), ERR_OK);
	memcpy(folder, copy.folder, sizeof(folder));
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(fs_size(copy.path), 4);
	browser_copy_release(&copy);
	assert_false(fs_exists(folder));
	assert_int_equal(browser_copy_make(none, &copy, &err), ERR_IO);
	assert_string_equal(copy.folder, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealed_values_open_with_their_key_alone),
		cmocka_unit_test(a_value_that_is_too_long_is_refused),
		cmocka_unit_test_setup_teardown(
		    firefox_opens_what_was_installed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    chromium_opens_what_was_used_last, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_copy_leaves_nothing_behind, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("browser", tests, NULL, NULL);
}
