#include "cli/options/options.h"

#include <stddef.h>
#include <string.h>

#include "cli/term/i18n.h"

enum {
	SECOND_MS = 1000,
	CALL_LIMIT_MAX_MS = 50 * SECOND_MS,
	DAY_MS = 24 * 60 * 60 * SECOND_MS
};

static const char *const color_choices[] = { "auto", "always", "never", NULL };
static const char *const graphics_choices[] = { "auto", "kitty", "iterm", "sixel",
	"symbols", NULL };
static const char *const key_by_choices[] = { "content", "line", NULL };
static const char *const kind_choices[] = { "image", "video", "audio", NULL };
static const char *const progress_choices[] = { "bar", "plain", "json", "none", "auto",
	"always", "never", NULL };
static const char *const quality_choices[] = { "original", "best-listed", "smallest",
	NULL };
static const char *const rating_choices[] = { "0", "1", "2", "3", "4", "5", "reject",
	NULL };
static const char *const ratio_choices[] = { "21:9", "16:9", "3:2", "4:3", "1:1", "3:4",
	"2:3", "9:16", NULL };
static const char *const region_choices[] = { "cn", "us", "us-ttp2", "sg", "sg-ttp2",
	"jp", "jp-ttp2", "eu", NULL };
/* In the order of the bits DQ_SIDECAR_... */
static const char *const sidecar_choices[] = { "json", "txt", "xmp", NULL };
static const char *const sort_choices[] = { "cost", "created", "finished", "id", "kind",
	"model", "rating", "seen", "size", "state", "-cost", "-created", "-finished",
	"-id", "-kind", "-model", "-rating", "-seen", "-size", "-state", NULL };
static const char *const their_status_choices[] = { "querying", "success", "fail", NULL };
static const char *const their_type_choices[] = { "text2image", "image2image",
	"image_upscale", "text2video", "image2video", "frames2video", "multiframe2video",
	"multimodal2video", "ref2video", "image", "video", NULL };
static const char *const via_choices[] = { "agent", "web", NULL };
static const char *const state_choices[] = { "submitting", "unknown", "queued",
	"generating", "partial", "succeeded", "failed", "cancelled", "not_found",
	"unfinished", NULL };

const struct opt options[OPT_COUNT] = {
#define OPTION(id, ...) [OPT_##id] = { __VA_ARGS__ },
#include "cli/options/rows.def"
#undef OPTION
};

const enum opt_id options_shared[] = { OPT_API_BASE, OPT_CACERT, OPT_COLOR, OPT_CONFIG,
	OPT_CONNECT_TIMEOUT, OPT_CONNECTIONS_PER_HOST, OPT_COOKIE_FILE, OPT_DOH_URL,
	OPT_HELP, OPT_INTERFACE, OPT_IPV4, OPT_IPV6, OPT_JSON, OPT_LEDGER, OPT_LIMIT_RATE,
	OPT_LOG_FILE, OPT_NO_PROXY, OPT_PROFILE, OPT_PROXY, OPT_QUIET, OPT_REGION,
	OPT_STALL_TIMEOUT, OPT_SUBMIT_BASE, OPT_VERBOSE, OPT_VERSION, OPT_COUNT };

enum opt_id options_find(const char *name)
{
	for (enum opt_id id = 0; id < OPT_COUNT; id++)
		if (!strcmp(options[id].name, name))
			return id;
	return OPT_COUNT;
}

bool options_has(const enum opt_id *list, enum opt_id id)
{
	for (; list && *list != OPT_COUNT; list++)
		if (*list == id)
			return true;
	return false;
}
