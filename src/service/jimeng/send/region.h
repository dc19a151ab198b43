/*
 * region.h - the clusters of the service: each has hosts of its own, and an account lives
 * on one of them. On any other its login is refused as if it were dead (ret 1015).
 *
 * cn: PROTOCOL A1. The others are those of B14, which shortens their hosts: public
 * clients spell out us, us-ttp2 and sg; the rest follows their pattern, and nobody has
 * shown it (U). Nor has anybody shown a country for eu: `loc` of [wire] names the
 * account's.
 */
#pragma once

#include <stddef.h>

struct region {
	const char *name; /* as users write it */
	const char *api, *commerce; /* scheme and host */
	const char *via; /* how tasks are submitted when nobody says how (route.h) */
	/* Where those of `agent` go; NULL: nobody knows of one there. */
	const char *submit;
	const char *aid; /* also the header appid */
	const char *code; /* the argument `region` of a query */
	const char *lan, *loc; /* loc: the country, as long as the user names none */
	const char *site; /* what requests say they come from */
	const char *cookie_domain; /* whose cookies are its login */
};

/* NULL: there is none of that name; case does not matter. */
const struct region *region_find(const char *name);

/* All names, NULL behind the last; the first is where we are when nobody says where. */
extern const char *const region_names[];
