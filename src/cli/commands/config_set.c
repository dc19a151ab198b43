#include "cli/commands/config_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/commands/config_check.h"
#include "cli/options/config_edit.h"
#include "cli/term/i18n.h"

enum { FILE_BYTES_MAX = 64 * 1024, KEY_SHOWN_MAX = 80 };

/* A link stays one: what it points at is written. */
enum err_kind config_write(const char *path, const char *text, struct err *err)
{
	_cleanup_free_ char *target = realpath(path, NULL);
	struct stat st;
	mode_t mode = 0600;

	if (!target && errno != ENOENT)
		return err_errno(err, ERR_IO, "can't open '%s'", path);
	if (!target && fs_make_parent(path, 0700, err))
		return err->kind;
	if (target && !stat(target, &st))
		mode = st.st_mode & 07777;
	return fs_write_atomic(target ? target : path, text, strlen(text), mode, err);
}

static enum err_kind read_text(const char *path, struct buf *into, struct err *err)
{
	if (!fs_exists(path))
		return ERR_OK;
	if (fs_read_all(path, into, err))
		return err_note(err, "config file");
	if (memchr(into->data, '\0', into->len))
		return err_set(
		    err, ERR_USAGE, "'%s' is not a text file; it has NUL bytes", path);
	return ERR_OK;
}

/* The key that is meant: with --profile on the command line, of that profile. */
static enum err_kind meant_key(
    const struct app *app, struct key *ret_key, struct err *err)
{
	const char *name = app->args.left[1];
	const struct value *profile = &app->args.of[OPT_PROFILE];
	char where[KEY_SHOWN_MAX];

	(void)snprintf(where, sizeof(where), "config %s", app->args.left[0]);
	if (key_read(name, where, ret_key, err))
		return err->kind;
	if (profile->origin != FROM_ARGV || ret_key->section != CONFIG_DEFAULT)
		return ERR_OK;
	if (!config_is_name(profile->text))
		return err_set(err, ERR_USAGE,
		    "%s: '%s' can't name a section of the config file", where,
		    profile->text);
	ret_key->section = CONFIG_PROFILE;
	(void)snprintf(ret_key->profile, sizeof(ret_key->profile), "%s", profile->text);
	return key_check(CONFIG_PROFILE, name, where, err);
}

static enum err_kind check_value(
    const struct key *key, const char *value, struct err *err)
{
	if (config_is_cookie(key->name, value))
		return err_set(err, ERR_USAGE,
		    "%s: a cookie does not belong into this file; run 'dreamq auth "
		    "import'",
		    "config set");
	/* Others can read a command line: what --proxy refuses can't come this way. */
	if (key->section != CONFIG_ALIAS && !strcmp(key->name, options[OPT_PROXY].name) &&
	    strchr(value, '@'))
		return err_set(err, ERR_USAGE,
		    "config set: a proxy's name and password can be read by others on "
		    "the "
		    "command line; write 'proxy = ...' with 'dreamq config edit'");
	if (key->section != CONFIG_ALIAS &&
	    !strcmp(key->name, options[OPT_WEBHOOK].name) && strpbrk(value, "?@"))
		return err_set(err, ERR_USAGE,
		    "config set: what stands behind a '?' or before an '@' of a webhook "
		    "can "
		    "be read by others on the command line; write 'webhook = ...' with "
		    "'dreamq config edit'");
	if (strpbrk(value, "\r\n"))
		return err_set(
		    err, ERR_USAGE, "config set: a value of the config file is one line");
	if (key_check_value(key->section, key->name, value, "config set", err))
		return err->kind;
	return key->section == CONFIG_ALIAS || key->section == CONFIG_WIRE
	    ? ERR_OK
	    : config_check_value(key->name, value, "config set", err);
}

/*
 * Until the descriptor is closed we alone change the files of this folder. Where there
 * are no locks, two at once can lose a line as before.
 */
static int lock_folder_of(const char *path)
{
	_cleanup_free_ char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	int fd;

	if (!folder)
		return -1;
	if (slash)
		slash[slash == folder] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		(void)flock(fd, LOCK_EX);
	return fd;
}

/* `value` NULL takes it away. */
static enum err_kind change(const char *path, const struct key *key, const char *value,
    bool *ret_found, struct err *err)
{
	_cleanup_(buf_release) struct buf text = buf_make(FILE_BYTES_MAX);
	_cleanup_free_ char *made = NULL;
	_cleanup_(closep) int lock = -1;

	if (value && fs_make_parent(path, 0700, err))
		return err->kind;
	lock = lock_folder_of(path);
	if (read_text(path, &text, err))
		return err->kind;
	made = config_edit(text.data, key, value, ret_found);
	if (!made)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (strlen(made) > FILE_BYTES_MAX)
		return err_set(err, ERR_USAGE,
		    "'%s' would be larger than a config file can be", path);
	return strcmp(made, text.data) ? config_write(path, made, err) : ERR_OK;
}

int config_set(struct app *app, const char *path)
{
	const char *value = app->args.left[2];
	bool was_there = false;
	struct key key;
	struct err err;

	if (meant_key(app, &key, &err) || check_value(&key, value, &err) ||
	    change(path, &key, value, &was_there, &err))
		return app_fail(app, &err);
	config_check_rest(app, path);
	return DQ_OK;
}

int config_unset(struct app *app, const char *path)
{
	bool was_there = false;
	struct key key;
	struct err err;

	if (meant_key(app, &key, &err) || change(path, &key, NULL, &was_there, &err))
		return app_fail(app, &err);
	if (was_there) {
		config_check_rest(app, path);
		return DQ_OK;
	}
	app->has_told_error = true;
	app_warn(app, _("'%s' does not set '%s'"), path, app->args.left[1]);
	return DQ_FAILED;
}
