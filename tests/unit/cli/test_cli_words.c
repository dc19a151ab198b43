/*
 * Words and shapes for people and other programs: tables, CSV, quoting, times.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/shell_word.h"
#include "cli/app/app.h"
#include "cli/app/filter.h"
#include "cli/app/resume.h"
#include "cli/output/csv.h"
#include "cli/output/table.h"
#include "cli/output/words.h"

enum { TEXT_MAX = 64 * 1024 };

static const int64_t now_ms = 1795384800000; /* 2026-11-22T22:00:00Z */

/* --- words --- */

static void a_strangers_text_is_harmless(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "plain", "plain" },
		{ "two\nlines\tand\rtabs", "two lines and tabs" },
		{ "\033[31mred\033[0m", "?[31mred?[0m" },
		{ "文字", "文字" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);

		words_add_clean(&text, cases[i].text);
		assert_string_equal(text.data, cases[i].want);
	}
}

static void queue_and_failure(void **state)
{
	static const struct {
		struct dq_task task;
		const char *want;
	} cases[] = {
		{ { .has_queue = true,
		      .queue_position = 12,
		      .queue_length = 340,
		      .eta_seconds = 95 },
		    ", place 12 of 340, about 1m35s" },
		{ { .has_queue = true,
		      .queue_position = 12,
		      .queue_length = -1,
		      .eta_seconds = -1 },
		    ", place 12" },
		{ { .has_queue = true,
		      .queue_position = -1,
		      .queue_length = -1,
		      .eta_seconds = 5 },
		    ", about 5s" },
		{ { .has_queue = true,
		      .queue_position = -1,
		      .queue_length = -1,
		      .eta_seconds = INT64_MAX },
		    "" },
		{ { .has_failed = true,
		      .fail_code = "2038",
		      .fail_message = "no",
		      .fail_class = "content" },
		    ", 2038: no (content)" },
		{ { .has_failed = true, .fail_code = "", .fail_message = "no" }, ", no" },
		{ { .has_failed = true, .fail_class = "contract" }, ", (contract)" },
		{ { .has_failed = true }, "" },
		{ { .has_failed = false }, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);

		words_add_trouble(&text, &cases[i].task);
		assert_string_equal(text.data, cases[i].want);
	}
}

static void the_end_has_a_band(void **state)
{
	static const struct {
		int64_t low_ms, ms, high_ms; /* from now on */
		bool has_queue, is_final;
		const char *want, *without_band;
	} cases[] = {
		{ 20000, 40000, 70000, false, false, "; about 40s left (20s to 1m10s)",
		    "; about 40s left" },
		{ 121000, 178000, 355000, true, false, "; done in about 3m (2m to 6m)",
		    "; done in about 3m" },
		{ -5000, 3400, 9000, false, false, "; about 3s left (1s to 9s)",
		    "; about 3s left" },
		{ -9000, 0, 1, false, false, "; done any moment now",
		    "; done any moment now" },
		{ -9000, -5000, 0, false, false, "", "" },
		{ -now_ms, -now_ms, -now_ms, false, false, "", "" },
		{ 20000, 40000, 70000, true, true, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct dq_task task = {
			.is_final = cases[i].is_final,
			.has_queue = cases[i].has_queue,
			.eta_low_unix_ms = now_ms + cases[i].low_ms,
			.eta_unix_ms = now_ms + cases[i].ms,
			.eta_high_unix_ms = now_ms + cases[i].high_ms,
		};
		const struct words_eta eta = words_eta_of(&task);
		_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);

		words_add_eta(&text, "; ", &eta, now_ms, true);
		assert_string_equal(text.data, cases[i].want);
		buf_release(&text);
		text = buf_make(TEXT_MAX);
		words_add_eta(&text, "; ", &eta, now_ms, false);
		assert_string_equal(text.data, cases[i].without_band);
	}
}

static void links_say_when_they_die(void **state)
{
	struct dq_asset assets[] = { { .url = "u", .expires_unix = now_ms / 1000 + 7200 },
		{ .url = "u", .expires_unix = now_ms / 1000 + 600 },
		{ .url = NULL, .expires_unix = 1 }, { .url = "u", .expires_unix = 0 } };
	struct dq_task task = { .assets = assets, .n_assets = 4 };
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);

	(void)state;
	words_add_links(&text, &task, now_ms);
	assert_string_equal(text.data, "links live until 22:10 (10m00s)");
	buf_release(&text);
	words_add_links(&text, &task, now_ms + 600000);
	assert_string_equal(text.data, "links have expired");
	buf_release(&text);
	assets[1].expires_unix = assets[0].expires_unix; /* past midnight */
	words_add_links(&text, &task, now_ms);
	assert_string_equal(text.data, "links live until 2026-11-23 00:00 (2h00m)");
	buf_release(&text);
	task.n_assets = 0;
	words_add_links(&text, &task, now_ms);
	assert_string_equal(text.data, "");
}

/* --- tables --- */

static void chinese_lines_up(void **state)
{
	static const struct cell rows[][3] = {
		{ { "a", TONE_PLAIN }, { "中文", TONE_GOOD }, { "end", TONE_PLAIN } },
		{ { "longer", TONE_PLAIN }, { "x", TONE_PLAIN }, { NULL, TONE_PLAIN } },
		{ { NULL, TONE_PLAIN }, { "", TONE_PLAIN }, { "山水山水", TONE_PLAIN } },
	};
	static const char *const want[] = { "a       中文  end", "longer  x",
		"              山…" };
	struct table table = table_make(3);

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_true(table_add(&table, rows[i]));
	for (size_t i = 0; i < 3; i++) {
		_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);

		table_format(
		    &table, table_row(&table, i), (struct style){ false }, 17, &text);
		assert_string_equal(text.data, want[i]);
	}
	table_release(&table);
}

static void colours_do_not_count_as_columns(void **state)
{
	static const struct cell row[] = { { "bad", TONE_BAD }, { "x", TONE_PLAIN } };
	struct table table = table_make(2);
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);

	(void)state;
	table.width[0] = 5;
	table_format(&table, row, (struct style){ true }, 0, &text);
	assert_string_equal(text.data, "\033[31mbad\033[0m    x");
	table_release(&table);
}

/* --- CSV --- */

static size_t count_fields(const char *line)
{
	size_t n = 1;
	bool is_quoted = false;

	for (; *line && (is_quoted || *line != '\r'); line++) {
		is_quoted = *line == '"' ? !is_quoted : is_quoted;
		n += *line == ',' && !is_quoted ? 1 : 0;
	}
	return n;
}

static void csv_quotes_and_counts(void **state)
{
	const struct dq_asset assets[] = {
		{ .index = 0,
		    .kind = "image",
		    .duration_ms = -1,
		    .bytes = 5,
		    .path = "/a, b/\"c\".png" },
		{ .index = 1, .kind = "image", .duration_ms = -1, .bytes = -1 },
	};
	struct dq_task task = { .submit_id = "id",
		.state = "succeeded",
		.status = INT64_MIN,
		.seed = -1,
		.credits = -1,
		.prompt = "line\nbreak, \"quoted\"",
		.assets = assets,
		.n_assets = 2 };
	_cleanup_(buf_release) struct buf header = buf_make(TEXT_MAX);
	_cleanup_(buf_release) struct buf rows = buf_make(TEXT_MAX);

	(void)state;
	csv_add_header(&header);
	csv_add_task(&rows, &task, false);
	assert_int_equal(count_fields(rows.data), count_fields(header.data));
	assert_non_null(strstr(rows.data, "\"line\nbreak, \"\"quoted\"\"\""));
	assert_non_null(strstr(rows.data, "\"/a, b/\"\"c\"\".png\",,,,,,,,,\r\n"));
	assert_int_equal(strncmp(rows.data, "id,,,,succeeded,,0,0,", 21), 0);
	assert_null(strstr(header.data, "url"));
	buf_release(&rows);
	task.n_assets = 0;
	csv_add_task(&rows, &task, false);
	assert_int_equal(count_fields(rows.data), count_fields(header.data));
	assert_string_equal(rows.data + rows.len - 14, ",,,,,,,,,,,,\r\n");
}

/* --- the command to go on --- */

/*
 * Control characters are written as bash, zsh and ksh read them: not raw, to a terminal.
 */
static void words_survive_a_shell(void **state)
{
	static const char *const words[] = { "plain", "", "two words", "it's",
		"$HOME `x`", "a\nb", "*", "~/x", "{id}_{index}.{ext}", "{a,b}", "-n", "'",
		"中文", "a\\b", "#c", "!!" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		_cleanup_(buf_release) struct buf command = buf_make(TEXT_MAX);
		char got[100] = "";
		FILE *shell;
		size_t n;

		buf_addf(&command, "printf '%%s' ");
		shell_word_add(&command, words[i]);
		assert_int_equal(setenv("COMMAND", command.data, 1), 0);
		/* NOLINTNEXTLINE(cert-env33-c): it is the subject */
		shell = popen(strchr(words[i], '\n') ? "bash -c \"$COMMAND\""
						     : "sh -c \"$COMMAND\"",
		    "re");
		assert_non_null(shell);
		n = fread(got, 1, sizeof(got) - 1, shell);
		assert_int_equal(pclose(shell), 0);
		got[n] = '\0';
		assert_string_equal(got, words[i]);
	}
}

static void give(struct app *app, enum opt_id id, const char *text)
{
	struct err err;

	assert_int_equal(args_put(&app->args, id, text, FROM_ARGV, "test", &err), ERR_OK);
}

static void the_command_goes_on_with_its_options(void **state)
{
	static const char *const ids[] = { "one", "-two" };
	const char *many[30];
	struct app app = { .command = &cmd_run };
	struct buf text = buf_make(TEXT_MAX);
	struct err err;

	(void)state;
	assert_int_equal(args_make(5, &app.args, &err), ERR_OK);
	give(&app, OPT_OUTPUT_DIR, "my pictures");
	give(&app, OPT_PROMPT, "must not come again");
	give(&app, OPT_SIDECAR, NULL);
	give(&app, OPT_MAX_WAIT, "90s");
	assert_int_equal(
	    args_put(&app.args, OPT_JOBS, "3", FROM_CONFIG, "x", &err), ERR_OK);
	resume_add_command(&text, &app, "get", ids, 2);
	assert_string_equal(text.data,
	    "dreamq get --max-wait=90s --output-dir='my pictures' --sidecar -- one -two");
	buf_release(&text);
	for (size_t i = 0; i < 30; i++)
		many[i] = "id";
	give(&app, OPT_INPUT, "ids.txt"); /* of a run: what was to be made once more */
	resume_add_command(&text, &app, "get", many, 30);
	assert_non_null(strstr(text.data, "dreamq watch --max-wait=90s --output-dir="));
	assert_null(strstr(text.data, "ids.txt"));
	buf_release(&text);
	app.command = &cmd_get;
	resume_add_command(&text, &app, "get", many, 30);
	assert_non_null(strstr(text.data, " --sidecar --input=ids.txt"));
	assert_null(strstr(text.data, " id"));
	buf_release(&text);
	args_release(&app.args);
}

/* --- since --- */

static void since_when(void **state)
{
	static const struct {
		const char *text;
		int64_t want_ms; /* -1: refused */
	} cases[] = {
		{ "2d", now_ms - 2 * 86400000LL },
		{ "90", now_ms - 90000 },
		{ "never", 0 },
		{ "2026-11-22", 1795305600000 },
		{ "2026-11-22T10:00:00Z", 1795341600000 },
		{ "2026-02-30", -1 },
		{ "2026-13-01", -1 },
		{ "2026-1-1", -1 },
		{ "2026-11-22 ", -1 },
		{ "yesterday", -1 },
		{ "-2d", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = { 0 };
		int64_t got = -1;
		enum err_kind kind = filter_since(cases[i].text, now_ms, &got, &err);

		assert_int_equal(kind, cases[i].want_ms < 0 ? ERR_USAGE : ERR_OK);
		assert_int_equal(got, cases[i].want_ms);
	}
}

/* --- exit status --- */

static void the_most_serious_wins(void **state)
{
	static const int order[] = { 130, 3, 8, 6, 7, 5, 1, 4, 2, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		for (size_t k = i; k < sizeof(order) / sizeof(order[0]); k++) {
			assert_int_equal(app_worse(order[i], order[k]), order[i]);
			assert_int_equal(app_worse(order[k], order[i]), order[i]);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_strangers_text_is_harmless),
		cmocka_unit_test(queue_and_failure),
		cmocka_unit_test(the_end_has_a_band),
		cmocka_unit_test(links_say_when_they_die),
		cmocka_unit_test(chinese_lines_up),
		cmocka_unit_test(colours_do_not_count_as_columns),
		cmocka_unit_test(csv_quotes_and_counts),
		cmocka_unit_test(words_survive_a_shell),
		cmocka_unit_test(the_command_goes_on_with_its_options),
		cmocka_unit_test(since_when),
		cmocka_unit_test(the_most_serious_wins),
	};

	(void)setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("cli_words", tests, NULL, NULL);
}
