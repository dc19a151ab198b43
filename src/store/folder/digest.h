/*
 * digest.h - the checksums of a file in one read. For store/ only.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/hash.h"

/*
 * Adds the bytes from `from_bytes` to `to_bytes` to the sums; fewer are ERR_IO. `md5` may
 * be NULL.
 */
enum err_kind digest_add(int fd, uint64_t from_bytes, uint64_t to_bytes,
    struct hash *sha256, struct hash *md5, struct err *err);
/* The file with these very bytes, open; *ret_fd -1: it is not there. A link is none. */
enum err_kind digest_open_same(const struct fs_name *at, uint64_t size_bytes,
    const char *sha256, int *ret_fd, struct err *err);
