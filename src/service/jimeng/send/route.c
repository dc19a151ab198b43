#include "service/jimeng/send/route.h"

#include <stddef.h>
#include <string.h>

static const struct route *const routes[] = { &route_agent, &route_web, NULL };

const struct route *route_find(const char *name)
{
	for (size_t i = 0; routes[i]; i++)
		if (!strcmp(routes[i]->name, name))
			return routes[i];
	return NULL;
}

const struct route *route_of(const cJSON *body)
{
	for (size_t i = 0; routes[i]; i++)
		if (json_find(body, routes[i]->mark))
			return routes[i];
	return routes[0];
}
