/*
 * Files that appear whole or not at all, and leave what is there.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/term/outfile.h"

enum { TEXT_MAX = 1024 };

static size_t count_files(const char *folder)
{
	DIR *dir = opendir(folder);
	size_t n = 0;

	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));)
		n += entry->d_name[0] != '.' ? 1 : 0;
	assert_int_equal(closedir(dir), 0);
	return n;
}

static void a_file_appears_whole_or_not_at_all(void **state)
{
	char folder[] = "cli-out-XXXXXX", path[64];
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	struct outfile file = { 0 };
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/x", folder);
	assert_int_equal(outfile_open(path, false, &file, &err), ERR_OK);
	assert_true(fputs("new", file.stream) >= 0);
	assert_false(fs_exists(path));
	outfile_release(&file);
	assert_int_equal(count_files(folder), 0);
	for (int round = 0; round < 2; round++) { /* the second replaces the first */
		assert_int_equal(outfile_open(path, round > 0, &file, &err), ERR_OK);
		assert_true(fputs(round ? "second" : "first", file.stream) >= 0);
		assert_int_equal(outfile_commit(&file, &err), ERR_OK);
		assert_int_equal(count_files(folder), 1);
	}
	assert_int_equal(fs_read_all(path, &text, &err), ERR_OK);
	assert_string_equal(text.data, "second");
	assert_int_equal(outfile_open(folder, true, &file, &err), ERR_USAGE);
	assert_int_equal(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s/no/x", folder);
	assert_int_equal(outfile_open(path, false, &file, &err), ERR_IO);
	assert_non_null(strstr(err.msg, path));
	assert_int_equal(rmdir(folder), 0);
}

static void what_is_there_stays(void **state)
{
	char folder[] = "cli-stays-XXXXXX", path[64];
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	struct outfile file = { 0 };
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/x", folder);
	assert_int_equal(outfile_open(path, false, &file, &err), ERR_OK);
	assert_true(fputs("ours", file.stream) >= 0);
	/* It comes while ours is being written. */
	assert_int_equal(fs_write_atomic(path, "theirs", 6, 0644, &err), ERR_OK);
	assert_int_equal(outfile_commit(&file, &err), ERR_USAGE);
	assert_non_null(strstr(err.msg, "--force"));
	assert_int_equal(outfile_open(path, false, &file, &err), ERR_USAGE);
	assert_int_equal(fs_read_all(path, &text, &err), ERR_OK);
	assert_string_equal(text.data, "theirs");
	assert_int_equal(count_files(folder), 1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_appears_whole_or_not_at_all),
		cmocka_unit_test(what_is_there_stays),
	};

	return cmocka_run_group_tests_name("cli_outfile", tests, NULL, NULL);
}
