/*
 * keyring.c - libsecret behind a thread that may be left alone.
 *
 * The call runs on a thread of its own, which shares one `struct job` with its caller,
 * who sees it end. When time is up the call is cancelled; should even that not end it,
 * the caller goes and the thread, when it wakes one day, wipes and frees the job.
 */
#include "core/account/keyring.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/say.h"
#include "core/account/libsecret.h"

#ifndef DREAMQ_KEYRING /* a choice of the build */
#define DREAMQ_KEYRING 1
#endif

enum {
	LOAD_MS = 10000,
	ASK_MS = 30000, /* somebody may have to type a password */
	GRACE_MS = 2000, /* for a cancelled call to return */
	STEP_MS = 100,
	PROFILE_MAX = 64,
};

/*
 * Found by its attributes alone: a keyring that nobody has unlocked since it was read
 * from the disk does not know the schemas of its entries, and would seem to have none.
 */
static const struct secret_schema cookie_schema = {
	.name = "org.dreamq.Cookie",
	.flags = LIBSECRET_ANY_SCHEMA,
	.attributes = { { "application", 0 }, { "profile", 0 } },
};

/* As Chromium names it; found by its attribute alone, too. */
static const struct secret_schema browser_schema = {
	.name = "chrome_libsecret_os_crypt_password_v2",
	.flags = LIBSECRET_ANY_SCHEMA,
	.attributes = { { "application", 0 } },
};

/* --- what the thread does --------------------------------------------------------- */

struct job;
typedef enum err_kind work(struct job *job, const struct libsecret *lib, struct err *err);

struct job {
	work *work;
	const struct secret_schema *schema;
	char profile[PROFILE_MAX + 1]; /* of a browser's entry: its application */
	struct secret cookie; /* to be stored, or found */

	pthread_t thread; /* the caller's */

	pthread_mutex_t lock; /* for all that follows */
	pthread_cond_t changed;
	bool is_over, is_alone, is_cancelled;
	void *cancellable;
	void (*cancel)(void *cancellable);
	struct err err;
};

static void job_free(struct job *job)
{
	secret_release(&job->cookie);
	(void)pthread_cond_destroy(&job->changed);
	(void)pthread_mutex_destroy(&job->lock);
	free(job);
}

static enum err_kind explain(
    const struct libsecret *lib, struct g_error *error, struct err *err)
{
	err_set(err, ERR_AUTH, "the desktop's keyring can't be used: %s",
	    error ? error->message : N_("it gives no reason"));
	libsecret_name_file(err);
	if (error)
		lib->g_error_free(error);
	return err->kind;
}

/*
 * Finds the first entry of the profile, NULL for none. Nobody is asked to unlock
 * anything.
 */
static enum err_kind find(
    struct job *job, const struct libsecret *lib, void **ret_item, struct err *err)
{
	struct g_error *error = NULL;
	const struct secret_schema *schema = job->schema;
	const bool is_ours = schema == &cookie_schema;
	void *attributes = is_ours ? lib->secret_attributes_build(schema, "application",
					 "dreamq", "profile", job->profile, (char *)NULL)
				   : lib->secret_attributes_build(schema, "application",
					 job->profile, (char *)NULL);
	struct g_list *items;

	items = lib->secret_service_search_sync(
	    NULL, schema, attributes, LIBSECRET_LOADS_SECRETS, job->cancellable, &error);
	lib->g_hash_table_unref(attributes);
	if (error)
		return explain(lib, error, err);
	*ret_item = items ? items->data : NULL;
	for (struct g_list *more = items ? items->next : NULL; more; more = more->next)
		lib->g_object_unref(more->data);
	lib->g_list_free(items);
	if (!*ret_item || !lib->secret_item_get_locked(*ret_item))
		return ERR_OK;
	lib->g_object_unref(*ret_item);
	return err_set(err, ERR_AUTH,
	    "the desktop's keyring is locked: unlock it by logging in to the "
	    "desktop, then run this again");
}

static enum err_kind load(struct job *job, const struct libsecret *lib, struct err *err)
{
	enum err_kind kind = ERR_OK;
	void *item = NULL, *value;
	const char *text;

	if (find(job, lib, &item, err))
		return err->kind;
	if (!item)
		return ERR_OK;
	value = lib->secret_item_get_secret(item);
	text = value ? lib->secret_value_get_text(value) : NULL;
	kind = text ? secret_make(text, &job->cookie, err)
		    : err_set(err, ERR_AUTH,
			  "the keyring's entry of profile '%s' is no text", job->profile);
	if (value)
		lib->secret_value_unref(value); /* which wipes it */
	lib->g_object_unref(item);
	return kind;
}

static enum err_kind store(struct job *job, const struct libsecret *lib, struct err *err)
{
	struct g_error *error = NULL;

	if (lib->secret_password_store_sync(&cookie_schema, NULL, "dreamq: a cookie",
		job->cookie.text, job->cancellable, &error, "application", "dreamq",
		"profile", job->profile, (char *)NULL))
		return ERR_OK;
	return explain(lib, error, err);
}

static enum err_kind clear(struct job *job, const struct libsecret *lib, struct err *err)
{
	struct g_error *error = NULL;
	void *item = NULL;

	if (find(job, lib, &item, err))
		return err->kind;
	if (!item)
		return ERR_OK;
	lib->g_object_unref(item);
	if (lib->secret_password_clear_sync(&cookie_schema, job->cancellable, &error,
		"application", "dreamq", "profile", job->profile, (char *)NULL))
		return ERR_OK;
	return explain(lib, error, err);
}

/* False: time was up before the call began. */
static bool arm(struct job *job, const struct libsecret *lib)
{
	bool goes_on;

	(void)pthread_mutex_lock(&job->lock);
	goes_on = !job->is_cancelled;
	job->cancellable = lib->g_cancellable_new();
	job->cancel = lib->g_cancellable_cancel;
	(void)pthread_mutex_unlock(&job->lock);
	return goes_on;
}

static void *run_job(void *argument)
{
	struct job *job = argument;
	struct libsecret lib = { 0 };
	struct err err = { 0 };
	bool is_alone;

	if (!libsecret_open(&lib, &err) && arm(job, &lib))
		(void)job->work(job, &lib, &err);
	(void)pthread_mutex_lock(&job->lock);
	if (job->cancellable)
		lib.g_object_unref(job->cancellable);
	job->cancellable = NULL;
	job->err = err;
	job->is_over = true;
	is_alone = job->is_alone;
	(void)pthread_cond_signal(&job->changed);
	(void)pthread_mutex_unlock(&job->lock);
	if (is_alone)
		job_free(job);
	return NULL;
}

/* --- the caller's side ----------------------------------------------------------- */

struct call {
	work *work;
	const struct secret_schema *schema;
	const char *profile;
	const char *cookie; /* to be stored; NULL none */
	int64_t max_ms;
	const atomic_bool *stops; /* may be NULL */
};

/* GLib would start a bus of its own, which knows no keyring, or wait for a display. */
static bool has_session_bus(void)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");
	const char *folder = getenv("XDG_RUNTIME_DIR");
	char path[PATH_MAX];
	struct stat st;

	if (address && address[0])
		return true;
	if (!folder || snprintf(path, sizeof(path), "%s/bus", folder) >= PATH_MAX)
		return false;
	return !stat(path, &st) && S_ISSOCK(st.st_mode);
}

static struct job *job_new(const char *profile)
{
	struct job *job = calloc(1, sizeof(*job));
	pthread_condattr_t attributes;

	if (!job)
		return NULL;
	memcpy(job->profile, profile, strnlen(profile, PROFILE_MAX));
	(void)pthread_mutex_init(&job->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&job->changed, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	return job;
}

/* Signals are for the other threads; GLib's own threads inherit that. */
static enum err_kind start(struct job *job, struct err *err)
{
	sigset_t all, before;
	int why;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	why = pthread_create(&job->thread, NULL, run_job, job);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return why ? err_set(err, ERR_NOMEM, "no thread for the keyring") : ERR_OK;
}

static void wait_a_step(struct job *job)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += STEP_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	(void)pthread_cond_timedwait(&job->changed, &job->lock, &until);
}

/* Is called under job->lock. */
static void await(struct job *job, int64_t max_ms, const atomic_bool *stops)
{
	int64_t until_ms = clock_mono_ms() + max_ms;

	while (!job->is_over) {
		const bool is_late = clock_mono_ms() >= until_ms;

		if (is_late && job->is_cancelled)
			return;
		if (!job->is_cancelled && (is_late || (stops && atomic_load(stops)))) {
			job->is_cancelled = true;
			until_ms = clock_mono_ms() + GRACE_MS;
			if (job->cancellable)
				job->cancel(job->cancellable);
		}
		wait_a_step(job);
	}
}

/*
 * Frees the job, or leaves it to its thread. Who has said all still has to end: what
 * libraries keep for a thread goes with it, and not behind the end of the process.
 */
static void part(struct job *job, pthread_t thread, bool is_over)
{
	if (!is_over) {
		(void)pthread_detach(thread);
		return;
	}
	(void)pthread_join(thread, NULL);
	job_free(job);
}

/*
 * Takes what the thread says, or that it says nothing. The job is gone afterwards, or
 * belongs to its thread.
 */
static enum err_kind finish(
    struct job *job, const struct call *call, struct secret *ret_cookie, struct err *err)
{
	struct err verdict = { .kind = ERR_AUTH };
	const pthread_t thread = job->thread;
	bool is_over, is_cancelled;

	(void)pthread_mutex_lock(&job->lock);
	await(job, call->max_ms, call->stops);
	is_over = job->is_over;
	is_cancelled = job->is_cancelled;
	job->is_alone = true;
	if (is_over)
		verdict = job->err;
	(void)pthread_mutex_unlock(&job->lock);
	if (!verdict.kind && ret_cookie) {
		*ret_cookie = job->cookie;
		job->cookie = (struct secret){ 0 };
	}
	part(job, thread, is_over);
	if (!verdict.kind)
		return ERR_OK;
	if (!is_cancelled) {
		*err = verdict;
	} else if (call->stops && atomic_load(call->stops)) {
		err_set(err, ERR_CANCELLED, "interrupted");
	} else {
		err_set(err, ERR_AUTH,
		    "the desktop's keyring does not answer within %lld seconds; is there "
		    "a question on the screen?",
		    (long long)call->max_ms / 1000);
		libsecret_name_file(err);
	}
	return err->kind;
}

bool keyring_is_built(void)
{
	return DREAMQ_KEYRING;
}

static enum err_kind make_call(
    const struct call *call, struct secret *ret_cookie, struct err *err)
{
	struct job *job;

	if (!keyring_is_built()) {
		err_set(err, ERR_AUTH, "this dreamq was built without the keyring");
		return libsecret_name_file(err);
	}
	if (!has_session_bus()) {
		err_set(
		    err, ERR_AUTH, "there is no desktop keyring here: no D-Bus session");
		return libsecret_name_file(err);
	}
	job = job_new(call->profile);
	if (!job)
		return err_set(err, ERR_NOMEM, "out of memory");
	job->work = call->work;
	job->schema = call->schema;
	if ((call->cookie && secret_make(call->cookie, &job->cookie, err)) ||
	    start(job, err)) {
		job_free(job);
		return err->kind;
	}
	return finish(job, call, ret_cookie, err);
}

enum err_kind keyring_store(
    const char *profile, const char *cookie, const atomic_bool *stops, struct err *err)
{
	const struct call call = { store, &cookie_schema, profile, cookie, ASK_MS,
		stops };

	return make_call(&call, NULL, err);
}

enum err_kind keyring_load(const char *profile, const atomic_bool *stops,
    struct secret *ret_cookie, struct err *err)
{
	const struct call call = { load, &cookie_schema, profile, NULL, LOAD_MS, stops };

	return make_call(&call, ret_cookie, err);
}

enum err_kind keyring_load_of_browser(const char *application, const atomic_bool *stops,
    struct secret *ret_password, struct err *err)
{
	const struct call call = { load, &browser_schema, application, NULL, LOAD_MS,
		stops };

	return make_call(&call, ret_password, err);
}

enum err_kind keyring_remove(
    const char *profile, const atomic_bool *stops, struct err *err)
{
	const struct call call = { clear, &cookie_schema, profile, NULL, ASK_MS, stops };

	return make_call(&call, NULL, err);
}
