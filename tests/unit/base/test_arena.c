#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/cleanup.h"

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
	_cleanup_(arena_release) struct arena arena = arena_make(1 << 20);
	char *piece[200];

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		const size_t size = i * 37 % 3000;

		piece[i] = arena_alloc(&arena, size);
		assert_non_null(piece[i]);
		assert_int_equal((uintptr_t)piece[i] % _Alignof(max_align_t), 0);
		for (size_t j = 0; j < size; j++)
			assert_int_equal(piece[i][j], 0);
		memset(piece[i], (int)(i + 1), size);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t j = 0; j < i * 37 % 3000; j++)
			assert_int_equal((unsigned char)piece[i][j], i + 1);
}

static void the_ceiling_holds(void **state)
{
	_cleanup_(arena_release) struct arena arena = arena_make(1000);
	size_t n = 0;

	(void)state;
	assert_null(arena_alloc(&arena, 1001));
	while (arena_alloc(&arena, 100))
		n++;
	assert_in_range(n, 8, 10);
	assert_true(arena.used_bytes <= 1000);
	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_null(arena_alloc(&arena, SIZE_MAX - 20));
	arena_release(&arena);
	assert_non_null(arena_alloc(&arena, 100));
}

static void an_empty_arena_gives_nothing(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	assert_null(arena_alloc(&arena, 1));
	assert_null(arena_strdup(&arena, ""));
	arena_release(&arena);
	arena_release(&arena);
}

static void copies_text(void **state)
{
	_cleanup_(arena_release) struct arena arena = arena_make(100000);
	char *big = arena_alloc(&arena, 30000);

	(void)state;
	assert_non_null(big);
	memset(big, 'x', 29999);
	assert_string_equal(arena_strdup(&arena, "图片"), "图片");
	assert_string_equal(arena_strndup(&arena, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(&arena, "ab", 30), "ab");
	assert_string_equal(arena_strndup(&arena, "ab", 0), "");
	assert_null(arena_strdup(&arena, NULL));
	assert_null(arena_strndup(&arena, NULL, 3));
	assert_string_equal(arena_strdup(&arena, big), big);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(the_ceiling_holds),
		cmocka_unit_test(an_empty_arena_gives_nothing),
		cmocka_unit_test(copies_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
