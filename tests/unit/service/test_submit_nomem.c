/*
 * Every allocation of what makes a body, and gives it another task's name, fails once,
 * each in a run of its own: the answer is "no memory", and nothing is leaked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "nomem.h"
#include "service/jimeng/send/client.h"
#include "service/service.h"

enum { RUNS_MAX = 2000 };

static struct wire *wire;

/* ERR_OK: it went well, so nothing is left to fail. */
typedef enum err_kind run_once(void);

static void each_allocation_fails(run_once *scenario)
{
	for (unsigned n = 1; n < RUNS_MAX; n++) {
		enum err_kind kind;

		nomem_fail(n);
		kind = scenario();
		if (nomem_left() > 0) {
			nomem_fail(0);
			assert_int_equal(kind, ERR_OK);
			assert_true(n > 1);
			return;
		}
		assert_int_equal(kind, ERR_NOMEM);
	}
	assert_true(false);
}

static enum err_kind make_and_rename(void)
{
	static const char *const sets[] = { "seed=7", "negative_prompt=dogs", NULL };
	const struct service_request request = { .submit_id = "task-1",
		.made_unix_ms = 1757778120598,
		.kind = MEDIA_IMAGE,
		.prompt = "a cat",
		.extra_json = "{\"sample_strength\":0.25}",
		.sets = sets };
	_cleanup_free_ char *body = NULL, *renamed = NULL;
	struct err err = { .kind = ERR_OK };

	if (api_submit_body(wire, &request, &body, &err) || !body)
		return err.kind;
	return service_rename(&service_jimeng, body, "another", 1, &renamed, &err);
}

static void by_way_of(const char *via)
{
	struct err err;

	assert_int_equal(wire_new(&wire, &err), ERR_OK);
	assert_int_equal(wire_set(wire, "submit_via", via, &err), ERR_OK);
	each_allocation_fails(make_and_rename);
	wire_free(wire);
}

static void of_the_agent(void **state)
{
	(void)state;
	by_way_of("agent");
}

static void of_the_page(void **state)
{
	(void)state;
	by_way_of("web");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_the_agent),
		cmocka_unit_test(of_the_page),
	};
	cJSON_Hooks hooks = { .malloc_fn = nomem_malloc, .free_fn = free };

	cJSON_InitHooks(&hooks);
	return cmocka_run_group_tests_name("submit_nomem", tests, NULL, NULL);
}
