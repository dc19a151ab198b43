/*
 * place.h - the folders between a sink's root and a file's name. For store/
 * only.
 */
#pragma once

#include "base/err.h"

/*
 * Make the folders that `name` (relative to the folder root_fd) lies in, durably.
 * Links on the way are not followed, so that no name leads out of the root:
 * ERR_IO says which. A name with "..", ".", an empty part or a leading or trailing
 * "/" is ERR_USAGE. `root` is for messages.
 */
enum err_kind place_make_folders(
    int root_fd, const char *root, const char *name, struct err *err);
