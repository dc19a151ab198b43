/* Many ids, and waiting for them, from the public door to the wire and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "core/account/session.h"
#include "core/lease/batch.h"
#include "ledger/ops.h"
#include "scene.h"

#define SCENE _cleanup_(scene_close) struct scene

/* --- many ----------------------------------------------------------------------- */

/* Every id of the request is generating. 413 when there are more than payload allows. */
static void all_generate(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const unsigned *limit = scene->payload;
	const char *at = strstr(request, "_ids\":[\"");
	_cleanup_free_ char *data = calloc(1, 40000);
	size_t len = 0;
	unsigned n = 0;

	(void)number;
	for (at += 7; *at == '"'; n++) {
		char id[DQ_ID_MAX + 1];

		(void)sscanf(at + 1, "%64[^\"]", id);
		len += (size_t)sprintf(data + len,
		    "%s\"%s\":{\"submit_id\":\"%s\",\"status\":20,\"item_list\":[]}",
		    n ? "," : "", id, id);
		at += strlen(id) + 2;
		at += *at == ',';
	}
	if (limit && n > *limit)
		raw_answer(peer, 413, "", "too large");
	else
		scene_say_data(peer, data);
}

enum { MANY = 1000 };

struct many {
	char texts[MANY][16];
	const char *ids[MANY];
};

static void many_make(struct many *many)
{
	for (size_t i = 0; i < MANY; i++) {
		(void)sprintf(many->texts[i], "id-%zu", i);
		many->ids[i] = many->texts[i];
	}
}

static enum dq_status query_many(struct scene *scene, size_t n)
{
	static struct many many;

	many_make(&many);
	return dq_query(scene->dq, many.ids, n, &scene->err);
}

static void a_thousand_ids_are_twenty_requests(void **state)
{
	SCENE scene = { .on_query = all_generate };

	(void)state;
	scene_open(&scene);
	assert_int_equal(query_many(&scene, MANY), DQ_RUNNING);
	assert_int_equal(atomic_load(&scene.queries), 20);
	assert_int_equal(scene.told[DQ_EVENT_TASK], MANY);
}

static void too_large_a_batch_is_halved(void **state)
{
	unsigned limit = 3;
	SCENE scene = { .on_query = all_generate, .payload = &limit };

	(void)state;
	scene_open(&scene);
	assert_int_equal(query_many(&scene, 12), DQ_RUNNING);
	/* 12 and twice 6 are refused; then four times 3. */
	assert_int_equal(atomic_load(&scene.queries), 7);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 12);
}

/* --- waiting -------------------------------------------------------------------- */

static void grows(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	static const struct record steps[] = {
		{ .id = "task-1", .status = 20, .total = 2 },
		{ .id = "task-1", .status = 42, .total = 2 },
		{ .id = "task-1", .status = 42, .total = 2 },
		{ .id = "task-1", .status = 45, .usable = 1, .total = 2 },
		{ .id = "task-1", .status = 50, .usable = 2, .total = 2 },
	};

	(void)request;
	scene_say(scene, peer, &steps[number < 4 ? number : 4]);
}

static void a_wait_tells_each_change_once(void **state)
{
	SCENE scene = { .on_query = grows };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_wait(&scene, "task-1", 0), DQ_OK);
	assert_int_equal(atomic_load(&scene.queries), 5);
	assert_int_equal(scene.told[DQ_EVENT_STATE], 4);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 1);
	assert_true(
	    scene_told(&scene, "\"state\":\"partial\",\"status\":45,\"finished\":1"));
}

/* Looks follow the distribution; with the service's clock a thousand times as fast as
 * ours they come every few milliseconds. */
static const char *const fast[] = { "time_scale=1000", NULL };

static void waiting_ends_when_it_is_told_to(void **state)
{
	SCENE scene = { .on_query = all_generate, .wire = fast };
	int64_t begin_ms;

	(void)state;
	scene_open(&scene);
	begin_ms = scene_now().mono_ms;
	assert_int_equal(scene_wait(&scene, "task-1", 1000), DQ_RUNNING);
	assert_int_equal(scene_now().mono_ms - begin_ms, 1000);
	assert_true(atomic_load(&scene.queries) > 2);
	assert_true(scene_told(&scene, "\"state\":\"generating\""));
}

static struct ledger_ops counted;
static const struct ledger_ops *counting;
static unsigned finds, releases, renewals;
static size_t leases_at_once, n_leases;

static enum err_kind find(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, struct task **ret_tasks, struct err *err)
{
	finds++;
	return counting->find(ledger, account, ids, n, ret_tasks, err);
}

static enum err_kind release(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, struct err *err)
{
	releases++;
	return counting->lease_release(ledger, account, ids, n, err);
}

static enum err_kind lease(struct ledger *ledger, const char *account,
    struct lease *leases, size_t n, int64_t now_unix_ms, struct err *err)
{
	n_leases += n;
	if (n > leases_at_once)
		leases_at_once = n;
	return counting->lease(ledger, account, leases, n, now_unix_ms, err);
}

static enum err_kind renew(struct ledger *ledger, int64_t now_unix_ms, struct err *err)
{
	renewals++;
	return counting->lease_renew(ledger, now_unix_ms, err);
}

static void count_operations(struct scene *scene)
{
	struct err err;

	assert_int_equal(session_ledger(scene->dq, &err), ERR_OK);
	counting = scene->dq->ledger->ops;
	counted = *counting;
	counted.find = find;
	counted.lease_release = release;
	counted.lease = lease;
	counted.lease_renew = renew;
	scene->dq->ledger->ops = &counted;
	finds = releases = renewals = 0;
	leases_at_once = n_leases = 0;
}

static void says_nothing(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	scene_pass(scene, 60000);
	raw_stall(peer);
}

/* The time of a long list is over at once: no row is read for one id alone. */
static void the_end_of_a_long_list_is_short(void **state)
{
	const struct dq_get get = { .size_bytes = sizeof(get),
		.wait = { .size_bytes = sizeof(get.wait), .max_wait_ms = 1000 } };
	static struct many many;
	SCENE scene = { .on_query = says_nothing };
	struct ledger *other;
	struct lease lease = { .id = "id-7" };
	struct err err;

	(void)state;
	many_make(&many);
	scene_open(&scene);
	count_operations(&scene);
	assert_int_equal(dq_get(scene.dq, many.ids, MANY, &get, &scene.err), DQ_RUNNING);
	assert_int_equal(scene.told[DQ_EVENT_TASK], MANY);
	assert_true(finds > 0);
	assert_true(finds <= MANY / 100);
	assert_int_equal(releases, 0);
	assert_int_equal(ledger_open(scene.ledger, &other, &err), ERR_OK);
	assert_int_equal(
	    ledger_lease(other, "default", &lease, 1, scene_now().unix_ms, &err), ERR_OK);
	assert_true(lease.token > 0);
	ledger_close(other);
}

/* It takes longer than others wait for a sign of us; and no more at once for being long.
 */
static void a_long_list_is_taken_in_portions(void **state)
{
	enum { LONG = 2 * LEASE_BATCH_MAX + 7 };
	const struct dq_wait wait = { .size_bytes = sizeof(wait), .max_wait_ms = 200000 };
	_cleanup_free_ char(*texts)[16] = calloc(LONG, sizeof(*texts));
	_cleanup_free_ const char **ids = calloc(LONG, sizeof(*ids));
	SCENE scene = { .on_query = says_nothing, .reading_ms = 31000 };

	(void)state;
	for (size_t i = 0; i < LONG; i++) {
		(void)sprintf(texts[i], "id-%zu", i);
		ids[i] = texts[i];
	}
	scene_open(&scene);
	count_operations(&scene);
	assert_int_equal(dq_wait(scene.dq, ids, LONG, &wait, &scene.err), DQ_RUNNING);
	assert_int_equal(leases_at_once, LEASE_BATCH_MAX);
	assert_true(renewals >= 3);
	/* Away for so long, it asks for them again, in portions, too. */
	assert_true(n_leases >= (size_t)2 * LONG);
}

/* "never" is the largest number there is, and must not run over. */
static void never_is_a_long_time(void **state)
{
	const struct dq_wait wait = { .size_bytes = sizeof(wait),
		.interval_ms = INT64_MAX,
		.max_wait_ms = INT64_MAX };
	SCENE scene = { .on_query = scene_four_images };
	const char *id = "task-1";

	(void)state;
	scene_open(&scene);
	assert_int_equal(dq_wait(scene.dq, &id, 1, &wait, &scene.err), DQ_OK);
}

static void knows_nothing(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	scene_say(scene, peer, NULL);
}

static void absence_is_not_believed_at_once(void **state)
{
	/* A hundred seconds of the service's: two minutes are the least. */
	static const char *const by_a_hundred[] = { "time_scale=100", NULL };
	SCENE scene = { .on_query = knows_nothing, .wire = by_a_hundred };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_wait(&scene, "task-1", 1000), DQ_RUNNING);
	assert_true(scene_asked(&scene, "history_ids") > 0);
	assert_true(scene_asked(&scene, "submit_ids") > 1);
	assert_false(scene_told(&scene, "not_found"));
}

static void never_readable(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	scene_say_data(peer, "\"task-1\":[]");
}

static void three_broken_records_are_enough(void **state)
{
	SCENE scene = { .on_query = never_readable };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_wait(&scene, "task-1", 0), DQ_CONTRACT);
	assert_int_equal(atomic_load(&scene.queries), 3);
}

static void second_of_two(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct record slow = { .id = "slow", .status = 20 };
	const struct record quick = { .id = "quick",
		.status = number < 2 ? 20 : 50,
		.usable = number < 2 ? 0 : 1,
		.total = 1 };
	_cleanup_free_ char *first = scene_record(scene, &slow);
	_cleanup_free_ char *second = scene_record(scene, &quick);
	char data[4000];

	(void)request;
	(void)snprintf(data, sizeof(data), "%s,%s", first, second);
	scene_say_data(peer, data);
}

static void any_is_enough(void **state)
{
	const struct dq_wait wait = {
		.size_bytes = sizeof(wait), .interval_ms = 10, .any = true
	};
	const char *const ids[] = { "slow", "quick" };
	SCENE scene = { .on_query = second_of_two };

	(void)state;
	scene_open(&scene);
	assert_int_equal(dq_wait(scene.dq, ids, 2, &wait, &scene.err), DQ_OK);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 1);
	assert_true(scene_told(&scene, "\"submit_id\":\"quick\""));
}

static void *interrupt_soon(void *payload)
{
	struct scene *scene = payload;

	while (atomic_load(&scene->queries) == 0)
		(void)usleep(1000);
	dq_interrupt(scene->dq);
	return NULL;
}

/* Nothing else would end its wait. */
static void another_thread_interrupts(void **state)
{
	const struct dq_wait wait = { .size_bytes = sizeof(wait),
		.interval_ms = 3600 * 1000 };
	SCENE scene = { .on_query = all_generate, .holds_time = true };
	const char *id = "task-1";
	pthread_t thread;

	(void)state;
	scene_open(&scene);
	assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, &scene), 0);
	assert_int_equal(dq_wait(scene.dq, &id, 1, &wait, &scene.err), DQ_INTERRUPTED);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

/* A signal that comes before the verb has begun is for this verb, and used up with it. */
static void an_early_interrupt_is_for_the_next_verb(void **state)
{
	SCENE scene = { .on_query = all_generate };

	(void)state;
	scene_open(&scene);
	assert_int_equal(query_many(&scene, 7), DQ_RUNNING);
	dq_interrupt(scene.dq);
	assert_int_equal(dq_list(scene.dq, NULL, &scene.err), DQ_INTERRUPTED);
	scene.told[DQ_EVENT_TASK] = 0;
	assert_int_equal(dq_list(scene.dq, NULL, &scene.err), DQ_OK);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_ids_are_twenty_requests),
		cmocka_unit_test(too_large_a_batch_is_halved),
		cmocka_unit_test(a_wait_tells_each_change_once),
		cmocka_unit_test(waiting_ends_when_it_is_told_to),
		cmocka_unit_test(the_end_of_a_long_list_is_short),
		cmocka_unit_test(a_long_list_is_taken_in_portions),
		cmocka_unit_test(never_is_a_long_time),
		cmocka_unit_test(absence_is_not_believed_at_once),
		cmocka_unit_test(three_broken_records_are_enough),
		cmocka_unit_test(any_is_enough),
		cmocka_unit_test(another_thread_interrupts),
		cmocka_unit_test(an_early_interrupt_is_for_the_next_verb),
	};

	return cmocka_run_group_tests_name("engine_wait", tests, NULL, NULL);
}
