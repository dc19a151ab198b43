/*
 * One key of the config file set or taken away, aliases cut into words, and the sample.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cli/options/alias.h"
#include "cli/options/args.h"
#include "cli/options/config_edit.h"
#include "cli/options/sample.h"

static const struct {
	const char *before, *key, *value, *after; /* `value` NULL: unset */
	bool is_there;
} edits[] = {
	{ "", "jobs", "4", "[default]\njobs = 4\n", false },
	{ "", "profile.work.jobs", "4", "[profile work]\njobs = 4\n", false },
	{ "[default]\njobs=1\n", "jobs", "4", "[default]\njobs = 4\n", true },
	/* what stands around it stays, whatever it is */
	{ "# top\n\n[default]\n; one\n  jobs = 1 \nx\n\n# end", "jobs", "4",
	    "# top\n\n[default]\n; one\njobs = 4\nx\n\n# end\n", true },
	/* behind the last key, before the blank line */
	{ "[default]\nname = a\n\n[wire]\nappvr = 1\n", "jobs", "4",
	    "[default]\nname = a\njobs = 4\n\n[wire]\nappvr = 1\n", false },
	/* behind the comment that shows it */
	{ "[default]\n#jobs = 8\n\nname = a\n", "jobs", "4",
	    "[default]\n#jobs = 8\njobs = 4\n\nname = a\n", false },
	/* of the right section */
	{ "[default]\njobs = 1\n[profile work]\njobs = 2\n[profile home]\njobs = 3\n",
	    "profile.work.jobs", "9",
	    "[default]\njobs = 1\n[profile work]\njobs = 9\n[profile home]\njobs = 3\n",
	    true },
	{ "[wire]\nappvr = 1\n", "jobs", "4",
	    "[wire]\nappvr = 1\n\n[default]\njobs = 4\n", false },
	/* twins go: a file with them is refused */
	{ "[default]\njobs = 1\nname = a\njobs = 2\n", "jobs", "4",
	    "[default]\njobs = 4\nname = a\n", true },
	{ "[default]\r\njobs = 1\r\nname = a\r\n", "quality", "original",
	    "[default]\r\njobs = 1\r\nname = a\r\nquality = original\r\n", false },
	{ "\xef\xbb\xbf[default]\njobs = 1\n", "jobs", "2",
	    "\xef\xbb\xbf[default]\njobs = 2\n", true },
	{ "[default]\n", "name", " {id} ", "[default]\nname = \" {id} \"\n", false },
	{ "[default]\n", "name", "\"a\"", "[default]\nname = \"\"a\"\"\n", false },
	{ "[default]\njobs = 1\nname = a", "jobs", NULL, "[default]\nname = a\n", true },
	{ "[default]\njobs = 1\n", "name", NULL, "[default]\njobs = 1\n", false },
	{ "[default]\n# jobs = 1\n", "jobs", NULL, "[default]\n# jobs = 1\n", false },
	{ "jobs = 1\n", "jobs", NULL, "jobs = 1\n", false },
	{ "", "jobs", NULL, "", false },
};

static void one_key_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(*edits); i++) {
		_cleanup_free_ char *made = NULL;
		bool is_there = false;
		struct key key;
		struct err err;

		assert_int_equal(key_read(edits[i].key, "here", &key, &err), ERR_OK);
		made = config_edit(edits[i].before, &key, edits[i].value, &is_there);
		assert_non_null(made);
		assert_string_equal(made, edits[i].after);
		assert_int_equal(is_there, edits[i].is_there);
	}
}

/* What was written is read again as the same value. */
static void written_is_read(void **state)
{
	static const char *const values[] = { "a", " a", "a ", "\"a\"", "a\"b", "\"",
		"a # b", "=", "\t" };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		_cleanup_(config_release) struct config config = { 0 };
		struct key key;
		bool is_there;
		struct err err;
		char *made;

		assert_int_equal(key_read("name", "here", &key, &err), ERR_OK);
		made = config_edit("", &key, values[i], &is_there);
		assert_int_equal(
		    config_parse(made, strlen(made), "c.ini", &config, &err), ERR_OK);
		assert_int_equal(config.n_entries, 1);
		assert_string_equal(config.entries[0].value, values[i]);
	}
}

static const struct {
	const char *key, *message;
} bad_keys[] = {
	{ "job", "here: unknown key 'job'; did you mean 'jobs'?" },
	{ "prompt", "here: 'prompt' can only be given on the command line" },
	{ "sid_tt",
	    "here: a cookie does not belong into this file; run 'dreamq auth "
	    "import'" },
	{ "wire.appvrr", "here: unknown wire row 'appvrr'; did you mean 'appvr'?" },
	{ "profile.jobs", "here: 'profile.jobs' is not of the form profile.NAME.KEY" },
	{ "profile.a/b.jobs",
	    "here: 'profile.a/b.jobs' is not of the form profile.NAME.KEY" },
	{ "profile.work.profile",
	    "here: 'profile' can only be given on the command line" },
	{ "alias.get", "here: 'get' is a verb, and an alias can't replace it" },
	{ "alias.a b",
	    "here: 'a b' can't name an alias; letters, digits, '_' and '-' "
	    "can" },
	{ "", "here: unknown key ''" },
};

static void keys_that_are_none_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_keys) / sizeof(*bad_keys); i++) {
		struct key key;
		struct err err;

		assert_int_equal(
		    key_read(bad_keys[i].key, "here", &key, &err), ERR_USAGE);
		assert_string_equal(err.msg, bad_keys[i].message);
	}
}

/* The words joined with '|'; or a part of the refusal behind '!'. */
static const struct {
	const char *value, *want;
} aliases[] = {
	{ "watch --sync 1h", "watch|--sync|1h" },
	{ "  get\t-o  'a b' ", "get|-o|a b" },
	{ "list --state \"unfinished\"", "list|--state|unfinished" },
	{ "get -o a\\ b", "get|-o|a b" },
	{ "get -o 'it'\\''s'", "get|-o|it's" },
	{ "get -o ''", "get|-o|" },
	{ "get -o '\\'", "get|-o|\\" },
	{ "get -o ~/pics --name a~/b", "get|-o|/home/x/pics|--name|a~/b" },
	{ "get -o '~/pics'", "get|-o|~/pics" },
	{ "", "!begins with a verb" },
	{ "   ", "!begins with a verb" },
	{ "gte -o x", "!did you mean 'get'?" },
	{ "zzzzzzzzzz", "!see 'dreamq help'" },
	{ "get 'x", "!closes its quotes" },
	{ "get \"x", "!closes its quotes" },
};

static void aliases_are_cut_as_a_shell_does(void **state)
{
	(void)state;
	assert_int_equal(setenv("HOME", "/home/x", 1), 0);
	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++) {
		_cleanup_(alias_release) struct alias alias = { 0 };
		const char *want = aliases[i].want;
		char joined[200] = "";
		struct err err = { 0 };

		if (alias_make(aliases[i].value, "f:1", &alias, &err)) {
			assert_true(*want == '!');
			assert_non_null(strstr(err.msg, want + 1));
			assert_int_equal(strncmp(err.msg, "f:1: ", 5), 0);
			continue;
		}
		for (size_t k = 0; alias.words[k]; k++) {
			assert_true(k < alias.n_words);
			if (k > 0)
				strcat(joined, "|");
			strcat(joined, alias.words[k]);
		}
		assert_string_equal(joined, want);
	}
}

static void too_many_words_are_refused(void **state)
{
	_cleanup_(alias_release) struct alias alias = { 0 };
	char value[400] = "get";
	struct err err;

	(void)state;
	for (int i = 0; i < 70; i++)
		strcat(value, " x");
	assert_int_equal(alias_make(value, "f:1", &alias, &err), ERR_USAGE);
	assert_non_null(strstr(err.msg, "at most 63 words"));
}

/* As it is, it sets nothing; with each '#' before a key taken away, every key is good. */
static void the_sample_shows_every_key(void **state)
{
	struct buf sample = buf_make(1 << 20);
	_cleanup_(config_release) struct config config = { 0 };
	struct err err;

	(void)state;
	sample_add(&sample);
	assert_int_equal(
	    config_parse(strdup(sample.data), sample.len, "s", &config, &err), ERR_OK);
	assert_int_equal(config.n_entries, 0);
	for (enum opt_id id = 0; id < OPT_COUNT; id++) {
		char line[200];

		(void)snprintf(line, sizeof(line), "\n# %s =", options[id].name);
		assert_int_equal(
		    strstr(sample.data, line) != NULL, options[id].in_config);
	}
	buf_release(&sample);
}

/* What the table says of a default, its help says, too; and it would be taken. */
static void defaults_are_values(void **state)
{
	(void)state;
	for (enum opt_id id = 0; id < OPT_COUNT; id++) {
		const struct opt *opt = &options[id];
		struct args args = { 0 };
		struct err err;

		if (!opt->fallback)
			continue;
		assert_true(opt->in_config);
		assert_int_equal(
		    args_put(&args, id, opt->fallback, FROM_CONFIG, "x", &err), ERR_OK);
		if (strstr(opt->help, "(default: ") && strcmp(opt->fallback, ".") != 0)
			assert_non_null(strstr(opt->help, opt->fallback));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_key_changes),
		cmocka_unit_test(written_is_read),
		cmocka_unit_test(keys_that_are_none_are_refused),
		cmocka_unit_test(aliases_are_cut_as_a_shell_does),
		cmocka_unit_test(too_many_words_are_refused),
		cmocka_unit_test(the_sample_shows_every_key),
		cmocka_unit_test(defaults_are_values),
	};

	return cmocka_run_group_tests_name("config_edit", tests, NULL, NULL);
}
