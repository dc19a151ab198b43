/*
 * A request, as browsers copy it. Shell quoting is undone the way that bash, cmd or
 * PowerShell would; then what is asked for is the cookie of a request whose host counts,
 * or isn't told. Every copy is wiped.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "service/jimeng/send/cookie_jar.h"

/* One request: its cookie counts when its host does. */
struct request {
	struct buf cookie;
	bool is_foreign;
};

static void request_release(struct request *request)
{
	cookie_buf_release(&request->cookie);
}

static struct request request_make(void)
{
	return (struct request){ .cookie = buf_make(COOKIE_FILE_MAX) };
}

static void add_cookie(struct request *request, struct span value)
{
	value = span_trim(value);
	if (request->cookie.len)
		buf_add(&request->cookie, "; ", 2);
	buf_add(&request->cookie, value.bytes, value.len);
}

static void note_host(
    struct request *request, struct span host, const struct cookie_jar *jar)
{
	struct span name = host, user;

	if (host.len == 0)
		return;
	if (memchr(host.bytes, '@', host.len))
		span_next(&host, '@', &user);
	span_next(&host, ':', &name);
	request->is_foreign = !cookie_domain_counts(name, jar->home);
}

static void note_url(
    struct request *request, struct span url, const struct cookie_jar *jar)
{
	struct span host = span_behind(url, "://");
	size_t len = 0;

	while (len < host.len && !strchr("/?#\"'` \t\r\n", host.bytes[len]))
		len++;
	note_host(request, (struct span){ host.bytes, len }, jar);
}

/* The first request with a login stays. */
static void take(struct request *request, struct cookie_jar *jar)
{
	if (request->is_foreign && request->cookie.len)
		jar->has_foreign = true;
	else if (!cookie_has_session((struct span){ jar->header.data, jar->header.len }))
		cookie_jar_add_header(
		    jar, (struct span){ request->cookie.data, request->cookie.len });
	request_release(request);
	*request = request_make();
}

/* --- curl ------------------------------------------------------------------------- */

static void add_utf8(struct buf *into, unsigned code)
{
	char bytes[3];
	size_t n = 0;

	if (code < 0x80) {
		bytes[n++] = (char)code;
	} else if (code < 0x800) {
		bytes[n++] = (char)(0xc0 | code >> 6);
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	} else {
		bytes[n++] = (char)(0xe0 | code >> 12);
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	}
	buf_add(into, bytes, n);
}

/* Up to `most` hexadecimal digits. */
static unsigned cut_hex(struct span *rest, int most)
{
	unsigned code = 0;

	for (; most > 0 && rest->len && isxdigit((unsigned char)*rest->bytes); most--) {
		const int c = tolower((unsigned char)*rest->bytes++);

		code = code * 16 + (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
		rest->len--;
	}
	return code;
}

/* Adds what stands behind a backslash in $'...'. */
static void add_escape(struct span *rest, char c, struct buf *word)
{
	static const char from[] = "nrtabfv", to[] = "\n\r\t\a\b\f\v";
	const char *at = c ? strchr(from, c) : NULL;

	if (c == 'u' || c == 'x')
		add_utf8(word, cut_hex(rest, c == 'u' ? 4 : 2));
	else
		buf_add(word, at ? &to[at - from] : &c, 1);
}

static char cut_char(struct span *rest)
{
	rest->len--;
	return *rest->bytes++;
}

/*
 * Adds what stands behind the opening quote, up to the closing one. `has_escapes`:
 * $'...'.
 */
static void add_quoted(struct span *rest, char quote, bool has_escapes, struct buf *word)
{
	while (rest->len) {
		char c = cut_char(rest);

		if (c == quote)
			return;
		if (c == '\\' && rest->len > 0 && has_escapes) {
			c = cut_char(rest);
			add_escape(rest, c, word);
			continue;
		}
		if (c == '\\' && rest->len > 0 && quote != '\'' &&
		    strchr("\"\\$`", *rest->bytes))
			c = cut_char(rest);
		buf_add(word, &c, 1);
	}
}

static bool is_blank(char c)
{
	return isspace((unsigned char)c) || c == ';' || c == '&' || c == '|';
}

/* Cuts off the next word of a command line, unquoted; false at the end. */
static bool next_word(struct span *rest, struct buf *word)
{
	bool has_begun = false;

	cookie_buf_release(word);
	*word = buf_make(COOKIE_FILE_MAX);
	while (rest->len && !(has_begun && is_blank(*rest->bytes))) {
		char c = cut_char(rest);

		if (is_blank(c))
			continue;
		if ((c == '\\' || c == '`') && rest->len &&
		    isspace((unsigned char)*rest->bytes))
			continue; /* a line that goes on */
		has_begun = true;
		if (c == '\'' || c == '"') {
			add_quoted(rest, c, false, word);
		} else if (c == '$' && rest->len && *rest->bytes == '\'') {
			cut_char(rest);
			add_quoted(rest, '\'', true, word);
		} else {
			if (c == '\\' && rest->len)
				c = cut_char(rest);
			buf_add(word, &c, 1);
		}
	}
	return has_begun;
}

/* cmd's: a caret takes the meaning off what follows. */
static void drop_carets(struct span text, struct buf *into)
{
	while (text.len) {
		char c = cut_char(&text);

		if (c != '^') {
			buf_add(into, &c, 1);
			continue;
		}
		if (text.len && *text.bytes == '\r')
			cut_char(&text);
		if (!text.len)
			return;
		c = cut_char(&text);
		buf_add(into, c == '\n' ? " " : &c, 1);
	}
}

static void hear_header(
    struct request *request, struct span header, const struct cookie_jar *jar)
{
	struct span name = { 0 };

	span_next(&header, ':', &name);
	name = span_trim(name);
	if (span_begins(name, "cookie") && name.len == strlen("cookie"))
		add_cookie(request, header);
	else if (span_begins(name, "host") && name.len == strlen("host"))
		note_host(request, span_trim(header), jar);
}

enum what_follows { FOLLOWS_NOTHING, FOLLOWS_HEADER, FOLLOWS_COOKIE };

/* What the word behind an option is; *text is cut to what the word itself holds of it. */
static enum what_follows read_option(struct span *text)
{
	static const struct {
		const char *name;
		enum what_follows follows;
	} row[] = {
		{ "--header", FOLLOWS_HEADER },
		{ "--cookie", FOLLOWS_COOKIE },
		{ "-H", FOLLOWS_HEADER },
		{ "-b", FOLLOWS_COOKIE },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		const size_t len = strlen(row[i].name);

		if (text->len < len || memcmp(text->bytes, row[i].name, len) != 0)
			continue;
		text->bytes += len;
		text->len -= len;
		if (text->len && *text->bytes == '=')
			cut_char(text);
		return row[i].follows;
	}
	return FOLLOWS_NOTHING;
}

static void hear_word(struct request *request, enum what_follows what, struct span text,
    const struct cookie_jar *jar)
{
	if (what == FOLLOWS_HEADER)
		hear_header(request, text, jar);
	else if (what == FOLLOWS_COOKIE && text.len && memchr(text.bytes, '=', text.len))
		add_cookie(request, text); /* else it is a file's name */
	else if (span_begins(text, "http://") || span_begins(text, "https://"))
		note_url(request, text, jar);
}

static void read_curl(struct span text, struct cookie_jar *jar)
{
	_cleanup_(request_release) struct request request = request_make();
	_cleanup_(cookie_buf_release) struct buf word = buf_make(COOKIE_FILE_MAX);
	enum what_follows what = FOLLOWS_NOTHING;

	while (next_word(&text, &word)) {
		struct span s = { word.data, word.len };

		if (what != FOLLOWS_NOTHING) {
			hear_word(&request, what, s, jar);
			what = FOLLOWS_NOTHING;
			continue;
		}
		if (span_equals(s, "curl") || span_equals(s, "curl.exe")) {
			take(&request, jar);
			continue;
		}
		what = read_option(&s);
		if (what == FOLLOWS_NOTHING || s.len) {
			hear_word(&request, what, s, jar);
			what = FOLLOWS_NOTHING;
		}
	}
	take(&request, jar);
}

/* --- PowerShell, fetch ------------------------------------------------------------- */

/* Cut up to and with the next quoted string off *rest; false when there is none. */
static bool next_string(struct span *rest, struct buf *string)
{
	cookie_buf_release(string);
	*string = buf_make(COOKIE_FILE_MAX);
	while (rest->len && !strchr("\"'", *rest->bytes)) {
		if (*rest->bytes == ')' || *rest->bytes == '\0')
			return false;
		cut_char(rest);
	}
	if (!rest->len)
		return false;
	for (const char quote = cut_char(rest); rest->len;) {
		char c = cut_char(rest);

		if (c == quote)
			return true;
		if ((c == '\\' || c == '`') && rest->len)
			c = cut_char(rest);
		buf_add(string, &c, 1);
	}
	return false;
}

/* Reads New-Object System.Net.Cookie("sessionid", "...", "/", ".jianying.com") */
static void read_net_cookies(struct span text, struct cookie_jar *jar)
{
	for (;;) {
		struct buf part[4] = { buf_make(1), buf_make(1), buf_make(1),
			buf_make(1) };
		size_t n = 0;

		text = span_behind(text, "System.Net.Cookie(");
		while (text.len && n < 4 && next_string(&text, &part[n]))
			n++;
		if (n == 4 &&
		    cookie_domain_counts(
			(struct span){ part[3].data, part[3].len }, jar->home))
			cookie_jar_add(jar, (struct span){ part[0].data, part[0].len },
			    (struct span){ part[1].data, part[1].len }, 0);
		else if (n == 4)
			jar->has_foreign = true;
		for (size_t i = 0; i < 4; i++)
			cookie_buf_release(&part[i]);
		if (!text.len)
			return;
	}
}

/* Reads a row "cookie": "..." or "cookie"="..." of headers. */
static void read_rows(struct span text, struct cookie_jar *jar)
{
	static const char *const keys[] = { "\"cookie\"", "\"Cookie\"", "'cookie'",
		"'Cookie'", "cookie = ", "Cookie = " };
	_cleanup_(request_release) struct request request = request_make();
	_cleanup_(cookie_buf_release) struct buf value = buf_make(1);

	note_url(&request, text, jar); /* the first is that of the request */
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct span at = span_behind(text, keys[i]);

		if (at.len && next_string(&at, &value))
			add_cookie(&request, (struct span){ value.data, value.len });
	}
	take(&request, jar);
}

/* --- lines of headers --------------------------------------------------------------- */

static bool has_cookie_line(struct span text)
{
	struct span line;

	while (span_next(&text, '\n', &line)) {
		line = span_trim(line);
		if (span_begins(line, "cookie:") ||
		    (span_equals(line, "cookie") && text.len))
			return true;
	}
	return false;
}

/* A name may stand alone, with its value on the next line, as developer tools copy it. */
static void read_headers(struct span text, struct cookie_jar *jar)
{
	_cleanup_(request_release) struct request request = request_make();
	struct span line, name;

	while (span_next(&text, '\n', &line)) {
		line = span_trim(line);
		if (line.len && *line.bytes == ':')
			line = (struct span){ line.bytes + 1, line.len - 1 };
		name = line;
		if (name.len && name.bytes[name.len - 1] == ':')
			name.len--;
		if (span_equals(name, "cookie") || span_equals(name, "Cookie")) {
			if (span_next(&text, '\n', &line))
				add_cookie(&request, line);
		} else if (span_equals(name, "authority") || span_equals(name, "Host")) {
			if (span_next(&text, '\n', &line))
				note_host(&request, span_trim(line), jar);
		} else if (span_begins(line, "authority:")) {
			note_host(&request, span_trim(span_behind(line, ":")), jar);
		} else {
			hear_header(&request, line, jar);
		}
	}
	take(&request, jar);
}

/* ------------------------------------------------------------------------------------ */

static bool is_curl(struct span text)
{
	return span_begins(text, "curl ") || span_begins(text, "curl.exe ");
}

bool cookie_read_request(struct span text, struct cookie_jar *jar)
{
	_cleanup_(cookie_buf_release) struct buf plain = buf_make(COOKIE_FILE_MAX);

	if (span_begins(text, "$ "))
		text = span_trim((struct span){ text.bytes + 2, text.len - 2 });
	if (is_curl(text) && span_behind(text, "^\"").bytes) {
		drop_carets(text, &plain);
		text = (struct span){ plain.data, plain.len };
	}
	if (is_curl(text)) {
		read_curl(text, jar);
	} else if (span_behind(text, "System.Net.Cookie(").bytes) {
		read_net_cookies(text, jar);
	} else if (has_cookie_line(text)) {
		read_headers(text, jar);
	} else if (span_begins(text, "fetch(") || span_behind(text, "Invoke-").bytes ||
	    span_begins(text, "\"cookie\"")) {
		read_rows(text, jar);
	} else {
		return false;
	}
	return true;
}
