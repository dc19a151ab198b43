#include "cli/app/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/app/input.h"
#include "cli/term/i18n.h"
#include "dreamq/rescue.h"

enum { NAMES_BYTES_MAX = 16 * 1024 * 1024, NAMES_VALUES_MAX = 1000 * 1000 };

struct reading {
	struct app *app;
	struct file_names *names;
	const char *where; /* the file that is being read */
};

void names_release(struct file_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->all[i]);
	free(names->all);
	*names = (struct file_names){ 0 };
}

static int no_memory(struct app *app)
{
	struct err err;

	err_set(&err, ERR_NOMEM, "out of memory");
	return app_fail(app, &err);
}

static void refuse(struct reading *reading, const struct dq_error *error, size_t place)
{
	struct err err = app_error(ERR_USAGE, error);

	if (reading->where)
		err_note(&err, "%s:%zu", reading->where, place);
	else
		err_note(&err, "argument %zu", place);
	reading->names->bad++;
	(void)app_fail(reading->app, &err);
}

/* Equal ones are one to the library; here they need not be found. */
ANALYZER_LOSES_SIGHT
static int add(struct reading *reading, const char *name, size_t place)
{
	struct file_names *names = reading->names;
	struct dq_error error;
	char *copy;

	if (dq_check_file_name(reading->app->dq, name, &error)) {
		refuse(reading, &error, place);
		return 0;
	}
	copy = strdup(name);
	if (!copy || !ARRAY_RESERVE(names->all, names->room, names->n + 1)) {
		free(copy);
		return no_memory(reading->app);
	}
	names->all[names->n++] = copy;
	return 0;
}

ANALYZER_SEES_AGAIN

/* --- texts ----------------------------------------------------------------------- */

static int add_line(struct reading *reading, char *line, size_t place)
{
	size_t len;

	line += strspn(line, " \t");
	len = strcspn(line, "#\r");
	while (len > 0 && strchr(" \t", line[len - 1]))
		len--;
	line[len] = '\0';
	return len > 0 ? add(reading, line, place) : 0;
}

static int add_lines(struct reading *reading, char *text)
{
	int status = 0;

	for (size_t place = 1; !status && *text; place++) {
		const size_t len = strcspn(text, "\n");
		const bool is_last = text[len] == '\0';

		text[len] = '\0';
		status = add_line(reading, text, place);
		text += len + !is_last;
	}
	return status;
}

static int add_json(struct reading *reading, const struct buf *text)
{
	_cleanup_(json_deletep) cJSON *json = NULL;
	const cJSON *element;
	size_t place = 0;
	int status = 0;
	struct err err;

	if (json_parse_within(text->data, text->len, NAMES_VALUES_MAX, &json, &err)) {
		err.kind = ERR_USAGE;
		err_note(&err, "%s", reading->where);
		return app_fail(reading->app, &err);
	}
	cJSON_ArrayForEach(element, json) {
		place++;
		if (!status)
			status = add(reading,
			    cJSON_IsString(element) ? element->valuestring : "", place);
	}
	return status;
}

static int add_file(struct reading *reading, const char *path)
{
	_cleanup_(buf_release) struct buf text = buf_make(NAMES_BYTES_MAX);
	struct err err;
	const char *first;
	int status;

	if (input_read(reading->app, path, &text, &err))
		return app_fail(reading->app, &err);
	if (text.len == 0)
		return 0;
	reading->where = strcmp(path, "-") ? path : _("standard input");
	first = text.data + strspn(text.data, " \t\r\n");
	status = *first == '[' ? add_json(reading, &text) : add_lines(reading, text.data);
	reading->where = NULL;
	return status;
}

int names_read(struct app *app, struct file_names *ret_names)
{
	const struct args *args = &app->args;
	const char *input = args_text(args, OPT_INPUT);
	struct reading reading = { .app = app, .names = ret_names };
	int status = 0;

	for (size_t i = 0; !status && i < args->n_left; i++)
		status = strcmp(args->left[i], "-") ? add(&reading, args->left[i], i + 1)
						    : add_file(&reading, "-");
	return !status && input ? add_file(&reading, input) : status;
}
