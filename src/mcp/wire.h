/*
 * wire.h - the way out: whole lines of protocol, and nothing else ever.
 *
 * wire_open() takes standard output away from everybody else: what a library prints there
 * by mistake goes to standard error. Any thread may write; lines are never mixed. A
 * reader that takes nothing is waited for, until `stop_fd` can be read. Once its reader
 * is gone, the wire is closed for good, and lines are dropped; so it is when it can't be
 * written to.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "base/err.h"

struct wire {
	pthread_mutex_t lock;
	int fd, stop_fd; /* fd is ours */
	atomic_bool is_closed;
	atomic_int trouble; /* the errno that closed it, unless its reader is gone; 0 */
};

/* `stop_fd` is borrowed. */
enum err_kind wire_open(struct wire *wire, int stop_fd, struct err *err);
void wire_close(struct wire *wire);
/* Bytes with their '\n' at the end. */
void wire_write(struct wire *wire, const char *line, size_t len);
