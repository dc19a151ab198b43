/*
 * What a verb tells, or writes down, is on the disk: each sync of ours is seen here, and
 * may fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "dreamq/submit.h"
#include "ledger_lab.h"
#include "scene.h"

#define SCENE _cleanup_(scene_close) struct scene

/* --- the syncs --------------------------------------------------------------------- */

/* Of this inode, or of every file that is no folder: it fails. 0, false: none does. */
static _Atomic ino_t broken;
static atomic_bool files_are_broken;
static atomic_uint n_failed;

static int sync_seen(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -1;
	if (st.st_ino != atomic_load(&broken) &&
	    !(atomic_load(&files_are_broken) && S_ISREG(st.st_mode)))
		return 0;
	atomic_fetch_add(&n_failed, 1);
	errno = EIO;
	return -1;
}

int fsync(int fd)
{
	return sync_seen(fd);
}

int fdatasync(int fd)
{
	return sync_seen(fd);
}

static void break_syncs_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	atomic_store(&n_failed, 0);
	atomic_store(&broken, st.st_ino);
}

static int mend_syncs(void **state)
{
	(void)state;
	atomic_store(&broken, 0);
	atomic_store(&files_are_broken, false);
	atomic_store(&n_failed, 0);
	return 0;
}

/* --- what is stored ---------------------------------------------------------------- */

/*
 * Killed between the rename and the sync of the folder: who finds the file there writes
 * that it is stored when its name is durable, and not before.
 */
static void a_found_file_is_durable_before_it_is_stored(void **state)
{
	SCENE scene = { .on_query = scene_one_image };
	char file[160];

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	(void)snprintf(file, sizeof(file), "%s/task-1_0.png", scene.out);
	for (int i = 0; i < 2; i++) {
		lab_die_storing(scene.ledger, "task-1", 0);
		scene_rerun(&scene);
		break_syncs_of(i == 0 ? scene.out : file);
		assert_int_equal(scene_get(&scene, "task-1"), DQ_STORAGE);
		assert_true(atomic_load(&n_failed) > 0);
		lab_assert_asset(scene.ledger, "task-1", 0, "fetched");
		assert_int_equal(scene.told[DQ_EVENT_STORED], 0);
		(void)mend_syncs(NULL);
		scene_rerun(&scene);
		assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
		lab_assert_asset(scene.ledger, "task-1", 0, "stored");
	}
	assert_int_equal(atomic_load(&scene.files), 1);
}

/* What the kernel may have dropped is not built upon, and has no name. */
static void what_can_not_be_synced_is_thrown_away(void **state)
{
	SCENE scene = { .on_query = scene_one_image };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_query(&scene, "task-1", NULL, NULL), DQ_OK);
	atomic_store(&files_are_broken, true);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_STORAGE);
	assert_true(atomic_load(&n_failed) > 0);
	assert_int_equal(scene_count_files(&scene), 0);
	(void)mend_syncs(NULL);
	scene_rerun(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	scene_assert_home(&scene, "task-1", 0);
	assert_int_equal(scene_asked(&scene, "Range: bytes="), 0);
}

/* --- the first id ------------------------------------------------------------------ */

/* The folders of a new ledger are durable in their parents, or no id is promised. */
static void no_id_is_told_in_a_folder_that_may_go(void **state)
{
	SCENE scene = { .on_query = NULL };
	const struct dq_submit submit = { .size_bytes = sizeof(submit),
		.prompt = "a cat" };
	char id[DQ_ID_MAX + 1] = "", above[96];

	(void)state;
	scene_open(&scene);
	(void)snprintf(above, sizeof(above), "%s", scene.folder);
	(void)snprintf(
	    scene.ledger, sizeof(scene.ledger), "%s/a/b/ledger.db", scene.folder);
	scene_rerun(&scene);
	break_syncs_of(above);
	assert_int_equal(dq_submit(scene.dq, &submit, id, &scene.err), DQ_STORAGE);
	assert_true(atomic_load(&n_failed) > 0);
	assert_string_equal(id, "");
	assert_int_equal(atomic_load(&scene.submits), 0);
	(void)mend_syncs(NULL);
	scene_rerun(&scene);
	assert_int_equal(dq_submit(scene.dq, &submit, id, &scene.err), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, mend_syncs, mend_syncs)
	static const struct CMUnitTest tests[] = {
		TEST(a_found_file_is_durable_before_it_is_stored),
		TEST(what_can_not_be_synced_is_thrown_away),
		TEST(no_id_is_told_in_a_folder_that_may_go),
	};

	return cmocka_run_group_tests_name("engine_durable", tests, NULL, NULL);
}
