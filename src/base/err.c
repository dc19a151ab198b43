#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
	const char *name;
	int exit_status;
} kinds[] = {
#define X(name, status) [ERR_##name] = { #name, status },
	ERR_KINDS(X)
#undef X
};

/*
 * Values in a message come from strangers: nothing in them may move a terminal's cursor
 * or break a line of JSON. A character cut in half at the end of the room is dropped.
 */
static void make_presentable(struct err *err)
{
	size_t len = strlen(err->msg), start = len;

	while (start > 0 && len - start < 3 && (err->msg[start - 1] & 0xc0) == 0x80)
		start--;
	if (len + 1 == sizeof(err->msg) && start > 0 &&
	    (unsigned char)err->msg[start - 1] >= 0xc0 &&
	    text_char_len(err->msg + start - 1, len - start + 1) == 0)
		err->msg[start - 1] = '\0';
	text_make_printable(err->msg);
}

__attribute__((format(printf, 2, 0))) static void set_text(
    struct err *err, const char *fmt, va_list ap)
{
	if (vsnprintf(err->msg, sizeof(err->msg), fmt, ap) < 0)
		err->msg[0] = '\0';
	make_presentable(err);
}

/* ": more", as far as there is room. */
static void append(struct err *err, const char *more)
{
	const char *const parts[] = { ": ", more };
	size_t len = strlen(err->msg), n;

	for (size_t i = 0; i < 2; i++) {
		n = strnlen(parts[i], sizeof(err->msg) - 1 - len);
		memcpy(err->msg + len, parts[i], n);
		len += n;
		err->msg[len] = '\0';
	}
	make_presentable(err);
}

enum err_kind err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	*err = (struct err){ .kind = kind };
	va_start(ap, fmt);
	set_text(err, fmt, ap);
	va_end(ap);
	return kind;
}

/* What a person can do about a limit is not in its name. */
static const char *words_of_errno(int why)
{
	switch (why) {
	case EMFILE:
		return "too many open files for one process (raise 'ulimit -n')";
	case EFBIG:
		return "the file would be larger than the limit on the size of files "
		       "allows ('ulimit -f', or the file system's)";
	default:
		return strerror(why);
	}
}

enum err_kind err_errno(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	const int why = errno;
	va_list ap;

	*err = (struct err){ .kind = kind };
	if (why == ENOSPC || why == EDQUOT || why == EFBIG)
		err->kind = ERR_NOSPACE;
	va_start(ap, fmt);
	set_text(err, fmt, ap);
	va_end(ap);
	append(err, words_of_errno(why));
	return err->kind;
}

enum err_kind err_note(struct err *err, const char *fmt, ...)
{
	char cause[sizeof(err->msg)];
	va_list ap;

	memcpy(cause, err->msg, sizeof(cause));
	va_start(ap, fmt);
	set_text(err, fmt, ap);
	va_end(ap);
	append(err, cause);
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
