#include "ledger/sqlite/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"

/*
 * "dreamq-mark 1 NAME DURABLE LATEST TASKS BEHIND BOOT CHECKSUM\n", filled with blanks:
 * always the same length, so that a shorter one never leaves the end of a longer one.
 */
enum { LINE_BYTES = 192, LOCK_TRIES = 2000 };
#define LINE_FORMAT "dreamq-mark 1 %s %020" PRId64 " %020" PRId64 " %012" PRId64 " %d %s"

static void read_boot(char ret_boot[MARK_BOOT_MAX + 1])
{
	_cleanup_(closep) int fd =
	    open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd < 0 ? -1 : read(fd, ret_boot, MARK_BOOT_MAX);

	ret_boot[n == MARK_BOOT_MAX ? n : 0] = '\0';
}

/* Computes FNV-1a, folded: against half-written lines, not against forgers. */
static uint32_t checksum(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325U;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3U;
	return (uint32_t)(hash ^ (hash >> 32));
}

static void format(const struct mark *mark, char line[LINE_BYTES + 1])
{
	const char *boot = mark->boot[0] ? mark->boot : "-";
	size_t len;

	(void)snprintf(line, LINE_BYTES, LINE_FORMAT, mark->name, mark->durable,
	    mark->latest, mark->tasks, mark->is_behind, boot);
	len = strlen(line);
	(void)snprintf(line + len, LINE_BYTES - len, " %08" PRIx32, checksum(line));
	len = strlen(line);
	memset(line + len, ' ', LINE_BYTES - 1 - len);
	line[LINE_BYTES - 1] = '\n';
	line[LINE_BYTES] = '\0';
}

/* False: nobody wrote it, or not to its end. */
static bool parse(char *line, struct mark *ret_mark)
{
	struct mark mark = { .durable = 0 };
	int behind = 0, end = 0;
	char *sum;

	/* NOLINTNEXTLINE(cert-err34-c): the checksum says that the numbers are ours */
	if (sscanf(line,
		"dreamq-mark 1 %16s %" SCNd64 " %" SCNd64 " %" SCNd64 " %d %36s%n",
		mark.name, &mark.durable, &mark.latest, &mark.tasks, &behind, mark.boot,
		&end) != 6 ||
	    end == 0)
		return false;
	sum = line + end;
	if (*sum != ' ')
		return false;
	*sum++ = '\0';
	if (strtoul(sum, NULL, 16) != checksum(line) || mark.durable < 0 ||
	    mark.latest < 0 || mark.tasks < 0)
		return false;
	mark.is_behind = behind != 0;
	if (!strcmp(mark.boot, "-"))
		mark.boot[0] = '\0';
	*ret_mark = mark;
	return true;
}

static void read_line(int fd, struct mark *ret_mark)
{
	char line[LINE_BYTES + 1];
	const ssize_t n = pread(fd, line, LINE_BYTES, 0);

	*ret_mark = (struct mark){ .durable = 0 };
	if (n != LINE_BYTES)
		return;
	line[n] = '\0';
	(void)parse(line, ret_mark);
}

static int open_mark(const char *ledger_path, int flags)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s-mark", ledger_path) < 0) {
		path = NULL;
		errno = ENOMEM;
		return -1;
	}
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

void mark_file_release(struct mark_file *file)
{
	closep(&file->fd);
	*file = mark_file_make();
}

void mark_read(const char *ledger_path, struct mark *ret_mark)
{
	_cleanup_(closep) int fd = open_mark(ledger_path, O_RDONLY);

	*ret_mark = (struct mark){ .durable = 0 };
	if (fd >= 0)
		read_line(fd, ret_mark);
}

bool mark_is_of_this_boot(const struct mark *mark)
{
	char boot[MARK_BOOT_MAX + 1];

	read_boot(boot);
	return boot[0] && !strcmp(boot, mark->boot);
}

/* Somebody may have removed the file while we had it open. */
static bool is_gone(int fd)
{
	struct stat st;

	return fstat(fd, &st) || st.st_nlink == 0;
}

static enum err_kind make_room(int fd, const char *ledger_path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_errno(
		    err, ERR_LEDGER, "'%s-mark' can't be written", ledger_path);
	if ((st.st_mode & 07777) != 0600)
		(void)fchmod(fd, 0600);
	if (st.st_size < LINE_BYTES && posix_fallocate(fd, 0, LINE_BYTES))
		return err_set(err, ERR_NOSPACE,
		    "no space left for '%s-mark': free some and run it again",
		    ledger_path);
	return ERR_OK;
}

/* A file that is open is ready: what fails on the way there is closed again. */
enum err_kind mark_prepare(
    struct mark_file *file, const char *ledger_path, struct err *err)
{
	if (file->fd >= 0 && is_gone(file->fd))
		closep(&file->fd);
	if (file->fd >= 0)
		return ERR_OK;
	read_boot(file->boot);
	file->fd = open_mark(ledger_path, O_RDWR | O_CREAT);
	if (file->fd < 0)
		return err_errno(
		    err, ERR_LEDGER, "'%s-mark' can't be written", ledger_path);
	if (make_room(file->fd, ledger_path, err))
		closep(&file->fd);
	return file->fd < 0 ? err->kind : ERR_OK;
}

/* It is held for microseconds; who is stopped within them must not stop all others. */
static void lock(int fd, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int i = 0; fcntl(fd, F_OFD_SETLK, &lock) && i < LOCK_TRIES; i++)
		(void)nanosleep(&pause, NULL);
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static struct mark merge(const struct mark *old, const struct mark *new)
{
	struct mark both = *new;

	if (strcmp(old->name, new->name) != 0)
		return both;
	both.durable = larger(old->durable, new->durable);
	both.is_behind = old->is_behind || new->is_behind;
	/* Who only doubts (keep_doubt() in books.c) has no numbers of his own. */
	if (new->latest == 0 ||
	    (!strcmp(old->boot, new->boot) && old->latest > new->latest)) {
		both.latest = old->latest;
		both.tasks = old->tasks;
		memcpy(both.boot, old->boot, sizeof(both.boot));
	}
	return both;
}

void mark_write(struct mark_file *file, const char *ledger_path, const struct mark *mark,
    bool is_forced)
{
	char line[LINE_BYTES + 1];
	struct mark new = *mark, old;
	struct err err;

	if (mark_prepare(file, ledger_path, &err))
		return;
	memcpy(new.boot, file->boot, sizeof(new.boot));
	lock(file->fd, F_WRLCK);
	read_line(file->fd, &old);
	/* A mark that knows of no task says nothing of another ledger's. */
	if (is_forced || old.tasks == 0 || !strcmp(old.name, new.name)) {
		if (!is_forced)
			new = merge(&old, &new);
		format(&new, line);
		(void)!pwrite(file->fd, line, LINE_BYTES, 0);
	}
	lock(file->fd, F_UNLCK);
}

enum err_kind mark_put(const char *ledger_path, const struct mark *mark, struct err *err)
{
	_cleanup_free_ char *path = NULL;
	char line[LINE_BYTES + 1];

	if (asprintf(&path, "%s-mark", ledger_path) < 0) {
		path = NULL;
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	format(mark, line);
	return fs_write_atomic(path, line, LINE_BYTES, 0600, err);
}
