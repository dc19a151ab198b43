#include "cli/app/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/term/i18n.h"
#include "cli/term/signals.h"

/* A signal between looking and waiting is noticed this much later. */
enum { STEP_MS = 200 };

void source_release(struct source *source)
{
	if (source->is_own)
		(void)close(source->fd);
	source->is_own = false;
	source->fd = -1;
}

enum err_kind source_open(
    struct app *app, const char *path, struct source *ret_source, struct err *err)
{
	struct source source = {
		.app = app, .name = path, .fd = STDIN_FILENO, .since_ms = clock_mono_ms()
	};
	struct stat st;

	if (strcmp(path, "-") != 0) {
		/* Without O_NONBLOCK a pipe is not open before its writer is there. */
		source.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (source.fd < 0)
			return err_errno(err, ERR_IO, "can't open '%s'", path);
		source.is_own = true;
	} else {
		source.name = _("standard input");
		source.was_told = isatty(STDIN_FILENO) == 1;
	}
	if (fstat(source.fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		source_release(&source);
		return err_set(
		    err, ERR_USAGE, "'%s' is a folder, not a file", source.name);
	}
	*ret_source = source;
	return ERR_OK;
}

static void tell_wait(struct source *source)
{
	if (source->was_told || clock_mono_ms() - source->since_ms < SOURCE_TOLD_MS)
		return;
	source->was_told = true;
	if (source->app)
		app_say(source->app,
		    _("waiting for '%s': nothing has come from it yet, or no end"),
		    source->name);
}

/* A pipe that nobody has opened for writing is not readable, as one that is silent. */
static enum err_kind wait_readable(struct source *source, struct err *err)
{
	struct pollfd polled = { .fd = source->fd, .events = POLLIN };

	while (!signals_was_told()) {
		const int n = poll(&polled, 1, STEP_MS);

		if (n > 0)
			return ERR_OK;
		if (n < 0 && errno != EINTR)
			return err_errno(err, ERR_IO, "cannot read '%s'", source->name);
		tell_wait(source);
	}
	return err_set(
	    err, ERR_CANCELLED, "interrupted while '%s' was read", source->name);
}

enum err_kind source_read(
    struct source *source, char *into, size_t room, size_t *ret_n, struct err *err)
{
	ssize_t n;

	do {
		if (wait_readable(source, err))
			return err->kind;
		n = read(source->fd, into, room);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0)
		return err_errno(err, ERR_IO, "cannot read '%s'", source->name);
	source->since_ms = clock_mono_ms();
	*ret_n = (size_t)n;
	return ERR_OK;
}
