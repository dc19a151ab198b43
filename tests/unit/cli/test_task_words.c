/* What a task cost, and how it was made, in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/output/words.h"

static void a_cost_says_how_it_is_known(void **state)
{
	static const struct {
		int64_t credits;
		const char *source, *words, *brief;
	} rows[] = {
		{ -1, NULL, "unknown", "" },
		{ 8, "reported", "8 (reported)", "8 cr reported" },
		{ 0, "measured", "0 (measured)", "0 cr measured" },
	};
	char into[WORDS_CREDITS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct dq_task task = { .credits = rows[i].credits,
			.credits_source = rows[i].source };

		assert_string_equal(words_credits(&task, into), rows[i].words);
		assert_string_equal(words_credits_short(&task, into), rows[i].brief);
	}
}

static void a_kind_says_how_it_was_made(void **state)
{
	const struct dq_task none = { .mode = "agent" }, plain = { .kind = "video" },
			     draft = { .kind = "video", .mode = "draft" },
			     odd = { .kind = "image", .mode = "hologram" };
	char into[WORDS_KIND_MAX];

	(void)state;
	assert_null(words_kind(&none, into));
	assert_string_equal(words_kind(&plain, into), "video");
	assert_string_equal(words_kind_short(&plain, into), "video");
	assert_string_equal(words_kind(&draft, into), "video, draft");
	assert_string_equal(words_kind_short(&draft, into), "video/draft");
	assert_string_equal(words_kind(&odd, into), "image, hologram");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cost_says_how_it_is_known),
		cmocka_unit_test(a_kind_says_how_it_was_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
