/* The client of the helpers: real ones, and such as misbehave. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "dreamq/thumbs.h"

static const char *const key =
    "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789";
static char folder[64], real_helper[4096];

static struct dq_thumbs *open_thumbs(int64_t timeout_ms)
{
	const struct dq_thumbs_options options = {
		.size_bytes = sizeof(options), .cache = folder, .timeout_ms = timeout_ms
	};
	struct dq_thumbs *thumbs = NULL;

	assert_int_equal(dq_thumbs_open(&options, &thumbs, NULL), DQ_OK);
	return thumbs;
}

static int open_fixture(const char *name)
{
	char path[4096];
	int fd;

	assert_true(
	    snprintf(path, sizeof(path), "%s/media/%s", getenv("FIXTURES"), name) > 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static int setup(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/dreamq-thumbs.XXXXXX");
	(void)snprintf(real_helper, sizeof(real_helper), "%s", getenv("DREAMQ_THUMB"));
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	(void)setenv("DREAMQ_THUMB", real_helper, 1);
	return system(command) == 0 ? 0 : -1; /* NOLINT(cert-env33-c): a fixed command */
}

/* A helper that is a line of shell. */
static void be_helper(const char *line)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/helper", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fprintf(file, "#!/bin/sh\n%s\n", line) > 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(setenv("DREAMQ_THUMB", path, 1), 0);
}

/* The only child that this process has is the helper: is it shut in? */
static void assert_shut_in(void)
{
	char path[128], line[256];
	bool is_seen = false;
	FILE *file;
	int pid = 0;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	file = fopen(path, "r");
	if (!file) /* not every kernel has that list */
		return;
	assert_int_equal(
	    fscanf(file, "%d", &pid), 1); /* NOLINT(cert-err34-c): the kernel's */
	(void)fclose(file);
	(void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		is_seen = is_seen || !strcmp(line, "Seccomp:\t2\n");
	(void)fclose(file);
	assert_true(is_seen);
}

static void test_pixels(void **state)
{
	struct dq_thumbs *thumbs = open_thumbs(0);
	struct dq_picture picture = { 0 };
	struct dq_error error = { 0 };
	int fd = open_fixture("picture.png");

	(void)state;
	for (int n = 0; n < 3; n++) { /* the same helper, the same descriptor */
		assert_int_equal(
		    dq_pixels(thumbs, fd, NULL, &(const struct dq_picture_size){ 8, 8 },
			&picture, &error),
		    DQ_OK);
		assert_int_equal(picture.width, 8);
		assert_int_equal(picture.height, 6);
		assert_int_equal(picture.length, 8 * 6 * 4);
		assert_shut_in();
		dq_picture_release(&picture);
	}
	assert_int_equal(dq_pixels(thumbs, fd, NULL,
			     &(const struct dq_picture_size){ 0, 8 }, &picture, &error),
	    DQ_USAGE);
	assert_int_equal(
	    dq_pixels(thumbs, fd, NULL, &(const struct dq_picture_size){ 8, 5000 },
		&picture, &error),
	    DQ_USAGE);
	/* The same as a file, of whatever size. */
	assert_int_equal(dq_webp(thumbs, fd, NULL,
			     &(const struct dq_picture_size){ 12, 12 }, &picture, &error),
	    DQ_OK);
	assert_int_equal(picture.width, 12);
	assert_memory_equal(picture.bytes, "RIFF", 4);
	dq_picture_release(&picture);
	assert_int_equal(
	    dq_webp(thumbs, fd, NULL, &(const struct dq_picture_size){ 8, 5000 },
		&picture, &error),
	    DQ_USAGE);
	(void)close(fd);
	dq_thumbs_close(thumbs);
}

/* Through the cache: the second time no helper is needed, nor the file. */
static void test_cache(void **state)
{
	struct dq_thumbs *thumbs = open_thumbs(0);
	struct dq_picture first = { 0 }, second = { 0 };
	int fd = open_fixture("picture.png");
	char path[256];
	struct stat about;

	(void)state;
	assert_int_equal(dq_thumb(thumbs, fd, key, &first, NULL), DQ_OK);
	assert_memory_equal(first.bytes, "RIFF", 4);
	(void)snprintf(path, sizeof(path), "%s/v1/ab/%s.320.webp", folder, key);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
	(void)snprintf(path, sizeof(path), "%s/v1/ab", folder);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0700);
	(void)snprintf(path, sizeof(path), "%s/CACHEDIR.TAG", folder);
	assert_int_equal(stat(path, &about), 0);
	dq_thumbs_close(thumbs);

	be_helper("exit 1");
	thumbs = open_thumbs(0);
	assert_int_equal(dq_thumb(thumbs, -1, key, &second, NULL), DQ_OK);
	assert_int_equal(second.length, first.length);
	assert_memory_equal(second.bytes, first.bytes, first.length);
	dq_picture_release(&second);

	/* One that was cut is none, and is made again. */
	(void)snprintf(path, sizeof(path), "%s/v1/ab/%s.320.webp", folder, key);
	assert_int_equal(truncate(path, 20), 0);
	assert_int_equal(setenv("DREAMQ_THUMB", real_helper, 1), 0);
	assert_int_equal(dq_thumb(thumbs, fd, key, &second, NULL), DQ_OK);
	assert_int_equal(second.length, first.length);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_size, (off_t)first.length);
	dq_picture_release(&first);
	dq_picture_release(&second);
	/* Small pixels come from there. */
	assert_int_equal(dq_pixels(thumbs, -1, key,
			     &(const struct dq_picture_size){ 4, 4 }, &first, NULL),
	    DQ_OK);
	assert_int_equal(first.width, 4);
	dq_picture_release(&first);
	/* What is no sha256 never becomes a name. */
	assert_int_equal(dq_thumb(thumbs, fd, "../../../../evil", &first, NULL), DQ_OK);
	dq_picture_release(&first);
	(void)close(fd);
	dq_thumbs_close(thumbs);
}

/* What was not wanted for long goes, once a day; the rest stays. */
static void test_old_ones_go(void **state)
{
	static const struct timespec long_ago[2] = { { .tv_sec = 1000000 },
		{ .tv_sec = 1000000 } };
	struct dq_thumbs *thumbs = open_thumbs(0);
	struct dq_picture picture = { 0 };
	int fd = open_fixture("picture.png");
	char path[256], tag[256];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/v1/ab/%s.320.webp", folder, key);
	(void)snprintf(tag, sizeof(tag), "%s/CACHEDIR.TAG", folder);
	assert_int_equal(dq_thumb(thumbs, fd, key, &picture, NULL), DQ_OK);
	dq_picture_release(&picture);
	assert_int_equal(utimensat(AT_FDCWD, path, long_ago, 0), 0);
	dq_thumbs_close(thumbs);
	assert_true(fs_exists(path)); /* cleaned today: the tag is new */
	assert_int_equal(utimensat(AT_FDCWD, tag, long_ago, 0), 0);
	dq_thumbs_close(open_thumbs(0));
	assert_false(fs_exists(path));
	assert_true(fs_exists(tag));
	(void)close(fd);
}

/* The helper dies, hangs or lies: a sentence, and the next picture works. */
static void test_bad_helpers(void **state)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{ "kill -SEGV $$", "was killed" },
		{ "exit 0", "was killed" },
		{ "exec sleep 30", "took too long" },
		{ "exec yes >&0", "no sound answer" },
		{ "exit 3", "seccomp" },
	};
	int fd = open_fixture("picture.png");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dq_thumbs *thumbs = open_thumbs(500);
		struct dq_picture picture = { 0 };
		struct dq_error error = { 0 };
		const int64_t begin_ms = clock_mono_ms();

		be_helper(rows[i].line);
		assert_int_not_equal(
		    dq_pixels(thumbs, fd, NULL, &(const struct dq_picture_size){ 8, 8 },
			&picture, &error),
		    DQ_OK);
		if (!strstr(error.message, rows[i].says))
			fail_msg("%s: %s", rows[i].line, error.message);
		assert_true(clock_mono_ms() - begin_ms < 5000);
		assert_int_equal(setenv("DREAMQ_THUMB", real_helper, 1), 0);
		assert_int_equal(
		    dq_pixels(thumbs, fd, NULL, &(const struct dq_picture_size){ 8, 8 },
			&picture, &error),
		    DQ_OK);
		dq_picture_release(&picture);
		dq_thumbs_close(thumbs);
	}
	(void)close(fd);
}

/* What killed a helper is not tried again, and neither is what is damaged. */
static void test_marks(void **state)
{
	struct dq_thumbs *thumbs = open_thumbs(0);
	struct dq_picture picture = { 0 };
	struct dq_error error = { 0 };
	int fd = open_fixture("picture.png");
	char path[256];

	(void)state;
	be_helper("kill -SEGV $$");
	assert_int_equal(dq_thumb(thumbs, fd, key, &picture, &error), DQ_FAILED);
	assert_int_equal(setenv("DREAMQ_THUMB", real_helper, 1), 0);
	assert_int_equal(dq_thumb(thumbs, fd, key, &picture, &error), DQ_FAILED);
	assert_non_null(strstr(error.message, "was killed"));
	/* Another version tries. */
	(void)snprintf(path, sizeof(path), "%s/v1/ab/%s.320.fail", folder, key);
	assert_true(fs_exists(path));
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(dq_thumb(thumbs, fd, key, &picture, &error), DQ_OK);
	dq_picture_release(&picture);
	(void)close(fd);
	dq_thumbs_close(thumbs);
}

/* Puts another number in the place of the mark's last one. */
static void write_mark_anew(const char *path, const char *made)
{
	char note[128] = "";
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	assert_non_null(fgets(note, sizeof(note), file));
	assert_non_null(strrchr(note, ' '));
	(void)stpcpy(strrchr(note, ' ') + 1, made);
	rewind(file);
	assert_true(fputs(note, file) >= 0);
	assert_int_equal(ftruncate(fileno(file), (off_t)strlen(note)), 0);
	assert_int_equal(fclose(file), 0);
}

/* A machine may have been slow, and a damaged file may have been put right. */
static void test_marks_end(void **state)
{
	struct dq_thumbs *thumbs = open_thumbs(0);
	struct dq_picture picture = { 0 };
	struct dq_error error = { 0 };
	int good = open_fixture("picture.png"), fd = memfd_create("cut", MFD_CLOEXEC);
	char path[256];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/v1/ab/%s.320.fail", folder, key);
	be_helper("kill -SEGV $$");
	assert_int_equal(dq_thumb(thumbs, good, key, &picture, &error), DQ_FAILED);
	assert_int_equal(setenv("DREAMQ_THUMB", real_helper, 1), 0);
	write_mark_anew(path, "1000000");
	assert_int_equal(dq_thumb(thumbs, good, key, &picture, &error), DQ_OK);
	dq_picture_release(&picture);
	(void)snprintf(path, sizeof(path), "%s/v1/ab/%s.320.webp", folder, key);
	assert_int_equal(unlink(path), 0);

	assert_int_equal(write(fd, "\x89PNG\r\n\x1a\n", 8), 8);
	assert_int_equal(dq_thumb(thumbs, fd, key, &picture, &error), DQ_FAILED);
	(void)snprintf(path, sizeof(path), "%s/v1/ab/%s.320.fail", folder, key);
	write_mark_anew(path, "1000000"); /* that never becomes better by itself */
	be_helper("kill -SEGV $$");
	assert_int_equal(dq_thumb(thumbs, fd, key, &picture, &error), DQ_FAILED);
	assert_non_null(strstr(error.message, "damaged"));
	assert_int_equal(setenv("DREAMQ_THUMB", real_helper, 1), 0);
	assert_int_equal(dq_thumb(thumbs, good, key, &picture, &error), DQ_OK);
	dq_picture_release(&picture);
	(void)close(good);
	(void)close(fd);
	dq_thumbs_close(thumbs);
}

static void test_no_helper(void **state)
{
	struct dq_thumbs *thumbs = open_thumbs(0);
	struct dq_picture picture = { 0 };
	struct dq_error error = { 0 };
	int fd = open_fixture("picture.png");

	(void)state;
	assert_int_equal(setenv("DREAMQ_THUMB", "/nowhere/at-all", 1), 0);
	assert_int_equal(dq_thumb(thumbs, fd, key, &picture, &error), DQ_STORAGE);
	assert_string_equal(
	    error.message, "DREAMQ_THUMB names '/nowhere/at-all', which can't be run");
	(void)close(fd);
	dq_thumbs_close(thumbs);
}

/* Hostile files through the real helper, which goes on. */
static void test_hostile(void **state)
{
	static const char bomb[] =
	    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0@\0\0\0@\0\1\0\0\0\0";
	struct dq_thumbs *thumbs = open_thumbs(0);
	struct dq_picture picture = { 0 };
	struct dq_error error = { 0 };
	int fd = memfd_create("bomb", MFD_CLOEXEC), good = open_fixture("lossy.webp");

	(void)state;
	assert_int_equal(write(fd, bomb, sizeof(bomb)), sizeof(bomb));
	for (int n = 0; n < 3; n++) {
		assert_int_equal(
		    dq_pixels(thumbs, fd, NULL, &(const struct dq_picture_size){ 8, 8 },
			&picture, &error),
		    DQ_FAILED);
		assert_int_equal(
		    dq_pixels(thumbs, good, NULL, &(const struct dq_picture_size){ 8, 8 },
			&picture, &error),
		    DQ_OK);
		dq_picture_release(&picture);
	}
	/* No descriptor at all, and one that can't be read. */
	assert_int_equal(dq_pixels(thumbs, -1, NULL,
			     &(const struct dq_picture_size){ 8, 8 }, &picture, &error),
	    DQ_FAILED);
	assert_int_equal(dq_pixels(thumbs, STDOUT_FILENO, NULL,
			     &(const struct dq_picture_size){ 8, 8 }, &picture, &error),
	    DQ_FAILED);
	assert_int_equal(dq_pixels(thumbs, good, NULL,
			     &(const struct dq_picture_size){ 8, 8 }, &picture, &error),
	    DQ_OK);
	dq_picture_release(&picture);
	(void)close(fd);
	(void)close(good);
	dq_thumbs_close(thumbs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pixels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cache, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old_ones_go, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_helpers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_marks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_marks_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_helper, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
