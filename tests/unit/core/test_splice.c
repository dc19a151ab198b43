/* Tables of what is known, what is asked, what is told, and what follows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/download/splice.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define HERE 300000

static void the_best_way_is_taken(void **state)
{
	static const struct {
		const char *label;
		struct splice known;
		enum splice_way way;
	} row[] = {
		{ "nothing here", { .validator = "\"a\"", .has_md5 = true },
		    SPLICE_AFRESH },
		{ "a tag", { .validator = "\"a\"", .have_bytes = 1 }, SPLICE_ETAG },
		{ "a tag, kept back once",
		    { .validator = "\"a\"",
			.have_bytes = HERE,
			.is_telling = true,
			.tag_is_kept_back = true },
		    SPLICE_OVERLAP },
		{ "a length",
		    { .validator = "length=9", .have_bytes = HERE, .is_telling = true },
		    SPLICE_OVERLAP },
		{ "too little to overlap",
		    { .validator = "length=9",
			.have_bytes = SPLICE_OVERLAP_MIN - 1,
			.is_telling = true },
		    SPLICE_AFRESH },
		{ "padding", { .validator = "length=9", .have_bytes = HERE },
		    SPLICE_AFRESH },
		{ "padding, and the md5",
		    { .validator = "length=9",
			.have_bytes = HERE,
			.has_md5 = true,
			.claimed_bytes = 2 * HERE },
		    SPLICE_MD5 },
		{ "nothing vouches, but the md5",
		    { .have_bytes = HERE,
			.is_telling = true,
			.has_md5 = true,
			.claimed_bytes = 2 * HERE },
		    SPLICE_MD5 },
		{ "nothing vouches", { .have_bytes = HERE, .is_telling = true },
		    SPLICE_AFRESH },
		{ "an md5 without a size", { .have_bytes = HERE, .has_md5 = true },
		    SPLICE_AFRESH },
		{ "more than the record claims",
		    { .validator = "\"a\"", .have_bytes = HERE, .claimed_bytes = 9 },
		    SPLICE_AFRESH },
		{ "begun afresh too often",
		    { .validator = "\"a\"", .have_bytes = HERE, .may_not_range = true },
		    SPLICE_AFRESH },
		{ "a weak tag is no validator",
		    { .validator = "W/\"a\"", .have_bytes = HERE, .is_telling = true },
		    SPLICE_AFRESH },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		print_message("# %s\n", row[i].label);
		assert_int_equal(splice_plan(&row[i].known), row[i].way);
	}
}

#define RANGE(from, total)                                                      \
	.range_first = (from), .range_last = (total)-1, .range_total = (total), \
	.content_length = (total) - (from)
#define TAGGED .validator = "\"a\"", .have_bytes = HERE, .known_bytes = -1
#define LONG \
	.validator = "length=900000 modified=now", .have_bytes = HERE, .known_bytes = -1
#define BACK (HERE - SPLICE_WINDOW)

static void only_what_is_proven_is_joined(void **state)
{
	static const struct {
		const char *label;
		enum splice_way way;
		struct splice known;
		struct net_head head;
		enum splice_verdict verdict;
	} row[] = {
		{ "the same tag", SPLICE_ETAG, { TAGGED },
		    { RANGE(HERE, 900000), .etag = "\"a\"" }, SPLICE_JOIN },
		{ "no tag", SPLICE_ETAG, { TAGGED }, { RANGE(HERE, 900000) },
		    SPLICE_AGAIN },
		{ "a weak tag", SPLICE_ETAG, { TAGGED },
		    { RANGE(HERE, 900000), .etag = "W/\"a\"" }, SPLICE_AGAIN },
		{ "another tag", SPLICE_ETAG, { TAGGED },
		    { RANGE(HERE, 900000), .etag = "\"b\"" }, SPLICE_CHANGED },
		{ "the tag, another place", SPLICE_ETAG, { TAGGED },
		    { RANGE(HERE - 1, 900000), .etag = "\"a\"" }, SPLICE_CHANGED },
		{ "the tag, and no total", SPLICE_ETAG, { TAGGED },
		    { .range_first = HERE,
			.range_last = 899999,
			.range_total = -1,
			.content_length = -1,
			.etag = "\"a\"" },
		    SPLICE_CHANGED },
		{ "the tag, and two lengths", SPLICE_ETAG, { TAGGED },
		    { .range_first = HERE,
			.range_last = 899999,
			.range_total = 900000,
			.content_length = 5,
			.etag = "\"a\"" },
		    SPLICE_CHANGED },
		{ "the tag, another total than before", SPLICE_ETAG,
		    { .validator = "\"a\"", .have_bytes = HERE, .known_bytes = 800000 },
		    { RANGE(HERE, 900000), .etag = "\"a\"" }, SPLICE_CHANGED },
		{ "overlap", SPLICE_OVERLAP, { LONG }, { RANGE(BACK, 900000) },
		    SPLICE_COMPARE },
		{ "overlap, a tag now", SPLICE_OVERLAP, { LONG },
		    { RANGE(BACK, 900000), .etag = "\"a\"" }, SPLICE_COMPARE },
		{ "overlap, the same time", SPLICE_OVERLAP, { LONG },
		    { RANGE(BACK, 900000), .last_modified = "now" }, SPLICE_COMPARE },
		{ "overlap, another time", SPLICE_OVERLAP, { LONG },
		    { RANGE(BACK, 900000), .last_modified = "then" }, SPLICE_CHANGED },
		{ "overlap, another length", SPLICE_OVERLAP, { LONG },
		    { RANGE(BACK, 900001) }, SPLICE_CHANGED },
		{ "overlap, the tag was another", SPLICE_OVERLAP, { TAGGED },
		    { RANGE(BACK, 900000), .etag = "\"b\"" }, SPLICE_CHANGED },
		{ "md5", SPLICE_MD5,
		    { .have_bytes = HERE, .known_bytes = -1, .claimed_bytes = 900000 },
		    { RANGE(HERE, 900000) }, SPLICE_JOIN },
		{ "md5, another length", SPLICE_MD5,
		    { .have_bytes = HERE, .known_bytes = -1, .claimed_bytes = 900000 },
		    { RANGE(HERE, 900001) }, SPLICE_CHANGED },
		{ "all of it as a range", SPLICE_AFRESH,
		    { .have_bytes = HERE, .known_bytes = -1 }, { RANGE(0, 900000) },
		    SPLICE_JOIN },
		{ "a range that nobody asked for", SPLICE_AFRESH,
		    { .have_bytes = HERE, .known_bytes = -1 }, { RANGE(HERE, 900000) },
		    SPLICE_CHANGED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		print_message("# %s\n", row[i].label);
		assert_int_equal(splice_judge(&row[i].known, row[i].way, &row[i].head),
		    row[i].verdict);
	}
}

/* A 416 of another object, or of nobody knows which, is no proof that all is here. */
static void complete_is_proven_too(void **state)
{
	static const struct {
		const char *label;
		struct splice known;
		int64_t total;
		const char *etag;
		bool is_complete;
	} row[] = {
		{ "the same tag", { TAGGED }, HERE, "\"a\"", true },
		{ "no tag", { TAGGED }, HERE, NULL, false },
		{ "another tag", { TAGGED }, HERE, "\"b\"", false },
		{ "another length", { TAGGED }, HERE + 1, "\"a\"", false },
		{ "our length", { .validator = "length=300000", .have_bytes = HERE },
		    HERE, NULL, true },
		{ "ours was longer", { LONG }, HERE, NULL, false },
		{ "size and md5",
		    { .have_bytes = HERE, .has_md5 = true, .claimed_bytes = HERE }, HERE,
		    NULL, true },
		{ "size alone", { .have_bytes = HERE, .claimed_bytes = HERE }, HERE, NULL,
		    false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct net_head head = { .range_total = row[i].total,
			.etag = row[i].etag };

		print_message("# %s\n", row[i].label);
		assert_int_equal(
		    splice_is_complete(&row[i].known, &head), row[i].is_complete);
	}
}

static void what_an_answer_tells_is_kept(void **state)
{
	static const struct {
		const char *etag, *time;
		int64_t total;
		const char *validator;
	} row[] = {
		{ "\"a\"", "now", 5, "\"a\"" },
		{ "\"a\"", NULL, -1, "\"a\"" },
		{ "W/\"a\"", "now", 5, "length=5 modified=now" },
		{ "\"a\"b\"", NULL, 5, "length=5" },
		{ "\"\"", NULL, 5, "length=5" },
		{ "\"", NULL, 5, "length=5" },
		{ "a", NULL, 5, "length=5" },
		{ NULL, "now", 5, "length=5 modified=now" },
		{ NULL, NULL, 5, "length=5" },
		{ NULL, "now", -1, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct net_head head = { .etag = row[i].etag,
			.last_modified = row[i].time };
		_cleanup_free_ char *validator = splice_validator(&head, row[i].total);

		if (!row[i].validator)
			assert_null(validator);
		else
			assert_string_equal(validator, row[i].validator);
	}
	assert_int_equal(splice_length("length=5 modified=now"), 5);
	assert_int_equal(splice_length("length= modified=now"), -1);
	assert_int_equal(splice_length("length=99999999999999999999"), -1);
	assert_int_equal(splice_length("\"a\""), -1);
	assert_int_equal(splice_length(NULL), -1);
}

static void padding_tells_nothing(void **state)
{
	static unsigned char window[SPLICE_WINDOW];
	uint32_t word = 1;

	(void)state;
	assert_false(splice_is_telling(window, sizeof(window)));
	for (size_t i = 0; i < sizeof(window); i++)
		window[i] = (unsigned char)i;
	assert_false(splice_is_telling(window, sizeof(window)));
	for (size_t i = 0; i < sizeof(window); i++) {
		word = word * 1664525 + 1013904223;
		window[i] = (unsigned char)(word >> 24);
	}
	assert_true(splice_is_telling(window, sizeof(window)));
	memset(window, 0, sizeof(window) * 3 / 4);
	assert_false(splice_is_telling(window, sizeof(window)));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_way_is_taken),
		cmocka_unit_test(only_what_is_proven_is_joined),
		cmocka_unit_test(complete_is_proven_too),
		cmocka_unit_test(what_an_answer_tells_is_kept),
		cmocka_unit_test(padding_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
