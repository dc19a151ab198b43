#include "cli/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/i18n.h"

static enum err_kind open_temporary(struct outfile *file, struct err *err)
{
	int fd = mkostemp(file->temporary, O_CLOEXEC);

	if (fd < 0) {
		free(TAKE_PTR(file->temporary));
		return err_errno(err, ERR_IO, _("cannot write beside '%s'"), file->path);
	}
	file->stream = fdopen(fd, "w");
	if (!file->stream) {
		(void)close(fd);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	return ERR_OK;
}

enum err_kind outfile_open(const char *path, struct outfile *ret_file, struct err *err)
{
	_cleanup_(outfile_release) struct outfile file = { .path = strdup(path) };
	struct stat there;

	/* A rename would replace a device or a pipe by a file. */
	if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
		return err_set(err, ERR_USAGE,
		    _("'%s' exists and is no regular file; name another, or write to "
		      "standard output"),
		    path);
	if (!file.path || asprintf(&file.temporary, "%s.XXXXXX", path) < 0) {
		file.temporary = NULL;
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	if (open_temporary(&file, err))
		return err->kind;
	*ret_file = file;
	file = (struct outfile){ 0 };
	return ERR_OK;
}

/* mkostemp() made it 0600; what `>` would have made is 0666 less the umask. */
static int take_usual_mode(int fd)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	return fchmod(fd, (mode_t)0666 & ~mask);
}

enum err_kind outfile_commit(struct outfile *taken, struct err *err)
{
	_cleanup_(outfile_release) struct outfile file = *taken;

	*taken = (struct outfile){ 0 };
	errno = 0;
	if (fflush(file.stream) != 0 || ferror(file.stream) ||
	    take_usual_mode(fileno(file.stream)) != 0 ||
	    fsync(fileno(file.stream)) != 0) {
		errno = errno ? errno : EIO;
		return err_errno(err, ERR_IO, _("cannot write '%s'"), file.path);
	}
	if (rename(file.temporary, file.path) != 0)
		return err_errno(err, ERR_IO, _("cannot write '%s'"), file.path);
	free(TAKE_PTR(file.temporary));
	return fs_sync_folder_of(file.path, err);
}

void outfile_release(struct outfile *file)
{
	if (file->stream)
		(void)fclose(file->stream);
	if (file->temporary)
		(void)unlink(file->temporary);
	free(file->temporary);
	free(file->path);
	*file = (struct outfile){ 0 };
}
