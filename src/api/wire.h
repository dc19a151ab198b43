/*
 * wire.h - everything about the service that may change: hosts, paths,
 * headers, limits (PROTOCOL A1, A2). One table, defaults here, each row can be
 * overridden in the config file under [wire].
 */
#pragma once

#include <stddef.h>

#include "base/err.h"

struct wire {
	char *api_base; /* https://jimeng.jianying.com */
	char *submit_base; /* https://dreamina-agent-operation.bytedance.net */
	char *aid, *region, *device_platform; /* of the query string */
	char *appid, *appvr, *pf, *lan, *loc, *origin, *referer; /* headers of a query */
	char *image_model, *video_model; /* model_key when nobody names one */
	unsigned batch_max; /* ids in one request, 50 */
};

enum err_kind wire_new(struct wire **ret_wire, struct err *err); /* the defaults */
/* Set one row by its name; ERR_USAGE for an unknown name (with the nearest) or a bad
 * value. */
enum err_kind wire_set(
    struct wire *wire, const char *name, const char *value, struct err *err);
void wire_free(struct wire *wire);
/* The names of the rows, NULL-terminated. */
const char *const *wire_names(void);
