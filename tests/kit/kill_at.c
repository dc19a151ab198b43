/*
 * kill_at.c - preloaded into a program, it kills that at one of the steps by which things
 * become durable: before the step is taken.
 *
 *   KILL_LOG=FILE     each step is a line of it: its number, its name, of which file
 *   KILL_AT=N         SIGKILL in place of the N-th, from 1 on; of the first of a name
 *                     ("unlink"); "end": when main() is over
 *   KILL_POWER=FOLDER and the power is cut: what was written below this folder and not
 *                     synced is zeros, what got a name there that is not synced has the
 *                     one from before
 *
 *   KILL_STOPS=1      it is stopped there, and goes on when somebody sends it SIGCONT
 *   KILL_NO_LINKS=1   a file can have one name only, as on FAT
 *
 * Steps are fsync, fdatasync and syncfs (a commit of the ledger is one or two of these),
 * renames, links, unlinks and new folders. A disk may do less harm than we do here, never
 * more: writes go to it late, in any order, or not at all.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { THINGS_MAX = 4096, PATH_MAX_BYTES = 512 };

/* Written to, or named, since the last sync. */
struct unsafe {
	dev_t device;
	ino_t inode; /* of the file, or of the folder that the name is in */
	char path[PATH_MAX_BYTES]; /* written: to the file; named: the new name */
	char before[PATH_MAX_BYTES]; /* named: the old one */
	int fd; /* written: our own */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct unsafe writes[THINGS_MAX], names[THINGS_MAX];
static size_t n_writes, n_names;
static unsigned long n_steps;

/* In place of the one of that name. */
#define SEEN __attribute__((visibility("default")))

/* POSIX wants a function's address to go through a void pointer. */
#define NEXT(name)                                          \
	__extension__ static __typeof__(name) *next_##name; \
	if (!next_##name)                                   \
	next_##name = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static bool path_of(int folder_fd, const char *name, char ret_path[PATH_MAX_BYTES])
{
	char link[64];
	ssize_t n = 0;

	if (folder_fd != AT_FDCWD && *name != '/') {
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", folder_fd);
		n = readlink(link, ret_path, PATH_MAX_BYTES / 2);
		if (n < 0)
			return false;
		if (*name)
			ret_path[n++] = '/';
	}
	if ((size_t)n + strlen(name) >= PATH_MAX_BYTES)
		return false;
	(void)snprintf(ret_path + n, PATH_MAX_BYTES - (size_t)n, "%s", name);
	return true;
}

static bool is_watched(const char *path)
{
	const char *folder = getenv("KILL_POWER");

	return folder && strncmp(path, folder, strlen(folder)) == 0;
}

/* --- what a power cut does ------------------------------------------------- */

/* By the system's own pwrite(): ours would note it, under the lock that we have. */
static void spoil(const struct unsafe *write)
{
	NEXT(pwrite64);
	char zeros[4096] = "";
	struct stat st;

	if (fstat(write->fd, &st))
		return;
	for (off_t at = 0; at < st.st_size; at += (off_t)sizeof(zeros)) {
		const off_t rest = st.st_size - at;

		(void)!next_pwrite64(write->fd, zeros,
		    rest < (off_t)sizeof(zeros) ? (size_t)rest : sizeof(zeros), at);
	}
}

static void cut_power(void)
{
	for (size_t i = n_names; i > 0; i--)
		(void)rename(names[i - 1].path, names[i - 1].before);
	for (size_t i = 0; i < n_writes; i++)
		spoil(&writes[i]);
}

static void forget(struct unsafe *all, size_t *n, const struct stat *of)
{
	for (size_t i = *n; i > 0; i--) {
		struct unsafe *one = &all[i - 1];

		if (of &&
		    (one->device != of->st_dev ||
			(of->st_ino && one->inode != of->st_ino)))
			continue;
		if (one->fd >= 0)
			(void)close(one->fd);
		*one = all[--*n];
	}
}

/* `whole`: the file system that it is on. */
static void note_sync(int fd, bool whole)
{
	struct stat st;

	if (!getenv("KILL_POWER") || fstat(fd, &st))
		return;
	if (whole)
		st.st_ino = 0;
	pthread_mutex_lock(&lock);
	forget(writes, &n_writes, &st);
	forget(names, &n_names, &st);
	pthread_mutex_unlock(&lock);
}

static bool is_noted(const struct stat *st)
{
	for (size_t i = 0; i < n_writes; i++)
		if (writes[i].device == st->st_dev && writes[i].inode == st->st_ino)
			return true;
	return false;
}

static void note_write(int fd)
{
	struct unsafe write = { .fd = -1 };
	struct stat st;

	if (!getenv("KILL_POWER") || fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    !path_of(fd, "", write.path) || !is_watched(write.path))
		return;
	pthread_mutex_lock(&lock);
	if (n_writes < THINGS_MAX && !is_noted(&st)) {
		write.device = st.st_dev;
		write.inode = st.st_ino;
		write.fd = fcntl(fd, F_DUPFD_CLOEXEC, 200);
		writes[n_writes++] = write;
	}
	pthread_mutex_unlock(&lock);
}

static void note_name(int from_fd, const char *from, int to_fd, const char *to)
{
	struct unsafe name = { .fd = -1 };
	char folder[PATH_MAX_BYTES];
	struct stat st;

	if (!path_of(from_fd, from, name.before) || !path_of(to_fd, to, name.path) ||
	    !is_watched(name.path))
		return;
	(void)snprintf(folder, sizeof(folder), "%s", name.path);
	*(strrchr(folder, '/') + 1) = '\0';
	if (stat(folder, &st))
		return;
	name.device = st.st_dev;
	name.inode = st.st_ino;
	pthread_mutex_lock(&lock);
	if (n_names < THINGS_MAX)
		names[n_names++] = name;
	pthread_mutex_unlock(&lock);
}

/* --- steps ----------------------------------------------------------------- */

static void log_step(unsigned long n, const char *name, const char *of)
{
	const char *path = getenv("KILL_LOG");
	char line[PATH_MAX_BYTES + 64];
	int fd;

	if (!path)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	(void)!write(
	    fd, line, (size_t)snprintf(line, sizeof(line), "%lu %s %s\n", n, name, of));
	(void)close(fd);
}

static void end_it(void)
{
	if (getenv("KILL_STOPS")) {
		(void)raise(SIGSTOP);
		return;
	}
	cut_power();
	(void)raise(SIGKILL);
}

__attribute__((destructor)) static void at_end(void)
{
	const char *at = getenv("KILL_AT");

	if (at && strcmp(at, "end") == 0)
		end_it();
}

/* A name counts once: whoever was only stopped comes to others of it. */
static bool is_meant(const char *name)
{
	static bool was_there;
	const char *at = getenv("KILL_AT");
	const bool is_name = at && !was_there && strcmp(at, name) == 0;

	was_there = was_there || is_name;
	return is_name || (at && n_steps == strtoul(at, NULL, 10));
}

static void step(const char *name, int fd, const char *file)
{
	const int was = errno;
	char of[PATH_MAX_BYTES];

	if (!path_of(fd, file, of))
		*of = '\0';

	pthread_mutex_lock(&lock);
	log_step(++n_steps, name, of);
	if (is_meant(name))
		end_it();
	pthread_mutex_unlock(&lock);
	errno = was;
}

SEEN int fsync(int fd)
{
	NEXT(fsync);
	int result;

	step("fsync", fd, "");
	result = next_fsync(fd);
	if (!result)
		note_sync(fd, false);
	return result;
}

SEEN int fdatasync(int fildes)
{
	NEXT(fdatasync);
	int result;

	step("fdatasync", fildes, "");
	result = next_fdatasync(fildes);
	if (!result)
		note_sync(fildes, false);
	return result;
}

SEEN int syncfs(int fd)
{
	NEXT(syncfs);
	int result;

	step("syncfs", fd, "");
	result = next_syncfs(fd);
	if (!result)
		note_sync(fd, true);
	return result;
}

SEEN int renameat2(int oldfd, const char *old, int newfd, const char *new, unsigned flags)
{
	NEXT(renameat2);
	int result;

	step("rename", newfd, new);
	result = next_renameat2(oldfd, old, newfd, new, flags);
	if (!result && getenv("KILL_POWER"))
		note_name(oldfd, old, newfd, new);
	return result;
}

SEEN int unlinkat(int fd, const char *name, int flag)
{
	NEXT(unlinkat);

	step("unlink", fd, name);
	return next_unlinkat(fd, name, flag);
}

SEEN int unlink(const char *name)
{
	NEXT(unlink);

	step("unlink", AT_FDCWD, name);
	return next_unlink(name);
}

SEEN int linkat(int fromfd, const char *from, int tofd, const char *to, int flags)
{
	NEXT(linkat);

	step("link", tofd, to);
	if (!getenv("KILL_NO_LINKS"))
		return next_linkat(fromfd, from, tofd, to, flags);
	errno = EPERM;
	return -1;
}

SEEN int mkdirat(int fd, const char *path, mode_t mode)
{
	NEXT(mkdirat);

	step("mkdir", fd, path);
	return next_mkdirat(fd, path, mode);
}

SEEN ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t offset)
{
	NEXT(pwrite64);

	note_write(fd);
	return next_pwrite64(fd, buf, n, offset);
}
