#include "mcp/install/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"
#include "mcp/install/edit.h"

enum { PAIRS_MAX = 6, LINE_SHOWN_MAX = 1000 };

static const char entry_name[] = "dreamq";

/* --- what is written ---------------------------------------------------------------- */

static void add_json(struct buf *into, const char *word)
{
	cJSON *string = cJSON_CreateString(word);
	char *text = string ? cJSON_PrintUnformatted(string) : NULL;

	if (text)
		buf_add(into, text, strlen(text));
	else
		into->failed = true;
	cJSON_free(text);
	cJSON_Delete(string);
}

/* A JSON text in one line, which a TOML text is as well; NULL: no memory. */
static char *list_json(const char *const *words)
{
	_cleanup_(buf_release) struct buf text = buf_make(EDIT_BYTES_MAX);

	buf_addf(&text, "[");
	for (size_t i = 0; words[i]; i++) {
		buf_addf(&text, "%s", i ? ", " : "");
		add_json(&text, words[i]);
	}
	buf_addf(&text, "]");
	return buf_take(&text);
}

static char *word_json(const char *word)
{
	_cleanup_(buf_release) struct buf text = buf_make(EDIT_BYTES_MAX);

	add_json(&text, word);
	return buf_take(&text);
}

static char *value_of(const struct client_pair *pair, const char *const *words)
{
	switch (pair->holds) {
	case PAIR_PROGRAM:
		return word_json(words[0]);
	case PAIR_ARGUMENTS:
		return list_json(words + 1);
	case PAIR_WHOLE:
		return list_json(words);
	case PAIR_TEXT:
	default:
		return strdup(pair->text);
	}
}

static enum err_kind check_words(const char *const *words, struct err *err)
{
	for (; *words; words++) {
		if (!text_is_utf8(*words, strlen(*words)) || strpbrk(*words, "\r\n\x7f"))
			return err_set(err, ERR_USAGE,
			    "'%s' can't be written into a client's configuration: it is "
			    "not plain UTF-8",
			    *words);
	}
	return ERR_OK;
}

static enum err_kind edit_text(const struct plan_wish *wish, const struct edit *edit,
    struct buf *into, struct err *err)
{
	const bool is_toml = wish->client->form == FORM_TOML;
	struct edit_pair pairs[PAIRS_MAX] = { 0 };
	char *values[PAIRS_MAX] = { NULL };
	enum err_kind kind = ERR_OK;

	if (!wish->words)
		return is_toml ? toml_entry_remove(edit, into, err)
			       : json_entry_remove(edit, into, err);
	if (check_words(wish->words, err))
		return err->kind;
	for (size_t i = 0; wish->client->entry[i].key && i + 1 < PAIRS_MAX; i++) {
		const struct client_pair *pair = &wish->client->entry[i];

		values[i] = value_of(pair, wish->words);
		pairs[i] = (struct edit_pair){ pair->key, values[i], pair->is_choice };
		if (!values[i])
			kind = err_set(err, ERR_NOMEM, "out of memory");
	}
	if (!kind)
		kind = is_toml ? toml_entry_put(edit, pairs, into, err)
			       : json_entry_put(edit, pairs, into, err);
	for (size_t i = 0; i < PAIRS_MAX; i++)
		free(values[i]);
	return kind;
}

/* --- reading ----------------------------------------------------------------------- */

static enum err_kind read_text(const char *path, struct buf *into, struct err *err)
{
	if (fs_read_all(path, into, err))
		return err->kind;
	if (memchr(into->data, '\0', into->len) || !text_is_utf8(into->data, into->len))
		return err_set(err, ERR_USAGE,
		    "'%s' is not a text file in UTF-8; nothing was changed", path);
	return ERR_OK;
}

/* The file that the name means; one that is not there yet: itself. */
static enum err_kind find_target(const char *path, struct plan *plan, struct err *err)
{
	struct stat st;

	plan->target = realpath(path, NULL);
	plan->exists = plan->target != NULL;
	plan->mode = 0600;
	if (!plan->target && errno != ENOENT)
		return err_errno(err, ERR_IO, "can't open '%s'", path);
	if (!plan->target && !lstat(path, &st))
		return err_set(err, ERR_IO,
		    "'%s' is a link to a file that is not there; nothing was changed",
		    path);
	if (plan->exists && !stat(plan->target, &st)) {
		plan->mode = st.st_mode & 07777;
		if (!S_ISREG(st.st_mode))
			return err_set(
			    err, ERR_IO, "'%s' is not a file; nothing was changed", path);
	}
	if (!plan->target && !(plan->target = strdup(path)))
		return err_set(err, ERR_NOMEM, "out of memory");
	return ERR_OK;
}

enum err_kind plan_make(
    const struct plan_wish *wish, struct plan *ret_plan, struct err *err)
{
	struct plan plan = { .before = buf_make(EDIT_BYTES_MAX),
		.after = buf_make(EDIT_BYTES_MAX) };
	const struct edit edit = { .path = wish->path,
		.has_comments = wish->client->form == FORM_JSONC,
		.list = wish->client->list,
		.name = entry_name };
	struct edit with_text = edit;
	enum err_kind kind = find_target(wish->path, &plan, err);

	if (!kind && plan.exists)
		kind = read_text(plan.target, &plan.before, err);
	with_text.text = plan.before.data;
	if (!kind)
		kind = edit_text(wish, &with_text, &plan.after, err);
	if (!kind && buf_failed(&plan.after))
		kind = err_set(err, ERR_NOMEM, "out of memory");
	if (kind) {
		plan_release(&plan);
		return kind;
	}
	plan.is_needed = strcmp(plan.before.data, plan.after.data) != 0;
	*ret_plan = plan;
	return ERR_OK;
}

void plan_release(struct plan *plan)
{
	free(plan->target);
	plan->target = NULL;
	buf_release(&plan->before);
	buf_release(&plan->after);
}

/* --- writing ----------------------------------------------------------------------- */

static enum err_kind check_unchanged(const struct plan *plan, struct err *err)
{
	_cleanup_(buf_release) struct buf now = buf_make(EDIT_BYTES_MAX);

	if (fs_exists(plan->target) != plan->exists ||
	    (plan->exists &&
		(fs_read_all(plan->target, &now, err) || now.len != plan->before.len ||
		    memcmp(now.data, plan->before.data, now.len) != 0)))
		return err_set(err, ERR_IO,
		    "'%s' was changed by somebody else just now; nothing was written; "
		    "run the same command again",
		    plan->target);
	return ERR_OK;
}

/* "FILE.TIME.bak", which is never there already. */
static enum err_kind keep_old(const struct plan *plan, char **ret_backup, struct err *err)
{
	const time_t now = time(NULL);
	char when[32] = "";
	_cleanup_free_ char *path = NULL;
	struct tm tm;

	if (!gmtime_r(&now, &tm) || !strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm))
		return err_set(err, ERR_IO, "the clock of this machine can't be read");
	for (int n = 0; n < 100; n++) {
		free(path);
		if (asprintf(&path, n ? "%s.%s-%d.bak" : "%s.%s.bak", plan->target, when,
			n) < 0) {
			path = NULL;
			return err_set(err, ERR_NOMEM, "out of memory");
		}
		if (!fs_exists(path))
			break;
	}
	if (fs_write_atomic(path, plan->before.data, plan->before.len, plan->mode, err))
		return err_note(err, "backup");
	*ret_backup = TAKE_PTR(path);
	return ERR_OK;
}

enum err_kind plan_write(struct plan *plan, char **ret_backup, struct err *err)
{
	_cleanup_free_ char *backup = NULL;

	if (fs_make_parent(plan->target, 0700, err) || check_unchanged(plan, err))
		return err->kind;
	if (plan->exists && keep_old(plan, &backup, err))
		return err->kind;
	if (check_unchanged(plan, err) ||
	    fs_write_atomic(
		plan->target, plan->after.data, plan->after.len, plan->mode, err)) {
		if (backup)
			(void)unlink(backup);
		return err->kind;
	}
	plan->is_written = true;
	*ret_backup = TAKE_PTR(backup);
	return ERR_OK;
}

/* --- telling ----------------------------------------------------------------------- */

struct lines {
	size_t from, to; /* bytes */
	int first, n; /* lines */
};

static struct lines lines_of(const char *text, size_t same_front, size_t same_back)
{
	struct lines lines = { same_front, strlen(text) - same_back,
		edit_line(text, same_front), 0 };

	for (size_t at = lines.from; at < lines.to; at++)
		lines.n += text[at] == '\n' || at + 1 == lines.to;
	return lines;
}

static void tell_lines(const char *text, const struct lines *lines, char sign,
    void (*tell)(void *payload, const char *line), void *payload)
{
	for (size_t at = lines->from; at < lines->to;) {
		const size_t len = strcspn(text + at, "\r\n");
		_cleanup_free_ char *line = NULL;

		if (asprintf(&line, "%c%.*s", sign,
			(int)(len < LINE_SHOWN_MAX ? len : LINE_SHOWN_MAX),
			text + at) >= 0)
			tell(payload, line);
		else
			line = NULL;
		at += strcspn(text + at, "\n");
		at += text[at] == '\n';
	}
}

void plan_difference(
    const struct plan *plan, void (*tell)(void *payload, const char *line), void *payload)
{
	const char *before = plan->before.data, *after = plan->after.data;
	size_t front = 0, back = 0, at = 0;
	struct lines gone, come;
	char head[80];

	for (; before[at] && before[at] == after[at]; at++)
		if (before[at] == '\n')
			front = at + 1;
	for (at = 0; at < plan->before.len - front && at < plan->after.len - front;
	     at++) {
		const char a = before[plan->before.len - 1 - at];

		if (a != after[plan->after.len - 1 - at])
			break;
		if (at > 0 && a == '\n')
			back = at;
	}
	gone = lines_of(before, front, back);
	come = lines_of(after, front, back);
	(void)snprintf(head, sizeof(head), "@@ -%d,%d +%d,%d @@", gone.first, gone.n,
	    come.first, come.n);
	tell(payload, head);
	tell_lines(before, &gone, '-', tell, payload);
	tell_lines(after, &come, '+', tell, payload);
}
