/*
 * location.c - urls and locations as texts, whatever kind of sink they are of.
 */
#include <ctype.h>
#include <string.h>

#include "base/fs.h"
#include "store/sink_ops.h"

enum { SHOWN_SCHEME_MAX = 20 };

size_t sink_scheme_len(const char *url)
{
	size_t n = 0;

	if (!isalpha((unsigned char)*url))
		return 0;
	while (isalnum((unsigned char)url[n]) || (url[n] && strchr("+.-", url[n])))
		n++;
	return strncmp(url + n, "://", 3) != 0 ? 0 : n;
}

enum err_kind sink_no_kind(const char *url, struct err *err)
{
	const size_t n = sink_scheme_len(url);

	return err_set(err, ERR_USAGE,
	    "files can't be stored at '%.*s://': give a folder",
	    n > SHOWN_SCHEME_MAX ? SHOWN_SCHEME_MAX : (int)n, url);
}

char *location_place(const char *location)
{
	const char *slash = strrchr(location, '/');

	if (!slash)
		return strdup(".");
	return slash == location ? strdup("/")
				 : strndup(location, (size_t)(slash - location));
}

bool location_go_up(char *place)
{
	const size_t scheme = sink_scheme_len(place);
	char *first = scheme ? place + scheme + 3 : place + 1;
	char *slash = *place ? strrchr(first, '/') : NULL;

	if (slash)
		*slash = '\0';
	return slash != NULL;
}

const char *location_below(const char *place, const char *location)
{
	return fs_below(place, location);
}
