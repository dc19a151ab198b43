/*
 * local.c - this machine: the libraries, the language, the disks, the ledger.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#include <cjson/cJSON.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/fs.h"
#include "base/say.h"
#include "base/text.h"
#include "core/doctor/check.h"
#include "ledger/care.h"
#include "net/about.h"

enum { TEXT_BYTES = 300 };

/* --- versions ---------------------------------------------------------------- */

static const char *libc_version(void)
{
#ifdef __GLIBC__
	return gnu_get_libc_version();
#else
	return "-";
#endif
}

static void check_versions(
    const struct scene *scene, struct facts *facts, struct finding *finding)
{
	char net[TEXT_BYTES / 2], engine[TEXT_BYTES / 4];

	(void)scene;
	(void)facts;
	err_set(&finding->said, ERR_OK, "dreamq %s, %s, %s, cJSON %s, glibc %s",
	    dq_version(), net_versions(net, sizeof(net)),
	    care_engine(engine, sizeof(engine)), cJSON_Version(), libc_version());
}

/* --- the language ------------------------------------------------------------ */

static const char *wanted_locale(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return "C";
}

static bool is_english(const char *locale)
{
	return !strncmp(locale, "en", 2) || !strcmp(locale, "C") ||
	    !strncmp(locale, "C.", 2) || !strcmp(locale, "POSIX");
}

static void check_language(
    const struct scene *scene, struct facts *facts, struct finding *finding)
{
	const char *wanted = wanted_locale();
	const char *got = setlocale(LC_MESSAGES, NULL);

	(void)scene;
	(void)facts;
	if (is_english(wanted) || say_is_translated()) {
		err_set(&finding->said, ERR_OK, "'%.60s' is spoken", wanted);
		return;
	}
	finding->verdict = VERDICT_WARN;
	if (!got || is_english(got)) {
		err_set(&finding->said, ERR_OK,
		    "this machine has no locale '%.60s', so English is spoken", wanted);
		err_set(&finding->todo, ERR_OK,
		    "make it (Debian: dpkg-reconfigure locales), or set LANG=C.UTF-8");
	} else {
		err_set(&finding->said, ERR_OK,
		    "there is no translation into the language of '%.60s'", wanted);
	}
}

/* --- disks ------------------------------------------------------------------- */

enum {
	SYNCS = 5,
	SYNC_BYTES = 4096,
	SPEED_BYTES = 8 << 20,
	SLOW_SYNC_MS = 250,
	FREE_WARN = 1 << 30,
	FREE_BAD = 64 << 20,
};

struct disk {
	int64_t sync_ms; /* the median of a few small ones */
	int64_t bytes_per_second;
};

/* A file without a name, which is gone with its descriptor. */
static int open_nameless(const char *folder)
{
	_cleanup_free_ char *name = NULL;
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	name = fs_join(folder, ".dreamq-doctor-XXXXXX");
	if (!name)
		return -1;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		(void)unlink(name);
	return fd;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		const ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return false;
		bytes += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

static int by_time(const void *a, const void *b)
{
	const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static int64_t ns_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* False: errno says why. */
static bool measure(int fd, struct disk *ret_disk)
{
	_cleanup_free_ char *bytes = calloc(1, SPEED_BYTES);
	int64_t took_ns[SYNCS], begun_ns;

	if (!bytes)
		return false;
	for (int i = 0; i < SYNCS; i++) {
		begun_ns = ns_now();
		if (!write_all(fd, bytes, SYNC_BYTES) || fdatasync(fd))
			return false;
		took_ns[i] = ns_now() - begun_ns;
	}
	qsort(took_ns, SYNCS, sizeof(*took_ns), by_time);
	ret_disk->sync_ms = (took_ns[SYNCS / 2] + 999999) / 1000000;
	begun_ns = ns_now();
	if (!write_all(fd, bytes, SPEED_BYTES) || fdatasync(fd))
		return false;
	begun_ns = ns_now() - begun_ns;
	ret_disk->bytes_per_second =
	    (int64_t)SPEED_BYTES * 1000000000 / (begun_ns > 0 ? begun_ns : 1);
	return true;
}

/* The folder, or the nearest above it that is there: the others will be made. */
static char *existing_folder(const char *folder)
{
	char *path = strdup(folder);

	while (path && !fs_exists(path)) {
		char *slash = strrchr(path, '/');

		if (!slash || slash == path) {
			free(path);
			return strdup(slash ? "/" : ".");
		}
		*slash = '\0';
	}
	return path;
}

static void judge_space(const char *folder, int64_t free_bytes, struct finding *finding)
{
	if (free_bytes < 0 || free_bytes >= FREE_WARN)
		return;
	finding->verdict = free_bytes < FREE_BAD ? VERDICT_BAD : VERDICT_WARN;
	err_set(&finding->todo, ERR_OK, "make room on the disk of '%.200s'", folder);
}

static void tell_disk(
    const char *folder, const struct disk *disk, struct finding *finding)
{
	const int64_t free_bytes = fs_free_bytes(folder);
	char room[24] = "?", speed[24];

	if (free_bytes >= 0)
		(void)text_bytes((uint64_t)free_bytes, room);
	(void)text_bytes((uint64_t)disk->bytes_per_second, speed);
	err_set(&finding->said, ERR_OK,
	    "'%.200s' has %s free, takes %s/s, and is sure of a write after %lld ms",
	    folder, room, speed, (long long)disk->sync_ms);
	judge_space(folder, free_bytes, finding);
	if (disk->sync_ms < SLOW_SYNC_MS || finding->verdict != VERDICT_OK)
		return;
	finding->verdict = VERDICT_WARN;
	err_set(&finding->todo, ERR_OK,
	    "this disk is slow to be sure: choose another one, or --no-sync for files");
}

static void check_disk(const char *wanted, struct finding *finding)
{
	_cleanup_free_ char *folder = existing_folder(wanted);
	_cleanup_(closep) int fd = folder ? open_nameless(folder) : -1;
	struct disk disk;

	if (fd >= 0 && measure(fd, &disk)) {
		tell_disk(folder, &disk, finding);
		return;
	}
	finding->verdict = VERDICT_BAD;
	err_errno(
	    &finding->said, ERR_IO, "can't write in '%.200s'", folder ? folder : wanted);
	err_set(
	    &finding->todo, ERR_OK, "make room, mend its rights, or name another folder");
}

static void check_output(
    const struct scene *scene, struct facts *facts, struct finding *finding)
{
	const char *folder = scene->folder;

	(void)facts;
	if (!strncmp(folder, "file://", 7))
		folder += 7;
	check_disk(folder, finding);
}

/* The path of a ledger; NULL: it is none of ours. */
static const char *ledger_path(const struct scene *scene)
{
	if (!scene->ledger)
		return NULL;
	return !strncmp(scene->ledger, "sqlite:", 7) ? scene->ledger + 7 : scene->ledger;
}

static void no_ledger(struct finding *finding)
{
	finding->verdict = VERDICT_BAD;
	err_set(&finding->said, ERR_OK, "there is no place for it: HOME is not set");
	err_set(&finding->todo, ERR_OK, "set HOME, or name a file with --ledger");
}

static void check_ledger_disk(
    const struct scene *scene, struct facts *facts, struct finding *finding)
{
	const char *path = ledger_path(scene);
	_cleanup_free_ char *folder = path ? strdup(path) : NULL;
	char *slash = folder ? strrchr(folder, '/') : NULL;

	(void)facts;
	if (!folder) {
		no_ledger(finding);
		return;
	}
	if (slash)
		*(slash == folder ? slash + 1 : slash) = '\0';
	check_disk(slash ? folder : ".", finding);
}

/* --- the ledger -------------------------------------------------------------- */

/* What is to be done depends on what it is. */
static void tell_way_on(struct finding *finding)
{
	err_set(
	    &finding->todo, ERR_OK, "run 'dreamq ledger check', which says what to do");
}

static void judge_ledger(const struct care_health *health, struct finding *finding)
{
	if (health->verdict == CARE_GOOD) {
		err_set(&finding->said, ERR_OK,
		    "it is whole: tasks %lld, files %lld; every page was read",
		    (long long)health->tasks, (long long)health->assets);
		return;
	}
	finding->verdict = VERDICT_BAD;
	finding->said = health->said;
	tell_way_on(finding);
}

static void check_ledger(
    const struct scene *scene, struct facts *facts, struct finding *finding)
{
	struct care_health health;
	struct err err;

	(void)facts;
	if (!scene->ledger) {
		no_ledger(finding);
		return;
	}
	if (!care_check(scene->ledger, &health, &err)) {
		judge_ledger(&health, finding);
		return;
	}
	if (err.kind == ERR_NOT_FOUND) {
		err_set(
		    &finding->said, ERR_OK, "there is none yet; the first task makes it");
		return;
	}
	finding->verdict = VERDICT_BAD;
	finding->said = err;
	tell_way_on(finding);
}

const struct check checks_local[] = {
	{ "versions", check_versions },
	{ "language", check_language },
	{ "output-disk", check_output },
	{ "ledger-disk", check_ledger_disk },
	{ "ledger", check_ledger },
	{ NULL, NULL },
};
