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
	struct service_settings *settings;
	struct service *service;
};

static inline void stage_release(struct stage *stage)
{
	service_free(stage->service);
	net_free(stage->net);
	service_settings_free(&service_jimeng, stage->settings);
	raw_stop(stage->server);
}

static inline int64_t stage_now_ms(const void *payload)
{
	(void)payload;
	return 1000;
}

static inline struct stage stage_make(raw_script *script, void *payload)
{
	static const char *const names[] = { "api_base", "submit_base" };
	const struct net_config config = { .allow_private_cdn = true };
	struct stage stage = { .server = raw_start(script, payload) };
	struct service_setup setup = { .credential = "sessionid=alice",
		.now_ms = stage_now_ms };
	struct err err;

	assert_non_null(stage.server);
	stage.net = setup.net = harness_net(&config);
	assert_int_equal(
	    service_settings_new(&service_jimeng, &stage.settings, &err), ERR_OK);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(service_settings_set(&service_jimeng, stage.settings,
				     names[i], raw_url(stage.server, ""), &err),
		    ERR_OK);
	setup.settings = stage.settings;
	assert_int_equal(
	    service_open(&service_jimeng, &setup, &stage.service, &err), ERR_OK);
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
	struct api_outcome query; /* but for the answer */
	bool is_sent; /* the query */
	struct service_sent submit;
	struct service_credit credit;
	enum task_state state;
	char submit_id[80], history_id[80], ret[24];
	unsigned calls;
	struct service *frees; /* free this inside the callback */
};

static inline void on_query(struct exchange *exchange, const struct reply *reply)
{
	struct seen *seen = exchange->payload;
	_cleanup_(api_outcome_release) struct api_outcome outcome =
	    api_read_query(exchange, reply);

	seen->calls++;
	seen->is_sent = reply->sent;
	if (outcome.answer) {
		struct poll_memory memory = { 0 };
		_cleanup_(task_freep) struct task *task = NULL;
		struct err err;

		if (!answer_judge(
			outcome.answer, "25666395318786", 0, &memory, &task, &err))
			seen->state = task->state;
	}
	seen->query = outcome;
	exchange_free(exchange);
	service_free(seen->frees);
}

static inline void keep(char *into, size_t room, const char *text)
{
	(void)snprintf(into, room, "%s", text ? text : "");
}

static inline void on_submit(void *payload, const struct service_sent *sent)
{
	struct seen *seen = payload;

	seen->calls++;
	seen->submit = *sent;
	keep(seen->submit_id, sizeof(seen->submit_id), sent->submit_id);
	keep(seen->history_id, sizeof(seen->history_id), sent->history_id);
	keep(seen->ret, sizeof(seen->ret), sent->fail_code);
}

static inline void on_credit(void *payload, const struct service_credit *outcome)
{
	struct seen *seen = payload;

	seen->calls++;
	seen->credit = *outcome;
}

static inline enum err_kind start_query(struct stage *stage, const char *const *ids,
    const bool *as_history, size_t n, struct seen *seen)
{
	struct exchange *exchange = exchange_new(stage->service, n);
	struct err err = { .kind = ERR_OK };

	assert_non_null(exchange);
	exchange->payload = seen;
	if (!api_query(exchange, ids, as_history, on_query, &err))
		return ERR_OK;
	exchange_free(exchange);
	return err.kind;
}

static inline void query(struct stage *stage, const char *const *ids,
    const bool *as_history, size_t n, struct seen *seen)
{
	assert_int_equal(start_query(stage, ids, as_history, n, seen), ERR_OK);
	harness_drain(stage->net);
}

static inline void submit(
    struct stage *stage, enum media_kind kind, const char *body, struct seen *seen)
{
	struct err err;

	if (service_send(stage->service, kind, body, on_submit, seen, &err))
		fail_msg("%s", err.msg);
	harness_drain(stage->net);
}
