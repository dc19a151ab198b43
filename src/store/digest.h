/*
 * digest.h - the checksums of a file in one read. For store/ only.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"

/* Of the first size_bytes of the file; fewer are ERR_IO. ret_md5 may be NULL. */
enum err_kind digest_fd(
    int fd, uint64_t size_bytes, char ret_sha256[65], char ret_md5[33], struct err *err);
