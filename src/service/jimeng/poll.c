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
#include "service/jimeng/send/client.h"

enum way { WAY_PLAIN, WAY_EXOTIC };

/* How one id is put into a request. */
struct asked {
	const char *id;
	bool is_history_poll; /* it counts as a poll for the history id ... */
	bool as_history; /* ... though an alias travels among the submit ids */
};

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

/* As each was asked when the request left; one for each question. */
static const struct asked *asked_in(const struct exchange *exchange)
{
	return exchange->notes;
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

static struct notes notes_with_this_poll(
    const struct service_question *question, const struct asked *asked)
{
	struct notes notes = notes_of(question);

	if (asked->is_history_poll)
		notes.memory.asked_as_history = true;
	else
		notes.memory.asked_as_submit = true;
	return notes;
}

static void judge(const struct exchange *exchange, size_t i, struct answer *answer,
    struct service_seen *seen)
{
	const struct service_question *question = &exchange->questions[i];
	const struct asked *asked = &asked_in(exchange)[i];
	struct notes notes = notes_with_this_poll(question, asked);
	struct task *task = NULL;

	if (answer_judge(answer, asked->id, service_now_ms(exchange->service),
		&notes.memory, &task, &seen->why))
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

static enum err_kind find_doubts(const struct exchange *exchange, struct answer *answer,
    struct service_seen *seen, struct err *err)
{
	const size_t n = exchange->n;
	_cleanup_free_ struct answer_asker *askers = calloc(n, sizeof(*askers));
	_cleanup_free_ struct service_doubt *doubts = calloc(n, sizeof(*doubts));

	if (!askers || !doubts)
		return err_set(err, ERR_NOMEM, "out of memory for an answer");
	for (size_t i = 0; i < n; i++)
		askers[i] = (struct answer_asker){ asked_in(exchange)[i].id,
			exchange->questions[i].id, exchange->questions[i].other_id };
	if (answer_doubts(answer, askers, n, doubts, err))
		return err->kind;
	for (size_t i = 0; i < n; i++)
		seen[i].doubt = doubts[i];
	return ERR_OK;
}

static void read_answer(
    const struct exchange *exchange, struct answer *answer, struct service_polled *polled)
{
	if (find_doubts(exchange, answer, polled->seen, &polled->err))
		return;
	polled->server_unix_ms = answer_server_unix_ms(answer);
	polled->mended = answer_mended(answer);
	for (size_t i = 0; i < exchange->n; i++)
		judge(exchange, i, answer, &polled->seen[i]);
}

/* A refusal of an exotic request says nothing but "unknown", of each of its ids. */
static void call_all_unknown(
    const struct exchange *exchange, struct service_polled *polled)
{
	static const char nothing[] = "{\"ret\":\"0\",\"data\":{}}";
	_cleanup_(answer_freep) struct answer *answer = NULL;

	polled->err = (struct err){ .kind = ERR_OK };
	polled->was_refused = true;
	if (!answer_decode(nothing, sizeof(nothing) - 1, -1, &answer, &polled->err))
		read_answer(exchange, answer, polled);
}

static void read_outcome(const struct exchange *exchange,
    const struct api_outcome *outcome, struct service_polled *polled)
{
	if (polled->err.kind == ERR_USAGE && way_of(&asked_in(exchange)[0]) == WAY_EXOTIC)
		call_all_unknown(exchange, polled);
	else if (!polled->err.kind)
		read_answer(exchange, outcome->answer, polled);
	/*
	 * A service that calls a plain question wrong has changed: that is the wire
	 * contract's trouble, not the user's.
	 */
	if (polled->err.kind == ERR_USAGE)
		polled->err.kind = ERR_CONTRACT;
}

static void finish_poll(struct exchange *exchange, const struct reply *reply)
{
	_cleanup_(api_outcome_release) struct api_outcome outcome =
	    api_read_query(exchange, reply);
	struct service_polled polled = exchange_polled_make(exchange, &outcome.err);

	polled.asks_login = outcome.is_empty_body || outcome.err.kind == ERR_AUTH;
	polled.could_be_size = outcome.could_be_size;
	polled.is_lag = outcome.is_lag;
	read_outcome(exchange, &outcome, &polled);
	exchange_polled(exchange, &polled);
}

/* --- the request ----------------------------------------------------------------- */

enum err_kind jimeng_poll(struct exchange *exchange, struct err *err)
{
	const size_t n = exchange->n;
	_cleanup_free_ const char **ids = calloc(n, sizeof(*ids));
	_cleanup_free_ bool *as_history = calloc(n, sizeof(*as_history));
	struct asked *asked = calloc(n, sizeof(*asked));

	exchange->notes = asked;
	if (!ids || !as_history || !asked)
		return err_set(err, ERR_NOMEM, "out of memory for a request");
	for (size_t i = 0; i < n; i++) {
		asked[i] = asked_of(&exchange->questions[i]);
		ids[i] = asked[i].id;
		as_history[i] = asked[i].as_history;
	}
	return api_query(exchange, ids, as_history, finish_poll, err);
}
