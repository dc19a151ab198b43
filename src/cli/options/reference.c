#include "cli/options/reference.h"

#include <string.h>

#include "cli/options/command.h"
#include "cli/options/help.h"
#include "cli/term/i18n.h"
#include "dreamq/dreamq.h"
#include "dreamq/names.h"

enum { NAME_BYTES = 256 };

/* Adds a text as it is: nothing in it means anything to Markdown. */
static void add_text(struct buf *into, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			buf_addf(into, "\n\n");
			continue;
		}
		if (strchr("\\`*_<>[]|#~&$", *text))
			buf_addf(into, "\\");
		buf_add(into, text, 1);
	}
}

/* A name in a cell: as code, where only the bar means something. */
static void add_code(struct buf *into, const char *name)
{
	buf_addf(into, "`");
	for (name += strspn(name, " "); *name; name++)
		buf_addf(into, *name == '|' ? "\\%c" : "%c", *name);
	buf_addf(into, "`");
}

static void add_row(struct buf *into, const char *name, const char *text)
{
	buf_addf(into, "| ");
	add_code(into, name);
	buf_addf(into, " | ");
	add_text(into, text);
	buf_addf(into, " |\n");
}

static void begin_table(struct buf *into, const char *what)
{
	buf_addf(into, "| %s | %s |\n|---|---|\n", what, _("meaning"));
}

static void add_options(struct buf *into, const enum opt_id *list)
{
	if (!list || *list == OPT_COUNT)
		return;
	begin_table(into, _("option"));
	for (; *list != OPT_COUNT; list++) {
		struct buf name = buf_make(NAME_BYTES);

		help_add_option_name(&name, *list);
		add_row(into, name.data, _(options[*list].help));
		buf_release(&name);
	}
	buf_addf(into, "\n");
}

static void add_rows(
    struct buf *into, const char *title, const char *what, const struct help_row *rows)
{
	buf_addf(into, "## %s\n\n", title);
	begin_table(into, what);
	for (; rows->name; rows++)
		add_row(into, rows->name, _(rows->text));
	buf_addf(into, "\n");
}

static void add_command(struct buf *into, const struct command *command)
{
	buf_addf(into, "## dreamq %s\n\n", command->name);
	add_text(into, _(command->summary));
	buf_addf(into, "\n\n```\ndreamq %s%s%s\n```\n\n", command->name,
	    *command->synopsis ? " " : "", command->synopsis);
	add_text(into, _(command->details));
	buf_addf(into, "\n\n```console\n$ %s\n```\n\n", command->example);
	add_options(into, command->opts);
}

static void add_fields(struct buf *into)
{
	buf_addf(into, "## %s\n\n", _("Fields of --name"));
	for (const char *const *name = dq_name_fields(); *name; name++)
		buf_addf(into, "`{%s}`%s", *name, name[1] ? ", " : ".\n\n");
}

void reference_add(struct buf *into)
{
	buf_addf(into, "# %s\n\n", _("Every verb and option"));
	for (const struct command *const *c = commands; *c; c++)
		add_command(into, *c);
	buf_addf(into, "## %s\n\n", _("Options of every verb"));
	add_options(into, options_shared);
	add_fields(into);
	add_rows(into, _("Exit status"), _("status"), help_statuses);
	add_rows(into, _("What --exec is told"), _("name"), help_hook);
	add_rows(into, _("Environment"), _("variable"), help_variables);
	add_rows(into, _("Files"), _("path"), help_files);
}
