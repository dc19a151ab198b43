/*
 * stage.h - a server of bytes, a loop and a client that talks to it, for the
 * client's tests.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "harness.h"
#include "rawserver.h"
#include "service/jimeng/send/client.h"

#define GOOD "{\"ret\":\"0\",\"errmsg\":\"success\",\"data\":{}}"

/* A server, a loop and a client that talks to it. */
struct stage {
	struct raw_server *server;
	struct net *net;
	struct wire *wire;
	struct api *api;
};

static inline void stage_release(struct stage *stage)
{
	api_free(stage->api);
	net_free(stage->net);
	wire_free(stage->wire);
	raw_stop(stage->server);
}

static inline struct stage stage_make(raw_script *script, void *payload)
{
	const struct net_config config = { .allow_private_cdn = true };
	struct stage stage = { .server = raw_start(script, payload) };
	struct err err;

	assert_non_null(stage.server);
	stage.net = harness_net(&config);
	assert_int_equal(wire_new(&stage.wire, &err), ERR_OK);
	assert_int_equal(
	    wire_set(stage.wire, "api_base", raw_url(stage.server, ""), &err), ERR_OK);
	assert_int_equal(
	    wire_set(stage.wire, "submit_base", raw_url(stage.server, ""), &err), ERR_OK);
	assert_int_equal(
	    api_new(stage.net, stage.wire, "sessionid=alice", &stage.api, &err), ERR_OK);
	return stage;
}

/* The script of most tests: answer every request with this body. */
struct script {
	int status;
	const char *head, *body;
};

static inline void answer_all(struct raw_peer *peer, void *payload)
{
	const struct script *script = payload;

	while (raw_read(peer))
		raw_answer(peer, script->status, script->head, script->body);
}

static inline void stall_all(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (raw_read(peer))
		raw_stall(peer);
}

static inline void reset_all(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (raw_read(peer))
		raw_reset(peer);
}

struct seen {
	struct api_outcome query;
	struct submit_outcome submit;
	struct service_credit credit;
	enum task_state state;
	char submit_id[80], history_id[80], ret[24];
	unsigned calls;
	struct api *frees; /* free this api inside the callback */
};

static inline void on_query(void *payload, const struct api_outcome *outcome)
{
	struct seen *seen = payload;

	seen->calls++;
	seen->query = *outcome;
	if (outcome->answer) {
		struct poll_memory memory = { 0 };
		_cleanup_(task_freep) struct task *task = NULL;
		struct err err;

		if (!answer_judge(
			outcome->answer, "25666395318786", 0, &memory, &task, &err))
			seen->state = task->state;
	}
	api_free(seen->frees);
}

static inline void keep(char *into, size_t room, const char *text)
{
	(void)snprintf(into, room, "%s", text ? text : "");
}

static inline void on_submit(void *payload, const struct submit_outcome *outcome)
{
	struct seen *seen = payload;

	seen->calls++;
	seen->submit = *outcome;
	keep(seen->submit_id, sizeof(seen->submit_id), outcome->submit_id);
	keep(seen->history_id, sizeof(seen->history_id), outcome->history_id);
	keep(seen->ret, sizeof(seen->ret), outcome->ret);
}

static inline void on_credit(void *payload, const struct service_credit *outcome)
{
	struct seen *seen = payload;

	seen->calls++;
	seen->credit = *outcome;
}

static inline void query(struct stage *stage, const char *const *ids,
    const bool *as_history, size_t n, struct seen *seen)
{
	struct err err = { .kind = ERR_OK };

	if (api_query(stage->api, ids, as_history, n, on_query, seen, &err))
		fail_msg("%s", err.msg);
	harness_drain(stage->net);
}
