#include "cli/app/secret.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/app/source.h"
#include "cli/term/i18n.h"

#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

void secret_forbid_dumps(void)
{
	struct rlimit core;

	if (!getrlimit(RLIMIT_CORE, &core)) {
		core.rlim_cur = 0;
		(void)setrlimit(RLIMIT_CORE, &core);
	}
	/* A collector (core_pattern "|...") is fed whatever the limit says. */
	if (!IS_SANITIZED)
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static enum err_kind too_long(struct err *err)
{
	return err_set(err, ERR_USAGE, "that is too long for a cookie");
}

static enum err_kind read_line(char *into, size_t *ret_len, struct err *err)
{
	size_t len = 0;

	while (len == 0 || !memchr(into, '\n', len)) {
		ssize_t n = read(STDIN_FILENO, into + len, SECRET_MAX - len);

		if (n < 0 && errno == EINTR)
			return err_set(err, ERR_CANCELLED, "interrupted");
		if (n < 0)
			return err_errno(err, ERR_IO, "cannot read the cookie");
		if (n == 0)
			break;
		len += (size_t)n;
		if (len == SECRET_MAX)
			return too_long(err);
	}
	*ret_len = len;
	return ERR_OK;
}

static enum err_kind read_source(
    struct source *source, char *into, size_t *ret_len, struct err *err)
{
	size_t len = 0, n = 1;

	while (n > 0) {
		if (source_read(source, into + len, SECRET_MAX - len, &n, err))
			return err->kind;
		len += n;
		if (len == SECRET_MAX)
			return too_long(err);
	}
	*ret_len = len;
	return ERR_OK;
}

/*
 * Without echo, and not by lines: a terminal's line holds 4095 bytes, and a
 * browser's cookie may be longer. Signals must reach us, for echo has to be
 * switched on again: the session's handlers are in place, without SA_RESTART.
 */
static enum err_kind read_terminal(char *into, size_t *ret_len, struct err *err)
{
	struct termios before, quiet;
	enum err_kind kind;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return err_errno(err, ERR_IO, "cannot read the cookie");
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON);
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	(void)fprintf(stderr, "%s", _("cookie (it is not shown): "));
	(void)fflush(stderr);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0)
		return err_errno(err, ERR_IO, "cannot hide what is typed");
	kind = read_line(into, ret_len, err);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	(void)fprintf(stderr, "\n");
	return kind;
}

enum err_kind secret_read(struct app *app, const char *path, char into[SECRET_MAX],
    size_t *ret_len, bool *ret_is_exposed, struct err *err)
{
	_cleanup_(source_release) struct source source = { .fd = -1 };
	struct stat status;

	*ret_is_exposed = false;
	if (!path)
		path = "-";
	if (!strcmp(path, "-") && isatty(STDIN_FILENO) == 1)
		return read_terminal(into, ret_len, err);
	if (source_open(app, path, &source, err))
		return err->kind;
	if (fstat(source.fd, &status) != 0)
		return err_errno(err, ERR_IO, "cannot read '%s'", path);
	*ret_is_exposed = source.is_own && (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
	return read_source(&source, into, ret_len, err);
}
