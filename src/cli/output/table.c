#include "cli/output/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/text.h"

enum { GAP = 2 };

struct table table_make(size_t n_columns)
{
	return (struct table){ .n_columns = n_columns,
		.arena = arena_make(TABLE_MEMORY_MAX) };
}

void table_release(struct table *table)
{
	arena_release(&table->arena);
	free(table->cells);
	*table = (struct table){ 0 };
}

void table_measure(struct table *table, const struct cell *row)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		size_t width = row[i].text ? text_width(row[i].text) : 0;

		if (width > table->width[i])
			table->width[i] = width;
	}
}

static bool grow(struct table *table)
{
	return array_reserve(&table->cells, &table->room, table->n_rows + 1,
	    table->n_columns * sizeof(*table->cells));
}

bool table_add(struct table *table, const struct cell *row)
{
	struct cell *cells;

	if (!grow(table))
		return false;
	cells = table->cells + table->n_rows * table->n_columns;
	for (size_t i = 0; i < table->n_columns; i++) {
		cells[i] = row[i];
		cells[i].text = arena_strdup(&table->arena, row[i].text);
		if (row[i].text && !cells[i].text)
			return false;
	}
	table_measure(table, row);
	table->n_rows++;
	return true;
}

static void add_cell(struct buf *into, const struct cell *cell, size_t pad_to,
    bool is_right, struct style style)
{
	const char *text = cell->text ? cell->text : "";
	const size_t width = text_width(text);
	const int pad = width < pad_to ? (int)(pad_to - width) : 0;

	buf_addf(into, "%*s%s%s%s%*s", is_right ? pad : 0, "",
	    style_on(style, cell->tone), text, style_off(style, cell->tone),
	    is_right ? 0 : pad, "");
}

void table_format(const struct table *table, const struct cell *row, struct style style,
    size_t columns, struct buf *into)
{
	size_t last = table->n_columns - 1;
	size_t used = 0;
	struct cell end = row[last];
	_cleanup_free_ char *cut = NULL;

	while (last > 0 && (!row[last].text || !*row[last].text))
		end = row[--last];
	for (size_t i = 0; i < last; i++) {
		if (table->width[i] == 0)
			continue;
		add_cell(into, &row[i], table->width[i], table->is_right[i], style);
		buf_addf(into, "%*s", GAP, "");
		used += table->width[i] + GAP;
	}
	if (columns > used && end.text && last == table->n_columns - 1 &&
	    !table->is_right[last]) {
		cut = text_fit(end.text, columns - used);
		end.text = cut ? cut : end.text;
	}
	add_cell(into, &end, table->is_right[last] ? table->width[last] : 0,
	    table->is_right[last], style);
}

void table_cut(struct table *table, size_t column, size_t length)
{
	for (size_t i = 0; i < table->n_rows; i++) {
		struct cell *cell = &table->cells[i * table->n_columns + column];
		const char *cut = length == 0 ? ""
					      : arena_strndup(&table->arena, cell->text,
						    strnlen(cell->text, length));

		cell->text = cut ? cut : cell->text;
	}
	table->width[column] =
	    length < table->width[column] ? length : table->width[column];
}
