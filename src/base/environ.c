#include "base/environ.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_called(const char *variable, const char *name, size_t len)
{
	return !strncmp(variable, name, len) && variable[len] == '=';
}

static bool is_secret(const char *variable)
{
	static const char *const names[] = { "DREAMQ_WEBHOOK", "DREAMQ_WEBHOOK_SECRET" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (is_called(variable, names[i], strlen(names[i])))
			return true;
	return false;
}

/* Each name once: of two, some programs take the first and some the last. */
static bool is_among(const char *variable, char *const *more, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_called(variable, more[i], strcspn(more[i], "=")))
			return true;
	return false;
}

char **environ_for_others(char *const *more, size_t n)
{
	size_t n_ours = 0, len = 0;
	char **all;

	while (environ[n_ours])
		n_ours++;
	all = calloc(n_ours + n + 1, sizeof(char *));
	if (!all)
		return NULL;
	for (; len < n; len++)
		all[len] = more[len];
	for (char **variable = environ; *variable; variable++)
		if (!is_secret(*variable) && !is_among(*variable, more, n))
			all[len++] = *variable;
	return all;
}
