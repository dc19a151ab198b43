#include "core/browser/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"

enum { TRIES = 5, PAUSE_US = 200000, CHUNK = 64 * 1024 };
#define SIZE_MAX_BYTES ((off_t)512 << 20)

/* What a database is made of; "-shm" SQLite makes anew. */
static const char *const suffixes[] = { "", "-wal", "-journal" };
enum { N_SUFFIXES = sizeof(suffixes) / sizeof(*suffixes) };

/* How the files looked: whoever writes meanwhile is noticed. */
struct look {
	off_t size[N_SUFFIXES];
	struct timespec changed[N_SUFFIXES];
};

static struct look look_at(const char *path)
{
	struct look look;

	memset(&look, 0, sizeof(look));
	for (size_t i = 0; i < N_SUFFIXES; i++) {
		char name[PATH_MAX + 16];
		struct stat st;

		(void)snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		look.size[i] = -1;
		if (stat(name, &st))
			continue;
		look.size[i] = st.st_size;
		look.changed[i] = st.st_mtim;
	}
	return look;
}

static bool is_same(const struct look *a, const struct look *b)
{
	for (size_t i = 0; i < N_SUFFIXES; i++)
		if (a->size[i] != b->size[i] ||
		    a->changed[i].tv_sec != b->changed[i].tv_sec ||
		    a->changed[i].tv_nsec != b->changed[i].tv_nsec)
			return false;
	return true;
}

static enum err_kind pour(int from, int to, const char *name, struct err *err)
{
	_cleanup_free_ char *chunk = malloc(CHUNK);
	off_t all = 0;
	ssize_t n;

	if (!chunk)
		return err_set(err, ERR_NOMEM, "out of memory");
	while ((n = read(from, chunk, CHUNK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "can't read '%s'", name);
		for (ssize_t done = 0, put; done < n; done += put) {
			put = write(to, chunk + done, (size_t)(n - done));
			if (put < 0 && errno != EINTR)
				return err_errno(err, ERR_IO, "can't copy '%s'", name);
			put = put < 0 ? 0 : put;
		}
		all += n;
		if (all > SIZE_MAX_BYTES)
			return err_set(err, ERR_USAGE,
			    "'%s' is too large for a database of cookies", name);
	}
	return ERR_OK;
}

/* One that is not there is none, but the first. */
static enum err_kind copy_one(
    const char *path, const char *copy, const char *suffix, struct err *err)
{
	char from_name[PATH_MAX + 16], to_name[PATH_MAX + 16];
	_cleanup_(closep) int from = -1;
	_cleanup_(closep) int to = -1;

	(void)snprintf(from_name, sizeof(from_name), "%s%s", path, suffix);
	(void)snprintf(to_name, sizeof(to_name), "%s%s", copy, suffix);
	(void)unlink(to_name);
	from = open(from_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (from < 0 && errno == ENOENT && *suffix)
		return ERR_OK;
	if (from < 0)
		return err_errno(err, ERR_IO, "can't open '%s'", from_name);
	to = open(to_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0)
		return err_errno(err, ERR_IO, "can't make '%s'", to_name);
	return pour(from, to, from_name, err);
}

static enum err_kind copy_all(const char *path, const char *copy, struct err *err)
{
	for (int i = 0; i < TRIES; i++) {
		const struct look before = look_at(path);
		struct look after;

		for (size_t k = 0; k < N_SUFFIXES; k++)
			if (copy_one(path, copy, suffixes[k], err))
				return err->kind;
		after = look_at(path);
		if (is_same(&before, &after))
			return ERR_OK;
		(void)usleep(PAUSE_US);
	}
	return err_set(err, ERR_LOCKED,
	    "the browser writes to '%s' all the time; close it and try again", path);
}

static bool make_folder(char into[PATH_MAX])
{
	const char *const places[] = { getenv("XDG_RUNTIME_DIR"), "/dev/shm",
		getenv("TMPDIR"), "/tmp" };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (!places[i] || places[i][0] != '/' ||
		    snprintf(into, PATH_MAX, "%s/dreamq-XXXXXX", places[i]) >= PATH_MAX)
			continue;
		if (mkdtemp(into))
			return true;
	}
	into[0] = '\0';
	return false;
}

void browser_copy_release(struct browser_copy *copy)
{
	static const char *const all[] = { "", "-wal", "-journal", "-shm" };

	if (!copy->folder[0])
		return;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		char name[PATH_MAX + 16];

		(void)snprintf(name, sizeof(name), "%s%s", copy->path, all[i]);
		(void)unlink(name);
	}
	(void)rmdir(copy->folder);
	copy->folder[0] = '\0';
}

enum err_kind browser_copy_make(
    const char *path, struct browser_copy *ret_copy, struct err *err)
{
	_cleanup_(browser_copy_release) struct browser_copy copy = { .folder = "" };

	if (!make_folder(copy.folder))
		return err_errno(
		    err, ERR_IO, "can't make a folder for a copy of '%s'", path);
	if (snprintf(copy.path, sizeof(copy.path), "%s/cookies", copy.folder) >= PATH_MAX)
		return err_set(err, ERR_IO, "the name of '%s' is too long", copy.folder);
	if (copy_all(path, copy.path, err))
		return err->kind;
	*ret_copy = copy;
	copy.folder[0] = '\0';
	return ERR_OK;
}
