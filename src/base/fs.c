#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"

void closep(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

char *fs_join(const char *folder, const char *name)
{
	const size_t len = strlen(folder);
	const char *slash = len && folder[len - 1] == '/' ? "" : "/";
	char *path;

	return asprintf(&path, "%s%s%s", folder, len ? slash : "", name) < 0 ? NULL
									     : path;
}

/* "a//b/./c/" becomes "a/b/c", in place; ".." stays, for links decide what it means. */
static void tidy(char *path)
{
	const char *from = path;
	char *to = path;
	size_t len;

	while (*from) {
		len = strcspn(from, "/");
		if (len && !(len == 1 && *from == '.')) {
			*to++ = '/';
			memmove(to, from, len);
			to += len;
		}
		from += len;
		from += strspn(from, "/");
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
}

static enum err_kind no_memory(struct err *err, const char *path)
{
	return err_set(err, ERR_NOMEM, "out of memory at '%s'", path);
}

static char *here(struct err *err)
{
	char *cwd = getcwd(NULL, 0);

	if (!cwd && errno == ENOENT)
		err_set(err, ERR_IO,
		    "the folder that you are in was removed: change to another one");
	else if (!cwd)
		err_errno(err, ERR_IO, "can't find out which folder this is");
	return cwd;
}

char *fs_absolute(const char *path, struct err *err)
{
	_cleanup_free_ char *cwd = NULL;
	char *full;

	if (*path == '/') {
		full = strdup(path);
	} else {
		cwd = here(err);
		if (!cwd)
			return NULL;
		full = fs_join(cwd, path);
	}
	if (full)
		tidy(full);
	else
		(void)no_memory(err, path);
	return full;
}

/* The folder `path` lies in: "." when it names none. */
static char *folder_of(const char *path)
{
	size_t len = strlen(path);
	const char *slash;

	while (len > 1 && path[len - 1] == '/')
		len--;
	slash = memrchr(path, '/', len);
	if (!slash)
		return strdup(".");
	while (slash > path && slash[-1] == '/')
		slash--;
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

char *fs_own_folder(void)
{
	char exe[PATH_MAX] = "";
	const ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	/* One that fills all of it may have been cut. */
	return len > 0 && len < PATH_MAX - 1 ? folder_of(exe) : NULL;
}

/* Some network file systems can't sync folders: their renames are durable. */
enum err_kind fs_sync_folder(int fd, const char *path, struct err *err)
{
	if (fsync(fd) && errno != EINVAL && errno != ENOTSUP && errno != EROFS)
		return err_errno(err, ERR_IO, "can't sync the folder '%s'", path);
	return ERR_OK;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static enum err_kind make_folder(const char *path, mode_t mode, struct err *err)
{
	int why;

	if (!mkdir(path, mode))
		return ERR_OK;
	why = errno;
	if (is_folder(path))
		return ERR_OK;
	errno = why;
	if (errno == EEXIST || errno == ENOTDIR)
		return err_set(err, ERR_IO,
		    "'%s' is in the way: it is not a folder; choose another path", path);
	return err_errno(err, ERR_IO, "can't make the folder '%s'", path);
}

/* Syncs from the root, or from here, to the folder before the last. */
enum err_kind fs_sync_way(const char *path, struct err *err)
{
	_cleanup_free_ char *part = folder_of(path);

	for (;;) {
		_cleanup_(closep) int fd = -1;
		char *folder;

		if (!part)
			return no_memory(err, path);
		fd = open(part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && fs_sync_folder(fd, part, err))
			return err->kind;
		if (!strcmp(part, "/") || !strcmp(part, "."))
			return ERR_OK;
		folder = folder_of(part);
		free(part);
		part = folder;
	}
}

static enum err_kind make_all(char *part, mode_t mode, struct err *err)
{
	char *end = part + strspn(part, "/");

	while (*end) {
		char saved;

		end += strcspn(end, "/");
		saved = *end;
		*end = '\0';
		if (make_folder(part, mode, err))
			return err->kind;
		*end = saved;
		end += strspn(end, "/");
	}
	return ERR_OK;
}

enum err_kind fs_make_folders(const char *path, mode_t mode, struct err *err)
{
	_cleanup_free_ char *part = strdup(path);

	if (!*path)
		return err_set(err, ERR_USAGE, "the name of a folder is empty");
	if (!part)
		return no_memory(err, path);
	if (!is_folder(path) && make_all(part, mode, err))
		return err->kind;
	return fs_sync_way(path, err);
}

enum err_kind fs_make_parent(const char *path, mode_t mode, struct err *err)
{
	_cleanup_free_ char *folder = folder_of(path);

	if (!folder)
		return no_memory(err, path);
	return fs_make_folders(folder, mode, err);
}

enum err_kind fs_sync_folder_of(const char *path, struct err *err)
{
	_cleanup_free_ char *folder = folder_of(path);
	_cleanup_(closep) int fd = -1;

	if (!folder)
		return no_memory(err, path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, ERR_IO, "can't open the folder '%s'", folder);
	return fs_sync_folder(fd, folder, err);
}

static enum err_kind write_fd(
    int fd, const char *path, const char *bytes, size_t len, struct err *err)
{
	ssize_t n;

	while (len) {
		n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "can't write '%s'", path);
		bytes += n;
		len -= (size_t)n;
	}
	if (fsync(fd))
		return err_errno(err, ERR_IO, "can't write '%s'", path);
	return ERR_OK;
}

static enum err_kind replace(
    int fd, const char *temporary, const char *path, mode_t mode, struct err *err)
{
	if (fchmod(fd, mode))
		return err_errno(err, ERR_IO, "can't set the mode of '%s'", path);
	if (rename(temporary, path))
		return err_errno(err, ERR_IO, "can't replace '%s'", path);
	return fs_sync_folder_of(path, err);
}

enum err_kind fs_write_atomic(
    const char *path, const void *bytes, size_t len, mode_t mode, struct err *err)
{
	_cleanup_free_ char *folder = folder_of(path);
	_cleanup_free_ char *temporary =
	    folder ? fs_join(folder, ".dreamq-XXXXXX") : NULL;
	_cleanup_(closep) int fd = -1;

	if (!temporary)
		return no_memory(err, path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, ERR_IO, "can't write in the folder '%s'", folder);
	if (write_fd(fd, path, bytes, len, err) ||
	    replace(fd, temporary, path, mode, err)) {
		(void)unlink(temporary); /* fails when the rename was done: fine */
		return err->kind;
	}
	return ERR_OK;
}

/*
 * The last resort, where the file system knows neither RENAME_NOREPLACE nor hard
 * links (FAT through FUSE, some network folders): look, then rename. A file that
 * appears between the two is lost; there is no better way there.
 */
static enum err_kind look_and_rename(const struct fs_name *from, const struct fs_name *to,
    bool *ret_exists, struct err *err)
{
	struct stat st;
	const bool exists = !fstatat(to->folder_fd, to->name, &st, AT_SYMLINK_NOFOLLOW);

	if (!exists && renameat(from->folder_fd, from->name, to->folder_fd, to->name))
		return err_errno(
		    err, ERR_IO, "can't rename '%s' to '%s'", from->path, to->path);
	*ret_exists = exists;
	return ERR_OK;
}

/* For file systems without RENAME_NOREPLACE: link() never replaces either. */
static enum err_kind link_new(const struct fs_name *from, const struct fs_name *to,
    bool *ret_exists, struct err *err)
{
	if (linkat(from->folder_fd, from->name, to->folder_fd, to->name, 0)) {
		if (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS)
			return look_and_rename(from, to, ret_exists, err);
		if (errno != EEXIST)
			return err_errno(err, ERR_IO, "can't name '%s'", to->path);
		*ret_exists = true;
		return ERR_OK;
	}
	if (unlinkat(from->folder_fd, from->name, 0))
		return err_errno(err, ERR_IO, "can't remove '%s'", from->path);
	*ret_exists = false;
	return ERR_OK;
}

enum err_kind fs_rename_new_at(const struct fs_name *from, const struct fs_name *to,
    bool *ret_exists, struct err *err)
{
	if (!renameat2(
		from->folder_fd, from->name, to->folder_fd, to->name, RENAME_NOREPLACE)) {
		*ret_exists = false;
		return ERR_OK;
	}
	if (errno == EEXIST) {
		*ret_exists = true;
		return ERR_OK;
	}
	if (errno == EINVAL || errno == ENOSYS)
		return link_new(from, to, ret_exists, err);
	return err_errno(err, ERR_IO, "can't rename '%s' to '%s'", from->path, to->path);
}

enum err_kind fs_rename_new(
    const char *from, const char *to, bool *ret_exists, struct err *err)
{
	return fs_rename_new_at(&(struct fs_name){ AT_FDCWD, from, from },
	    &(struct fs_name){ AT_FDCWD, to, to }, ret_exists, err);
}

bool fs_is_name_of(int folder_fd, const char *name, const struct fs_file *file)
{
	struct stat named;

	return !fstatat(folder_fd, name, &named, AT_SYMLINK_NOFOLLOW) &&
	    named.st_ino == file->ino && named.st_dev == file->dev;
}

bool fs_exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

int64_t fs_size(const char *path)
{
	struct stat st;

	return lstat(path, &st) || !S_ISREG(st.st_mode) ? -1 : (int64_t)st.st_size;
}

int64_t fs_free_bytes(const char *folder)
{
	struct statvfs vfs;
	uint64_t bytes;

	if (statvfs(folder, &vfs) ||
	    __builtin_mul_overflow(
		(uint64_t)vfs.f_bavail, (uint64_t)vfs.f_frsize, &bytes))
		return -1;
	return bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
}

const char *fs_below(const char *folder, const char *path)
{
	const size_t len = strlen(folder);

	if (len == 0 || strncmp(path, folder, len) != 0)
		return NULL;
	if (folder[len - 1] == '/')
		return path + len;
	return path[len] == '/' ? path + len + 1 : NULL;
}
