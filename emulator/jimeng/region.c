#include "jimeng/region.h"

#include <string.h>
#include <strings.h>

#include "jimeng/sign.h"

#define CN_AID "513695"
#define OVERSEAS_AID "513641"
#define OVERSEAS_SITE "https://dreamina.capcut.com"

#define OVERSEAS(row_name, row_api, row_commerce, row_region, is_asian)             \
	{                                                                           \
		.name = (row_name), .api = (row_api), .commerce = (row_commerce),   \
		.aid = OVERSEAS_AID, .region = (row_region), .site = OVERSEAS_SITE, \
		.has_common_video = (is_asian), .has_1e67 = true                    \
	}

static const struct region_row rows[] = {
	{ .name = "CN",
	    .api = "jimeng.jianying.com",
	    .commerce = "jimeng.jianying.com",
	    .submit = "dreamina-agent-operation.bytedance.net",
	    .aid = CN_AID,
	    .region = "CN",
	    .loc = "cn",
	    .site = "https://jimeng.jianying.com" },
	OVERSEAS("US", "dreamina-api.us.capcut.com", "commerce-us-ttp2.us.capcut.com",
	    "US", false),
	OVERSEAS("US-ttp2", "dreamina-api-us-ttp2.us.capcut.com",
	    "commerce-us-ttp2.us.capcut.com", "US", false),
	OVERSEAS(
	    "SG", "mweb-api-sg.capcut.com", "commerce-api-sg.capcut.com", "SG", true),
	OVERSEAS("SG-ttp2", "mweb-api-sg-ttp2.capcut.com", "commerce-api-sg.capcut.com",
	    "SG", true),
	OVERSEAS(
	    "JP", "mweb-api-jp.capcut.com", "commerce-api-jp.capcut.com", "JP", true),
	OVERSEAS("JP-ttp2", "mweb-api-jp-ttp2.capcut.com", "commerce-api-jp.capcut.com",
	    "JP", true),
	OVERSEAS(
	    "EU", "mweb-api-eu.capcut.com", "commerce-api-eu.capcut.com", "EU", false),
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

const struct region_row *region_at(size_t index)
{
	return index < ROWS ? &rows[index] : NULL;
}

const struct region_row *region_find(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcasecmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* The host without its port; on loopback the cluster is ours, whatever its name. */
static bool is_host_of(const struct region_row *row, const char *host)
{
	const char *const hosts[] = { "127.0.0.1", "localhost", row->api, row->commerce,
		row->submit };
	const size_t n = strcspn(host, ":");

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (hosts[i] && strlen(hosts[i]) == n &&
		    strncasecmp(hosts[i], host, n) == 0)
			return true;
	return false;
}

static bool admit_if(struct request *r, bool belongs, const char *what, const char *value,
    const struct region_row *row)
{
	if (!belongs)
		request_violation(
		    r, "%s '%s' is not of cluster %s", what, value, row->name);
	return belongs;
}

static bool is_sign_of(const struct region_row *row, enum sign sign)
{
	return sign != SIGN_1E67 || row->has_1e67;
}

bool region_admits(const struct region_row *row, struct request *r)
{
	const char *host = request_header(r, "Host"), *appid = request_header(r, "appid");
	const char *loc = request_header(r, "loc");
	const char *aid = request_argument(r, "aid");
	const char *region = request_argument(r, "region");
	const char *site[] = { request_header(r, "origin"),
		request_header(r, "referer") };
	const enum sign sign = sign_of(r);
	bool ok = admit_if(r, !host || is_host_of(row, host), "host", host, row);

	ok &= admit_if(r, !*aid || strcmp(aid, row->aid) == 0, "aid", aid, row);
	ok &= admit_if(r, !appid || strcmp(appid, row->aid) == 0, "appid", appid, row);
	ok &= admit_if(
	    r, !*region || strcasecmp(region, row->region) == 0, "region", region, row);
	ok &= admit_if(r, is_sign_of(row, sign), "sign", sign_name(sign), row);
	/* These are told, but nobody is refused for them. */
	(void)admit_if(
	    r, !loc || !row->loc || strcmp(loc, row->loc) == 0, "loc", loc, row);
	for (size_t i = 0; i < 2; i++)
		(void)admit_if(r,
		    !site[i] || strncmp(site[i], row->site, strlen(row->site)) == 0,
		    i ? "referer" : "origin", site[i], row);
	return ok;
}
