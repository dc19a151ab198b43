/* The index against a plain array that is searched from end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/common/index.h"

#define INDEX _cleanup_(index_release) struct index

enum { IDS = 200, STEPS = 20000 };

static char ids[IDS][16];

static const char *id_at(const void *owner, size_t place)
{
	return ((const char *const *)owner)[place];
}

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15U;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	return z ^ (z >> 27);
}

static void empty(void **state)
{
	INDEX index = index_make(id_at, NULL);

	(void)state;
	assert_int_equal(index_find(&index, "a"), INDEX_NONE);
	assert_true(index_reserve(&index, 0));
	assert_int_equal(index_find(&index, "a"), INDEX_NONE);
	assert_false(index_reserve(&index, SIZE_MAX));
}

/* Ids come, go and come again at other places. */
static void like_an_array(void **state)
{
	const char *at[IDS] = { 0 };
	INDEX index = index_make(id_at, at);
	uint64_t random = 1;

	(void)state;
	for (size_t i = 0; i < IDS; i++)
		(void)snprintf(ids[i], sizeof(ids[i]), "id-%zu", i);
	for (unsigned step = 0; step < STEPS; step++) {
		const char *id = ids[next_random(&random) % IDS];
		const size_t place = next_random(&random) % IDS;
		const int64_t found = index_find(&index, id);

		if (found == INDEX_NONE) {
			for (size_t i = 0; i < IDS; i++)
				assert_ptr_not_equal(at[i], id);
			if (at[place])
				continue;
			assert_true(index_reserve(&index, index.len + 1));
			at[place] = id;
			index_add(&index, id, place);
		} else {
			assert_ptr_equal(at[found], id);
			index_remove(&index, id);
			at[found] = NULL;
		}
	}
	for (size_t i = 0; i < IDS; i++)
		if (at[i])
			assert_int_equal(index_find(&index, at[i]), i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(like_an_array),
	};

	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
