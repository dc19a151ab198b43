/*
 * jimeng.h - Jimeng (Dreamina) as a service (service_ops.h): service.c has its row of
 * operations, poll.c turns answers into what they say of each id, browse.c into pages,
 * files.c into what is offered of files.
 */
#pragma once

#include "service/exchange.h"

/* poll.c: the operations of these names. */
unsigned jimeng_way(const struct service_question *question);
const char *jimeng_other_id(const struct task *known);
enum err_kind jimeng_poll(struct exchange *exchange, struct err *err);

/* browse.c: the same. */
extern const char *const jimeng_listings[];
enum err_kind jimeng_browse(
    struct exchange *exchange, const struct service_place *place, struct err *err);

/* files.c: the same. */
enum media_kind jimeng_kind_of_uri(const char *uri);
enum err_kind jimeng_files(struct exchange *exchange, enum service_files which,
    const struct service_file *files, struct err *err);
