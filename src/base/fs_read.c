#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/redact.h"
#include "base/shell_word.h"

enum { WORD_MAX = 32 * 1024 };

static enum err_kind read_fd(int fd, const char *path, struct buf *into, struct err *err)
{
	char chunk[16384]; /* a cookie fits: it is not left behind by a growing buffer */
	bool is_larger = false;
	ssize_t n;

	do {
		n = read(fd, chunk, sizeof(chunk));
		is_larger = n > 0 && (size_t)n > into->max - into->len;
		if (n > 0 && !is_larger)
			buf_add(into, chunk, (size_t)n);
	} while ((n > 0 && !is_larger && !buf_failed(into)) || (n < 0 && errno == EINTR));
	if (n < 0)
		(void)err_errno(err, ERR_IO, "can't read '%s'", path);
	redact_wipe(chunk, sizeof(chunk));
	if (is_larger)
		return err_set(err, ERR_USAGE,
		    "'%s' is larger than %zu bytes; is it the right file?", path,
		    into->max);
	if (buf_failed(into))
		return err_set(err, ERR_NOMEM, "out of memory at '%s'", path);
	return n < 0 ? err->kind : ERR_OK;
}

static int take_fd(int *fd)
{
	const int taken = *fd;

	*fd = -1;
	return taken;
}

bool fs_is_named_pipe(const char *path)
{
	struct stat st;
	struct statfs fs;

	return !stat(path, &st) && S_ISFIFO(st.st_mode) && !statfs(path, &fs) &&
	    fs.f_type != PIPEFS_MAGIC;
}

/* It is looked at when it is open, and its opening waits for nobody. */
static enum err_kind open_input(
    const char *path, int *ret_fd, struct stat *ret_st, struct err *err)
{
	_cleanup_(closep) int fd =
	    open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return err_errno(err, ERR_IO, "can't open '%s'", path);
	if (fstat(fd, ret_st))
		return err_errno(err, ERR_IO, "can't look at '%s'", path);
	if (S_ISDIR(ret_st->st_mode))
		return err_set(err, ERR_USAGE, "'%s' is a folder, not a file", path);
	*ret_fd = take_fd(&fd);
	return ERR_OK;
}

enum err_kind fs_read_all(const char *path, struct buf *into, struct err *err)
{
	_cleanup_(closep) int fd = -1;
	struct stat st = { 0 };

	if (open_input(path, &fd, &st, err))
		return err->kind;
	if (fs_is_named_pipe(path))
		return err_set(err, ERR_USAGE, "'%s' is a pipe, not a file", path);
	/* Of the shell's <(...) the writer may still have to write. */
	if (fcntl(fd, F_SETFL, 0))
		return err_errno(err, ERR_IO, "can't read '%s'", path);
	return read_fd(fd, path, into, err);
}

enum err_kind fs_read_secret(const char *path, struct buf *into, struct err *err)
{
	_cleanup_(buf_release) struct buf word = buf_make(WORD_MAX);
	_cleanup_(closep) int fd = -1;
	struct stat st = { 0 };

	if (open_input(path, &fd, &st, err))
		return err->kind;
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_AUTH,
		    "'%s' is a pipe or a device, not a file; write it to a file of mode "
		    "0600",
		    path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(err, ERR_AUTH,
		    "'%s' belongs to user %u, not to you; copy it to a file of your own",
		    path, (unsigned)st.st_uid);
	shell_operand_add(&word, path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return err_set(err, ERR_AUTH,
		    "'%s' has mode %04o, others can get at it; run `chmod 600 %s`", path,
		    (unsigned)(st.st_mode & 07777), buf_failed(&word) ? path : word.data);
	return read_fd(fd, path, into, err);
}
