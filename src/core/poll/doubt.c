#include "core/poll/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* A file that a judged task shows. */
struct shown {
	const char *uri;
	size_t at; /* of its task */
};

static bool is_in_doubt(const struct service_doubt *doubt)
{
	return doubt->kind == SERVICE_CONTRADICTED;
}

static const char *printable(const char *id)
{
	return taskid_is_valid(id) ? id : "another";
}

/* --- what is told ------------------------------------------------------------------- */

/* From now on it is asked for alone. True: it was not in doubt before. */
static bool begin(struct polls *polls, struct polled *polled, const char *other)
{
	struct err err;

	if (polled->doubt)
		return false;
	polled->doubt = calloc(1, sizeof(*polled->doubt));
	if (!polled->doubt) {
		err_set(&err, ERR_NOMEM, "out of memory for task '%s'", polled->id);
		polls_abort(polls, &err);
		return false;
	}
	(void)snprintf(
	    polled->doubt->other, sizeof(polled->doubt->other), "%s", printable(other));
	return true;
}

/* Tells one sentence for both; the other one may be among those asked for, too. */
static void tell(struct polls *polls, const size_t *keys, size_t n,
    const struct service_doubt *doubts, size_t at)
{
	struct polled *polled = polls->all[keys[at]].polled;

	if (!begin(polls, polled, doubts[at].other))
		return;
	session_note(polls->dq,
	    "the service mixes up '%s' and '%s': no record of them is believed until a "
	    "poll of the id alone agrees",
	    polled->id, polled->doubt->other);
	for (size_t i = 0; i < n; i++)
		if (is_in_doubt(&doubts[i]) &&
		    !strcmp(polls->all[keys[i]].polled->id, doubts[at].other))
			(void)begin(polls, polls->all[keys[i]].polled, polled->id);
}

static void tell_all(
    struct polls *polls, const size_t *keys, size_t n, const struct service_doubt *doubts)
{
	for (size_t i = 0; i < n; i++)
		if (is_in_doubt(&doubts[i]))
			tell(polls, keys, n, doubts, i);
}

/* --- ids ---------------------------------------------------------------------------- */

/* Does the id name a task of ours, and another one than this? */
static enum err_kind is_of_another(const struct polls *polls, const struct polled *polled,
    const char *id, bool *ret_is, struct err *err)
{
	_cleanup_(task_freep) struct task *known = NULL;
	const struct dq *dq = polls->dq;

	*ret_is = false;
	if (ledger_find(dq->ledger, dq->profile, id, &known, err))
		return err->kind;
	*ret_is = known && strcmp(known->submit_id, polled->id) != 0;
	return ERR_OK;
}

static enum err_kind judge_stranger(struct polls *polls, struct polled *polled,
    struct service_doubt *doubt, struct err *err)
{
	bool is_another = polled->doubt != NULL;

	if (!is_another && is_of_another(polls, polled, doubt->other, &is_another, err))
		return err->kind;
	doubt->kind = is_another ? SERVICE_CONTRADICTED : SERVICE_UNDOUBTED;
	if (is_another || polled->was_stranger_told)
		return ERR_OK;
	polled->was_stranger_told = true;
	session_note(polls->dq,
	    "task '%s': its record carries the id '%s', which nobody here knows; it is "
	    "taken for this task's",
	    polled->id, printable(doubt->other));
	return ERR_OK;
}

enum err_kind doubt_records(struct polls *polls, const size_t *keys,
    const struct service_polled *answer, struct service_doubt *ret_doubts,
    struct err *err)
{
	for (size_t i = 0; i < answer->n; i++) {
		struct polled *polled = polls->all[keys[i]].polled;

		ret_doubts[i] = answer->seen[i].doubt;
		if (!polled_is_heard(polls, polled))
			ret_doubts[i].kind = SERVICE_UNDOUBTED;
		else if (ret_doubts[i].kind == SERVICE_OF_A_STRANGER &&
		    judge_stranger(polls, polled, &ret_doubts[i], err))
			return err->kind;
	}
	tell_all(polls, keys, answer->n, ret_doubts);
	return ERR_OK;
}

/* --- files -------------------------------------------------------------------------- */

static int by_uri(const void *a, const void *b)
{
	const struct shown *first = a, *second = b;

	return strcmp(first->uri, second->uri);
}

static bool is_same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* One task may be asked for by both of its ids. */
static bool are_one(const struct polled *a, const struct task *ta, const struct polled *b,
    const struct task *tb)
{
	return is_same(ta->history_id, tb->history_id) || is_same(a->other_id, b->id) ||
	    is_same(b->other_id, a->id) || is_same(a->id, tb->history_id) ||
	    is_same(b->id, ta->history_id);
}

/* Those from `first` on show one file. */
static void doubt_run(struct polls *polls, const size_t *keys, struct task **tasks,
    const struct shown *first, size_t n, struct service_doubt *doubts)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++) {
			const size_t a = first[i].at, b = first[k].at;
			const struct polled *one = polls->all[keys[a]].polled;
			const struct polled *other = polls->all[keys[b]].polled;

			if (are_one(one, tasks[a], other, tasks[b]))
				continue;
			doubts[a] =
			    (struct service_doubt){ SERVICE_CONTRADICTED, other->id };
			doubts[b] =
			    (struct service_doubt){ SERVICE_CONTRADICTED, one->id };
		}
}

static size_t gather(struct task *const *tasks, size_t n, struct shown *ret_shown)
{
	size_t n_shown = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; tasks[i] && k < tasks[i]->n_assets; k++)
			ret_shown[n_shown++] =
			    (struct shown){ tasks[i]->assets[k].uri, i };
	return n_shown;
}

enum err_kind doubt_files(struct polls *polls, const size_t *keys, size_t n,
    struct task **tasks, struct service_doubt *doubts, struct err *err)
{
	_cleanup_free_ struct shown *shown = NULL;
	size_t room = 1, n_shown, end;

	for (size_t i = 0; i < n; i++)
		room += tasks[i] ? tasks[i]->n_assets : 0;
	shown = calloc(room, sizeof(*shown));
	if (!shown)
		return err_set(err, ERR_NOMEM, "out of memory for an answer");
	n_shown = gather(tasks, n, shown);
	qsort(shown, n_shown, sizeof(*shown), by_uri);
	for (size_t i = 0; i < n_shown; i = end) {
		for (end = i + 1; end < n_shown; end++)
			if (strcmp(shown[i].uri, shown[end].uri) != 0)
				break;
		doubt_run(polls, keys, tasks, &shown[i], end - i, doubts);
	}
	for (size_t i = 0; i < n; i++) {
		if (!is_in_doubt(&doubts[i]))
			continue;
		task_free(tasks[i]);
		tasks[i] = NULL;
	}
	tell_all(polls, keys, n, doubts);
	return ERR_OK;
}

/* --- what follows ------------------------------------------------------------------- */

static void end(struct polls *polls, struct polled *polled)
{
	struct err err;

	err_set(&err, ERR_CONTRACT,
	    "task '%s': the service gives a record that may be that of '%s', also when "
	    "it is asked for alone; nothing of it is taken",
	    polled->id, polled->doubt->other);
	polls_tell_out(polls, polled, &err);
}

static void go_on(struct polls *polls, struct polled *polled)
{
	const size_t key = polled->key;
	const bool is_single = polls->is_single;

	polled->doubt->polls++;
	if (polled->doubt->polls >= (is_single ? DOUBT_SINGLE_POLLS : DOUBT_POLLS_MAX))
		end(polls, polled);
	else if (is_single)
		sched_again(polls->sched, &key, 1, session_plan_ms(polls->dq));
	else
		schedule_unread(polls, polled, polled->doubt->polls);
}

void doubt_go_on(
    struct polls *polls, const size_t *keys, size_t n, const struct service_doubt *doubts)
{
	for (size_t i = 0; i < n; i++) {
		struct polled *polled = polls->all[keys[i]].polled;

		if (is_in_doubt(&doubts[i]) && polled_is_heard(polls, polled) &&
		    polled->doubt)
			go_on(polls, polled);
	}
}

void polls_end_doubts(struct polls *polls)
{
	for (size_t i = 0; i < polls->n_keys; i++) {
		struct polled *polled = polls->all[i].polled;

		if (polled && polled_is_heard(polls, polled) && polled->doubt &&
		    polled->doubt->polls > 0)
			end(polls, polled);
	}
}
