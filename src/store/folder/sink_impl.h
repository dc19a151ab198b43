/*
 * sink_impl.h - what the files behind sink.h share: the folder (sink.c), the partial
 * files in it (partial.c), their final names (home.c). For store/ only.
 */
#pragma once

#include <stdatomic.h>
#include <sys/types.h>

#include "base/hash.h"
#include "store/sink.h"

struct sink {
	char *root; /* absolute */
	int fd;
	mode_t file_mode; /* what the umask leaves of 0666 */
};

struct partial {
	struct sink *sink;
	char *path;
	const char *name; /* the end of `path` */
	int fd;
	uint64_t size_bytes;
	bool has_name; /* false: committed, or it is somebody else's by now */
	_Atomic bool is_spoilt; /* a sync failed: who knows what is on the disk */
	struct hash *hash; /* of the first `hashed_bytes`; NULL: none yet */
	uint64_t hashed_bytes; /* with `hash` for whoever seals, syncs or trusts */
};

enum err_kind sink_no_memory(struct err *err);
/* Does the path that we show people still lead to the folder that we hold? */
enum err_kind sink_check_path(const struct sink *sink, struct err *err);
