/*
 * sheet.c - the client of dreamq-sheet: what goes there, and what comes of it.
 */
#include "dreamq/sheet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "pictures/helper.h"
#include "pictures/refuse.h"
#include "sheet/protocol.h"

enum {
	CELL_USUAL = 240,
	PROMPT_MAX = 1000, /* bytes: more than two lines have */
	PATIENCE_S = 300, /* for it to write a large one */
};

struct dq_sheet {
	struct helper helper;
	bool is_broken; /* it takes no more, and its answer says why */
};

static const char *const formats[SHEET_FORMAT_COUNT] = {
	[SHEET_PNG] = "png",
	[SHEET_WEBP] = "webp",
	[SHEET_PDF] = "pdf",
};

static enum sheet_format format_of(const char *name)
{
	enum sheet_format format = SHEET_PNG;

	while (
	    format < SHEET_FORMAT_COUNT && (!name || strcmp(formats[format], name) != 0))
		format++;
	return format;
}

static enum err_kind make_request(const struct dq_sheet_options *options,
    struct sheet_request *ret_request, struct err *err)
{
	const enum sheet_format format = format_of(options->format);
	const unsigned cell = options->cell_pixels ? options->cell_pixels : CELL_USUAL;

	if (format == SHEET_FORMAT_COUNT)
		return err_set(err, ERR_USAGE,
		    "a sheet can be 'png', 'webp' or 'pdf', and not '%s'",
		    options->format ? options->format : "");
	if (cell < SHEET_CELL_MIN || cell > SHEET_CELL_MAX)
		return err_set(err, ERR_USAGE,
		    "a place on a sheet has %d to %d pixels a side, and not %u",
		    SHEET_CELL_MIN, SHEET_CELL_MAX, cell);
	if (options->across > SHEET_COLUMNS_MAX)
		return err_set(err, ERR_USAGE,
		    "at most %d pictures stand side by side, not %u", SHEET_COLUMNS_MAX,
		    options->across);
	if (options->cells > SHEET_CELLS_MAX)
		return err_set(err, ERR_USAGE, "a sheet has at most %d pictures, not %zu",
		    SHEET_CELLS_MAX, options->cells);
	*ret_request = (struct sheet_request){
		.magic = SHEET_MAGIC,
		.format = format,
		.columns = options->across,
		.cell = cell,
		.cells = (uint32_t)options->cells,
	};
	return ERR_OK;
}

static void put(struct dq_sheet *sheet, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0 && !sheet->is_broken) {
		const ssize_t n = send(sheet->helper.fd, at, length, MSG_NOSIGNAL);

		if (n > 0) {
			at += n;
			length -= (size_t)n;
		} else if (errno != EINTR) {
			sheet->is_broken = true;
		}
	}
}

static void set_patience(int fd)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

enum dq_status dq_sheet_begin(const struct dq_sheet_options *given,
    struct dq_sheet **ret_sheet, struct dq_error *ret_error)
{
	struct dq_sheet_options options = { .size_bytes = sizeof(options) };
	struct sheet_request request;
	struct dq_sheet *sheet;
	struct err err;

	memcpy(&options, given,
	    given->size_bytes < sizeof(options) ? given->size_bytes : sizeof(options));
	if (make_request(&options, &request, &err))
		return refuse_with(&err, DQ_USAGE, ret_error);
	sheet = calloc(1, sizeof(*sheet));
	if (!sheet) {
		err_set(&err, ERR_NOMEM, "out of memory");
		return refuse_with(&err, DQ_STORAGE, ret_error);
	}
	sheet->helper.kind = HELPER_SHEET;
	if (helper_start(&sheet->helper, options.fd, &err)) {
		free(sheet);
		return refuse_with(&err, DQ_STORAGE, ret_error);
	}
	set_patience(sheet->helper.fd);
	put(sheet, &request, sizeof(request));
	*ret_sheet = sheet;
	return DQ_OK;
}

/* One line, without what could steer its layout, and no longer than it can be shown. */
static void add_text(struct buf *into, const char *text)
{
	char *copy = strdup(text ? text : "");
	size_t kept = 0, length = copy ? strlen(copy) : 0;

	for (size_t i = 0; i < length; i++)
		if (copy[i] == '\n' || copy[i] == '\r' || copy[i] == '\t')
			copy[i] = ' ';
	if (copy) {
		text_make_printable(copy);
		length = strlen(copy);
	}
	while (kept < length) {
		const size_t next = text_char_len(copy + kept, length - kept);

		if (next == 0 || kept + next > PROMPT_MAX)
			break;
		kept += next;
	}
	if (kept > 0)
		buf_add(into, copy, kept);
	free(copy);
}

void dq_sheet_add(struct dq_sheet *sheet, const struct dq_sheet_cell *given)
{
	struct dq_sheet_cell cell = { .size_bytes = sizeof(cell) };
	_cleanup_(buf_release) struct buf texts =
	    buf_make((size_t)SHEET_TEXT_COUNT * PROMPT_MAX);
	struct sheet_cell head = { 0 };

	memcpy(&cell, given,
	    given->size_bytes < sizeof(cell) ? given->size_bytes : sizeof(cell));
	const char *const all[SHEET_TEXT_COUNT] = {
		[SHEET_TITLE] = cell.title,
		[SHEET_PROMPT] = cell.prompt,
		[SHEET_ABOUT] = cell.about,
		[SHEET_INSTEAD] = cell.instead,
	};

	for (int i = 0; i < SHEET_TEXT_COUNT; i++) {
		const size_t before = texts.len;

		add_text(&texts, all[i]);
		head.lengths[i] = (uint32_t)(texts.len - before);
	}
	if (cell.picture) {
		head.width = cell.picture->width;
		head.height = cell.picture->height;
	}
	put(sheet, &head, sizeof(head));
	put(sheet, texts.data, texts.len);
	if (cell.picture)
		put(sheet, cell.picture->bytes, cell.picture->length);
}

static enum dq_status judge(const struct sheet_reply *reply, struct dq_error *to)
{
	struct err err;

	switch (reply->result) {
	case SHEET_DONE:
		return DQ_OK;
	case SHEET_TOO_LARGE:
		err_set(&err, ERR_USAGE,
		    "that many pictures of that size do not fit on one; write a '.pdf', "
		    "or "
		    "take fewer or smaller ones");
		return refuse_with(&err, DQ_USAGE, to);
	case SHEET_NO_MEMORY:
		err_set(&err, ERR_NOMEM, "out of memory for the sheet");
		return refuse_with(&err, DQ_STORAGE, to);
	case SHEET_NOT_WRITTEN:
		errno = (int)reply->number;
		err_errno(&err, ERR_IO, "cannot write the sheet");
		return refuse_with(&err, DQ_STORAGE, to);
	default:
		err_set(&err, ERR_IO, "'%s' is of another version than dreamq",
		    helper_name(HELPER_SHEET));
		return refuse_with(&err, DQ_STORAGE, to);
	}
}

enum dq_status dq_sheet_end(
    struct dq_sheet *sheet, struct dq_sheet_made *ret_made, struct dq_error *ret_error)
{
	struct sheet_reply reply = { 0 };
	struct err err;
	ssize_t got;

	do {
		got = recv(sheet->helper.fd, &reply, sizeof(reply), MSG_WAITALL);
	} while (got < 0 && errno == EINTR);
	(void)helper_stop(&sheet->helper);
	free(sheet);
	if (got != (ssize_t)sizeof(reply) || reply.magic != SHEET_MAGIC) {
		err_set(&err, ERR_IO, "'%s' has died of the sheet",
		    helper_name(HELPER_SHEET));
		return refuse_with(&err, DQ_STORAGE, ret_error);
	}
	if (ret_made)
		*ret_made = (struct dq_sheet_made){ .pages = reply.pages,
			.unknown = reply.unknown };
	return judge(&reply, ret_error);
}

void dq_sheet_cancel(struct dq_sheet *sheet)
{
	if (!sheet)
		return;
	(void)helper_stop(&sheet->helper);
	free(sheet);
}
