/* The verbs on a service that is nobody's: nothing above the seam knows which it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "core/account/session.h"
#include "dreamq/login.h"
#include "dreamq/submit.h"
#include "ledger_lab.h"
#include "made_up_send.h"
#include "scene.h"

/* A scene whose session is on the made-up service. */
struct house {
	struct scene scene;
	atomic_uint calls; /* of the service */
};

static void serve(struct raw_peer *peer, void *payload)
{
	struct house *house = payload;
	const char *request;

	while ((request = raw_read(peer))) {
		if (!strncmp(request, "GET /f/", 7)) {
			scene_send_file(peer, request, &house->scene.media, "\"e1\"");
			continue;
		}
		atomic_fetch_add(&house->calls, 1);
		raw_answer(peer, strstr(request, "word=open-sesame") ? 200 : 401, "", "");
	}
}

static void keep_login(const char *path, const char *login)
{
	const int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	const size_t len = strlen(login);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, login, len), len);
	assert_int_equal(close(fd), 0);
}

static int begin(void **state, const struct service_ops *ops)
{
	struct house *house = calloc(1, sizeof(*house));
	struct scene *scene = &house->scene;
	struct dq_options options = { .size_bytes = sizeof(options) };
	char base[100];

	assert_non_null(house);
	scene_open(scene);
	raw_stop(scene->server);
	dq_close(scene->dq);
	scene->server = raw_start(serve, house);
	(void)snprintf(base, sizeof(base), "%s", raw_url(scene->server, ""));
	keep_login(scene->cookie, "word=open-sesame\n");
	options.api_base = options.submit_base = base;
	options.cookie_file = scene->cookie;
	options.ledger = scene->ledger;
	options.requests_per_minute = -1;
	if (session_open(ops, &options, &scene->dq, &scene->err))
		fail_msg("%s", scene->err.message);
	*state = house;
	return 0;
}

static int begin_bare(void **state)
{
	return begin(state, &service_made_up);
}

static int begin_sending(void **state)
{
	return begin(state, &service_made_up_send);
}

static int end(void **state)
{
	struct house *house = *state;

	scene_close(&house->scene);
	free(house);
	return 0;
}

static void wait_ends_when_it_is_done(void **state)
{
	struct house *house = *state;

	assert_int_equal(scene_wait(&house->scene, "task-1", 30000), DQ_OK);
	assert_int_equal(atomic_load(&house->calls), MADE_UP_LOOKS);
	assert_int_equal(scene_count_files(&house->scene), 0);
}

static void get_brings_the_file_home(void **state)
{
	struct house *house = *state;
	struct scene *scene = &house->scene;
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	assert_int_equal(scene_get(scene, "task-1"), DQ_OK);
	assert_true(scene_has_file(scene, "task-1", 0, &scene->media));
	assert_int_equal(scene_count_files(scene), 1);
	assert_int_equal(
	    ledger_find(scene->dq->ledger, "default", "task-1", &task, &err), ERR_OK);
	assert_non_null(task);
	assert_int_equal(task->state, TASK_SUCCEEDED);
	assert_int_equal(task->n_assets, 1);
	assert_int_equal(task->assets[0].state, ASSET_STORED);
}

static void an_unknown_task_is_not_found(void **state)
{
	struct house *house = *state;

	assert_int_equal(scene_wait(&house->scene, "nobody-1", 30000), DQ_FAILED);
	assert_int_equal(atomic_load(&house->calls), MADE_UP_ABSENCES);
}

static void a_refused_login_ends_it(void **state)
{
	struct house *house = *state;

	keep_login(house->scene.cookie, "word=wrong\n");
	assert_int_equal(
	    dq_auth_status(house->scene.dq, true, &(struct dq_login){ 0 }, NULL),
	    DQ_AUTH);
}

/* --- what the bare one can't do -------------------------------------------------- */

static const char takes_none[] = "service 'made-up' takes no submits";

static enum dq_status submit(struct scene *scene, const char *repeats, char *ret_id)
{
	const struct dq_submit submit = { .size_bytes = sizeof(submit),
		.prompt = repeats ? NULL : "a fox",
		.reroll = repeats };

	return dq_submit(scene->dq, &submit, ret_id, &scene->err);
}

static size_t count_tasks(const struct scene *scene)
{
	return lab_count(scene->ledger, &(struct ledger_filter){ .limit = 100 });
}

static void a_submit_is_refused_before_it_is_written(void **state)
{
	struct house *house = *state;
	struct scene *scene = &house->scene;
	char id[DQ_ID_MAX + 1] = "";

	assert_int_equal(submit(scene, NULL, id), DQ_USAGE);
	assert_non_null(strstr(scene->err.message, takes_none));
	assert_string_equal(id, "");
	assert_int_equal(count_tasks(scene), 0);
	assert_int_equal(atomic_load(&house->calls), 0);
}

/* It was submitted when the account was on another service. */
static void what_waits_from_before_goes_on_waiting(void **state)
{
	struct house *house = *state;
	struct scene *scene = &house->scene;
	_cleanup_(task_freep) struct task *task = NULL;
	char id[DQ_ID_MAX + 1] = "";
	struct ledger *ledger;
	struct err err;

	assert_int_equal(ledger_open(scene->ledger, &ledger, &err), ERR_OK);
	lab_intend(ledger, "task-1", 1800000000);
	ledger_close(ledger);
	assert_int_equal(submit(scene, "task-1", id), DQ_USAGE);
	assert_non_null(strstr(scene->err.message, takes_none));
	assert_int_equal(scene_get(scene, "task-1"), DQ_USAGE);
	assert_non_null(strstr(scene->err.message, takes_none));
	assert_int_equal(atomic_load(&house->calls), 0);
	assert_int_equal(count_tasks(scene), 1);
	task = lab_task(scene->ledger, "task-1");
	assert_int_equal(task->state, TASK_SUBMITTING);
	assert_true(task->is_waiting);
}

static void nobody_knows_whether_its_login_holds(void **state)
{
	struct house *house = *state;
	struct scene *scene = &house->scene;
	struct dq_login login = { 0 };

	assert_int_equal(dq_auth_status(scene->dq, true, &login, &scene->err), DQ_USAGE);
	assert_non_null(strstr(scene->err.message, "can't say whether a login holds"));
	assert_true(login.exists);
	assert_false(login.was_asked);
}

static void a_refused_poll_is_believed(void **state)
{
	struct house *house = *state;

	keep_login(house->scene.cookie, "word=wrong\n");
	assert_int_equal(scene_wait(&house->scene, "task-1", 30000), DQ_AUTH);
	assert_non_null(strstr(house->scene.err.message, "refuses the login"));
}

/* --- what the other one can ------------------------------------------------------ */

static void a_submit_is_sent_and_fetched(void **state)
{
	struct house *house = *state;
	struct scene *scene = &house->scene;
	char id[DQ_ID_MAX + 1] = "";

	assert_int_equal(submit(scene, NULL, id), DQ_OK);
	assert_int_equal(atomic_load(&house->calls), 1);
	assert_int_equal(scene_get(scene, id), DQ_OK);
	assert_true(scene_has_file(scene, id, 0, &scene->media));
}

#define ON(which, test) cmocka_unit_test_setup_teardown(test, begin_##which, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(bare, wait_ends_when_it_is_done),
		ON(bare, get_brings_the_file_home),
		ON(bare, an_unknown_task_is_not_found),
		ON(bare, a_submit_is_refused_before_it_is_written),
		ON(bare, what_waits_from_before_goes_on_waiting),
		ON(bare, nobody_knows_whether_its_login_holds),
		ON(bare, a_refused_poll_is_believed),
		ON(sending, a_refused_login_ends_it),
		ON(sending, a_submit_is_sent_and_fetched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
