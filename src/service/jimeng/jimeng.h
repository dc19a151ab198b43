/*
 * jimeng.h - Jimeng (Dreamina) as a service (service.h): service.c has its row of
 * operations, poll.c turns answers into what they say of each id.
 */
#pragma once

#include <sys/queue.h>

#include "service/jimeng/send/client.h"
#include "service/service_ops.h"

/* How one id is put into a request. */
struct asked {
	const char *id;
	bool is_history_poll; /* it counts as a poll for the history id ... */
	bool as_history; /* ... though an alias travels among the submit ids */
};
struct asking {
	struct service_question question;
	struct asked asked; /* as it was when the request left */
};

/* One exchange under way, and whom to tell; freed with the service, at the latest. */
struct errand {
	LIST_ENTRY(errand) others;
	struct jimeng *jimeng;
	union {
		service_on_polled *polled;
		service_on_sent *sent;
	} on;
	void *payload;
	size_t n; /* of askings; 0 of a submit */
	struct asking askings[];
};

struct jimeng {
	struct service service;
	struct api *api;
	int64_t (*now_ms)(const void *payload);
	const void *payload;
	LIST_HEAD(errands, errand) errands;
};

/* Begins one that is under way from now on. NULL: no memory. */
struct errand *errand_begin(struct jimeng *jimeng, size_t n_askings);
/* It is over, and the caller's: before it tells, for that may free the service. */
void errand_end(struct errand *errand);

/* poll.c: the ops of these names. */
unsigned jimeng_way(const struct service_question *question);
const char *jimeng_other_id(const struct task *known);
enum err_kind jimeng_poll(struct service *service,
    const struct service_question *questions, size_t n, service_on_polled *on_polled,
    void *payload, struct err *err);
