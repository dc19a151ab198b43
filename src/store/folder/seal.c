#include "store/folder/seal.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

/* Where syncfs() waits for the disk, and fails when something could not be written. */
static bool is_known(int folder_fd)
{
	static const unsigned long known[] = { EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
		BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC, TMPFS_MAGIC };
	struct statfs st;

	if (fstatfs(folder_fd, &st))
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if ((unsigned long)st.f_type == known[i])
			return true;
	return false;
}

/* Before 5.8 syncfs() forgot what went wrong before it was called. */
static bool kernel_tells(void)
{
	unsigned long major, minor;
	struct utsname system;
	char *end;

	if (uname(&system))
		return false;
	major = strtoul(system.release, &end, 10);
	minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	return major > 5 || (major == 5 && minor >= 8);
}

bool seal_may_share(int folder_fd)
{
	return kernel_tells() && is_known(folder_fd);
}

bool seal_shares(const struct folder *folder, size_t n_syncs)
{
	return folder->never_syncs ||
	    (n_syncs >= SEAL_SHARED_MIN && atomic_load(&folder->may_share));
}

enum err_kind seal_shared(struct folder *folder, struct err *err)
{
	if (folder->never_syncs || !syncfs(folder->fd))
		return ERR_OK;
	atomic_store(&folder->may_share, false);
	return err_errno(err, ERR_IO, "can't write what came to '%s'", folder->root);
}

enum err_kind seal_bytes(struct folder_partial *p, struct err *err)
{
	if (p->folder->never_syncs || !fdatasync(p->fd))
		return ERR_OK;
	p->is_spoilt = true;
	return err_errno(err, ERR_IO, "can't write '%s'", p->path);
}

void seal_set_times(const struct seal *seals, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const int64_t ms = seals[i].modified_unix_ms;
		const struct timespec times[] = { { .tv_nsec = UTIME_OMIT },
			{ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 } };

		if (ms > 0)
			(void)futimens(folder_partial(seals[i].partial)->fd, times);
	}
}

/* A time is more than the bytes need: fdatasync would leave it. */
static enum err_kind seal_one(struct seal *seal)
{
	struct folder_partial *p = folder_partial(seal->partial);

	if (seal->modified_unix_ms <= 0 || p->folder->never_syncs || !fsync(p->fd))
		return seal_bytes(p, &seal->err);
	p->is_spoilt = true;
	return err_errno(&seal->err, ERR_IO, "can't write '%s'", p->path);
}

void seal_spoil(struct seal *seals, size_t n, const struct err *why)
{
	for (size_t i = 0; i < n; i++) {
		folder_partial(seals[i].partial)->is_spoilt = true;
		seals[i].err = *why;
	}
}

void seal_each(struct seal *seals, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)seal_one(&seals[i]);
}
