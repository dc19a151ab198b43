#include "service/service.h"

#include <string.h>

static const struct service_ops *const all[] = { &service_jimeng, NULL };

static bool has_region(const struct service_ops *ops, const char *region)
{
	for (const char *const *name = ops->regions; *name; name++)
		if (!strcmp(*name, region))
			return true;
	return false;
}

const struct service_ops *service_find(const char *region)
{
	for (size_t i = 0; region && all[i]; i++)
		if (has_region(all[i], region))
			return all[i];
	return all[0];
}
