/*
 * log_file.h - the file of --log-file: what is said, and what -v would say, each line
 * with its time. It is opened for each line, so it may be moved away at any moment;
 * others can't read it.
 */
#pragma once

#include "cli/app/app.h"

/* Can it be written? Nothing is, yet. Without --log-file: yes. */
enum err_kind log_file_check(const struct app *app, struct err *err);
/* A printable line without secrets. What can't be written is told once, and not tried
 * again. */
void log_file_add(struct app *app, const char *line);
