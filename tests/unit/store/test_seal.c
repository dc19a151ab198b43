/*
 * How many waits for the disk a group of files takes, and what a failed one costs. Every
 * sync is counted here, and may fail; so may what the kernel and the file system say that
 * they are.
 */
#include <errno.h>
#include <linux/magic.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "store/sink.h"

#include "sink_room.h"

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif
#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC 0x65735546
#endif

/* --- the kernel -------------------------------------------------------------------- */

static struct {
	unsigned of_bytes, of_folders, shared; /* syncs */
	int fsync_fails_with, syncfs_fails_with; /* an errno; 0: none */
	unsigned long type; /* of the file system */
	const char *release;
} kernel;

static int count_sync(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	if (S_ISDIR(st.st_mode))
		kernel.of_folders++;
	else
		kernel.of_bytes++;
	errno = kernel.fsync_fails_with;
	return errno ? -1 : 0;
}

int fsync(int fd)
{
	return count_sync(fd);
}

int fdatasync(int fd)
{
	return count_sync(fd);
}

int syncfs(int fd)
{
	(void)fd;
	kernel.shared++;
	errno = kernel.syncfs_fails_with;
	return errno ? -1 : 0;
}

int uname(struct utsname *name)
{
	(void)snprintf(name->release, sizeof(name->release), "%s", kernel.release);
	return 0;
}

int fstatfs(int fildes, struct statfs *buf)
{
	(void)fildes;
	memset(buf, 0, sizeof(*buf));
	buf->f_type = (__typeof__(buf->f_type))kernel.type;
	return 0;
}

static void forget_syncs(void)
{
	kernel.of_bytes = kernel.of_folders = kernel.shared = 0;
}

static int make_room_on(void **state, const char *release, unsigned long type)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.release = release;
	kernel.type = type;
	return make_room(state);
}

static int make_ext4_room(void **state)
{
	return make_room_on(state, "6.1.0-37-amd64", EXT4_SUPER_MAGIC);
}

/* --- a group ----------------------------------------------------------------------- */

enum { MANY = 16 };

struct group {
	struct partial *partials[MANY];
	struct sealed sealed[MANY];
	struct seal seals[MANY];
	struct commit commits[MANY];
	char *paths[MANY];
	size_t n;
};

static struct group group_begin(void **state, size_t n)
{
	struct group group = { .n = n };
	char picture[PICTURE_LEN], key[32];
	struct err err;

	for (size_t i = 0; i < n; i++) {
		memcpy(picture, PICTURE("a"), PICTURE_LEN);
		picture[PICTURE_LEN - 3] = (char)('a' + i);
		(void)snprintf(key, sizeof(key), "id.%zu", i);
		group.partials[i] = begin(state, key, 0);
		write_picture(group.partials[i], picture);
		assert_int_equal(
		    partial_sum(group.partials[i], &group.sealed[i], &err), ERR_OK);
		group.seals[i].partial = group.partials[i];
	}
	return group;
}

static void group_seal(void **state, struct group *group, enum err_kind wanted)
{
	forget_syncs();
	sink_flush(sink_of(state),
	    &(struct flush){ .seals = group->seals, .n_seals = group->n });
	for (size_t i = 0; i < group->n; i++)
		assert_int_equal(group->seals[i].err.kind, wanted);
}

/* `below`: "" or a folder with its "/". */
static void group_commit(
    void **state, struct group *group, const char *below, enum err_kind wanted)
{
	char name[64];
	struct err err;

	for (size_t i = 0; i < group->n; i++) {
		(void)snprintf(name, sizeof(name), "%s%zu.gif", below, i);
		assert_int_equal(partial_choose(group->partials[i], name,
				     &group->sealed[i], &group->paths[i], &err),
		    ERR_OK);
		group->commits[i] = (struct commit){ .partial = group->partials[i],
			.location = group->paths[i],
			.sealed = &group->sealed[i] };
	}
	forget_syncs();
	sink_flush(sink_of(state),
	    &(struct flush){ .commits = group->commits, .n_commits = group->n });
	for (size_t i = 0; i < group->n; i++) {
		assert_int_equal(group->commits[i].err.kind, wanted);
		assert_false(group->commits[i].is_taken);
	}
}

static void group_end(struct group *group)
{
	for (size_t i = 0; i < group->n; i++) {
		partial_close(group->partials[i]);
		free(group->paths[i]);
	}
}

static void assert_syncs(unsigned of_bytes, unsigned of_folders, unsigned shared)
{
	assert_int_equal(kernel.of_bytes, of_bytes);
	assert_int_equal(kernel.of_folders, of_folders);
	assert_int_equal(kernel.shared, shared);
}

/* --- how many waits ---------------------------------------------------------------- */

static void a_lone_file_is_synced_by_itself(void **state)
{
	struct group group = group_begin(state, 1);

	group_seal(state, &group, ERR_OK);
	assert_syncs(1, 0, 0);
	group_commit(state, &group, "", ERR_OK);
	assert_syncs(0, 1, 0);
	group_end(&group);
	assert_int_equal(count(state), 1);
}

static void two_are_synced_each(void **state)
{
	struct group group = group_begin(state, 2);

	group_seal(state, &group, ERR_OK);
	assert_syncs(2, 0, 0);
	group_commit(state, &group, "", ERR_OK);
	assert_syncs(0, 1, 0);
	group_end(&group);
}

static void many_share_one_sync(void **state)
{
	struct group group = group_begin(state, MANY);

	group_seal(state, &group, ERR_OK);
	assert_syncs(0, 0, 1);
	group_commit(state, &group, "", ERR_OK);
	assert_syncs(0, 0, 1);
	group_end(&group);
	assert_int_equal(count(state), MANY);
}

static void new_folders_share_it_too(void **state)
{
	struct group group = group_begin(state, MANY);

	group_seal(state, &group, ERR_OK);
	group_commit(state, &group, "new/folder/", ERR_OK);
	assert_syncs(0, 0, 1);
	group_end(&group);
}

/* Names of two and the bytes of a third, in one visit. */
static void both_steps_share_it(void **state)
{
	struct group first = group_begin(state, 2);
	struct seal seal = { .partial = begin(state, "other.0", 0) };
	struct flush flush = {
		.commits = first.commits, .n_commits = 2, .seals = &seal, .n_seals = 1
	};
	struct err err;

	group_seal(state, &first, ERR_OK);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(partial_choose(first.partials[i], "x.gif",
				     &first.sealed[i], &first.paths[i], &err),
		    ERR_OK);
		first.commits[i] = (struct commit){ .partial = first.partials[i],
			.location = first.paths[i],
			.sealed = &first.sealed[i] };
	}
	write_picture(seal.partial, PICTURE("z"));
	forget_syncs();
	sink_flush(sink_of(state), &flush);
	assert_syncs(0, 0, 1);
	assert_int_equal(seal.err.kind, ERR_OK);
	assert_int_equal(first.commits[0].err.kind, ERR_OK);
	assert_false(first.commits[0].is_taken);
	assert_false(first.commits[1].is_taken);
	partial_close(seal.partial);
	group_end(&first);
}

/* --- where it can't be trusted ----------------------------------------------------- */

static void each_by_itself_on(void **state, const char *release, unsigned long type)
{
	struct group group;

	assert_int_equal(make_room_on(state, release, type), 0);
	group = group_begin(state, MANY);
	group_seal(state, &group, ERR_OK);
	assert_syncs(MANY, 0, 0);
	group_commit(state, &group, "", ERR_OK);
	assert_syncs(0, 1, 0);
	group_end(&group);
	assert_int_equal(count(state), MANY);
	assert_int_equal(remove_room(state), 0);
}

static void old_kernels_do_not_tell_what_failed(void **state)
{
	each_by_itself_on(state, "5.7.19", EXT4_SUPER_MAGIC);
	each_by_itself_on(state, "4.19.0-27-amd64", XFS_SUPER_MAGIC);
	each_by_itself_on(state, "nonsense", EXT4_SUPER_MAGIC);
}

static void unknown_file_systems_are_not_trusted(void **state)
{
	each_by_itself_on(state, "6.1.0", OVERLAYFS_SUPER_MAGIC);
	each_by_itself_on(state, "6.1.0", FUSE_SUPER_MAGIC);
	each_by_itself_on(state, "6.1.0", NFS_SUPER_MAGIC);
}

static void new_ones_are(void **state)
{
	static const char *const releases[] = { "5.8.0", "5.10.0-32", "6.0", "10.0.1" };
	struct group group;

	for (size_t i = 0; i < COUNT(releases); i++) {
		assert_int_equal(make_room_on(state, releases[i], BTRFS_SUPER_MAGIC), 0);
		group = group_begin(state, 3);
		group_seal(state, &group, ERR_OK);
		assert_syncs(0, 0, 1);
		group_end(&group);
		assert_int_equal(remove_room(state), 0);
	}
}

/* --- failures ---------------------------------------------------------------------- */

static void a_failed_shared_sync_throws_all_away(void **state)
{
	struct group group = group_begin(state, MANY);

	kernel.syncfs_fails_with = EIO;
	group_seal(state, &group, ERR_IO);
	group_end(&group);
	assert_int_equal(count(state), 0);
}

static void a_full_disk_is_told_as_such(void **state)
{
	struct group group = group_begin(state, 3);

	kernel.syncfs_fails_with = ENOSPC;
	group_seal(state, &group, ERR_NOSPACE);
	group_end(&group);
	assert_int_equal(count(state), 0);
}

/* The kernel has told it now: what it was of, only fsync knows. */
static void after_a_failure_each_is_asked_for(void **state)
{
	struct group group = group_begin(state, 3);

	kernel.syncfs_fails_with = EIO;
	group_seal(state, &group, ERR_IO);
	group_end(&group);
	kernel.syncfs_fails_with = 0;
	group = group_begin(state, MANY);
	group_seal(state, &group, ERR_OK);
	assert_syncs(MANY, 0, 0);
	kernel.fsync_fails_with = EIO;
	group_seal(state, &group, ERR_IO);
	group_end(&group);
	kernel.fsync_fails_with = 0;
	assert_int_equal(count(state), 0);
}

/* Their bytes were durable before: whoever comes next finds them under their names. */
static void names_that_were_not_synced_are_not_stored(void **state)
{
	struct group group = group_begin(state, 3);
	_cleanup_free_ char *path = at(state, "0.gif");

	group_seal(state, &group, ERR_OK);
	kernel.syncfs_fails_with = EIO;
	group_commit(state, &group, "", ERR_IO);
	group_end(&group);
	assert_picture(path, PICTURE("a"));
}

static void what_never_syncs_waits_for_nothing(void **state)
{
	struct group group = group_begin(state, MANY);
	struct synced synced;
	struct err err;

	sink_no_sync(sink_of(state));
	group_seal(state, &group, ERR_OK);
	assert_syncs(0, 0, 0);
	assert_int_equal(partial_sync(group.partials[0], 10, &synced, &err), ERR_OK);
	group_commit(state, &group, "new/folder/", ERR_OK);
	assert_syncs(0, 0, 0);
	group_end(&group);
	group = group_begin(state, 1);
	group_seal(state, &group, ERR_OK);
	group_commit(state, &group, "new/", ERR_OK);
	assert_syncs(0, 0, 0);
	group_end(&group);
}

/* --- sums -------------------------------------------------------------------------- */

static void md5_is_told_when_it_is_wanted(void **state)
{
	struct partial *p = begin(state, "id.0", 0);
	struct sealed sealed;
	struct synced synced;
	struct err err;
	char sha256[65];

	write_picture(p, PICTURE("1"));
	assert_int_equal(partial_sum(p, &sealed, &err), ERR_OK);
	assert_string_equal(sealed.md5, "");
	memcpy(sha256, sealed.sha256, sizeof(sha256));
	assert_int_equal(partial_sync(p, 10, &synced, &err), ERR_OK);
	partial_want_md5(p); /* late: from the start again */
	assert_int_equal(partial_sum(p, &sealed, &err), ERR_OK);
	assert_int_equal(strlen(sealed.md5), 32);
	assert_string_equal(sealed.sha256, sha256);
	partial_discard(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_ext4_room, remove_room)
		TEST(a_lone_file_is_synced_by_itself),
		TEST(two_are_synced_each),
		TEST(many_share_one_sync),
		TEST(new_folders_share_it_too),
		TEST(both_steps_share_it),
		TEST(a_failed_shared_sync_throws_all_away),
		TEST(a_full_disk_is_told_as_such),
		TEST(after_a_failure_each_is_asked_for),
		TEST(names_that_were_not_synced_are_not_stored),
		TEST(what_never_syncs_waits_for_nothing),
		TEST(md5_is_told_when_it_is_wanted),
#undef TEST
		cmocka_unit_test(old_kernels_do_not_tell_what_failed),
		cmocka_unit_test(unknown_file_systems_are_not_trusted),
		cmocka_unit_test(new_ones_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
