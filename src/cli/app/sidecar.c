#include "cli/app/sidecar.h"

#include <string.h>

#include "dreamq/dreamq.h"

unsigned char sidecar_bits(const struct args *args)
{
	const char *const *choices = options[OPT_SIDECAR].choices;
	const char *list = args_text(args, OPT_SIDECAR);
	int64_t is_on = args_is_on(args, OPT_SIDECAR);
	unsigned forms = 0;

	if (!list || args_read_switch(list, &is_on))
		return is_on ? DQ_SIDECAR_JSON : 0;
	while (*list) {
		const size_t n = strcspn(list, ",");

		for (unsigned i = 0; choices[i]; i++)
			if (strlen(choices[i]) == n && !strncmp(choices[i], list, n))
				forms |= 1U << i;
		list += n + (list[n] == ',');
	}
	return (unsigned char)forms;
}
