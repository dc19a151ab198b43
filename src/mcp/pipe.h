/*
 * pipe.h - the way out over standard output: whole lines of protocol, and nothing else
 * ever.
 *
 * pipe_open() takes standard output away from everybody else: what a library prints there
 * by mistake goes to standard error. Any thread may write; lines are never mixed. A
 * reader that takes nothing is waited for, until `stop_fd` can be read. Once its reader
 * is gone, the pipe is closed for good, and lines are dropped; so it is when it can't be
 * written to.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/err.h"
#include "mcp/wire.h"

struct pipe {
	struct wire wire;
	pthread_mutex_t lock;
	int fd, stop_fd; /* fd is ours */
	atomic_bool is_closed;
	atomic_int trouble; /* the errno that closed it, unless its reader is gone; 0 */
};

/* `stop_fd` is borrowed. */
enum err_kind pipe_open(struct pipe *pipe, int stop_fd, struct err *err);
void pipe_close(struct pipe *pipe);
