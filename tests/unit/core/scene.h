/*
 * scene.h - a fake service, a folder, a ledger and a session: all that a verb
 * needs, in one process.
 *
 * A test gives the routes it cares about; the others answer as a healthy service does.
 * Routes run on the server's threads and must not use cmocka's asserts. What the
 * library told is kept as text: one line of JSON or "note: ..." each.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/common/moment.h"
#include "dreamq/dreamq.h"
#include "rawserver.h"

struct scene;
/* `number` counts the requests of this route, from 0. */
typedef void scene_route(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number);

struct media {
	char *bytes;
	size_t len;
};

struct scene {
	/* the test's; NULL: as a healthy service */
	scene_route *on_query, *on_list, *on_submit, *on_credit, *on_file;
	const char *const *wire; /* rows; NULL none */
	int64_t requests_per_minute; /* as in dq_options */
	bool explain;
	void *payload;
	void (*on_event)(struct scene *scene, const struct dq_event *event);

	struct raw_server *server;
	struct dq *dq;
	char folder[64], ledger[96], cookie[96], out[96];
	struct media media; /* what every link gives */
	atomic_uint queries, lists, submits, credits, files;
	unsigned told[DQ_EVENT_TICK + 1]; /* events by type */
	unsigned notes[DQ_NOTE_COST + 1]; /* those that are notes, by their kind */
	int64_t last_wait_ms; /* of the session; 0: its own */
	int64_t
	    reading_ms; /* passes with each reading of the clocks: who blocks, reads */
	struct clocks clocks; /* of the session */
	bool holds_time; /* no wait of its loop ends by time alone */
	atomic_uint waits; /* of its loop, begun */
	char *log;
	size_t log_len, log_room;
	struct dq_error err; /* of the last verb */
};

/* Server, folders, cookie, session. The scene's routes may be set before or after. */
void scene_open(struct scene *scene);
void scene_close(struct scene *scene);
/* The session ends, a new one begins: what a second run of the program sees. */
void scene_rerun(struct scene *scene);

/*
 * The clocks of a scene (scene_clocks.c) stand still while a request or a worker is under
 * way, however slow the machine is. When there is nothing to wait for but time, it is at
 * once the end of the wait. Whoever needs time to pass meanwhile says so, on whatever
 * thread. One scene at a time.
 */
struct moment scene_now(void);
void scene_pass(struct scene *scene, int64_t span_ms);
/* Somebody sets the wall clock; the steady one goes on. */
void scene_set_wall(int64_t ahead_ms);
/* On a thread of the service, while a verb runs: and its loop has seen it. */
void scene_pass_seen(struct scene *scene, int64_t span_ms);

/* Up to three ids. */
enum dq_status scene_query(
    struct scene *scene, const char *a, const char *b, const char *c);
enum dq_status scene_wait(struct scene *scene, const char *id, int64_t max_wait_ms);
enum dq_status scene_get(struct scene *scene, const char *id);

/* A whole PNG of `len` bytes, the same for the same seed; `len` is at least 64. */
struct media media_png(size_t len, unsigned seed);
void media_release(struct media *media);

/* One record of an answer. */
struct record {
	const char *id;
	int status;
	int usable, total; /* assets with a link, assets promised */
	int64_t life_s; /* of the links; 0: an hour */
	int version; /* another version is another object under the same index */
	/* More fields of each image, with a comma in front; or NULL. */
	const char *fields;
};
/* "id":{...}, malloc'ed. */
char *scene_record(struct scene *scene, const struct record *record);
/* An answer with this record, or with a body of {} when `record` is NULL. */
void scene_say(struct scene *scene, struct raw_peer *peer, const struct record *record);
/* An on_query: whatever is asked, task-1 has ended with one picture. */
void scene_one_image(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number);
/* An answer with `data` between the braces. */
void scene_say_data(struct raw_peer *peer, const char *data);
/* 200 or 206 as asked for, with a strong ETag of `etag`, which may be NULL. */
void scene_send_file(struct raw_peer *peer, const char *request,
    const struct media *media, const char *etag);

/* A route for queries: task-1 has its four images. */
void scene_four_images(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number);

/* Value of a request's header; "" when it is not there. Points into `into`. */
const char *scene_header(const char *request, const char *name, char into[128]);
/* How many requests of the server contain `text`? */
unsigned scene_asked(struct scene *scene, const char *text);

/* Is it in the log? */
bool scene_told(const struct scene *scene, const char *text);

/* It is `media`, and the ledger calls it stored. */
void scene_assert_home(const struct scene *scene, const char *id, int index);
/* The file of task `id`, place `index`, under its usual name: is it `media`? */
bool scene_has_file(
    const struct scene *scene, const char *id, int index, const struct media *media);
/* Entries of the out folder, also hidden ones. */
unsigned scene_count_files(const struct scene *scene);
