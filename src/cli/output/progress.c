#include "cli/output/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "base/text.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "cli/term/rate.h"

enum {
	ID_COLUMNS_MIN = 14,
	ID_COLUMNS_MAX = 39, /* a UUID and "_12" */
	REST_COLUMNS = 66, /* what the longest usual line needs behind its id */
	STATE_COLUMNS = 13,
	BAR_CELLS = 20,
	LINE_MAX_BYTES = 2048,
	LABEL_MAX = 256, /* bytes; wider than any name's column */
};

struct line {
	char id[DQ_ID_MAX + 1];
	char label[LABEL_MAX]; /* what it is called: its prompt, else the id */
	int index; /* of the asset; -1: the task itself */
	char state[16];
	char note[96]; /* queue place */
	struct words_eta eta;
	int64_t since_ms;
	int64_t finished, total; /* assets of a task */
	int64_t bytes, bytes_total; /* of a download; total -1 unknown */
	struct rate rate;
};

struct progress {
	struct line lines[PROGRESS_LINES];
	size_t n;
	struct dq_totals totals;
	struct rate rate;
	int64_t started_ms;
};

struct progress *progress_new(int64_t now_ms)
{
	struct progress *progress = calloc(1, sizeof(*progress));

	if (progress)
		progress->started_ms = now_ms;
	return progress;
}

void progress_free(struct progress *progress)
{
	free(progress);
}

/* --- hearing --- */

static struct line *find(struct progress *progress, const char *id, int index)
{
	for (size_t i = 0; i < progress->n; i++) {
		struct line *line = &progress->lines[i];

		if (line->index == index && !strcmp(line->id, id))
			return line;
	}
	return NULL;
}

static void remove_at(struct progress *progress, size_t i)
{
	progress->n--;
	memmove(&progress->lines[i], &progress->lines[i + 1],
	    (progress->n - i) * sizeof(progress->lines[0]));
}

/* A download is worth more to look at than a task that only waits. */
static void make_room(struct progress *progress)
{
	for (size_t i = progress->n; i-- > 0;) {
		if (progress->lines[i].index < 0) {
			remove_at(progress, i);
			return;
		}
	}
}

/* One line, fit for a terminal, and not cut in the middle of a character. */
static void name_line(struct line *line, const struct dq_task *task)
{
	_cleanup_(buf_release) struct buf words = buf_make(LINE_MAX_BYTES);
	_cleanup_free_ char *cut = NULL;

	if (task->prompt && *task->prompt)
		words_add_clean(&words, task->prompt);
	cut = words.len > 0 ? text_fit(words.data, LABEL_MAX / 4 - 1) : NULL;
	(void)snprintf(
	    line->label, sizeof(line->label), "%s", cut && *cut ? cut : task->submit_id);
}

static struct line *find_or_add(
    struct progress *progress, const struct dq_task *task, int index, int64_t now_ms)
{
	const char *id = task->submit_id;
	struct line *line = find(progress, id, index);

	if (line)
		return line;
	if (progress->n == PROGRESS_LINES && index >= 0)
		make_room(progress);
	if (progress->n == PROGRESS_LINES)
		return NULL;
	line = &progress->lines[progress->n++];
	*line = (struct line){ .index = index, .since_ms = now_ms, .bytes_total = -1 };
	(void)snprintf(line->id, sizeof(line->id), "%s", id);
	name_line(line, task);
	return line;
}

static void forget(struct progress *progress, const char *id, int index, bool every)
{
	for (size_t i = progress->n; i-- > 0;) {
		struct line *line = &progress->lines[i];

		if ((every || line->index == index) && !strcmp(line->id, id))
			remove_at(progress, i);
	}
}

static void hear_state(struct progress *progress, const struct dq_event *event)
{
	const struct dq_task *task = event->task;
	_cleanup_(buf_release) struct buf note =
	    buf_make(sizeof(progress->lines[0].note));
	struct line *line;

	if (task->is_final) { /* what is left of it are downloads */
		forget(progress, task->submit_id, -1, false);
		return;
	}
	line = find_or_add(progress, task, -1, event->at_unix_ms);
	if (!line)
		return;
	words_add_queue(&note, task);
	(void)snprintf(line->state, sizeof(line->state), "%s", task->state);
	(void)text_copy(note.data, line->note, sizeof(line->note));
	line->eta = words_eta_of(task);
	line->finished = task->finished;
	line->total = task->total;
	name_line(line, task); /* the first poll tells its prompt */
}

static void hear_progress(struct progress *progress, const struct dq_event *event)
{
	struct line *line =
	    find_or_add(progress, event->task, event->asset->index, event->at_unix_ms);

	if (!line)
		return;
	line->bytes = event->bytes_done;
	line->bytes_total = event->bytes_total;
	rate_add(&line->rate, event->at_unix_ms,
	    event->bytes_done > 0 ? (uint64_t)event->bytes_done : 0);
}

void progress_hear(struct progress *progress, const struct dq_event *event)
{
	switch (event->type) {
	case DQ_EVENT_TASK:
		forget(progress, event->task->submit_id, 0, true);
		break;
	case DQ_EVENT_STATE:
		hear_state(progress, event);
		break;
	case DQ_EVENT_PROGRESS:
		hear_progress(progress, event);
		break;
	case DQ_EVENT_STORED:
		forget(progress, event->task->submit_id, event->asset->index, false);
		break;
	case DQ_EVENT_TICK:
	case DQ_EVENT_NOTE:
	case DQ_EVENT_LOG:
		break;
	}
	if (event->totals) {
		progress->totals = *event->totals;
		rate_add(&progress->rate, event->at_unix_ms, event->totals->bytes_done);
	}
}

/* --- drawing --- */

static void add_padded(struct buf *into, const char *text, size_t columns)
{
	_cleanup_free_ char *cut = text_fit(text, columns);
	size_t width = cut ? text_width(cut) : columns;

	buf_addf(into, "%s%*s  ", cut ? cut : "",
	    (int)(width < columns ? columns - width : 0), "");
}

static size_t id_columns(unsigned columns)
{
	if (columns < REST_COLUMNS + ID_COLUMNS_MIN)
		return ID_COLUMNS_MIN;
	if (columns > REST_COLUMNS + ID_COLUMNS_MAX)
		return ID_COLUMNS_MAX;
	return columns - REST_COLUMNS;
}

/* [=====>    ] */
static void add_bar(struct buf *into, int64_t done, int64_t total)
{
	char cells[BAR_CELLS + 1];
	int64_t full = done >= total
	    ? BAR_CELLS
	    : (int64_t)((double)done / (double)total * BAR_CELLS);

	for (int64_t i = 0; i < BAR_CELLS; i++)
		cells[i] = ' ';
	for (int64_t i = 0; i < full; i++)
		cells[i] = '=';
	if (full < BAR_CELLS)
		cells[full] = '>';
	cells[BAR_CELLS] = '\0';
	buf_addf(into, "[%s] ", cells);
}

static void add_speed(struct buf *into, const struct rate *rate, int64_t now_ms,
    uint64_t rest, bool has_speed)
{
	uint64_t per_second = rate_per_second(rate, now_ms);
	int64_t eta_s = rate_eta_s(per_second, rest);
	char text[24];

	if (has_speed && per_second > 0)
		buf_addf(into, "  %s/s", text_bytes(per_second, text));
	if (rest > 0 && eta_s >= 0 && eta_s < INT32_MAX)
		buf_addf(into, _("  %s left"), duration_text(eta_s * 1000, text));
}

/* What gives way first when there is no room; the end stays longest. */
enum detail { WITH_STATE, WITH_BAR, WITH_SIZE, WITH_SPEED, WITH_END, DETAILS };

static void add_download_words(
    struct buf *into, const struct line *line, int64_t now_ms, enum detail detail)
{
	uint64_t done = line->bytes > 0 ? (uint64_t)line->bytes : 0;
	uint64_t total = line->bytes_total > 0 ? (uint64_t)line->bytes_total : 0;
	char text[24];

	if (detail <= WITH_STATE)
		add_padded(into, _("downloading"), STATE_COLUMNS);
	if (total > 0 && detail <= WITH_BAR)
		add_bar(into, line->bytes, line->bytes_total);
	if (total > 0)
		buf_addf(into, "%3d%%",
		    done >= total ? 100 : (int)((double)done * 100.0 / (double)total));
	if (detail <= WITH_SIZE)
		buf_addf(into, "%s%s", total > 0 ? "  " : "",
		    text_bytes(total > 0 ? total : done, text));
	add_speed(into, &line->rate, now_ms, total > done ? total - done : 0,
	    detail <= WITH_SPEED);
}

static void add_download(
    struct buf *into, const struct line *line, int64_t now_ms, unsigned columns)
{
	const size_t name_columns = id_columns(columns);
	_cleanup_free_ char *label = text_fit(line->label, name_columns - 3);
	char name[LABEL_MAX + 24];

	(void)snprintf(name, sizeof(name), "%s_%d", label ? label : "", line->index);
	add_padded(into, name, name_columns);
	for (int detail = 0; detail < DETAILS; detail++) {
		_cleanup_(buf_release) struct buf words = buf_make(LINE_MAX_BYTES);

		add_download_words(&words, line, now_ms, (enum detail)detail);
		if (text_width(into->data) + text_width(words.data ? words.data : "") <
			columns ||
		    detail + 1 == DETAILS) {
			buf_addf(into, "%s", words.data ? words.data : "");
			return;
		}
	}
}

/* The end with its band, or without it, or not at all, as there is room. */
static void add_eta(struct buf *line, const char *before, const struct words_eta *eta,
    int64_t now_ms, unsigned columns)
{
	const size_t width = text_width(line->data);

	for (int has_band = 1; has_band >= 0; has_band--) {
		_cleanup_(buf_release) struct buf words = buf_make(LINE_MAX_BYTES);

		words_add_eta(&words, before, eta, now_ms, has_band);
		if (width + text_width(words.data) < columns) {
			buf_addf(line, "%s", words.data);
			return;
		}
	}
}

static void add_task(
    struct buf *into, const struct line *line, int64_t now_ms, unsigned columns)
{
	int64_t age_ms = now_ms - line->since_ms;
	char text[24];

	add_padded(into, line->label, id_columns(columns));
	add_padded(into, words_state(line->state), STATE_COLUMNS);
	if (line->note[0])
		buf_addf(into, "%s  ", line->note);
	else if (line->total > 0)
		buf_addf(into, _("%lld of %lld  "), (long long)line->finished,
		    (long long)line->total);
	buf_addf(into, "%s", duration_text(age_ms > 0 ? age_ms / 1000 * 1000 : 0, text));
	add_eta(into, "  ", &line->eta, now_ms, columns);
}

static void add_total(
    struct buf *into, const struct progress *progress, int64_t now_ms, unsigned columns)
{
	const struct dq_totals *totals = &progress->totals;
	const struct words_eta eta = { totals->eta_low_unix_ms, totals->eta_unix_ms,
		totals->eta_high_unix_ms, true };
	int64_t age_ms = now_ms - progress->started_ms;
	char text[24];

	buf_addf(into, ngettext("%zu of %zu task", "%zu of %zu tasks", totals->tasks),
	    totals->tasks_ended, totals->tasks);
	if (totals->tasks_failed > 0)
		buf_addf(into, _(", %zu failed"), totals->tasks_failed);
	if (totals->listed > 0)
		buf_addf(into, _(", %zu listed"), totals->listed);
	if (totals->files > 0)
		buf_addf(into,
		    ngettext(", %zu of %zu file", ", %zu of %zu files", totals->files),
		    totals->files_stored, totals->files);
	buf_addf(
	    into, ", %s", duration_text(age_ms > 0 ? age_ms / 1000 * 1000 : 0, text));
	if (totals->bytes_done > 0)
		buf_addf(into, ", %s", text_bytes(totals->bytes_done, text));
	if (totals->files_active > 0)
		add_speed(into, &progress->rate, now_ms,
		    totals->bytes_expected > totals->bytes_done
			? totals->bytes_expected - totals->bytes_done
			: 0,
		    true);
	add_eta(into, ", ", &eta, now_ms, columns);
}

/* Cut, and never in the last column: there some terminals wrap at once. */
static void end_line(
    struct buf *line, unsigned columns, const char *line_end, struct buf *into)
{
	_cleanup_free_ char *cut = text_fit(line->data, columns > 2 ? columns - 1 : 1);

	buf_addf(into, "%s%s", cut ? cut : "", line_end);
	buf_release(line);
	*line = buf_make(LINE_MAX_BYTES);
}

/* Tasks that run and have none of the first `shown` lines (of `order`). */
static size_t count_unseen(
    const struct progress *progress, const struct line *const *order, size_t shown)
{
	const struct dq_totals *totals = &progress->totals;
	size_t running =
	    totals->tasks > totals->tasks_ended ? totals->tasks - totals->tasks_ended : 0;
	size_t seen = 0;

	for (size_t i = 0; i < shown; i++) {
		bool is_first = true;

		for (size_t k = 0; k < i; k++)
			is_first = is_first && strcmp(order[k]->id, order[i]->id) != 0;
		seen += is_first ? 1 : 0;
	}
	return running > seen ? running - seen : 0;
}

/* Puts downloads first; each group in the order in which it was heard of. */
static void sort(
    const struct progress *progress, const struct line *order[PROGRESS_LINES])
{
	size_t n = 0;

	for (size_t i = 0; i < progress->n; i++)
		if (progress->lines[i].index >= 0)
			order[n++] = &progress->lines[i];
	for (size_t i = 0; i < progress->n; i++)
		if (progress->lines[i].index < 0)
			order[n++] = &progress->lines[i];
}

unsigned progress_draw(const struct progress *progress, int64_t now_ms, unsigned columns,
    unsigned rows, const char *line_end, struct buf *into)
{
	const struct line *order[PROGRESS_LINES] = { NULL };
	_cleanup_(buf_release) struct buf line = buf_make(LINE_MAX_BYTES);
	size_t shown = progress->n, unseen;
	unsigned drawn = 0;

	sort(progress, order);
	if (shown + 1 > rows || count_unseen(progress, order, shown) > 0)
		shown = shown + 2 <= rows ? shown : (rows > 2 ? rows - 2 : 0);
	for (size_t i = 0; i < shown; i++, drawn++) {
		if (order[i]->index >= 0)
			add_download(&line, order[i], now_ms, columns);
		else
			add_task(&line, order[i], now_ms, columns);
		end_line(&line, columns, line_end, into);
	}
	unseen = count_unseen(progress, order, shown);
	if (unseen > 0 && drawn + 1 < rows) {
		buf_addf(&line,
		    ngettext("... and %zu more task", "... and %zu more tasks", unseen),
		    unseen);
		end_line(&line, columns, line_end, into);
		drawn++;
	}
	add_total(&line, progress, now_ms, columns);
	end_line(&line, columns, line_end, into);
	return drawn + 1;
}

void progress_total(const struct progress *progress, int64_t now_ms, struct buf *into)
{
	add_total(into, progress, now_ms, LINE_MAX_BYTES);
}
