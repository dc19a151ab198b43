/*
 * post.h - one delivery on its way: a signed POST, and what the receiver says.
 */
#pragma once

#include "core/account/session.h"
#include "core/account/target.h"

struct post;

struct post_answer {
	struct err err; /* of the transfer */
	long status; /* 0: none came */
	int64_t retry_after_ms; /* -1: not told */
};
/* Comes once, from inside of the net, unless post_abandon() comes first; `post` is freed
 * behind it. */
typedef void post_on_answer(
    void *payload, struct post *post, const struct post_answer *answer);

struct post_spec {
	const char *message, *body;
	int64_t at_unix;
};
/* Strings are copied. */
enum err_kind post_start(struct dq *dq, const struct post_spec *spec,
    post_on_answer *on_answer, void *payload, struct post **ret_post, struct err *err);
/* It is cancelled, and nobody hears of it. */
void post_abandon(struct post *post);
