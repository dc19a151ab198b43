#include "common/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum err_kind err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	err->kind = kind;
	va_start(ap, fmt);
	if (vsnprintf(err->msg, sizeof(err->msg), fmt, ap) < 0)
		err->msg[0] = '\0';
	va_end(ap);
	return kind;
}

enum err_kind err_note(struct err *err, const char *fmt, ...)
{
	char cause[sizeof(err->msg)];
	va_list ap;
	size_t used;
	int n;

	memcpy(cause, err->msg, sizeof(cause));
	va_start(ap, fmt);
	n = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	used = n < 0 ? 0 : (size_t)n;
	if (used >= sizeof(err->msg))
		return err->kind;
	if (snprintf(err->msg + used, sizeof(err->msg) - used, ": %s", cause) < 0)
		err->msg[used] = '\0';
	return err->kind;
}
