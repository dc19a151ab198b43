/*
 * place.h - where browsers keep the cookies of their profiles. Of core/browser/ alone.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"

struct browser {
	const char *name, *title; /* "chrome", "Google Chrome" */
	const char *keyring; /* the application its keyring entry has; NULL: of Firefox */
	const char *folders[8]; /* below HOME; NULL-terminated */
};
extern const struct browser browsers[]; /* end with { 0 } */

/* NULL: there is none of this name (the bytes before ':'). */
const struct browser *browser_find(const char *name);

/*
 * The file of its cookies, of the profile that is named (NULL: the one that it opens).
 * ERR_USAGE: the browser is not there, or the profile, with the names of the others.
 */
enum err_kind browser_place(const struct browser *browser, const char *profile,
    char ret_path[PATH_MAX], struct err *err);
