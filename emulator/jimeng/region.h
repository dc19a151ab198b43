/*
 * region.h - the clusters of the service: where each is, and what a request to it says of
 * itself. An account lives on one; to the others its login is dead.
 */
#pragma once

#include "wire/request.h"

struct region_row {
	const char *name;
	const char *api, *commerce, *submit; /* hosts; NULL: it has none */
	const char *aid; /* also the header appid */
	const char *region; /* query argument; case does not matter */
	const char *loc; /* header; NULL: the country of the account */
	const char *site; /* what origin and referer begin with */
	bool has_common_video; /* videos are linked in common_attr, and nowhere else */
	bool has_1e67; /* takes both forms of a sign */
};

/* NULL when there is no cluster of that name; case does not matter. */
const struct region_row *region_find(const char *name);

/* The row at this place, NULL behind the last. */
const struct region_row *region_at(size_t index);

/*
 * Does the request belong to the cluster? What does not is a violation. What it leaves
 * out is not held against it, and neither is a host on loopback.
 */
bool region_admits(const struct region_row *row, struct request *r);
