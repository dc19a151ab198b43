/*
 * helper.h - programs of ours beside dreamq, which do what nobody wants in this process:
 * where they are, how they begin, and how they end.
 */
#pragma once

#include <sys/types.h>

#include "base/err.h"

enum helper_kind { HELPER_THUMB, HELPER_POSTER, HELPER_SHEET, HELPER_COUNT };

struct helper {
	enum helper_kind kind;
	pid_t pid; /* 0: none runs */
	int fd; /* socket, its standard input */
	unsigned answers; /* that this one has given */
};

const char *helper_name(enum helper_kind kind);
/*
 * Returns the path, malloc'ed; NULL: ERR_NOT_FOUND with a sentence that says how to have
 * it.
 */
char *helper_find(enum helper_kind kind, struct err *err);
/*
 * Start it with a socket, and `output_fd` as its standard output (-1: ours); nothing else
 * of ours is open in it.
 */
enum err_kind helper_start(struct helper *helper, int output_fd, struct err *err);
/* Kill it, if it still runs, and wait; returns its status as waitpid() does, -1 unknown.
 */
int helper_stop(struct helper *helper);
