/*
 * sink_impl.h - what the files behind sink.h share: the folder (sink.c), the partial
 * files in it (partial.c), their final names (home.c). For store/ only.
 */
#pragma once

#include <sys/types.h>

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
	bool has_name; /* false: committed */
};

enum err_kind sink_no_memory(struct err *err);
