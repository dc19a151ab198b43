#include "cli/app/report.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/text.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"

enum {
	LOOK_COLUMNS = 5,
	LABEL_COLUMNS = 12,
	KIND_COLUMNS = 5,
	STATE_COLUMNS = 10,
	FILES_COLUMNS = 3,
	ID_COLUMNS_MIN = 8, /* a prefix that other commands take, too */
	PROMPT_COLUMNS_MIN = 24,
	LINE_BYTES = 256 * 1024,
};

size_t report_id_columns(const char *const *ids, size_t n)
{
	size_t columns = 0;

	for (size_t i = 0; i < n; i++)
		if (strlen(ids[i]) > columns)
			columns = strlen(ids[i]);
	return columns;
}

/* Rows are cut on a terminal only: a pipe gets everything. */
size_t report_columns(const struct app *app)
{
	return pager_runs(&app->pager) ? app->pager.columns
				       : pager_columns_of(STDOUT_FILENO);
}

void report_print_row(struct app *app, const struct table *table, const struct cell *row)
{
	struct buf line = buf_make(LINE_BYTES);

	table_format(table, row, app->out_style, report_columns(app), &line);
	app_out(app, line.data);
	buf_release(&line);
}

/* Links die by the service's clock, which ours may be far from. */
static void add_note(struct app *app, struct buf *note, const struct dq_task *task)
{
	const int64_t now_ms = clock_unix_ms();
	const struct words_eta eta = words_eta_of(task);

	if (task->has_failed)
		words_add_fail(note, task);
	else if (task->has_queue)
		words_add_queue(note, task);
	else
		words_add_links(
		    note, task, app->dq ? dq_service_unix_ms(app->dq) : now_ms);
	words_add_eta(note, note->len > 0 ? ", " : "", &eta, now_ms, true);
}

void report_row(struct app *app, const struct dq_task *task, size_t id_columns)
{
	struct table table = table_make(LOOK_COLUMNS);
	struct buf files = buf_make(64), note = buf_make(WORDS_MAX);
	const size_t widths[] = { id_columns, KIND_COLUMNS, STATE_COLUMNS,
		FILES_COLUMNS };

	words_add_files(&files, task);
	add_note(app, &note, task);
	const struct cell row[LOOK_COLUMNS] = {
		{ task->submit_id, TONE_PLAIN },
		{ task->kind ? task->kind : "-", TONE_PLAIN },
		{ task->state, style_of_state(task->state) },
		{ files.data, TONE_PLAIN },
		{ note.data, TONE_PLAIN },
	};

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		table.width[i] = widths[i];
	table_measure(&table, row);
	report_print_row(app, &table, row);
	buf_release(&files);
	buf_release(&note);
	table_release(&table);
}

static size_t count_stored(const struct dq_task *task)
{
	size_t n = 0;

	for (size_t i = 0; i < task->n_assets; i++)
		n += task->assets[i].is_stored ? 1 : 0;
	return n;
}

/* A task that has succeeded, and whose files are not all here, is not done with. */
const char *report_state(const struct dq_task *task, enum tone *ret_tone)
{
	const bool is_incomplete =
	    !strcmp(task->state, "succeeded") && count_stored(task) < task->n_assets;

	*ret_tone = is_incomplete ? TONE_BUSY : style_of_state(task->state);
	return is_incomplete ? "incomplete" : task->state;
}

void report_add_files(struct buf *into, const struct dq_task *task)
{
	int64_t total = task->total > 0 ? task->total : (int64_t)task->n_assets;

	buf_addf(into, "%zu", count_stored(task));
	if (total > 0)
		buf_addf(into, "/%" PRId64, total);
}

bool report_add_entry(struct table *table, const struct dq_task *task, bool shows_profile)
{
	struct buf prompt = buf_make(WORDS_MAX), files = buf_make(64);
	char when[WORDS_TIME_MAX], credits[WORDS_CREDITS_MAX];
	char kind[WORDS_KIND_MAX];
	int64_t at_ms =
	    task->created_unix_ms > 0 ? task->created_unix_ms : task->first_seen_unix_ms;
	enum tone tone;
	const char *state = report_state(task, &tone);
	struct cell row[REPORT_ENTRY_COLUMNS] = {
		{ task->submit_id, TONE_PLAIN },
		{ task->kind ? words_kind_short(task, kind) : "?", TONE_PLAIN },
		{ state, tone },
		{ NULL, TONE_PLAIN },
		{ words_time(at_ms, when), TONE_DIM },
		{ shows_profile ? task->account : "", TONE_PLAIN },
		{ words_credits_short(task, credits), TONE_DIM },
	};
	bool is_added;

	report_add_files(&files, task);
	row[3].text = files.data;
	if (task->prompt)
		words_add_clean(&prompt, task->prompt);
	else if (task->has_failed)
		words_add_fail(&prompt, task);
	row[REPORT_ENTRY_COLUMNS - 1] = (struct cell){ prompt.data, TONE_PLAIN };
	is_added = table_add(table, row);
	buf_release(&files);
	buf_release(&prompt);
	return is_added;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Returns how much of each id tells it from the others; SIZE_MAX: no memory. */
static size_t unique_length(const struct table *table)
{
	const char **ids = calloc(table->n_rows, sizeof(*ids));
	size_t length = ID_COLUMNS_MIN;

	for (size_t i = 0; ids && i < table->n_rows; i++)
		ids[i] = table_row(table, i)[0].text;
	if (ids)
		qsort(ids, table->n_rows, sizeof(*ids), compare_ids);
	for (size_t i = 1; ids && i < table->n_rows; i++) {
		size_t same = 0;

		while (ids[i][same] && ids[i][same] == ids[i - 1][same])
			same++;
		if (same + 1 > length && strcmp(ids[i], ids[i - 1]) != 0)
			length = same + 1;
	}
	free(ids);
	return ids ? length : SIZE_MAX;
}

void report_narrow(struct table *table, size_t columns)
{
	/* Kind, credits, when, profile, files: what goes first. */
	static const size_t order[] = { 1, 6, 4, 5, 3 };
	const size_t last = table->n_columns - 1;
	size_t used = 0, length;

	if (columns == 0 || table->n_rows == 0)
		return;
	length = unique_length(table);
	if (length < table->width[0])
		table_cut(table, 0, length);
	for (size_t i = 0; i < last; i++)
		used += table->width[i] ? table->width[i] + 2 : 0;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (used + PROMPT_COLUMNS_MIN <= columns)
			return;
		used -= table->width[order[i]] ? table->width[order[i]] + 2 : 0;
		table_cut(table, order[i], 0);
	}
}

static void add_size(struct buf *line, const struct dq_asset *asset)
{
	char text[24];

	if (asset->width > 0 && asset->height > 0)
		buf_addf(line, "  %" PRId64 "x%" PRId64, asset->width, asset->height);
	if (asset->duration_ms >= 0)
		buf_addf(line, "  %s", duration_text(asset->duration_ms, text));
	if (asset->bytes >= 0)
		buf_addf(line, "  %s", text_bytes((uint64_t)asset->bytes, text));
}

static void add_clean(struct buf *into, const char *text)
{
	words_add_clean(into, text ? text : "-");
}

void report_links(struct app *app, const struct dq_task *task)
{
	for (size_t i = 0; i < task->n_assets; i++) {
		const struct dq_asset *asset = &task->assets[i];
		struct buf line = buf_make(LINE_BYTES);

		if (!asset->url)
			continue;
		buf_addf(&line, "  %d  ", asset->index);
		add_clean(&line, asset->url);
		app_out(app, line.data);
		buf_release(&line);
	}
}

static void print_asset(struct app *app, const struct dq_asset *asset)
{
	struct buf line = buf_make(LINE_BYTES);

	buf_addf(&line, "  %d  ", asset->index);
	add_clean(&line, asset->kind);
	buf_addf(&line, " ");
	add_clean(&line, asset->format);
	add_size(&line, asset);
	if (asset->sha256)
		buf_addf(&line, "  sha256:%s", asset->sha256);
	app_out(app, line.data);
	buf_release(&line);
	line = buf_make(LINE_BYTES);
	buf_addf(&line, "     ");
	if (asset->is_stored)
		add_clean(&line, asset->path);
	else if (asset->lost_reason)
		buf_addf(&line, _("lost: %s"), say_text(asset->lost_reason));
	else
		buf_addf(&line, "%s", _("not stored yet"));
	app_out(app, line.data);
	buf_release(&line);
}

static void print_field(struct app *app, const char *label, const char *value)
{
	struct buf line = buf_make(LINE_BYTES);
	size_t width = text_width(label);

	if (!value || !*value)
		return;
	buf_addf(&line, "%s%*s  ", label,
	    (int)(width < LABEL_COLUMNS ? LABEL_COLUMNS - width : 0), "");
	words_add_clean(&line, value);
	app_out(app, line.data);
	buf_release(&line);
}

/* Prints a number; a negative one is unknown. */
static void print_number(struct app *app, const char *label, int64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, number);
	print_field(app, label, number < 0 ? NULL : text);
}

static void print_state(struct app *app, const struct dq_task *task)
{
	struct buf text = buf_make(WORDS_MAX);

	buf_addf(&text, "%s", task->state);
	if (task->status != INT64_MIN)
		buf_addf(&text, " (%" PRId64 ")", task->status);
	words_add_trouble(&text, task);
	print_field(app, _("state"), text.data);
	buf_release(&text);
}

void report_page(struct app *app, const struct dq_task *task)
{
	char when[WORDS_TIME_MAX], files[64], credits[WORDS_CREDITS_MAX];
	char kind[WORDS_KIND_MAX];

	print_field(app, _("id"), task->submit_id);
	print_field(app, _("history id"), task->history_id);
	print_field(app, _("profile"), task->account);
	print_field(app, _("kind"), words_kind(task, kind));
	print_state(app, task);
	(void)snprintf(files, sizeof(files), _("%zu stored, %lld ready, %lld expected"),
	    count_stored(task), (long long)task->finished, (long long)task->total);
	print_field(app, _("files"), files);
	print_field(app, _("first seen"), words_time(task->first_seen_unix_ms, when));
	print_field(app, _("created"), words_time(task->created_unix_ms, when));
	print_field(app, _("ended"), words_time(task->finished_unix_ms, when));
	print_field(app, _("model"), task->model);
	print_field(app, _("ratio"), task->ratio);
	print_number(app, _("seed"), task->seed);
	print_field(app, _("credits"), words_credits(task, credits));
	print_field(app, _("prompt"), task->prompt);
	print_field(app, _("tags"), task->tags);
	print_field(app, _("note"), task->note);
	if (task->rating < 0)
		print_field(app, _("rating"), _("rejected"));
	else if (task->rating > 0)
		print_number(app, _("rating"), task->rating);
	for (size_t i = 0; i < task->n_assets; i++)
		print_asset(app, &task->assets[i]);
}
