/*
 * moments.h - a session with a real ledger in a folder of its own, whose time is what the
 * test says, and another hand on the same ledger. For a part alone; after cmocka.h.
 */
#pragma once

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/account/session.h"
#include "ledger/lease.h"
#include "ledger_lab.h"
#include "place.h"

/* Soon after a boot: by the real clock, this is long ago. */
#define MOMENTS_MS INT64_C(100)
#define MOMENTS_UNIX_MS INT64_C(1790000000000)

struct moments {
	char folder[64], url[96], profile[8];
	struct dq dq; /* waits for no lock of its ledger */
	struct ledger *other;
	struct err err;
};

static inline void ok(enum err_kind kind)
{
	assert_int_equal(kind, ERR_OK);
}

static inline enum err_kind moments_no_wait(void *payload, int64_t waited_ms)
{
	(void)payload;
	(void)waited_ms;
	return ERR_LOCKED;
}

static inline void moments_open(struct moments *moments)
{
	static const struct ledger_options options = { .gives_up = moments_no_wait };

	(void)snprintf(moments->folder, sizeof(moments->folder),
	    "%s/dreamq-moments-XXXXXX", place_in_memory());
	assert_non_null(mkdtemp(moments->folder));
	(void)snprintf(
	    moments->url, sizeof(moments->url), "%s/ledger.db", moments->folder);
	(void)strcpy(moments->profile, "me");
	moments->dq.profile = moments->profile;
	moments->dq.now = (struct moment){ MOMENTS_MS, MOMENTS_UNIX_MS };
	atomic_store(&moments->dq.drain_grace_ms, -1);
	lab_make(moments->url);
	ok(ledger_open_with(moments->url, &options, &moments->dq.ledger, &moments->err));
	ok(ledger_open(moments->url, &moments->other, &moments->err));
}

static inline int moments_remove(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void moments_close(struct moments *moments)
{
	ledger_close(moments->other);
	ledger_close(moments->dq.ledger);
	(void)nftw(moments->folder, moments_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void moments_pass(struct moments *moments, int64_t span_ms)
{
	moments->dq.now.mono_ms += span_ms;
	moments->dq.now.unix_ms += span_ms;
}

/* The token of the lease that this hand has now; 0: another one has it. */
static inline int64_t moments_take(
    struct moments *moments, struct ledger *ledger, const char *id)
{
	struct lease lease = { .id = id };

	ok(ledger_lease(
	    ledger, moments->profile, &lease, 1, moments->dq.now.unix_ms, &moments->err));
	return lease.token;
}

/* A poll at a task that is being made. */
static inline void moments_look(
    struct moments *moments, struct ledger *ledger, const char *id)
{
	struct task *task = task_new();

	assert_non_null(task);
	task->submit_id = arena_strdup(&task->arena, id);
	task->state = TASK_GENERATING;
	ok(ledger_observe(ledger, moments->profile, &task, NULL, 1,
	    moments->dq.now.unix_ms, &moments->err));
	task_free(task);
}
