/* What others have done, and what will be asked for later: two sessions on one ledger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dreamq/changes.h"

struct pair {
	char folder[64], path[80];
	struct dq *a, *b;
	struct dq_error error;
	char seen[200]; /* the last errand */
};

#define ok(call)                                                        \
	do {                                                            \
		if ((call) != DQ_OK)                                    \
			fail_msg("%s: %s", #call, pair->error.message); \
	} while (0)

static int begin(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));
	struct dq_options options = { .size_bytes = sizeof(options) };

	assert_non_null(pair);
	(void)snprintf(pair->folder, sizeof(pair->folder), "/tmp/changes.XXXXXX");
	assert_non_null(mkdtemp(pair->folder));
	(void)snprintf(pair->path, sizeof(pair->path), "%s/l.db", pair->folder);
	options.ledger = pair->path;
	ok(dq_open(&options, &pair->a, &pair->error));
	ok(dq_open(&options, &pair->b, &pair->error));
	*state = pair;
	return 0;
}

static int end(void **state)
{
	static const char *const names[] = { "", "-live", "-mark", "-wal", "-shm" };
	struct pair *pair = *state;
	char path[100];

	dq_close(pair->a);
	dq_close(pair->b);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", pair->path, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(pair->folder);
	free(pair);
	return 0;
}

static void see(void *payload, const struct dq_errand *errand)
{
	struct pair *pair = payload;

	(void)snprintf(pair->seen, sizeof(pair->seen), "%s %s %s %s", errand->what,
	    errand->arguments, errand->state, errand->outcome ? errand->outcome : "-");
}

static void an_errand_is_found_by_others(void **state)
{
	struct pair *pair = *state;
	char id[DQ_ERRAND_ID_LEN + 1], over[DQ_ERRAND_ID_LEN + 1];

	ok(dq_errand_begin(pair->a, "wait", "{}", 60000, id, &pair->error));
	ok(dq_errand_show(pair->b, id, see, pair, &pair->error));
	assert_string_equal(pair->seen, "wait {} working -");
	ok(dq_errand_end(pair->b, id, "done", "[1]", &pair->error));
	ok(dq_errand_end(pair->a, id, "cancelled", NULL, &pair->error));
	ok(dq_errand_show(pair->a, id, see, pair, &pair->error));
	assert_string_equal(pair->seen, "wait {} done [1]");
	ok(dq_errand_begin(pair->a, "wait", "{}", 0, over, &pair->error));
	assert_int_equal(
	    dq_errand_show(pair->a, over, see, pair, &pair->error), DQ_FAILED);
	assert_int_equal(
	    dq_errand_end(pair->a, id, "nonsense", NULL, &pair->error), DQ_USAGE);
	assert_int_equal(
	    dq_errand_end(pair->a, id, "done", NULL, &pair->error), DQ_USAGE);
}

static void changes_are_those_of_others(void **state)
{
	struct pair *pair = *state;
	struct dq_changes changes;
	char id[DQ_ERRAND_ID_LEN + 1];

	ok(dq_errand_begin(pair->a, "wait", "{}", 60000, id, &pair->error));
	ok(dq_changes(pair->b, &changes, &pair->error));
	assert_true(changes.is_any);
	assert_int_equal(changes.tasks, 0);
	ok(dq_changes(pair->b, &changes, &pair->error));
	assert_false(changes.is_any);
	ok(dq_errand_end(pair->a, id, "done", "1", &pair->error));
	ok(dq_changes(pair->b, &changes, &pair->error));
	assert_true(changes.is_any);
}

static void no_ledger_knows_nothing(void **state)
{
	struct pair *pair = *state;
	struct dq_changes changes;

	/* One that was named has to be there. */
	assert_int_equal(dq_changes(pair->b, &changes, &pair->error), DQ_STORAGE);
	assert_false(changes.is_any);
	assert_int_not_equal(access(pair->path, F_OK), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
	static const struct CMUnitTest tests[] = {
		T(an_errand_is_found_by_others),
		T(changes_are_those_of_others),
		T(no_ledger_knows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
