/*
 * tool_account.c - dreamq_status, dreamq_stats: is all well, and how long things take.
 */
#include <stdio.h>
#include <string.h>

#include "dreamq/login.h"
#include "dreamq/stats.h"
#include "mcp/since.h"
#include "mcp/tool.h"

enum {
	WORD_CHARS = 100,
	MESSAGE_CHARS = 200,
	PATH_CHARS = 1000,
	LANES_MAX = 20,
	P10 = 1,
	MEDIAN = 3,
	P90 = 5
};

static const struct param no_params[] = { { .name = NULL } };

/* --- how long tasks take ----------------------------------------------- */

static int64_t seconds(int64_t ms)
{
	return ms < 0 ? -1 : (ms + 500) / 1000;
}

static cJSON *lane_json(const struct dq_stats_lane *lane)
{
	struct put row = put_make();

	put_strange(&row, "kind", lane->kind, WORD_CHARS);
	put_strange(&row, "model", lane->model, WORD_CHARS);
	put_number(&row, "tasks", (int64_t)lane->tasks);
	put_number(&row, "succeeded", (int64_t)lane->succeeded);
	put_number(&row, "failed", (int64_t)lane->failed);
	put_number(&row, "unfinished", (int64_t)lane->unfinished);
	put_number(&row, "low_s", seconds(lane->quantiles_ms[P10]));
	put_number(&row, "median_s", seconds(lane->quantiles_ms[MEDIAN]));
	put_number(&row, "high_s", seconds(lane->quantiles_ms[P90]));
	if (lane->priced > 0)
		put_number(&row, "credits", lane->credits);
	return put_take(&row);
}

static const struct shape lane_shape[] = {
	{ "kind", SHAPE_TEXT, MAY_LACK, NULL },
	{ "model", SHAPE_TEXT, MAY_LACK, NULL },
	{ "tasks", SHAPE_INTEGER, ALWAYS, NULL },
	{ "succeeded", SHAPE_INTEGER, ALWAYS, NULL },
	{ "failed", SHAPE_INTEGER, ALWAYS, NULL },
	{ "unfinished", SHAPE_INTEGER, ALWAYS, NULL },
	{ "low_s", SHAPE_INTEGER, MAY_LACK, NULL },
	{ "median_s", SHAPE_INTEGER, MAY_LACK, NULL },
	{ "high_s", SHAPE_INTEGER, MAY_LACK, NULL },
	{ "credits", SHAPE_INTEGER, MAY_LACK, NULL },
	SHAPE_END,
};

/* The first is all together: it stands here as any other. */
static void put_lanes(
    struct answer *answer, const char *name, const struct dq_stats *stats)
{
	cJSON *list = put_array(&answer->structured, name);

	for (size_t i = 0; list && i < stats->n_lanes && i < LANES_MAX; i++) {
		const struct dq_stats_lane *lane = &stats->lanes[i];
		cJSON *row = lane_json(lane);

		if (!answer_fits(answer, row)) {
			cJSON_Delete(row);
			continue;
		}
		(void)cJSON_AddItemToArray(list, row);
		answer_say(answer, "%s: %zu tasks, %zu succeeded, %zu failed",
		    lane->kind ? lane->kind : "all", lane->tasks, lane->succeeded,
		    lane->failed);
		if (lane->durations > 0)
			answer_say(answer, "  half of them took at most %lld s",
			    (long long)seconds(lane->quantiles_ms[MEDIAN]));
	}
}

static void put_failures(struct answer *answer, const struct dq_stats *stats)
{
	cJSON *list = put_array(&answer->structured, "failures");

	for (size_t i = 0; list && i < stats->n_failures && i < LANES_MAX; i++) {
		const struct dq_stats_failure *failure = &stats->failures[i];
		struct put row = put_make();
		cJSON *json;

		put_strange(&row, "class", failure->fail_class, WORD_CHARS);
		put_strange(&row, "code", failure->fail_code, WORD_CHARS);
		put_number(&row, "tasks", (int64_t)failure->tasks);
		json = put_take(&row);
		if (answer_fits(answer, json))
			(void)cJSON_AddItemToArray(list, json);
		else
			cJSON_Delete(json);
	}
}

static const struct param stats_params[] = {
	{ "since", PARAM_TEXT, .min = 1, .max = 40, .description = SINCE_WORDS },
	{ .name = NULL },
};

static void run_stats(struct call *call, struct answer *answer)
{
	struct dq_stats *stats = NULL;
	struct dq_error error = { .status = DQ_OK };
	int64_t since_unix_ms;
	enum dq_status status;

	if (!since_read(call_text(call, "since"), &since_unix_ms)) {
		answer_fail(answer, DQ_USAGE, "'since' must be " SINCE_WORDS);
		return;
	}
	status = dq_stats(call->dq, since_unix_ms, &stats, &error);
	if (status) {
		answer_fail(answer, status, error.message);
		return;
	}
	put_lanes(answer, "lanes", stats);
	put_failures(answer, stats);
	dq_stats_free(stats);
}

static const struct shape failure_shape[] = {
	{ "class", SHAPE_TEXT, MAY_LACK, NULL },
	{ "code", SHAPE_TEXT, MAY_LACK, NULL },
	{ "tasks", SHAPE_INTEGER, ALWAYS, NULL },
	SHAPE_END,
};

static const struct shape counted_shape[] = {
	{ "lanes", SHAPE_LIST, ALWAYS, lane_shape },
	{ "failures", SHAPE_LIST, ALWAYS, failure_shape },
	SHAPE_END,
};

const struct tool tool_stats = {
	.name = "dreamq_stats",
	.title = "How long it takes",
	.description = "Count tasks by kind and model (统计): how they ended, how long "
		       "they took (low, median, high), what they cost in credits. Use it "
		       "for totals and averages since a day. By the local ledger alone.",
	.params = stats_params,
	.output = counted_shape,
	.reads_only = true,
	.run = run_stats,
};

/* --- is all well ------------------------------------------------------- */

static const char *login_state(const struct dq_login *login)
{
	if (!login->exists)
		return "missing";
	if (!login->was_asked)
		return "unknown";
	return login->is_valid ? "valid" : "refused";
}

static cJSON *login_json(const struct dq_login *login, const char *message)
{
	struct put auth = put_make();

	put_text(&auth, "state", login_state(login));
	put_strange(&auth, "profile", login->profile, WORD_CHARS);
	if (login->expires_unix > 0)
		put_time(&auth, "expires_at", login->expires_unix * 1000);
	put_number(&auth, "credits", login->credit);
	if (*message)
		put_strange(&auth, "message", message, MESSAGE_CHARS);
	if (!login->exists || (login->was_asked && !login->is_valid))
		put_text(&auth, "next_action",
		    "Ask the person to run 'dreamq auth import' in a terminal.");
	return put_take(&auth);
}

/* Whether dreamq_submit is there, and whom it asks. */
static cJSON *submit_json(const struct mcp_may *may)
{
	struct put submit = put_make();

	put_bool(&submit, "allowed", may->submit);
	put_bool(&submit, "person_is_asked", may->submit && !may->without_asking);
	if (may->without_asking)
		put_number(&submit, "unasked_a_day", may->unasked_a_day);
	if (may->max_credits > 0)
		put_number(&submit, "max_credits", may->max_credits);
	return put_take(&submit);
}

static void run_status(struct call *call, struct answer *answer)
{
	struct dq_error error = { .status = DQ_OK };
	struct dq_login login;
	struct dq_stats *stats = NULL;

	(void)dq_auth_status(call->dq, true, &login, &error);
	answer_say(answer, "login: %s", login_state(&login));
	put_item(&answer->structured, "auth", login_json(&login, error.message));
	if (dq_stats(call->dq, 0, &stats, &error) == DQ_OK) {
		put_lanes(answer, "expected", stats);
		dq_stats_free(stats);
	} else {
		put_strange(&answer->structured, "ledger", error.message, MESSAGE_CHARS);
		answer_say(answer, "ledger: %s", error.message);
	}
	put_item(&answer->structured, "submit", submit_json(&call->options->may));
	put_strange(&answer->structured, "folder", call->options->folder, PATH_CHARS);
	put_text(&answer->structured, "version", dq_version());
}

static const struct shape auth_shape[] = {
	{ "state", SHAPE_TEXT, ALWAYS, NULL },
	{ "profile", SHAPE_TEXT, MAY_LACK, NULL },
	{ "expires_at", SHAPE_TEXT, MAY_LACK, NULL },
	{ "credits", SHAPE_INTEGER, MAY_LACK, NULL },
	{ "message", SHAPE_TEXT, MAY_LACK, NULL },
	{ "next_action", SHAPE_TEXT, MAY_LACK, NULL },
	SHAPE_END,
};

static const struct shape submit_shape[] = {
	{ "allowed", SHAPE_BOOL, ALWAYS, NULL },
	{ "person_is_asked", SHAPE_BOOL, ALWAYS, NULL },
	{ "unasked_a_day", SHAPE_INTEGER, MAY_LACK, NULL },
	{ "max_credits", SHAPE_INTEGER, MAY_LACK, NULL },
	SHAPE_END,
};

static const struct shape all_is_shape[] = {
	{ "auth", SHAPE_OBJECT, ALWAYS, auth_shape },
	{ "expected", SHAPE_LIST, MAY_LACK, lane_shape },
	{ "ledger", SHAPE_TEXT, MAY_LACK, NULL },
	{ "submit", SHAPE_OBJECT, ALWAYS, submit_shape },
	{ "folder", SHAPE_TEXT, ALWAYS, NULL },
	{ "version", SHAPE_TEXT, ALWAYS, NULL },
	SHAPE_END,
};

const struct tool tool_status = {
	.name = "dreamq_status",
	.title = "Is all well",
	.description = "Check the account (账号、登录、积分): is it logged in, is the "
		       "login good and until when, what credits are left, how long "
		       "generations take here. Call it first when something fails.",
	.params = no_params,
	.output = all_is_shape,
	.reads_only = true,
	.asks_service = true,
	.run = run_status,
};
