/*
 * mishap.c - preloaded into a program, one of its calls to the system goes wrong there,
 * or somebody else is quicker.
 *
 *   MISHAP_CALL=NAME      which: a function below; "lock" is fcntl() that gets one
 *   MISHAP_OF=WORDS       of files, or hosts, with these words in their path or name; a
 *                         link is meant by its new one
 *
 *   MISHAP_ERRNO=ENOSPC   it fails so; a host is known to nobody then
 *   MISHAP_MS=300         it takes so much longer
 *   MISHAP_DOES=COMMAND   a shell has done that before the call is made
 *
 * The command, and what that starts, have no mishaps of their own.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, ERRNO_END = 200, VARIABLES_MAX = 1000 };

/* In place of the one of that name. */
#define SEEN __attribute__((visibility("default")))

/* POSIX wants a function's address to go through a void pointer. */
#define NEXT(name)                                          \
	__extension__ static __typeof__(name) *next_##name; \
	if (!next_##name)                                   \
	next_##name = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static bool is_meant(const char *call, const char *of)
{
	const char *wanted = getenv("MISHAP_CALL"), *words = getenv("MISHAP_OF");

	return wanted && words && !strcmp(wanted, call) && strstr(of, words);
}

static int number_of(const char *name)
{
	for (int number = 1; number < ERRNO_END; number++) {
		const char *known = strerrorname_np(number);

		if (known && !strcmp(known, name))
			return number;
	}
	abort(); /* the test has it wrong */
}

static void take_long(long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&time, NULL);
}

static void have_done(const char *command)
{
	char shell[] = "sh", option[] = "-c", *text = strdup(command);
	char *arguments[] = { shell, option, text, NULL }, *variables[VARIABLES_MAX];
	size_t n = 0;
	pid_t pid;

	for (char **at = environ; *at && n < VARIABLES_MAX - 1; at++)
		if (strncmp(*at, "LD_PRELOAD=", 11) != 0)
			variables[n++] = *at;
	variables[n] = NULL;
	if (!text || posix_spawn(&pid, "/bin/sh", NULL, NULL, arguments, variables))
		abort();
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(text);
}

/* 0: the call is made, now; else its errno. */
static int meet(const char *call, const char *of)
{
	const int was = errno;
	const char *text;

	if (!is_meant(call, of))
		return 0;
	if ((text = getenv("MISHAP_ERRNO")))
		return number_of(text);
	if ((text = getenv("MISHAP_MS")))
		take_long(strtol(text, NULL, 10));
	if ((text = getenv("MISHAP_DOES")))
		have_done(text);
	errno = was;
	return 0;
}

/* -1 with its errno: it fails. */
static int meet_at(const char *call, const char *of)
{
	const int number = meet(call, of);

	if (number)
		errno = number;
	return number ? -1 : 0;
}

static int meet_with(const char *call, int fd)
{
	char link[64], path[PATH_BYTES];
	ssize_t n;

	if (fd < 0)
		return 0;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	return meet_at(call, path);
}

/* --- files ----------------------------------------------------------------- */

SEEN int open64(const char *file, int flags, ...)
{
	NEXT(open64);
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;
	va_end(more);
	return meet_at("open", file) ? -1 : next_open64(file, flags, mode);
}

SEEN int linkat(int fromfd, const char *from, int tofd, const char *to, int flags)
{
	NEXT(linkat);

	return meet_at("link", to) ? -1 : next_linkat(fromfd, from, tofd, to, flags);
}

SEEN int fsync(int fd)
{
	NEXT(fsync);

	return meet_with("fsync", fd) ? -1 : next_fsync(fd);
}

SEEN int fdatasync(int fildes)
{
	NEXT(fdatasync);

	return meet_with("fdatasync", fildes) ? -1 : next_fdatasync(fildes);
}

SEEN int posix_fallocate64(int fd, off64_t offset, off64_t len)
{
	NEXT(posix_fallocate64);

	return meet_with("posix_fallocate", fd) ? errno
						: next_posix_fallocate64(fd, offset, len);
}

SEEN void *mmap64(void *addr, size_t len, int prot, int flags, int fd, off64_t offset)
{
	NEXT(mmap64);

	return meet_with("mmap", fd) ? MAP_FAILED
				     : next_mmap64(addr, len, prot, flags, fd, offset);
}

/* All of its commands that are used here have one argument, or none. */
SEEN int fcntl64(int fd, int cmd, ...)
{
	NEXT(fcntl64);
	const bool is_lock = cmd == F_SETLK || cmd == F_OFD_SETLK;
	va_list more;
	void *argument;

	va_start(more, cmd);
	argument = va_arg(more, void *);
	va_end(more);
	if (is_lock && ((struct flock *)argument)->l_type != F_UNLCK &&
	    meet_with("lock", fd))
		return -1;
	return next_fcntl64(fd, cmd, argument);
}

/* --- and others ------------------------------------------------------------ */

/* Whoever it is. */
SEEN int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	NEXT(connect);

	return meet_at("connect", "") ? -1 : next_connect(fd, addr, len);
}

SEEN int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
    struct addrinfo **pai)
{
	NEXT(getaddrinfo);

	return meet("getaddrinfo", name ? name : "")
	    ? EAI_NONAME
	    : next_getaddrinfo(name, service, hints, pai);
}
