/* The partials of a folder: what the suite of all sinks
 * (tests/conformance/sink/) does not ask. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
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

#include "sink_room.h"

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
	assert_int_equal(steps_seal(p, &sealed, &err), ERR_OK);
	hash_text(HASH_SHA256, bytes, SIZE, sha256, &err);
	assert_string_equal(sealed.sha256, sha256);
	partial_close(p);
}

/* --- sums while it is written ----------------------------------------------------- */

enum { LONG = 2 << 20, PIECE = 8191 };

struct writing {
	struct partial *partial;
	const char *bytes;
	atomic_size_t written;
	enum err_kind kind;
};

static void *write_pieces(void *payload)
{
	struct writing *w = payload;
	struct err err;

	for (size_t at = 0; at < LONG && !w->kind; at += PIECE) {
		const size_t n = LONG - at < PIECE ? LONG - at : PIECE;

		w->kind = partial_write(w->partial, w->bytes + at, n, &err);
		atomic_store(&w->written, w->kind ? LONG : at + n);
	}
	return NULL;
}

static void assert_synced(const struct synced *synced, size_t at_least, const char *bytes)
{
	char sha256[HASH_HEX_MAX];
	struct err err;

	assert_in_range(synced->size_bytes, at_least, LONG);
	assert_int_equal(
	    hash_text(HASH_SHA256, bytes, synced->size_bytes, sha256, &err), ERR_OK);
	assert_string_equal(synced->sha256, sha256);
}

static void a_checkpoint_sums_what_is_written_so_far(void **state)
{
	_cleanup_free_ char *bytes = calloc(1, LONG);
	struct writing w = { .partial = begin(state, "id.0", 0), .bytes = bytes };
	struct synced synced;
	struct sealed sealed;
	pthread_t writer;
	struct err err;
	size_t so_far;

	for (size_t i = 0; i < LONG; i++)
		bytes[i] = (char)(i * 31 >> 3);
	memcpy(bytes, PICTURE("1"), PICTURE_LEN);
	assert_int_equal(pthread_create(&writer, NULL, write_pieces, &w), 0);
	do {
		so_far = atomic_load(&w.written);
		assert_int_equal(partial_sync(w.partial, so_far, &synced, &err), ERR_OK);
		assert_synced(&synced, so_far, bytes);
	} while (so_far < LONG);
	assert_int_equal(pthread_join(writer, NULL), 0);
	assert_int_equal(w.kind, ERR_OK);
	assert_int_equal(steps_seal(w.partial, &sealed, &err), ERR_OK);
	assert_string_equal(sealed.sha256, synced.sha256);
	partial_close(w.partial);
}

/* It is there for the bytes that were written before, too, and for those that come. */
static void an_md5_may_be_wanted_in_the_middle(void **state)
{
	struct partial *p = begin(state, "id.0", 0);
	char md5[HASH_HEX_MAX], sha256[HASH_HEX_MAX];
	struct sealed sealed;
	struct err err;

	assert_int_equal(partial_write(p, PICTURE("1"), 10, &err), ERR_OK);
	partial_want_md5(p);
	assert_int_equal(
	    partial_write(p, &PICTURE("1")[10], PICTURE_LEN - 10, &err), ERR_OK);
	assert_int_equal(steps_seal(p, &sealed, &err), ERR_OK);
	hash_text(HASH_MD5, PICTURE("1"), PICTURE_LEN, md5, &err);
	hash_text(HASH_SHA256, PICTURE("1"), PICTURE_LEN, sha256, &err);
	assert_string_equal(sealed.md5, md5);
	assert_string_equal(sealed.sha256, sha256);
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
	if (steps_seal(p, &sealed, &err))
		return 13;
	if (partial_choose(p, "x.gif", &sealed, &path, &err))
		return 14;
	if (steps_commit(p, path, &sealed, &taken, &err) || taken)
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
	assert_int_equal(partial_write(p, chunk, 60000, &err), ERR_NOSPACE);
	assert_non_null(strstr(err.msg, "ulimit -f"));
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

	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define ROW(f) cmocka_unit_test_setup_teardown(f, make_room, remove_room)
		ROW(large_files_are_hashed_whole),
		ROW(a_checkpoint_sums_what_is_written_so_far),
		ROW(an_md5_may_be_wanted_in_the_middle),
		ROW(a_partial_goes_on_where_it_stopped),
		ROW(what_is_in_the_partials_way),
		ROW(a_half_done_commit_is_not_written_into),
		ROW(many_processes_make_one_file),
		ROW(the_lock_dies_with_its_process),
		ROW(a_file_limit_keeps_what_was_written),
		ROW(a_full_disk_keeps_what_was_written),
#undef ROW
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
