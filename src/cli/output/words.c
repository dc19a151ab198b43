#include "cli/output/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "base/text.h"
#include "cli/term/i18n.h"

static const struct {
	const char *state, *text;
} state_words[] = {
	{ "submitting", N_("submitting") },
	{ "unknown", N_("unknown") },
	{ "queued", N_("queued") },
	{ "generating", N_("generating") },
	{ "partial", N_("partly ready") },
	{ "succeeded", N_("succeeded") },
	{ "failed", N_("failed") },
	{ "cancelled", N_("cancelled") },
	{ "not_found", N_("not found") },
};

const char *words_state(const char *state)
{
	for (size_t i = 0; i < sizeof(state_words) / sizeof(state_words[0]); i++)
		if (!strcmp(state_words[i].state, state))
			return _(state_words[i].text);
	return state;
}

void words_add_clean(struct buf *into, const char *text)
{
	_cleanup_free_ char *copy = strdup(text);

	if (!copy)
		return;
	for (char *c = copy; *c; c++)
		if (*c == '\n' || *c == '\r' || *c == '\t')
			*c = ' ';
	text_make_printable(copy);
	buf_add(into, copy, strlen(copy));
}

void words_add_files(struct buf *into, const struct dq_task *task)
{
	if (task->total > 0 || task->finished > 0)
		buf_addf(into, "%" PRId64 "/%" PRId64, task->finished, task->total);
	else
		buf_addf(into, "-");
}

void words_add_queue(struct buf *into, const struct dq_task *task)
{
	char duration[24];

	if (!task->has_queue)
		return;
	if (task->queue_position >= 0 && task->queue_length >= 0)
		buf_addf(into, _("place %lld of %lld"), (long long)task->queue_position,
		    (long long)task->queue_length);
	else if (task->queue_position >= 0)
		buf_addf(into, _("place %lld"), (long long)task->queue_position);
	if (task->eta_seconds >= 0 && task->eta_seconds < INT64_MAX / 1000)
		buf_addf(into, _("%sabout %s"), task->queue_position >= 0 ? ", " : "",
		    duration_text(task->eta_seconds * 1000, duration));
}

void words_add_fail(struct buf *into, const struct dq_task *task)
{
	const char *code = task->fail_code && *task->fail_code ? task->fail_code : NULL;
	size_t before = into->len;

	if (!task->has_failed)
		return;
	if (code)
		words_add_clean(into, code);
	if (task->fail_message && *task->fail_message) {
		buf_addf(into, "%s", code ? ": " : "");
		words_add_clean(into, say_text(task->fail_message));
	}
	if (task->fail_class)
		buf_addf(into, "%s(%s)", into->len > before ? " " : "", task->fail_class);
}

/* Is it on another day than now? Then the hour alone would mislead. */
static void add_clock(struct buf *into, int64_t unix_s, int64_t now_s)
{
	time_t then = (time_t)unix_s, now = (time_t)now_s;
	struct tm then_tm, now_tm;
	char text[WORDS_TIME_MAX] = "?";

	if (!localtime_r(&then, &then_tm) || !localtime_r(&now, &now_tm))
		return;
	if (then_tm.tm_yday == now_tm.tm_yday && then_tm.tm_year == now_tm.tm_year)
		(void)strftime(text, sizeof(text), "%H:%M", &then_tm);
	else
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &then_tm);
	buf_addf(into, "%s", text);
}

void words_add_links(struct buf *into, const struct dq_task *task, int64_t now_unix_ms)
{
	int64_t first_s = 0;
	_cleanup_(buf_release) struct buf clock = buf_make(WORDS_TIME_MAX);
	char duration[24];

	for (size_t i = 0; i < task->n_assets; i++) {
		const struct dq_asset *asset = &task->assets[i];

		if (asset->url && asset->expires_unix > 0 &&
		    (first_s == 0 || asset->expires_unix < first_s))
			first_s = asset->expires_unix;
	}
	if (first_s == 0)
		return;
	if (first_s <= now_unix_ms / 1000) {
		buf_addf(into, "%s", _("links have expired"));
		return;
	}
	add_clock(&clock, first_s, now_unix_ms / 1000);
	buf_addf(into, _("links live until %s (%s)"), clock.data,
	    duration_text((first_s - now_unix_ms / 1000) * 1000, duration));
}

struct words_eta words_eta_of(const struct dq_task *task)
{
	if (task->is_final)
		return (struct words_eta){ 0 };
	return (struct words_eta){ task->eta_low_unix_ms, task->eta_unix_ms,
		task->eta_high_unix_ms, task->has_queue };
}

void words_add_eta(struct buf *into, const char *before, const struct words_eta *eta,
    int64_t now_unix_ms, bool has_band)
{
	char middle[24], low[24], high[24];

	if (eta->unix_ms <= 0 || eta->high_unix_ms <= now_unix_ms)
		return;
	buf_addf(into, "%s", before);
	if (eta->unix_ms <= now_unix_ms) {
		buf_addf(into, "%s", _("done any moment now"));
		return;
	}
	(void)duration_about(eta->low_unix_ms - now_unix_ms, low);
	(void)duration_about(eta->unix_ms - now_unix_ms, middle);
	(void)duration_about(eta->high_unix_ms - now_unix_ms, high);
	if (eta->is_beside_other)
		buf_addf(into, _("done in about %s"), middle);
	else
		buf_addf(into, _("about %s left"), middle);
	if (has_band)
		buf_addf(into, _(" (%s to %s)"), low, high);
}

void words_add_trouble(struct buf *into, const struct dq_task *task)
{
	size_t before = into->len;

	buf_addf(into, ", ");
	if (task->has_failed)
		words_add_fail(into, task);
	else
		words_add_queue(into, task);
	if (into->len == before + 2) {
		into->len = before;
		into->data[before] = '\0';
	}
}

const char *words_time(int64_t unix_ms, char into[WORDS_TIME_MAX])
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm;

	if (unix_ms <= 0 || !localtime_r(&seconds, &tm) ||
	    strftime(into, WORDS_TIME_MAX, "%Y-%m-%d %H:%M:%S", &tm) == 0) {
		into[0] = '-';
		into[1] = '\0';
	}
	return into;
}

const char *words_tasks(size_t n, char into[WORDS_COUNT_MAX])
{
	(void)snprintf(into, WORDS_COUNT_MAX, ngettext("%zu task", "%zu tasks", n), n);
	return into;
}

const char *words_files(size_t n, char into[WORDS_COUNT_MAX])
{
	(void)snprintf(into, WORDS_COUNT_MAX, ngettext("%zu file", "%zu files", n), n);
	return into;
}

static bool is_measured(const struct dq_task *task)
{
	return task->credits_source && !strcmp(task->credits_source, "measured");
}

const char *words_credits(const struct dq_task *task, char into[WORDS_CREDITS_MAX])
{
	if (task->credits < 0)
		return _("unknown");
	(void)snprintf(into, WORDS_CREDITS_MAX, "%lld%s", (long long)task->credits,
	    is_measured(task) ? _(" (measured)") : _(" (reported)"));
	return into;
}

const char *words_credits_short(const struct dq_task *task, char into[WORDS_CREDITS_MAX])
{
	if (task->credits < 0)
		return "";
	(void)snprintf(into, WORDS_CREDITS_MAX,
	    is_measured(task) ? _("%lld cr measured") : _("%lld cr reported"),
	    (long long)task->credits);
	return into;
}

/* What a mode is called. */
static const char *mode_words(const char *mode)
{
	static const struct {
		const char *mode, *words;
	} rows[] = {
		{ "edit", N_("made of other pictures") },
		{ "super_resolution", N_("super resolution") },
		{ "multi_frame", N_("multi-frame") },
		{ "draft", N_("draft") },
		{ "final", N_("final of a draft") },
		{ "agent", N_("made by the agent") },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].mode, mode))
			return _(rows[i].words);
	return mode;
}

const char *words_kind(const struct dq_task *task, char into[WORDS_KIND_MAX])
{
	if (!task->kind || !task->mode)
		return task->kind;
	(void)snprintf(
	    into, WORDS_KIND_MAX, "%s, %s", task->kind, mode_words(task->mode));
	return into;
}

const char *words_kind_short(const struct dq_task *task, char into[WORDS_KIND_MAX])
{
	if (!task->kind || !task->mode)
		return task->kind;
	(void)snprintf(into, WORDS_KIND_MAX, "%s/%s", task->kind, task->mode);
	return into;
}
