/*
 * wire.h - everything about the service that may change: hosts, paths,
 * headers, names, limits (PROTOCOL A1, A2, B11). One table, defaults here, each row
 * can be overridden in the config file under [wire].
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* The settings of this service, as others hand them around. */
struct service_settings;

struct wire {
	/* Of region.h; to set it sets all that belongs to it, so it is set first. */
	char *cluster;
	char *api_base; /* https://jimeng.jianying.com */
	char *commerce_base; /* where api_base is, unless it is told apart */
	char *submit_base; /* https://dreamina-agent-operation.bytedance.net */
	bool has_submits; /* the region has a place for them, or one was told */
	bool is_commerce_told;
	char *cookie_domain; /* whose cookies are a login: jianying.com */
	char *query_path, *asset_list_path, *history_list_path; /* below api_base */
	char *item_path, *image_uri_path, *video_vid_path; /* the same: B8 */
	char *credit_path, *statement_path; /* below commerce_base */
	char *submit_via; /* the name of a way (route.h): agent, web */
	char *image_path, *video_path; /* of `agent`, below submit_base */
	char *web_submit_path; /* of `web`, below api_base */
	char *cancel_path; /* below api_base */
	/* Of the page that `web` is; the draft tells the first one, too. */
	char *da_version, *web_version;
	char *aid, *region, *device_platform; /* of the query string */
	/* headers of a query */
	char *accept, *appid, *appvr, *pf, *lan, *loc, *origin, *referer;
	char *agent_scene, *subject_id; /* fields of a submit */
	char *image_generate_type;
	/*
	 * Text to video. The documented types of this endpoint all need
	 * images (D); text2VideoByConfig is what the service's own CLI
	 * sends to the sister endpoint (C). Nobody has shown it here: grade U.
	 */
	char *video_generate_type;
	char *image_model, *video_model; /* model_key when nobody names one */
	unsigned batch_max; /* ids in one request, 50 */
	unsigned page_max; /* records in one page of a listing, 50 */
	unsigned files_max; /* files asked for by name in one request, 20 */
	unsigned stall_seconds; /* a transfer without a byte for so long is cut, 30 */
	/* A file that brings less than 1 KiB/s for so long gives way to those that wait,
	 * and comes again as much later, 60. */
	unsigned slow_seconds;
	/* How many times as fast as ours the service's clock runs, 1: for an emulator
	 * (--time-scale). When to poll, floors and budget are on that clock. */
	unsigned time_scale;
};

static inline const struct wire *wire_of(const struct service_settings *settings)
{
	return (const struct wire *)settings;
}

/* The names that submit_via may have; NULL behind the last. */
extern const char *const wire_vias[];

enum err_kind wire_new(struct wire **ret_wire, struct err *err); /* the defaults */
/* Set one row by its name; ERR_USAGE for an unknown name (with the nearest) or a bad
 * value. */
enum err_kind wire_set(
    struct wire *wire, const char *name, const char *value, struct err *err);
void wire_free(struct wire *wire);
/* Walk the rows; NULL after the last. */
const char *wire_name_at(size_t i);
