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

static int make_room(void **state)
{
	char *folder = strdup("/tmp/dreamq-fs-XXXXXX");

	*state = folder && mkdtemp(folder) ? folder : NULL;
	return *state ? 0 : -1;
}

static int remove_room(void **state)
{
	_cleanup_free_ char *folder = *state;
	_cleanup_free_ char *command = NULL;

	return asprintf(&command, "rm -rf '%s'", folder) < 0 || system(command) ? -1 : 0;
}

static char *at(void **state, const char *name)
{
	return fs_join(*state, name);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void assert_holds(const char *path, const char *text)
{
	_cleanup_(buf_release) struct buf b = buf_make(1000);
	struct err err;

	assert_int_equal(fs_read_all(path, &b, &err), ERR_OK);
	assert_string_equal(b.data, text);
}

static void reads_up_to_the_ceiling(void **state)
{
	_cleanup_free_ char *path = at(state, "f");
	_cleanup_(buf_release) struct buf fits = buf_make(5), small = buf_make(4);
	struct err err;

	put(path, "hello");
	assert_int_equal(fs_read_all(path, &fits, &err), ERR_OK);
	assert_string_equal(fits.data, "hello");
	assert_int_equal(fs_read_all(path, &small, &err), ERR_USAGE);
	assert_non_null(strstr(err.msg, path));
	assert_non_null(strstr(err.msg, "4 bytes"));
}

static void reads_a_large_file(void **state)
{
	_cleanup_free_ char *path = at(state, "large");
	_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
	struct err err;

	put(path, "");
	assert_int_equal(truncate(path, 1000000), 0);
	assert_int_equal(fs_read_all(path, &b, &err), ERR_OK);
	assert_int_equal(b.len, 1000000);
}

static void says_what_cannot_be_read(void **state)
{
	_cleanup_free_ char *missing = at(state, "missing");
	_cleanup_(buf_release) struct buf b = buf_make(5);
	struct err err;

	assert_int_equal(fs_read_all(missing, &b, &err), ERR_IO);
	assert_non_null(strstr(err.msg, missing));
	assert_int_equal(fs_read_all(*state, &b, &err), ERR_USAGE);
	assert_non_null(strstr(err.msg, "folder"));
	assert_int_equal(fs_read_all("", &b, &err), ERR_IO);
}

static void secrets_are_for_their_owner_only(void **state)
{
	static const struct {
		mode_t mode;
		bool is_good;
	} row[] = { { 0600, true }, { 0400, true }, { 0700, true }, { 0640, false },
		{ 0604, false }, { 0644, false }, { 0620, false }, { 0601, false },
		{ 0666, false } };
	_cleanup_free_ char *path = at(state, "cookie");
	struct err err;

	put(path, "sessionid=canary");
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		_cleanup_(buf_release) struct buf b = buf_make(100);

		assert_int_equal(chmod(path, row[i].mode), 0);
		if (row[i].is_good) {
			assert_int_equal(fs_read_secret(path, &b, &err), ERR_OK);
			assert_string_equal(b.data, "sessionid=canary");
			continue;
		}
		assert_int_equal(fs_read_secret(path, &b, &err), ERR_AUTH);
		assert_int_equal(b.len, 0);
		assert_non_null(strstr(err.msg, path));
		assert_non_null(strstr(err.msg, "chmod 600"));
		assert_null(strstr(err.msg, "canary"));
	}
}

/* skip() leaves without cleaning up: nothing may be owned before it. */
static void a_strangers_secret_is_refused(void **state)
{
	if (geteuid() != 0)
		skip();
	_cleanup_free_ char *path = at(state, "cookie");
	_cleanup_(buf_release) struct buf b = buf_make(100);
	struct err err;

	put(path, "x");
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(chown(path, 12345, 12345), 0);
	assert_int_equal(fs_read_secret(path, &b, &err), ERR_AUTH);
	assert_non_null(strstr(err.msg, "12345"));
}

static void writing_replaces_at_once(void **state)
{
	_cleanup_free_ char *path = at(state, "f");
	struct stat st;
	struct err err;

	assert_int_equal(fs_write_atomic(path, "one", 3, 0600, &err), ERR_OK);
	assert_int_equal(fs_write_atomic(path, "second", 6, 0640, &err), ERR_OK);
	assert_holds(path, "second");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(fs_write_atomic(path, "", 0, 0600, &err), ERR_OK);
	assert_int_equal(fs_size(path), 0);
}

static void a_failed_write_leaves_nothing(void **state)
{
	_cleanup_free_ char *folder = at(state, "folder");
	_cleanup_free_ char *inside = at(state, "folder/x");
	_cleanup_free_ char *missing = at(state, "none/f");
	struct err err;

	assert_int_equal(fs_write_atomic(missing, "x", 1, 0600, &err), ERR_IO);
	assert_int_equal(mkdir(folder, 0755), 0);
	put(inside, "x");
	assert_int_equal(fs_write_atomic(folder, "x", 1, 0600, &err), ERR_IO);
	assert_int_equal(unlink(inside), 0);
	assert_int_equal(rmdir(folder), 0);
	/* No temporary file is left: the room can be removed as an empty folder. */
	assert_int_equal(rmdir(*state), 0);
	assert_int_equal(mkdir(*state, 0700), 0);
}

static void folders_are_made_in_depth(void **state)
{
	static const char *const names[] = { "a", "a/b/c", "a//d/", "./e/../f", "图/片" };
	struct stat st;
	struct err err;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		_cleanup_free_ char *path = at(state, names[i]);

		assert_int_equal(fs_make_folders(path, 0755, &err), ERR_OK);
		assert_int_equal(fs_make_folders(path, 0755, &err), ERR_OK);
		assert_int_equal(stat(path, &st), 0);
		assert_true(S_ISDIR(st.st_mode));
	}
	assert_int_equal(fs_make_folders("/", 0755, &err), ERR_OK);
	assert_int_equal(fs_make_folders(".", 0755, &err), ERR_OK);
	assert_int_equal(fs_make_folders("", 0755, &err), ERR_USAGE);
}

static void a_file_in_the_way_is_named(void **state)
{
	_cleanup_free_ char *file = at(state, "file");
	_cleanup_free_ char *below = at(state, "file/b/c");
	_cleanup_free_ char *dangling = at(state, "link");
	struct err err;

	put(file, "x");
	assert_int_equal(fs_make_folders(file, 0755, &err), ERR_IO);
	assert_non_null(strstr(err.msg, file));
	assert_int_equal(fs_make_folders(below, 0755, &err), ERR_IO);
	assert_non_null(strstr(err.msg, file));
	assert_int_equal(fs_make_parent(below, 0755, &err), ERR_IO);
	assert_int_equal(symlink("nowhere", dangling), 0);
	assert_int_equal(fs_make_folders(dangling, 0755, &err), ERR_IO);
}

static void parents_are_found(void **state)
{
	_cleanup_free_ char *deep = at(state, "p/q/file");
	_cleanup_free_ char *parent = at(state, "p/q");
	struct err err;

	assert_int_equal(fs_make_parent(deep, 0755, &err), ERR_OK);
	assert_true(fs_exists(parent));
	assert_false(fs_exists(deep));
	assert_int_equal(fs_make_parent("file", 0755, &err), ERR_OK);
	assert_int_equal(fs_make_parent("/file", 0755, &err), ERR_OK);
	assert_int_equal(fs_make_parent("//file", 0755, &err), ERR_OK);
	assert_int_equal(fs_sync_folder_of(deep, &err), ERR_OK);
	assert_int_equal(fs_sync_folder_of("file", &err), ERR_OK);
	assert_int_equal(fs_sync_folder_of("/nowhere/at/all", &err), ERR_IO);
}

static void rename_never_replaces(void **state)
{
	_cleanup_free_ char *from = at(state, "from");
	_cleanup_free_ char *to = at(state, "to");
	_cleanup_free_ char *dangling = at(state, "link");
	bool exists = true;
	struct err err;

	put(from, "new");
	assert_int_equal(fs_rename_new(from, to, &exists, &err), ERR_OK);
	assert_false(exists);
	assert_false(fs_exists(from));
	put(from, "other");
	assert_int_equal(fs_rename_new(from, to, &exists, &err), ERR_OK);
	assert_true(exists);
	assert_holds(to, "new");
	assert_holds(from, "other");
	assert_int_equal(symlink("nowhere", dangling), 0);
	exists = false;
	assert_int_equal(fs_rename_new(from, dangling, &exists, &err), ERR_OK);
	assert_true(exists);
	assert_int_equal(unlink(from), 0);
	assert_int_equal(unlink(to), 0);
	assert_int_equal(fs_rename_new(from, to, &exists, &err), ERR_IO);
}

static void sizes(void **state)
{
	_cleanup_free_ char *path = at(state, "f");
	_cleanup_free_ char *missing = at(state, "g");

	put(path, "12345");
	assert_int_equal(fs_size(path), 5);
	assert_int_equal(fs_size(missing), -1);
	assert_true(fs_exists(path));
	assert_false(fs_exists(missing));
	assert_true(fs_free_bytes(*state) > 0);
	assert_int_equal(fs_free_bytes(missing), -1);
}

static void paths_are_joined_and_made_absolute(void **state)
{
	static const struct {
		const char *folder, *name, *joined;
	} join[] = { { "a", "b", "a/b" }, { "a/", "b", "a/b" }, { "/", "b", "/b" },
		{ "", "b", "b" }, { "a", "", "a/" } };
	static const struct {
		const char *path, *full; /* NULL: as it is below the working directory */
	} absolute[] = { { "/a/b", "/a/b" }, { "/a//b/./c/", "/a/b/c" }, { "/", "/" },
		{ "//", "/" }, { "/a/../b", "/a/../b" },
		{ "/.hidden/..x/.", "/.hidden/..x" } };
	_cleanup_free_ char *cwd = getcwd(NULL, 0);
	_cleanup_free_ char *here = fs_absolute("./x/", &(struct err){ 0 });
	_cleanup_free_ char *expected = fs_join(cwd, "x");

	(void)state;
	for (size_t i = 0; i < sizeof(join) / sizeof(*join); i++) {
		_cleanup_free_ char *joined = fs_join(join[i].folder, join[i].name);

		assert_string_equal(joined, join[i].joined);
	}
	for (size_t i = 0; i < sizeof(absolute) / sizeof(*absolute); i++) {
		_cleanup_free_ char *full =
		    fs_absolute(absolute[i].path, &(struct err){ 0 });

		assert_string_equal(full, absolute[i].full);
	}
	assert_string_equal(here, expected);
}

static void closep_closes_once(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), copy = fd;

	(void)state;
	closep(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(fcntl(copy, F_GETFD), -1);
	closep(&fd);
}

static void a_path_is_below_a_folder(void **state)
{
	static const struct {
		const char *folder, *path, *below; /* NULL: it is elsewhere */
	} rows[] = {
		{ "/a/b", "/a/b/c", "c" },
		{ "/a/b", "/a/b/c/d", "c/d" },
		{ "/a/b/", "/a/b/c", "c" },
		{ "/", "/c", "c" },
		{ "/a/b", "/a/bc", NULL },
		{ "/a/b", "/a/b", NULL },
		{ "/a/b", "/a", NULL },
		{ "", "c", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *below = fs_below(rows[i].folder, rows[i].path);

		print_message("# %s, %s\n", rows[i].folder, rows[i].path);
		if (rows[i].below)
			assert_string_equal(below, rows[i].below);
		else
			assert_null(below);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define ROW(f) cmocka_unit_test_setup_teardown(f, make_room, remove_room)
		ROW(reads_up_to_the_ceiling),
		ROW(reads_a_large_file),
		ROW(says_what_cannot_be_read),
		ROW(secrets_are_for_their_owner_only),
		ROW(a_strangers_secret_is_refused),
		ROW(writing_replaces_at_once),
		ROW(a_failed_write_leaves_nothing),
		ROW(folders_are_made_in_depth),
		ROW(a_file_in_the_way_is_named),
		ROW(parents_are_found),
		ROW(rename_never_replaces),
		ROW(sizes),
		ROW(paths_are_joined_and_made_absolute),
		ROW(closep_closes_once),
		cmocka_unit_test(a_path_is_below_a_folder),
#undef ROW
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
