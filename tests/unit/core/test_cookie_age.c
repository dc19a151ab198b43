/* When a cookie is about to die, and what is said then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/account/cookie_age.h"

static void the_age_has_levels(void **state)
{
	static const int64_t now = 1700000000;
	static const struct {
		int64_t expires;
		enum cookie_age age;
		const char *says;
	} row[] = {
		{ 0, COOKIE_FINE, "" },
		{ -5, COOKIE_FINE, "" },
		{ 1700000000 + 72 * 3600, COOKIE_FINE, "" },
		{ 1700000000 + 72 * 3600 - 1, COOKIE_DAYS, "in 72 hours, on 2023-11-17" },
		{ 1700000000 + 24 * 3600, COOKIE_DAYS, "in 24 hours" },
		{ 1700000000 + 24 * 3600 - 1, COOKIE_DAY, "in 24 hours" },
		{ 1700000000 + 3600, COOKIE_DAY, "in 1 hour, " },
		{ 1700000000 + 3600 - 1, COOKIE_HOUR, "in 60 minutes, " },
		{ 1700000000 + 61, COOKIE_HOUR, "in 2 minutes, " },
		{ 1700000000 + 1, COOKIE_HOUR, "in 1 minute, on 2023-11-14 22:13 UTC" },
		{ 1700000000, COOKIE_OVER, "ended on 2023-11-14 22:13 UTC" },
		{ 1, COOKIE_OVER, "may refuse it" },
		{ INT64_MAX, COOKIE_FINE, "" },
	};
	char words[COOKIE_AGE_WORDS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		print_message("# %zu\n", i);
		assert_int_equal(cookie_age_at(row[i].expires, now), row[i].age);
		assert_non_null(strstr(
		    cookie_age_words("me", row[i].expires, now, words), row[i].says));
		assert_int_equal(row[i].age == COOKIE_FINE, words[0] == '\0');
		if (row[i].age == COOKIE_FINE)
			continue;
		assert_non_null(strstr(words, "'me'"));
		assert_non_null(strstr(words, "dreamq auth import"));
	}
}

/* The longest profile and the longest date leave the end of the sentence whole. */
static void the_age_fits(void **state)
{
	char profile[65], words[COOKIE_AGE_WORDS_MAX];
	const int64_t late = 999999999999; /* what 12 digits of sid_guard can say */

	(void)state;
	memset(profile, 'p', 64);
	profile[64] = '\0';
	cookie_age_words(profile, late, late - 71 * 3600, words);
	assert_non_null(strstr(words, "auth import'"));
	cookie_age_words(profile, late, late + 1, words);
	assert_non_null(strstr(words, "auth import'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_age_has_levels),
		cmocka_unit_test(the_age_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
