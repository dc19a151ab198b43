/*
 * notices.h - what may be told to others than the front end: which events these are, and
 * who has to hear of them (core/notify/).
 */
#pragma once

#include "base/err.h"
#include "dreamq/dreamq.h"

enum notice {
	NOTICE_STORED, /* a file is stored */
	NOTICE_FAILED, /* a task has ended otherwise than well */
	NOTICE_DONE, /* a task has succeeded, and its files are here */
	NOTICE_LOGIN, /* a new cookie is wanted */
	NOTICE_DISK, /* the disk is full, and everything waits */
	NOTICES,
};
const char *notice_name(enum notice notice); /* "stored", ... */
/* Reads a name of `len` bytes; NOTICES: it is none. */
enum notice notice_find(const char *name, size_t len);

/* One command: "done=CMD" is that of NOTICE_DONE. */
struct notice_rule {
	enum notice notice;
	const char *command; /* below the session's copy */
};
struct notice_rules {
	char **texts; /* as they were given */
	struct notice_rule *rules;
	size_t n;
	bool on_desktop;
};
/* Copies and reads them. `given` may be NULL: then there are none. ERR_USAGE. */
enum err_kind notice_rules_make(
    const struct dq_notify *given, struct notice_rules *ret_rules, struct err *err);
void notice_rules_release(struct notice_rules *rules);

/* Who hears of it; `event` is NULL for what no event tells. */
struct notice_listener {
	void (*hear)(void *payload, enum notice notice, const struct dq_event *event,
	    const char *text);
	void *payload;
};
/* From now on `hear` does; NULL: nobody. `payload` is borrowed. */
void session_listen(struct dq *dq,
    void (*hear)(void *payload, enum notice notice, const struct dq_event *event,
	const char *text),
    void *payload);
/* An event has been told; is it one of these? */
void notices_hear(struct dq *dq, const struct dq_event *event);
/* NOTICE_LOGIN or NOTICE_DISK, beside what people are told. */
void session_notice(struct dq *dq, enum notice notice, const char *text);
