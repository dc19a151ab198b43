/*
 * Sentences in another language: a catalogue is written, found, and followed wherever it
 * says the same in another order; and left aside where it would take what is not there.
 */
#include <errno.h>
#include <inttypes.h>
#include <libintl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/say.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* By msgid, as the format demands. */
static const struct {
	const char *english, *shown;
} texts[] = {
	{ "", "Content-Type: text/plain; charset=UTF-8\n" },
	{ " (%s)", "（“%s”）" },
	{ "%*d: %s", "%s" },
	{ "%lld of %zu, %u: %.1f", "%2$zu 之 %1$lld，%3$u：%4$.1f" },
	{ "'%s' is %s", "%2$s“%1$s”" },
	{ ": ", "：" },
	{ "No such file or directory", "没有这个文件" },
	{ "can't open '%s'", "无法打开“%s”" },
	{ "cut at '%.*s'", "截于“%.*s”" },
	{ "gone", "不见了" },
	{ "takes '%s'", "“%s”“%s”" },
	{ "task '%s'", "任务“%s”" },
};

static void put_u32(FILE *file, size_t value)
{
	const uint32_t word = (uint32_t)value;

	assert_int_equal(fwrite(&word, sizeof(word), 1, file), 1);
}

/* The tables of a .mo file: lengths and places, then the texts. */
static void write_catalogue(const char *path)
{
	FILE *file = fopen(path, "we");
	size_t at = 28 + 16 * COUNT(texts);

	assert_non_null(file);
	put_u32(file, 0x950412de);
	put_u32(file, 0);
	put_u32(file, COUNT(texts));
	put_u32(file, 28);
	put_u32(file, 28 + 8 * COUNT(texts));
	put_u32(file, 0);
	put_u32(file, 0);
	for (int shown = 0; shown < 2; shown++)
		for (size_t i = 0; i < COUNT(texts); i++) {
			const char *text = shown ? texts[i].shown : texts[i].english;

			put_u32(file, strlen(text));
			put_u32(file, at);
			at += strlen(text) + 1;
		}
	for (int shown = 0; shown < 2; shown++)
		for (size_t i = 0; i < COUNT(texts); i++) {
			const char *text = shown ? texts[i].shown : texts[i].english;

			assert_int_equal(
			    fwrite(text, 1, strlen(text) + 1, file), strlen(text) + 1);
		}
	assert_int_equal(fclose(file), 0);
}

static char folder[] = "/tmp/test-say-XXXXXX";

static int make_catalogue(void **state)
{
	char path[256];

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/xx", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/xx/LC_MESSAGES", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/xx/LC_MESSAGES/dreamq.mo", folder);
	write_catalogue(path);
	assert_int_equal(setenv("LANGUAGE", "xx", 1), 0);
	assert_non_null(bindtextdomain("dreamq", folder));
	assert_non_null(bind_textdomain_codeset("dreamq", "UTF-8"));
	return 0;
}

static int remove_catalogue(void **state)
{
	char command[300];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command);
}

/* A program that has chosen no language is spoken to in English. */
static void a_host_that_sets_no_locale_reads_english(void **state)
{
	char text[64];

	(void)state;
	assert_false(say_is_translated());
	say_into(text, sizeof(text), "task '%s'", "t");
	assert_string_equal(text, "task 't'");
}

static void the_folder_that_the_host_has_named_stays(void **state)
{
	(void)state;
	say_start();
	assert_string_equal(bindtextdomain("dreamq", NULL), folder);
	assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
	assert_true(say_is_translated());
}

static void arguments_go_where_the_translation_wants_them(void **state)
{
	char text[128];

	(void)state;
	say_into(text, sizeof(text), "%lld of %zu, %u: %.1f", -5LL, (size_t)7,
	    4294967295U, 0.25);
	assert_string_equal(text, "7 之 -5，4294967295：0.2");
	say_into(text, sizeof(text), "cut at '%.*s'", 2, "abcdef");
	assert_string_equal(text, "截于“ab”");
	say_into(text, sizeof(text), "cut at '%.*s'", 5, "图片图片");
	assert_string_equal(text, "截于“图”");
	say_into(text, sizeof(text), "not in the catalogue: '%.5s'", "图片图片");
	assert_string_equal(text, "not in the catalogue: '图'");
	say_into(text, sizeof(text), "%-3d|%6.2f|%5s|%%", 7, 1.5, "图");
	assert_string_equal(text, "7  |  1.50|  图|%");
	assert_string_equal(say_text("unknown"), "unknown");
	assert_string_equal(say_text(""), "");
	assert_null(say_text(NULL));
}

/* "gone" is a word of the sentence, and 'gone' is somebody's file. */
static void a_word_is_translated_and_a_value_is_not(void **state)
{
	char text[128];

	(void)state;
	say_into(text, sizeof(text), "'%s' is %s", "gone", "gone");
	assert_string_equal(text, "不见了“gone”");
}

static void a_translation_that_takes_too_much_is_left_aside(void **state)
{
	char text[128], small[8];

	(void)state;
	say_into(text, sizeof(text), "takes '%s'", "x");
	assert_string_equal(text, "takes 'x'");
	say_into(small, sizeof(small), "task '%s'", "0123456789");
	assert_int_equal(strlen(small), sizeof(small) - 1);
}

static void an_error_is_in_both_languages(void **state)
{
	struct err err;

	(void)state;
	errno = ENOENT;
	err_errno(&err, ERR_IO, "can't open '%s'", "f");
	err_note(&err, "task '%s'", "t");
	err_more(&err, " (%s)", "detail");
	assert_string_equal(
	    err.msg, "task 't': can't open 'f': No such file or directory (detail)");
	assert_string_equal(
	    err_shown(&err), "任务“t”：无法打开“f”：没有这个文件（“detail”）");
	err = (struct err){ .kind = ERR_GONE, .msg = "gone" };
	assert_string_equal(err_shown(&err), "不见了");
	err_note(&err, "task '%s'", "t");
	assert_string_equal(err.msg, "task 't': gone");
	assert_string_equal(err_shown(&err), "任务“t”：不见了");
}

/* A row of Chinese that is cut has no half characters. */
static void what_is_cut_is_whole_characters(void **state)
{
	char path[1000];
	struct err err;

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	for (size_t len = 380; len < 400; len++) {
		path[len] = '\0';
		err_set(&err, ERR_IO, "task '%s'", path);
		err_more(&err, " (%s)", "x");
		assert_null(strchr(err.shown, '?'));
		assert_true(strlen(err.shown) < sizeof(err.shown));
		path[len] = 'a';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_that_sets_no_locale_reads_english),
		cmocka_unit_test(the_folder_that_the_host_has_named_stays),
		cmocka_unit_test(arguments_go_where_the_translation_wants_them),
		cmocka_unit_test(a_word_is_translated_and_a_value_is_not),
		cmocka_unit_test(a_translation_that_takes_too_much_is_left_aside),
		cmocka_unit_test(an_error_is_in_both_languages),
		cmocka_unit_test(what_is_cut_is_whole_characters),
	};

	return cmocka_run_group_tests_name(
	    "say", tests, make_catalogue, remove_catalogue);
}
