/* The heap against a plain array that is searched from end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/common/heap.h"

#define HEAP _cleanup_(heap_release) struct heap

enum { VALUES = 97, STEPS = 20000 };

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15U;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	return z ^ (z >> 27);
}

static void empty(void **state)
{
	HEAP heap = { 0 };

	(void)state;
	assert_null(heap_first(&heap));
	heap_remove(&heap, 0);
	heap_remove(&heap, SIZE_MAX);
	assert_true(heap_reserve(&heap, 0));
	assert_true(heap_reserve(&heap, 1));
	assert_null(heap_first(&heap));
	heap_remove(&heap, 0);
	assert_int_equal(heap.len, 0);
}

static void equal_keys_keep_their_order(void **state)
{
	HEAP heap = { 0 };

	(void)state;
	assert_true(heap_reserve(&heap, 200));
	for (size_t i = 0; i < 200; i++)
		heap_set(&heap, (i * 77) % 200, 5);
	for (size_t i = 0; i < 200; i++) {
		assert_int_equal(heap_first(&heap)->value, (i * 77) % 200);
		heap_remove(&heap, heap_first(&heap)->value);
	}
	assert_null(heap_first(&heap));
}

static void extreme_keys(void **state)
{
	HEAP heap = { 0 };

	(void)state;
	assert_true(heap_reserve(&heap, 3));
	heap_set(&heap, 0, INT64_MAX);
	heap_set(&heap, 1, INT64_MIN);
	heap_set(&heap, 2, 0);
	assert_int_equal(heap_first(&heap)->value, 1);
	heap_set(&heap, 1, INT64_MAX);
	assert_int_equal(heap_first(&heap)->value, 2);
	heap_set(&heap, 2, INT64_MAX);
	assert_int_equal(heap_first(&heap)->value, 0);
}

static void reserving_keeps_what_is_there(void **state)
{
	HEAP heap = { 0 };

	(void)state;
	for (size_t i = 0; i < 5000; i++) {
		assert_true(heap_reserve(&heap, i + 1));
		heap_set(&heap, i, -(int64_t)i);
		assert_int_equal(heap_first(&heap)->value, i);
	}
	for (size_t i = 5000; i-- > 0;) {
		assert_int_equal(heap_first(&heap)->value, i);
		heap_remove(&heap, i);
	}
}

/* What the heap should hold. */
struct model {
	bool is_in[VALUES];
	int64_t keys[VALUES];
	uint64_t orders[VALUES];
	uint64_t pushed;
};

static bool model_first(const struct model *model, size_t *ret_value)
{
	bool has_any = false;

	for (size_t i = 0; i < VALUES; i++) {
		const size_t best = *ret_value;

		if (!model->is_in[i])
			continue;
		if (!has_any || model->keys[i] < model->keys[best] ||
		    (model->keys[i] == model->keys[best] &&
			model->orders[i] < model->orders[best]))
			*ret_value = i;
		has_any = true;
	}
	return has_any;
}

static void behaves_like_its_model(void **state)
{
	HEAP heap = { 0 };
	struct model model = { 0 };
	uint64_t random = 42;

	(void)state;
	assert_true(heap_reserve(&heap, VALUES));
	for (int i = 0; i < STEPS; i++) {
		const size_t value = next_random(&random) % VALUES;
		size_t first = 0;

		if (next_random(&random) % 3 == 0) {
			heap_remove(&heap, value);
			model.is_in[value] = false;
		} else {
			const int64_t key = (int64_t)(next_random(&random) % 20) - 10;

			heap_set(&heap, value, key);
			model.is_in[value] = true;
			model.keys[value] = key;
			model.orders[value] = model.pushed++;
		}
		if (!model_first(&model, &first)) {
			assert_null(heap_first(&heap));
			continue;
		}
		assert_int_equal(heap_first(&heap)->value, first);
		assert_int_equal(heap_first(&heap)->key, model.keys[first]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(equal_keys_keep_their_order),
		cmocka_unit_test(extreme_keys),
		cmocka_unit_test(reserving_keeps_what_is_there),
		cmocka_unit_test(behaves_like_its_model),
	};

	return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
