#include "cli/options/manual.h"

#include <stdbool.h>
#include <string.h>

#include "cli/options/command.h"
#include "cli/options/help.h"
#include "cli/term/i18n.h"
#include "dreamq/dreamq.h"
#include "dreamq/names.h"

enum { TEXT_MAX = 64 * 1024 };

static const char config_example[] = "[default]\n"
				     "output-dir = ~/Pictures/dreamq\n"
				     "jobs = 4\n"
				     "\n"
				     "[profile work]\n"
				     "output-dir = /srv/work\n"
				     "\n"
				     "[wire]\n"
				     "appvr = 8.4.0\n";

static const char *const json_events[] = {
	N_("task: everything known about a task; the last line of a task"),
	N_("state: its state, queue place or number of files changed"),
	N_("progress: a download moved"),
	N_("stored: a file got its final name"),
	N_("submitted: the id of a new task"),
	N_("login: what 'auth status' found"),
	N_("check: what one check of 'doctor' has found"),
	N_("setting, mistake: a key of the config file; a line that is wrong"),
	N_("finding: something that 'verify' found"),
	N_("verified: the sum of what it found; its last line"),
	N_("ledger, recovered: what 'ledger' found, and what it saved"),
	N_("version: what is in the program"),
	N_("stats_lane, stats_failure, stats_day: what 'stats' counted"),
};

/* Adds text that roff reads as text. */
static void add_text(struct buf *into, const char *text)
{
	bool is_line_start = true;

	for (; *text; text++) {
		if (is_line_start && (*text == '.' || *text == '\''))
			buf_addf(into, "\\&");
		is_line_start = *text == '\n';
		if (*text == '\\')
			buf_addf(into, "\\e");
		else if (*text == '-')
			buf_addf(into, "\\-");
		else if (*text == '\'')
			buf_addf(into, "\\(aq");
		else
			buf_add(into, text, 1);
	}
}

static void add_line(struct buf *into, const char *text)
{
	add_text(into, text);
	buf_addf(into, "\n");
}

/* Each line of it is a paragraph. */
static void add_paragraphs(struct buf *into, const char *text)
{
	for (const char *end; *text; text = end + (*end == '\n')) {
		struct buf one = buf_make(TEXT_MAX);

		end = strchrnul(text, '\n');
		buf_add(&one, text, (size_t)(end - text));
		buf_addf(into, ".PP\n");
		add_line(into, one.data);
		buf_release(&one);
	}
}

static void add_item(struct buf *into, const char *name, const char *text)
{
	buf_addf(into, ".TP\n.B ");
	add_line(into, name);
	add_line(into, text);
}

static void add_rows(struct buf *into, const char *title, const struct help_row *rows)
{
	buf_addf(into, ".SH %s\n", title);
	for (; rows->name; rows++)
		add_item(into, rows->name, _(rows->text));
}

static void add_options(struct buf *into, const enum opt_id *list)
{
	for (; list && *list != OPT_COUNT; list++) {
		struct buf name = buf_make(256);

		help_add_option_name(&name, *list);
		add_item(
		    into, name.data + strspn(name.data, " "), _(options[*list].help));
		buf_release(&name);
	}
}

static void add_command(struct buf *into, const struct command *command)
{
	buf_addf(into, ".SS ");
	add_text(into, command->name);
	buf_addf(into, " ");
	add_line(into, command->synopsis);
	add_text(into, _(command->summary));
	buf_addf(into, ".\n");
	add_paragraphs(into, _(command->details));
	buf_addf(into, ".PP\n.RS\n.EX\n");
	add_line(into, command->example);
	buf_addf(into, ".EE\n.RE\n");
	add_options(into, command->opts);
}

static void add_intro(struct buf *into)
{
	buf_addf(into,
	    ".TH DREAMQ 1 \"\" \"dreamq %s\" \"User Commands\"\n"
	    ".SH NAME\n"
	    "dreamq \\- ask Dreamina / Jimeng for results, wait, and bring every file "
	    "home\n"
	    ".SH SYNOPSIS\n"
	    ".B dreamq\n"
	    "[\\fIOPTION\\fR...] \\fIVERB\\fR [\\fIARGUMENT\\fR...]\n"
	    ".SH DESCRIPTION\n",
	    dq_version());
	add_line(into,
	    _("A job at the service is a task, named by a submit id. When it ends, its "
	      "images and videos are behind links that expire. dreamq asks for tasks, "
	      "waits "
	      "until they have ended, and downloads every file. What it was ever asked "
	      "for "
	      "is in a ledger: once it has printed a submit id, that task is never "
	      "forgotten, never submitted twice, and every file under its final name is "
	      "complete. It may be killed at any moment; the same command goes on."));
	buf_addf(into, ".PP\n");
	add_line(into,
	    _("Ids come from arguments, from '-' (standard input) or from --input FILE: "
	      "one "
	      "a line with '#' comments, or a JSON array of strings. Options may stand "
	      "anywhere, and must be written out; '--' ends them. A switch is turned off "
	      "with =no. A duration is like 90, 90s, 1.5h or 1h30m."));
}

static void add_config(struct buf *into)
{
	buf_addf(into, ".SH CONFIGURATION\n");
	add_line(into,
	    _("Options come before environment variables, these before the profile's "
	      "section "
	      "of the config file, that before its [default]. Keys are long option "
	      "names; "
	      "a switch is yes or no. [wire] overrides rows of the table of what is "
	      "sent. A "
	      "cookie in it is refused."));
	buf_addf(into, ".PP\n.RS\n.EX\n");
	add_text(into, config_example);
	buf_addf(into, ".EE\n.RE\n.PP\n");
	add_line(into, _("Rows of [wire]:"));
	for (size_t i = 0; dq_wire_name_at(i); i++) {
		add_text(into, dq_wire_name_at(i));
		buf_addf(into, "%s", dq_wire_name_at(i + 1) ? ",\n" : ".\n");
	}
}

static void add_name_fields(struct buf *into)
{
	buf_addf(into, ".SH FILE NAMES\n");
	add_line(into,
	    _("A template of --name may have these fields; '/' makes folders, '{{' is a "
	      "brace. A name that is taken gets a number; nothing is overwritten. "
	      "{index} counts from 0, {index1} from 1; {date} is YYYYMMDD and {time} "
	      "HHMMSS of the creation, by the clock here; {prompt} is its first 40 "
	      "characters, and a hash of all of it when there are more; {duration} is in "
	      "seconds; {sha} begins the SHA-256 of the file. What is not known is "
	      "'unknown'."));
	buf_addf(into, ".PP\n");
	add_line(into,
	    _("Behind a colon stands how it is written: {index:02} with zeros in front, "
	      "{date:%Y-%m} by strftime(3), {prompt:20} the first characters. Of "
	      "{prompt|model|id} the first that is known is taken; {seed|} is nothing "
	      "when it is not. What a file's name can't hold becomes '_'; a part of a "
	      "path has at most 200 bytes."));
	buf_addf(into, ".PP\n");
	for (const char *const *name = dq_name_fields(); *name; name++) {
		buf_addf(into, "{");
		add_text(into, *name);
		buf_addf(into, "}%s", name[1] ? ",\n" : ".\n");
	}
}

static void add_json(struct buf *into)
{
	buf_addf(into, ".SH JSON\n");
	add_line(into,
	    _("With --json, standard output has one object a line, of schema_version 1; "
	      "absent values are null, never missing. It is UTF-8: in a path or a name "
	      "that is "
	      "not, each byte that belongs to no character is U+FFFD. Its \"event\" is "
	      "one "
	      "of:"));
	for (size_t i = 0; i < sizeof(json_events) / sizeof(json_events[0]); i++) {
		buf_addf(into, ".IP \\(bu 2\n");
		add_line(into, _(json_events[i]));
	}
	buf_addf(into, ".PP\n");
	add_line(into,
	    _("The state of a task is one of the following; the first five are not the "
	      "end."));
	for (const char *const *name = dq_state_names(); *name; name++) {
		add_text(into, *name);
		buf_addf(into, "%s", name[1] ? ",\n" : ".\n");
	}
}

void manual_add(struct buf *into)
{
	add_intro(into);
	buf_addf(into, ".SH VERBS\n");
	for (const struct command *const *c = commands; *c; c++)
		add_command(into, *c);
	buf_addf(into, ".SH OPTIONS OF EVERY VERB\n");
	add_options(into, options_shared);
	add_rows(into, "EXIT STATUS", help_statuses);
	buf_addf(into, ".PP\n");
	add_line(into,
	    _("With several tasks and several outcomes, the most serious to act on wins: "
	      "3, "
	      "8, 6, 7, 5, 1, 4, 2, 0."));
	add_config(into);
	add_name_fields(into);
	add_json(into);
	add_rows(into, "WHAT --exec IS TOLD", help_hook);
	add_rows(into, "ENVIRONMENT", help_variables);
	add_rows(into, "FILES", help_files);
}
