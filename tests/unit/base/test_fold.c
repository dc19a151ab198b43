#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/fold.h"

static const struct {
	const char *text, *folded;
} texts[] = {
	{ "", "" },
	{ "A Cat", "a cat" },
	{ "一只小猫，在Ａ", "一只小猫,在a" },
	{ "猫、狗。", "猫、狗。" },
	{ "STRASSE", "strasse" },
	{ "Straße", "strasse" },
	{ "ÉTÉ", "été" },
	{ "E\xcc\x81T\xc3\x89", "été" },
	{ "ΣΑΣ σας", "σασ σασ" },
	{ "ПРИВЕТ", "привет" },
	{ "カ\xe3\x82\x99", "ガ" },
	{ "\xe3\x80\x80猫", " 猫" },
	{ "A\xff\x42", "A\xff\x42" },
	{ "猫\xe7\x8c", "猫\xe7\x8c" },
};

static void texts_are_folded(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf into = buf_make(1000);

		buf_addf(&into, "X");
		fold_add(&into, texts[i].text);
		assert_false(buf_failed(&into));
		assert_string_equal(into.data + 1, texts[i].folded);
		buf_release(&into);
	}
}

static void a_ceiling_is_told(void **state)
{
	struct buf into = buf_make(3);

	(void)state;
	fold_add(&into, "abcd");
	assert_true(buf_failed(&into));
	buf_release(&into);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_folded),
		cmocka_unit_test(a_ceiling_is_told),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
