/* A folder as a sink: what the suite of all sinks
 * (tests/conformance/sink/) does not ask. */
#include <fcntl.h>
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
#include "base/fs.h"
#include "base/hash.h"
#include "store/sink.h"

#include "sink_room.h"

static void a_file_comes_home(void **state)
{
	_cleanup_free_ char *expected = at(state, "a/b/x_0.gif");
	_cleanup_free_ char *path = store(state, "id.0", PICTURE("1"), "a/b/x_0.gif");
	struct stat st;

	assert_string_equal(path, expected);
	assert_picture(path, PICTURE("1"));
	assert_int_equal(count(state), 1); /* only the folder: no partial is left */
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_nlink, 1);
}

static void the_mode_follows_the_umask(void **state)
{
	static const mode_t masks[] = { 022, 027, 077, 002 };
	const mode_t before = umask(0);

	for (size_t i = 0; i < COUNT(masks); i++) {
		struct room *room = *state;
		_cleanup_free_ char *path = NULL;
		struct stat st;
		struct err err;
		char name[16];

		umask(masks[i]);
		sink_free(TAKE_PTR(room->sink));
		assert_int_equal(sink_open(room->path, &room->sink, &err), ERR_OK);
		(void)snprintf(name, sizeof(name), "x%zu.gif", i);
		path = store(state, "id.0", PICTURE("1"), name);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0666 & ~masks[i]);
	}
	umask(before);
}

static void nothing_is_overwritten(void **state)
{
	_cleanup_free_ char *mine = at(state, "x.gif");
	_cleanup_free_ char *link = at(state, "x-2.gif");
	_cleanup_free_ char *folder = at(state, "x-3.gif");
	_cleanup_free_ char *free_one = at(state, "x-4.gif");
	_cleanup_free_ char *path = NULL;

	put(mine, "precious");
	assert_int_equal(symlink("nowhere", link), 0);
	assert_int_equal(mkdir(folder, 0755), 0);
	path = store(state, "id.0", PICTURE("1"), "x.gif");
	assert_string_equal(path, free_one);
	assert_int_equal(fs_size(mine), 8);
}

static void links_do_not_lead_out(void **state)
{
	_cleanup_free_ char *link = at(state, "link");
	_cleanup_free_ char *file = at(state, "file");
	struct partial *p = begin(state, "id.0", 0);
	char outside[] = "/tmp/dreamq-outside-XXXXXX", *path = NULL;
	struct sealed sealed;
	struct err err;

	assert_non_null(mkdtemp(outside));
	write_picture(p, PICTURE("1"));
	assert_int_equal(steps_seal(p, &sealed, &err), ERR_OK);
	assert_int_equal(symlink(outside, link), 0);
	assert_int_equal(
	    partial_choose(p, "link/new/x.gif", &sealed, &path, &err), ERR_IO);
	assert_non_null(strstr(err.msg, "'link'"));
	put(file, "x");
	assert_int_equal(partial_choose(p, "file/x.gif", &sealed, &path, &err), ERR_IO);
	assert_null(path);
	partial_discard(p);
	assert_int_equal(rmdir(outside), 0); /* nothing was made there */
}

static void a_name_that_is_too_long_is_an_error(void **state)
{
	struct partial *p = begin(state, "id.0", 0);
	char name[300], *path = NULL;
	struct sealed sealed;
	struct err err;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	write_picture(p, PICTURE("1"));
	assert_int_equal(steps_seal(p, &sealed, &err), ERR_OK);
	assert_int_equal(partial_choose(p, name, &sealed, &path, &err), ERR_IO);
	name[100] = '/';
	assert_int_equal(partial_choose(p, name + 60, &sealed, &path, &err), ERR_OK);
	free(path);
	partial_discard(p);
}

static void roots(void **state)
{
	static const struct {
		const char *prefix, *suffix;
	} good[] = { { "", "" }, { "", "/" }, { "", "/new/deep" }, { "file:", "/f" },
		{ "file://", "/g" }, { "file://localhost", "/h" }, { "", "/图片" },
		{ "", "/a:b" } };
	const char *path = ((struct room *)*state)->path;
	struct err err;

	for (size_t i = 0; i < COUNT(good); i++) {
		_cleanup_free_ char *url = NULL;
		struct sink *sink = NULL;

		assert_true(
		    asprintf(&url, "%s%s%s", good[i].prefix, path, good[i].suffix) > 0);
		assert_int_equal(sink_open(url, &sink, &err), ERR_OK);
		assert_int_equal(strncmp(sink_place(sink), path, strlen(path)), 0);
		sink_free(sink);
	}
}

static void roots_that_are_refused(void **state)
{
	static const char *const bad[] = { "", "s3://bucket/x",
		"https://CANARY@host/?CANARY", "file://host/x", "file:" };
	_cleanup_free_ char *file = at(state, "file");
	_cleanup_free_ char *below = at(state, "file/x");
	struct sink *sink = NULL;
	struct err err;

	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(sink_open(bad[i], &sink, &err), ERR_USAGE);
		assert_null(strstr(err.msg, "CANARY"));
	}
	put(file, "x");
	assert_int_equal(sink_open(file, &sink, &err), ERR_IO);
	assert_non_null(strstr(err.msg, file));
	assert_int_equal(sink_open(below, &sink, &err), ERR_IO);
	assert_null(sink);
}

static void a_root_without_the_right_to_write(void **state)
{
	_cleanup_free_ char *folder = at(state, "readonly");
	struct sink *sink = NULL;
	struct err err;

	assert_int_equal(mkdir(folder, 0555), 0);
	if (geteuid() == 0) {
		/* Root may write anywhere but where nobody can. */
		assert_int_not_equal(sink_open("/proc/self", &sink, &err), ERR_OK);
	} else {
		assert_int_equal(sink_open(folder, &sink, &err), ERR_IO);
		assert_non_null(strstr(err.msg, folder));
	}
	assert_null(sink);
}

static void files_are_compared(void **state)
{
	_cleanup_free_ char *path = at(state, "f");
	_cleanup_free_ char *link = at(state, "link");
	_cleanup_free_ char *fifo = at(state, "fifo");
	char sha256[HASH_HEX_MAX];
	bool matches = false;
	struct err err;

	put(path, "hello");
	hash_text(HASH_SHA256, "hello", 5, sha256, &err);
	assert_int_equal(
	    stored_settle(sinks_of(state), path, 5, sha256, &matches, &err), ERR_OK);
	assert_true(matches);
	assert_int_equal(
	    stored_settle(sinks_of(state), path, 6, sha256, &matches, &err), ERR_OK);
	assert_false(matches);
	sha256[0] = sha256[0] == 'a' ? 'b' : 'a';
	assert_int_equal(
	    stored_settle(sinks_of(state), path, 5, sha256, &matches, &err), ERR_OK);
	assert_false(matches);
	assert_int_equal(symlink("nowhere", link), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	for (int i = 0; i < 3; i++) {
		matches = true;
		assert_int_equal(stored_settle(sinks_of(state),
				     i == 0	  ? link
					 : i == 1 ? fifo
						  : "/tmp",
				     0, sha256, &matches, &err),
		    ERR_OK);
		assert_false(matches);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define ROW(f) cmocka_unit_test_setup_teardown(f, make_room, remove_room)
		ROW(a_file_comes_home),
		ROW(the_mode_follows_the_umask),
		ROW(nothing_is_overwritten),
		ROW(links_do_not_lead_out),
		ROW(a_name_that_is_too_long_is_an_error),
		ROW(roots),
		ROW(roots_that_are_refused),
		ROW(a_root_without_the_right_to_write),
		ROW(files_are_compared),
#undef ROW
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
