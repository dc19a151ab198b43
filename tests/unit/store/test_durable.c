/*
 * What is on the disk when we say that it is: each sync is seen here, and may fail. The
 * kernel is one where each file needs its own (test_seal.c: where they share one).
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/hash.h"
#include "store/sink.h"

#include "sink_room.h"

/* --- the syncs ------------------------------------------------------------------- */

static struct {
	ino_t inodes[256];
	size_t n;
	int fails_with; /* an errno; 0: none */
} syncs;

static int sync_seen(int fd)
{
	struct stat st;

	if (syncs.fails_with) {
		errno = syncs.fails_with;
		return -1;
	}
	assert_int_equal(fstat(fd, &st), 0);
	syncs.inodes[syncs.n++ % COUNT(syncs.inodes)] = st.st_ino;
	return 0;
}

int fsync(int fd)
{
	return sync_seen(fd);
}

int fdatasync(int fd)
{
	return sync_seen(fd);
}

int uname(struct utsname *name)
{
	(void)strcpy(name->release, "5.7");
	return 0;
}

static bool was_synced(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	for (size_t i = 0; i < syncs.n && i < COUNT(syncs.inodes); i++)
		if (syncs.inodes[i] == st.st_ino)
			return true;
	return false;
}

static unsigned times_synced(const char *path)
{
	unsigned n = 0;
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	for (size_t i = 0; i < syncs.n && i < COUNT(syncs.inodes); i++)
		n += syncs.inodes[i] == st.st_ino;
	return n;
}

static void forget_syncs(void)
{
	memset(&syncs, 0, sizeof(syncs));
}

static int make_quiet_room(void **state)
{
	forget_syncs();
	return make_room(state);
}

static const char *root_of(void **state)
{
	return ((struct room *)*state)->path;
}

static void sum(const char *bytes, char sha256[HASH_HEX_MAX])
{
	struct err err;

	assert_int_equal(
	    hash_text(HASH_SHA256, bytes, PICTURE_LEN, sha256, &err), ERR_OK);
}

/* --- failed syncs ---------------------------------------------------------------- */

static void a_failed_seal_throws_the_bytes_away(void **state)
{
	struct partial *p = begin(state, "id.0", 0);
	struct sealed sealed;
	struct err err;

	write_picture(p, PICTURE("1"));
	syncs.fails_with = EIO;
	assert_int_equal(steps_seal(p, &sealed, &err), ERR_IO);
	syncs.fails_with = 0;
	partial_close(p);
	assert_int_equal(count(state), 0);
}

static void a_failed_sync_throws_the_bytes_away(void **state)
{
	struct partial *p = begin(state, "id.0", 0);
	struct synced synced;
	struct err err;

	write_picture(p, PICTURE("1"));
	syncs.fails_with = ENOSPC;
	assert_int_equal(partial_sync(p, 10, &synced, &err), ERR_NOSPACE);
	syncs.fails_with = 0;
	partial_close(p);
	assert_int_equal(count(state), 0);
}

/* --- what may be built upon -------------------------------------------------------- */

static void trust(void **state, const char *path, const struct synced *synced,
    uint64_t there_bytes, uint64_t left_bytes)
{
	struct partial *p = begin(state, "id.0", there_bytes);
	uint64_t left = 99;
	struct err err;

	assert_int_equal(partial_trust(p, synced, &left, &err), ERR_OK);
	assert_int_equal(left, left_bytes);
	assert_int_equal(fs_size(path), (int64_t)left_bytes);
	partial_close(p);
}

static void what_was_synced_is_trusted_and_no_more(void **state)
{
	static const char picture[] = PICTURE("1");
	_cleanup_free_ char *path = at(state, ".dreamq-id.0.part");
	struct partial *p = begin(state, "id.0", 0);
	struct synced synced = { .size_bytes = 99 };
	struct err err;

	assert_int_equal(partial_write(p, picture, 10, &err), ERR_OK);
	assert_int_equal(partial_sync(p, 10, &synced, &err), ERR_OK);
	assert_true(was_synced(path));
	assert_int_equal(synced.size_bytes, 10);
	assert_int_equal(partial_write(p, picture + 10, PICTURE_LEN - 10, &err), ERR_OK);
	partial_close(p);
	trust(state, path, &synced, PICTURE_LEN, 10);
	trust(state, path, &synced, 10, 10);
	p = begin(state, "id.0", 10);
	assert_int_equal(
	    partial_trust(p, &(struct synced){ 0 }, &synced.size_bytes, &err), ERR_OK);
	assert_int_equal(synced.size_bytes, 0);
	partial_close(p);
	assert_int_equal(count(state), 0);
}

/* --- the final name -------------------------------------------------------------- */

static void the_same_bytes_are_synced_before_they_are_taken(void **state)
{
	_cleanup_free_ char *path = store(state, "id.0", PICTURE("1"), "x.gif");
	_cleanup_free_ char *again = NULL;

	assert_true(was_synced(path));
	assert_true(was_synced(root_of(state)));
	forget_syncs();
	again = store(state, "id.1", PICTURE("1"), "x.gif");
	assert_string_equal(path, again);
	assert_true(was_synced(path));
	assert_true(was_synced(root_of(state)));
	assert_int_equal(count(state), 1);
}

/* Three files of one folder, the last of them twice. */
static void commit_several(void **state, enum err_kind wanted)
{
	enum { N = 4 };
	static const char *const pictures[N] = { PICTURE("1"), PICTURE("2"), PICTURE("3"),
		PICTURE("3") };
	struct commit commits[N] = { 0 };
	struct sealed sealed[N];
	char *paths[N];

	for (size_t i = 0; i < N; i++) {
		char key[8], name[16];

		(void)snprintf(key, sizeof(key), "id.%zu", i);
		(void)snprintf(
		    name, sizeof(name), "a/%c.gif", pictures[i][PICTURE_LEN - 3]);
		commits[i].partial = begin(state, key, 0);
		write_picture(commits[i].partial, pictures[i]);
		paths[i] = choose(commits[i].partial, name, &sealed[i]);
		commits[i].location = paths[i];
		commits[i].sealed = &sealed[i];
	}
	forget_syncs();
	syncs.fails_with = wanted ? EIO : 0;
	sink_flush(sink_of(state), &(struct flush){ .commits = commits, .n_commits = N });
	syncs.fails_with = 0;
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(commits[i].err.kind, wanted);
		assert_false(commits[i].is_taken);
		partial_discard(commits[i].partial);
		free(paths[i]);
	}
}

static void a_folder_is_synced_once_for_all_its_files(void **state)
{
	_cleanup_free_ char *a = at(state, "a");
	_cleanup_free_ char *path = at(state, "a/3.gif");

	commit_several(state, ERR_OK);
	/* one for the name of each that was new, one for the bytes that were there */
	assert_int_equal(times_synced(a), 2);
	assert_true(was_synced(root_of(state)));
	assert_picture(path, PICTURE("3"));
	assert_int_equal(count(state), 1);
}

static void none_is_stored_when_the_folder_can_not_be_synced(void **state)
{
	commit_several(state, ERR_IO);
}

static void a_link_to_the_same_bytes_is_not_taken(void **state)
{
	_cleanup_free_ char *path = store(state, "id.0", PICTURE("1"), "x.gif");
	_cleanup_free_ char *link = at(state, "y.gif");
	_cleanup_free_ char *second = NULL;
	char sha256[HASH_HEX_MAX];
	bool matches = true;
	struct err err;

	assert_int_equal(symlink(path, link), 0);
	second = store(state, "id.1", PICTURE("1"), "y.gif");
	assert_string_not_equal(second, link);
	assert_picture(second, PICTURE("1"));
	sum(PICTURE("1"), sha256);
	assert_int_equal(
	    stored_settle(sinks_of(state), link, PICTURE_LEN, sha256, &matches, &err),
	    ERR_OK);
	assert_false(matches);
	assert_int_equal(fs_size(link), -1);
}

static void a_renamed_file_is_settled_with_its_folders(void **state)
{
	_cleanup_free_ char *path = store(state, "id.0", PICTURE("1"), "a/b/x.gif");
	_cleanup_free_ char *a = at(state, "a"), *b = at(state, "a/b");
	char sha256[HASH_HEX_MAX];
	bool matches = false;
	struct err err;

	sum(PICTURE("1"), sha256);
	forget_syncs();
	assert_int_equal(
	    stored_settle(sinks_of(state), path, PICTURE_LEN, sha256, &matches, &err),
	    ERR_OK);
	assert_true(matches);
	assert_true(was_synced(path));
	assert_true(was_synced(a));
	assert_true(was_synced(b));
	assert_true(was_synced(root_of(state)));
	syncs.fails_with = EIO;
	assert_int_equal(
	    stored_settle(sinks_of(state), path, PICTURE_LEN, sha256, &matches, &err),
	    ERR_IO);
}

/* A process may have made them, and been killed before it could sync. */
static void folders_that_were_there_are_synced_too(void **state)
{
	_cleanup_free_ char *a = at(state, "a"), *b = at(state, "a/b");
	_cleanup_free_ char *path = NULL;

	assert_int_equal(mkdir(a, 0700) || mkdir(b, 0700), 0);
	path = store(state, "id.0", PICTURE("1"), "a/b/x.gif");
	assert_true(was_synced(path));
	assert_true(was_synced(root_of(state)));
	assert_true(was_synced(a));
	assert_true(was_synced(b));
}

static void new_folders_are_synced_where_they_are_named(void **state)
{
	_cleanup_free_ char *a = at(state, "a"), *b = at(state, "a/b");
	struct err err;

	for (int i = 0; i < 2; i++) {
		forget_syncs();
		assert_int_equal(fs_make_folders(b, 0700, &err), ERR_OK);
		assert_true(was_synced(root_of(state)));
		assert_true(was_synced(a));
	}
	assert_int_equal(rmdir(b) || rmdir(a), 0);
	syncs.fails_with = EIO;
	assert_int_equal(fs_make_folders(b, 0700, &err), ERR_IO);
}

/* --- somebody moves things meanwhile ----------------------------------------------- */

static void a_replaced_partial_gets_no_name(void **state)
{
	_cleanup_free_ char *hidden = at(state, ".dreamq-id.0.part");
	_cleanup_free_ char *path = NULL;
	struct partial *p = begin(state, "id.0", 0);
	struct sealed sealed;
	bool taken = false;
	struct err err;

	write_picture(p, PICTURE("1"));
	path = choose(p, "x.gif", &sealed);
	assert_int_equal(unlink(hidden), 0);
	put(hidden, "forged");
	assert_int_equal(steps_commit(p, path, &sealed, &taken, &err), ERR_IO);
	assert_false(fs_exists(path));
	partial_close(p);
	assert_int_equal(fs_size(hidden), 6); /* not ours to remove */
}

static void a_replaced_folder_gets_no_file(void **state)
{
	_cleanup_free_ char *moved = NULL, *forged = NULL, *path = NULL;
	struct partial *p = begin(state, "id.0", 0);
	struct sealed sealed;
	bool taken = false;
	struct err err;

	write_picture(p, PICTURE("1"));
	path = choose(p, "x.gif", &sealed);
	assert_true(asprintf(&moved, "%s.moved", root_of(state)) > 0);
	assert_int_equal(rename(root_of(state), moved), 0);
	assert_int_equal(mkdir(root_of(state), 0700), 0);
	forged = at(state, ".dreamq-id.0.part");
	put(forged, "forged");
	assert_int_equal(sink_check(sink_of(state), &err), ERR_IO);
	assert_int_equal(steps_commit(p, path, &sealed, &taken, &err), ERR_IO);
	assert_non_null(strstr(err.msg, "moved or replaced"));
	assert_false(fs_exists(path));
	assert_int_equal(fs_size(forged), 6);
	partial_discard(p);
	assert_int_equal(fs_size(forged), 6);
	assert_int_equal(rmdir(moved), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_quiet_room, remove_room)
		TEST(a_failed_seal_throws_the_bytes_away),
		TEST(a_failed_sync_throws_the_bytes_away),
		TEST(what_was_synced_is_trusted_and_no_more),
		TEST(the_same_bytes_are_synced_before_they_are_taken),
		TEST(a_folder_is_synced_once_for_all_its_files),
		TEST(none_is_stored_when_the_folder_can_not_be_synced),
		TEST(a_link_to_the_same_bytes_is_not_taken),
		TEST(a_renamed_file_is_settled_with_its_folders),
		TEST(folders_that_were_there_are_synced_too),
		TEST(new_folders_are_synced_where_they_are_named),
		TEST(a_replaced_partial_gets_no_name),
		TEST(a_replaced_folder_gets_no_file),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
