#include "cli/app/input.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/app/app_open.h"
#include "cli/app/source.h"
#include "cli/term/i18n.h"

enum { CHUNK_BYTES = 64 * 1024 };

enum err_kind input_read(
    struct app *app, const char *path, struct buf *into, struct err *err)
{
	_cleanup_(source_release) struct source source = { .fd = -1 };
	char chunk[CHUNK_BYTES];
	size_t n;

	if (source_open(app, path, &source, err))
		return err->kind;
	for (;;) {
		if (source_read(&source, chunk, sizeof(chunk), &n, err))
			return err->kind;
		if (n == 0)
			return ERR_OK;
		if (n > into->max - into->len)
			return err_set(err, ERR_USAGE,
			    "'%s' is larger than %zu bytes; is it the right file?",
			    source.name, into->max);
		buf_add(into, chunk, n);
		if (buf_failed(into))
			return err_set(
			    err, ERR_NOMEM, "out of memory for '%s'", source.name);
	}
}

struct gathering {
	struct app *app;
	struct dq_ids *ids;
	unsigned bad;
	struct source source; /* the file that is being read */
	struct err trouble; /* with it */
};

static void hear_bad(void *payload, const struct dq_error *error)
{
	struct gathering *gathering = payload;

	gathering->bad++;
	(void)app_fail_dq(gathering->app, DQ_USAGE, error);
}

static int read_piece(void *payload, char *into, size_t room, size_t *ret_n)
{
	struct gathering *gathering = payload;

	return source_read(&gathering->source, into, room, ret_n, &gathering->trouble) !=
	    ERR_OK;
}

static int add_file(struct gathering *gathering, const char *path)
{
	struct dq_ids_source source = { .size_bytes = sizeof(source),
		.read = read_piece,
		.on_bad = hear_bad,
		.payload = gathering };
	struct dq_error error;
	enum dq_status status;

	gathering->trouble.kind = ERR_OK;
	if (source_open(gathering->app, path, &gathering->source, &gathering->trouble))
		return app_fail(gathering->app, &gathering->trouble);
	source.name = gathering->source.name;
	status = dq_ids_add_stream(gathering->ids, &source, &error);
	source_release(&gathering->source);
	if (gathering->trouble.kind)
		return app_fail(gathering->app, &gathering->trouble);
	return status ? app_fail_dq(gathering->app, status, &error) : 0;
}

/* A bad id is told and skipped; other trouble ends it. */
static int add_word(struct gathering *gathering, const char *word, size_t place)
{
	struct dq_error error;
	enum dq_status status;
	struct err err;

	if (!strcmp(word, "-"))
		return add_file(gathering, "-");
	status = dq_ids_add(gathering->ids, word, NULL, &error);
	if (status == DQ_USAGE) {
		gathering->bad++;
		err = app_error(ERR_USAGE, &error);
		err_note(&err, "argument %zu", place);
		(void)app_fail(gathering->app, &err);
		return 0;
	}
	return status ? app_fail_dq(gathering->app, status, &error) : 0;
}

static int add_all(struct gathering *gathering)
{
	const struct args *args = &gathering->app->args;
	const char *input = args_text(args, OPT_INPUT);
	int status = 0;

	for (size_t i = 0; !status && i < args->n_left; i++)
		status = add_word(gathering, args->left[i], i + 1);
	if (!status && input)
		status = add_file(gathering, input);
	return status;
}

static int refuse_none(struct app *app, const struct gathering *gathering)
{
	if (gathering->bad > 0)
		return DQ_USAGE; /* each of them was told */
	if (app->args.n_left > 0 || args_has(&app->args, OPT_INPUT))
		return app_usage(app, "no task ids came in; one a line is expected");
	return app_usage(app,
	    "'%s' needs task ids: as arguments, in --input FILE, or '-' for standard "
	    "input",
	    app->command->name);
}

int input_ids(struct app *app, struct dq_ids **ret_ids, unsigned *ret_bad)
{
	_cleanup_(input_ids_freep) struct dq_ids *ids = NULL;
	struct gathering gathering = { .app = app };
	struct dq_error error;
	enum dq_status made = dq_ids_new(&ids, &error);
	int status;

	if (made)
		return app_fail_dq(app, made, &error);
	gathering.ids = ids;
	status = add_all(&gathering);
	if (status)
		return status;
	if (dq_ids_count(ids) == 0)
		return refuse_none(app, &gathering);
	*ret_ids = TAKE_PTR(ids);
	*ret_bad = gathering.bad;
	return 0;
}

/* --- beginnings --- */

enum { UUID_LEN = 36 };

static bool may_be_beginning(enum input_prefix which, const char *id)
{
	const size_t len = strlen(id);

	if (len < DQ_PREFIX_MIN)
		return false;
	if (which == INPUT_KNOWN)
		return true;
	for (size_t i = 0; i < len; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23
			? id[i] != '-'
			: !strchr("0123456789abcdefABCDEF", id[i]))
			return false;
	return len < UUID_LEN;
}

static int resolve_one(
    struct app *app, enum input_prefix which, const char *id, struct dq_ids *into)
{
	char meant[DQ_ID_MAX + 1];
	struct dq_error error = { 0 };
	enum dq_status status;

	(void)snprintf(meant, sizeof(meant), "%s", id);
	if (may_be_beginning(which, id) && dq_resolve(app->dq, id, meant, &error))
		return app_fail_dq(app, error.status, &error);
	status = dq_ids_add(into, meant, "", &error);
	return status ? app_fail_dq(app, status, &error) : 0;
}

int input_resolve(struct app *app, enum input_prefix which, const char *const **ids,
    size_t *n, struct dq_ids **ret_owner)
{
	_cleanup_(input_ids_freep) struct dq_ids *into = NULL;
	struct dq_error error;
	bool is_needed = false;

	for (size_t i = 0; i < *n; i++)
		is_needed = is_needed || may_be_beginning(which, (*ids)[i]);
	if (!is_needed)
		return 0;
	if (dq_ids_new(&into, &error))
		return app_fail_dq(app, error.status, &error);
	for (size_t i = 0; i < *n; i++) {
		const int status = resolve_one(app, which, (*ids)[i], into);

		if (status)
			return status;
	}
	*ids = dq_ids_list(into);
	*n = dq_ids_count(into);
	*ret_owner = TAKE_PTR(into);
	return 0;
}

void input_ids_freep(struct dq_ids **ids)
{
	dq_ids_free(*ids);
}

int input_known(struct app *app,
    void (*hear)(void *payload, const struct dq_event *event), void *payload,
    struct known_ids *ret_known)
{
	struct err err;
	const int status = input_ids(app, &ret_known->given, &ret_known->bad);

	if (status)
		return status;
	if (app_open(app, hear, payload, &err))
		return app_fail(app, &err);
	ret_known->list = dq_ids_list(ret_known->given);
	ret_known->n = dq_ids_count(ret_known->given);
	return input_resolve(
	    app, INPUT_KNOWN, &ret_known->list, &ret_known->n, &ret_known->meant);
}

void known_ids_release(struct known_ids *known)
{
	dq_ids_free(known->given);
	dq_ids_free(known->meant);
}
