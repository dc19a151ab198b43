#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/profile.h"
#include "cli/app/report.h"
#include "cli/output/table.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/credits.h"
#include "dreamq/json.h"

enum { HISTORY_DEFAULT = 20, CELL_MAX = 128, LINE_MAX_BYTES = 1024 };

static const enum opt_id credits_opts[] = { OPT_LIMIT, OPT_COUNT };

/* The history; as a table it stands below the balance, which comes later. */
struct page {
	struct app *app;
	struct table table;
	bool has_no_memory;
};

static void hear_entry(void *payload, const struct dq_credit_entry *entry)
{
	struct page *page = payload;
	_cleanup_(buf_release) struct buf title = buf_make(WORDS_MAX);
	char amount[CELL_MAX], when[WORDS_TIME_MAX];
	const char *id = entry->submit_id ? entry->submit_id : entry->history_id;
	struct cell row[] = {
		{ words_time(entry->at_unix_ms, when), TONE_DIM },
		{ amount, entry->amount < 0 ? TONE_PLAIN : TONE_GOOD },
		{ NULL, TONE_PLAIN },
		{ id, entry->is_known ? TONE_PLAIN : TONE_DIM },
	};

	if (page->app->is_json) {
		app_out_json(page->app, dq_credit_entry_json(entry));
		return;
	}
	(void)snprintf(amount, sizeof(amount), "%+" PRId64, entry->amount);
	words_add_clean(&title, entry->title ? entry->title : "");
	row[2].text = title.data;
	page->has_no_memory = !table_add(&page->table, row) || page->has_no_memory;
}

/* --- the balance ------------------------------------------------------------------ */

static void add_part(struct buf *line, const char *name, int64_t amount)
{
	if (amount < 0)
		return;
	buf_addf(line, "%s%s %" PRId64, line->len > 0 ? ", " : "", name, amount);
}

static void print_now(struct app *app, const struct dq_credits *credits)
{
	_cleanup_(buf_release) struct buf parts = buf_make(LINE_MAX_BYTES);
	_cleanup_(buf_release) struct buf line = buf_make(LINE_MAX_BYTES);

	add_part(&parts, _("subscription"), credits->subscription);
	add_part(&parts, _("gifts"), credits->gift);
	add_part(&parts, _("bought"), credits->purchase);
	if (credits->total < 0)
		buf_addf(&line, "%s", _("credits: the service did not tell"));
	else
		buf_addf(&line, _("credits: %lld"), (long long)credits->total);
	if (parts.len > 0)
		buf_addf(&line, " (%s)", parts.data);
	app_out(app, line.data);
}

static void print_end(
    struct app *app, const struct dq_credit_end *end, int64_t now_unix_ms)
{
	_cleanup_(buf_release) struct buf line = buf_make(LINE_MAX_BYTES);
	const int64_t left_ms = end->at_unix * 1000 - now_unix_ms;
	char when[WORDS_TIME_MAX], left[24];

	(void)words_time(end->at_unix * 1000, when);
	if (left_ms > 0)
		buf_addf(&line, _("  %lld end at %s (in %s)"), (long long)end->amount,
		    when, duration_about(left_ms, left));
	else
		buf_addf(&line, _("  %lld ended at %s"), (long long)end->amount, when);
	app_out(app, line.data);
}

static void print_page(
    struct app *app, const struct dq_credits *credits, const struct table *table)
{
	print_now(app, credits);
	if (credits->n_ends > 0)
		app_out(app, _("expiring:"));
	for (size_t i = 0; i < credits->n_ends; i++)
		print_end(app, &credits->ends[i], credits->asked_unix_ms);
	if (table->n_rows > 0)
		app_out(app, _("history:"));
	for (size_t i = 0; i < table->n_rows; i++)
		report_print_row(app, table, table_row(table, i));
}

static void say_rest(struct app *app, const struct dq_credits *credits)
{
	if (credits->left_out > 0)
		app_warn(app,
		    ngettext("%zu entry of the history could not be read",
			"%zu entries of the history could not be read",
			credits->left_out),
		    credits->left_out);
	if (credits->has_more && !app->is_json)
		app_say(app, _("there are older entries: --limit N shows more"));
	if (credits->priced > 0)
		app_say(app,
		    ngettext("the cost of %zu task in the ledger is known from it now",
			"the cost of %zu tasks in the ledger is known from it now",
			credits->priced),
		    credits->priced);
}

static int ask(struct page *page)
{
	struct app *app = page->app;
	const struct dq_credits_wanted wanted = {
		.size_bytes = sizeof(wanted),
		.history = (size_t)args_number(&app->args, OPT_LIMIT, HISTORY_DEFAULT),
		.on_entry = hear_entry,
		.payload = page,
	};
	const struct err no_memory = { .kind = ERR_NOMEM, .msg = "out of memory" };
	struct dq_credits credits;
	struct dq_error error = { 0 };
	enum dq_status status = dq_credits(app->dq, &wanted, &credits, &error);

	if (credits.total >= 0 || status == DQ_OK) {
		if (app->is_json)
			app_out_json(app, dq_credits_json(&credits));
		else
			print_page(app, &credits, &page->table);
		say_rest(app, &credits);
	}
	if (status)
		return app_fail_dq(app, status, &error);
	return page->has_no_memory ? app_fail(app, &no_memory) : DQ_OK;
}

static int credits_run(struct app *app)
{
	struct page page = { .app = app, .table = table_make(4) };
	struct err err;
	int status;

	page.table.is_right[1] = true;
	if (app_open(app, NULL, NULL, &err) || profile_check(app, &err))
		status = app_fail(app, &err);
	else
		status = ask(&page);
	table_release(&page.table);
	return status;
}

const struct command cmd_credits = {
	.name = "credits",
	.synopsis = "[--limit N]",
	.summary = N_("what credits the account has, which expire, what came and went"),
	.details = N_(
	    "Asks the service, once for the balance and once for each hundred entries of "
	    "the history (20 are shown; --limit N, 2000 at most). An entry that names a "
	    "task of the "
	    "ledger tells what it has cost: what was taken, less what was given back. "
	    "That is kept as 'measured', and shown by 'show', 'list' and 'stats'; what a "
	    "task's own record says is 'reported'. A forecast is neither."),
	.example = "dreamq credits --json",
	.opts = credits_opts,
	.takes = ARGS_NONE,
	.run = credits_run,
};
