#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/gunzip.h"

enum { ROOM = 4096, NAME_LEN = 5 };

struct packed {
	unsigned char bytes[ROOM];
	size_t len;
};

/* By zlib, another hand than the one that unpacks; with a name in its head if wanted. */
static struct packed pack(const char *text, size_t len, int level, bool is_named)
{
	static unsigned char name[] = "a.txt";
	gz_header head = { .name = is_named ? name : NULL };
	struct packed packed = { .len = 0 };
	z_stream z = { 0 };

	assert_int_equal(
	    deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflateSetHeader(&z, &head), Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)text;
	z.avail_in = (uInt)len;
	z.next_out = packed.bytes;
	z.avail_out = ROOM;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	packed.len = z.total_out;
	(void)deflateEnd(&z);
	return packed;
}

static void assert_result(
    const struct packed *packed, size_t max, enum gunzip_result wanted)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len = 0;

	assert_int_equal(gunzip(packed->bytes, packed->len, max, &bytes, &len), wanted);
	if (wanted != GUNZIP_OK)
		assert_null(bytes);
}

static void what_was_packed_comes_out(void **state)
{
	static const char zeros[100000];
	static const struct {
		const char *text;
		size_t len;
		int level;
		bool is_named;
	} rows[] = {
		{ "", 0, 6, false },
		{ "x", 1, 0, false },
		{ "{\"ret\":\"0\"}", 11, 9, true },
		{ zeros, sizeof(zeros), 9, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct packed packed =
		    pack(rows[i].text, rows[i].len, rows[i].level, rows[i].is_named);
		_cleanup_free_ char *bytes = NULL;
		size_t len = 1;

		assert_int_equal(
		    gunzip(packed.bytes, packed.len, rows[i].len, &bytes, &len),
		    GUNZIP_OK);
		assert_int_equal(len, rows[i].len);
		assert_memory_equal(bytes, rows[i].text, len);
		if (rows[i].len > 0)
			assert_result(&packed, rows[i].len - 1, GUNZIP_TOO_LARGE);
	}
}

/* But for the fields of the head that mean nothing here: time, level, system. */
static void no_bit_of_it_may_differ(void **state)
{
	const char *text = "a text that is long enough to be packed, packed, packed";
	const struct packed good = pack(text, strlen(text), 9, false);

	(void)state;
	for (size_t at = 0; at < good.len; at++) {
		for (int bit = 0; bit < 8; bit++) {
			struct packed bad = good;
			_cleanup_free_ char *bytes = NULL;
			size_t len = 0;
			enum gunzip_result result;

			bad.bytes[at] ^= (unsigned char)(1 << bit);
			result = gunzip(bad.bytes, bad.len, ROOM, &bytes, &len);
			if ((at >= 4 && at < 10) || (at == 3 && bit == 0)) {
				assert_int_equal(result, GUNZIP_OK);
				assert_memory_equal(bytes, text, len);
			} else {
				assert_int_not_equal(result, GUNZIP_OK);
			}
		}
	}
}

static void all_of_it_and_no_more(void **state)
{
	const struct packed good = pack("hello", 5, 9, false);
	struct packed two = good;

	(void)state;
	for (size_t len = 0; len < good.len; len++) {
		struct packed cut = good;

		cut.len = len;
		assert_result(&cut, ROOM, GUNZIP_DAMAGED);
	}
	memcpy(two.bytes + two.len, good.bytes, good.len);
	two.len *= 2;
	assert_result(&two, ROOM, GUNZIP_DAMAGED);
	two.len = good.len + 1;
	assert_result(&two, ROOM, GUNZIP_DAMAGED);
}

/* No memory is taken for a length that can't be true, whatever may be taken. */
static void a_lie_about_its_length_costs_nothing(void **state)
{
	struct packed lie = pack("hello", 5, 9, false);

	(void)state;
	memset(lie.bytes + lie.len - 4, 0xff, 4);
	assert_result(&lie, SIZE_MAX, GUNZIP_DAMAGED);
	lie = pack("hello", 5, 9, false);
	lie.bytes[lie.len - 4]--;
	assert_result(&lie, ROOM, GUNZIP_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_out),
		cmocka_unit_test(no_bit_of_it_may_differ),
		cmocka_unit_test(all_of_it_and_no_more),
		cmocka_unit_test(a_lie_about_its_length_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
