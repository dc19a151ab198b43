/*
 * root.c - the folder that a sink stores in: which one a url means, whether we may write
 * there, whether its path still leads to it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "store/folder/sink_impl.h"

enum err_kind folder_no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory for a download");
}

char *folder_find_root(const char *url, struct err *err)
{
	const char *path = url;

	if (!strncmp(url, "file://localhost/", 17))
		path = url + 16;
	else if (!strncmp(url, "file:///", 8))
		path = url + 7;
	else if (!strncmp(url, "file:", 5) && strncmp(url, "file://", 7) != 0)
		path = url + 5;
	if (sink_scheme_len(path) > 0) { /* "file://host/..." */
		sink_no_kind(path, err);
		return NULL;
	}
	if (!*path) {
		err_set(err, ERR_USAGE, "the name of the output folder is empty");
		return NULL;
	}
	return fs_absolute(path, err);
}

enum err_kind folder_probe(const struct folder *folder, mode_t *ret_mode, struct err *err)
{
	_cleanup_(closep) int fd = -1;
	char name[64];
	struct stat st;

	fd = openat(folder->fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	if (fd < 0) { /* not every file system has these */
		(void)snprintf(name, sizeof(name), ".dreamq-probe-%ld", (long)getpid());
		(void)unlinkat(folder->fd, name, 0);
		fd =
		    openat(folder->fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0)
			(void)unlinkat(folder->fd, name, 0);
	}
	if (fd < 0 || fstat(fd, &st))
		return err_errno(
		    err, ERR_IO, "can't write in the output folder '%s'", folder->root);
	*ret_mode = st.st_mode & 0666;
	return ERR_OK;
}

enum err_kind folder_check_path(const struct folder *folder, struct err *err)
{
	struct stat held, named;

	if (fstat(folder->fd, &held))
		return err_errno(
		    err, ERR_IO, "can't look at the output folder '%s'", folder->root);
	if (stat(folder->root, &named) || held.st_ino != named.st_ino ||
	    held.st_dev != named.st_dev)
		return err_set(err, ERR_IO,
		    "the output folder '%s' was moved or replaced while files came; "
		    "they are where it went, run this again for the rest",
		    folder->root);
	return ERR_OK;
}
