#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "mcp/frame.h"

/* What the frames of a text are: each line in brackets, "!" for one that is too long. */
static void read_in(const char *bytes, size_t len, size_t step, struct buf *told)
{
	struct frames frames = frames_make();

	for (size_t at = 0; at < len; at += step) {
		const char *piece = bytes + at;
		size_t left = len - at < step ? len - at : step;
		enum frame_kind kind;

		while ((kind = frames_next(&frames, &piece, &left)) != FRAME_NONE)
			if (kind == FRAME_LINE)
				buf_addf(told, "[%s]", frames.line.data);
			else
				buf_addf(told, "!");
		assert_int_equal(left, 0);
	}
	frames_release(&frames);
}

static void lines_are_the_same_however_they_are_cut(void **state)
{
	static const struct {
		const char *text, *wanted;
	} rows[] = {
		{ "", "" },
		{ "a", "" }, /* no end: it was never sent */
		{ "a\n", "[a]" },
		{ "a\r\nb\n", "[a][b]" },
		{ "\n\r\n  \t\n", "" },
		{ "a\n\n\nb\nc", "[a][b]" },
		{ "a\rb\n", "[a\rb]" },
		{ "\r\r\n", "" },
		{ "a\r\r\n", "[a\r]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t step = 1; step < 8; step++) {
			struct buf told = buf_make(1000);

			read_in(rows[i].text, strlen(rows[i].text), step, &told);
			assert_string_equal(told.data, rows[i].wanted);
			buf_release(&told);
		}
}

static void a_line_that_is_too_long_is_passed_over(void **state)
{
	const size_t sizes[] = { FRAME_MAX, FRAME_MAX + 1, 3 * FRAME_MAX };
	char *text = malloc(4 * FRAME_MAX);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct buf told = buf_make(2 * FRAME_MAX);

		memset(text, 'x', sizes[i]);
		memcpy(text + sizes[i], "\nb\n", 3);
		read_in(text, sizes[i] + 3, 4096, &told);
		if (sizes[i] <= FRAME_MAX)
			assert_int_equal(told.len, sizes[i] + strlen("[][b]"));
		else
			assert_string_equal(told.data, "![b]");
		buf_release(&told);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_the_same_however_they_are_cut),
		cmocka_unit_test(a_line_that_is_too_long_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
