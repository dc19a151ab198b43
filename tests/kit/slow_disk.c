/*
 * slow_disk.c - preloaded into a program, it makes each large write take SLOW_DISK_MS.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LARGE_BYTES = 16 << 10 }; /* a database writes pages */

static void nap(void)
{
	const char *text = getenv("SLOW_DISK_MS");
	const long ms = text ? strtol(text, NULL, 10) : 0;
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&time, NULL);
}

/* In place of the one of that name. */
__attribute__((visibility("default"))) ssize_t pwrite64(
    int fd, const void *buf, size_t n, off_t offset)
{
	__extension__ static __typeof__(pwrite64) *next;

	if (!next)
		next = (__typeof__(pwrite64) *)dlsym(RTLD_NEXT, "pwrite64");
	if (n >= LARGE_BYTES)
		nap();
	return next(fd, buf, n, offset);
}
