#include "cli/options.h"

#include <stddef.h>
#include <string.h>

#include "cli/i18n.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static const char *const color_choices[] = { "auto", "always", "never", NULL };
static const char *const format_choices[] = { "jsonl", "csv", NULL };
static const char *const kind_choices[] = { "image", "video", NULL };
static const char *const ratio_choices[] = { "21:9", "16:9", "3:2", "4:3", "1:1", "3:4",
	"2:3", "9:16", NULL };
static const char *const state_choices[] = { "submitting", "unknown", "queued",
	"generating", "partial", "succeeded", "failed", "cancelled", "not_found",
	"unfinished", NULL };

const struct opt options[OPT_COUNT] = {
	[OPT_ALL_ACCOUNTS] = { "all-accounts", 'a', NULL,
	    N_("of every profile, not only this one"), OPT_SWITCH, .in_config = true },
	[OPT_ANY] = { "any", 0, NULL, N_("return when the first of them has ended"),
	    OPT_SWITCH },
	[OPT_API_BASE] = { "api-base", 0, "URL",
	    N_("ask this service instead of the real one"), OPT_TEXT, .in_config = true,
	    .env = "DREAMQ_API_BASE" },
	[OPT_BODY] = { "body", 0, "FILE",
	    N_("merge this JSON object into the request; '-' is standard input"),
	    OPT_FILE },
	[OPT_COLOR] = { "color", 0, "WHEN",
	    N_("colours: auto (on a terminal), always, never"), OPT_CHOICE,
	    .in_config = true, .choices = color_choices },
	[OPT_CONFIG] = { "config", 0, "FILE", N_("read this config file"), OPT_FILE,
	    .env = "DREAMQ_CONFIG" },
	[OPT_COOKIE_FILE] = { "cookie-file", 0, "FILE",
	    N_("the account's cookie is in this file"), OPT_FILE, .in_config = true,
	    .env = "DREAMQ_COOKIE_FILE" },
	[OPT_THEIR_DIR] = { "download_dir", 0, "DIR",
	    N_("wait, and download every file into this folder"), OPT_FOLDER },
	[OPT_DURATION] = { "duration", 0, "SECONDS", N_("length of a video"), OPT_NUMBER,
	    .min = 1, .max = 3600 },
	[OPT_EXEC] = { "exec", 0, "CMD",
	    N_("run this for each stored file, which it finds in $DREAMQ_PATH"), OPT_TEXT,
	    .in_config = true },
	[OPT_FORMAT] = { "format", 0, "FORMAT",
	    N_("jsonl (a task a line) or csv (a file a row)"), OPT_CHOICE,
	    .choices = format_choices },
	[OPT_HELP] = { "help", 'h', NULL, N_("print help, and do nothing else"),
	    OPT_SWITCH },
	[OPT_INPUT] = { "input", 'i', "FILE",
	    N_("take ids from this file too; '-' is standard input"), OPT_FILE },
	[OPT_INTERVAL] = { "interval", 0, "DUR",
	    N_("look at a task at most this often (default: what the service asks for)"),
	    OPT_TIME, .in_config = true, .max = DAY_MS },
	[OPT_JOBS] = { "jobs", 'j', "N",
	    N_("download at most N files at once (default: 8)"), OPT_NUMBER,
	    .in_config = true, .min = 1, .max = 64 },
	[OPT_JSON] = { "json", 0, NULL,
	    N_("print one JSON object a line on standard output"), OPT_SWITCH,
	    .in_config = true },
	[OPT_KIND] = { "kind", 0, "KIND", N_("what to make: image (default) or video"),
	    OPT_CHOICE, .choices = kind_choices },
	[OPT_LEDGER] = { "ledger", 0, "URL",
	    N_("keep the record of all tasks here: a path, or sqlite:PATH"), OPT_TEXT,
	    .in_config = true, .env = "DREAMQ_LEDGER" },
	[OPT_LIMIT] = { "limit", 'n', "N", N_("at most N, the newest ones"), OPT_NUMBER,
	    .min = 1, .max = 1000000000 },
	[OPT_MAN] = { "man", 0, NULL, N_("print the manual page as roff"), OPT_SWITCH },
	[OPT_MAX_WAIT] = { "max-wait", 0, "DUR",
	    N_("stop waiting after this long, with exit status 4; 0 is one look "
	       "(default: "
	       "never)"),
	    OPT_TIME, .in_config = true },
	[OPT_MODEL] = { "model", 0, "NAME", N_("the service's name of the model"),
	    OPT_TEXT },
	[OPT_NAME] = { "name", 0, "TEMPLATE",
	    N_("name of each file (default: {id}_{index}.{ext})"), OPT_TEXT,
	    .in_config = true },
	[OPT_OUTPUT] = { "output", 'o', "FILE",
	    N_("write here instead, complete or not at all"), OPT_FILE },
	[OPT_OUTPUT_DIR] = { "output-dir", 'o', "DIR",
	    N_("put the files into this folder (default: the current one)"), OPT_FOLDER,
	    .in_config = true },
	[OPT_PROFILE] = { "profile", 0, "NAME", N_("the account to work for"), OPT_TEXT,
	    .in_config = true, .env = "DREAMQ_PROFILE" },
	[OPT_PROMPT] = { "prompt", 'p', "TEXT",
	    N_("what to make; '-' reads it from standard input"), OPT_TEXT },
	[OPT_QUIET] = { "quiet", 'q', NULL, N_("no progress and no warnings"), OPT_SWITCH,
	    .in_config = true },
	[OPT_RATIO] = { "ratio", 0, "W:H", N_("shape of the picture (default: 1:1)"),
	    OPT_CHOICE, .choices = ratio_choices },
	[OPT_SET] = { "set", 0, "KEY=VALUE",
	    N_("one more field of the request; may be repeated"), OPT_LIST },
	[OPT_SIDECAR] = { "sidecar", 0, NULL,
	    N_("write the task beside each file, as NAME.json"), OPT_SWITCH,
	    .in_config = true },
	[OPT_SINCE] = { "since", 0, "WHEN",
	    N_("first heard of since then: '2d' ago, or '2026-01-31'"), OPT_TEXT },
	[OPT_SINK] = { "sink", 0, "URL",
	    N_("put the files into this sink instead of a folder"), OPT_TEXT,
	    .in_config = true },
	[OPT_STATE] = { "state", 0, "STATE",
	    N_("only tasks in this state, or 'unfinished'"), OPT_CHOICE,
	    .choices = state_choices },
	[OPT_SUBMIT_BASE] = { "submit-base", 0, "URL",
	    N_("submit to this service instead of the real one"), OPT_TEXT,
	    .in_config = true, .env = "DREAMQ_SUBMIT_BASE" },
	[OPT_SUBMIT_ID] = { "submit-id", 0, "ID",
	    N_("name the task yourself (default: a new random UUID)"), OPT_TEXT },
	[OPT_THEIR_ID] = { "submit_id", 0, "ID", N_("the task to ask for"), OPT_TEXT },
	[OPT_VERBOSE] = { "verbose", 'v', NULL,
	    N_("tell what is sent and received, without secrets"), OPT_SWITCH,
	    .in_config = true },
	[OPT_VERSION] = { "version", 'V', NULL,
	    N_("print the version, and do nothing else"), OPT_SWITCH },
};

const enum opt_id options_shared[] = { OPT_API_BASE, OPT_COLOR, OPT_CONFIG,
	OPT_COOKIE_FILE, OPT_HELP, OPT_JSON, OPT_LEDGER, OPT_PROFILE, OPT_QUIET,
	OPT_SUBMIT_BASE, OPT_VERBOSE, OPT_VERSION, OPT_COUNT };

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
