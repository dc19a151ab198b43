#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *text;
	bool transient;
	int exit_status;
} kinds[] = {
#define X(name, text, transient, status) \
	[ERR_##name] = { #name, text, transient, status },
	ERR_KINDS(X)
#undef X
};

__attribute__((format(printf, 2, 0))) static void set_text(
    struct err *err, const char *fmt, va_list ap)
{
	if (vsnprintf(err->msg, sizeof(err->msg), fmt, ap) < 0)
		err->msg[0] = '\0';
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

enum err_kind err_errno(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	const int why = errno;
	va_list ap;
	size_t len;

	*err = (struct err){ .kind = kind };
	if (why == ENOSPC || why == EDQUOT)
		err->kind = ERR_NOSPACE;
	va_start(ap, fmt);
	set_text(err, fmt, ap);
	va_end(ap);
	len = strlen(err->msg);
	(void)snprintf(err->msg + len, sizeof(err->msg) - len, ": %s", strerror(why));
	return err->kind;
}

enum err_kind err_note(struct err *err, const char *fmt, ...)
{
	const size_t room = sizeof(err->msg);
	char cause[sizeof(err->msg)];
	va_list ap;
	int n;

	memcpy(cause, err->msg, sizeof(cause));
	va_start(ap, fmt);
	n = vsnprintf(err->msg, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		return err->kind;
	(void)snprintf(err->msg + n, room - (size_t)n, ": %s", cause);
	return err->kind;
}

const char *err_kind_text(enum err_kind kind)
{
	return kinds[kind].text;
}

const char *err_kind_name(enum err_kind kind)
{
	return kinds[kind].name;
}

bool err_is_transient(const struct err *err)
{
	return kinds[err->kind].transient;
}

int err_exit_status(enum err_kind kind)
{
	return kinds[kind].exit_status;
}
