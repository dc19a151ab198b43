#include "core/notify/post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/notify/sign.h"
#include "core/notify/webhook.h"

enum { ANSWER_BYTES_MAX = 64 * 1024, HEADER_MAX = 400 };

struct post {
	struct net_request *request;
	post_on_answer *on_answer; /* NULL: abandoned */
	void *payload;
};

static const char user_agent[] = "User-Agent: dreamq/" DREAMQ_VERSION;

/* Nobody reads what it says; its status counts. */
static bool pass_bytes(void *payload, const void *bytes, size_t len)
{
	(void)payload;
	(void)bytes;
	(void)len;
	return true;
}

static bool pass_head(void *payload, const struct net_head *head)
{
	(void)payload;
	(void)head;
	return true;
}

static void on_done(
    void *payload, const struct err *err, const struct net_head *head, bool sent)
{
	struct post *post = payload;
	const struct post_answer answer = { .err = *err,
		.status = head->status,
		.retry_after_ms = head->retry_after_ms };

	(void)sent;
	if (post->on_answer)
		post->on_answer(post->payload, post, &answer);
	free(post);
}

static enum err_kind start(struct dq *dq, const struct post_spec *spec,
    const char *signature, struct post *post, struct err *err)
{
	static const struct net_handler handler = { pass_head, pass_bytes, on_done };
	char id[HEADER_MAX], timestamp[HEADER_MAX], signed_by[HEADER_MAX];
	const char *const headers[] = { "Content-Type: application/json", user_agent, id,
		timestamp, signed_by, NULL };
	const struct net_spec request = { .role = NET_API,
		.method = "POST",
		.url = dq->target->url,
		.headers = headers,
		.body = spec->body,
		.body_len = strlen(spec->body),
		.max_body_bytes = ANSWER_BYTES_MAX,
		.total_timeout_ms = WEBHOOK_ANSWER_MS,
		.hides_path = true };

	(void)snprintf(id, sizeof(id), "webhook-id: %s", spec->message);
	(void)snprintf(timestamp, sizeof(timestamp), "webhook-timestamp: %lld",
	    (long long)spec->at_unix);
	(void)snprintf(signed_by, sizeof(signed_by), "webhook-signature: %s", signature);
	return net_start(dq->net, &request, &handler, post, &post->request, err);
}

enum err_kind post_start(struct dq *dq, const struct post_spec *spec,
    post_on_answer *on_answer, void *payload, struct post **ret_post, struct err *err)
{
	const struct message message = { spec->message, spec->at_unix, spec->body };
	_cleanup_(buf_release) struct buf signature = buf_make(HEADER_MAX - 32);
	_cleanup_free_ struct post *post = calloc(1, sizeof(*post));

	if (!post)
		return err_set(err, ERR_NOMEM, "out of memory");
	post->on_answer = on_answer;
	post->payload = payload;
	if (sign_message(dq->target->secrets.text, &message, &signature, err) ||
	    start(dq, spec, signature.data, post, err))
		return err->kind;
	*ret_post = TAKE_PTR(post);
	return ERR_OK;
}

void post_abandon(struct post *post)
{
	post->on_answer = NULL;
	net_cancel(post->request); /* on_done() frees it */
}
