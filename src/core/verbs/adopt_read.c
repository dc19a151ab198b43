/*
 * adopt_read.c - a source of tasks: what form has it, and where are they in it?
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/say.h"
#include "base/text.h"
#include "core/verbs/adopt_impl.h"
#include "core/verbs/idcurl.h"
#include "core/verbs/idjson.h"
#include "core/verbs/ids_impl.h"
#include "core/verbs/idtext.h"
#include "ledger/foreign/foreign.h"
#include "model/taskid.h"

enum {
	HEAD_BYTES = 64 << 10,
	NAMED_MAX = 300, /* of the source's name */
};

/* The source: its beginning, which was looked at, then the rest of it. */
struct stream {
	const struct adoption *adoption;
	char *head; /* HEAD_BYTES */
	size_t len, at;
	bool is_end;
	struct err err; /* why it can't be read */
};

static void stream_release(struct stream *stream)
{
	/* It may have a cookie in it. */
	if (stream->head)
		explicit_bzero(stream->head, HEAD_BYTES);
	free(stream->head);
}

static int stream_read(void *payload, char *into, size_t room, size_t *ret_n)
{
	struct stream *stream = payload;
	const struct dq_adopt_source *source = &stream->adoption->source;
	const size_t left = stream->len - stream->at;

	if (session_is_to_end(stream->adoption->dq)) {
		err_set(&stream->err, ERR_CANCELLED, "interrupted");
		return 1;
	}
	*ret_n = left < room ? left : room;
	if (left > 0) {
		memcpy(into, stream->head + stream->at, *ret_n);
		stream->at += *ret_n;
		return 0;
	}
	if (stream->is_end || !source->read(source->payload, into, room, ret_n))
		return 0;
	err_set(&stream->err, ERR_IO, "'%.*s' can't be read", NAMED_MAX, source->name);
	return 1;
}

static enum err_kind stream_fail(const struct stream *stream, struct err *err)
{
	*err = stream->err;
	return err->kind;
}

static enum err_kind stream_open(struct stream *stream, struct err *err)
{
	const struct dq_adopt_source *source = &stream->adoption->source;
	size_t n;

	stream->head = malloc(HEAD_BYTES);
	if (!stream->head)
		return err_set(err, ERR_NOMEM, "out of memory");
	while (stream->len < HEAD_BYTES && !stream->is_end) {
		if (source->read(source->payload, stream->head + stream->len,
			HEAD_BYTES - stream->len, &n))
			return err_set(
			    err, ERR_IO, "'%.*s' can't be read", NAMED_MAX, source->name);
		stream->len += n;
		stream->is_end = n == 0;
	}
	return ERR_OK;
}

/* A text turns out to be a table with its first row. */
static void note_table(struct adoption *a, const char *unit)
{
	if (!strcmp(unit, "row") && !strcmp(a->counts.form, "text"))
		a->counts.form = "table";
}

/* --- telling ----------------------------------------------------------------- */

static enum err_kind skip(
    struct adoption *a, const char *unit, size_t number, const struct err *why)
{
	struct dq_skipped skipped = { .source = a->source.name,
		.unit = unit,
		.number = number,
		.text = why->msg,
		.shown = err_shown(why) };

	note_table(a, unit);
	skipped.form = a->counts.form;
	a->counts.skipped++;
	if (a->given.on_skipped)
		a->given.on_skipped(a->given.payload, &skipped);
	return ERR_OK;
}

/* --- what readers tell ------------------------------------------------------- */

static enum err_kind take(void *payload, const struct idjson_task *task, struct err *err)
{
	struct adoption *a = payload;
	size_t entries, ours;
	struct err why;

	a->n_told++;
	if (task->state && !strcmp(task->state, "empty")) {
		(void)err_set(&why, ERR_USAGE,
		    "'%s' was never submitted (its state is 'empty')",
		    task->submit_id ? task->submit_id : task->history_id);
		return skip(a, a->unit, task->number, &why);
	}
	a->finds.is_pending = a->json && idjson_is_har(a->json, &entries, &ours);
	if (a->finds.is_pending) {
		a->unit = N_("entry");
		a->counts.form = "har";
	}
	return finds_add(&a->finds, task, a->unit, err);
}

static enum err_kind take_id(
    struct adoption *a, const char *id, const char *unit, size_t number, struct err *err)
{
	const bool is_history = taskid_is_history(id);
	const struct idjson_task task = { .submit_id = is_history ? NULL : id,
		.history_id = is_history ? id : NULL,
		.credits = -1,
		.number = number };

	note_table(a, unit);
	return finds_add(&a->finds, &task, unit, err);
}

static enum err_kind pass_over_text(
    void *payload, const char *text, const char *unit, size_t number, struct err *err)
{
	struct err why;

	(void)err;
	ids_explain(text, &why);
	return skip(payload, unit, number, &why);
}

/* Any word of prose may be an id; so one without a name has to look like it. */
static enum err_kind take_line(
    void *payload, const char *id, const char *unit, size_t number, struct err *err)
{
	struct adoption *a = payload;
	struct err why;

	if (strcmp(unit, "line") != 0 || idtext_looks_like_id(id))
		return take_id(a, id, unit, number, err);
	(void)err_set(&why, ERR_USAGE,
	    "'%s' does not look like an id of the service (a UUID, 16 hexadecimal "
	    "digits, a number of 8 to 20 digits)",
	    id);
	return skip(a, unit, number, &why);
}

static enum err_kind pass_over(void *payload, size_t number, struct err *err)
{
	const struct adoption *a = payload;

	return pass_over_text(payload, "", a->unit, number, err);
}

struct element {
	struct adoption *adoption;
	size_t number;
};

static enum err_kind take_of_element(void *payload, const char *id, struct err *err)
{
	const struct element *element = payload;

	return take_id(
	    element->adoption, id, element->adoption->unit, element->number, err);
}

static enum err_kind take_text(
    void *payload, const char *text, size_t number, struct err *err)
{
	struct element element = { payload, number };
	const struct idtext_taker taker = { take_of_element, &element };
	_cleanup_free_ char *copy = strdup(text);
	size_t n = 0;

	if (!copy)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (idtext_line(copy, &taker, &n, err))
		return err->kind;
	return n > 0 ? ERR_OK
		     : pass_over_text(payload, text, element.adoption->unit, number, err);
}

static void settle(void *payload, bool is_ours)
{
	struct adoption *a = payload;

	finds_settle(&a->finds, is_ours);
}

/* --- forms ------------------------------------------------------------------- */

static enum err_kind read_json(struct adoption *a, const struct idjson_taker *taker,
    struct stream *stream, struct err *err)
{
	_cleanup_free_ char *piece = malloc(IDS_PIECE);
	size_t n = 1;
	enum err_kind kind = ERR_OK;

	a->json = idjson_new(taker);
	if (!piece || !a->json)
		return err_set(err, ERR_NOMEM, "out of memory");
	while (!kind && n > 0) {
		if (stream_read(stream, piece, IDS_PIECE, &n))
			kind = stream_fail(stream, err);
		else if (n > 0)
			kind = idjson_add(a->json, piece, n, err);
	}
	if (!kind)
		kind = idjson_end(a->json, err);
	else
		settle(a, false);
	explicit_bzero(piece, IDS_PIECE);
	if (kind != ERR_CONTRACT)
		return kind;
	(void)err_note(err, "'%.*s' is cut, or no JSON", NAMED_MAX, a->source.name);
	return err->kind = ERR_USAGE;
}

static enum err_kind read_curl(struct adoption *a, const struct idjson_taker *taker,
    struct stream *stream, struct err *err)
{
	_cleanup_(buf_release) struct buf text = buf_make(IDS_TEXT_MAX);
	char piece[4096];
	enum err_kind kind;
	size_t n = 1;

	while (n > 0 && !buf_failed(&text)) {
		if (stream_read(stream, piece, sizeof(piece), &n))
			return stream_fail(stream, err);
		buf_add(&text, piece, n);
	}
	explicit_bzero(piece, sizeof(piece));
	if (buf_failed(&text))
		return err_set(err, ERR_USAGE, "'%.*s' is larger than %d MiB", NAMED_MAX,
		    a->source.name, IDS_TEXT_MAX >> 20);
	kind = idcurl_read(text.data, text.len, taker, err);
	explicit_bzero(text.data, text.len);
	return kind;
}

static enum err_kind read_lines(
    struct adoption *a, struct stream *stream, struct err *err)
{
	const struct ids_reader reader = { .take = take_line,
		.pass_over = pass_over_text,
		.name = a->source.name,
		.payload = a };
	const struct dq_ids_source source = { .size_bytes = sizeof(source),
		.name = a->source.name,
		.read = stream_read,
		.payload = stream };
	struct ids_text text = { .reader = &reader };
	const enum err_kind kind = ids_text_stream(&text, &source, err);

	return kind && stream->err.kind ? stream_fail(stream, err) : kind;
}

struct rows {
	struct adoption *adoption;
	struct idjson *reader;
};

/* A row that can't be read costs that row. */
static enum err_kind read_row(
    void *payload, const char *json, size_t len, size_t number, struct err *err)
{
	const struct rows *rows = payload;
	struct adoption *a = rows->adoption;
	const size_t n_told = a->n_told;
	struct err why;

	if (idjson_whole(rows->reader, json, len, number, &why)) {
		if (why.kind == ERR_CONTRACT)
			return skip(a, a->unit, number, &why);
		*err = why;
		return err->kind;
	}
	return a->n_told > n_told ? ERR_OK : pass_over(a, number, err);
}

static bool gives_up(void *payload)
{
	const struct rows *rows = payload;

	return session_is_to_end(rows->adoption->dq);
}

static void warn_of_accounts(struct adoption *a, const struct foreign_seen *seen)
{
	if (seen->n_accounts > 1)
		session_note(a->dq,
		    "'%.*s' has tasks of %zu accounts; with the login of profile '%s' "
		    "the "
		    "service shows only its own",
		    NAMED_MAX, a->source.name, seen->n_accounts, a->dq->profile);
}

static enum err_kind read_database(
    struct adoption *a, const struct idjson_taker *taker, struct err *err)
{
	_cleanup_(idjson_freep) struct idjson *reader = idjson_new(taker);
	struct rows rows = { a, reader };
	const struct foreign_reader wanted = { read_row, gives_up, idjson_is_id_name,
		idtext_looks_like_id, &rows };
	struct foreign_seen seen;
	enum err_kind kind;

	if (!reader)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (!a->source.path)
		return err_set(err, ERR_USAGE,
		    "'%.*s' is a database, which can be read from a file only", NAMED_MAX,
		    a->source.name);
	kind = foreign_read(a->source.path, &wanted, &seen, err);
	warn_of_accounts(a, &seen);
	if (kind == ERR_CONTRACT)
		err->kind = kind = ERR_USAGE;
	if (kind || a->finds.len > 0)
		return kind;
	if (seen.n_tables == 0)
		return err_set(err, ERR_USAGE, "'%.*s' is a database without tables",
		    NAMED_MAX, a->source.name);
	if (seen.n_read == 0)
		return err_set(err, ERR_USAGE,
		    "no table of '%.*s' has ids of tasks; its tables are '%s'", NAMED_MAX,
		    a->source.name, seen.tables);
	return err_set(err, ERR_USAGE, "no tasks are in '%.*s'; its tables are '%s'",
	    NAMED_MAX, a->source.name, seen.tables);
}

/* --- which form is it? ------------------------------------------------------- */

/* What begins so is no text. */
static enum err_kind refuse_binary(
    const struct adoption *a, const struct stream *stream, struct err *err)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *what;
	} kinds[] = {
		{ "\x1f\x8b", 2, N_("compressed (gzip); unpack it first") },
		{ "PK\x03\x04", 4, N_("compressed (zip); unpack it first") },
		{ "\xff\xfe", 2, N_("text in UTF-16; save it as UTF-8") },
		{ "\xfe\xff", 2, N_("text in UTF-16; save it as UTF-8") },
	};
	const char *nul = memchr(stream->head, '\0', stream->len);
	const char *what = nul ? N_("no text, and no database that is read") : NULL;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (stream->len >= kinds[i].len &&
		    !memcmp(stream->head, kinds[i].bytes, kinds[i].len))
			what = kinds[i].what;
	return what
	    ? err_set(err, ERR_USAGE, "'%.*s' is %s", NAMED_MAX, a->source.name, what)
	    : ERR_OK;
}

static enum err_kind read_text(struct adoption *a, const struct idjson_taker *taker,
    struct stream *stream, struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t at = stream->len >= 3 && !memcmp(stream->head, mark, 3) ? 3 : 0;

	stream->at = at;
	while (at < stream->len && strchr(" \t\r\n", stream->head[at]))
		at++;
	if (at == stream->len && stream->is_end)
		return err_set(
		    err, ERR_USAGE, "'%.*s' is empty", NAMED_MAX, a->source.name);
	if (at < stream->len && strchr("{[", stream->head[at])) {
		a->counts.form = "json";
		a->unit = stream->head[at] == '[' ? N_("element") : N_("value");
		return read_json(a, taker, stream, err);
	}
	if (idcurl_is_one(stream->head + at, stream->len - at)) {
		a->counts.form = "curl";
		a->unit = N_("command");
		return read_curl(a, taker, stream, err);
	}
	a->counts.form = "text";
	return read_lines(a, stream, err);
}

static enum err_kind refuse_none(struct adoption *a, struct err *err)
{
	size_t entries = 0, ours = 0;

	for (size_t i = 0; i < a->finds.len; i++)
		if (a->finds.list[i].standing == FIND_GOOD)
			return ERR_OK;
	if (a->json && idjson_is_har(a->json, &entries, &ours)) {
		a->counts.form = "har";
		return err_set(err, ERR_USAGE,
		    "no tasks are in '%.*s': of %zu requests %zu were to the service",
		    NAMED_MAX, a->source.name, entries, ours);
	}
	return err_set(
	    err, ERR_USAGE, "no tasks are in '%.*s'", NAMED_MAX, a->source.name);
}

enum err_kind adopt_read(struct adoption *a, struct err *err)
{
	const struct idjson_taker taker = { take, take_text, pass_over, settle, a };
	_cleanup_(stream_release) struct stream stream = { .adoption = a };

	if (stream_open(&stream, err))
		return err->kind;
	assert(stream.head);
	if (foreign_is_database(stream.head, stream.len)) {
		a->counts.form = "database";
		a->unit = N_("row");
		return read_database(a, &taker, err);
	}
	if (refuse_binary(a, &stream, err) || read_text(a, &taker, &stream, err))
		return err->kind;
	return refuse_none(a, err);
}
