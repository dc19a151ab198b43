#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "ledger_fixture.h"

static enum err_kind try_open(const char *url, struct err *err)
{
	struct ledger *ledger = NULL;
	const enum err_kind kind = ledger_open(url, &ledger, err);

	assert_true(!ledger == (kind != ERR_OK));
	ledger_close(ledger);
	return kind;
}

static void expect(const char *url, enum err_kind kind, const char *part)
{
	struct err err = { 0 };

	if (try_open(url, &err) != kind || err.kind != kind)
		fail_msg("'%s': %s", url, err.msg);
	if (part && !strstr(err.msg, part))
		fail_msg("'%s' does not say '%s': %s", url, part, err.msg);
}

static char *in_folder(const struct fixture *f, const char *name)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", f->folder, name) > 0);
	return path;
}

static void write_file(const char *path, const void *bytes, size_t n, long at)
{
	FILE *file = fopen(path, at < 0 ? "wb" : "r+b");

	assert_non_null(file);
	if (at >= 0)
		assert_int_equal(fseek(file, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

/* --- names ---------------------------------------------------------------------- */

static const struct {
	const char *url;
	enum err_kind kind;
	const char *part;
} urls[] = {
	{ "postgresql://u:hunter2@db/x", ERR_USAGE, "PostgreSQL" },
	{ "postgres://u:hunter2@db/x", ERR_USAGE, "PostgreSQL" },
	{ "mysql://u:hunter2@db/x", ERR_USAGE, "'mysql:'" },
	{ "", ERR_USAGE, "empty" },
	{ "sqlite:", ERR_USAGE, "empty" },
	{ "/dev/null", ERR_LEDGER, "'/dev/null'" },
	{ "/", ERR_LEDGER, "folder" },
	{ "/dev/null/x", ERR_LEDGER, "/dev/null/x" },
	{ "/proc/no/such/ledger.db", ERR_OK, NULL },
};

static void names_are_read(void **state)
{
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		if (urls[i].kind)
			expect(urls[i].url, urls[i].kind, urls[i].part);
		else
			assert_int_not_equal(try_open(urls[i].url, &err), ERR_OK);
		assert_null(strstr(err.msg, "hunter2"));
	}
}

/* Names that mean something to sqlite, or look like a scheme, are files. */
static void odd_names_are_files(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { ":memory:", "file:x?mode=memory", "a b%20c",
		"猫.db", "c:x", "sqlite:inner" };

	for (size_t i = 0; i < COUNT(names); i++) {
		_cleanup_free_ char *path = in_folder(f, names[i]);
		_cleanup_free_ char *url = NULL;

		assert_true(asprintf(&url, "sqlite:%s", path) > 0);
		expect(url, ERR_OK, NULL);
		expect(path, ERR_OK, NULL);
		assert_int_equal(access(path, F_OK), 0);
	}
	assert_int_equal(chdir(f->folder), 0);
	expect(":memory:", ERR_OK, NULL);
	expect("relative/ledger.db", ERR_OK, NULL);
	assert_int_equal(access("relative/ledger.db", F_OK), 0);
	assert_int_equal(chdir("/"), 0);
}

/* --- modes ---------------------------------------------------------------------- */

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void files_are_private_whatever_the_umask(void **state)
{
	struct fixture *f = *state;
	static const mode_t umasks[] = { 0, 022, 077, 0777 };
	static const char *const suffixes[] = { "", "-wal", "-shm", "-live" };

	for (size_t i = 0; i < COUNT(umasks); i++) {
		char path[128], file[160];
		const struct intent intent = intent_of("t");
		struct ledger *ledger;
		mode_t before;

		/*
		 * Without its folder the umask 0777 would take the folder from us, too.
		 */
		(void)snprintf(path, sizeof(path), "%s/%zu", f->folder, i);
		if (umasks[i] == 0777)
			assert_int_equal(mkdir(path, 0700), 0);
		(void)snprintf(path, sizeof(path), "%s/%zu/l.db", f->folder, i);
		before = umask(umasks[i]);
		ledger = open_ledger(path);
		ok(send_one(ledger, &intent, &f->err));
		umask(before);
		for (size_t k = 0; k < COUNT(suffixes); k++) {
			(void)snprintf(file, sizeof(file), "%s%s", path, suffixes[k]);
			assert_int_equal(mode_of(file), 0600);
		}
		(void)snprintf(file, sizeof(file), "%s/%zu", f->folder, i);
		assert_int_equal(mode_of(file), 0700);
		ledger_close(ledger);
	}
}

/* --- files that are not ours ---------------------------------------------------- */

static void an_empty_file_is_a_new_ledger(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = in_folder(f, "empty.db");

	write_file(path, "", 0, -1);
	expect(path, ERR_OK, NULL);
	poke(path, "SELECT count(*) FROM tasks");
}

static void text_is_no_ledger(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = in_folder(f, "text.db");
	static char text[5000];
	struct stat st;

	memset(text, 'x', sizeof(text));
	write_file(path, text, sizeof(text), -1);
	expect(path, ERR_LEDGER, "text.db' is not a ledger");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, sizeof(text));
	for (size_t n = 1; n < 1100; n += n < 20 ? 1 : 97) {
		write_file(path, text, n, -1);
		expect(path, ERR_LEDGER, "not a ledger");
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_size, n);
	}
}

static void the_database_of_others_is_left_alone(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = in_folder(f, "other.db");
	_cleanup_free_ char *wal = in_folder(f, "other.db-wal");

	poke(path, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
	expect(path, ERR_LEDGER, "another program");
	poke(path, "DROP TABLE theirs; PRAGMA application_id = 7");
	expect(path, ERR_LEDGER, "another program");
	poke(path, "PRAGMA application_id = 0; PRAGMA user_version = 3");
	expect(path, ERR_LEDGER, "another program");
	assert_int_not_equal(access(wal, F_OK), 0);
}

static void a_newer_schema_is_named(void **state)
{
	struct fixture *f = *state;

	poke(f->path, "PRAGMA user_version = 14");
	expect(f->path, ERR_LEDGER, "newer dreamq (schema 14, this one knows 13)");
	poke(f->path, "PRAGMA user_version = -1");
	expect(f->path, ERR_LEDGER, "newer dreamq");
	poke(f->path, "PRAGMA user_version = 13");
	expect(f->path, ERR_OK, NULL);
}

static void damage_is_named(void **state)
{
	struct fixture *f = *state;
	static const char rubbish[4096] = "rubbish";
	struct err err = { 0 };
	struct task *task = NULL;

	for (int i = 0; i < 50; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "t-%d", i);
		adopt(f, id);
	}
	ledger_close(f->ledger);
	poke(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	for (long page = 1; page < 12; page++)
		write_file(f->path, rubbish, sizeof(rubbish), page * 4096);
	f->ledger = NULL;
	if (ledger_open(f->path, &f->ledger, &err) == ERR_OK)
		assert_int_equal(
		    ledger_find(f->ledger, ME, "t-1", &task, &err), ERR_LEDGER);
	assert_int_equal(err.kind, ERR_LEDGER);
	assert_non_null(strstr(err.msg, "damaged"));
	assert_non_null(strstr(err.msg, f->path));
	ledger_close(f->ledger);
	f->ledger = NULL;
	/* The head of the file. */
	write_file(f->path, rubbish, 16, 0);
	expect(f->path, ERR_LEDGER, "not a ledger");
}

/* A copy made by VACUUM INTO has lost the write-ahead mode: it comes back. */
static void a_copy_is_a_ledger(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *copy = in_folder(f, "copy.db");
	char text[200];

	adopt(f, "t");
	(void)snprintf(text, sizeof(text), "VACUUM INTO '%s'", copy);
	poke(f->path, text);
	ledger_close(f->ledger);
	strcpy(f->path, copy);
	f->ledger = open_ledger(copy);
	assert_int_equal(state_of(f, "t"), TASK_UNKNOWN);
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 1);
	(void)snprintf(text, sizeof(text), "%s-wal", copy);
	assert_int_equal(access(text, F_OK), 0);
}

/* --- rights and room, in a process of its own ----------------------------------- */

static int in_child(int (*work)(struct fixture *f), struct fixture *f)
{
	int status = 0;
	pid_t pid;

	/* sqlite's bookkeeping must not be inherited. */
	ledger_close(f->ledger);
	f->ledger = NULL;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(work(f));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

enum { NOBODY = 65534, SKIPPED = 77 };

/* Root may write everything: be nobody. */
static bool drop_root(void)
{
	return geteuid() != 0 ||
	    (!setresgid(NOBODY, NOBODY, NOBODY) && !setresuid(NOBODY, NOBODY, NOBODY));
}

static int open_as_nobody(struct fixture *f)
{
	struct err err = { 0 };

	if (!drop_root())
		return SKIPPED;
	if (try_open(f->path, &err) != ERR_LEDGER)
		return 1;
	return strstr(err.msg, "ledger.db'") && strstr(err.msg, "--ledger") ? 0 : 2;
}

static void read_only_is_named(void **state)
{
	struct fixture *f = *state;
	char folder[128], mark[192];
	int status;

	adopt(f, "t");
	(void)snprintf(folder, sizeof(folder), "%s/sub", f->folder);
	(void)snprintf(mark, sizeof(mark), "%s-mark", f->path);
	/* The file may be read, not written. */
	assert_int_equal(chmod(f->folder, 0755), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chmod(f->path, 0444), 0);
	status = in_child(open_as_nobody, f);
	if (status == SKIPPED)
		skip();
	assert_int_equal(status, 0);
	/* The file may be written, its folder not, and there is no log yet. */
	assert_int_equal(chmod(f->path, 0666), 0);
	poke(f->path, "PRAGMA journal_mode = DELETE");
	assert_int_equal(chmod(folder, 0555), 0);
	assert_int_equal(in_child(open_as_nobody, f), 0);
	/* The file may not even be read. */
	assert_int_equal(chmod(f->path, 0), 0);
	assert_int_equal(in_child(open_as_nobody, f), 0);
	/* There is none, was none, and none can be made. */
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(unlink(mark), 0);
	assert_int_equal(chmod(folder, 0555), 0);
	assert_int_equal(in_child(open_as_nobody, f), 0);
	assert_int_equal(chmod(folder, 0700), 0);
}

/* Adopt until it does not fit; everything before that must still be there. */
static int fill_up(struct ledger *ledger)
{
	struct err err = { 0 };
	struct task *task = NULL;
	int n = 0;

	for (; n < 100000; n++) {
		char name[64];
		const char *id = name;

		(void)snprintf(name, sizeof(name), "filling-up-the-disk-%040d", n);
		if (ledger_adopt(ledger, ME, &id, 1, NOW, &err))
			break;
	}
	if (err.kind != ERR_NOSPACE || !strstr(err.msg, "no space") || n == 0)
		return 1;
	for (int i = 0; i < n; i += 7) {
		char name[64];

		(void)snprintf(name, sizeof(name), "filling-up-the-disk-%040d", i);
		if (ledger_find(ledger, ME, name, &task, &err) || !task)
			return 2;
		task_free(task);
	}
	return 0;
}

static int with_small_files(struct fixture *f)
{
	const struct rlimit limit = { 200000, 200000 };
	struct ledger *ledger = open_ledger(f->path);

	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &limit))
		return SKIPPED;
	return fill_up(ledger);
}

static int on_a_small_disk(struct fixture *f)
{
	char path[128];
	struct err err = { 0 };
	struct ledger *ledger = NULL;
	int status;

	/* In a name space of our own: it goes away with us. */
	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", f->folder, "tmpfs", 0, "size=700k"))
		return SKIPPED;
	(void)snprintf(path, sizeof(path), "%s/ledger.db", f->folder);
	status = ledger_open(path, &ledger, &err) ? 3 : fill_up(ledger);
	ledger_close(ledger);
	return status;
}

static void no_room_is_named(void **state)
{
	struct fixture *f = *state;
	int status = in_child(with_small_files, f);

	if (status != SKIPPED)
		assert_int_equal(status, 0);
	status = in_child(on_a_small_disk, f);
	if (status == SKIPPED)
		skip();
	assert_int_equal(status, 0);
}

/* The scheme of the name is no part of the folder; what nobody can say is no reason. */
static void room_is_that_of_the_folder(void **state)
{
	struct fixture *f = *state;
	struct ledger *ledger;
	char url[128];

	(void)snprintf(url, sizeof(url), "sqlite:%s", f->path);
	ledger = open_ledger(url);
	assert_true(ledger_has_room(ledger, 1));
	assert_false(ledger_has_room(ledger, INT64_MAX));
	ledger_close(ledger);
	close_it(f);
	f->ledger = open_ledger(f->path);
	assert_false(ledger_has_room(f->ledger, INT64_MAX));
	(void)nftw(f->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	assert_true(ledger_has_room(f->ledger, INT64_MAX));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(names_are_read),
		T(odd_names_are_files),
		T(files_are_private_whatever_the_umask),
		T(an_empty_file_is_a_new_ledger),
		T(text_is_no_ledger),
		T(the_database_of_others_is_left_alone),
		T(a_newer_schema_is_named),
		T(damage_is_named),
		T(a_copy_is_a_ledger),
		T(read_only_is_named),
		T(no_room_is_named),
		T(room_is_that_of_the_folder),
	};

	return cmocka_run_group_tests_name("ledger_open", tests, NULL, NULL);
}
