/*
 * idtext.h - task ids out of what people and programs paste: plain, in quotes, in a list,
 * a row of `list`, a line of --json, a path of ours, an address. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Who gets the ids; what it returns ends the search, unless that is ERR_OK. */
struct idtext_taker {
	enum err_kind (*take)(void *payload, const char *id, struct err *err);
	void *payload;
};

/*
 * Does it look like an id that the service or its command line has made: a UUID, 16
 * hexadecimal digits, or a number of 8 to 20? (Another valid one may be somebody's own.)
 */
bool idtext_looks_like_id(const char *text);

/*
 * The ids of one line, which is changed on the way; *ret_n of them were taken.
 * In this order: the line itself, quotes and commas around it aside; a list with commas,
 * all of whose parts are ids; the first UUID of a row whose columns are two blanks apart,
 * or else its first column, if it has a kind; the parameter submit_id, history_id or the
 * like of an address; all the UUIDs there are; a file's name as we make them, "ID_0.png".
 */
enum err_kind idtext_line(
    char *line, const struct idtext_taker *taker, size_t *ret_n, struct err *err);

/*
 * The id that an address has as a parameter ("submit_id", "historyId" ...); it may have
 * none, and the UUIDs in it are not looked at.
 */
enum err_kind idtext_address(
    const char *address, const struct idtext_taker *taker, struct err *err);

/* The length of the JSON object that the text begins with; 0: it has no end. */
size_t idtext_object(const char *text, size_t len);

/*
 * A table with a heading, as `export` makes it, of which one column counts: the one that
 * says best that it has ids ("submit_id", "history_record_id", "history_id", "task_id",
 * "id", in this order, however they are written).
 * idtext_table() reads the heading at *at and moves *at behind it; false when it is none.
 * idtext_row() does the same with a row: *ret_id is malloc'ed, "" without that column;
 * false at the end, or without memory.
 */
struct idtext_table {
	char separator;
	size_t column;
};
bool idtext_table(
    const char *text, size_t len, size_t *at, struct idtext_table *ret_table);
bool idtext_row(const struct idtext_table *table, const char *text, size_t len,
    size_t *at, char **ret_id);
