#include "cli/term/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/term/i18n.h"

/* Opens a stream on a new file; `path` ends in XXXXXX and becomes its name. */
static FILE *open_temporary(char *path)
{
	int fd = mkostemp(path, O_CLOEXEC);
	FILE *stream;

	if (fd < 0)
		return NULL;
	stream = fdopen(fd, "w");
	if (!stream) {
		(void)close(fd);
		(void)unlink(path);
	}
	return stream;
}

static char *temporary_name(const char *path)
{
	char *name = NULL;

	return asprintf(&name, "%s.XXXXXX", path) < 0 ? NULL : name;
}

static enum err_kind fail_there(const char *path, struct err *err)
{
	return err_set(
	    err, ERR_USAGE, "'%s' is there already; --force replaces it", path);
}

enum err_kind outfile_open(
    const char *path, bool may_replace, struct outfile *ret_file, struct err *err)
{
	struct outfile file = { .may_replace = may_replace };
	struct stat there;

	/* A rename would replace a device or a pipe by a file. */
	if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
		return err_set(err, ERR_USAGE,
		    "'%s' exists and is no regular file; name another, or write to "
		    "standard output",
		    path);
	if (!may_replace && fs_exists(path))
		return fail_there(path, err);
	file.path = strdup(path);
	file.temporary = temporary_name(path);
	if (file.temporary)
		file.stream = open_temporary(file.temporary);
	if (file.stream && file.path) {
		*ret_file = file;
		return ERR_OK;
	}
	(void)(file.stream ? err_set(err, ERR_NOMEM, "out of memory")
			   : err_errno(err, ERR_IO, "cannot write beside '%s'", path));
	outfile_release(&file);
	return err->kind;
}

/* mkostemp() made it 0600; what `>` would have made is 0666 less the umask. */
static int take_usual_mode(int fd)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	return fchmod(fd, (mode_t)0666 & ~mask);
}

static enum err_kind fail_to_write(const struct outfile *file, struct err *err)
{
	errno = errno ? errno : EIO;
	return err_errno(err, ERR_IO, "cannot write '%s'", file->path);
}

static enum err_kind commit(struct outfile *file, struct err *err)
{
	bool exists = false;

	errno = 0;
	if (fflush(file->stream) != 0 || ferror(file->stream) ||
	    take_usual_mode(fileno(file->stream)) != 0 ||
	    fsync(fileno(file->stream)) != 0)
		return fail_to_write(file, err);
	if (file->may_replace && rename(file->temporary, file->path) != 0)
		return fail_to_write(file, err);
	if (!file->may_replace &&
	    fs_rename_new(file->temporary, file->path, &exists, err))
		return err->kind;
	if (exists)
		return fail_there(file->path, err);
	free(TAKE_PTR(file->temporary));
	return fs_sync_folder_of(file->path, err);
}

enum err_kind outfile_commit(struct outfile *file, struct err *err)
{
	enum err_kind kind = commit(file, err);

	outfile_release(file);
	return kind;
}

void outfile_release(struct outfile *file)
{
	if (file->stream && file->temporary)
		(void)unlink(file->temporary);
	if (file->stream)
		(void)fclose(file->stream);
	free(file->temporary);
	free(file->path);
	*file = (struct outfile){ 0 };
}
