#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cli/options/advice.h"
#include "cli/options/args.h"

static const enum opt_id get_opts[] = { OPT_EXEC, OPT_INPUT, OPT_INTERVAL, OPT_JOBS,
	OPT_MAX_WAIT, OPT_NAME, OPT_OUTPUT_DIR, OPT_REQUESTS_PER_MINUTE, OPT_SET,
	OPT_SIDECAR, OPT_STATE, OPT_COUNT };

enum { WORDS_MAX = 10 };

static enum err_kind read_words(
    struct args *args, const char *const words[WORDS_MAX], int *at, struct err *err)
{
	const struct args_rules rules = { .verb = "get", .own = get_opts };

	assert_int_equal(args_make(WORDS_MAX, args, err), ERR_OK);
	*at = 0;
	return args_read(args, &rules, words, at, err);
}

/* Its words may stand apart; another word is an argument. */
static void a_switch_that_may_be_a_list(void **state)
{
	static const struct {
		const char *words[WORDS_MAX], *text;
		size_t n_left;
	} cases[] = {
		{ { "--sidecar", "xmp", "id" }, "xmp", 1 },
		{ { "--sidecar", "json,txt", "id" }, "json,txt", 1 },
		{ { "--sidecar=xmp", "json" }, "xmp", 1 },
		{ { "--sidecar", "xmp,html", "id" }, NULL, 2 },
		{ { "--sidecar", "xmp,", "id" }, NULL, 2 },
		{ { "--sidecar", "--", "xmp" }, NULL, 1 },
		{ { "--sidecar" }, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct args args;
		struct err err;
		int at;

		assert_int_equal(read_words(&args, cases[i].words, &at, &err), ERR_OK);
		assert_true(args_is_on(&args, OPT_SIDECAR));
		assert_int_equal(args.n_left, cases[i].n_left);
		if (cases[i].text)
			assert_string_equal(args_text(&args, OPT_SIDECAR), cases[i].text);
		else
			assert_null(args_text(&args, OPT_SIDECAR));
		args_release(&args);
	}
}

static void every_way_to_write_a_value(void **state)
{
	static const char *const cases[][WORDS_MAX] = {
		{ "--output-dir=x y", "id" },
		{ "--output-dir", "x y", "id" },
		{ "-ox y", "id" },
		{ "-o", "x y", "id" },
		{ "id", "--output-dir", "x y" },
		{ "-qo", "x y", "id" },
		{ "-qvox y", "id" },
		{ "-o", "first", "id", "-o", "x y" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(args_release) struct args args = { 0 };
		struct err err;
		int at;

		assert_int_equal(read_words(&args, cases[i], &at, &err), ERR_OK);
		assert_string_equal(args_text(&args, OPT_OUTPUT_DIR), "x y");
		assert_int_equal(args.of[OPT_OUTPUT_DIR].origin, FROM_ARGV);
		assert_int_equal(args.n_left, 1);
		assert_string_equal(args.left[0], "id");
		assert_null(cases[i][at]);
	}
}

static void dashes_end_the_options(void **state)
{
	static const char *const words[WORDS_MAX] = { "-", "--", "--json", "-x", "--",
		"-" };
	_cleanup_(args_release) struct args args = { 0 };
	struct err err;
	int at;

	(void)state;
	assert_int_equal(read_words(&args, words, &at, &err), ERR_OK);
	assert_int_equal(args.n_left, 5);
	assert_string_equal(args.left[0], "-");
	assert_string_equal(args.left[1], "--json");
	assert_string_equal(args.left[3], "--");
	assert_false(args_is_on(&args, OPT_JSON));
}

static void a_round_may_stop_at_the_verb(void **state)
{
	static const char *const words[] = { "-q", "--profile", "work", "get", "--json",
		NULL };
	const struct args_rules rules = { .stops_at_argument = true };
	_cleanup_(args_release) struct args args = { 0 };
	struct err err;
	int at = 0;

	(void)state;
	assert_int_equal(args_make(WORDS_MAX, &args, &err), ERR_OK);
	assert_int_equal(args_read(&args, &rules, words, &at, &err), ERR_OK);
	assert_int_equal(at, 3);
	assert_int_equal(args.n_left, 0);
	assert_true(args_is_on(&args, OPT_QUIET));
	assert_string_equal(args_text(&args, OPT_PROFILE), "work");
	assert_false(args_is_on(&args, OPT_JSON));
}

static void values_are_read_by_their_type(void **state)
{
	static const char *const words[WORDS_MAX] = { "--interval=1.5s", "--jobs=64",
		"--max-wait", "never", "--sidecar=no", "--set=a=b=c", "--set",
		"d=", "--state=unfinished" };
	_cleanup_(args_release) struct args args = { 0 };
	struct err err;
	int at;

	(void)state;
	assert_int_equal(read_words(&args, words, &at, &err), ERR_OK);
	assert_int_equal(args_number(&args, OPT_INTERVAL, 7), 1500);
	assert_int_equal(args_number(&args, OPT_JOBS, 7), 64);
	assert_true(args_number(&args, OPT_MAX_WAIT, 7) == INT64_MAX);
	assert_true(args_has(&args, OPT_SIDECAR));
	assert_false(args_is_on(&args, OPT_SIDECAR));
	assert_int_equal(args.n_sets, 2);
	assert_string_equal(args.sets[0], "a=b=c");
	assert_string_equal(args.sets[1], "d=");
	assert_null(args.sets[2]);
	assert_int_equal(args_number(&args, OPT_LIMIT, 7), 7);
}

/* "off" is a number, too: 0, and not the default. */
static void a_number_may_have_a_word_for_0(void **state)
{
	static const struct {
		const char *word;
		int64_t number;
	} row[] = {
		{ "--requests-per-minute=off", 0 },
		{ "--requests-per-minute=0", 0 },
		{ "--requests-per-minute=1", 1 },
		{ "--requests-per-minute=1000000", 1000000 },
		{ "id", 120 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *const words[WORDS_MAX] = { row[i].word };
		_cleanup_(args_release) struct args args = { 0 };
		struct err err;
		int at;

		assert_int_equal(read_words(&args, words, &at, &err), ERR_OK);
		assert_int_equal(
		    args_number(&args, OPT_REQUESTS_PER_MINUTE, 120), row[i].number);
	}
}

static const struct {
	const char *words[WORDS_MAX];
	const char *message;
} wrong[] = {
	{ { "--intervall", "3" },
	    "unknown option '--intervall'; did you mean '--interval'?" },
	{ { "--out", "x" }, "unknown option '--out'; did you mean '--output-dir'?" },
	{ { "--cookie=sessionid=abc" },
	    "unknown option '--cookie'; did you mean '--cookie-file'?" },
	{ { "--zzzzzzzzzzzz=1" },
	    "unknown option '--zzzzzzzzzzzz'; see 'dreamq help get'" },
	{ { "--any" }, "'get' has no option '--any'; see 'dreamq help get'" },
	{ { "--=x" }, "unknown option '--'; see 'dreamq help get'" },
	{ { "--a\033[31m" }, "unknown option '--a?[31m'; see 'dreamq help get'" },
	{ { "-z" }, "unknown option '-z'; see 'dreamq help get'" },
	{ { "-qz" }, "unknown option '-z'; see 'dreamq help get'" },
	{ { "-\xe4" }, "unknown option '-?'; see 'dreamq help get'" },
	{ { "--interval" }, "option '--interval' needs a value: DUR" },
	{ { "-o" }, "option '-o' needs a value: DIR" },
	{ { "-qo" }, "option '-o' needs a value: DIR" },
	{ { "--output-dir=" }, "option '--output-dir': the value is empty; give DIR" },
	{ { "-j", "" }, "option '-j': the value is empty; give N" },
	{ { "--jobs=0" }, "option '--jobs': '0' is not a whole number from 1 to 64" },
	{ { "--jobs=65" }, "option '--jobs': '65' is not a whole number from 1 to 64" },
	{ { "--jobs=-1" }, "option '--jobs': '-1' is not a whole number from 1 to 64" },
	{ { "--jobs=8x" }, "option '--jobs': '8x' is not a whole number from 1 to 64" },
	{ { "--jobs=off" }, "option '--jobs': 'off' is not a whole number from 1 to 64" },
	{ { "--requests-per-minute=-1" },
	    "option '--requests-per-minute': '-1' is neither 'off' nor a whole number up "
	    "to 1000000" },
	{ { "--requests-per-minute", "1000001" },
	    "option '--requests-per-minute': '1000001' is neither 'off' nor a whole "
	    "number up to 1000000" },
	{ { "--requests-per-minute" },
	    "option '--requests-per-minute' needs a value: N" },
	{ { "--requests" },
	    "unknown option '--requests'; did you mean '--requests-per-minute'?" },
	{ { "--interval=25h" },
	    "option '--interval': '25h' is too long; write at most 24h" },
	{ { "--interval=never" },
	    "option '--interval': 'never' is too long; write at most 24h" },
	{ { "--sidecar=maybe" },
	    "option '--sidecar': 'maybe' is not one of: json, txt, xmp" },
	{ { "--set=novalue" }, "option '--set': 'novalue' is not of the form key=value" },
	{ { "--set==x" }, "option '--set': '=x' is not of the form key=value" },
	{ { "--color=blue" },
	    "option '--color': 'blue' is not one of: auto, always, never" },
};

static void each_mistake_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		_cleanup_(args_release) struct args args = { 0 };
		struct err err = { 0 };
		int at;

		assert_int_equal(read_words(&args, wrong[i].words, &at, &err), ERR_USAGE);
		assert_string_equal(err.msg, wrong[i].message);
		assert_null(strstr(err.msg, "sessionid"));
	}
}

static void an_option_of_a_verb_goes_behind_it(void **state)
{
	static const char *const words[] = { "--jobs", "3", "get", NULL };
	const struct args_rules rules = { .stops_at_argument = true };
	_cleanup_(args_release) struct args args = { 0 };
	struct err err = { 0 };
	int at = 0;

	(void)state;
	assert_int_equal(args_make(WORDS_MAX, &args, &err), ERR_OK);
	assert_int_equal(args_read(&args, &rules, words, &at, &err), ERR_USAGE);
	assert_string_equal(err.msg, "option '--jobs' goes behind its verb");
}

static void nonsense_durations_are_refused(void **state)
{
	static const char *const bad[] = { "abc", "-1", "1x", "1h2", "", " ", "1e9",
		"99999999999999999999d", "0x10", "nan" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		_cleanup_(args_release) struct args args = { 0 };
		struct err err = { 0 };

		assert_int_equal(args_make(1, &args, &err), ERR_OK);
		assert_int_equal(args_put(&args, OPT_MAX_WAIT, bad[i], FROM_ARGV,
				     "option '--max-wait'", &err),
		    ERR_USAGE);
		assert_non_null(strstr(err.msg, "--max-wait"));
		assert_false(args_has(&args, OPT_MAX_WAIT));
	}
}

static void a_very_long_name_is_cut(void **state)
{
	char word[600] = "--";
	const char *words[WORDS_MAX] = { word };
	_cleanup_(args_release) struct args args = { 0 };
	struct err err = { 0 };
	int at;

	(void)state;
	memset(word + 2, 'x', sizeof(word) - 3);
	assert_int_equal(read_words(&args, words, &at, &err), ERR_USAGE);
	assert_true(strlen(err.msg) < 200);
}

static void a_higher_rank_stays(void **state)
{
	static const enum origin order[] = { FROM_ENVIRONMENT, FROM_CONFIG,
		FROM_PROFILE };
	_cleanup_(args_release) struct args args = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(args_make(1, &args, &err), ERR_OK);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(args_put(&args, OPT_LEDGER, i == 0 ? "env" : "file",
				     order[i], "x", &err),
		    ERR_OK);
	assert_string_equal(args_text(&args, OPT_LEDGER), "env");
	assert_int_equal(
	    args_put(&args, OPT_LEDGER, "argv", FROM_ARGV, "x", &err), ERR_OK);
	assert_string_equal(args_text(&args, OPT_LEDGER), "argv");
	/* A wrong value is wrong even where it would not have counted. */
	assert_int_equal(args_put(&args, OPT_JOBS, "3", FROM_ARGV, "x", &err), ERR_OK);
	assert_int_equal(
	    args_put(&args, OPT_JOBS, "x", FROM_CONFIG, "x", &err), ERR_USAGE);
}

static void advice_is_about_the_same_ledger(void **state)
{
	static const struct {
		const char *text, *complete;
	} rows[] = {
		{ "run 'dreamq auth import' first",
		    "run 'dreamq auth import --profile p' first" },
		{ "“dreamq ledger recover”会",
		    "“dreamq ledger recover --profile p --ledger 'a b'”会" },
		{ "'dreamq get x' sends it",
		    "'dreamq get --profile p --ledger 'a b' x' sends it" },
		{ "  dreamq ledger accept COPY",
		    "  dreamq ledger accept --profile p --ledger 'a b' COPY" },
		{ "so: dreamq watch -o FOLDER",
		    "so: dreamq watch --profile p --ledger 'a b' -o FOLDER" },
		{ "'dreamq list --ledger y', and 'dreamq help get'",
		    "'dreamq list --profile p --ledger y', and 'dreamq help get'" },
		{ "another dreamq is at it, 'dreamq nonsense' and 'dreamq ",
		    "another dreamq is at it, 'dreamq nonsense' and 'dreamq " },
		{ "dreamq get --ledger=z", "dreamq get --ledger=z" },
	};
	struct args args = { 0 };

	(void)state;
	args.of[OPT_PROFILE] = (struct value){ .origin = FROM_ARGV, .text = "p" };
	args.of[OPT_LEDGER] = (struct value){ .origin = FROM_ARGV, .text = "a b" };
	args.of[OPT_REGION] = (struct value){ .origin = FROM_ENVIRONMENT, .text = "sg" };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_cleanup_free_ char *complete = advice_complete(&args, rows[i].text);

		assert_string_equal(complete, rows[i].complete);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_switch_that_may_be_a_list),
		cmocka_unit_test(every_way_to_write_a_value),
		cmocka_unit_test(dashes_end_the_options),
		cmocka_unit_test(a_round_may_stop_at_the_verb),
		cmocka_unit_test(values_are_read_by_their_type),
		cmocka_unit_test(a_number_may_have_a_word_for_0),
		cmocka_unit_test(each_mistake_is_named),
		cmocka_unit_test(an_option_of_a_verb_goes_behind_it),
		cmocka_unit_test(nonsense_durations_are_refused),
		cmocka_unit_test(a_very_long_name_is_cut),
		cmocka_unit_test(a_higher_rank_stays),
		cmocka_unit_test(advice_is_about_the_same_ledger),
	};

	return cmocka_run_group_tests_name("cli_args", tests, NULL, NULL);
}
