#include "net/head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"

/* One line, cut at its colon and trimmed; not NUL-terminated. */
struct field {
	const char *name, *value;
	size_t name_len, value_len;
};

static const char *const text_names[HEAD_TEXTS] = {
	[HEAD_ETAG] = "etag",
	[HEAD_CONTENT_TYPE] = "content-type",
	[HEAD_LAST_MODIFIED] = "last-modified",
	[HEAD_LOCATION] = "location",
	[HEAD_TT_LOGID] = "x-tt-logid",
	[HEAD_ERROR_CODE] = "byte-error-code",
	[HEAD_EXCEPTION] = "x-exception-info",
	[HEAD_RETRY_AFTER] = "retry-after",
};

struct head head_make(const char *peer)
{
	return (struct head){ .view = { .content_length = -1,
				  .range_first = -1,
				  .range_last = -1,
				  .range_total = -1,
				  .retry_after_ms = -1,
				  .date_unix_ms = -1,
				  .peer = peer } };
}

void head_release(struct head *head)
{
	for (int i = 0; i < HEAD_TEXTS; i++)
		free(head->texts[i]);
	*head = head_make(NULL);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool field_cut(const char *line, size_t len, struct field *ret_field)
{
	const char *colon = memchr(line, ':', len);
	const char *value, *end = line + len;

	if (!colon || colon == line || is_blank(line[0]))
		return false;
	for (value = colon + 1; value < end && is_blank(*value); value++)
		;
	while (end > value && is_blank(end[-1]))
		end--;
	*ret_field = (struct field){
		.name = line,
		.name_len = (size_t)(colon - line),
		.value = value,
		.value_len = (size_t)(end - value),
	};
	return true;
}

static bool is_named(const struct field *field, const char *name)
{
	return field->name_len == strlen(name) &&
	    strncasecmp(field->name, name, field->name_len) == 0;
}

static bool value_starts(const struct field *field, const char *word)
{
	return field->value_len >= strlen(word) &&
	    strncasecmp(field->value, word, strlen(word)) == 0;
}

static bool value_is(const struct field *field, const char *word)
{
	return field->value_len == strlen(word) && value_starts(field, word);
}

/* Reads digits from *at on; -1 when there are none or too many. Moves *at behind them. */
static int64_t take_number(const char **at, const char *end)
{
	const char *p = *at;
	int64_t value = 0;

	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *p - '0', &value))
			return -1;
	}
	if (p == *at)
		return -1;
	*at = p;
	return value;
}

static int64_t whole_number(const struct field *field)
{
	const char *at = field->value, *end = field->value + field->value_len;
	const int64_t value = take_number(&at, end);

	return at == end ? value : -1;
}

/* "bytes 0-99/100", "bytes 0-99/ *" (total unknown), "bytes * /100" (not satisfiable). */
static void read_range(struct net_head *view, const struct field *field)
{
	const char *at = field->value, *end = field->value + field->value_len;
	int64_t first = -1, last = -1, total = -1;

	if (!value_starts(field, "bytes "))
		return;
	at += strlen("bytes ");
	if (at < end && *at == '*') {
		at++;
	} else {
		first = take_number(&at, end);
		if (first < 0 || at == end || *at++ != '-')
			return;
		last = take_number(&at, end);
		if (last < first)
			return;
	}
	if (at == end || *at++ != '/')
		return;
	if (!(end - at == 1 && *at == '*')) {
		total = take_number(&at, end);
		if (total < 0 || at != end || last >= total)
			return;
	}
	view->range_first = first;
	view->range_last = last;
	view->range_total = total;
}

static enum err_kind read_length(
    struct head *head, const struct field *field, struct err *err)
{
	const int64_t length = whole_number(field);

	if (head->has_length && length != head->view.content_length)
		return err_set(err, ERR_CONTRACT,
		    "the answer of '%s' tells two different lengths", head->view.peer);
	head->has_length = true;
	head->view.content_length = length;
	return ERR_OK;
}

/* These tell objects apart: what had to be changed to be shown is as good as absent. */
static bool is_compared(enum head_text which)
{
	return which == HEAD_ETAG || which == HEAD_LAST_MODIFIED;
}

/* A copy that is safe to show. */
static enum err_kind keep_text(
    struct head *head, enum head_text which, const struct field *field, struct err *err)
{
	char *text;

	if (head->texts[which] || field->value_len == 0)
		return ERR_OK;
	text = strndup(field->value, field->value_len);
	if (!text)
		return err_set(err, ERR_NOMEM, "out of memory");
	text_make_printable(text);
	if (is_compared(which) &&
	    (strlen(text) != field->value_len ||
		memcmp(text, field->value, field->value_len) != 0)) {
		free(text);
		return ERR_OK;
	}
	head->texts[which] = text;
	return ERR_OK;
}

static int64_t date_of(const char *bytes, size_t len)
{
	char text[64];

	if (len >= sizeof(text))
		return -1;
	memcpy(text, bytes, len);
	text[len] = '\0';
	return clock_parse_http_ms(text);
}

/* Two of them, one after the other, are two fields or a list: neither is gzip. */
static void read_encoding(struct head *head, const struct field *field)
{
	const bool is_gzip = value_is(field, "gzip") || value_is(field, "x-gzip");

	if (value_is(field, "identity"))
		return;
	head->is_gzip = is_gzip && !head->is_encoded;
	head->is_encoded = true;
}

static enum err_kind read_field(
    struct head *head, const struct field *field, struct err *err)
{
	if (is_named(field, "content-length"))
		return read_length(head, field, err);
	if (is_named(field, "content-range"))
		read_range(&head->view, field);
	else if (is_named(field, "date"))
		head->view.date_unix_ms = date_of(field->value, field->value_len);
	else if (is_named(field, "transfer-encoding"))
		head->is_chunked = true;
	else if (is_named(field, "content-encoding"))
		read_encoding(head, field);
	for (unsigned i = 0; i < HEAD_TEXTS; i++) {
		if (is_named(field, text_names[i]))
			return keep_text(head, (enum head_text)i, field, err);
	}
	return ERR_OK;
}

/* Seconds, or a date, which is meant on the server's clock. */
static int64_t read_retry_after(const struct head *head, int64_t now_unix_ms)
{
	const char *text = head->texts[HEAD_RETRY_AFTER];
	const int64_t most = (int64_t)HEAD_WAIT_MAX_S * 1000;
	const int64_t from =
	    head->view.date_unix_ms >= 0 ? head->view.date_unix_ms : now_unix_ms;
	const struct field field = { .value = text,
		.value_len = text ? strlen(text) : 0 };
	int64_t wait, date;

	if (!text)
		return -1;
	if (strspn(text, "0123456789") == field.value_len) {
		wait = whole_number(&field);
		return wait < 0 || wait > HEAD_WAIT_MAX_S ? most : wait * 1000;
	}
	date = date_of(text, field.value_len);
	if (date < 0)
		return -1;
	wait = date > from ? date - from : 0;
	return wait > most ? most : wait;
}

static void finish(struct head *head, int64_t now_unix_ms)
{
	struct net_head *view = &head->view;

	if (head->is_chunked)
		view->content_length = -1;
	view->retry_after_ms = read_retry_after(head, now_unix_ms);
	view->etag = head->texts[HEAD_ETAG];
	view->content_type = head->texts[HEAD_CONTENT_TYPE];
	view->last_modified = head->texts[HEAD_LAST_MODIFIED];
	view->location = head->texts[HEAD_LOCATION];
	view->tt_logid = head->texts[HEAD_TT_LOGID];
	view->deny_reason = head->texts[HEAD_EXCEPTION] ? head->texts[HEAD_EXCEPTION]
							: head->texts[HEAD_ERROR_CODE];
	head->is_complete = true;
}

/* "HTTP/1.1 200 OK": whatever an interim answer said is forgotten. */
static void start_over(struct head *head, const char *line, size_t len)
{
	const char *peer = head->view.peer, *end = line + len;
	const char *at = memchr(line, ' ', len);
	const size_t bytes = head->bytes;
	int64_t status = -1;

	head_release(head);
	*head = head_make(peer);
	head->bytes = bytes;
	if (at) {
		at++;
		status = take_number(&at, end);
	}
	head->view.status = status >= 100 && status <= 999 ? (long)status : 0;
}

enum err_kind head_line(
    struct head *head, const char *line, size_t len, int64_t now_unix_ms, struct err *err)
{
	struct field field;

	head->bytes += len;
	if (head->bytes > HEAD_BYTES_MAX)
		return err_set(err, ERR_CONTRACT,
		    "the answer of '%s' has a head over %d KiB", head->view.peer,
		    HEAD_BYTES_MAX / 1024);
	if (head->is_complete)
		return ERR_OK;
	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		start_over(head, line, len);
		if (head->view.status == 101)
			return err_set(err, ERR_CONTRACT,
			    "'%s' switches to another protocol, which nobody asked for",
			    head->view.peer);
		return ERR_OK;
	}
	if (len > 0 && (line[0] == '\r' || line[0] == '\n')) {
		if (head->view.status >= 200)
			finish(head, now_unix_ms);
		return ERR_OK;
	}
	return field_cut(line, len, &field) ? read_field(head, &field, err) : ERR_OK;
}
