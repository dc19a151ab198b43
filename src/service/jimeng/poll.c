/*
 * An id is asked for among the history ids or the submit ids, by its form at first. When
 * it is not known, the next poll asks in the other way (PROTOCOL A1): as a history id by
 * the service's own name of the task, as far as the ledger has kept one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/taskid.h"
#include "service/jimeng/jimeng.h"
#include "service/jimeng/read/verdict.h"

enum way { WAY_PLAIN, WAY_EXOTIC };

/* What lies in a struct service_memory. */
struct notes {
	struct poll_memory memory;
	bool is_turned; /* the next poll asks in the other way than the id's form says */
};
_Static_assert(
    sizeof(struct notes) <= sizeof(struct service_memory), "notes don't fit in");

static struct notes notes_of(const struct service_question *question)
{
	struct notes notes;

	memcpy(&notes, question->memory, sizeof(notes));
	notes.memory.was_shown |= question->was_shown;
	return notes;
}

static bool is_history_next(const char *id, const struct notes *notes)
{
	return taskid_is_history(id) != notes->is_turned;
}

/* The service's own id stands in for a submit id that it does not know. */
static struct asked asked_of(const struct service_question *question)
{
	const struct notes notes = notes_of(question);
	const bool as_history = is_history_next(question->id, &notes);
	const char *other = as_history ? question->other_id : NULL;

	return (struct asked){
		.id = other ? other : question->id,
		.is_history_poll = as_history,
		.as_history = as_history && (!other || taskid_is_history(other)),
	};
}

/*
 * Does this poll break what is certain, namely that history ids are digits? The service
 * may refuse such a request as a whole, so these ids travel apart.
 */
static enum way way_of(const struct asked *asked)
{
	return asked->as_history && !taskid_is_history(asked->id) ? WAY_EXOTIC
								  : WAY_PLAIN;
}

unsigned jimeng_way(const struct service_question *question)
{
	const struct asked asked = asked_of(question);

	return way_of(&asked);
}

/* An accepted submit may have named the task: the ledger kept what it is called. */
const char *jimeng_other_id(const struct task *known)
{
	const char *other = known->history_id;

	if (!(other && taskid_is_history(other)))
		other = known->alias_id;
	return other && taskid_is_valid(other) ? other : NULL;
}

/* --- what an answer says of each ------------------------------------------------- */

static int64_t now_ms(const struct errand *errand)
{
	return errand->jimeng->now_ms(errand->jimeng->payload);
}

/* What follows for the next poll, by what is remembered of this one. */
static void keep_notes(const struct service_question *question, struct notes *notes,
    struct service_seen *seen)
{
	const struct poll_memory *memory = &notes->memory;

	seen->absences = memory->absences;
	seen->absent_since_ms = memory->first_absence_ms;
	if (memory->absences > 0) {
		notes->is_turned = !notes->is_turned;
		seen->has_other_way =
		    !(memory->asked_as_submit && memory->asked_as_history);
		seen->wants_other_id = is_history_next(question->id, notes) &&
		    !question->other_id && !taskid_is_history(question->id);
	}
	memcpy(&seen->memory, notes, sizeof(*notes));
}

static struct notes notes_with_this_poll(const struct asking *asking)
{
	struct notes notes = notes_of(&asking->question);

	if (asking->asked.is_history_poll)
		notes.memory.asked_as_history = true;
	else
		notes.memory.asked_as_submit = true;
	return notes;
}

static void judge(const struct errand *errand, size_t i, struct answer *answer,
    struct service_seen *seen)
{
	const struct asking *asking = &errand->askings[i];
	const struct service_question *question = &asking->question;
	struct notes notes = notes_with_this_poll(asking);
	struct task *task = NULL;

	if (answer_judge(answer, asking->asked.id, now_ms(errand), &notes.memory, &task,
		&seen->why))
		return;
	task->submit_id = arena_strdup(&task->arena, question->id);
	if (!task->submit_id) {
		task_free(task);
		err_set(
		    &seen->why, ERR_NOMEM, "out of memory for task '%s'", question->id);
		return;
	}
	seen->task = task;
	keep_notes(question, &notes, seen);
}

static enum err_kind find_doubts(const struct errand *errand, struct answer *answer,
    struct service_seen *seen, struct err *err)
{
	_cleanup_free_ struct answer_asker *askers = calloc(errand->n, sizeof(*askers));
	_cleanup_free_ struct service_doubt *doubts = calloc(errand->n, sizeof(*doubts));

	if (!askers || !doubts)
		return err_set(err, ERR_NOMEM, "out of memory for an answer");
	for (size_t i = 0; i < errand->n; i++) {
		const struct asking *asking = &errand->askings[i];

		askers[i] = (struct answer_asker){ asking->asked.id, asking->question.id,
			asking->question.other_id };
	}
	if (answer_doubts(answer, askers, errand->n, doubts, err))
		return err->kind;
	for (size_t i = 0; i < errand->n; i++)
		seen[i].doubt = doubts[i];
	return ERR_OK;
}

static void read_answer(
    const struct errand *errand, struct answer *answer, struct service_polled *polled)
{
	if (find_doubts(errand, answer, polled->seen, &polled->err))
		return;
	polled->server_unix_ms = answer_server_unix_ms(answer);
	polled->mended = answer_mended(answer);
	for (size_t i = 0; i < errand->n; i++)
		judge(errand, i, answer, &polled->seen[i]);
}

/* A refusal of an exotic request says nothing but "unknown", of each of its ids. */
static void call_all_unknown(const struct errand *errand, struct service_polled *polled)
{
	static const char nothing[] = "{\"ret\":\"0\",\"data\":{}}";
	_cleanup_(answer_freep) struct answer *answer = NULL;

	polled->err = (struct err){ .kind = ERR_OK };
	polled->was_refused = true;
	if (!answer_decode(nothing, sizeof(nothing) - 1, -1, &answer, &polled->err))
		read_answer(errand, answer, polled);
}

static void read_outcome(const struct errand *errand, const struct api_outcome *outcome,
    struct service_polled *polled)
{
	if (outcome->err.kind == ERR_USAGE &&
	    way_of(&errand->askings[0].asked) == WAY_EXOTIC)
		call_all_unknown(errand, polled);
	else if (!outcome->err.kind)
		read_answer(errand, outcome->answer, polled);
	/*
	 * A service that calls a plain question wrong has changed: that is the wire
	 * contract's trouble, not the user's.
	 */
	if (polled->err.kind == ERR_USAGE)
		polled->err.kind = ERR_CONTRACT;
}

static void on_query(void *payload, const struct api_outcome *outcome)
{
	_cleanup_free_ struct errand *errand = payload;
	_cleanup_free_ struct service_seen *seen = calloc(errand->n, sizeof(*seen));
	struct service_polled polled = {
		.err = outcome->err,
		.seen = seen,
		.n = errand->n,
		.server_unix_ms = -1,
		.asks_login = outcome->is_empty_body || outcome->err.kind == ERR_AUTH,
		.could_be_size = outcome->could_be_size,
		.is_lag = outcome->is_lag,
	};
	const size_t n = errand->n;

	if (seen)
		read_outcome(errand, outcome, &polled);
	else
		err_set(&polled.err, ERR_NOMEM, "out of memory for an answer");
	errand_end(errand);
	errand->on.polled(errand->payload, &polled);
	for (size_t i = 0; seen && i < n; i++)
		task_free(seen[i].task);
}

/* --- the request ----------------------------------------------------------------- */

static enum err_kind query(struct errand *errand, struct err *err)
{
	_cleanup_free_ const char **ids = calloc(errand->n, sizeof(*ids));
	_cleanup_free_ bool *as_history = calloc(errand->n, sizeof(*as_history));

	if (!ids || !as_history)
		return err_set(err, ERR_NOMEM, "out of memory for a request");
	for (size_t i = 0; i < errand->n; i++) {
		ids[i] = errand->askings[i].asked.id;
		as_history[i] = errand->askings[i].asked.as_history;
	}
	return api_query(
	    errand->jimeng->api, ids, as_history, errand->n, on_query, errand, err);
}

enum err_kind jimeng_poll(struct service *service,
    const struct service_question *questions, size_t n, service_on_polled *on_polled,
    void *payload, struct err *err)
{
	struct errand *errand = errand_begin((struct jimeng *)service, n);

	if (!errand)
		return err_set(err, ERR_NOMEM, "out of memory for a request");
	errand->on.polled = on_polled;
	errand->payload = payload;
	for (size_t i = 0; i < n; i++)
		errand->askings[i] =
		    (struct asking){ questions[i], asked_of(&questions[i]) };
	if (!query(errand, err))
		return ERR_OK;
	errand_end(errand);
	free(errand);
	return err->kind;
}
