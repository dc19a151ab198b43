/*
 * api.h - the endpoints of the service. Every handler fills in r->reply.
 */
#pragma once

#include "jimeng/jimeng.h"
#include "wire/request.h"

void api_query(const struct jimeng *jimeng, struct request *r);
void api_queue(const struct jimeng *jimeng, struct request *r);
void api_credit(const struct jimeng *jimeng, struct request *r);
void api_submit_image(const struct jimeng *jimeng, struct request *r);
void api_submit_video(const struct jimeng *jimeng, struct request *r);

/* A business error: HTTP 200 and a `ret`. A NULL message takes the usual one. */
void api_error(struct request *r, int ret, const char *message);

/* The shapes of a refused submit: the code also in `data`, or no data at all. */
void api_submit_error(struct request *r, int ret, const char *message);

/* False, and answered, when the cookie is missing or its login is dead. */
bool api_login(const struct jimeng *jimeng, struct request *r, int ret_when_dead);
