#include "model/taskid.h"

#include <string.h>

static const char digits[] = "0123456789";
static const char letters[] = "0123456789-_abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static bool is_made_of(const char *id, const char *alphabet)
{
	const size_t len = id ? strnlen(id, TASKID_MAX + 1) : 0;

	return len > 0 && len <= TASKID_MAX && strspn(id, alphabet) == len;
}

bool taskid_is_valid(const char *id)
{
	return is_made_of(id, letters);
}

bool taskid_is_history(const char *id)
{
	return is_made_of(id, digits);
}
