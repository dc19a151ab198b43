/*
 * partial.c - the partial files of a folder sink.
 *
 *	            partial_begin                  sink_flush
 *	(no file) ───────────────► .dreamq-K.part ───────────────► final name
 *	                            │  ▲ partial_write, _truncate
 *	                            └──┘
 *
 * A partial's lock (flock) belongs to its inode, while processes look for its
 * name. So whoever gets the lock looks again whether the name still means the
 * inode: if not, the file was committed or discarded by its last owner, and a
 * fresh one is made. Names are only removed or renamed by the lock's owner.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "store/folder/sink_impl.h"

enum { KEY_MAX = 200, BEGIN_TRIES = 1000 };

static bool is_safe_key(const char *key)
{
	size_t n = 0;

	for (; key[n]; n++)
		if (!isalnum((unsigned char)key[n]) && !strchr("._-", key[n]))
			return false;
	return n > 0 && n <= KEY_MAX;
}

static void partial_free(struct folder_partial *partial)
{
	if (!partial)
		return;
	promise_drop(&partial->folder->promises, &partial->promise);
	closep(&partial->fd); /* drops the lock */
	folder_forget_sums(partial);
	(void)pthread_mutex_destroy(&partial->sums_lock);
	free(partial->path);
	free(partial);
}

static void partial_freep(struct folder_partial **partial)
{
	partial_free(*partial);
}

static enum err_kind lock(struct folder_partial *p, struct err *err)
{
	int failed;

	do {
		failed = flock(p->fd, LOCK_EX | LOCK_NB);
	} while (failed && errno == EINTR);
	if (failed && errno == EWOULDBLOCK)
		return err_set(
		    err, ERR_BUSY, "another dreamq is downloading '%s'", p->path);
	if (failed)
		return err_errno(err, ERR_IO, "can't lock '%s'", p->path);
	return ERR_OK;
}

static enum err_kind check_kind(
    const struct folder_partial *p, const struct stat *st, struct err *err)
{
	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_IO,
		    "'%s' is in the way: it is not a file; remove it", p->path);
	return ERR_OK;
}

/*
 * Opens and locks whatever has the name now. *ret_is_ours: it still had the name
 * once we had the lock, and no other name (a commit by link and unlink that was
 * interrupted in the middle leaves two: then the bytes are stored already, and
 * the partial's name must not write on into them).
 */
static enum err_kind grab(struct folder_partial *p, bool *ret_is_ours, struct err *err)
{
	struct stat st;

	*ret_is_ours = false;
	p->fd = openat(p->folder->fd, p->name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	if (p->fd < 0 && errno == ELOOP)
		return err_set(
		    err, ERR_IO, "'%s' is in the way: it is a link; remove it", p->path);
	if (p->fd < 0 && errno == EISDIR)
		return err_set(err, ERR_IO,
		    "'%s' is in the way: it is a folder; remove it", p->path);
	if (p->fd < 0)
		return err_errno(err, ERR_IO, "can't open '%s'", p->path);
	if (lock(p, err))
		return err->kind;
	if (fstat(p->fd, &st))
		return err_errno(err, ERR_IO, "can't look at '%s'", p->path);
	if (check_kind(p, &st, err))
		return err->kind;
	p->file = (struct fs_file){ st.st_dev, st.st_ino };
	if (!fs_is_name_of(p->folder->fd, p->name, &p->file))
		return ERR_OK;
	if (st.st_nlink > 1) {
		if (unlinkat(p->folder->fd, p->name, 0))
			return err_errno(err, ERR_IO, "can't remove '%s'", p->path);
		return ERR_OK;
	}
	p->size_bytes = (uint64_t)st.st_size;
	*ret_is_ours = true;
	return ERR_OK;
}

char *folder_partial_at(struct sink *sink, const char *place, const char *key)
{
	char name[KEY_MAX + 32];

	(void)sink;
	(void)snprintf(name, sizeof(name), ".dreamq-%.*s.part", KEY_MAX, key);
	return fs_join(place, name);
}

/* Not open yet; NULL: no memory. */
static struct folder_partial *partial_new(struct folder *folder, const char *key)
{
	_cleanup_(partial_freep) struct folder_partial *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	*p = (struct folder_partial){
		.base.sink = &folder->base,
		.folder = folder,
		.fd = -1,
		.has_name = true,
		.sums_lock = PTHREAD_MUTEX_INITIALIZER,
	};
	p->path = folder_partial_at(&folder->base, folder->root, key);
	if (!p->path)
		return NULL;
	p->name = strrchr(p->path, '/') + 1;
	return TAKE_PTR(p);
}

enum err_kind folder_begin(struct sink *sink, const char *key,
    struct partial **ret_partial, uint64_t *ret_size_bytes, struct err *err)
{
	_cleanup_(partial_freep) struct folder_partial *p = NULL;
	bool is_ours = false;

	if (!is_safe_key(key))
		return err_set(err, ERR_USAGE,
		    "a download's key has 1-%d of [A-Za-z0-9._-]", KEY_MAX);
	p = partial_new((struct folder *)sink, key);
	if (!p)
		return folder_no_memory(err);
	for (int i = 0; i < BEGIN_TRIES && !is_ours; i++) {
		closep(&p->fd);
		if (grab(p, &is_ours, err))
			return err->kind;
	}
	if (!is_ours)
		return err_set(
		    err, ERR_BUSY, "'%s' is made and removed again and again", p->path);
	*ret_size_bytes = p->size_bytes;
	*ret_partial = &TAKE_PTR(p)->base;
	return ERR_OK;
}

enum err_kind folder_write(
    struct partial *partial, const void *bytes, size_t len, struct err *err)
{
	struct folder_partial *p = folder_partial(partial);
	const char *from = bytes;
	ssize_t n;

	while (len) {
		n = pwrite(p->fd, from, len, (off_t)p->size_bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "can't write '%s'", p->path);
		folder_sum_next(p, from, (size_t)n);
		p->size_bytes += (uint64_t)n;
		from += n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

enum err_kind folder_read(const struct partial *partial, uint64_t offset, void *ret_bytes,
    size_t len, struct err *err)
{
	const struct folder_partial *p = folder_partial_const(partial);
	char *into = ret_bytes;

	while (len) {
		const ssize_t n = pread(p->fd, into, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "can't read '%s'", p->path);
		if (n == 0)
			return err_set(err, ERR_IO, "'%s' became shorter", p->path);
		into += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

enum err_kind folder_truncate(
    struct partial *partial, uint64_t size_bytes, struct err *err)
{
	struct folder_partial *p = folder_partial(partial);
	if (size_bytes > p->size_bytes)
		return err_set(err, ERR_USAGE, "'%s' has only %" PRIu64 " bytes", p->path,
		    p->size_bytes);
	if (ftruncate(p->fd, (off_t)size_bytes))
		return err_errno(err, ERR_IO, "can't shorten '%s'", p->path);
	p->size_bytes = size_bytes;
	if (p->hashed_bytes > size_bytes)
		folder_forget_sums(p);
	return ERR_OK;
}

/* We have the lock, so the name is ours, unless somebody who keeps no locks took it. */
static void remove_name(const struct folder_partial *p)
{
	if (p->has_name && fs_is_name_of(p->folder->fd, p->name, &p->file))
		(void)unlinkat(p->folder->fd, p->name, 0);
}

void folder_close(struct partial *partial)
{
	struct folder_partial *p = folder_partial(partial);

	/* Nothing came: leave nothing. */
	if (p->size_bytes == 0 || p->is_spoilt)
		remove_name(p);
	partial_free(p);
}

void folder_discard(struct partial *partial)
{
	remove_name(folder_partial(partial));
	partial_free(folder_partial(partial));
}
