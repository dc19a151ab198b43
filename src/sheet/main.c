/*
 * main.c - dreamq-sheet: a contact sheet of pictures that are decoded already, with texts
 * in any writing. dreamq starts it (protocol.h tells how they talk), nobody else does. It
 * reads no file of a stranger: of those dreamq-thumb has made the pixels that come in.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sheet/draw.h"
#include "sheet/paper.h"
#include "sheet/protocol.h"

struct sheet {
	struct sheet_request request;
	struct sheet_layout layout;
	struct paper paper;
	unsigned page;
	unsigned unknown;
};

static bool take(void *into, size_t length)
{
	char *at = into;

	while (length > 0) {
		const ssize_t n = read(STDIN_FILENO, at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		length -= (size_t)n;
	}
	return true;
}

/* All texts of a cell, each with its NUL, in one piece. */
static char *take_texts(const struct sheet_cell *cell, struct sheet_texts *ret_texts)
{
	char *bytes = calloc(SHEET_TEXT_COUNT, SHEET_TEXT_MAX + 1);

	for (int i = 0; bytes && i < SHEET_TEXT_COUNT; i++) {
		char *at = bytes + (size_t)i * (SHEET_TEXT_MAX + 1);

		if (cell->lengths[i] > SHEET_TEXT_MAX || !take(at, cell->lengths[i])) {
			free(bytes);
			return NULL;
		}
		ret_texts->of[i] = at;
	}
	return bytes;
}

static bool can_be(const struct sheet_cell *cell)
{
	return cell->width <= SHEET_CELL_MAX && cell->height <= SHEET_CELL_MAX &&
	    (cell->width == 0) == (cell->height == 0);
}

static enum sheet_result take_picture(
    const struct sheet_cell *cell, cairo_surface_t **ret_picture)
{
	const size_t length = (size_t)cell->width * cell->height * 4;
	uint8_t *rgba;

	*ret_picture = NULL;
	if (length == 0)
		return SHEET_DONE;
	rgba = malloc(length);
	if (!rgba)
		return SHEET_NO_MEMORY;
	if (!take(rgba, length)) {
		free(rgba);
		return SHEET_BAD_REQUEST;
	}
	*ret_picture = draw_surface(rgba, cell->width, cell->height);
	free(rgba);
	return *ret_picture ? SHEET_DONE : SHEET_NO_MEMORY;
}

static enum sheet_result take_cell(struct sheet *sheet, unsigned i)
{
	struct sheet_cell cell;
	struct sheet_texts texts;
	cairo_surface_t *picture;
	enum sheet_result result;
	unsigned page;
	double x, y;
	char *bytes;

	if (!take(&cell, sizeof(cell)) || !can_be(&cell))
		return SHEET_BAD_REQUEST;
	bytes = take_texts(&cell, &texts);
	if (!bytes)
		return SHEET_BAD_REQUEST;
	result = take_picture(&cell, &picture);
	if (!result) {
		sheet_place(&sheet->layout, i, &page, &x, &y);
		if (page != sheet->page)
			paper_next_page(&sheet->paper);
		sheet->page = page;
		sheet->unknown +=
		    draw_cell(sheet->paper.cairo, &sheet->layout, x, y, picture, &texts);
		cairo_surface_destroy(picture);
	}
	free(bytes);
	return result;
}

static enum sheet_result make(struct sheet *sheet)
{
	const struct sheet_request *request = &sheet->request;
	enum sheet_result result;

	if (!take(&sheet->request, sizeof(sheet->request)) ||
	    request->magic != SHEET_MAGIC || request->format >= SHEET_FORMAT_COUNT ||
	    request->columns > SHEET_COLUMNS_MAX || request->cell < SHEET_CELL_MIN ||
	    request->cell > SHEET_CELL_MAX || request->cells > SHEET_CELLS_MAX)
		return SHEET_BAD_REQUEST;
	result = sheet_lay_out(request, &sheet->layout);
	if (!result)
		result = paper_open(
		    &sheet->paper, (enum sheet_format)request->format, &sheet->layout);
	for (unsigned i = 0; !result && i < request->cells; i++)
		result = take_cell(sheet, i);
	return result ? result : paper_finish(&sheet->paper);
}

static bool is_socket(int fd)
{
	struct stat about;

	return fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode);
}

int main(void)
{
	static const char what[] =
	    "this helper is started by dreamq, and does nothing alone\n";
	struct sheet sheet = { 0 };
	struct sheet_reply reply = { .magic = SHEET_MAGIC };

	if (!is_socket(STDIN_FILENO)) {
		(void)!write(STDERR_FILENO, what, sizeof(what) - 1);
		return 2;
	}
	reply.result = make(&sheet);
	reply.number = (uint32_t)sheet.paper.number;
	reply.pages = sheet.layout.pages;
	reply.unknown = sheet.unknown;
	paper_release(&sheet.paper);
	return send(STDIN_FILENO, &reply, sizeof(reply), MSG_NOSIGNAL) ==
		(ssize_t)sizeof(reply)
	    ? 0
	    : 1;
}
