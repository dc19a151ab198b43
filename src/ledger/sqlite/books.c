#include "ledger/sqlite/books.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"

static const char *const suffixes[BOOKS_FILES] = { "", "-wal", "-shm" };

/* --- the files -------------------------------------------------------------------- */

static bool look_at(const char *path, const char *suffix, struct stat *ret_st)
{
	char name[4096 + 8];
	const int len = snprintf(name, sizeof(name), "%s%s", path, suffix);

	return len > 0 && (size_t)len < sizeof(name) && !stat(name, ret_st);
}

static void note_files(struct books *books)
{
	struct stat st;

	for (size_t i = 0; i < BOOKS_FILES; i++) {
		if (!look_at(books->sql->path, suffixes[i], &st))
			continue;
		books->files[i].is_known = true;
		books->files[i].dev = st.st_dev;
		books->files[i].ino = st.st_ino;
	}
}

static enum err_kind check_files(const struct books *books, struct err *err)
{
	struct stat st;

	for (size_t i = 0; i < BOOKS_FILES; i++) {
		if (!books->files[i].is_known)
			continue;
		if (look_at(books->sql->path, suffixes[i], &st) &&
		    st.st_dev == books->files[i].dev && st.st_ino == books->files[i].ino)
			continue;
		return err_set(err, ERR_LEDGER,
		    "the ledger's file '%s%s' was removed or replaced while it was in "
		    "use, and nothing more is written: end every dreamq, then run "
		    "'dreamq ledger check'",
		    books->sql->path, suffixes[i]);
	}
	return ERR_OK;
}

/* --- looking on ------------------------------------------------------------------- */

static enum err_kind on_begin(void *payload, enum sql_purpose purpose, struct err *err)
{
	struct books *books = payload;

	if (check_files(books, err))
		return err->kind;
	return purpose == SQL_DURABLE ? mark_prepare(&books->mark, books->sql->path, err)
				      : ERR_OK;
}

static enum err_kind read_now(struct books *books, struct err *err)
{
	static const char text[] = "SELECT generation, tasks FROM books";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (sql_query(books->sql, text, &query, err) || query_step(&query, &has_row, err))
		return err->kind;
	if (!has_row)
		return sql_fail(books->sql, SQLITE_CORRUPT, err);
	books->generation = sqlite3_column_int64(query.stmt, 0);
	books->tasks = sqlite3_column_int64(query.stmt, 1);
	return ERR_OK;
}

static enum err_kind before_commit(
    void *payload, enum sql_purpose purpose, struct err *err)
{
	static const char text[] = "UPDATE books SET generation = generation + 1";
	struct books *books = payload;
	_cleanup_(query_done) struct query query = { 0 };

	if (purpose == SQL_DURABLE &&
	    (sql_query(books->sql, text, &query, err) || query_run(&query, err)))
		return err->kind;
	return read_now(books, err);
}

static struct mark mark_of(const struct books *books, bool is_durable)
{
	struct mark mark = { .latest = books->generation,
		.durable = is_durable ? books->generation : 0,
		.tasks = books->tasks };

	memcpy(mark.name, books->name, sizeof(mark.name));
	return mark;
}

static enum err_kind after_commit(
    void *payload, enum sql_purpose purpose, struct err *err)
{
	struct books *books = payload;
	const struct mark mark = mark_of(books, purpose == SQL_DURABLE);

	/* What is behind its mark stays so, whatever it does from now on. */
	if (!books->doubt.kind && books->generation > books->marked) {
		mark_write(&books->mark, books->sql->path, &mark, false);
		books->marked = books->generation;
	}
	return purpose == SQL_DURABLE ? check_files(books, err) : ERR_OK;
}

/* --- comparing -------------------------------------------------------------------- */

/*
 * A page that can't be read for want of memory, or for the disk's trouble, is no damage,
 * and sqlite has the number of that in its words only. SQLITE_OK: it is none of these.
 */
static int trouble_of_reading(const char *words)
{
	static const char mark[] = "error code=";
	const char *at = strstr(words, mark);
	const long rc = at ? strtol(at + sizeof(mark) - 1, NULL, 10) : SQLITE_OK;

	return (rc & 0xff) == SQLITE_CORRUPT ? SQLITE_OK : (int)rc;
}

/* Sqlite puts a line above some of its words: which of the open files they are of. */
static const char *behind_heading(const char *words)
{
	const char *line = strchr(words, '\n');

	return !strncmp(words, "***", 3) && line && line[1] ? line + 1 : words;
}

/* Writes the first trouble in words, or "". */
static enum err_kind check_pages(
    struct sql *sql, struct books_counts *counts, struct err *err)
{
	_cleanup_(query_done) struct query query = { 0 };
	const char *words;
	bool has_row = false;

	if (sql_query_once(sql, "PRAGMA integrity_check(1)", &query, err) ||
	    query_step(&query, &has_row, err))
		return err->kind;
	words = has_row ? (const char *)sqlite3_column_text(query.stmt, 0) : NULL;
	if (!words)
		return sql_fail(sql, SQLITE_NOMEM, err);
	if (trouble_of_reading(words))
		return sql_fail(sql, trouble_of_reading(words), err);
	if (strcmp(words, "ok") != 0)
		(void)text_copy(
		    behind_heading(words), counts->trouble, sizeof(counts->trouble));
	return ERR_OK;
}

/*
 * Not the CHECKs of the tables, which take two thirds of the time: what they forbid is
 * looked for where a row is read (row.c).
 */
static enum err_kind check_quickly(
    struct sql *sql, struct books_counts *counts, struct err *err)
{
	static const char off[] = "PRAGMA ignore_check_constraints=ON";
	static const char on[] = "PRAGMA ignore_check_constraints=OFF";

	if (sql_exec(sql, off, err) || check_pages(sql, counts, err))
		return err->kind;
	return sql_exec(sql, on, err);
}

static enum err_kind read_books(
    struct sql *sql, struct books_counts *counts, struct err *err)
{
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (sql_query_once(
		sql, "SELECT generation, tasks, keys, assets FROM books", &query, err) ||
	    query_step(&query, &has_row, err))
		return err->kind;
	if (!has_row) {
		(void)snprintf(
		    counts->trouble, sizeof(counts->trouble), "the books are empty");
		return ERR_OK;
	}
	counts->generation = sqlite3_column_int64(query.stmt, 0);
	counts->tasks = sqlite3_column_int64(query.stmt, 1);
	counts->keys = sqlite3_column_int64(query.stmt, 2);
	counts->assets = sqlite3_column_int64(query.stmt, 3);
	return ERR_OK;
}

/* Of a large ledger the assets are not counted: they have no index that is smaller. */
static enum err_kind count_rows(
    struct sql *sql, bool whole, struct books_counts *counts, struct err *err)
{
	int64_t n_lookup = 0;

	if (sql_number(sql, "SELECT count(*) FROM tasks INDEXED BY tasks_past",
		&counts->has_tasks, err) ||
	    sql_number(sql,
		"SELECT count(*) FROM tasks INDEXED BY tasks_key "
		"WHERE idempotency_key IS NOT NULL",
		&counts->has_keys, err) ||
	    sql_number(sql, "SELECT count(*) FROM keys", &n_lookup, err))
		return err->kind;
	if (n_lookup < counts->has_keys)
		counts->has_keys = n_lookup;
	counts->has_assets = counts->assets;
	return whole
	    ? sql_number(sql, "SELECT count(*) FROM assets", &counts->has_assets, err)
	    : ERR_OK;
}

static enum err_kind count_all(
    struct sql *sql, bool whole, struct books_counts *counts, struct err *err)
{
	int64_t n_pages = 0;
	bool is_small;

	if (sql_number(sql, "PRAGMA page_count", &n_pages, err))
		return err->kind;
	is_small = n_pages <= BOOKS_WHOLE_PAGES;
	if (whole ? check_pages(sql, counts, err)
		  : is_small && check_quickly(sql, counts, err))
		return err->kind;
	if (counts->trouble[0])
		return ERR_OK;
	return read_books(sql, counts, err)
	    ? err->kind
	    : count_rows(sql, whole || is_small, counts, err);
}

enum err_kind books_count(
    struct sql *sql, bool whole, struct books_counts *ret_counts, struct err *err)
{
	struct books_counts counts = { .generation = 0 };

	if (sql_begin(sql, SQL_READ, err) ||
	    sql_end(sql, count_all(sql, whole, &counts, err), err))
		return err->kind;
	*ret_counts = counts;
	return ERR_OK;
}

enum err_kind books_check_pages(
    struct sql *sql, struct books_counts *ret_counts, struct err *err)
{
	struct books_counts counts = { .generation = 0 };

	if (sql_begin(sql, SQL_READ, err) ||
	    sql_end(sql, check_pages(sql, &counts, err), err))
		return err->kind;
	*ret_counts = counts;
	return ERR_OK;
}

bool books_agree(const struct books_counts *counts)
{
	return !counts->trouble[0] && counts->tasks == counts->has_tasks &&
	    counts->keys == counts->has_keys && counts->assets == counts->has_assets;
}

enum err_kind books_refuse(
    const struct sql *sql, const struct books_counts *counts, struct err *err)
{
	if (counts->trouble[0])
		return err_set(err, ERR_LEDGER,
		    "the ledger '%s' is damaged, and left as it is ('%s'): 'dreamq "
		    "ledger "
		    "recover' saves what can be read",
		    sql->path, counts->trouble);
	return err_set(err, ERR_LEDGER,
	    "the ledger '%s' is damaged, and left as it is (%lld of %lld tasks, %lld of "
	    "%lld keys are there): 'dreamq ledger recover' saves what can be read",
	    sql->path, (long long)counts->has_tasks, (long long)counts->tasks,
	    (long long)counts->has_keys, (long long)counts->keys);
}

/* --- against the mark ------------------------------------------------------------- */

static void doubt(struct books *books, const struct mark *mark)
{
	const long long missing = (long long)(mark->tasks - books->tasks);
	const char *path = books->sql->path;

	if (strcmp(mark->name, books->name) != 0)
		err_set(&books->doubt, ERR_LEDGER,
		    "'%s' is another ledger than the one that was here, which had %lld "
		    "tasks",
		    path, (long long)mark->tasks);
	else if (missing > 0)
		err_set(&books->doubt, ERR_LEDGER,
		    "the ledger '%s' lacks what was written last, about %lld of %lld "
		    "tasks: its log was lost, or an old copy took its place",
		    path, missing, (long long)mark->tasks);
	else
		err_set(&books->doubt, ERR_LEDGER,
		    "the ledger '%s' lacks what was written last: its log was lost, or "
		    "an old copy took its place",
		    path);
}

static void compare(struct books *books, const struct mark *mark)
{
	const int64_t generation = books->generation;

	if (!mark->name[0])
		return;
	if (strcmp(mark->name, books->name) != 0) {
		if (mark->tasks > 0)
			doubt(books, mark);
		return;
	}
	if (mark->is_behind || generation < mark->durable ||
	    (generation < mark->latest && mark_is_of_this_boot(mark)))
		doubt(books, mark);
}

/* So that it is found again, even when the ledger has grown past its mark. */
static void keep_doubt(struct books *books)
{
	struct mark behind = { .is_behind = true };

	memcpy(behind.name, books->name, sizeof(behind.name));
	mark_write(&books->mark, books->sql->path, &behind, false);
}

static enum err_kind read_name(struct books *books, struct err *err)
{
	_cleanup_(query_done) struct query query = { 0 };
	const char *name = NULL;
	bool has_row = false;

	if (sql_query_once(books->sql, "SELECT name FROM books", &query, err) ||
	    query_step(&query, &has_row, err))
		return err->kind;
	if (has_row)
		name = (const char *)sqlite3_column_text(query.stmt, 0);
	if (!name || strlen(name) != MARK_NAME_MAX ||
	    strspn(name, "0123456789ABCDEF") != MARK_NAME_MAX)
		return sql_fail(books->sql, SQLITE_CORRUPT, err);
	memcpy(books->name, name, MARK_NAME_MAX + 1);
	return ERR_OK;
}

enum err_kind books_find_doubt(struct sql *sql, const struct books_counts *counts,
    const struct mark *before, struct err *ret_doubt, struct err *err)
{
	struct books books = {
		.sql = sql, .generation = counts->generation, .tasks = counts->tasks
	};

	if (read_name(&books, err))
		return err->kind;
	compare(&books, before);
	*ret_doubt = books.doubt;
	return ERR_OK;
}

enum err_kind books_open(
    struct books *books, struct sql *sql, const struct mark *before, struct err *err)
{
	struct books_counts counts = { .generation = 0 };

	*books = (struct books){ .sql = sql, .mark = mark_file_make() };
	books->guard = (struct sql_guard){ on_begin, before_commit, after_commit, books };
	if (books_count(sql, false, &counts, err))
		return err->kind;
	if (!books_agree(&counts))
		return books_refuse(sql, &counts, err);
	if (read_name(books, err))
		return err->kind;
	books->generation = counts.generation;
	books->tasks = counts.tasks;
	compare(books, before);
	if (books->doubt.kind)
		keep_doubt(books);
	note_files(books);
	sql->guard = &books->guard;
	return ERR_OK;
}

void books_release(struct books *books)
{
	if (books->sql)
		books->sql->guard = NULL;
	mark_file_release(&books->mark);
}

enum err_kind books_may_pay(const struct books *books, struct err *err)
{
	if (!books->doubt.kind)
		return ERR_OK;
	*err = books->doubt;
	return err_more(err,
	    ". What was sent may be missing in it, so nothing is submitted: put the "
	    "ledger back, or say 'dreamq ledger accept'");
}

enum err_kind books_accept(struct books *books, struct err *err)
{
	const struct mark mark = mark_of(books, true);

	if (mark_prepare(&books->mark, books->sql->path, err))
		return err->kind;
	mark_write(&books->mark, books->sql->path, &mark, true);
	books->marked = books->generation;
	books->doubt = (struct err){ .kind = ERR_OK };
	return ERR_OK;
}
