/*
 * sink.c - the folder sink: its root.
 */
#include "store/folder/sink_impl.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"

enum err_kind sink_no_memory(struct err *err)
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
	return fs_absolute(path, err);
}

/*
 * The proof that we may write, and the mode that new files get here (umask, or the
 * folder's default list), without touching the process's umask.
 */
static enum err_kind probe(const struct sink *sink, mode_t *ret_mode, struct err *err)
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
	*ret_mode = st.st_mode & 0666;
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
		return sink_no_memory(err);
	sink->fd = -1;
	sink->root = find_root(url, err);
	if (!sink->root || fs_make_folders(sink->root, 0777, err))
		return err_note(err, "output folder");
	sink->fd = open(sink->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sink->fd < 0)
		return err_errno(
		    err, ERR_IO, "can't open the output folder '%s'", sink->root);
	if (probe(sink, &sink->file_mode, err))
		return err->kind;
	*ret_sink = TAKE_PTR(sink);
	return ERR_OK;
}

enum err_kind sink_check_path(const struct sink *sink, struct err *err)
{
	struct stat held, named;

	if (fstat(sink->fd, &held))
		return err_errno(
		    err, ERR_IO, "can't look at the output folder '%s'", sink->root);
	if (stat(sink->root, &named) || held.st_ino != named.st_ino ||
	    held.st_dev != named.st_dev)
		return err_set(err, ERR_IO,
		    "the output folder '%s' was moved or replaced while files came; "
		    "they are where it went, run this again for the rest",
		    sink->root);
	return ERR_OK;
}

enum err_kind sink_check(const struct sink *sink, struct err *err)
{
	mode_t mode;

	if (sink_check_path(sink, err))
		return err->kind;
	return probe(sink, &mode, err);
}

const char *sink_root(const struct sink *sink)
{
	return sink->root;
}
