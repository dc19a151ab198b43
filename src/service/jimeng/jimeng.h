/*
 * jimeng.h - Jimeng (Dreamina) as a service (service_ops.h): service.c has its row of
 * operations, poll.c turns answers into what they say of each id.
 */
#pragma once

#include "service/exchange.h"

/* poll.c: the operations of these names. */
unsigned jimeng_way(const struct service_question *question);
const char *jimeng_other_id(const struct task *known);
enum err_kind jimeng_poll(struct exchange *exchange, struct err *err);
