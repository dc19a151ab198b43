/*
 * table.h - aligned columns of text, two blanks between them. Widths are
 * those of a terminal, so Chinese lines up. The last column is not padded, unless it
 * stands on the right.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cli/term/style.h"

enum { TABLE_COLUMNS_MAX = 24, TABLE_MEMORY_MAX = 1024 * 1024 * 1024 };

struct cell {
	const char *text; /* NULL is "" */
	enum tone tone;
};

struct table {
	size_t n_columns;
	size_t width[TABLE_COLUMNS_MAX]; /* may be preset by who prints row by row */
	bool is_right[TABLE_COLUMNS_MAX]; /* numbers, say; set by the owner */
	struct arena arena;
	struct cell *cells; /* n_rows * n_columns */
	size_t n_rows, room;
};

struct table table_make(size_t n_columns);
void table_release(struct table *table);

/* Append a row (texts are copied); false: no memory. */
bool table_add(struct table *table, const struct cell *row);
/* Make the columns wide enough for this row; table_add() does it, too. */
void table_measure(struct table *table, const struct cell *row);
/*
 * Formats one line without its newline; a column that is empty in every row is left out.
 * With `columns` other than 0 the last cell is cut to stay within so many.
 */
void table_format(const struct table *table, const struct cell *row, struct style style,
    size_t columns, struct buf *into);
/* Cut the texts of a column of ASCII to `length` bytes; 0 takes the column away. */
void table_cut(struct table *table, size_t column, size_t length);
static inline const struct cell *table_row(const struct table *table, size_t row)
{
	return table->cells + row * table->n_columns;
}
