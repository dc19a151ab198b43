/*
 * sink.c - the folder sink: its root, and the partial files in it.
 *
 *	            partial_begin                partial_commit
 *	(no file) ───────────────► .dreamq-K.part ───────────────► final name
 *	                            │  ▲ partial_write, _truncate, _seal
 *	                            └──┘
 *
 * A partial's lock (flock) belongs to its inode, while processes look for its
 * name. So whoever gets the lock looks again whether the name still means the
 * inode: if not, the file was committed or discarded by its last owner, and a
 * fresh one is made. Names are only removed or renamed by the lock's owner.
 */
#include "store/sink.h"

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
#include "store/digest.h"
#include "store/name.h"
#include "store/place.h"

enum { KEY_MAX = 200, BEGIN_TRIES = 1000, CHOICES_MAX = 10000 };

struct sink {
	char *root; /* absolute */
	int fd;
	mode_t file_mode; /* what the umask leaves of 0666 */
};

struct partial {
	struct sink *sink;
	char *path;
	const char *name; /* the end of `path` */
	int fd;
	uint64_t size_bytes;
	bool has_name; /* false: committed */
};

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory for a download");
}

/* "scheme://" of something that is neither a path nor file:. */
static size_t foreign_scheme(const char *url)
{
	size_t n = 0;

	if (!isalpha((unsigned char)*url))
		return 0;
	while (isalnum((unsigned char)url[n]) || (url[n] && strchr("+.-", url[n])))
		n++;
	return strncmp(url + n, "://", 3) != 0 ? 0 : n;
}

/* The folder meant, absolute; NULL: *err says why not. */
static char *find_root(const char *url, struct err *err)
{
	const char *path = url;
	size_t scheme;
	char *root;

	if (!strncmp(url, "file://localhost/", 17))
		path = url + 16;
	else if (!strncmp(url, "file:///", 8))
		path = url + 7;
	else if (!strncmp(url, "file:", 5) && strncmp(url, "file://", 7) != 0)
		path = url + 5;
	scheme = foreign_scheme(path);
	if (scheme) {
		err_set(err, ERR_USAGE,
		    "files can't be stored at '%.*s://': give a folder",
		    scheme > 20 ? 20 : (int)scheme, path);
		return NULL;
	}
	if (!*path) {
		err_set(err, ERR_USAGE, "the name of the output folder is empty");
		return NULL;
	}
	root = fs_absolute(path);
	if (!root)
		(void)no_memory(err);
	return root;
}

/*
 * The proof that we may write, and the mode that new files get here (umask, or the
 * folder's default list), without touching the process's umask.
 */
static enum err_kind probe(struct sink *sink, struct err *err)
{
	_cleanup_(closep) int fd = -1;
	char name[64];
	struct stat st;

	fd = openat(sink->fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	if (fd < 0) { /* not every file system has these */
		(void)snprintf(name, sizeof(name), ".dreamq-probe-%ld", (long)getpid());
		(void)unlinkat(sink->fd, name, 0);
		fd = openat(sink->fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0)
			(void)unlinkat(sink->fd, name, 0);
	}
	if (fd < 0 || fstat(fd, &st))
		return err_errno(
		    err, ERR_IO, "can't write in the output folder '%s'", sink->root);
	sink->file_mode = st.st_mode & 0666;
	return ERR_OK;
}

void sink_free(struct sink *sink)
{
	if (!sink)
		return;
	closep(&sink->fd);
	free(sink->root);
	free(sink);
}

static void sink_freep(struct sink **sink)
{
	sink_free(*sink);
}

enum err_kind sink_open(const char *url, struct sink **ret_sink, struct err *err)
{
	_cleanup_(sink_freep) struct sink *sink = calloc(1, sizeof(*sink));

	if (!sink)
		return no_memory(err);
	sink->fd = -1;
	sink->root = find_root(url, err);
	if (!sink->root || fs_make_folders(sink->root, 0777, err))
		return err_note(err, "output folder");
	sink->fd = open(sink->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sink->fd < 0)
		return err_errno(
		    err, ERR_IO, "can't open the output folder '%s'", sink->root);
	if (probe(sink, err))
		return err->kind;
	*ret_sink = TAKE_PTR(sink);
	return ERR_OK;
}

const char *sink_root(const struct sink *sink)
{
	return sink->root;
}

static bool is_safe_key(const char *key)
{
	size_t n = 0;

	for (; key[n]; n++)
		if (!isalnum((unsigned char)key[n]) && !strchr("._-", key[n]))
			return false;
	return n > 0 && n <= KEY_MAX;
}

static void partial_free(struct partial *partial)
{
	if (!partial)
		return;
	closep(&partial->fd); /* drops the lock */
	free(partial->path);
	free(partial);
}

static void partial_freep(struct partial **partial)
{
	partial_free(*partial);
}

static enum err_kind lock(struct partial *p, struct err *err)
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
    const struct partial *p, const struct stat *st, struct err *err)
{
	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_IO,
		    "'%s' is in the way: it is not a file; remove it", p->path);
	return ERR_OK;
}

/*
 * Opens and locks whatever has the name now. *ret_is_ours: it still had the name
 * once we had the lock, and no other name (a commit by link and unlink that was
 * interrupted in the middle leaves two: then the bytes are home already, and
 * the partial's name must not write on into them).
 */
static enum err_kind grab(struct partial *p, bool *ret_is_ours, struct err *err)
{
	struct stat st, named;

	*ret_is_ours = false;
	p->fd = openat(p->sink->fd, p->name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	if (p->fd < 0 && errno == ELOOP)
		return err_set(
		    err, ERR_IO, "'%s' is in the way: it is a link; remove it", p->path);
	if (p->fd < 0)
		return err_errno(err, ERR_IO, "can't open '%s'", p->path);
	if (lock(p, err))
		return err->kind;
	if (fstat(p->fd, &st))
		return err_errno(err, ERR_IO, "can't look at '%s'", p->path);
	if (check_kind(p, &st, err))
		return err->kind;
	if (fstatat(p->sink->fd, p->name, &named, AT_SYMLINK_NOFOLLOW) ||
	    named.st_ino != st.st_ino || named.st_dev != st.st_dev)
		return ERR_OK;
	if (st.st_nlink > 1) {
		if (unlinkat(p->sink->fd, p->name, 0))
			return err_errno(err, ERR_IO, "can't remove '%s'", p->path);
		return ERR_OK;
	}
	p->size_bytes = (uint64_t)st.st_size;
	*ret_is_ours = true;
	return ERR_OK;
}

/* Not open yet; NULL: no memory. */
static struct partial *partial_new(struct sink *sink, const char *key)
{
	_cleanup_(partial_freep) struct partial *p = calloc(1, sizeof(*p));
	char name[KEY_MAX + 32];

	if (!p)
		return NULL;
	(void)snprintf(name, sizeof(name), ".dreamq-%s.part", key);
	*p = (struct partial){ .sink = sink, .fd = -1, .has_name = true };
	p->path = fs_join(sink->root, name);
	if (!p->path)
		return NULL;
	p->name = p->path + strlen(p->path) - strlen(name);
	return TAKE_PTR(p);
}

enum err_kind partial_begin(struct sink *sink, const char *key,
    struct partial **ret_partial, uint64_t *ret_size_bytes, struct err *err)
{
	_cleanup_(partial_freep) struct partial *p = NULL;
	bool is_ours = false;

	if (!is_safe_key(key))
		return err_set(err, ERR_USAGE,
		    "a download's key has 1-%d of [A-Za-z0-9._-]", KEY_MAX);
	p = partial_new(sink, key);
	if (!p)
		return no_memory(err);
	for (int i = 0; i < BEGIN_TRIES && !is_ours; i++) {
		closep(&p->fd);
		if (grab(p, &is_ours, err))
			return err->kind;
	}
	if (!is_ours)
		return err_set(
		    err, ERR_BUSY, "'%s' is made and removed again and again", p->path);
	*ret_size_bytes = p->size_bytes;
	*ret_partial = TAKE_PTR(p);
	return ERR_OK;
}

enum err_kind partial_write(
    struct partial *partial, const void *bytes, size_t len, struct err *err)
{
	const char *from = bytes;
	ssize_t n;

	while (len) {
		n = pwrite(partial->fd, from, len, (off_t)partial->size_bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "can't write '%s'", partial->path);
		partial->size_bytes += (uint64_t)n;
		from += n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

enum err_kind partial_read(const struct partial *partial, uint64_t offset,
    void *ret_bytes, size_t len, struct err *err)
{
	char *into = ret_bytes;

	while (len) {
		const ssize_t n = pread(partial->fd, into, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "can't read '%s'", partial->path);
		if (n == 0)
			return err_set(err, ERR_IO, "'%s' became shorter", partial->path);
		into += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

enum err_kind partial_truncate(
    struct partial *partial, uint64_t size_bytes, struct err *err)
{
	if (size_bytes > partial->size_bytes)
		return err_set(err, ERR_USAGE, "'%s' has only %" PRIu64 " bytes",
		    partial->path, partial->size_bytes);
	if (ftruncate(partial->fd, (off_t)size_bytes))
		return err_errno(err, ERR_IO, "can't shorten '%s'", partial->path);
	partial->size_bytes = size_bytes;
	return ERR_OK;
}

enum err_kind partial_seal(
    struct partial *partial, struct sealed *ret_sealed, struct err *err)
{
	struct sealed sealed = { .size_bytes = partial->size_bytes };

	if (fsync(partial->fd))
		return err_errno(err, ERR_IO, "can't write '%s'", partial->path);
	if (media_check(partial->fd, sealed.size_bytes, &sealed.type, err))
		return err->kind;
	if (digest_fd(partial->fd, sealed.size_bytes, sealed.sha256, sealed.md5, err))
		return err_note(err, "'%s'", partial->path);
	*ret_sealed = sealed;
	return ERR_OK;
}

/* May `path` be used: nothing is there, or the very same bytes? */
static enum err_kind is_usable(
    const char *path, const struct sealed *sealed, bool *ret_is_usable, struct err *err)
{
	struct stat st;

	if (!lstat(path, &st))
		return file_matches(
		    path, sealed->size_bytes, sealed->sha256, ret_is_usable, err);
	if (errno != ENOENT)
		return err_errno(err, ERR_IO, "can't look at '%s'", path);
	*ret_is_usable = true;
	return ERR_OK;
}

/* Candidate `n` (1: the name itself) as an absolute path. */
static char *candidate(const struct sink *sink, const char *name, unsigned n)
{
	_cleanup_free_ char *other = n > 1 ? name_alternative(name, n) : strdup(name);

	return other ? fs_join(sink->root, other) : NULL;
}

enum err_kind partial_choose(struct partial *partial, const char *name,
    const struct sealed *sealed, char **ret_path, struct err *err)
{
	const struct sink *sink = partial->sink;
	bool is_usable_now = false;

	if (place_make_folders(sink->fd, sink->root, name, err))
		return err->kind;
	for (unsigned n = 1; n <= CHOICES_MAX; n++) {
		_cleanup_free_ char *path = candidate(sink, name, n);

		if (!path)
			return no_memory(err);
		if (is_usable(path, sealed, &is_usable_now, err))
			return err->kind;
		if (is_usable_now) {
			*ret_path = TAKE_PTR(path);
			return ERR_OK;
		}
	}
	return err_set(err, ERR_IO,
	    "'%s' and %d names like it are taken in '%s'; choose another folder or name",
	    name, CHOICES_MAX - 1, sink->root);
}

/* `path` as a name below the root; NULL when it lies elsewhere. */
static const char *below(const struct sink *sink, const char *path)
{
	const size_t len = strlen(sink->root);

	if (strncmp(path, sink->root, len) != 0)
		return NULL;
	if (len == 1) /* "/" */
		return path + 1;
	return path[len] == '/' ? path + len + 1 : NULL;
}

/* The name is taken. By the same bytes? Then our copy can go. */
static enum err_kind give_way(struct partial *partial, const char *path,
    const struct sealed *sealed, bool *ret_taken, struct err *err)
{
	bool matches = false;

	if (file_matches(path, sealed->size_bytes, sealed->sha256, &matches, err))
		return err->kind;
	if (matches && unlinkat(partial->sink->fd, partial->name, 0))
		return err_errno(err, ERR_IO, "can't remove '%s'", partial->path);
	partial->has_name = !matches;
	*ret_taken = !matches;
	return ERR_OK;
}

enum err_kind partial_commit(struct partial *partial, const char *path,
    const struct sealed *sealed, bool *ret_taken, struct err *err)
{
	const struct sink *sink = partial->sink;
	const char *name = below(sink, path);
	bool exists = false, taken = false;

	if (!name) { /* of an earlier run with another folder */
		*ret_taken = true;
		return ERR_OK;
	}
	if (place_make_folders(sink->fd, sink->root, name, err))
		return err->kind;
	if (fchmod(partial->fd, sink->file_mode))
		return err_errno(
		    err, ERR_IO, "can't set the mode of '%s'", partial->path);
	if (fs_rename_new(partial->path, path, &exists, err))
		return err->kind;
	if (!exists)
		partial->has_name = false;
	else if (give_way(partial, path, sealed, &taken, err))
		return err->kind;
	if (!taken &&
	    (fs_sync_folder_of(path, err) || fs_sync_folder_of(partial->path, err)))
		return err->kind;
	*ret_taken = taken;
	return ERR_OK;
}

void partial_close(struct partial *partial)
{
	/* Nothing came: leave nothing. We have the lock, so the name is ours. */
	if (partial && partial->has_name && partial->size_bytes == 0)
		(void)unlinkat(partial->sink->fd, partial->name, 0);
	partial_free(partial);
}

void partial_discard(struct partial *partial)
{
	if (partial && partial->has_name)
		(void)unlinkat(partial->sink->fd, partial->name, 0);
	partial_free(partial);
}
