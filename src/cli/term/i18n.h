/*
 * i18n.h - what people read, in their language (gettext, domain "dreamq").
 * Data, names of states and everything under --json stay as they are.
 */
#pragma once

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text

/*
 * Choose the language from the environment. The catalogue is looked for in
 * $DREAMQ_LOCALEDIR, beside the program (a build folder), then where it was installed.
 * Numbers keep their C form.
 */
void i18n_start(void);
