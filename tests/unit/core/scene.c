#include "scene_impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ledger_lab.h"
#include "place.h"

enum { LOG_ROOM = 4000 };

bool scene_told(const struct scene *scene, const char *text)
{
	return strstr(scene->log, text) != NULL;
}

void scene_assert_home(const struct scene *scene, const char *id, int index)
{
	lab_assert_asset(scene->ledger, id, index, "stored");
	assert_true(scene_has_file(scene, id, index, &scene->media));
}

/* --- the session -------------------------------------------------------------- */

static void keep_text(struct scene *scene, const char *text)
{
	const size_t len = strlen(text);

	if (scene->log_len + len >= scene->log_room) {
		scene->log_room = 2 * (scene->log_len + len) + LOG_ROOM;
		scene->log = realloc(scene->log, scene->log_room);
		assert_non_null(scene->log);
	}
	memcpy(scene->log + scene->log_len, text, len + 1);
	scene->log_len += len;
}

static void keep_event(void *payload, const struct dq_event *event)
{
	struct scene *scene = payload;
	_cleanup_free_ char *line = dq_event_json(event);

	scene->told[event->type]++;
	if (event->type == DQ_EVENT_NOTE)
		scene->notes[event->note]++;
	else
		assert_int_equal(event->note, 0);
	if (scene->on_event)
		scene->on_event(scene, event);
	if (!line && !event->text)
		return;
	keep_text(scene, line ? "" : "note: ");
	keep_text(scene, line ? line : event->text);
	keep_text(scene, "\n");
}

static void begin(struct scene *scene)
{
	char *base = strdup(raw_url(scene->server, ""));
	const struct dq_options options = { .size_bytes = sizeof(options),
		.api_base = base,
		.submit_base = base,
		.cookie_file = scene->cookie,
		.ledger = scene->ledger,
		.wire = scene->wire,
		.requests_per_minute = scene->requests_per_minute,
		.explain = scene->explain,
		.on_event = keep_event,
		.payload = scene };

	assert_int_equal(dq_open(&options, &scene->dq, &scene->err), DQ_OK);
	scene_clocks_give(scene);
	if (scene->last_wait_ms)
		scene->dq->last_wait_ms = scene->last_wait_ms;
	free(base);
}

void scene_open(struct scene *scene)
{
	FILE *cookie;
	int fd;

	for (const char *const *name = (const char *const[]){ "http_proxy", "https_proxy",
		 "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", NULL };
	     *name; name++)
		assert_int_equal(unsetenv(*name), 0);
	(void)snprintf(
	    scene->folder, sizeof(scene->folder), "%s/scene.XXXXXX", place_in_memory());
	assert_non_null(mkdtemp(scene->folder));
	(void)sprintf(scene->ledger, "%s/ledger.db", scene->folder);
	(void)sprintf(scene->cookie, "%s/cookie", scene->folder);
	(void)sprintf(scene->out, "%s/out", scene->folder);
	fd = open(scene->cookie, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	cookie = fdopen(fd, "w");
	assert_non_null(cookie);
	assert_true(fputs("sessionid=topsecret\n", cookie) > 0);
	assert_int_equal(fclose(cookie), 0);
	keep_text(scene, "");
	if (!scene->media.bytes)
		scene->media = media_png(2000, 1);
	lab_make(scene->ledger);
	scene->server = raw_start(scene_serve, scene);
	scene_clocks_start();
	begin(scene);
}

static int remove_one(
    const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st;
	(void)type;
	(void)place;
	return remove(path);
}

/* No test may leave the cookie or a link's query in what the library told. */
static void check_secrets(const struct scene *scene)
{
	assert_null(strstr(scene->log, "topsecret"));
	assert_null(strstr(scene->err.message, "topsecret"));
	assert_null(strstr(scene->err.message, "x-expires"));
	for (const char *note = scene->log; (note = strstr(note, "note: ")); note++)
		assert_null(
		    memmem(note, strcspn(note, "\n"), "x-expires", strlen("x-expires")));
}

void scene_close(struct scene *scene)
{
	dq_close(scene->dq);
	raw_stop(scene->server); /* NULL is fine: a test may have stopped it */
	check_secrets(scene);
	(void)nftw(scene->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	media_release(&scene->media);
	free(scene->log);
}

void scene_rerun(struct scene *scene)
{
	dq_close(scene->dq);
	begin(scene);
	memset(scene->told, 0, sizeof(scene->told));
	memset(scene->notes, 0, sizeof(scene->notes));
	scene->log_len = 0;
	scene->log[0] = '\0';
}

enum dq_status scene_query(
    struct scene *scene, const char *a, const char *b, const char *c)
{
	const char *const ids[] = { a, b, c };
	const size_t n = b ? c ? 3 : 2 : 1;

	return dq_query(scene->dq, ids, n, &scene->err);
}

enum dq_status scene_wait(struct scene *scene, const char *id, int64_t max_wait_ms)
{
	const struct dq_wait wait = {
		.size_bytes = sizeof(wait), .interval_ms = 10, .max_wait_ms = max_wait_ms
	};

	return dq_wait(scene->dq, &id, 1, &wait, &scene->err);
}

enum dq_status scene_get(struct scene *scene, const char *id)
{
	const struct dq_get get = { .size_bytes = sizeof(get),
		.wait = { .size_bytes = sizeof(get.wait),
		    .interval_ms = 10,
		    .max_wait_ms = 600000 },
		.sink = scene->out };

	return dq_get(scene->dq, &id, 1, &get, &scene->err);
}

/* --- what is there ------------------------------------------------------------ */

bool scene_has_file(
    const struct scene *scene, const char *id, int index, const struct media *media)
{
	_cleanup_free_ char *bytes = malloc(media->len + 1);
	char path[256];
	size_t n;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s_%d.png", scene->out, id, index);
	file = fopen(path, "re");
	if (!file)
		return false;
	n = fread(bytes, 1, media->len + 1, file);
	(void)fclose(file);
	return n == media->len && memcmp(bytes, media->bytes, n) == 0;
}

unsigned scene_count_files(const struct scene *scene)
{
	DIR *folder = opendir(scene->out);
	const struct dirent *entry;
	unsigned n = 0;

	while (folder && (entry = readdir(folder)))
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	if (folder)
		(void)closedir(folder);
	return n;
}
