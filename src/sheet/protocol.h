/*
 * protocol.h - what dreamq and its helper dreamq-sheet say to each other.
 *
 * The helper is started with a stream socket as its standard input, and the file that it
 * shall write as its standard output. It reads a struct sheet_request and `cells` times a
 * struct sheet_cell, each with its texts (UTF-8, no NUL) and its pixels (RGBA, not
 * multiplied by alpha) behind it; then it answers with a struct sheet_reply, and ends.
 * Both come from the same build and run on the same machine: numbers are as the machine
 * has them.
 */
#pragma once

#include <stdint.h>

enum {
	SHEET_MAGIC = 0x31535144, /* "DQS1" */
	SHEET_COLUMNS_MAX = 50,
	SHEET_CELL_MIN = 48, /* pixels */
	SHEET_CELL_MAX = 1024,
	SHEET_TEXT_MAX = 4096, /* bytes of one */
	SHEET_CELLS_MAX = 100000,
};

enum sheet_format { SHEET_PNG, SHEET_WEBP, SHEET_PDF, SHEET_FORMAT_COUNT };

struct sheet_request {
	uint32_t magic, format;
	uint32_t columns; /* 0: as many as look well */
	uint32_t cell; /* side of a picture in pixels; of a PDF the page decides */
	uint32_t cells; /* how many come */
};

enum sheet_text {
	SHEET_TITLE, /* one line: which file it is */
	SHEET_PROMPT, /* two lines */
	SHEET_ABOUT, /* one line: model, date */
	SHEET_INSTEAD, /* in the place of a picture, when there is none */
	SHEET_TEXT_COUNT,
};

struct sheet_cell {
	uint32_t width, height; /* of its picture; 0: it has none */
	uint32_t lengths[SHEET_TEXT_COUNT];
};

enum sheet_result {
	SHEET_DONE,
	SHEET_TOO_LARGE, /* for one picture of that format */
	SHEET_NO_MEMORY,
	SHEET_NOT_WRITTEN, /* `number` is errno */
	SHEET_BAD_REQUEST,
	SHEET_RESULT_COUNT,
};

struct sheet_reply {
	uint32_t magic, result;
	uint32_t number; /* errno */
	uint32_t pages;
	uint32_t unknown; /* characters for which no font has a glyph */
};
