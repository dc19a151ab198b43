/*
 * tool_whole.c - dreamq_sync, dreamq_verify: all that the account has made, and all that
 * is stored.
 */
#include <string.h>

#include "dreamq/sync.h"
#include "dreamq/verify.h"
#include "mcp/since.h"
#include "mcp/tool.h"

enum { TEXT_CHARS = 1000 };

static const struct param no_params[] = { { .name = NULL } };

/* --- all that the account has ------------------------------------------ */

static const char *const *kinds(void)
{
	static const char *const words[] = { "image", "video", "audio", NULL };

	return words;
}

static const struct param sync_params[] = {
	{ "kind", PARAM_CHOICE, .choices = kinds },
	{ "since", PARAM_TEXT, .min = 1, .max = 40, .description = SINCE_WORDS },
	{ "limit", PARAM_INTEGER, .min = 1, .max = 1000, .otherwise = 20,
	    .description = "at most so many new tasks, the newest" },
	{ "max_wait_s", PARAM_INTEGER, .min = 1, .max = CALL_WAIT_MAX_S, .otherwise = 30,
	    .description = "seconds this call may take" },
	{ .name = NULL },
};

static void run_sync(struct call *call, struct answer *answer)
{
	struct dq_sync sync = { .size_bytes = sizeof(sync),
		.get = { .size_bytes = sizeof(sync.get),
		    .sink = call->options->folder,
		    .name_template = call->options->name_template,
		    .wait = { .size_bytes = sizeof(sync.get.wait) } },
		.kind = call_text(call, "kind"),
		.limit = (size_t)call_integer(call, "limit") };
	struct put *into = &answer->structured;
	struct dq_synced synced = { .listed = 0 };
	struct dq_error error = { .status = DQ_OK };
	enum dq_status status;

	if (!since_read(call_text(call, "since"), &sync.since_unix_ms)) {
		answer_fail(answer, DQ_USAGE, "'since' must be " SINCE_WORDS);
		return;
	}
	sync.get.wait.max_wait_ms =
	    call_wait_ms(call, call_integer(call, "max_wait_s") * 1000);
	status = dq_sync(call->dq, &sync, &synced, &error);
	if (status != DQ_OK && status != DQ_RUNNING && status != DQ_INTERRUPTED) {
		answer_fail(answer, status, error.message);
		return;
	}
	answer->goes_on = status != DQ_OK;
	put_number(into, "listed", (int64_t)synced.listed);
	put_number(into, "adopted", (int64_t)synced.adopted);
	put_number(into, "files", (int64_t)synced.files);
	put_number(into, "bytes", (int64_t)synced.bytes);
	put_bool(into, "complete", status == DQ_OK);
	put_text(into, "next",
	    status == DQ_OK
		? "dreamq_list tells the tasks; a larger limit brings older ones."
		: "Call again with the same arguments: it goes on where it stopped.");
	answer_say(answer, "%zu tasks listed, %zu new, %zu files stored; %s",
	    synced.listed, synced.adopted, synced.files,
	    status == DQ_OK ? "complete" : "not complete");
}

static const struct shape synced_shape[] = {
	{ "listed", SHAPE_INTEGER, ALWAYS, NULL },
	{ "adopted", SHAPE_INTEGER, ALWAYS, NULL },
	{ "files", SHAPE_INTEGER, ALWAYS, NULL },
	{ "bytes", SHAPE_INTEGER, ALWAYS, NULL },
	{ "complete", SHAPE_BOOL, ALWAYS, NULL },
	{ "next", SHAPE_TEXT, ALWAYS, NULL },
	SHAPE_END,
};

const struct tool tool_sync = {
	.name = "dreamq_sync",
	.title = "Bring home what the account made",
	.description = "Take in tasks made elsewhere, on the website or with other tools "
		       "(同步网站上的任务), the newest up to limit, and bring their "
		       "files home. Pays nothing. Call again until complete.",
	.params = sync_params,
	.output = synced_shape,
	.asks_service = true,
	.may_last = true,
	.run = run_sync,
};

/* --- the ledger against the disk --------------------------------------- */

struct verifying {
	struct answer *answer;
	cJSON *findings;
	int64_t left_out;
};

static void hear_finding(void *payload, const struct dq_finding *finding)
{
	struct verifying *verifying = payload;
	struct put row = put_make();
	cJSON *json;

	put_text(&row, "what", finding->what);
	put_strange(&row, "path", finding->path, TEXT_CHARS);
	put_strange(&row, "submit_id", finding->submit_id, DQ_ID_MAX);
	put_number(&row, "index", finding->index);
	json = put_take(&row);
	if (verifying->findings && answer_fits(verifying->answer, json)) {
		(void)cJSON_AddItemToArray(verifying->findings, json);
		answer_say(verifying->answer, "%s %s", finding->what,
		    finding->submit_id ? finding->submit_id : "");
		return;
	}
	cJSON_Delete(json);
	verifying->left_out++;
}

static void run_verify(struct call *call, struct answer *answer)
{
	struct put *into = &answer->structured;
	struct verifying verifying = { answer, put_array(into, "findings"), 0 };
	const struct dq_verify verify = { .size_bytes = sizeof(verify),
		.on_finding = hear_finding,
		.payload = &verifying,
		.dry_run = true };
	struct dq_verified counts = { .files = 0 };
	struct dq_error error = { .status = DQ_OK };
	const enum dq_status status = dq_verify(call->dq, &verify, &counts, &error);
	const bool differs = counts.missing + counts.altered + counts.unfinished > 0;

	if (status != DQ_OK && !(status == DQ_STORAGE && differs)) {
		answer->goes_on = status == DQ_INTERRUPTED;
		answer_fail(answer, status, error.message);
		return;
	}
	put_number(into, "files", (int64_t)counts.files);
	put_number(into, "bytes", (int64_t)counts.bytes);
	put_number(into, "missing", (int64_t)counts.missing);
	put_number(into, "altered", (int64_t)counts.altered);
	put_number(into, "unfinished", (int64_t)counts.unfinished);
	put_number(into, "leftover", (int64_t)counts.leftover);
	put_number(into, "findings_left_out", verifying.left_out);
	put_text(into, "next",
	    differs ? "Ask the person to run 'dreamq verify --repair' in a terminal."
		    : "Nothing is to be done.");
	answer_say(answer, "%zu files: %zu missing, %zu altered, %zu unfinished",
	    counts.files, counts.missing, counts.altered, counts.unfinished);
}

static const struct shape finding_shape[] = {
	{ "what", SHAPE_TEXT, ALWAYS, NULL },
	{ "path", SHAPE_TEXT, MAY_LACK, NULL },
	{ "submit_id", SHAPE_TEXT, MAY_LACK, NULL },
	{ "index", SHAPE_INTEGER, MAY_LACK, NULL },
	SHAPE_END,
};

static const struct shape verified_shape[] = {
	{ "files", SHAPE_INTEGER, ALWAYS, NULL },
	{ "bytes", SHAPE_INTEGER, ALWAYS, NULL },
	{ "missing", SHAPE_INTEGER, ALWAYS, NULL },
	{ "altered", SHAPE_INTEGER, ALWAYS, NULL },
	{ "unfinished", SHAPE_INTEGER, ALWAYS, NULL },
	{ "leftover", SHAPE_INTEGER, ALWAYS, NULL },
	{ "findings", SHAPE_LIST, ALWAYS, finding_shape },
	{ "findings_left_out", SHAPE_INTEGER, ALWAYS, NULL },
	{ "next", SHAPE_TEXT, ALWAYS, NULL },
	SHAPE_END,
};

const struct tool tool_verify = {
	.name = "dreamq_verify",
	.title = "Ledger against disk",
	.description =
	    "Verify stored files on the disk (校验文件) against the ledger: missing, "
	    "altered or unfinished ones are named. Changes nothing. Large collections "
	    "take longer than a call may: the person can run 'dreamq verify' then.",
	.params = no_params,
	.output = verified_shape,
	.reads_only = true,
	.may_last = true,
	.run = run_verify,
};
