/*
 * reqlog.h - one JSON object a line for every request.
 *
 * A line is written before the last byte of the answer leaves, so that who has
 * the answer also finds the line.
 */
#pragma once

#include <pthread.h>
#include <stdio.h>

#include "common/err.h"

struct reqlog {
	pthread_mutex_t lock;
	FILE *file; /* NULL: nothing is logged */
};

enum err_kind reqlog_open(struct reqlog *log, const char *path, struct err *err);
void reqlog_write(struct reqlog *log, const char *line);
void reqlog_close(struct reqlog *log);
