#include "cli/output/csv.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/output/words.h"

static const char *const columns[] = { "submit_id", "history_id", "profile", "kind",
	"state", "status", "finished", "total", "fail_code", "fail_message", "fail_class",
	"created_at", "finished_at", "model", "prompt", "index", "asset_kind", "format",
	"width", "height", "duration_ms", "bytes", "sha256", "path", "ratio", "seed",
	"first_seen_at", "credits", "credits_source", "mode", "tags", "note", "rating" };
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

struct row {
	struct buf *into;
	bool is_for_terminal, has_begun;
};

static void add_quoted(struct row *row, const char *text)
{
	if (text[strcspn(text, ",\"\r\n")] == '\0') {
		buf_add(row->into, text, strlen(text));
		return;
	}
	buf_add(row->into, "\"", 1);
	for (; *text; text++)
		buf_add(row->into, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
	buf_add(row->into, "\"", 1);
}

static void add_text(struct row *row, const char *text)
{
	_cleanup_(buf_release) struct buf clean = buf_make(WORDS_MAX);

	buf_add(row->into, ",", row->has_begun ? 1 : 0);
	row->has_begun = true;
	if (text && row->is_for_terminal) {
		words_add_clean(&clean, text);
		text = clean.data;
	}
	if (text)
		add_quoted(row, text);
}

static void add_number(struct row *row, int64_t number, int64_t absent)
{
	add_text(row, NULL);
	if (number != absent)
		buf_addf(row->into, "%" PRId64, number);
}

static void add_time(struct row *row, int64_t unix_ms)
{
	char iso[CLOCK_ISO_MAX];

	add_text(row, unix_ms > 0 ? clock_iso(unix_ms, iso) : NULL);
}

static void add_task(struct row *row, const struct dq_task *task)
{
	add_text(row, task->submit_id);
	add_text(row, task->history_id);
	add_text(row, task->account);
	add_text(row, task->kind);
	add_text(row, task->state);
	add_number(row, task->status, INT64_MIN);
	add_number(row, task->finished, -1);
	add_number(row, task->total, -1);
	add_text(row, task->has_failed ? task->fail_code : NULL);
	add_text(row, task->has_failed ? task->fail_message : NULL);
	add_text(row, task->has_failed ? task->fail_class : NULL);
	add_time(row, task->created_unix_ms);
	add_time(row, task->finished_unix_ms);
	add_text(row, task->model);
	add_text(row, task->prompt);
}

static void add_asset(struct row *row, const struct dq_asset *asset)
{
	add_number(row, asset->index, -1);
	add_text(row, asset->kind);
	add_text(row, asset->format);
	add_number(row, asset->width, 0);
	add_number(row, asset->height, 0);
	add_number(row, asset->duration_ms, -1);
	add_number(row, asset->bytes, -1);
	add_text(row, asset->sha256);
	add_text(row, asset->path);
}

/* Columns that came later stand behind the asset's. */
static void add_origin(struct row *row, const struct dq_task *task)
{
	add_text(row, task->ratio);
	add_number(row, task->seed, -1);
	add_time(row, task->first_seen_unix_ms);
	add_number(row, task->credits, -1);
	add_text(row, task->credits_source);
	add_text(row, task->mode);
	add_text(row, task->tags);
	add_text(row, task->note);
	add_number(row, task->rating, 0);
}

void csv_add_header(struct buf *into)
{
	struct row row = { .into = into };

	for (size_t i = 0; i < N_COLUMNS; i++)
		add_text(&row, columns[i]);
	buf_add(into, "\r\n", 2);
}

void csv_add_task(struct buf *into, const struct dq_task *task, bool is_for_terminal)
{
	static const struct dq_asset none = {
		.index = -1, .duration_ms = -1, .bytes = -1
	};
	size_t n = task->n_assets ? task->n_assets : 1;

	for (size_t i = 0; i < n; i++) {
		struct row row = { .into = into, .is_for_terminal = is_for_terminal };

		add_task(&row, task);
		add_asset(&row, task->n_assets ? &task->assets[i] : &none);
		add_origin(&row, task);
		buf_add(into, "\r\n", 2);
	}
}
