#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/text.h"

static void set_fills_and_returns_the_kind(void **state)
{
	struct err err = { .retry_after_ms = 5 };

	(void)state;
	assert_int_equal(err_set(&err, ERR_CONTRACT, "'%s' is odd", "x"), ERR_CONTRACT);
	assert_int_equal(err.kind, ERR_CONTRACT);
	assert_int_equal(err.retry_after_ms, 0);
	assert_string_equal(err.msg, "'x' is odd");
}

static void note_adds_context(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, ERR_NET, "no route");
	err.retry_after_ms = 7;
	assert_int_equal(err_note(&err, "task %s", "t-1"), ERR_NET);
	assert_string_equal(err.msg, "task t-1: no route");
	assert_int_equal(err.retry_after_ms, 7);
}

static void long_texts_are_cut(void **state)
{
	char text[1000];
	struct err err;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ERR_IO, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	err_note(&err, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	errno = EACCES;
	err_errno(&err, ERR_IO, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void no_character_is_cut_in_half(void **state)
{
	struct err err;

	(void)state;
	for (int indent = 0; indent < 8; indent++) {
		_cleanup_(buf_release) struct buf text = buf_make(2000);

		buf_addf(&text, "%*s", indent, "");
		for (int i = 0; i < 100; i++)
			buf_addf(&text, "图é🎨");
		err_set(&err, ERR_IO, "%s", text.data);
		assert_true(strlen(err.msg) > sizeof(err.msg) - 5);
		assert_true(text_is_utf8(err.msg, strlen(err.msg)));
		err_set(&err, ERR_IO, "%.*s", 200 + indent, text.data + indent);
		assert_null(strchr(err.msg, '?'));
		err_note(&err, "%.250s", text.data);
		assert_null(strchr(err.msg, '?'));
		assert_true(strlen(err.msg) < sizeof(err.msg));
	}
}

static void messages_are_printable(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, ERR_USAGE, "'%s'",
	    "a\x1b[31m\n\xff"
	    "b\xe2\x80\xae 图");
	assert_string_equal(err.msg, "'a?[31m??b? 图'");
	err_note(&err, "'%.1s'", "图");
	assert_string_equal(err.msg, "'': 'a?[31m??b? 图'");
	errno = 0;
	err_errno(&err, ERR_IO, "'%s'", "\r");
	assert_memory_equal(err.msg, "'?': ", 5);
}

static void errno_tells_why(void **state)
{
	struct err err;

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&err, ERR_IO, "can't open '%s'", "f"), ERR_IO);
	assert_string_equal(err.msg, "can't open 'f': No such file or directory");
	errno = ENOSPC;
	assert_int_equal(err_errno(&err, ERR_IO, "can't write"), ERR_NOSPACE);
	errno = EDQUOT;
	assert_int_equal(err_errno(&err, ERR_LEDGER, "can't write"), ERR_NOSPACE);
	assert_int_equal(err.kind, ERR_NOSPACE);
}

/* The frozen exit codes; a kind without a row here is a kind nobody thought about. */
static void every_kind_has_its_row(void **state)
{
	static const struct {
		enum err_kind kind;
		const char *name;
		int exit_status;
	} row[] = {
		{ ERR_OK, "OK", 0 },
		{ ERR_USAGE, "USAGE", 2 },
		{ ERR_NOMEM, "NOMEM", 6 },
		{ ERR_IO, "IO", 6 },
		{ ERR_NOSPACE, "NOSPACE", 6 },
		{ ERR_LEDGER, "LEDGER", 6 },
		{ ERR_LOCKED, "LOCKED", 6 },
		{ ERR_NET, "NET", 5 },
		{ ERR_TRUST, "TRUST", 5 },
		{ ERR_BUSY, "BUSY", 8 },
		{ ERR_AUTH, "AUTH", 3 },
		{ ERR_ACCOUNT, "ACCOUNT", 8 },
		{ ERR_CONTRACT, "CONTRACT", 7 },
		{ ERR_GONE, "GONE", 5 },
		{ ERR_FAILED, "FAILED", 1 },
		{ ERR_NOT_FOUND, "NOT_FOUND", 1 },
		{ ERR_RUNNING, "RUNNING", 4 },
		{ ERR_CANCELLED, "CANCELLED", 130 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		const struct err err = { .kind = row[i].kind };

		assert_int_equal(row[i].kind, i);
		assert_string_equal(err_kind_name(err.kind), row[i].name);
		assert_int_equal(err_exit_status(err.kind), row[i].exit_status);
	}
	assert_int_equal(sizeof(row) / sizeof(*row), ERR_CANCELLED + 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_fills_and_returns_the_kind),
		cmocka_unit_test(note_adds_context),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(no_character_is_cut_in_half),
		cmocka_unit_test(messages_are_printable),
		cmocka_unit_test(errno_tells_why),
		cmocka_unit_test(every_kind_has_its_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
