/*
 * place.h - the folders between a sink's root and a file's name. For store/
 * only.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/*
 * Open the folder that `name` (relative to the folder root_fd) lies in; what is missing
 * on the way is made. is_durable: all on the way is made durable, also what was there
 * already; else whoever gives the name sees to that.
 * Links on the way are not followed, so that no name leads out of the root:
 * ERR_IO says which. A name with "..", ".", an empty part or a leading or trailing
 * "/" is ERR_USAGE. `root` is for messages. place_close() closes *ret_fd, which is
 * root_fd itself when there are no folders between.
 */
enum err_kind place_open(int root_fd, const char *root, const char *name, bool is_durable,
    int *ret_fd, struct err *err);
void place_close(int root_fd, int *fd); /* one below 0 is not open */
/* The last part of `name`. */
const char *place_base(const char *name);
