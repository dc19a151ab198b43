/*
 * stand.h - a world with a client in it, and what it has told: where the suite tries a
 * service.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

enum { STAND_IDS = 3, STAND_SEEN_MAX = 8 };

extern const char *const stand_ids[STAND_IDS];

struct stand {
	struct world world;
	const struct service_ops *ops;
	struct net *net;
	struct service_settings *settings;
	struct service *service;
	int64_t now_ms;
	bool frees; /* the service, inside the callback */

	unsigned calls;
	size_t n;
	struct err err;
	bool asks_login;
	struct service_seen seen[STAND_SEEN_MAX]; /* their tasks are ours */
	struct service_sent sent;
	struct service_credit credit;
	size_t n_entries;
	int64_t newest; /* amount of the newest entry */
	bool is_offered[STAND_SEEN_MAX]; /* of the files asked for */
};

/* For cmocka: the fixture of each service, and its end. */
int stand_begin_made_up(void **state);
int stand_begin_made_up_send(void **state);
int stand_begin_jimeng(void **state);
int stand_begin_jimeng_web(void **state);
int stand_end(void **state);

/* Where the service is, from the next stand_open() on. */
void stand_set(struct stand *stand, const char *address);
void stand_open(struct stand *stand);
/* As requests carry it; malloc'ed. */
char *stand_credential(struct stand *stand);

/* One request each; a start leaves it under way, the others wait for its end and assert
 * that it was told once, and not before the call had returned. */
void stand_start_poll(
    struct stand *stand, const struct service_question *questions, size_t n);
void stand_poll(struct stand *stand, const struct service_question *questions, size_t n);
void stand_poll_one(struct stand *stand); /* the first id, without notes */
void stand_start_send(struct stand *stand, const char *id);
enum sent_outcome stand_send(struct stand *stand, const char *id);
void stand_start_files(struct stand *stand, enum service_files which,
    const struct service_file *files, size_t n);
void stand_files(struct stand *stand, enum service_files which,
    const struct service_file *files, size_t n);
void stand_start_credit(struct stand *stand);
enum err_kind stand_credit(struct stand *stand);
enum err_kind stand_cancel(struct stand *stand, const char *id, const char *history_id);
void stand_start_statement(struct stand *stand);
enum err_kind stand_statement(struct stand *stand);
/* The callback of polls, for calls that begin nothing. */
void stand_on_polled(void *payload, const struct service_polled *polled);

/* A test on one service, on each that takes submits, on each. */
#define ON(service, test)                                                        \
	{                                                                        \
		.name = #service ": " #test, .test_func = (test),                \
		.setup_func = stand_begin_##service, .teardown_func = stand_end, \
	}
#define ON_SENDERS(test) ON(made_up_send, test), ON(jimeng, test), ON(jimeng_web, test)
#define ON_EACH(test) ON(made_up, test), ON_SENDERS(test)
