#include "cli/app/preview.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"
#include "cli/output/words.h"
#include "cli/term/graphics.h"
#include "cli/term/i18n.h"
#include "dreamq/thumbs.h"

enum {
	SIDE_MAX = 500, /* characters */
	MANY_COLUMNS = 32, /* of one of several */
	SMALL_COLUMNS = 20, /* beside other output */
	ROWS_KEPT = 3, /* of the terminal, for its name and the prompt */
	GAP = 1,
	BAND_MAX = 64, /* side by side */
	BYTES_MAX = 64 * 1024 * 1024, /* of what is sent to a terminal at once */
};

struct preview {
	struct app *app;
	struct graphics graphics;
	struct dq_thumbs *thumbs;
	struct preview_size size; /* of a picture; 0: as many as fit */
};

/* The pictures of one line, and what was made of them. */
struct band {
	struct dq_picture pictures[BAND_MAX];
	size_t n;
	unsigned columns, rows; /* of each, in characters */
};

static bool parse_size(const char *text, struct preview_size *ret_size)
{
	const char *by = strchr(text, 'x');
	char columns[8] = { 0 };
	uint64_t wide, high;

	if (!by || (size_t)(by - text) >= sizeof(columns))
		return false;
	memcpy(columns, text, (size_t)(by - text));
	if (!text_uint(columns, 1, SIDE_MAX, &wide) ||
	    !text_uint(by + 1, 1, SIDE_MAX, &high))
		return false;
	*ret_size = (struct preview_size){ (unsigned)wide, (unsigned)high };
	return true;
}

/* Escape sequences in a file or a pipe are wanted by who says so. */
static bool may_show(const struct app *app)
{
	const char *color = args_text(&app->args, OPT_COLOR);

	return app->is_out_terminal || args_has(&app->args, OPT_GRAPHICS) ||
	    (color && !strcmp(color, "always"));
}

/* In a file or a pipe, too, unless it is said that there shall be none. */
static bool has_colours(const struct app *app)
{
	const char *color = args_text(&app->args, OPT_COLOR), *none = getenv("NO_COLOR");

	return app->out_style.is_on ||
	    (args_has(&app->args, OPT_GRAPHICS) && !(none && none[0]) &&
		!(color && !strcmp(color, "never")));
}

static int start(struct preview *preview)
{
	struct app *app = preview->app;
	const char *size = args_text(&app->args, OPT_SIZE);
	const char *which = args_text(&app->args, OPT_GRAPHICS);
	struct dq_error error = { 0 };
	struct err err;
	enum dq_status status;

	if (!may_show(app))
		return app_usage(app,
		    "standard output is no terminal; with --graphics symbols pictures go "
		    "there all the same");
	if (size && !parse_size(size, &preview->size))
		return app_usage(app,
		    "option '--size': '%s' is not like '40x20', columns and rows of 1 to "
		    "%d",
		    size, SIDE_MAX);
	if (graphics_open(&preview->graphics, which, has_colours(app), &err))
		return app_fail(app, &err);
	status = dq_thumbs_open(NULL, &preview->thumbs, &error);
	return status ? app_fail_dq(app, status, &error) : 0;
}

int preview_open(struct app *app, struct preview_size usual, struct preview **ret_preview)
{
	struct preview *preview = calloc(1, sizeof(*preview));
	struct err err;
	int status;

	if (!preview) {
		(void)err_set(&err, ERR_NOMEM, "out of memory");
		return app_fail(app, &err);
	}
	preview->app = app;
	preview->size = usual;
	status = start(preview);
	if (status)
		preview_close(preview);
	else
		*ret_preview = preview;
	return status;
}

int preview_open_if_wanted(struct app *app, struct preview **ret_preview)
{
	static const struct preview_size small = { SMALL_COLUMNS, SMALL_COLUMNS / 2 };

	if (!args_is_on(&app->args, OPT_PREVIEW) || app_is_for_program(app))
		return 0;
	return preview_open(app, small, ret_preview);
}

void preview_close(struct preview *preview)
{
	if (!preview)
		return;
	graphics_release(&preview->graphics);
	dq_thumbs_close(preview->thumbs);
	free(preview);
}

/* --- one picture --- */

static int complain(struct preview *preview, const struct preview_file *file,
    enum dq_status status, const char *why)
{
	app_warn(preview->app, "'%s': %s", file->path, why);
	return (int)status;
}

/* -1: it can't be opened as a file, which is said. */
static int open_file(
    struct preview *preview, const struct preview_file *file, const char **ret_sha256)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat about;

	if (fd < 0) {
		app_warn(preview->app, "'%s': %m", file->path);
		return -1;
	}
	if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
		(void)complain(preview, file, DQ_FAILED, _("it is no regular file"));
		closep(&fd);
		return -1;
	}
	/* One that was changed has another sum than the ledger knows. */
	*ret_sha256 =
	    file->bytes < 0 || file->bytes == about.st_size ? file->sha256 : NULL;
	return fd;
}

static unsigned at_most(unsigned pixels)
{
	return pixels < DQ_PICTURE_SIDE_MAX ? pixels : DQ_PICTURE_SIDE_MAX;
}

static int load(struct preview *preview, const struct preview_file *file,
    const struct band *band, struct dq_picture *ret_picture)
{
	const struct dq_picture_size most = {
		at_most(band->columns * preview->graphics.cell_width),
		at_most(band->rows * preview->graphics.cell_height),
	};
	const char *sha256 = NULL;
	_cleanup_(closep) int fd = open_file(preview, file, &sha256);
	struct dq_error error = { 0 };
	enum dq_status status;

	if (fd < 0)
		return DQ_FAILED;
	status = dq_pixels(preview->thumbs, fd, sha256, &most, ret_picture, &error);
	return status ? complain(preview, file, status, error.shown) : DQ_OK;
}

/* --- a line of them --- */

static unsigned cells(unsigned pixels, unsigned cell)
{
	return (pixels + cell - 1) / cell;
}

/* Only as high as the highest; one alone is only as wide as it is, too. */
static void tighten(const struct preview *preview, struct band *band)
{
	unsigned columns = 1, rows = 1;

	for (size_t i = 0; i < band->n; i++) {
		const unsigned wide =
		    cells(band->pictures[i].width, preview->graphics.cell_width);
		const unsigned high =
		    cells(band->pictures[i].height, preview->graphics.cell_height);

		columns = wide > columns ? wide : columns;
		rows = high > rows ? high : rows;
	}
	band->rows = rows;
	if (band->n == 1)
		band->columns = columns;
}

/* Copies one into its place: above its name, which begins at the left. */
static void place(struct pixels *canvas, const struct dq_picture *picture, unsigned left)
{
	for (unsigned y = 0; y < picture->height; y++)
		memcpy(canvas->bytes + ((size_t)y * canvas->width + left) * 4,
		    (const unsigned char *)picture->bytes +
			(size_t)y * picture->width * 4,
		    (size_t)picture->width * 4);
}

/* All of them are one picture for the terminal, whatever protocol it has. */
static int draw(struct preview *preview, struct band *band)
{
	const unsigned columns = (unsigned)band->n * (band->columns + GAP) - GAP;
	const struct graphics *graphics = &preview->graphics;
	_cleanup_(buf_release) struct buf text = buf_make(BYTES_MAX);
	struct pixels canvas = {
		.width = columns * graphics->cell_width,
		.height = band->rows * graphics->cell_height,
	};
	_cleanup_free_ unsigned char *bytes =
	    calloc((size_t)canvas.width * canvas.height, 4);
	struct err err;

	if (!bytes) {
		(void)err_set(&err, ERR_NOMEM, "out of memory");
		return app_fail(preview->app, &err);
	}
	canvas.bytes = bytes;
	for (size_t i = 0; i < band->n; i++)
		place(&canvas, &band->pictures[i],
		    (unsigned)i * (band->columns + GAP) * graphics->cell_width);
	if (graphics_draw(graphics, &canvas, columns, band->rows, &text, &err))
		return app_fail(preview->app, &err);
	app_out(preview->app, text.data);
	return 0;
}

static void print_labels(
    struct preview *preview, const struct band *band, const char *const labels[BAND_MAX])
{
	/* One alone may have the whole line for its name. */
	const size_t room = band->n == 1 ? preview->graphics.columns : band->columns;
	_cleanup_(buf_release) struct buf line = buf_make(WORDS_MAX);

	for (size_t i = 0; i < band->n; i++) {
		_cleanup_(buf_release) struct buf clean = buf_make(WORDS_MAX);
		_cleanup_free_ char *cut = NULL;
		size_t used;

		words_add_clean(&clean, labels[i]);
		cut = text_fit(clean.data, room);
		used = cut ? text_width(cut) : 0;
		buf_addf(&line, "%s", cut ? cut : "");
		if (i + 1 < band->n)
			buf_addf(&line, "%*s", (int)(band->columns + GAP - used), "");
	}
	app_out(preview->app, line.data);
}

/* How many fit beside each other, and how large each may be. */
static size_t plan(const struct preview *preview, size_t n, struct band *band)
{
	const struct graphics *graphics = &preview->graphics;
	const unsigned rows =
	    graphics->rows > ROWS_KEPT ? graphics->rows - ROWS_KEPT : graphics->rows;
	size_t fits;

	*band =
	    (struct band){ .columns = preview->size.columns, .rows = preview->size.rows };
	if (band->columns == 0) {
		band->columns = n > 1 ? MANY_COLUMNS : graphics->columns;
		band->rows = n > 1 ? MANY_COLUMNS / 2 : rows;
	}
	if (band->columns > graphics->columns)
		band->columns = graphics->columns;
	fits = (graphics->columns + GAP) / (band->columns + GAP);
	if (fits > BAND_MAX)
		fits = BAND_MAX;
	return fits > 0 ? fits : 1;
}

int preview_show(struct preview *preview, const struct preview_file *files, size_t n)
{
	const char *labels[BAND_MAX];
	struct band band;
	const size_t fits = plan(preview, n, &band);
	const unsigned columns = band.columns, rows = band.rows;
	int status = 0, failed;

	for (size_t i = 0; i < n && !preview->app->out_errno;) {
		band.columns = columns;
		band.rows = rows;
		for (band.n = 0; i < n && band.n < fits; i++) {
			failed = load(preview, &files[i], &band, &band.pictures[band.n]);
			status = app_worse(status, failed);
			if (!failed)
				labels[band.n++] = files[i].label;
			if (failed == DQ_STORAGE) /* so it would be with each of them */
				i = n;
		}
		if (band.n > 0) {
			tighten(preview, &band);
			status = app_worse(status, draw(preview, &band));
			print_labels(preview, &band, labels);
		}
		for (size_t each = 0; each < band.n; each++)
			dq_picture_release(&band.pictures[each]);
	}
	return status;
}

void preview_show_stored(struct preview *preview, const struct dq_asset *asset)
{
	const struct preview_file file = {
		.path = asset->path,
		.label = asset->path,
		.sha256 = asset->sha256,
		.bytes = asset->bytes,
	};

	if (preview && asset->path)
		(void)preview_show(preview, &file, 1);
}
