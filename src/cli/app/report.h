/*
 * report.h - tasks as rows of a table and as pages, for people.
 */
#pragma once

#include <stddef.h>

#include "cli/app/app.h"
#include "cli/output/table.h"

/* Of the terminal that stdout is, or its pager; 0: it is none, and nothing is cut. */
size_t report_columns(const struct app *app);
/* Its state as a list has it: "incomplete" when it has succeeded, and files are missing.
 */
const char *report_state(const struct dq_task *task, enum tone *ret_tone);
/* Adds "2/4": stored, and expected as far as that is known. */
void report_add_files(struct buf *into, const struct dq_task *task);
/* Sets the width that the ids need, known before the first row is printed. */
size_t report_id_columns(const char *const *ids, size_t n);
/* Prints id, kind, state, files, note: one row at once, on stdout. */
void report_row(struct app *app, const struct dq_task *task, size_t id_columns);

/*
 * Adds id, kind, state, files, when, profile, prompt: for list. The profile is empty
 * without `shows_profile`. False: no memory.
 */
bool report_add_entry(
    struct table *table, const struct dq_task *task, bool shows_profile);
enum { REPORT_ENTRY_COLUMNS = 8 };
/*
 * Make such rows fit a terminal of so many columns (0: it is none): ids are cut as far as
 * they stay different, and what matters least goes, so that the prompt has room.
 */
void report_narrow(struct table *table, size_t columns);

/* Prints a row of a table as a line on stdout. */
void report_print_row(struct app *app, const struct table *table, const struct cell *row);
/* Prints the links of a task, one a line below its row. */
void report_links(struct app *app, const struct dq_task *task);
/* Prints everything about a task. */
void report_page(struct app *app, const struct dq_task *task);
