/*
 * environ.h - the environment of programs that are not ours: all of ours but secrets.
 *
 * What is a secret: the webhook's, and its URL, in which a key may stand. What dreamq
 * starts of itself (setup, a watch that begins anew) takes `environ` as it is.
 */
#pragma once

#include <stddef.h>

/*
 * Returns the variables, the n of `more` ("NAME=value") first, and none of ours that is
 * called like one of these; ends with NULL. The array is the caller's, its texts are
 * borrowed. NULL: no memory.
 */
char **environ_for_others(char *const *more, size_t n);
