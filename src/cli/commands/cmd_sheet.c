#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/filter.h"
#include "cli/app/taskfiles.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "cli/term/outfile.h"
#include "dreamq/sheet.h"

static const enum opt_id sheet_opts[] = { OPT_ACROSS, OPT_ALL_ACCOUNTS, OPT_CELL,
	OPT_FORCE, OPT_INDEX, OPT_INPUT, OPT_LIMIT, OPT_OUTPUT, OPT_SEARCH, OPT_SINCE,
	OPT_SORT, OPT_STATE, OPT_COUNT };
/* What chooses among all tasks, where no ids are given. */
static const enum opt_id filters[] = { OPT_ALL_ACCOUNTS, OPT_LIMIT, OPT_SEARCH, OPT_SINCE,
	OPT_SORT, OPT_STATE };

enum { CELL_PIXELS = 240 };

struct making {
	struct app *app;
	struct dq_thumbs *thumbs;
	struct dq_sheet *sheet;
	unsigned cell_pixels;
	size_t without; /* of which no picture can be made */
};

/* The ending of the file's name says what it becomes; NULL: none of them. */
static const char *format_of(const char *path)
{
	static const char *const formats[] = { "png", "webp", "pdf" };
	const char *dot = path ? strrchr(path, '.') : NULL;

	for (size_t i = 0; dot && i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcasecmp(dot + 1, formats[i]))
			return formats[i];
	return NULL;
}

/* --- which files --- */

static void hear(void *payload, const struct dq_event *event)
{
	if (event->type == DQ_EVENT_TASK)
		(void)taskfiles_add(payload, event->task);
}

static int take_listed(struct app *app, struct taskfiles *files)
{
	struct dq_filter filter;
	struct dq_error error = { 0 };
	struct err err;
	enum dq_status status;

	if (indexes_read(args_text(&app->args, OPT_INDEX), &files->only, &err))
		return app_fail(app, &err);
	if (filter_make(app, &filter, &err) || app_open(app, hear, files, &err))
		return app_fail(app, &err);
	status = dq_list(app->dq, &filter, &error);
	return status ? app_fail_dq(app, status, &error) : 0;
}

static int take_files(struct app *app, struct taskfiles *files, int *ret_status)
{
	*ret_status = 0;
	if (app->args.n_left == 0 && !args_has(&app->args, OPT_INPUT))
		return take_listed(app, files);
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (app->args.of[filters[i]].origin == FROM_ARGV)
			return app_usage(app, "give either ids or '--%s', not both",
			    options[filters[i]].name);
	return taskfiles_take(app, false, files, ret_status);
}

/* --- one of them --- */

/* "2026-11-29 21:13 · model", of what is known. */
static void add_about(struct buf *into, const struct taskfile *file)
{
	char when[WORDS_TIME_MAX];

	if (file->created_unix_ms > 0)
		buf_addf(into, "%.*s", (int)strlen("2026-11-29 21:13"),
		    words_time(file->created_unix_ms, when));
	if (file->model && file->model[0]) {
		buf_addf(into, "%s", into->len > 0 ? " · " : "");
		words_add_clean(into, file->model);
	}
}

/* One that was changed has another sum than the ledger knows. */
static enum dq_status load(struct making *making, const struct taskfile *file,
    struct dq_picture *ret_picture, struct dq_error *error)
{
	_cleanup_(closep) int fd =
	    open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const struct dq_picture_size most = { making->cell_pixels, making->cell_pixels };
	const bool is_same = fs_size(file->path) == file->file.bytes;

	if (fd < 0) {
		(void)snprintf(error->shown, sizeof(error->shown), "%s",
		    _("it is not there any more"));
		return DQ_FAILED;
	}
	return dq_pixels(
	    making->thumbs, fd, is_same ? file->sha256 : NULL, &most, ret_picture, error);
}

/* Returns 0, or the exit status of what would be so with each of them. */
static int add_file(struct making *making, const struct taskfile *file)
{
	_cleanup_(dq_picture_release) struct dq_picture picture = { 0 };
	_cleanup_(buf_release) struct buf about = buf_make(WORDS_MAX);
	struct dq_error error = { 0 };
	const enum dq_status status = load(making, file, &picture, &error);
	struct dq_sheet_cell cell = {
		.size_bytes = sizeof(cell),
		.title = file->label,
		.prompt = file->prompt,
	};

	if (status == DQ_STORAGE)
		return app_fail_dq(making->app, status, &error);
	if (status) {
		making->without++;
		cell.instead = error.shown;
	} else {
		cell.picture = &picture;
	}
	add_about(&about, file);
	cell.about = about.data;
	dq_sheet_add(making->sheet, &cell);
	return 0;
}

/* --- all of them --- */

static void tell_made(
    struct making *making, const struct dq_sheet_made *made, const char *path, size_t n)
{
	struct app *app = making->app;

	if (making->without > 0)
		app_warn(app,
		    ngettext("%zu of %zu files has no picture",
			"%zu of %zu files have no picture", making->without),
		    making->without, n);
	if (made->unknown > 0)
		app_warn(app,
		    ngettext(
			"%u character has no glyph in the fonts that are installed; "
			"Debian has more in fonts-noto-cjk and fonts-noto-color-emoji",
			"%u characters have no glyph in the fonts that are installed; "
			"Debian has more in fonts-noto-cjk and fonts-noto-color-emoji",
			made->unknown),
		    made->unknown);
	if (!app->is_json)
		app_out_path(app, path);
}

static int draw(struct making *making, const struct taskfiles *files,
    const struct dq_sheet_options *how, struct dq_sheet_made *ret_made)
{
	struct dq_error error = { 0 };
	enum dq_status status = dq_sheet_begin(how, &making->sheet, &error);
	int failed = 0;

	if (status)
		return app_fail_dq(making->app, status, &error);
	for (size_t i = 0; i < files->n && !failed; i++)
		failed = add_file(making, &files->all[i]);
	if (failed) {
		/* It gets no more, and says that it wanted to. */
		dq_sheet_cancel(making->sheet);
		return failed;
	}
	status = dq_sheet_end(making->sheet, ret_made, &error);
	return status ? app_fail_dq(making->app, status, &error) : 0;
}

/* Is that one of the pictures? A sheet in its place would be all that is left of it. */
static bool is_one_of(const struct taskfiles *files, const char *path)
{
	struct stat want, st;

	if (stat(path, &want) != 0)
		return false;
	for (size_t i = 0; i < files->n; i++)
		if (stat(files->all[i].path, &st) == 0 && st.st_dev == want.st_dev &&
		    st.st_ino == want.st_ino)
			return true;
	return false;
}

static int make_sheet(struct making *making, const struct taskfiles *files)
{
	struct app *app = making->app;
	const char *path = args_text(&app->args, OPT_OUTPUT);
	struct dq_sheet_options how = {
		.size_bytes = sizeof(how),
		.format = format_of(path),
		.cells = files->n,
		.across = (unsigned)args_number(&app->args, OPT_ACROSS, 0),
		.cell_pixels = making->cell_pixels,
	};
	_cleanup_(outfile_release) struct outfile file = { 0 };
	struct dq_sheet_made made = { 0 };
	struct err err;
	int failed;

	if (is_one_of(files, path)) {
		(void)err_set(&err, ERR_USAGE,
		    "'%s' is one of the pictures themselves: name another file", path);
		return app_fail(app, &err);
	}
	if (outfile_open(path, args_is_on(&app->args, OPT_FORCE), &file, &err))
		return app_fail(app, &err);
	how.fd = fileno(file.stream);
	failed = draw(making, files, &how, &made);
	if (failed)
		return failed;
	if (outfile_commit(&file, &err))
		return app_fail(app, &err);
	tell_made(making, &made, path, files->n);
	return 0;
}

static int sheet_run(struct app *app)
{
	_cleanup_(taskfiles_release) struct taskfiles files = { 0 };
	struct making making = {
		.app = app,
		.cell_pixels = (unsigned)args_number(&app->args, OPT_CELL, CELL_PIXELS),
	};
	struct dq_error error = { 0 };
	struct err err;
	int status, failed;

	if (!format_of(args_text(&app->args, OPT_OUTPUT)))
		return app_usage(app,
		    "-o names the sheet, and how it ends says what it becomes: '.png', "
		    "'.webp' or '.pdf'");
	failed = take_files(app, &files, &status);
	if (failed)
		return failed;
	if (files.n == 0) {
		if (status)
			return status; /* said of each */
		(void)err_set(&err, ERR_FAILED, "no stored file is among them");
		return app_fail(app, &err);
	}
	if (dq_thumbs_open(NULL, &making.thumbs, &error))
		return app_fail_dq(app, error.status, &error);
	status = app_worse(status, make_sheet(&making, &files));
	dq_thumbs_close(making.thumbs);
	return status;
}

const struct command cmd_sheet = {
	.name = "sheet",
	.synopsis = "[--search TEXT] [--since WHEN] [--limit N] [--across N] -o FILE "
		    "[--force] [ID...]",
	.summary =
	    N_("a contact sheet: pictures with their prompts on one page, or on many"),
	.details = N_(
	    "The stored files of the tasks, or of all that 'list' would show with these "
	    "options. FILE ends in .png, .webp or .pdf (A4, many pages); one that is "
	    "there is replaced with --force only. Below each "
	    "picture stand id, prompt (two lines of it), model and date. Of films the "
	    "first picture is taken. What has no picture has a grey place that says why. "
	    "Nothing is sent."),
	.example = "dreamq sheet --since 7d -o week.pdf",
	.opts = sheet_opts,
	.takes = ARGS_IDS,
	.makes_no_events = true,
	.run = sheet_run,
};
