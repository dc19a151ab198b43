#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/hash.h"
#include "store/sink.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* The smallest GIF there is; PICTURE(c) are pictures that differ. */
#define PICTURE(c) "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1" c "\0;"
enum { PICTURE_LEN = sizeof(PICTURE("x")) - 1 };

struct room {
	char *path;
	struct sink *sink;
};

static int make_room(void **state)
{
	struct room *room = calloc(1, sizeof(*room));
	struct err err;

	room->path = strdup("/tmp/dreamq-sink-XXXXXX");
	*state = room;
	return mkdtemp(room->path) && !sink_open(room->path, &room->sink, &err) ? 0 : -1;
}

static int remove_room(void **state)
{
	_cleanup_free_ struct room *room = *state;
	_cleanup_free_ char *path = room->path;
	_cleanup_free_ char *command = NULL;

	sink_free(room->sink);
	return asprintf(&command, "rm -rf '%s'", path) < 0 || system(command) ? -1 : 0;
}

static char *at(void **state, const char *name)
{
	return fs_join(((struct room *)*state)->path, name);
}

static struct sink *sink_of(void **state)
{
	return ((struct room *)*state)->sink;
}

/* Files and folders in the room. */
static int count(void **state)
{
	DIR *dir = opendir(((struct room *)*state)->path);
	int n = -2;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static struct partial *begin(void **state, const char *key, uint64_t size)
{
	struct partial *p = NULL;
	uint64_t found = 99;
	struct err err;

	assert_int_equal(partial_begin(sink_of(state), key, &p, &found, &err), ERR_OK);
	assert_int_equal(found, size);
	return p;
}

static void write_picture(struct partial *p, const char *picture)
{
	struct err err;

	assert_int_equal(partial_write(p, picture, PICTURE_LEN, &err), ERR_OK);
}

/* A sealed partial with the picture, as `name`'s candidate. */
static char *choose(struct partial *p, const char *name, struct sealed *sealed)
{
	char *path = NULL;
	struct err err;

	assert_int_equal(partial_seal(p, sealed, &err), ERR_OK);
	assert_int_equal(partial_choose(p, name, sealed, &path, &err), ERR_OK);
	return path;
}

/* The whole way; returns where it went. */
static char *store(void **state, const char *key, const char *picture, const char *name)
{
	struct partial *p = begin(state, key, 0);
	struct sealed sealed;
	bool taken = true;
	struct err err;
	char *path;

	write_picture(p, picture);
	path = choose(p, name, &sealed);
	assert_int_equal(partial_commit(p, path, &sealed, &taken, &err), ERR_OK);
	assert_false(taken);
	partial_close(p);
	return path;
}

static void assert_picture(const char *path, const char *picture)
{
	_cleanup_(buf_release) struct buf b = buf_make(1000);
	struct err err;

	assert_int_equal(fs_read_all(path, &b, &err), ERR_OK);
	assert_int_equal(b.len, PICTURE_LEN);
	assert_memory_equal(b.data, picture, PICTURE_LEN);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

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

static void the_seal_tells_what_is_there(void **state)
{
	struct partial *p = begin(state, "id.0", 0);
	char sha256[HASH_HEX_MAX], md5[HASH_HEX_MAX];
	struct sealed sealed;
	struct err err;

	write_picture(p, PICTURE("1"));
	assert_int_equal(partial_seal(p, &sealed, &err), ERR_OK);
	hash_text(HASH_SHA256, PICTURE("1"), PICTURE_LEN, sha256, &err);
	hash_text(HASH_MD5, PICTURE("1"), PICTURE_LEN, md5, &err);
	assert_int_equal(sealed.size_bytes, PICTURE_LEN);
	assert_string_equal(sealed.sha256, sha256);
	assert_string_equal(sealed.md5, md5);
	assert_string_equal(sealed.type->format, "gif");
	partial_discard(p);
	assert_int_equal(count(state), 0);
}

static void large_files_are_hashed_whole(void **state)
{
	enum { SIZE = 3 * 1024 * 1024 + 17 };
	_cleanup_free_ char *bytes = calloc(1, SIZE);
	struct partial *p = begin(state, "id.0", 0);
	char sha256[HASH_HEX_MAX];
	struct sealed sealed;
	struct err err;

	memcpy(bytes, PICTURE("1"), PICTURE_LEN);
	bytes[SIZE - 1] = 'x';
	for (size_t n = 0; n < SIZE; n += 65537)
		assert_int_equal(partial_write(p, bytes + n,
				     SIZE - n < 65537 ? SIZE - n : 65537, &err),
		    ERR_OK);
	assert_int_equal(partial_seal(p, &sealed, &err), ERR_OK);
	hash_text(HASH_SHA256, bytes, SIZE, sha256, &err);
	assert_string_equal(sealed.sha256, sha256);
	partial_close(p);
}

static void bad_bytes_stay_in_the_partial(void **state)
{
	struct partial *p = begin(state, "id.0", 0);
	struct sealed sealed = { .size_bytes = 77 };
	struct err err;

	assert_int_equal(partial_write(p, "<html>", 6, &err), ERR_OK);
	assert_int_equal(partial_seal(p, &sealed, &err), ERR_CONTRACT);
	assert_non_null(strstr(err.msg, "HTML"));
	assert_int_equal(sealed.size_bytes, 77);
	partial_close(p);
	p = begin(state, "id.0", 6);
	assert_int_equal(partial_truncate(p, 0, &err), ERR_OK);
	write_picture(p, PICTURE("1"));
	assert_int_equal(partial_seal(p, &sealed, &err), ERR_OK);
	partial_close(p);
}

static void a_partial_goes_on_where_it_stopped(void **state)
{
	struct partial *p = begin(state, "id.0", 0);
	_cleanup_free_ char *hidden = at(state, ".dreamq-id.0.part");
	_cleanup_free_ char *path = NULL;
	struct sealed sealed;
	struct stat st;
	struct err err;

	assert_int_equal(partial_write(p, PICTURE("1"), 10, &err), ERR_OK);
	partial_close(p);
	assert_int_equal(stat(hidden, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	p = begin(state, "id.0", 10);
	assert_int_equal(partial_truncate(p, 11, &err), ERR_USAGE);
	assert_int_equal(partial_truncate(p, 7, &err), ERR_OK);
	assert_int_equal(
	    partial_write(p, &PICTURE("1")[7], PICTURE_LEN - 7, &err), ERR_OK);
	path = choose(p, "x.gif", &sealed);
	partial_close(p);
	assert_false(fs_exists(path)); /* choosing moves nothing */
}

static void nothing_written_leaves_nothing(void **state)
{
	partial_close(begin(state, "id.0", 0));
	assert_int_equal(count(state), 0);
	partial_close(NULL);
	partial_discard(NULL);
	sink_free(NULL);
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

static void the_same_bytes_need_no_second_file(void **state)
{
	_cleanup_free_ char *first = store(state, "id.0", PICTURE("1"), "x.gif");
	_cleanup_free_ char *again = store(state, "id.0", PICTURE("1"), "x.gif");
	_cleanup_free_ char *other = store(state, "id.0", PICTURE("2"), "x.gif");
	_cleanup_free_ char *other_again = store(state, "id.0", PICTURE("2"), "x.gif");

	assert_string_equal(first, again);
	assert_string_equal(other, other_again);
	assert_string_not_equal(first, other);
	assert_int_equal(count(state), 2);
}

static void a_name_that_is_taken_meanwhile(void **state)
{
	struct partial *p = begin(state, "id.0", 0);
	_cleanup_free_ char *path = NULL;
	_cleanup_free_ char *other = NULL;
	struct sealed sealed;
	bool taken = false;
	struct err err;

	write_picture(p, PICTURE("1"));
	path = choose(p, "x.gif", &sealed);
	put(path, "somebody else's");
	assert_int_equal(partial_commit(p, path, &sealed, &taken, &err), ERR_OK);
	assert_true(taken);
	assert_int_equal(fs_size(path), 15);
	assert_int_equal(partial_choose(p, "x.gif", &sealed, &other, &err), ERR_OK);
	assert_int_equal(partial_commit(p, other, &sealed, &taken, &err), ERR_OK);
	assert_false(taken);
	assert_picture(other, PICTURE("1"));
	partial_discard(p); /* committed: must not touch anything */
	assert_picture(other, PICTURE("1"));
	assert_int_equal(count(state), 2);
}

static void a_discard_after_a_commit_spares_the_next_partial(void **state)
{
	struct partial *p = begin(state, "id.0", 0);
	_cleanup_free_ char *path = NULL;
	struct partial *next;
	struct sealed sealed;
	bool taken;
	struct err err;

	write_picture(p, PICTURE("1"));
	path = choose(p, "x.gif", &sealed);
	assert_int_equal(partial_commit(p, path, &sealed, &taken, &err), ERR_OK);
	next = begin(state, "id.0", 0);
	assert_int_equal(partial_write(next, "abc", 3, &err), ERR_OK);
	partial_discard(p);
	partial_close(next);
	partial_discard(begin(state, "id.0", 3));
}

static void a_path_from_another_root_is_chosen_again(void **state)
{
	struct partial *p = begin(state, "id.0", 0);
	_cleanup_free_ char *longer = NULL;
	_cleanup_free_ char *path = NULL;
	struct sealed sealed;
	bool taken = false;
	struct err err;

	write_picture(p, PICTURE("1"));
	path = choose(p, "x.gif", &sealed);
	assert_int_equal(
	    partial_commit(p, "/elsewhere/x.gif", &sealed, &taken, &err), ERR_OK);
	assert_true(taken);
	assert_true(asprintf(&longer, "%s-more/x.gif", sink_root(sink_of(state))) > 0);
	taken = false;
	assert_int_equal(partial_commit(p, longer, &sealed, &taken, &err), ERR_OK);
	assert_true(taken);
	partial_discard(p);
}

static void names_do_not_lead_out(void **state)
{
	static const char *const bad[] = { "../x.gif", "a/../../x.gif", "/x.gif",
		"a//x.gif", "a/", "", ".", "..", "a/..", "./x.gif" };
	_cleanup_free_ char *link = at(state, "link");
	_cleanup_free_ char *file = at(state, "file");
	struct partial *p = begin(state, "id.0", 0);
	char outside[] = "/tmp/dreamq-outside-XXXXXX", *path = NULL;
	struct sealed sealed;
	struct err err;

	assert_non_null(mkdtemp(outside));
	write_picture(p, PICTURE("1"));
	assert_int_equal(partial_seal(p, &sealed, &err), ERR_OK);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(
		    partial_choose(p, bad[i], &sealed, &path, &err), ERR_USAGE);
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
	assert_int_equal(partial_seal(p, &sealed, &err), ERR_OK);
	assert_int_equal(partial_choose(p, name, &sealed, &path, &err), ERR_IO);
	name[100] = '/';
	assert_int_equal(partial_choose(p, name + 60, &sealed, &path, &err), ERR_OK);
	free(path);
	partial_discard(p);
}

static void keys_are_checked(void **state)
{
	static const char *const bad[] = { "", "a/b", "../x", "a b", "a\n", "图", "a:b" };
	_cleanup_free_ char *longest = calloc(1, 202);
	struct partial *p = NULL;
	uint64_t size;
	struct err err;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(
		    partial_begin(sink_of(state), bad[i], &p, &size, &err), ERR_USAGE);
	memset(longest, 'x', 201);
	assert_int_equal(
	    partial_begin(sink_of(state), longest, &p, &size, &err), ERR_USAGE);
	longest[200] = '\0';
	assert_int_equal(partial_begin(sink_of(state), longest, &p, &size, &err), ERR_OK);
	partial_close(p);
	partial_close(begin(state, "..", 0));
	assert_int_equal(count(state), 0);
}

static void what_is_in_the_partials_way(void **state)
{
	_cleanup_free_ char *hidden = at(state, ".dreamq-id.0.part");
	_cleanup_free_ char *target = at(state, "target");
	struct partial *p = NULL;
	uint64_t size;
	struct err err;

	put(target, "precious");
	assert_int_equal(symlink(target, hidden), 0);
	assert_int_equal(partial_begin(sink_of(state), "id.0", &p, &size, &err), ERR_IO);
	assert_non_null(strstr(err.msg, "link"));
	assert_int_equal(unlink(hidden), 0);
	assert_int_equal(mkfifo(hidden, 0600), 0);
	assert_int_equal(partial_begin(sink_of(state), "id.0", &p, &size, &err), ERR_IO);
	assert_int_equal(unlink(hidden), 0);
	assert_int_equal(mkdir(hidden, 0700), 0);
	assert_int_equal(partial_begin(sink_of(state), "id.0", &p, &size, &err), ERR_IO);
	assert_int_equal(fs_size(target), 8);
}

/* A commit by link and unlink, killed between the two. */
static void a_half_done_commit_is_not_written_into(void **state)
{
	_cleanup_free_ char *hidden = at(state, ".dreamq-id.0.part");
	_cleanup_free_ char *home = at(state, "x.gif");
	struct partial *p = begin(state, "id.0", 0);
	struct err err;

	write_picture(p, PICTURE("1"));
	partial_close(p);
	assert_int_equal(link(hidden, home), 0);
	p = begin(state, "id.0", 0);
	assert_int_equal(partial_write(p, "garbage", 7, &err), ERR_OK);
	partial_discard(p);
	assert_picture(home, PICTURE("1"));
	assert_int_equal(count(state), 1);
}

static void a_second_owner_is_told_so(void **state)
{
	struct partial *p = begin(state, "id.0", 0), *other = NULL;
	uint64_t size = 5;
	struct err err;

	assert_int_equal(
	    partial_begin(sink_of(state), "id.0", &other, &size, &err), ERR_BUSY);
	assert_int_equal(size, 5);
	partial_close(begin(state, "id.1", 0));
	partial_close(p);
	partial_close(begin(state, "id.0", 0));
}

/* Each child tries for the same asset, again and again; returns what it wrote. */
static int child(const char *root, int id)
{
	_cleanup_free_ char *path = NULL;
	struct sink *sink = NULL;
	struct partial *p = NULL;
	struct sealed sealed;
	enum err_kind kind;
	uint64_t size;
	bool taken;
	struct err err;

	if (sink_open(root, &sink, &err))
		return 10;
	do {
		kind = partial_begin(sink, "shared.0", &p, &size, &err);
		if (kind == ERR_BUSY)
			sched_yield();
	} while (kind == ERR_BUSY);
	if (kind)
		return 11;
	/* Byte by byte, so that two owners at once would be seen. */
	for (size_t i = (size_t)size; i < PICTURE_LEN; i++)
		if (partial_write(p, &PICTURE("1")[i], 1, &err))
			return 12;
	if (id % 3 == 1) { /* some give up, some die */
		partial_close(p);
		return 0;
	}
	if (id % 3 == 2)
		_exit(0);
	if (partial_seal(p, &sealed, &err))
		return 13;
	if (partial_choose(p, "x.gif", &sealed, &path, &err))
		return 14;
	if (partial_commit(p, path, &sealed, &taken, &err) || taken)
		return 15;
	partial_close(p);
	sink_free(sink);
	return 0;
}

static void many_processes_make_one_file(void **state)
{
	enum { CHILDREN = 24 };
	_cleanup_free_ char *home = at(state, "x.gif");
	const char *root = ((struct room *)*state)->path;
	pid_t pids[CHILDREN];
	int status;

	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(child(root, i));
	}
	for (int i = 0; i < CHILDREN; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	/* Those who died may have left a partial, complete; nobody made a second file. */
	partial_discard(NULL);
	assert_picture(home, PICTURE("1"));
	assert_in_range(count(state), 1, 2);
}

static void the_lock_dies_with_its_process(void **state)
{
	const pid_t pid = fork();
	struct partial *p;
	uint64_t size;
	struct err err;
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (partial_begin(sink_of(state), "id.0", &p, &size, &err) ||
		    partial_write(p, "abc", 3, &err))
			_exit(1);
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	partial_discard(begin(state, "id.0", 3));
}

static void a_file_limit_keeps_what_was_written(void **state)
{
	_cleanup_free_ char *chunk = calloc(1, 60000);
	const struct rlimit small = { 100000, RLIM_INFINITY };
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
	struct partial *p = begin(state, "id.0", 0);
	struct rlimit old;
	struct err err;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(partial_write(p, chunk, 60000, &err), ERR_OK);
	assert_int_equal(partial_write(p, chunk, 60000, &err), ERR_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	partial_close(p);
	p = begin(state, "id.0", 100000);
	assert_int_equal(partial_write(p, chunk, 20000, &err), ERR_OK);
	partial_close(p);
	partial_discard(begin(state, "id.0", 120000));
	(void)signal(SIGXFSZ, before);
}

/* In a process of its own: a small disk that nobody else sees. */
static int on_a_full_disk(const char *path)
{
	_cleanup_free_ char *chunk = calloc(1, 150000);
	_cleanup_free_ char *full = NULL;
	struct sink *sink = NULL;
	struct partial *p = NULL;
	uint64_t size = 0;
	struct err err;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", path, "tmpfs", 0, "size=200k"))
		return 77;
	if (sink_open(path, &sink, &err) ||
	    partial_begin(sink, "id.0", &p, &size, &err) ||
	    partial_write(p, chunk, 150000, &err))
		return 1;
	if (partial_write(p, chunk, 150000, &err) != ERR_NOSPACE)
		return 2;
	partial_close(p);
	if (partial_begin(sink, "id.0", &p, &size, &err) || size <= 150000 ||
	    size > 204800)
		return 3;
	full = fs_join(path, ".dreamq-id.0.part");
	if (fs_size(full) != (int64_t)size)
		return 4;
	if (partial_truncate(p, 100, &err) || partial_write(p, chunk, 1000, &err))
		return 5;
	partial_discard(p);
	sink_free(sink);
	return 0;
}

static void a_full_disk_keeps_what_was_written(void **state)
{
	const pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(on_a_full_disk(((struct room *)*state)->path));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
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
		assert_int_equal(strncmp(sink_root(sink), path, strlen(path)), 0);
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
	assert_int_equal(file_matches(path, 5, sha256, &matches, &err), ERR_OK);
	assert_true(matches);
	assert_int_equal(file_matches(path, 6, sha256, &matches, &err), ERR_OK);
	assert_false(matches);
	sha256[0] = sha256[0] == 'a' ? 'b' : 'a';
	assert_int_equal(file_matches(path, 5, sha256, &matches, &err), ERR_OK);
	assert_false(matches);
	assert_int_equal(symlink("nowhere", link), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	for (int i = 0; i < 3; i++) {
		matches = true;
		assert_int_equal(file_matches(i == 0 ? link
					 : i == 1    ? fifo
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
		ROW(the_seal_tells_what_is_there),
		ROW(large_files_are_hashed_whole),
		ROW(bad_bytes_stay_in_the_partial),
		ROW(a_partial_goes_on_where_it_stopped),
		ROW(nothing_written_leaves_nothing),
		ROW(the_mode_follows_the_umask),
		ROW(nothing_is_overwritten),
		ROW(the_same_bytes_need_no_second_file),
		ROW(a_name_that_is_taken_meanwhile),
		ROW(a_discard_after_a_commit_spares_the_next_partial),
		ROW(a_path_from_another_root_is_chosen_again),
		ROW(names_do_not_lead_out),
		ROW(a_name_that_is_too_long_is_an_error),
		ROW(keys_are_checked),
		ROW(what_is_in_the_partials_way),
		ROW(a_half_done_commit_is_not_written_into),
		ROW(a_second_owner_is_told_so),
		ROW(many_processes_make_one_file),
		ROW(the_lock_dies_with_its_process),
		ROW(a_file_limit_keeps_what_was_written),
		ROW(a_full_disk_keeps_what_was_written),
		ROW(roots),
		ROW(roots_that_are_refused),
		ROW(a_root_without_the_right_to_write),
		ROW(files_are_compared),
#undef ROW
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
