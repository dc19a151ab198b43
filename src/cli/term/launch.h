/*
 * launch.h - another program, by its name and arguments; no shell reads them.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/*
 * Run it and wait; argv ends with NULL. Its standard input is empty; what it prints goes
 * to our stderr, or nowhere when `is_quiet`. ERR_NOT_FOUND: there is no such program.
 * ERR_FAILED: it ended with another status than 0.
 */
enum err_kind launch(const char *const *argv, bool is_quiet, struct err *err);
/* Is there a desktop whose programs could open something? */
bool launch_has_desktop(void);
