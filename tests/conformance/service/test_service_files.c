/*
 * test_service_files.c - what a service promises that answers for files by their names.
 */
#include "harness.h"
#include "stand.h"

/* The file of a poll, asked for by its own name. */
static struct service_file ask_for_picture(struct stand *stand)
{
	const struct asset *asset;

	stand_poll_one(stand);
	asset = &stand->seen[0].task->assets[0];
	assert_int_equal(asset->kind, MEDIA_IMAGE);
	return (struct service_file){ asset->uri, NULL };
}

static void a_file_is_found_by_its_name(void **state)
{
	struct stand *stand = *state;
	const struct service_file files[2] = { ask_for_picture(stand),
		{ "nobody-1", NULL } };

	stand_files(stand, SERVICE_IMAGES, files, 2);
	assert_int_equal(stand->err.kind, ERR_OK);
	assert_int_equal(stand->n, 2);
	assert_true(stand->is_offered[0]);
	assert_false(stand->is_offered[1]);
}

static void files_fare_as_polls_do(void **state)
{
	struct stand *stand = *state;
	const struct service_file file = ask_for_picture(stand);

	stand->world.fail_next(&stand->world, "images");
	stand_files(stand, SERVICE_IMAGES, &file, 1);
	assert_int_equal(stand->err.kind, ERR_NET);
	stand_files(stand, SERVICE_IMAGES, &file, 1);
	assert_int_equal(stand->err.kind, ERR_OK);
	stand->world.refuse_login(&stand->world);
	stand_files(stand, SERVICE_IMAGES, &file, 1);
	assert_int_equal(stand->err.kind, ERR_AUTH);
	assert_true(stand->asks_login);
}

static void nobody_is_told_of_files_behind_the_end(void **state)
{
	struct stand *stand = *state;
	const struct service_file file = ask_for_picture(stand);

	stand_start_files(stand, SERVICE_IMAGES, &file, 1);
	service_free(stand->service);
	stand->service = NULL;
	harness_drain(stand->net);
	assert_int_equal(stand->calls, 0);
	stand_open(stand);
	stand->frees = true;
	stand_files(stand, SERVICE_IMAGES, &file, 1);
	assert_null(stand->service);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(jimeng, a_file_is_found_by_its_name),
		ON(jimeng, files_fare_as_polls_do),
		ON(jimeng, nobody_is_told_of_files_behind_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
