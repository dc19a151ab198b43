/* scan: is a file what it was, and what else is there? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/hash.h"
#include "sink_room.h"

#define TEXT _cleanup_free_ char *

static const char words[] = "twelve bytes";
enum { N_WORDS = sizeof(words) - 1 };

static struct file_found check(void **state, const char *name, int64_t size)
{
	TEXT path = at(state, name);
	const struct file_watch watch = { 0 };
	struct synced want = { .size_bytes = (uint64_t)size };
	char sum[HASH_HEX_MAX];
	struct file_found found;
	struct err err;

	assert_int_equal(hash_text(HASH_SHA256, words, N_WORDS, sum, &err), ERR_OK);
	(void)stpcpy(want.sha256, sum);
	assert_int_equal(
	    stored_check(sinks_of(state), path, &want, &watch, &found, &err), ERR_OK);
	return found;
}

static void put_at(void **state, const char *name, const char *text)
{
	TEXT path = at(state, name);

	put(path, text);
}

static void a_file_is_good_or_says_how_it_is_not(void **state)
{
	TEXT link_path = at(state, "link");
	TEXT target = at(state, "good");
	TEXT folder = at(state, "folder");
	TEXT pipe_path = at(state, "pipe");
	static const struct {
		const char *name;
		enum file_state wanted;
		int64_t bytes;
	} cases[] = {
		{ "good", FILE_GOOD, N_WORDS },
		{ "flipped", FILE_OTHER_BYTES, N_WORDS },
		{ "short", FILE_OTHER_SIZE, 6 },
		{ "empty", FILE_OTHER_SIZE, 0 },
		{ "long", FILE_OTHER_SIZE, 13 },
		{ "gone", FILE_MISSING, -1 },
		{ "good/below", FILE_MISSING, -1 },
		{ "link", FILE_IS_LINK, -1 },
		{ "folder", FILE_IS_FOLDER, -1 },
		{ "pipe", FILE_IS_SPECIAL, -1 },
	};

	put_at(state, "good", words);
	put_at(state, "flipped", "Twelve bytes");
	put_at(state, "short", "twelve");
	put_at(state, "empty", "");
	put_at(state, "long", "twelve bytes.");
	assert_int_equal(symlink(target, link_path), 0);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct file_found found = check(state, cases[i].name, N_WORDS);

		assert_int_equal(found.state, cases[i].wanted);
		assert_int_equal(found.bytes, cases[i].bytes);
	}
}

static void reading_can_be_stopped_and_is_counted(void **state)
{
	TEXT path = at(state, "file");
	atomic_bool is_stopped = false;
	_Atomic uint64_t bytes = 5;
	const struct file_watch watch = { &is_stopped, &bytes };
	const struct synced want = { .size_bytes = N_WORDS };
	struct file_found found;
	struct err err;

	put(path, words);
	assert_int_equal(
	    stored_check(sinks_of(state), path, &want, &watch, &found, &err), ERR_OK);
	assert_int_equal(found.state, FILE_OTHER_BYTES);
	assert_int_equal(strlen(found.sha256), 64);
	assert_int_equal(atomic_load(&bytes), 5 + N_WORDS);
	atomic_store(&is_stopped, true);
	assert_int_equal(stored_check(sinks_of(state), path, &want, &watch, &found, &err),
	    ERR_CANCELLED);
}

/* What stored_scan told: "kind name bytes" each. */
struct told {
	char lines[20][80];
	size_t n, max;
};

static bool tell(void *payload, const struct scan_entry *entry)
{
	static const char *const kinds[] = { [SCAN_FILE] = "file",
		[SCAN_PARTIAL] = "partial",
		[SCAN_TEMPORARY] = "temporary" };
	struct told *told = payload;

	assert_true(told->n < COUNT(told->lines));
	(void)snprintf(told->lines[told->n++], sizeof(told->lines[0]), "%s %s %s %d",
	    kinds[entry->kind], strrchr(entry->location, '/') + 1, entry->id,
	    entry->index);
	return !told->max || told->n < told->max;
}

static bool has_told(const struct told *told, const char *line)
{
	for (size_t i = 0; i < told->n; i++)
		if (!strcmp(told->lines[i], line))
			return true;
	return false;
}

static void make_old(void **state, const char *name)
{
	const struct timespec times[2] = { { .tv_sec = time(NULL) - SCAN_STALE_S - 5 },
		{ .tv_sec = time(NULL) - SCAN_STALE_S - 5 } };
	TEXT path = at(state, name);

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void fill(void **state)
{
	static const char *const names[] = { "a.png", ".hidden", ".dreamq-id_1-X.12.part",
		".dreamq-.0.part", ".dreamq-a.b.part", ".dreamq-a.-1.part",
		".dreamq-a b.0.part", ".dreamq-a.part", ".dreamq-abc123", ".dreamq-abc12",
		".dreamq-abc1234", ".dreamq-probe-17", "sub/b.png",
		"sub/.dreamq-y.0.part", ".hid/c.png" };
	TEXT sub = at(state, "sub");
	TEXT hid = at(state, ".hid");
	TEXT way = at(state, "way");

	assert_int_equal(mkdir(sub, 0700), 0);
	assert_int_equal(mkdir(hid, 0700), 0);
	assert_int_equal(symlink(sub, way), 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		put_at(state, names[i], words);
		if (i != 9)
			make_old(state, names[i]);
	}
}

static void a_folder_tells_its_files(void **state)
{
	TEXT room = at(state, "");
	struct told told = { 0 };
	struct err err;

	fill(state);
	assert_int_equal(
	    stored_scan(sinks_of(state), room, false, tell, &told, &err), ERR_OK);
	assert_true(has_told(&told, "file a.png  -1"));
	assert_true(has_told(&told, "partial .dreamq-id_1-X.12.part id_1-X 12"));
	assert_true(has_told(&told, "temporary .dreamq-abc123  -1"));
	assert_true(has_told(&told, "temporary .dreamq-probe-17  -1"));
	assert_int_equal(told.n, 4);
}

static void and_those_below(void **state)
{
	TEXT room = at(state, "");
	TEXT way = at(state, "way");
	struct told told = { 0 }, by_link = { 0 };
	struct err err;

	fill(state);
	assert_int_equal(
	    stored_scan(sinks_of(state), room, true, tell, &told, &err), ERR_OK);
	assert_true(has_told(&told, "file b.png  -1"));
	assert_true(has_told(&told, "partial .dreamq-y.0.part y 0"));
	assert_int_equal(told.n, 6);
	assert_int_equal(
	    stored_scan(sinks_of(state), way, true, tell, &by_link, &err), ERR_OK);
	assert_int_equal(by_link.n, 2);
}

static void what_is_fresh_may_be_in_use(void **state)
{
	TEXT room = at(state, "");
	struct told told = { 0 };
	struct err err;

	put_at(state, ".dreamq-abc123", words);
	assert_int_equal(
	    stored_scan(sinks_of(state), room, false, tell, &told, &err), ERR_OK);
	assert_int_equal(told.n, 0);
}

static void scanning_ends_when_told(void **state)
{
	TEXT room = at(state, "");
	struct told told = { .max = 1 };
	struct err err;

	fill(state);
	assert_int_equal(
	    stored_scan(sinks_of(state), room, true, tell, &told, &err), ERR_OK);
	assert_int_equal(told.n, 1);
}

static void a_folder_that_is_gone_has_no_files(void **state)
{
	TEXT gone = at(state, "gone");
	struct told told = { 0 };
	struct err err;

	assert_int_equal(
	    stored_scan(sinks_of(state), gone, true, tell, &told, &err), ERR_OK);
	assert_int_equal(told.n, 0);
}

static bool yes(void *payload)
{
	return *(bool *)payload;
}

static void only_what_nobody_holds_is_removed(void **state)
{
	TEXT path = at(state, ".dreamq-x.0.part");
	bool may_go = true, is_removed = true;
	struct err err;
	int fd;

	put(path, words);
	assert_false(stored_is_held(sinks_of(state), path));
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_true(stored_is_held(sinks_of(state), path));
	assert_int_equal(
	    stored_remove(sinks_of(state), path, yes, &may_go, &is_removed, &err),
	    ERR_OK);
	assert_false(is_removed);
	assert_int_equal(close(fd), 0);
	may_go = false;
	assert_int_equal(
	    stored_remove(sinks_of(state), path, yes, &may_go, &is_removed, &err),
	    ERR_OK);
	assert_false(is_removed);
	assert_true(fs_exists(path));
	may_go = true;
	assert_int_equal(
	    stored_remove(sinks_of(state), path, yes, &may_go, &is_removed, &err),
	    ERR_OK);
	assert_true(is_removed);
	assert_false(fs_exists(path));
	assert_int_equal(
	    stored_remove(sinks_of(state), path, yes, &may_go, &is_removed, &err),
	    ERR_OK);
	assert_false(is_removed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_room, remove_room)
		TEST(a_file_is_good_or_says_how_it_is_not),
		TEST(reading_can_be_stopped_and_is_counted),
		TEST(a_folder_tells_its_files),
		TEST(and_those_below),
		TEST(what_is_fresh_may_be_in_use),
		TEST(scanning_ends_when_told),
		TEST(a_folder_that_is_gone_has_no_files),
		TEST(only_what_nobody_holds_is_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
