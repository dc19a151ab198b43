#include "mcp/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "dreamq/changes.h"
#include "mcp/errand.h"
#include "mcp/ledger_show.h"
#include "mcp/stored.h"

enum {
	LOOK_S = 1,
	/* A ledger that was put in the place of another is noticed then. */
	SESSION_MS = 30 * 1000,
	END_S = 2,
};

/* The thread's own. */
struct looking {
	struct watch *watch;
	struct call call; /* with its session; dq NULL: none is open */
	int64_t opened_ms;
	char names[WATCH_MAX][URI_BYTES];
	bool are_seen[WATCH_MAX];
	size_t n;
};

/* --- how something is -------------------------------------------------------------- */

static void hear(void *payload, const struct dq_event *event)
{
	const struct call *call = payload;

	if (call->hear && event->type == DQ_EVENT_TASK)
		call->hear(call->payload, event);
}

static char *text_of_task(struct call *call, const char *id)
{
	struct answer shown = answer_make();
	struct dq_error ignored;
	char *text = NULL;

	if (!ledger_show(call, &shown, id, &ignored))
		text = cJSON_PrintUnformatted(shown.structured.object);
	answer_release(&shown);
	return text;
}

static char *text_of_file(struct call *call, const struct uri *uri)
{
	_cleanup_(stored_release) struct stored stored = { .bytes = -1 };
	struct dq_error ignored;
	char *text = NULL;

	if (stored_find(call, uri, &stored, &ignored) || !stored.path ||
	    asprintf(&text, "%s %s", stored.sha256 ? stored.sha256 : "", stored.path) < 0)
		return NULL;
	return text;
}

static char *text_of_errand(struct dq *dq, const char *id)
{
	struct dq_error ignored;
	cJSON *view = errand_view(dq, id, &ignored);
	char *text = view ? cJSON_PrintUnformatted(view) : NULL;

	cJSON_Delete(view);
	return text;
}

static char *text_of_list(const struct dq_changes *changes)
{
	char *text = NULL;

	return asprintf(&text, "%lld %lld", (long long)changes->tasks,
		   (long long)changes->newest) < 0
	    ? NULL
	    : text;
}

static char *text_of(
    struct looking *looking, const char *name, const struct dq_changes *changes)
{
	const struct uri uri = uri_read(name);

	if (!strcmp(name, WATCH_LIST))
		return text_of_list(changes);
	if (!strncmp(name, WATCH_ERRAND, strlen(WATCH_ERRAND)))
		return text_of_errand(looking->call.dq, name + strlen(WATCH_ERRAND));
	if (uri.kind == URI_OF_TASK)
		return text_of_task(&looking->call, uri.id);
	return text_of_file(&looking->call, &uri);
}

/* --- the thread -------------------------------------------------------------------- */

static struct watched *find(struct watch *watch, const char *name)
{
	for (size_t i = 0; i < watch->n; i++)
		if (!strcmp(watch->all[i].name, name))
			return &watch->all[i];
	return NULL;
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Takes the text. */
static void note(struct watch *watch, const char *name, char *text)
{
	const uint64_t one = 1;
	struct watched *is;

	(void)pthread_mutex_lock(&watch->lock);
	is = find(watch, name);
	if (is && (!is->is_seen || !is_same(is->text, text))) {
		char *before = is->text;

		is->is_news = is->is_seen;
		is->is_seen = true;
		is->text = text;
		text = before;
		(void)!write(watch->woken_fd, &one, sizeof(one));
	}
	(void)pthread_mutex_unlock(&watch->lock);
	free(text);
}

static void close_session(struct looking *looking)
{
	dq_close(looking->call.dq);
	looking->call.dq = NULL;
}

static bool open_session(struct looking *looking)
{
	struct dq_options options = *looking->watch->options->session;
	const int64_t now_ms = clock_mono_ms();

	if (looking->call.dq && now_ms - looking->opened_ms < SESSION_MS)
		return true;
	close_session(looking);
	options.on_event = hear;
	options.payload = &looking->call;
	looking->opened_ms = now_ms;
	return !dq_open(&options, &looking->call.dq, NULL);
}

/* What can't be looked at is as it was; when it never was, there is none of it. */
static void look(struct looking *looking)
{
	struct dq_changes changes = { .is_any = false };
	const bool can =
	    open_session(looking) && !dq_changes(looking->call.dq, &changes, NULL);

	for (size_t i = 0; i < looking->n; i++) {
		if (can && (changes.is_any || !looking->are_seen[i]))
			note(looking->watch, looking->names[i],
			    text_of(looking, looking->names[i], &changes));
		else if (!looking->are_seen[i])
			note(looking->watch, looking->names[i], NULL);
	}
}

/* Waits for the next look. False: there is none any more. Under the lock. */
static bool wait_for_look(struct looking *looking, struct timespec *next)
{
	struct watch *watch = looking->watch;
	bool is_new = false;

	for (size_t i = 0; i < watch->n; i++)
		is_new |= !watch->all[i].is_seen;
	while (!watch->is_ending && !is_new) {
		if (watch->n == 0) {
			close_session(looking);
			(void)pthread_cond_wait(&watch->changed, &watch->lock);
		} else if (pthread_cond_timedwait(&watch->changed, &watch->lock, next)) {
			break;
		}
		for (size_t i = 0; i < watch->n; i++)
			is_new |= !watch->all[i].is_seen;
	}
	looking->n = watch->n;
	for (size_t i = 0; i < watch->n; i++) {
		memcpy(looking->names[i], watch->all[i].name, URI_BYTES);
		looking->are_seen[i] = watch->all[i].is_seen;
	}
	return !watch->is_ending;
}

static void *run(void *payload)
{
	struct looking *looking = payload;
	struct watch *watch = looking->watch;
	struct timespec next;
	bool goes_on = true;

	while (goes_on) {
		(void)clock_gettime(CLOCK_MONOTONIC, &next);
		next.tv_sec += LOOK_S;
		(void)pthread_mutex_lock(&watch->lock);
		goes_on = wait_for_look(looking, &next);
		(void)pthread_mutex_unlock(&watch->lock);
		if (goes_on)
			look(looking);
	}
	close_session(looking);
	free(looking);
	return NULL;
}

/* --- on the thread of the server --------------------------------------------------- */

void watch_open(struct watch *watch, const struct mcp_options *options, int woken_fd)
{
	pthread_condattr_t steady;

	*watch = (struct watch){ .options = options, .woken_fd = woken_fd };
	(void)pthread_condattr_init(&steady);
	(void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&watch->lock, NULL);
	(void)pthread_cond_init(&watch->changed, &steady);
	(void)pthread_condattr_destroy(&steady);
}

bool watch_close(struct watch *watch)
{
	struct timespec until;

	(void)pthread_mutex_lock(&watch->lock);
	watch->is_ending = true;
	(void)pthread_cond_signal(&watch->changed);
	(void)pthread_mutex_unlock(&watch->lock);
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += END_S;
	if (watch->has_thread &&
	    pthread_clockjoin_np(watch->thread, NULL, CLOCK_MONOTONIC, &until))
		return false;
	for (size_t i = 0; i < watch->n; i++)
		free(watch->all[i].text);
	(void)pthread_cond_destroy(&watch->changed);
	(void)pthread_mutex_destroy(&watch->lock);
	return true;
}

static bool begin(struct watch *watch)
{
	struct looking *looking;

	if (watch->has_thread)
		return true;
	looking = calloc(1, sizeof(*looking));
	if (!looking)
		return false;
	looking->watch = watch;
	looking->call.options = watch->options;
	watch->has_thread = !pthread_create(&watch->thread, NULL, run, looking);
	if (!watch->has_thread)
		free(looking);
	return watch->has_thread;
}

bool watch_add(struct watch *watch, const char *name)
{
	struct watched *is;

	if (!begin(watch))
		return false;
	(void)pthread_mutex_lock(&watch->lock);
	is = find(watch, name);
	if (!is && watch->n < WATCH_MAX) {
		is = &watch->all[watch->n++];
		*is = (struct watched){ .n_users = 0 };
		(void)snprintf(is->name, sizeof(is->name), "%s", name);
		(void)pthread_cond_signal(&watch->changed);
	}
	if (is)
		is->n_users++;
	(void)pthread_mutex_unlock(&watch->lock);
	return is != NULL;
}

void watch_remove(struct watch *watch, const char *name)
{
	struct watched *is;

	(void)pthread_mutex_lock(&watch->lock);
	is = find(watch, name);
	if (is && --is->n_users == 0) {
		free(is->text);
		*is = watch->all[--watch->n];
	}
	(void)pthread_mutex_unlock(&watch->lock);
}

bool watch_see(struct watch *watch, const char *name, char **ret_text)
{
	const struct watched *is;
	bool is_seen;

	*ret_text = NULL;
	(void)pthread_mutex_lock(&watch->lock);
	is = find(watch, name);
	is_seen = is && is->is_seen;
	if (is_seen && is->text)
		*ret_text = strdup(is->text);
	(void)pthread_mutex_unlock(&watch->lock);
	return is_seen;
}

bool watch_take_news(struct watch *watch, char ret_name[URI_BYTES], char **ret_text)
{
	bool is_any = false;

	*ret_text = NULL;
	(void)pthread_mutex_lock(&watch->lock);
	for (size_t i = 0; i < watch->n && !is_any; i++) {
		struct watched *is = &watch->all[i];

		is_any = is->is_news;
		if (!is_any)
			continue;
		is->is_news = false;
		memcpy(ret_name, is->name, URI_BYTES);
		*ret_text = is->text ? strdup(is->text) : NULL;
	}
	(void)pthread_mutex_unlock(&watch->lock);
	return is_any;
}
