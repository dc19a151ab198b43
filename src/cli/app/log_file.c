#include "cli/app/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/term/i18n.h"

/*
 * A log holds up nobody: a pipe without a reader can't be opened (ENXIO), and of a full
 * one the line is lost.
 */
static int open_it(const char *path)
{
	return open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
}

enum err_kind log_file_check(const struct app *app, struct err *err)
{
	const char *path = args_text(&app->args, OPT_LOG_FILE);
	int fd;

	if (!path)
		return ERR_OK;
	fd = open_it(path);
	if (fd < 0 && errno == ENXIO)
		return err_set(err, ERR_USAGE,
		    "the log file '%s' is a pipe that nobody reads", path);
	if (fd < 0)
		return err_errno(err, ERR_IO, "can't write the log file '%s'", path);
	(void)close(fd);
	return ERR_OK;
}

/* In one write, so that the lines of several programs stay whole. */
static bool write_line(const char *path, const char *line)
{
	_cleanup_free_ char *text = NULL;
	char now[CLOCK_ISO_MAX];
	const int fd = open_it(path);
	ssize_t written;
	int len;

	if (fd < 0)
		return false;
	len = asprintf(&text, "%s dreamq[%ld]: %s\n", clock_iso(clock_unix_ms(), now),
	    (long)getpid(), line);
	if (len < 0)
		text = NULL;
	written = text ? write(fd, text, (size_t)len) : -1;
	(void)close(fd);
	return written == len;
}

void log_file_add(struct app *app, const char *line)
{
	const char *path = args_text(&app->args, OPT_LOG_FILE);

	if (!path || app->has_lost_log)
		return;
	errno = 0;
	if (write_line(path, line))
		return;
	app->has_lost_log = true; /* first: the warning is a line, too */
	app_warn(app, _("can't write the log file '%s' any more (%s)"), path,
	    errno ? strerror(errno) : _("it took a part only"));
}
