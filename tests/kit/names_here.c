/*
 * names_here.c - preloaded into a proxy, it finds every name below .dreamq.test and
 * .localhost on this machine.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>

static int is_here(const char *name)
{
	static const char *const ends[] = { ".dreamq.test", ".localhost" };
	const size_t len = name ? strlen(name) : 0;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len > strlen(ends[i]) &&
		    !strcmp(name + len - strlen(ends[i]), ends[i]))
			return 1;
	return 0;
}

/* In place of the one of that name. */
__attribute__((visibility("default"))) int getaddrinfo(const char *name,
    const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
	__extension__ static __typeof__(getaddrinfo) *next;

	if (!next)
		next = (__typeof__(getaddrinfo) *)dlsym(RTLD_NEXT, "getaddrinfo");
	return next(is_here(name) ? "127.0.0.1" : name, service, hints, result);
}
