#include "made_up.h"

#include <stdio.h>
#include <string.h>

#include "service/plain.h"

/* What lies in the notes about an id. */
enum { LOOKS, ABSENCES, ABSENT_SINCE_MS };

/* --- what it says of a task ------------------------------------------------------ */

static const char *address_of(const struct service *service)
{
	return plain_traits(service->settings).address;
}

static bool show_image(const struct service *service, struct task *task)
{
	const bool is_twin = !strncmp(task->submit_id, "twin", 4);
	struct asset *asset = arena_alloc(&task->arena, sizeof(*asset));
	char uri[100], url[400];

	(void)snprintf(
	    uri, sizeof(uri), "made-up/%s", is_twin ? "twins" : task->submit_id);
	(void)snprintf(
	    url, sizeof(url), "%s/f/%s.png", address_of(service), task->submit_id);
	if (!asset)
		return false;
	*asset = (struct asset){ .kind = MEDIA_IMAGE,
		.uri = arena_strdup(&task->arena, uri),
		.url = arena_strdup(&task->arena, url),
		.format = "png",
		.duration_ms = -1,
		.size_bytes = -1,
		.stored_bytes = -1 };
	task->assets = asset;
	task->n_assets = 1;
	task->finished = task->total = 1;
	return asset->uri && asset->url;
}

static enum task_state count_absence(int64_t *notes, int64_t now_ms)
{
	if (notes[ABSENCES]++ == 0)
		notes[ABSENT_SINCE_MS] = now_ms;
	return notes[ABSENCES] < MADE_UP_ABSENCES ? TASK_UNKNOWN : TASK_NOT_FOUND;
}

static enum task_state count_look(int64_t *notes)
{
	notes[ABSENCES] = 0;
	return ++notes[LOOKS] < MADE_UP_LOOKS ? TASK_GENERATING : TASK_SUCCEEDED;
}

/* False: no memory. */
static bool judge(
    const struct service *service, const char *id, struct service_seen *seen)
{
	const bool is_known = strncmp(id, "nobody", 6) != 0;
	int64_t *notes = seen->memory.words;
	struct task *task = seen->task = task_new();

	if (!task || !(task->submit_id = arena_strdup(&task->arena, id)))
		return false;
	task->kind = is_known ? MEDIA_IMAGE : MEDIA_UNKNOWN;
	task->state =
	    is_known ? count_look(notes) : count_absence(notes, service_now_ms(service));
	seen->absences = (unsigned)notes[ABSENCES];
	seen->absent_since_ms = notes[ABSENT_SINCE_MS];
	return task->state != TASK_SUCCEEDED || show_image(service, task);
}

/* --- requests -------------------------------------------------------------------- */

struct err made_up_fared(const struct reply *reply)
{
	struct err err = reply->err;

	if (!err.kind && reply->status == 401)
		err_set(&err, ERR_AUTH, "the made-up service refuses the login");
	else if (!err.kind && reply->status != 200)
		err_set(&err, ERR_NET, "the made-up service is in trouble");
	return err;
}

void made_up_finish_poll(struct exchange *exchange, const struct reply *reply)
{
	const struct err why = made_up_fared(reply);
	struct service_polled polled = exchange_polled_make(exchange, &why);

	polled.asks_login = why.kind == ERR_AUTH;
	for (size_t i = 0; !polled.err.kind && i < exchange->n; i++) {
		const struct service_question *question = &exchange->questions[i];
		struct service_seen *seen = &polled.seen[i];

		seen->memory = *question->memory;
		if (judge(exchange->service, question->id, seen))
			continue;
		task_free(seen->task);
		seen->task = NULL;
		err_set(&seen->why, ERR_NOMEM, "out of memory");
	}
	exchange_polled(exchange, &polled);
}

enum err_kind made_up_start(
    struct exchange *exchange, const char *path, exchange_finish *finish, struct err *err)
{
	char url[300];
	const struct net_spec spec = { .method = "POST",
		.url = url,
		.cookie_header = "Cookie",
		.max_body_bytes = 100,
		.once = exchange->n == 0 };

	(void)snprintf(url, sizeof(url), "%s/%s", address_of(exchange->service), path);
	return exchange_start(exchange, &spec, finish, err);
}

enum err_kind made_up_poll(struct exchange *exchange, struct err *err)
{
	return made_up_start(exchange, "poll", made_up_finish_poll, err);
}

/* --- the service ----------------------------------------------------------------- */

int64_t made_up_absence_ms(bool was_shown)
{
	return was_shown ? 2000 : 1000;
}

static const char *const regions[] = { "nowhere", NULL };

const struct service_ops service_made_up = {
	.name = "made-up",
	.regions = regions,
	.plain = { .batch_max = MADE_UP_BATCH_MAX, .assets_max = 1 },
	.absence_ms = made_up_absence_ms,
	.poll = made_up_poll,
};
