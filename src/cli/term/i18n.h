/*
 * i18n.h - what people read, in their language (gettext, domain "dreamq").
 * Data, names of states and everything under --json stay as they are. Formats of
 * err_set() and app_usage() need no _(): they are looked up where the sentence is made.
 */
#pragma once

#include <libintl.h>

#include "base/say.h"

#define _(text) gettext(text)

/*
 * Choose the language from the environment. The catalogue is looked for in
 * $DREAMQ_LOCALEDIR, beside the program (a build folder), then where it was installed.
 * Numbers keep their C form.
 */
void i18n_start(void);
