#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "base/text.h"

static const struct {
	const char *name;
	int exit_status;
} kinds[] = {
#define X(name, status) [ERR_##name] = { #name, status },
	ERR_KINDS(X)
#undef X
};

/* --- the sentence, twice ------------------------------------------------------------ */

enum { TEXT_MAX = sizeof(((struct err *)NULL)->msg) };

/*
 * Values in a message come from strangers: nothing in them may move a terminal's cursor
 * or break a line of JSON. A character cut in half at the end of the room is dropped.
 */
static void make_presentable(char text[TEXT_MAX])
{
	size_t len = strlen(text), start = len;

	while (start > 0 && len - start < 3 && (text[start - 1] & 0xc0) == 0x80)
		start--;
	if (len + 1 == TEXT_MAX && start > 0 && (unsigned char)text[start - 1] >= 0xc0 &&
	    text_char_len(text + start - 1, len - start + 1) == 0)
		text[start - 1] = '\0';
	text_make_printable(text);
}

/* Behind what is there, in both languages; `shown` stays empty without a catalogue. */
__attribute__((format(printf, 2, 0))) static void add_text(
    struct err *err, const char *fmt, va_list ap)
{
	const size_t len = strlen(err->msg), shown_len = strlen(err->shown);
	va_list again;

	if (say_is_translated()) {
		if (len > 0 && shown_len == 0)
			memcpy(err->shown, err->msg, TEXT_MAX);
		va_copy(again, ap);
		say_format(err->shown + strlen(err->shown), TEXT_MAX - strlen(err->shown),
		    fmt, again);
		va_end(again);
		make_presentable(err->shown);
	}
	say_english(err->msg + len, TEXT_MAX - len, fmt, ap);
	make_presentable(err->msg);
}

enum err_kind err_more(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_text(err, fmt, ap);
	va_end(ap);
	return err->kind;
}

const char *err_shown(const struct err *err)
{
	return err->shown[0] ? err->shown : say_text(err->msg);
}

/* ": more", as far as there is room. */
static void append(char text[TEXT_MAX], const char *between, const char *more)
{
	const char *const parts[] = { between, more };
	size_t len = strlen(text), n;

	for (size_t i = 0; i < 2; i++) {
		n = strnlen(parts[i], TEXT_MAX - 1 - len);
		memcpy(text + len, parts[i], n);
		len += n;
		text[len] = '\0';
	}
	make_presentable(text);
}

/* `more` in English, and as it is shown. */
static void append_both(struct err *err, const char *more, const char *shown)
{
	append(err->msg, ": ", more);
	if (err->shown[0])
		append(err->shown, say_text(N_(": ")), shown);
}

enum err_kind err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	*err = (struct err){ .kind = kind };
	va_start(ap, fmt);
	add_text(err, fmt, ap);
	va_end(ap);
	return kind;
}

/* --- what the system says ----------------------------------------------------------- */

/* What a person can do about a limit is not in its name. */
static const char *words_of_errno(int why)
{
	const char *words;

	switch (why) {
	case EMFILE:
		return N_("too many open files for one process (raise 'ulimit -n')");
	case EFBIG:
		return N_("the file would be larger than the limit on the size of files "
			  "allows ('ulimit -f', or the file system's)");
	default:
		words = strerrordesc_np(why);
		return words ? words : "?";
	}
}

/* What is met most often, for the catalogue: strerror() speaks English without the C
 * library's own. */
static const char *const common_errors[] __attribute__((unused)) = {
	N_("No such file or directory"),
	N_("Permission denied"),
	N_("Operation not permitted"),
	N_("No space left on device"),
	N_("Disk quota exceeded"),
	N_("Read-only file system"),
	N_("Not a directory"),
	N_("Is a directory"),
	N_("File exists"),
	N_("File name too long"),
	N_("Too many levels of symbolic links"),
	N_("Too many open files in system"),
	N_("Input/output error"),
	N_("Cannot allocate memory"),
	N_("Device or resource busy"),
	N_("Resource temporarily unavailable"),
	N_("Stale file handle"),
	N_("Invalid argument"),
	N_("No such device or address"),
	N_("Directory not empty"),
	N_("Invalid cross-device link"),
	N_("Operation not supported"),
	N_("Broken pipe"),
	N_("Text file busy"),
	N_("Interrupted system call"),
};

enum err_kind err_errno(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	const int why = errno;
	va_list ap;

	*err = (struct err){ .kind = kind };
	if (why == ENOSPC || why == EDQUOT || why == EFBIG)
		err->kind = ERR_NOSPACE;
	va_start(ap, fmt);
	add_text(err, fmt, ap);
	va_end(ap);
	append_both(err, words_of_errno(why), say_text(words_of_errno(why)));
	return err->kind;
}

enum err_kind err_note(struct err *err, const char *fmt, ...)
{
	const struct err cause = *err;
	va_list ap;

	err->msg[0] = err->shown[0] = '\0';
	va_start(ap, fmt);
	add_text(err, fmt, ap);
	va_end(ap);
	append_both(err, cause.msg, err_shown(&cause));
	return err->kind;
}

const char *err_kind_name(enum err_kind kind)
{
	return kinds[kind].name;
}

int err_exit_status(enum err_kind kind)
{
	return kinds[kind].exit_status;
}

/* Exit statuses, the most serious to act on first (DESIGN 1). */
static unsigned rank_of(enum err_kind kind)
{
	static const int order[] = { 130, 3, 8, 6, 7, 5, 1, 4, 2, 0 };
	const int status = err_exit_status(kind);
	unsigned rank = 0;

	while (rank < sizeof(order) / sizeof(*order) - 1 && order[rank] != status)
		rank++;
	return rank;
}

bool err_is_worse(const struct err *a, const struct err *b)
{
	return rank_of(a->kind) < rank_of(b->kind);
}
