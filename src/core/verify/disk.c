/*
 * disk.c - what the ledger says, what the disk says.
 */
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/say.h"
#include "core/account/totals.h"
#include "core/engine/engine.h"
#include "core/verify/parts.h"
#include "ledger/list.h"

enum { READERS = 4, STEP_MS = 100, WORDS_MAX = 2 * 4096 };

void verify_note(struct verify *verify, const struct err *err)
{
	if (err_is_worse(err, &verify->trouble))
		verify->trouble = *err;
}

enum err_kind verify_no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory for the files of the ledger");
}

enum err_kind verify_interrupted(struct err *err)
{
	return err_set(err, ERR_CANCELLED, "interrupted; nothing is lost, run it again");
}

enum err_kind verify_check(struct verify *verify, const char *location,
    int64_t size_bytes, const char *sha256, struct file_found *ret_found, struct err *err)
{
	const struct file_watch watch = { &verify->dq->is_interrupted, &verify->bytes };
	struct synced want = { .size_bytes = (uint64_t)size_bytes };

	(void)snprintf(want.sha256, sizeof(want.sha256), "%s", sha256);
	return stored_check(verify->sinks, location, &want, &watch, ret_found, err);
}

static void append(char **words, const char *more)
{
	char *whole = NULL;

	if (asprintf(&whole, "%s%s", *words ? *words : "", more) < 0)
		return;
	free(*words);
	*words = whole;
}

static void forget_words(struct verify_file *file)
{
	free(file->words);
	free(file->shown_words);
	file->words = file->shown_words = NULL;
}

__attribute__((format(printf, 2, 0))) static void add_words(
    struct verify_file *file, const char *fmt, va_list ap)
{
	char text[WORDS_MAX];
	va_list again;

	va_copy(again, ap);
	say_format(text, sizeof(text), fmt, again);
	va_end(again);
	append(&file->shown_words, text);
	if (vsnprintf(text, sizeof(text), fmt, ap) >= 0)
		append(&file->words, text);
}

void verify_say(struct verify_file *file, const char *fmt, ...)
{
	va_list ap;

	forget_words(file);
	va_start(ap, fmt);
	add_words(file, fmt, ap);
	va_end(ap);
}

void verify_more(struct verify_file *file, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_words(file, fmt, ap);
	va_end(ap);
}

void verify_say_err(struct verify_file *file, const struct err *err)
{
	forget_words(file);
	append(&file->words, err->msg);
	append(&file->shown_words, err_shown(err));
}

/* --- the ledger's side ----------------------------------------------------------- */

struct collecting {
	struct verify *verify;
	char *place, *real; /* of the last one: neighbours are many */
	bool has_failed;
};

static void collecting_release(struct collecting *c)
{
	free(c->place);
	free(c->real);
}

/* Its one name; malloc'ed. */
static char *true_location(struct collecting *c, const char *location)
{
	_cleanup_free_ char *place = location_place(location);
	const char *name = strrchr(location, '/');

	if (!place)
		return NULL;
	if (!name) /* not written by us */
		return strdup(location);
	if (!c->place || strcmp(c->place, place) != 0) {
		free(c->place);
		free(c->real);
		c->real = stored_true_place(c->verify->sinks, place);
		c->place = TAKE_PTR(place);
	}
	return c->real ? fs_join(c->real, name + 1) : NULL;
}

ANALYZER_LOSES_SIGHT
static struct verify_file *add_file(struct verify *verify)
{
	struct verify_file *file;

	if (!ARRAY_RESERVE(verify->files, verify->files_room, verify->n_files + 1))
		return NULL;
	file = calloc(1, sizeof(*file));
	if (file)
		verify->files[verify->n_files++] = file;
	return file;
}

ANALYZER_SEES_AGAIN

static bool is_to_be_there(const struct task *task, const struct asset *asset)
{
	if (asset->state == ASSET_WANTED)
		return task->state == TASK_SUCCEEDED;
	return asset->state != ASSET_LOST;
}

static bool collect_asset(
    struct verify *verify, const struct task *task, const struct asset *asset)
{
	struct verify_file *file = add_file(verify);

	if (!file)
		return false;
	file->verify = verify;
	(void)stpncpy(file->id, task->submit_id, TASKID_MAX);
	file->index = asset->index;
	file->state = asset->state;
	file->want_bytes = asset->stored_bytes;
	file->was_promised = asset->size_bytes > 0 || asset->md5;
	if (asset->sha256)
		(void)stpncpy(file->sha256, asset->sha256, sizeof(file->sha256) - 1);
	file->found = (struct file_found){ .state = FILE_MISSING, .bytes = -1 };
	file->path = asset->path ? strdup(asset->path) : NULL;
	file->choice = asset->choice ? strdup(asset->choice) : NULL;
	file->task = verify->n_tasks;
	return (file->path || !asset->path) && (file->choice || !asset->choice);
}

static bool collect_task(void *payload, const struct task *task)
{
	struct collecting *c = payload;
	struct verify *verify = c->verify;
	const bool is_ours = strcmp(task->account, verify->dq->profile) == 0;
	const size_t before = verify->n_files;
	struct texts *accounts = &verify->accounts;

	if (accounts->n == 0 ||
	    strcmp(accounts->all[accounts->n - 1], task->account) != 0)
		c->has_failed |= !texts_add(accounts, strdup(task->account));
	for (size_t i = 0; i < task->n_assets && !c->has_failed; i++) {
		const struct asset *asset = &task->assets[i];

		if (asset->path)
			c->has_failed |=
			    !texts_add(&verify->known, true_location(c, asset->path));
		if (is_ours && is_to_be_there(task, asset))
			c->has_failed |= !collect_asset(verify, task, asset);
	}
	if (verify->n_files > before)
		verify->n_tasks++;
	return !c->has_failed && !atomic_load(&verify->dq->is_interrupted);
}

static int by_asset(const void *a, const void *b)
{
	const struct verify_file *x = *(struct verify_file *const *)a;
	const struct verify_file *y = *(struct verify_file *const *)b;
	const int order = strcmp(x->id, y->id);

	return order ? order : x->index - y->index;
}

enum err_kind verify_collect(struct verify *verify, struct err *err)
{
	_cleanup_(collecting_release) struct collecting c = { .verify = verify };
	const struct ledger_filter all = { 0 };

	if (verify->dq->ledger &&
	    ledger_list(verify->dq->ledger, &all, collect_task, &c, err))
		return err->kind;
	if (c.has_failed)
		return verify_no_memory(err);
	texts_sort(&verify->known);
	texts_sort(&verify->accounts);
	if (verify->n_files > 0)
		qsort(verify->files, verify->n_files, sizeof(struct verify_file *),
		    by_asset);
	verify->left = calloc(verify->n_tasks + 1, sizeof(*verify->left));
	return verify->left ? ERR_OK : verify_no_memory(err);
}

/* --- reading -------------------------------------------------------------------- */

/* It is in the cache of the system now: to walk it costs little. */
static void judge_end(struct verify_file *file)
{
	const struct media_type *type = NULL;
	bool tells_end = true;
	struct err why;

	if (!stored_tells_end(file->verify->sinks, file->path, (uint64_t)file->want_bytes,
		&type, &tells_end, &why)) {
		file->unjudged = tells_end ? NULL : type->format;
	} else if (why.kind == ERR_CONTRACT) { /* stored by one who knew less */
		file->unjudged = "";
		verify_say_err(file, &why);
	}
}

static void run_read(struct job *job)
{
	struct verify_file *file = (struct verify_file *)job;

	file->err = (struct err){ .kind = ERR_OK };
	(void)verify_check(file->verify, file->path, file->want_bytes, file->sha256,
	    &file->found, &file->err);
	if (!file->err.kind && file->found.state == FILE_GOOD && !file->was_promised &&
	    file->verdict == VERDICT_GOOD)
		judge_end(file);
}

static void done_read(struct job *job)
{
	const struct verify_file *file = (struct verify_file *)job;
	struct dq *dq = file->verify->dq;

	totals_file_stored(dq);
	if (--file->verify->left[file->task] == 0)
		totals_task_ended(dq, ERR_OK);
}

static void wake(void *payload)
{
	(void)sem_post(payload);
}

/* Until a job is done, or it is time for the next tick. */
static void wait_a_while(sem_t *done)
{
	struct timespec until;

	if (clock_gettime(CLOCK_REALTIME, &until))
		return;
	until.tv_nsec += STEP_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	(void)sem_timedwait(done, &until);
}

static void tick(struct verify *verify, int64_t *next_ms)
{
	struct dq *dq = verify->dq;
	int64_t now_ms;

	session_read_clocks(dq);
	now_ms = dq->now.mono_ms;
	if (now_ms < *next_ms)
		return;
	*next_ms = now_ms + ENGINE_TICK_MS;
	totals_bytes_came(dq, atomic_load(&verify->bytes) - dq->totals.bytes_done);
	session_emit(dq, (struct dq_event){ .type = DQ_EVENT_TICK });
}

static void begin_totals(struct verify *verify, struct verify_file **files, size_t n)
{
	struct dq *dq = verify->dq;

	totals_begin(dq, 0);
	totals_fetch_began(dq);
	totals_bytes_expected(dq, atomic_load(&verify->bytes));
	for (size_t i = 0; i < n; i++) {
		if (verify->left[files[i]->task]++ == 0)
			totals_task_joined(dq);
		totals_file_wanted(dq);
		if (files[i]->want_bytes > 0)
			totals_bytes_expected(dq, (uint64_t)files[i]->want_bytes);
	}
}

enum err_kind verify_read(
    struct verify *verify, struct verify_file **files, size_t n, struct err *err)
{
	const atomic_bool *is_interrupted = &verify->dq->is_interrupted;
	struct workers *workers = NULL;
	int64_t tick_ms = 0;
	sem_t done;

	if (n == 0)
		return ERR_OK;
	if (sem_init(&done, 0, 0))
		return err_errno(err, ERR_NOMEM, "can't start reading");
	if (!workers_new(READERS, wake, &done, &workers, err)) {
		begin_totals(verify, files, n);
		for (size_t i = 0; i < n; i++) {
			files[i]->job.run = run_read;
			files[i]->job.done = done_read;
			workers_post(workers, &files[i]->job);
		}
		while (workers_busy(workers) > 0 && !atomic_load(is_interrupted)) {
			(void)workers_collect(workers);
			tick(verify, &tick_ms);
			wait_a_while(&done);
		}
	}
	workers_free(workers);
	(void)sem_destroy(&done);
	if (!workers)
		return err->kind;
	return atomic_load(is_interrupted) ? verify_interrupted(err) : ERR_OK;
}

void verify_judge(struct verify_file *file)
{
	if (file->state != ASSET_STORED)
		file->verdict = VERDICT_UNFINISHED;
	else if (file->err.kind)
		file->verdict = VERDICT_UNREADABLE;
	else if (file->found.state == FILE_GOOD)
		file->verdict = VERDICT_GOOD;
	else if (file->found.state == FILE_MISSING)
		file->verdict = VERDICT_MISSING;
	else
		file->verdict = VERDICT_ALTERED;
	if (file->verdict == VERDICT_MISSING)
		file->is_folder_gone =
		    stored_place_is_gone(file->verify->sinks, file->path);
}

void verify_release(struct verify *verify)
{
	for (size_t i = 0; i < verify->n_files; i++) {
		free(verify->files[i]->choice);
		free(verify->files[i]->path);
		free(verify->files[i]->old_path);
		free(verify->files[i]->root);
		free(verify->files[i]->words);
		free(verify->files[i]->shown_words);
		free(verify->files[i]);
	}
	for (size_t i = 0; i < verify->n_strays; i++)
		free(verify->strays[i].path);
	free(verify->files);
	free(verify->strays);
	free(verify->left);
	texts_release(&verify->known);
	texts_release(&verify->accounts);
	sinks_free(verify->sinks);
}
