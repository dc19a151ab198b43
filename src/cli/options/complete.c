#include "cli/options/complete.h"

#include <stdbool.h>
#include <string.h>

#include "cli/options/command.h"
#include "cli/term/i18n.h"

/* Ids of the ledger and their prompts, behind a tab, without a word of trouble. */
#define LIST_IDS "dreamq completion ids"

/* The aliases of the config file, "NAME" or "NAME:WHAT". */
#define LIST_ALIASES "dreamq config list alias. 2>/dev/null | sed -n "

static const char bash_head[] =
    "# bash completion of dreamq\n"
    "_dreamq()\n"
    "{\n"
    "\tlocal cur prev verb= word i values= skip=\n"
    "\tcur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "\tif [[ $cur == '=' ]]; then cur=; fi\n"
    "\tif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
    "\t\tword=${COMP_WORDS[i]}\n"
    "\t\tif [[ -n $skip ]]; then skip=; continue; fi\n"
    "\t\tcase $word in\n";

static void add_words(struct buf *into, const char *const *words)
{
	for (; *words; words++)
		buf_addf(into, "%s%s", *words, words[1] ? " " : "");
}

/* Where the place of a word does not matter. */
static void add_all_words(struct buf *into, const struct command *command)
{
	add_words(into, command->words);
	if (!command->second_words)
		return;
	buf_addf(into, " ");
	add_words(into, command->second_words);
}

static void add_verbs(struct buf *into)
{
	for (const struct command *const *c = commands; *c; c++)
		buf_addf(into, "%s%s", (*c)->name, c[1] ? " " : "");
}

static void add_names(struct buf *into, const enum opt_id *list)
{
	for (; list && *list != OPT_COUNT; list++)
		buf_addf(into, "--%s ", options[*list].name);
}

static bool takes_ids(const struct command *command)
{
	return command->takes == ARGS_IDS || command->takes == ARGS_TAGS;
}

/* --- bash --- */

/* "--x|-y", a pattern of a case. */
static void add_pattern(struct buf *into, enum opt_id id)
{
	buf_addf(into, "--%s", options[id].name);
	if (options[id].letter)
		buf_addf(into, "|-%c", options[id].letter);
}

static void add_bash_value(struct buf *into, enum opt_id id)
{
	const struct opt *opt = &options[id];

	buf_addf(into, "\t\t");
	add_pattern(into, id);
	if (opt->type == OPT_CHOICE) {
		buf_addf(into, ") values='");
		add_words(into, opt->choices);
		buf_addf(into, "' ;;\n");
	} else if (opt->type == OPT_FOLDER) {
		buf_addf(into, ") COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n");
	} else if (opt->type == OPT_FILE) {
		buf_addf(into, ") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
	} else {
		buf_addf(into, ") return ;;\n");
	}
}

/* -o means another option in another verb; the shared ones come last. */
static void add_bash_values(struct buf *into, const enum opt_id *list)
{
	for (; list && *list != OPT_COUNT; list++)
		if (options[*list].type != OPT_SWITCH)
			add_bash_value(into, *list);
}

static void add_bash_verb(struct buf *into, const struct command *command)
{
	buf_addf(into, "\t%s)\n\t\tcase $prev in\n", command->name);
	add_bash_values(into, command->opts);
	add_bash_values(into, options_shared);
	buf_addf(into, "\t\tesac\n\t\tif [[ -n $values ]]; then :\n");
	buf_addf(into, "\t\telif [[ $cur == -* ]]; then values='");
	add_names(into, command->opts);
	add_names(into, options_shared);
	buf_addf(into, "'\n");
	if (command->takes == ARGS_FILES) {
		buf_addf(
		    into, "\t\telse COMPREPLY=($(compgen -f -- \"$cur\")); return\n");
	} else if (takes_ids(command)) {
		buf_addf(into, "\t\telse values=$(%s \"$cur\" 2>/dev/null | cut -f1)\n",
		    LIST_IDS);
	} else if (command->takes == ARGS_WORDS) {
		buf_addf(into, "\t\telse values='");
		add_all_words(into, command);
		buf_addf(into, "'\n");
	} else if (command->takes == ARGS_VERB) {
		buf_addf(into, "\t\telse values='");
		add_verbs(into);
		buf_addf(into, "'\n");
	}
	buf_addf(into, "\t\tfi ;;\n");
}

void complete_add_bash(struct buf *into)
{
	bool is_first = true;

	buf_addf(into, "%s\t\t", bash_head);
	for (const enum opt_id *id = options_shared; *id != OPT_COUNT; id++) {
		if (options[*id].type == OPT_SWITCH)
			continue;
		buf_addf(into, "%s--%s", is_first ? "" : "|", options[*id].name);
		is_first = false;
	}
	buf_addf(into,
	    ") skip=1 ;;\n"
	    "\t\t-*|'=') ;;\n"
	    "\t\t*) verb=$word; break ;;\n"
	    "\t\tesac\n\tdone\n\tcase $verb in\n");
	for (const struct command *const *c = commands; *c; c++)
		add_bash_verb(into, *c);
	buf_addf(into, "\t*) case $prev in\n");
	add_bash_values(into, options_shared);
	buf_addf(into,
	    "\t\tesac\n\t\tif [[ -n $values ]]; then :\n"
	    "\t\telif [[ $cur == -* ]]; then values='");
	add_names(into, options_shared);
	buf_addf(into, "'\n\t\telse values='");
	add_verbs(into);
	buf_addf(into,
	    " '$(" LIST_ALIASES "'s/^alias[.]\\([^ ]*\\).*/\\1/p')\n\t\tfi ;;\n\tesac\n"
	    "\tCOMPREPLY=($(compgen -W \"$values\" -- \"$cur\"))\n"
	    "}\ncomplete -o bashdefault -F _dreamq dreamq\n");
}

/* --- zsh --- */

/* For single quotes, in a spec where brackets and colons mean something. */
static void add_zsh_text(struct buf *into, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_addf(into, "'\\''");
		else if (strchr("[]:\\", *text))
			buf_addf(into, "\\%c", *text);
		else
			buf_add(into, text, 1);
	}
}

static void add_zsh_option(struct buf *into, enum opt_id id)
{
	const struct opt *opt = &options[id];

	if (opt->letter)
		buf_addf(into, "\t\t\t'(-%c --%s)'{-%c%s,--%s%s}'[", opt->letter,
		    opt->name, opt->letter, opt->value ? "+" : "", opt->name,
		    opt->value ? "=" : "");
	else
		buf_addf(into, "\t\t\t'%s--%s%s[", opt->type == OPT_LIST ? "*" : "",
		    opt->name, opt->value ? "=" : "");
	add_zsh_text(into, _(opt->help));
	buf_addf(into, "]");
	if (opt->value) {
		buf_addf(into, ":");
		add_zsh_text(into, opt->value);
		buf_addf(into, ":");
	}
	if (opt->type == OPT_CHOICE) {
		buf_addf(into, "(");
		for (const char *const *choice = opt->choices; *choice; choice++) {
			add_zsh_text(into, *choice);
			buf_addf(into, "%s", choice[1] ? " " : ")");
		}
	} else if (opt->type == OPT_FILE) {
		buf_addf(into, "_files");
	} else if (opt->type == OPT_FOLDER) {
		buf_addf(into, "_files -/");
	}
	buf_addf(into, "' \\\n");
}

static void add_zsh_options(struct buf *into, const enum opt_id *list)
{
	for (; list && *list != OPT_COUNT; list++)
		add_zsh_option(into, *list);
}

static void add_zsh_verb(struct buf *into, const struct command *command)
{
	buf_addf(into, "\t%s)\n\t\t_arguments -s -S \\\n", command->name);
	add_zsh_options(into, command->opts);
	add_zsh_options(into, options_shared);
	if (command->takes == ARGS_FILES) {
		buf_addf(into, "\t\t\t'*:file:_files'");
	} else if (takes_ids(command)) {
		buf_addf(into, "\t\t\t'*:id:_dreamq_ids'");
	} else if (command->takes == ARGS_WORDS) {
		buf_addf(into, "\t\t\t'1:word:(");
		add_words(into, command->words);
		if (command->second_words) {
			buf_addf(into, ")' '2:word:(");
			add_words(into, command->second_words);
		}
		buf_addf(into, ")' '*:file:_files'");
	} else if (command->takes == ARGS_VERB) {
		buf_addf(into, "\t\t\t'1:verb:(");
		add_verbs(into);
		buf_addf(into, ")'");
	} else {
		buf_addf(into, "\t\t\t'*: :'");
	}
	buf_addf(into, " ;;\n");
}

void complete_add_zsh(struct buf *into)
{
	buf_addf(into,
	    "#compdef dreamq\n"
	    "_dreamq_ids()\n{\n"
	    "\tlocal -a ids\n"
	    "\tids=(${(f)\"$(" LIST_IDS " \"$PREFIX\" 2>/dev/null)\"})\n"
	    "\tids=(${ids//:/\\\\:})\n"
	    "\tids=(${ids/$'\\t'/:})\n"
	    "\t_describe id ids\n}\n"
	    "_dreamq()\n{\n"
	    "\tlocal curcontext=$curcontext state line\n"
	    "\tlocal -a verbs\n\tverbs=(\n");
	for (const struct command *const *c = commands; *c; c++) {
		buf_addf(into, "\t\t'%s:", (*c)->name);
		add_zsh_text(into, _((*c)->summary));
		buf_addf(into, "'\n");
	}
	buf_addf(into, "\t)\n\t_arguments -C -s \\\n");
	add_zsh_options(into, options_shared);
	buf_addf(into,
	    "\t\t\t'1: :->verb' '*:: :->rest' && return\n"
	    "\tif [[ $state == verb ]]; then\n"
	    "\t\tverbs+=(${(f)\"$(" LIST_ALIASES
	    "'s/^alias[.]\\([^ ]*\\) *\\(.*\\)/\\1:\\2/p')\"})\n"
	    "\t\t_describe verb verbs\n\t\treturn\n\tfi\n"
	    "\tcase $line[1] in\n");
	for (const struct command *const *c = commands; *c; c++)
		add_zsh_verb(into, *c);
	buf_addf(into,
	    "\tesac\n}\n"
	    "if [[ $funcstack[1] == _dreamq ]]; then\n\t_dreamq \"$@\"\n"
	    "else\n\tcompdef _dreamq dreamq\nfi\n");
}

/* --- fish --- */

static void add_fish_text(struct buf *into, const char *text)
{
	buf_addf(into, "'");
	for (; *text; text++)
		buf_addf(into, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
	buf_addf(into, "'");
}

static void add_fish_option(
    struct buf *into, const struct command *command, enum opt_id id)
{
	const struct opt *opt = &options[id];

	buf_addf(into, "complete -c dreamq");
	if (command)
		buf_addf(into, " -n '__fish_seen_subcommand_from %s'", command->name);
	buf_addf(into, " -l %s", opt->name);
	if (opt->letter)
		buf_addf(into, " -s %c", opt->letter);
	if (opt->type == OPT_FILE)
		buf_addf(into, " -rF");
	else if (opt->type == OPT_FOLDER)
		buf_addf(into, " -xa '(__fish_complete_directories)'");
	else if (opt->value)
		buf_addf(into, " -x");
	if (opt->type == OPT_CHOICE) {
		buf_addf(into, " -a '");
		add_words(into, opt->choices);
		buf_addf(into, "'");
	}
	buf_addf(into, " -d ");
	add_fish_text(into, _(opt->help));
	buf_addf(into, "\n");
}

static void add_fish_verb(struct buf *into, const struct command *command)
{
	buf_addf(
	    into, "complete -c dreamq -n __fish_use_subcommand -a %s -d ", command->name);
	add_fish_text(into, _(command->summary));
	buf_addf(into, "\n");
	for (const enum opt_id *id = command->opts; id && *id != OPT_COUNT; id++)
		add_fish_option(into, command, *id);
	if (command->takes == ARGS_NONE || command->takes == ARGS_NAMES)
		return;
	if (command->takes == ARGS_FILES) {
		buf_addf(into,
		    "complete -c dreamq -n '__fish_seen_subcommand_from %s' -F\n",
		    command->name);
		return;
	}
	buf_addf(into, "complete -c dreamq -n '__fish_seen_subcommand_from %s' -a '",
	    command->name);
	if (takes_ids(command))
		buf_addf(into, "(__dreamq_ids)");
	else if (command->takes == ARGS_WORDS)
		add_all_words(into, command);
	else
		add_verbs(into);
	buf_addf(into, "'\n");
}

void complete_add_fish(struct buf *into)
{
	buf_addf(into,
	    "function __dreamq_ids\n"
	    "\t" LIST_IDS " (commandline -ct) 2>/dev/null\n"
	    "end\n"
	    "function __dreamq_aliases\n"
	    "\t" LIST_ALIASES "'s/^alias[.]\\([^ ]*\\) *\\(.*\\)/\\1\\t\\2/p'\n"
	    "end\n"
	    "complete -c dreamq -f\n"
	    "complete -c dreamq -n __fish_use_subcommand -a '(__dreamq_aliases)'\n");
	for (const enum opt_id *id = options_shared; *id != OPT_COUNT; id++)
		add_fish_option(into, NULL, *id);
	for (const struct command *const *c = commands; *c; c++)
		add_fish_verb(into, *c);
}
