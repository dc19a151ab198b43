/*
 * route.h - the ways in which a task can be submitted, a row each: what is sent, and
 * where. Which one a task takes is decided when its body is made, and told by the body
 * from then on: what waits in the ledger leaves as it was made, whatever the settings say
 * by now.
 */
#pragma once

#include "base/json.h"
#include "service/jimeng/send/draft.h"

struct route {
	const char *name; /* as users write it */
	const char *mark; /* a field that the bodies of this one alone have */
	const char *(*address)(const struct wire *wire); /* scheme and host */
	/* As those of service_ops.h. */
	enum err_kind (*body)(const struct wire *wire,
	    const struct service_request *request, char **ret_body, struct err *err);
	enum err_kind (*rename)(const char *body, const char *submit_id,
	    int64_t made_unix_ms, char **ret_body, struct err *err);
	/* asked.h */
	enum err_kind (*asked)(cJSON *body, struct service_asked *asked, struct err *err);
	/* Puts address and headers into an empty draft. */
	enum err_kind (*begin)(struct draft *draft, const struct wire *wire,
	    enum media_kind kind, struct err *err);
};

extern const struct route route_agent, route_web; /* agent.c, web.c */

/* NULL: there is none of that name. */
const struct route *route_find(const char *name);
/* The way of this body; the first of all for one without any mark. */
const struct route *route_of(const cJSON *body);
