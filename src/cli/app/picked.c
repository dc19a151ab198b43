#include "cli/app/picked.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/options/args.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"

enum { NAMES_MAX = 2000 };

/* Those of a file; the JSON's own name where it is another. */
static const struct {
	const char *name, *json;
	bool is_of_stored;
} file_fields[] = {
	{ "index", "index", false },
	{ "asset_kind", "kind", false },
	{ "uri", "uri", false },
	{ "url", "url", false },
	{ "expires_at", "expires_at", false },
	{ "width", "width", false },
	{ "height", "height", false },
	{ "format", "format", false },
	{ "duration_ms", "duration_ms", false },
	{ "path", "path", true },
	{ "bytes", "bytes", true },
	{ "sha256", "sha256", true },
};

/* --- names ----------------------------------------------------------------------- */

const char *picked_field(const char *name)
{
	if (!strcmp(name, "id"))
		return "submit_id";
	for (size_t i = 0; dq_task_field_at(i); i++)
		if (!strcmp(dq_task_field_at(i), name))
			return dq_task_field_at(i);
	return NULL;
}

static enum err_kind refuse(
    const char *where, const char *name, bool with_files, struct err *err)
{
	_cleanup_(buf_release) struct buf names = buf_make(NAMES_MAX);

	buf_addf(&names, "id");
	for (size_t i = 0; dq_task_field_at(i); i++)
		buf_addf(&names, ", %s", dq_task_field_at(i));
	for (size_t i = 0; with_files && i < sizeof(file_fields) / sizeof(*file_fields);
	     i++)
		buf_addf(&names, ", %s", file_fields[i].name);
	return err_set(err, ERR_USAGE,
	    "option '%s': unknown field '%.40s'; there are: %s", where, name, names.data);
}

/* Finds it among those of a task, then of a file. */
static bool find(struct picked *picked, const char *name, struct picked_part *part)
{
	part->field = picked_field(name);
	for (size_t i = 0; !part->field && i < sizeof(file_fields) / sizeof(*file_fields);
	     i++) {
		if (strcmp(file_fields[i].name, name) != 0)
			continue;
		part->field = file_fields[i].json;
		part->is_of_file = true;
		picked->has_files = true;
		picked->are_stored |= file_fields[i].is_of_stored;
	}
	return part->field != NULL;
}

/* --- reading --------------------------------------------------------------------- */

/* Room for all that `text` can have: no more parts than bytes. False: no memory. */
static bool begin(struct picked *picked, const char *text)
{
	const size_t room = strlen(text) + 2;

	picked->words = strdup(text);
	picked->parts = calloc(room, sizeof(*picked->parts));
	picked->json = calloc(room, sizeof(*picked->json));
	return picked->words && picked->parts && picked->json;
}

/* "a,b,c": blanks around a name don't count. */
static enum err_kind read_list(
    struct picked *picked, const char *where, const char *text, struct err *err)
{
	char *rest;

	if (!begin(picked, text))
		return err_set(err, ERR_NOMEM, "out of memory");
	rest = picked->words;
	for (char *name; (name = strsep(&rest, ","));) {
		struct picked_part *part = &picked->parts[picked->n];

		name = text_trim(name);
		part->before = picked->n ? "\t" : "";
		if (!find(picked, name, part) ||
		    (part->is_of_file && picked->as == PICK_JSON))
			return refuse(where, name, picked->as != PICK_JSON, err);
		picked->json[picked->n++] = part->field;
	}
	return ERR_OK;
}

enum err_kind picked_make(
    const struct args *args, struct picked *ret_picked, struct err *err)
{
	_cleanup_(picked_release) struct picked picked = { .end = '\n' };
	int64_t ignored;
	const char *json = args_is_on(args, OPT_JSON) ? args_text(args, OPT_JSON) : NULL;
	const char *print = args_text(args, OPT_PRINT);

	if (args_is_on(args, OPT_NULL))
		picked.end = '\0';
	if (json && !args_read_switch(json, &ignored))
		picked.as = PICK_JSON;
	else if (print || args_is_on(args, OPT_NULL))
		picked.as = PICK_TEXT;
	if (print && picked.as == PICK_JSON)
		return err_set(err, ERR_USAGE, "give either --json or --print, not both");
	if (picked.as == PICK_JSON && read_list(&picked, "--json", json, err))
		return err->kind;
	if (picked.as == PICK_TEXT &&
	    read_list(&picked, "--print", print ? print : "id", err))
		return err->kind;
	*ret_picked = picked;
	picked = (struct picked){ 0 };
	return ERR_OK;
}

/* What is behind a backslash; itself, when it is none of these. */
static char unescape(char c)
{
	if (c == 'n')
		return '\n';
	if (c == 't')
		return '\t';
	return c;
}

/* Texts are made in place: they only become shorter. */
struct template_reader {
	struct picked *picked;
	char *at, *to; /* read here, written there */
	struct picked_part *part;
};

static enum err_kind read_field(struct template_reader *r, struct err *err)
{
	char *end = strchr(r->at, '}');
	char *name = r->at + 1;

	if (!end)
		return err_set(err, ERR_USAGE,
		    "option '--format': a '{' has no '}'; a plain one is written '{{'");
	*end = '\0';
	if (!find(r->picked, name, r->part))
		return refuse("--format", name, true, err);
	*r->to++ = '\0';
	r->at = end + 1;
	r->to = r->at;
	r->part = &r->picked->parts[++r->picked->n];
	r->part->before = r->to;
	return ERR_OK;
}

enum err_kind picked_template(
    const char *text, char end, struct picked *ret_picked, struct err *err)
{
	_cleanup_(picked_release) struct picked picked = { .as = PICK_TEXT, .end = end };
	struct template_reader r = { .picked = &picked };

	if (!begin(&picked, text))
		return err_set(err, ERR_NOMEM, "out of memory");
	r.at = r.to = picked.words;
	r.part = picked.parts;
	r.part->before = r.to;
	while (*r.at) {
		if (*r.at == '{' && r.at[1] != '{') {
			if (read_field(&r, err))
				return err->kind;
			continue;
		}
		if (*r.at == '\\' && r.at[1]) {
			*r.to++ = unescape(r.at[1]);
			r.at += 2;
			continue;
		}
		r.at += (*r.at == '{' || *r.at == '}') && r.at[1] == *r.at;
		*r.to++ = *r.at++;
	}
	*r.to = '\0';
	picked.n++;
	*ret_picked = picked;
	picked = (struct picked){ 0 };
	return ERR_OK;
}

void picked_release(struct picked *picked)
{
	free(picked->words);
	free(picked->parts);
	free(picked->json);
	*picked = (struct picked){ 0 };
}

/* --- writing --------------------------------------------------------------------- */

/* A value stays one of its line: what would end it becomes a blank. */
static void add_value(
    const struct picked *picked, const char *value, bool for_terminal, struct buf *into)
{
	const size_t begin = into->len;

	if (for_terminal)
		words_add_clean(into, value);
	else
		buf_addf(into, "%s", value);
	for (size_t i = begin; i < into->len; i++)
		if (into->data[i] == '\t' || (into->data[i] == '\n' && picked->end))
			into->data[i] = ' ';
}

static bool add_line(const struct picked *picked, const struct dq_task *task,
    const struct dq_asset *asset, bool for_terminal, struct buf *into)
{
	for (size_t i = 0; i < picked->n; i++) {
		const struct picked_part *part = &picked->parts[i];
		_cleanup_free_ char *value = NULL;

		buf_addf(into, "%s", part->before);
		if (!part->field || (part->is_of_file && !asset))
			continue;
		value = part->is_of_file ? dq_asset_text(asset, part->field)
					 : dq_task_text(task, part->field);
		if (!value)
			return false;
		add_value(picked, value, for_terminal, into);
	}
	buf_add(into, &picked->end, 1);
	return true;
}

bool picked_add(const struct picked *picked, const struct dq_task *task,
    bool for_terminal, struct buf *into)
{
	bool is_whole = true;

	if (picked->as == PICK_JSON) {
		_cleanup_free_ char *json = dq_task_json(task, picked->json);

		buf_addf(into, "%s\n", json ? json : "");
		return json && !buf_failed(into);
	}
	if (!picked->has_files)
		return add_line(picked, task, NULL, for_terminal, into) &&
		    !buf_failed(into);
	for (size_t i = 0; is_whole && i < task->n_assets; i++)
		if (task->assets[i].is_stored || !picked->are_stored)
			is_whole =
			    add_line(picked, task, &task->assets[i], for_terminal, into);
	return is_whole && !buf_failed(into);
}
