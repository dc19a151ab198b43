#include "harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void keep(char *into, size_t room, const char *text)
{
	(void)snprintf(into, room, "%s", text ? text : "");
}

static void take_head(struct outcome *outcome, const struct net_head *head)
{
	outcome->head = *head;
	keep(outcome->etag, sizeof(outcome->etag), head->etag);
	keep(outcome->content_type, sizeof(outcome->content_type), head->content_type);
	keep(outcome->location, sizeof(outcome->location), head->location);
	keep(outcome->peer, sizeof(outcome->peer), head->peer);
}

static bool on_head(void *payload, const struct net_head *head)
{
	struct outcome *outcome = payload;

	outcome->heads++;
	take_head(outcome, head);
	return !outcome->refuse_head;
}

static bool on_bytes(void *payload, const void *bytes, size_t len)
{
	struct outcome *outcome = payload;

	if (!outcome->body)
		outcome->body = calloc(1, BODY_MAX + 1);
	if (outcome->body && outcome->len + len <= BODY_MAX)
		memcpy(outcome->body + outcome->len, bytes, len);
	outcome->len += len;
	return !outcome->refuse_bytes;
}

static void on_done(
    void *payload, const struct err *err, const struct net_head *head, bool sent)
{
	struct outcome *outcome = payload;

	outcome->ends++;
	outcome->err = *err;
	outcome->sent = sent;
	take_head(outcome, head);
}

const struct net_handler outcome_handler = { on_head, on_bytes, on_done };

void outcome_release(struct outcome *outcome)
{
	free(outcome->body);
	outcome->body = NULL;
}

int harness_clear_env(void **state)
{
	static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
		"ALL_PROXY", "no_proxy", "NO_PROXY", "DREAMQ_CA_FILE", "CURL_CA_BUNDLE",
		"SSL_CERT_FILE" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unsetenv(names[i]);
	return 0;
}

struct net *harness_net(const struct net_config *config)
{
	struct net *net = NULL;
	struct err err;

	if (net_new(config, &net, &err) != ERR_OK)
		fail_msg("net_new: %s", err.msg);
	return net;
}

void harness_netp(struct net **net)
{
	net_free(*net);
}

void harness_drain(struct net *net)
{
	struct err err;

	while (net_active(net) > 0)
		if (net_step(net, 1000, &err) != ERR_OK)
			fail_msg("net_step: %s", err.msg);
}

void harness_run(struct net *net, const struct net_spec *spec, struct outcome *outcome)
{
	struct net_spec full = *spec;

	if (!full.method)
		full.method = "GET";
	if (full.max_body_bytes == 0)
		full.max_body_bytes = BODY_MAX;
	if (net_start(net, &full, &outcome_handler, outcome, NULL, &outcome->err) !=
	    ERR_OK)
		return;
	harness_drain(net);
	assert_int_equal(outcome->ends, 1);
}
