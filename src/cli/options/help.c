#include "cli/options/help.h"

#include <string.h>

#include "base/text.h"
#include "cli/term/i18n.h"
#include "cli/term/wrap.h"

enum { COLUMNS_MAX = 78, OPTION_COLUMNS = 27, VERB_COLUMNS = 16, STATUS_COLUMNS = 7 };

const struct help_row help_statuses[] = {
	{ "0", N_("every task succeeded, and every file is stored") },
	{ "1", N_("a task failed, or the service does not know it") },
	{ "2", N_("wrong usage") },
	{ "3", N_("credentials missing, refused or expired") },
	{ "4", N_("still running; nothing is lost, ask again") },
	{ "5", N_("network or service unreachable") },
	{ "6", N_("disk, permission or ledger trouble") },
	{ "7", N_("the answer does not follow the wire contract") },
	{ "8",
	    N_("the service stopped the account: rate limit, risk control, no credit") },
	{ "130", N_("interrupted; the command to go on is printed") },
	{ "141", N_("the reader of standard output went away") },
	{ 0 },
};

const struct help_row help_variables[] = {
	{ "DREAMQ_API_BASE", N_("as --api-base") },
	{ "DREAMQ_CONFIG", N_("as --config") },
	{ "DREAMQ_CA_FILE, CURL_CA_BUNDLE",
	    N_("certificates of the network's own authority, beside the system's") },
	{ "DREAMQ_COOKIE_FILE", N_("as --cookie-file") },
	{ "DREAMQ_LEDGER", N_("as --ledger") },
	{ "DREAMQ_LOCALEDIR", N_("where the translations are") },
	{ "DREAMQ_PAGER, PAGER",
	    N_("what shows what is long on a terminal (default: less -FRX; 'cat': "
	       "nothing)") },
	{ "DREAMQ_PROFILE", N_("as --profile") },
	{ "DREAMQ_SUBMIT_BASE", N_("as --submit-base") },
	{ "HTTPS_PROXY, ALL_PROXY",
	    N_("the proxy for https, as http://HOST:PORT or socks5h://HOST:PORT; in "
	       "lower "
	       "case, too; never for loopback") },
	{ "NO_COLOR", N_("if set to anything, no colours") },
	{ "NO_PROXY",
	    N_("names and addresses that are asked without the proxy, or '*'") },
	{ 0 },
};

const struct help_row help_hook[] = {
	{ "{}", N_("in the command: the file's path, as one word") },
	{ "DREAMQ_PATH", N_("the same, absolute") },
	{ "DREAMQ_ID", N_("the task's id") },
	{ "DREAMQ_INDEX", N_("the file's place in its task, from 0") },
	{ "DREAMQ_KIND", N_("image, video or audio") },
	{ "DREAMQ_SHA256", N_("of the file, 64 hex digits") },
	{ 0 },
};

const struct help_row help_files[] = {
	{ "$XDG_CONFIG_HOME/dreamq/config.ini", N_("the config file") },
	{ "$XDG_CONFIG_HOME/dreamq/cookies/PROFILE.cookie",
	    N_("a profile's cookie, mode 0600") },
	{ "$XDG_STATE_HOME/dreamq/ledger.db",
	    N_("the ledger: every task ever asked for") },
	{ 0 },
};

/* --- parts --- */

/* A name, and its text beside it, or below when the name is long. */
static void add_row(
    struct buf *into, const char *name, const char *text, unsigned columns)
{
	const unsigned at = 2 + (unsigned)text_width(name);

	buf_addf(into, "  %s", name);
	if (at + 2 > columns)
		buf_addf(into, "\n%*s", (int)columns, "");
	else
		buf_addf(into, "%*s", (int)(columns - at), "");
	wrap_add_beside(into, text, columns, COLUMNS_MAX);
}

void help_add_option_name(struct buf *into, enum opt_id id)
{
	const struct opt *opt = &options[id];

	if (opt->letter)
		buf_addf(into, "-%c, --%s", opt->letter, opt->name);
	else
		buf_addf(into, "    --%s", opt->name);
	if (opt->value)
		buf_addf(into, " %s", opt->value);
}

static void add_options(struct buf *into, const char *title, const enum opt_id *list)
{
	if (!list || *list == OPT_COUNT)
		return;
	buf_addf(into, "\n%s\n", title);
	for (; *list != OPT_COUNT; list++) {
		struct buf name = buf_make(256);

		help_add_option_name(&name, *list);
		add_row(into, name.data, _(options[*list].help), OPTION_COLUMNS);
		buf_release(&name);
	}
}

static void add_rows(struct buf *into, const char *title, const struct help_row *rows)
{
	buf_addf(into, "\n%s\n", title);
	for (; rows->name; rows++)
		add_row(into, rows->name, _(rows->text), STATUS_COLUMNS);
}

static void add_verbs(struct buf *into)
{
	buf_addf(into, "\n%s\n", _("Verbs"));
	for (const struct command *const *c = commands; *c; c++)
		add_row(into, (*c)->name, _((*c)->summary), VERB_COLUMNS);
}

static void add_usage(struct buf *into)
{
	buf_addf(into, "%s dreamq [OPTION...] VERB [ARGUMENT...]\n", _("usage:"));
}

static void add_aliases(struct buf *into, const struct config *config)
{
	bool has_title = false;

	for (size_t i = 0; i < config->n_entries; i++) {
		const struct config_entry *entry = &config->entries[i];
		struct buf value = buf_make(HELP_MAX);

		if (entry->section != CONFIG_ALIAS)
			continue;
		if (!has_title)
			buf_addf(into, "\n%s\n", _("Aliases of your config file"));
		has_title = true;
		buf_addf(&value, "%s", entry->value);
		text_make_printable(value.data);
		add_row(into, entry->key, value.data, VERB_COLUMNS);
		buf_release(&value);
	}
}

void help_add_main(struct buf *into, const struct config *config)
{
	add_usage(into);
	buf_addf(into, "\n");
	wrap_add(into,
	    _("Asks Dreamina / Jimeng for the results of image and video generation, "
	      "waits "
	      "for them, and brings every file safely home."),
	    0, COLUMNS_MAX);
	add_verbs(into);
	add_aliases(into, config);
	add_options(into, _("Options of every verb"), options_shared);
	add_rows(into, _("Exit status"), help_statuses);
	buf_addf(into, "\n%s\n",
	    _("'dreamq help VERB' tells more; 'man dreamq' tells everything."));
}

void help_add_short(struct buf *into)
{
	add_usage(into);
	add_verbs(into);
	buf_addf(into, "\n%s\n", _("'dreamq help' and 'dreamq help VERB' tell more."));
}

static void add_usage_of(struct buf *into, const struct command *command)
{
	const size_t begin = into->len;
	unsigned indent;

	buf_addf(into, "%s dreamq %s%s", _("usage:"), command->name,
	    *command->synopsis ? " " : "");
	indent = (unsigned)text_width(into->data + begin);
	wrap_add_beside(into, command->synopsis, indent, COLUMNS_MAX);
	buf_addf(into, "\n");
}

void help_add_verb(struct buf *into, const struct command *command)
{
	add_usage_of(into, command);
	wrap_add(into, _(command->summary), 0, COLUMNS_MAX);
	buf_addf(into, "\n");
	wrap_add(into, _(command->details), 0, COLUMNS_MAX);
	buf_addf(into, "\n%s\n  %s\n", _("Example"), command->example);
	if (command->takes == ARGS_IDS) {
		buf_addf(into, "\n");
		wrap_add(into,
		    _("Ids: arguments, '-' for standard input, or --input FILE; there "
		      "one a "
		      "line with '#' comments, or a JSON array of strings. Duplicates "
		      "are "
		      "dropped; a bad one is reported, and the rest go on."),
		    0, COLUMNS_MAX);
	}
	add_options(into, _("Options"), command->opts);
	add_options(into, _("Options of every verb"), options_shared);
}
