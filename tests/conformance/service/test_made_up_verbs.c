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
#include "made_up.h"
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

static void keep_login(const char *path)
{
	static const char login[] = "word=open-sesame\n";
	const int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, login, sizeof(login) - 1), sizeof(login) - 1);
	assert_int_equal(close(fd), 0);
}

static int begin(void **state)
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
	keep_login(scene->cookie);
	options.api_base = options.submit_base = base;
	options.cookie_file = scene->cookie;
	options.ledger = scene->ledger;
	options.requests_per_minute = -1;
	if (session_open(&service_made_up, &options, &scene->dq, &scene->err))
		fail_msg("%s", scene->err.message);
	*state = house;
	return 0;
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
	static const char other[] = "word=wrong\n";
	const int fd = open(house->scene.cookie, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_int_equal(write(fd, other, sizeof(other) - 1), sizeof(other) - 1);
	assert_int_equal(close(fd), 0);
	assert_int_equal(
	    dq_auth_status(house->scene.dq, true, &(struct dq_login){ 0 }, NULL),
	    DQ_AUTH);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(wait_ends_when_it_is_done),
		ROW(get_brings_the_file_home),
		ROW(an_unknown_task_is_not_found),
		ROW(a_refused_login_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
