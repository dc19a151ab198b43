#include "store/folder/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"

static bool is_tame(const char *name)
{
	size_t n;

	for (;; name += n + 1) {
		n = strcspn(name, "/");
		if (n == 0 || !strncmp(name, ".", n) ||
		    (n == 2 && !memcmp(name, "..", 2)))
			return false;
		if (!name[n])
			return true;
	}
}

static enum err_kind fail_in_the_way(const char *root, const char *part, struct err *err)
{
	return err_set(err, ERR_IO,
	    "'%s' in '%s' is in the way: it is a file or a link; links below the output "
	    "folder are not followed",
	    part, root);
}

/*
 * Steps from the folder *fd into its folder `part`, which is made if need be. One that is
 * there may be of a process that was killed before it could sync: durable is durable.
 */
static enum err_kind step_into(
    int *fd, const char *root, const char *part, bool is_durable, struct err *err)
{
	const bool is_new = !mkdirat(*fd, part, 0777);
	int next;

	if (!is_new && errno != EEXIST)
		return err_errno(
		    err, ERR_IO, "can't make the folder '%s' in '%s'", part, root);
	if (is_durable && fs_sync_folder(*fd, root, err))
		return err->kind;
	next = openat(*fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0 && (errno == ENOTDIR || errno == ELOOP))
		return fail_in_the_way(root, part, err);
	if (next < 0)
		return err_errno(
		    err, ERR_IO, "can't open the folder '%s' in '%s'", part, root);
	closep(fd);
	*fd = next;
	return ERR_OK;
}

enum err_kind place_open(int root_fd, const char *root, const char *name, bool is_durable,
    int *ret_fd, struct err *err)
{
	_cleanup_free_ char *parts = NULL;
	_cleanup_(closep) int fd = -1;
	char *part, *slash;

	if (!is_tame(name))
		return err_set(
		    err, ERR_USAGE, "'%s' does not name a file below '%s'", name, root);
	if (!strchr(name, '/')) {
		*ret_fd = root_fd;
		return ERR_OK;
	}
	parts = strdup(name);
	if (!parts)
		return err_set(err, ERR_NOMEM, "out of memory for a file name");
	fd = fcntl(root_fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, ERR_IO, "can't open the folder '%s'", root);
	for (part = parts; (slash = strchr(part, '/')) != NULL; part = slash + 1) {
		*slash = '\0';
		if (step_into(&fd, root, part, is_durable, err))
			return err->kind;
	}
	*ret_fd = fd;
	fd = -1;
	return ERR_OK;
}

void place_close(int root_fd, int *fd)
{
	if (*fd == root_fd)
		*fd = -1;
	closep(fd);
}

const char *place_base(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}
