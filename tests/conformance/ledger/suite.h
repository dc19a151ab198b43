/*
 * suite.h - two handles on one ledger, and the words of the suite. Behind cmocka.h.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/lease.h"
#include "ledger/list.h"
#include "ledger/marks.h"
#include "ledger/past.h"
#include "ledger/walk.h"
#include "world.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define NOW INT64_C(1790000000000)
#define ME "default"
#define SHA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHB "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

struct suite {
	const char *url;
	struct ledger *a, *b; /* of two owners; NULL: killed */
	struct err err;
	char events[4000]; /* the last say_events() */
};

static inline int suite_begin(void **state)
{
	struct suite *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->url = world_begin();
	if (ledger_open(s->url, &s->a, &s->err) || ledger_open(s->url, &s->b, &s->err))
		fail_msg("%s", s->err.msg);
	*state = s;
	return 0;
}

static inline int suite_end(void **state)
{
	struct suite *s = *state;

	ledger_close(s->a);
	ledger_close(s->b);
	world_end();
	free(s);
	return 0;
}

#define ok(call)                                               \
	do {                                                   \
		s->err = (struct err){ 0 };                    \
		if ((call) != ERR_OK)                          \
			fail_msg("%s: %s", #call, s->err.msg); \
	} while (0)

static inline struct intent intent_of(const char *id)
{
	return (struct intent){ .account = ME,
		.submit_id = id,
		.kind = MEDIA_IMAGE,
		.prompt = "a cat",
		.model = "m",
		.ratio = "1:1",
		.body = "{}",
		.request_hash = SHA,
		.content_hash = SHA,
		.now_unix_ms = NOW };
}

static inline void wait_one(struct suite *s, const struct intent *intent)
{
	struct intended intended;

	ok(ledger_intend(s->a, intent, 1, &intended, NULL, &s->err));
	assert_false(intended.is_known);
}

/* Does the ledger give out its request? */
static inline bool begins(struct suite *s, struct ledger *ledger, const char *id)
{
	enum media_kind kind;
	char *body = NULL;

	ok(ledger_send_begin(ledger, ME, id, &kind, &body, &s->err));
	if (!body)
		return false;
	assert_string_equal(body, "{}");
	assert_int_equal(kind, MEDIA_IMAGE);
	free(body);
	return true;
}

static inline void answer(
    struct suite *s, struct ledger *ledger, const char *id, enum task_state state)
{
	const struct task_fail fail = { FAIL_RISK, "1015", "no", false };
	const struct answered answered = { .account = ME,
		.submit_id = id,
		.state = state,
		.fail = &fail,
		.history_id = state == TASK_QUEUED ? "77" : NULL };

	ok(ledger_submitted(ledger, &answered, &s->err));
}

static inline struct task *find(struct suite *s, const char *id)
{
	struct task *task = NULL;

	ok(ledger_find(s->b, ME, id, &task, &s->err));
	return task;
}

/* "state", with a '*' when it waits; "none". */
static inline const char *state_of(struct suite *s, const char *id)
{
	static char text[40];
	struct task *task = find(s, id);

	(void)snprintf(text, sizeof(text), "%s%s",
	    task ? task_state_name(task->state) : "none",
	    task && task->is_waiting ? "*" : "");
	task_free(task);
	return text;
}

static inline bool add_event(void *payload, const struct ledger_event *event)
{
	char *into = payload;
	const size_t len = strlen(into);

	(void)snprintf(into + len, 4000 - len, "%s|%s\n", event->what, event->text);
	return true;
}

static inline const char *say_events(struct suite *s, const char *id)
{
	s->events[0] = '\0';
	ok(ledger_events(s->b, ME, id, add_event, s->events, &s->err));
	return s->events;
}

static inline void adopt(struct suite *s, const char *id)
{
	ok(ledger_adopt(s->a, ME, &id, 1, NOW, &s->err));
}

static inline struct task *look(const char *id, enum task_state state)
{
	struct task *task = task_new();

	assert_non_null(task);
	task->submit_id = id;
	task->state = state;
	if (state == TASK_SUCCEEDED)
		task->finished_unix_ms = NOW;
	return task;
}

/* With one file; `uri` NULL: none. */
static inline struct task *look_with(
    const char *id, enum task_state state, const char *uri)
{
	struct task *task = look(id, state);

	if (!uri)
		return task;
	task->assets = arena_alloc(&task->arena, sizeof(*task->assets));
	assert_non_null(task->assets);
	task->assets[0] = (struct asset){ .kind = MEDIA_IMAGE,
		.uri = uri,
		.url = "https://cdn.invalid/x",
		.duration_ms = -1,
		.size_bytes = -1,
		.stored_bytes = -1 };
	task->n_assets = 1;
	return task;
}

/* Polls, and lets go of what the poll has become. */
static inline void see(
    struct suite *s, const char *id, enum task_state state, const char *uri)
{
	struct task *seen = look_with(id, state, uri);

	ok(ledger_observe(s->a, ME, &seen, NULL, 1, NOW + 1, &s->err));
	task_free(seen);
}

static inline struct asset bytes_of(int index, const char *uri, const char *path)
{
	return (struct asset){ .index = index,
		.uri = uri,
		.path = path,
		.stored_bytes = 123,
		.sha256 = SHA,
		.format = "webp",
		.size_bytes = -1,
		.duration_ms = -1 };
}

static inline int64_t token_at(
    struct suite *s, struct ledger *ledger, const char *id, int64_t now_unix_ms)
{
	struct lease lease = { .id = id };

	ok(ledger_lease(ledger, ME, &lease, 1, now_unix_ms, &s->err));
	return lease.token;
}
