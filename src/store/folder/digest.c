#include "store/folder/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/hash.h"

enum { CHUNK_BYTES = 64 << 10 }; /* fits the caches of a processor */

enum err_kind digest_add(int fd, uint64_t from_bytes, uint64_t to_bytes,
    struct hash *sha256, struct hash *md5, struct err *err)
{
	const uint64_t all = to_bytes - from_bytes;
	const size_t room = all < CHUNK_BYTES ? (size_t)all : CHUNK_BYTES;
	_cleanup_free_ char *chunk = malloc(room ? room : 1);
	uint64_t at = from_bytes;
	size_t want;
	ssize_t n;

	if (!chunk)
		return err_set(err, ERR_NOMEM, "out of memory for a checksum");
	if (all > CHUNK_BYTES)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	while (at < to_bytes) {
		want = to_bytes - at < room ? (size_t)(to_bytes - at) : room;
		n = pread(fd, chunk, want, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "can't read a file back");
		if (n == 0)
			return err_set(err, ERR_IO,
			    "a file became shorter while it was read; is somebody else "
			    "writing there?");
		hash_add(sha256, chunk, (size_t)n);
		if (md5)
			hash_add(md5, chunk, (size_t)n);
		at += (uint64_t)n;
	}
	return ERR_OK;
}

/* The sum of the first size_bytes; fewer are ERR_IO. */
static enum err_kind digest_fd(
    int fd, uint64_t size_bytes, char ret_sha256[HASH_HEX_MAX], struct err *err)
{
	_cleanup_(hash_freep) struct hash *sha256 = NULL;

	if (hash_new(HASH_SHA256, &sha256, err) ||
	    digest_add(fd, 0, size_bytes, sha256, NULL, err))
		return err->kind;
	hash_finish(sha256, ret_sha256);
	return ERR_OK;
}

enum err_kind digest_open_same(const struct fs_name *at, uint64_t size_bytes,
    const char *sha256, int *ret_fd, struct err *err)
{
	_cleanup_(closep) int fd = openat(at->folder_fd, at->name,
	    O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	char found[HASH_HEX_MAX] = "";
	struct stat st;

	*ret_fd = -1;
	if (fd < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP &&
	    errno != ENXIO)
		return err_errno(err, ERR_IO, "can't open '%s'", at->path);
	if (fd >= 0 && fstat(fd, &st))
		return err_errno(err, ERR_IO, "can't look at '%s'", at->path);
	if (fd < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size != size_bytes)
		return ERR_OK;
	if (digest_fd(fd, size_bytes, found, err))
		return err_note(err, "'%s'", at->path);
	if (strcmp(found, sha256) == 0) {
		*ret_fd = fd;
		fd = -1;
	}
	return ERR_OK;
}
