#include "ledger/sqlite/live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"

static enum err_kind open_beside(
    const char *ledger_path, int flags, int *ret_fd, struct err *err)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s-live", ledger_path) < 0) {
		path = NULL;
		return err_set(
		    err, ERR_NOMEM, "out of memory in the ledger '%s'", ledger_path);
	}
	*ret_fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*ret_fd < 0 && errno != ENOENT)
		return err_errno(err, ERR_LEDGER, "'%s' can't be opened", path);
	return ERR_OK;
}

static struct flock one_byte(int64_t owner)
{
	return (struct flock){
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = owner, .l_len = 1
	};
}

/* Draws 1 to 2^62: a place in a file that never gets that long. */
static bool draw(int64_t *ret_owner)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return false;
	*ret_owner = (int64_t)(random >> 2) + 1;
	return true;
}

static enum err_kind lock_any(struct live *live, const char *path, struct err *err)
{
	for (int tries = 0; tries < 8; tries++) {
		struct flock lock;
		int64_t owner;

		if (!draw(&owner))
			return err_errno(err, ERR_LEDGER, "no random numbers");
		lock = one_byte(owner);
		if (!fcntl(live->fd, F_OFD_SETLK, &lock)) {
			live->owner = owner;
			return ERR_OK;
		}
		if (errno != EAGAIN && errno != EACCES)
			break;
	}
	return err_errno(err, ERR_LEDGER,
	    "'%s-live' can't be locked: name a ledger on a local disk with --ledger",
	    path);
}

static void give_back_what_umask_took(int fd)
{
	struct stat st;

	if (!fstat(fd, &st) && (st.st_mode & 0600) != 0600)
		(void)fchmod(fd, 0600);
}

enum err_kind live_take(struct live *live, const char *ledger_path, struct err *err)
{
	if (live->owner)
		return ERR_OK;
	if (live->fd < 0 && open_beside(ledger_path, O_RDWR | O_CREAT, &live->fd, err))
		return err->kind;
	if (live->fd < 0)
		return err_errno(err, ERR_LEDGER, "the folder of the ledger '%s' is gone",
		    ledger_path);
	give_back_what_umask_took(live->fd);
	return lock_any(live, ledger_path, err);
}

/* Without the file nobody holds a lock in it. */
static bool is_held(int fd, int64_t owner, bool *ret_is_held)
{
	struct flock lock = one_byte(owner);

	*ret_is_held = false;
	if (fd < 0)
		return true;
	if (fcntl(fd, F_OFD_GETLK, &lock))
		return false;
	*ret_is_held = lock.l_type != F_UNLCK;
	return true;
}

enum err_kind live_are_alive(const struct live *live, const char *ledger_path,
    const int64_t *owners, size_t n, bool *ret_are_alive, struct err *err)
{
	_cleanup_(closep) int fd = -1;

	/* Through a descriptor of its own: through ours, our own lock is not seen. */
	if (n > 0 && open_beside(ledger_path, O_RDONLY, &fd, err))
		return err->kind;
	for (size_t i = 0; i < n; i++) {
		if (owners[i] == live->owner)
			ret_are_alive[i] = true;
		else if (!is_held(fd, owners[i], &ret_are_alive[i]))
			return err_errno(err, ERR_LEDGER,
			    "'%s-live' can't be asked for locks", ledger_path);
	}
	return ERR_OK;
}

void live_release(struct live *live)
{
	if (live->fd >= 0)
		(void)close(live->fd);
	*live = live_make();
}
