#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cli/options/settings.h"

static enum err_kind parse(const char *text, struct config *ret_config, struct err *err)
{
	return config_parse(strdup(text), strlen(text), "c.ini", ret_config, err);
}

static void sections_keys_and_comments(void **state)
{
	static const char text[] = "\xef\xbb\xbf# a comment\r\n"
				   "; another\n"
				   "\n"
				   "  [default]  \r\n"
				   "output-dir=a b = c # d\r\n"
				   "\tname =  \"  {id}  \"  \n"
				   "[ profile work-1 ]\n"
				   "jobs = 3\n"
				   "[wire]\n"
				   "appvr=\n"
				   "[default]\n"
				   "jobs = 4";
	static const struct config_entry want[] = {
		{ CONFIG_DEFAULT, 5, NULL, "output-dir", "a b = c # d" },
		{ CONFIG_DEFAULT, 6, NULL, "name", "  {id}  " },
		{ CONFIG_PROFILE, 8, "work-1", "jobs", "3" },
		{ CONFIG_WIRE, 10, NULL, "appvr", "" },
		{ CONFIG_DEFAULT, 12, NULL, "jobs", "4" },
	};
	_cleanup_(config_release) struct config config = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(parse(text, &config, &err), ERR_OK);
	assert_int_equal(config.n_entries, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < config.n_entries; i++) {
		const struct config_entry *entry = &config.entries[i];

		assert_int_equal(entry->section, want[i].section);
		assert_int_equal(entry->line, want[i].line);
		assert_string_equal(entry->key, want[i].key);
		assert_string_equal(entry->value, want[i].value);
		if (want[i].profile)
			assert_string_equal(entry->profile, want[i].profile);
		else
			assert_null(entry->profile);
	}
}

static const struct {
	const char *text, *message;
} wrong[] = {
	{ "jobs = 3\n",
	    "c.ini:1: 'jobs' stands before the first section; write [default] above it" },
	{ "[default\n", "c.ini:1: the section has no ']'" },
	{ "[\n", "c.ini:1: the section has no ']'" },
	{ "\n[defaults]\n",
	    "c.ini:2: unknown section 'defaults'; there are [default], [profile NAME], "
	    "[alias] and [wire]" },
	{ "[profile]\n",
	    "c.ini:1: unknown section 'profile'; there are [default], [profile "
	    "NAME], [alias] and [wire]" },
	{ "[profile a/b]\n",
	    "c.ini:1: unknown section 'profile a/b'; there are [default], "
	    "[profile NAME], [alias] and [wire]" },
	{ "[default]\njobs\n", "c.ini:2: expected 'key = value'" },
	{ "[default]\njobs=1\n\njobs=2\n", "c.ini:4: 'jobs' was set on line 2 already" },
	{ "[default]\ncookie = abc\n",
	    "c.ini:2: a cookie does not belong into this file: take the line "
	    "out, and run 'dreamq auth import'" },
	{ "[default]\nSessionID = SECRET\n",
	    "c.ini:2: a cookie does not belong into this file: take the line "
	    "out, and run 'dreamq auth import'" },
	{ "[default]\ncookie-file = sessionid=SECRET; a=b\n",
	    "c.ini:2: a cookie does not belong into this file: take the line "
	    "out, and run 'dreamq auth import'" },
	{ "sessionid=SECRET\n",
	    "c.ini:1: a cookie does not belong into this file: take the line "
	    "out, and run 'dreamq auth import'" },
	{ "[default]\nuid_tt : SECRET; sid_tt=SECRET\n",
	    "c.ini:2: a cookie does not belong into this file: take the line "
	    "out, and run 'dreamq auth import'" },
};

static void each_mistake_has_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		_cleanup_(config_release) struct config config = { 0 };
		struct err err = { 0 };

		assert_int_equal(parse(wrong[i].text, &config, &err), ERR_USAGE);
		assert_string_equal(err.msg, wrong[i].message);
		assert_null(strstr(err.msg, "SECRET"));
	}
}

static void binary_is_no_config(void **state)
{
	_cleanup_(config_release) struct config config = { 0 };
	struct err err;
	char *text = malloc(4);

	(void)state;
	assert_non_null(text);
	memcpy(text, "a\0b", 4);
	assert_int_equal(config_parse(text, 3, "c.ini", &config, &err), ERR_USAGE);
}

/* --- all places together --- */

struct world {
	char folder[64], path[80];
	struct args args;
	struct settings settings;
};

static void write_config(struct world *world, const char *text)
{
	FILE *file = fopen(world->path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int world_make(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct err err;

	assert_non_null(world);
	(void)snprintf(world->folder, sizeof(world->folder), "cli-config-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	(void)snprintf(world->path, sizeof(world->path), "%s/c.ini", world->folder);
	assert_int_equal(args_make(4, &world->args, &err), ERR_OK);
	assert_int_equal(setenv("DREAMQ_CONFIG", world->path, 1), 0);
	assert_int_equal(setenv("HOME", "/home/me", 1), 0);
	*state = world;
	return 0;
}

static int world_free(void **state)
{
	struct world *world = *state;

	(void)unsetenv("DREAMQ_CONFIG");
	(void)unsetenv("DREAMQ_PROFILE");
	(void)unsetenv("DREAMQ_LEDGER");
	args_release(&world->args);
	settings_release(&world->settings);
	(void)unlink(world->path);
	(void)rmdir(world->folder);
	free(world);
	return 0;
}

static void put(struct world *world, enum opt_id id, const char *text)
{
	struct err err;

	assert_int_equal(
	    args_put(&world->args, id, text, FROM_ARGV, "test", &err), ERR_OK);
}

static void precedence(void **state)
{
	struct world *world = *state;
	struct err err;

	write_config(world,
	    "[profile work]\njobs = 5\nledger = ~/work.db\n"
	    "[profile home]\njobs = 6\ninterval = nonsense\n"
	    "[default]\njobs = 4\nledger = d.db\nprofile = work\n"
	    "output-dir = ~/out\nname = ~/{id}\ninterval = 9\n"
	    "[wire]\nappvr = 1.2.3\n");
	put(world, OPT_INTERVAL, "3");
	assert_int_equal(setenv("DREAMQ_LEDGER", "", 1), 0); /* empty: not set */
	assert_int_equal(settings_load(&world->args, &world->settings, &err), ERR_OK);
	assert_string_equal(args_text(&world->args, OPT_PROFILE), "work");
	assert_int_equal(args_number(&world->args, OPT_JOBS, 0), 5);
	assert_int_equal(args_number(&world->args, OPT_INTERVAL, 0), 3000);
	assert_string_equal(args_text(&world->args, OPT_LEDGER), "/home/me/work.db");
	assert_string_equal(args_text(&world->args, OPT_OUTPUT_DIR), "/home/me/out");
	assert_string_equal(args_text(&world->args, OPT_NAME), "~/{id}");
	assert_string_equal(world->settings.wire[0], "appvr=1.2.3");
	assert_null(world->settings.wire[1]);
}

static void environment_is_over_the_file(void **state)
{
	struct world *world = *state;
	struct err err;

	write_config(world,
	    "[default]\nledger = d.db\nprofile = work\n"
	    "[profile work]\njobs = 5\nledger = w.db\n"
	    "[profile default]\njobs = 7\n");
	assert_int_equal(setenv("DREAMQ_LEDGER", "e.db", 1), 0);
	assert_int_equal(setenv("DREAMQ_PROFILE", "default", 1), 0);
	assert_int_equal(settings_load(&world->args, &world->settings, &err), ERR_OK);
	assert_string_equal(args_text(&world->args, OPT_LEDGER), "e.db");
	assert_int_equal(args_number(&world->args, OPT_JOBS, 0), 7);
}

static const struct {
	const char *text, *end; /* of the message, behind the path */
} refused[] = {
	{ "[default]\njob = 3\n", ":2: unknown key 'job'; did you mean 'jobs'?" },
	{ "[default]\nqqqqqqqqq = 3\n", ":2: unknown key 'qqqqqqqqq'" },
	{ "[default]\nprompt = x\n",
	    ":2: 'prompt' can only be given on the command line" },
	{ "[profile x]\nprofile = y\n",
	    ":2: 'profile' can only be given on the command line" },
	{ "[profile other]\njob = 3\n", ":2: unknown key 'job'; did you mean 'jobs'?" },
	{ "[default]\njobs = 0\n", ":2: '0' is not a whole number from 1 to 64" },
	{ "[default]\noutput-dir =\n", ":2: the value is empty; give DIR" },
	{ "[default]\njson = perhaps\n", ":2: 'perhaps' is neither 'yes' nor 'no'" },
	{ "[wire]\nappver = 1\n",
	    ":2: unknown wire row 'appver'; did you mean 'appvr'?" },
};

static void a_wrong_file_is_refused(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct err err = { 0 };
		char want[300];

		(void)snprintf(want, sizeof(want), "%s%s", world->path, refused[i].end);
		write_config(world, refused[i].text);
		assert_int_equal(
		    settings_load(&world->args, &world->settings, &err), ERR_USAGE);
		assert_string_equal(err.msg, want);
	}
}

static void a_named_file_must_exist(void **state)
{
	struct world *world = *state;
	struct err err = { 0 };

	put(world, OPT_CONFIG, "no-such-file.ini");
	assert_int_not_equal(settings_load(&world->args, &world->settings, &err), ERR_OK);
	assert_non_null(strstr(err.msg, "no-such-file.ini"));
}

static void an_empty_file_is_fine(void **state)
{
	struct world *world = *state;
	struct err err;

	write_config(world, "");
	assert_int_equal(settings_load(&world->args, &world->settings, &err), ERR_OK);
	assert_null(world->settings.wire);
}

static void an_empty_profile_is_refused(void **state)
{
	struct world *world = *state;
	struct err err = { 0 };

	write_config(world, "[default]\nprofile = \"\"\n");
	assert_int_equal(settings_load(&world->args, &world->settings, &err), ERR_USAGE);
	assert_non_null(strstr(err.msg, "c.ini:2"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_keys_and_comments),
		cmocka_unit_test(each_mistake_has_its_line),
		cmocka_unit_test(binary_is_no_config),
		cmocka_unit_test_setup_teardown(precedence, world_make, world_free),
		cmocka_unit_test_setup_teardown(
		    environment_is_over_the_file, world_make, world_free),
		cmocka_unit_test_setup_teardown(
		    a_wrong_file_is_refused, world_make, world_free),
		cmocka_unit_test_setup_teardown(
		    a_named_file_must_exist, world_make, world_free),
		cmocka_unit_test_setup_teardown(
		    an_empty_file_is_fine, world_make, world_free),
		cmocka_unit_test_setup_teardown(
		    an_empty_profile_is_refused, world_make, world_free),
	};

	return cmocka_run_group_tests_name("cli_config", tests, NULL, NULL);
}
