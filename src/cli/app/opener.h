/*
 * opener.h - a file or a folder, in the program that the desktop has for it:
 * $DREAMQ_OPENER, which is a program's name and no command line, else xdg-open.
 */
#pragma once

#include "cli/app/app.h"

/* Open it; what goes wrong is said. Returns 0, or the exit status. */
int opener_open(struct app *app, const char *path);
/*
 * Show the first file of each task that the arguments mean; `show` returns 0, or the exit
 * status. Returns that of all.
 */
int opener_each(struct app *app, int (*show)(struct app *app, const char *path));
/* Does the user have a program of his own for it? */
bool opener_is_own(void);
