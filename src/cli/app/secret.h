/*
 * secret.h - a cookie on its way in: from a file, a pipe, or a person at a
 * terminal, who does not see it on the screen. Never from argv.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/app/app.h"

enum { SECRET_MAX = 256 * 1024 };

/*
 * Read into `into`. `path` NULL or "-" is standard input; on a terminal it is asked for
 * and one line is read. A signal ends it: ERR_CANCELLED (source.h). *ret_is_exposed says
 * that others can read the file. Wipe `into` afterwards, whatever is returned.
 */
enum err_kind secret_read(struct app *app, const char *path, char into[SECRET_MAX],
    size_t *ret_len, bool *ret_is_exposed, struct err *err);

/*
 * From here on this process leaves no core dump, neither in a file nor to a collector
 * that the system feeds, and nobody but root may look into its memory. Sanitizers have to
 * look: a build with them only sets the limit. Programs that we start get the limit, and
 * may raise it again.
 */
void secret_forbid_dumps(void);
