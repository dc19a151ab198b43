#include "service/jimeng/send/region.h"

#include <strings.h>

/* name, cluster's host, commerce's host, code, country */
#define OVERSEAS(X)                                                                     \
	X("us", "dreamina-api.us.capcut.com", "commerce-us-ttp2.us.capcut.com", "US",   \
	    "us")                                                                       \
	X("us-ttp2", "dreamina-api-us-ttp2.us.capcut.com",                              \
	    "commerce-us-ttp2.us.capcut.com", "US", "us")                               \
	X("sg", "mweb-api-sg.capcut.com", "commerce-api-sg.capcut.com", "SG", "sg")     \
	X("sg-ttp2", "mweb-api-sg-ttp2.capcut.com", "commerce-api-sg.capcut.com", "SG", \
	    "sg")                                                                       \
	X("jp", "mweb-api-jp.capcut.com", "commerce-api-jp.capcut.com", "JP", "jp")     \
	X("jp-ttp2", "mweb-api-jp-ttp2.capcut.com", "commerce-api-jp.capcut.com", "JP", \
	    "jp")                                                                       \
	X("eu", "mweb-api-eu.capcut.com", "commerce-api-eu.capcut.com", "EU", "de")

static const struct region regions[] = {
	{ .name = "cn",
	    .api = "https://jimeng.jianying.com",
	    .commerce = "https://jimeng.jianying.com",
	    .submit = "https://dreamina-agent-operation.bytedance.net",
	    .via = "agent",
	    .aid = "513695",
	    .code = "cn",
	    .lan = "zh-Hans",
	    .loc = "cn",
	    .site = "https://jimeng.jianying.com",
	    .cookie_domain = "jianying.com" },
#define X(name_, api_, commerce_, code_, country)      \
	{ .name = (name_),                             \
		.api = "https://" api_,                \
		.commerce = "https://" commerce_,      \
		.via = "web",                          \
		.aid = "513641",                       \
		.code = (code_),                       \
		.lan = "en",                           \
		.loc = (country),                      \
		.site = "https://dreamina.capcut.com", \
		.cookie_domain = "capcut.com" },
	OVERSEAS(X)
#undef X
};

const char *const region_names[] = { "cn",
#define X(name, api, commerce, code, country) name,
	OVERSEAS(X)
#undef X
	    NULL };

const struct region *region_find(const char *name)
{
	for (size_t i = 0; i < sizeof(regions) / sizeof(*regions); i++)
		if (!strcasecmp(regions[i].name, name))
			return &regions[i];
	return NULL;
}
