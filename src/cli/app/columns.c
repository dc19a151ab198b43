#include "cli/app/columns.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/app/picked.h"
#include "cli/app/report.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"

static void add_kind(struct buf *into, const struct dq_task *task)
{
	char kind[WORDS_KIND_MAX];

	buf_addf(into, "%s", task->kind ? words_kind_short(task, kind) : "?");
}

static void add_state(struct buf *into, const struct dq_task *task)
{
	enum tone ignored;

	buf_addf(into, "%s", report_state(task, &ignored));
}

static void add_time(struct buf *into, int64_t unix_ms)
{
	char when[WORDS_TIME_MAX];

	buf_addf(into, "%s", words_time(unix_ms, when));
}

static void add_created(struct buf *into, const struct dq_task *task)
{
	add_time(into,
	    task->created_unix_ms > 0 ? task->created_unix_ms : task->first_seen_unix_ms);
}

static void add_finished(struct buf *into, const struct dq_task *task)
{
	add_time(into, task->finished_unix_ms);
}

static void add_seen(struct buf *into, const struct dq_task *task)
{
	add_time(into, task->first_seen_unix_ms);
}

static void add_cost(struct buf *into, const struct dq_task *task)
{
	char credits[WORDS_CREDITS_MAX];

	buf_addf(into, "%s", words_credits_short(task, credits));
}

static void add_size(struct buf *into, const struct dq_task *task)
{
	uint64_t bytes = 0;
	char text[24];

	for (size_t i = 0; i < task->n_assets; i++)
		if (task->assets[i].is_stored && task->assets[i].bytes > 0)
			bytes += (uint64_t)task->assets[i].bytes;
	if (bytes > 0)
		buf_addf(into, "%s", text_bytes(bytes, text));
}

/* Written for people; any other name is one of the JSON line. */
static const struct {
	const char *name;
	void (*add)(struct buf *into, const struct dq_task *task);
} for_people[] = {
	{ "kind", add_kind },
	{ "state", add_state },
	{ "files", report_add_files },
	{ "created", add_created },
	{ "finished", add_finished },
	{ "seen", add_seen },
	{ "cost", add_cost },
	{ "size", add_size },
};
enum { FOR_PEOPLE = sizeof(for_people) / sizeof(*for_people) };

static bool is_for_people(const char *name)
{
	for (size_t i = 0; i < FOR_PEOPLE; i++)
		if (!strcmp(for_people[i].name, name))
			return true;
	return false;
}

static enum err_kind refuse(const char *name, const char *where, struct err *err)
{
	_cleanup_(buf_release) struct buf names = buf_make(4096);

	for (size_t i = 0; i < FOR_PEOPLE; i++)
		buf_addf(&names, "%s, ", for_people[i].name);
	buf_addf(&names, "id");
	for (size_t i = 0; dq_task_field_at(i); i++)
		if (!is_for_people(dq_task_field_at(i)))
			buf_addf(&names, ", %s", dq_task_field_at(i));
	return err_set(err, ERR_USAGE, "%s: unknown column '%.40s'; there are: %s", where,
	    name, names.data);
}

static bool is_known(const char **name)
{
	const char *field;

	if (is_for_people(*name))
		return true;
	field = picked_field(*name);
	*name = field ? field : *name;
	return field != NULL;
}

enum err_kind columns_make(
    const char *list, const char *where, struct columns *columns, struct err *err)
{
	char *rest = columns->text;

	*columns = (struct columns){ .n = 0 };
	if (strlen(list) >= sizeof(columns->text))
		return err_set(err, ERR_USAGE, "%s: too many columns", where);
	memcpy(columns->text, list, strlen(list) + 1);
	for (char *at; (at = strsep(&rest, ","));) {
		const char *name = text_trim(at);

		if (columns->n == COLUMNS_MAX)
			return err_set(err, ERR_USAGE, "%s: too many columns", where);
		if (!is_known(&name))
			return refuse(name, where, err);
		columns->names[columns->n++] = name;
	}
	return ERR_OK;
}

/* False: no memory. */
static bool add_value(struct buf *into, const char *name, const struct dq_task *task)
{
	_cleanup_free_ char *text = NULL;

	for (size_t i = 0; i < FOR_PEOPLE; i++) {
		if (strcmp(for_people[i].name, name) != 0)
			continue;
		for_people[i].add(into, task);
		return true;
	}
	text = dq_task_text(task, name);
	if (text)
		words_add_clean(into, text);
	return text != NULL;
}

static enum tone tone_of(const char *name, const struct dq_task *task)
{
	enum tone tone = TONE_PLAIN;

	if (!strcmp(name, "state"))
		(void)report_state(task, &tone);
	return tone;
}

bool columns_add_row(
    const struct columns *columns, struct table *table, const struct dq_task *task)
{
	struct buf texts[COLUMNS_MAX];
	struct cell row[COLUMNS_MAX];
	bool is_whole = true;

	for (size_t i = 0; i < columns->n; i++) {
		texts[i] = buf_make(WORDS_MAX);
		is_whole = add_value(&texts[i], columns->names[i], task) && is_whole;
		row[i] = (struct cell){ texts[i].data, tone_of(columns->names[i], task) };
	}
	is_whole = is_whole && table_add(table, row);
	for (size_t i = 0; i < columns->n; i++)
		buf_release(&texts[i]);
	return is_whole;
}
