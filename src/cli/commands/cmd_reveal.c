#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/opener.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "cli/term/launch.h"

static const enum opt_id reveal_opts[] = { OPT_INDEX, OPT_INPUT, OPT_COUNT };

#define MANAGER "org.freedesktop.FileManager1"
#define OBJECT "/org/freedesktop/FileManager1"
#define METHOD "org.freedesktop.FileManager1.ShowItems"
#define DESTINATION "--dest=org.freedesktop.FileManager1"

/* Everything but what may stand in any address; so no comma, quote or blank is left. */
static void add_uri(struct buf *into, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-~";

	buf_addf(into, "file://");
	for (const char *at = path; *at; at++) {
		if (strchr(plain, *at))
			buf_add(into, at, 1);
		else
			buf_addf(into, "%%%02X", (unsigned char)*at);
	}
}

/* ERR_OK: the file manager of the desktop shows it. */
static enum err_kind ask_manager(const char *path)
{
	_cleanup_(buf_release) struct buf uri = buf_make(WORDS_MAX);
	_cleanup_(buf_release) struct buf strings = buf_make(WORDS_MAX);
	_cleanup_(buf_release) struct buf list = buf_make(WORDS_MAX);
	struct err err;

	add_uri(&uri, path);
	buf_addf(&strings, "array:string:%s", uri.data);
	buf_addf(&list, "['%s']", uri.data);
	if (buf_failed(&uri) || buf_failed(&strings) || buf_failed(&list))
		return ERR_NOMEM;
	const char *const dbus_send[] = { "dbus-send", "--session", "--print-reply",
		"--reply-timeout=5000", DESTINATION, OBJECT, METHOD, strings.data,
		"string:", NULL };
	const char *const gdbus[] = { "gdbus", "call", "--session", "--timeout", "5",
		"--dest", MANAGER, "--object-path", OBJECT, "--method", METHOD, list.data,
		"", NULL };

	if (launch(dbus_send, true, &err) == ERR_OK)
		return ERR_OK;
	return err.kind == ERR_NOT_FOUND ? launch(gdbus, true, &err) : err.kind;
}

static int open_folder(struct app *app, const char *path)
{
	_cleanup_free_ char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;

	if (!slash)
		return DQ_STORAGE;
	slash[slash == folder ? 1 : 0] = '\0';
	return opener_open(app, folder);
}

static int reveal(struct app *app, const char *path)
{
	if (access(path, F_OK) != 0)
		return opener_open(app, path); /* says that it is not there */
	if (!opener_is_own() && ask_manager(path) == ERR_OK)
		return 0;
	return open_folder(app, path);
}

static int reveal_run(struct app *app)
{
	return opener_each(app, reveal);
}

const struct command cmd_reveal = {
	.name = "reveal",
	.synopsis = "[--index N] ID...",
	.summary = N_("show a stored file in its folder, in the desktop's file manager"),
	.details = N_(
	    "The first of the task, or that of --index. The file manager is asked over "
	    "D-Bus to select it; where none answers, or DREAMQ_OPENER names a program, "
	    "the "
	    "folder is opened instead. Nothing is sent."),
	.example = "dreamq reveal ID",
	.opts = reveal_opts,
	.takes = ARGS_IDS,
	.makes_no_events = true,
	.run = reveal_run,
};
