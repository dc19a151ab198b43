/*
 * line.h - what a command hears of an event: its line of JSON, and a few variables. There
 * is no link in it, and nothing else that is secret.
 */
#pragma once

#include "core/account/dq.h"
#include "core/account/notices.h"
#include "model/taskid.h"

enum { NOTICE_VARIABLES = 5 };

struct notice_line {
	enum notice notice;
	char id[TASKID_MAX + 1]; /* "": of no task */
	char *json; /* with its newline */
	char *variables[NOTICE_VARIABLES]; /* NAME=value */
	size_t n_variables;
};

/* Returns the line of the event, of which every link is absent, without its newline;
 * malloc'ed; NULL: no memory. On any thread. */
char *notice_event_json(const struct dq_event *event);
/* Everything is copied. False: no memory. */
bool notice_line_make(struct dq *dq, enum notice notice, const struct dq_event *event,
    const char *text, struct notice_line *ret_line);
void notice_line_release(struct notice_line *line);
/* Returns a descriptor to read the line from, the caller's to close; else a negative
 * errno.
 */
int notice_line_open(const struct notice_line *line);
