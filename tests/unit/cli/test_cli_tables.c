/*
 * The tables from which help, manual, completions and the parser are made.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "cli/options/command.h"
#include "cli/options/complete.h"
#include "cli/options/help.h"
#include "cli/options/manual.h"
#include "dreamq/dreamq.h"
#include "model/budget.h"

enum { HELP_COLUMNS_MAX = 78 };

static void check_sentence(const char *text)
{
	size_t len = strlen(text);

	assert_true(len > 4);
	assert_true(text[len - 1] != '.');
	assert_false(isupper((unsigned char)text[0]) && !isupper((unsigned char)text[1]));
	assert_null(strchr(text, '\n'));
}

static void options_are_unique_and_whole(void **state)
{
	(void)state;
	for (enum opt_id id = 0; id < OPT_COUNT; id++) {
		const struct opt *opt = &options[id];

		assert_non_null(opt->name);
		check_sentence(opt->help);
		assert_int_equal(opt->type == OPT_SWITCH, opt->value == NULL);
		assert_true(opt->type != OPT_CHOICE || opt->choices);
		assert_true(!opt->choices || opt->type == OPT_CHOICE || opt->may_be_list);
		assert_true(!opt->may_be_list || opt->type == OPT_SWITCH);
		if (opt->type == OPT_NUMBER)
			assert_true(opt->max > opt->min);
		assert_true(!opt->zero || opt->type == OPT_TEXT ||
		    (opt->type == OPT_NUMBER && opt->min == 0));
		if (opt->env)
			assert_int_equal(strncmp(opt->env, "DREAMQ_", 7), 0);
		assert_int_equal(options_find(opt->name), id);
	}
}

/* The library would refuse what the program has let pass. */
static void limits_are_the_library_s(void **state)
{
	(void)state;
	assert_int_equal(options[OPT_REQUESTS_PER_MINUTE].max, BUDGET_PER_MINUTE_MAX);
}

static void commands_are_sorted_and_whole(void **state)
{
	(void)state;
	for (const struct command *const *c = commands; *c; c++) {
		assert_ptr_equal(command_find((*c)->name), *c);
		if (c != commands)
			assert_true(strcmp(c[-1]->name, (*c)->name) < 0);
		check_sentence((*c)->summary);
		assert_non_null((*c)->details);
		assert_non_null((*c)->run);
		assert_non_null(strstr((*c)->example, (*c)->name));
		assert_int_equal((*c)->takes == ARGS_WORDS, (*c)->words != NULL);
	}
	assert_null(command_find("observe"));
	assert_string_equal(command_nearest("gte"), "get");
	assert_null(command_nearest("qqqqqqqqq"));
}

/* Every option of a verb, its own and the shared ones. */
static size_t collect(const struct command *command, enum opt_id all[2 * OPT_COUNT])
{
	size_t n = 0;

	for (const enum opt_id *id = command->opts; id && *id != OPT_COUNT; id++)
		all[n++] = *id;
	for (const enum opt_id *id = options_shared; *id != OPT_COUNT; id++)
		all[n++] = *id;
	return n;
}

static void letters_and_options_are_unique(void **state)
{
	(void)state;
	for (const struct command *const *c = commands; *c; c++) {
		enum opt_id all[2 * OPT_COUNT];
		size_t n = collect(*c, all);

		for (size_t i = 0; i < n; i++) {
			for (size_t k = 0; k < i; k++) {
				assert_int_not_equal(all[i], all[k]);
				if (options[all[i]].letter)
					assert_int_not_equal(options[all[i]].letter,
					    options[all[k]].letter);
			}
		}
	}
}

static void own_options_are_sorted(void **state)
{
	(void)state;
	for (const struct command *const *c = commands; *c; c++)
		for (const enum opt_id *id = (*c)->opts;
		     id && id[0] != OPT_COUNT && id[1] != OPT_COUNT; id++)
			assert_true(strcmp(options[id[0]].name, options[id[1]].name) < 0);
}

/* "--name" and "-x" in a synopsis exist for that verb. */
static bool has_option(const struct command *command, enum opt_id id)
{
	for (size_t i = 0; command->opts && command->opts[i] != OPT_COUNT; i++)
		if (command->opts[i] == id)
			return true;
	return false;
}

/* Who changes anything can say before what that would be; the others, why not. */
static void what_changes_has_a_dry_run(void **state)
{
	static const char reads[] = "it only looks";
	static const char talks[] = "it asks the person before each step, or is told one "
				    "setting by name";
	static const struct {
		const struct command *command;
		const char *why_not;
	} rows[] = {
		{ &cmd_auth, talks },
		{ &cmd_completion, reads },
		{ &cmd_config, talks },
		{ &cmd_credits, "it asks for the balance, and notes costs on the way" },
		{ &cmd_doctor, reads },
		{ &cmd_embed, "it makes new files, and replaces none" },
		{ &cmd_export, reads },
		{ &cmd_help, reads },
		{ &cmd_list, reads },
		{ &cmd_list_task, reads },
		{ &cmd_open, reads },
		{ &cmd_preview, reads },
		{ &cmd_query, "to ask is all that it does" },
		{ &cmd_query_result, "it is as the original tool's" },
		{ &cmd_reveal, reads },
		{ &cmd_setup, talks },
		{ &cmd_sheet, "it makes one new file, and replaces none unasked" },
		{ &cmd_show, reads },
		{ &cmd_stats, reads },
		{ &cmd_version, reads },
		{ &cmd_wait, "to ask is all that it does" },
	};
	size_t at = 0;

	(void)state;
	for (const struct command *const *c = commands; *c; c++) {
		const bool is_excused =
		    at < sizeof(rows) / sizeof(*rows) && rows[at].command == *c;

		print_message("# %s\n", (*c)->name);
		assert_true(is_excused != has_option(*c, OPT_DRY_RUN));
		assert_true(!is_excused || rows[at].why_not[0]);
		at += is_excused;
	}
	assert_int_equal(at, sizeof(rows) / sizeof(*rows));
}

static void synopses_name_real_options(void **state)
{
	(void)state;
	for (const struct command *const *c = commands; *c; c++) {
		enum opt_id all[2 * OPT_COUNT];
		size_t n = collect(*c, all);

		for (const char *at = strchr((*c)->synopsis, '-'); at;
		     at = strchr(at, '-')) {
			size_t len = strspn(at, "-abcdefghijklmnopqrstuvwxyz_");
			bool is_found = false;

			for (size_t i = 0; i < n; i++) {
				const struct opt *opt = &options[all[i]];

				is_found = is_found ||
				    (at[1] == '-' && strlen(opt->name) == len - 2 &&
					!strncmp(opt->name, at + 2, len - 2)) ||
				    (at[1] == opt->letter && len == 2);
			}
			if (!is_found)
				fail_msg("%s: '%.*s'", (*c)->name, (int)len, at);
			at += len;
		}
	}
}

static void every_option_belongs_to_a_verb(void **state)
{
	(void)state;
	for (enum opt_id id = 0; id < OPT_COUNT; id++) {
		bool is_used = options_has(options_shared, id);

		for (const struct command *const *c = commands; *c; c++)
			is_used = is_used || options_has((*c)->opts, id);
		if (!is_used)
			fail_msg("--%s", options[id].name);
	}
}

static void states_are_the_library_s(void **state)
{
	const char *const *choice = options[OPT_STATE].choices;

	(void)state;
	for (const char *const *name = dq_state_names(); *name; name++, choice++)
		assert_string_equal(*choice, *name);
	assert_string_equal(*choice++, "unfinished");
	assert_null(*choice);
}

static void qualities_are_the_library_s(void **state)
{
	const char *const *choice = options[OPT_QUALITY].choices;

	(void)state;
	for (const char *const *name = dq_quality_names(); *name; name++, choice++)
		assert_string_equal(*choice, *name);
	assert_null(*choice);
}

static void check_lines(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		char line[400];

		assert_true(len < sizeof(line));
		(void)snprintf(line, sizeof(line), "%.*s", (int)len, text);
		if (text_width(line) > HELP_COLUMNS_MAX)
			fail_msg("too wide: %s", line);
		assert_true(len == 0 || line[len - 1] != ' ');
		text += len + (text[len] == '\n');
	}
}

static void help_has_everything_and_fits(void **state)
{
	struct buf text = buf_make(HELP_MAX);

	(void)state;
	help_add_main(&text, &(struct config){ 0 });
	check_lines(text.data);
	for (const struct command *const *c = commands; *c; c++) {
		struct buf verb = buf_make(HELP_MAX);

		assert_non_null(strstr(text.data, (*c)->name));
		help_add_verb(&verb, *c);
		check_lines(verb.data);
		for (const enum opt_id *id = (*c)->opts; id && *id != OPT_COUNT; id++)
			assert_non_null(strstr(verb.data, options[*id].name));
		buf_release(&verb);
	}
	buf_release(&text);
}

static void manual_and_completions_name_everything(void **state)
{
	struct buf texts[] = { buf_make(HELP_MAX), buf_make(COMPLETE_MAX),
		buf_make(COMPLETE_MAX), buf_make(COMPLETE_MAX) };

	(void)state;
	manual_add(&texts[0]);
	complete_add_bash(&texts[1]);
	complete_add_zsh(&texts[2]);
	complete_add_fish(&texts[3]);
	/* roff would run the lines of a text together. */
	assert_non_null(strstr(texts[0].data, "\n.PP\n\\-\\-batch: each line"));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_false(buf_failed(&texts[i]));
		for (const struct command *const *c = commands; *c; c++)
			assert_non_null(strstr(texts[i].data, (*c)->name));
		for (enum opt_id id = 0; i > 0 && id < OPT_COUNT; id++)
			assert_non_null(strstr(texts[i].data, options[id].name));
		buf_release(&texts[i]);
	}
}

/* What a command line can't show: the environment, how files are called, and ends. */
static void the_manual_has_what_is_no_option(void **state)
{
	static const char *const texts[] = { "HTTPS_PROXY, ALL_PROXY", "NO_PROXY",
		"DREAMQ_CA_FILE", "file:///FOLDER",
		"{index} counts from 0, {index1} from 1",
		"{date} is YYYYMMDD and {time} HHMMSS", "by the clock here",
		"{prompt} is its first 40 characters", ".B 141", "DREAMQ_PATH",
		"DREAMQ_ID", "DREAMQ_INDEX", "DREAMQ_KIND", "DREAMQ_SHA256",
		"A full disk is waited out" };
	struct buf text = buf_make(HELP_MAX);

	(void)state;
	manual_add(&text);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strstr(text.data, texts[i]))
			fail_msg("'%s' is not in the manual", texts[i]);
	buf_release(&text);
	help_add_verb(&text, &cmd_get);
	assert_non_null(strstr(text.data, "A full disk is waited out"));
	buf_release(&text);
	help_add_main(&text, &(struct config){ 0 });
	for (size_t i = 0; help_statuses[i].name; i++)
		assert_non_null(strstr(text.data, help_statuses[i].name));
	buf_release(&text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_unique_and_whole),
		cmocka_unit_test(limits_are_the_library_s),
		cmocka_unit_test(commands_are_sorted_and_whole),
		cmocka_unit_test(letters_and_options_are_unique),
		cmocka_unit_test(own_options_are_sorted),
		cmocka_unit_test(synopses_name_real_options),
		cmocka_unit_test(every_option_belongs_to_a_verb),
		cmocka_unit_test(states_are_the_library_s),
		cmocka_unit_test(qualities_are_the_library_s),
		cmocka_unit_test(help_has_everything_and_fits),
		cmocka_unit_test(what_changes_has_a_dry_run),
		cmocka_unit_test(manual_and_completions_name_everything),
		cmocka_unit_test(the_manual_has_what_is_no_option),
	};

	return cmocka_run_group_tests_name("cli_tables", tests, NULL, NULL);
}
