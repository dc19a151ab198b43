#include "core/account/asking.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "core/account/totals.h"

enum { TEXTS_MAX = 16 << 20, CURSOR_MAX = 128 };

static enum err_kind take_budget(struct dq *dq, struct err *err)
{
	int64_t wait_ms = 0;

	while (dq->ledger) {
		if (ledger_budget_take(dq->ledger, dq->profile, &dq->budget,
			dq->now.unix_ms * dq->traits.time_scale, &wait_ms, err))
			/* With a full disk nobody can count. */
			return err->kind == ERR_NOSPACE ? ERR_OK : err->kind;
		if (wait_ms == 0)
			break;
		if (session_is_to_end(dq))
			return err_set(err, ERR_CANCELLED, "interrupted");
		if (session_wait(dq, dq->now.mono_ms + session_span_ms(dq, wait_ms) + 1,
			false, err))
			return err->kind;
	}
	totals_request(dq);
	return ERR_OK;
}

/* Who asked is about to go: on an error so is the service, which would tell him. */
static enum err_kind wait_for(struct dq *dq, const bool *is_answered, struct err *err)
{
	enum { STEP_MS = 200 };

	while (!*is_answered) {
		if (atomic_load(&dq->is_interrupted))
			err_set(err, ERR_CANCELLED, "interrupted");
		else if (!net_step(dq->net, STEP_MS, err)) {
			session_read_clocks(dq);
			continue;
		}
		session_drop_cookie(dq);
		return err->kind;
	}
	return ERR_OK;
}

/* --- the balance ------------------------------------------------------------------ */

struct credit_question {
	struct service_credit outcome;
	bool is_answered;
};

static void on_credit(void *payload, const struct service_credit *outcome)
{
	struct credit_question *question = payload;

	question->outcome = *outcome;
	question->is_answered = true;
}

enum err_kind asking_credit(
    struct dq *dq, struct service_credit *ret_credit, struct err *err)
{
	struct credit_question question = { 0 };

	if (session_service(dq, err) || take_budget(dq, err) ||
	    service_credit(dq->service, on_credit, &question, err) ||
	    wait_for(dq, &question.is_answered, err))
		return err->kind;
	*ret_credit = question.outcome;
	if (question.outcome.err.kind)
		*err = question.outcome.err;
	return question.outcome.err.kind;
}

/* --- the statement ---------------------------------------------------------------- */

struct statement_question {
	struct entries *entries;
	size_t limit;
	struct err err;
	char next[CURSOR_MAX]; /* "": none */
	bool is_answered;
};

static bool keep_text(struct entries *entries, const char *text, const char **ret_copy)
{
	*ret_copy = arena_strdup(&entries->arena, text);
	return *ret_copy || !text;
}

static bool keep_entry(struct entries *entries, const struct credit_entry *entry)
{
	struct credit_entry copy = *entry;

	if (!keep_text(entries, entry->title, &copy.title) ||
	    !keep_text(entries, entry->submit_id, &copy.submit_id) ||
	    !keep_text(entries, entry->history_id, &copy.history_id) ||
	    !ARRAY_RESERVE(entries->of, entries->room, entries->n + 1))
		return false;
	entries->of[entries->n++] = copy;
	return true;
}

static void on_statement(void *payload, const struct service_statement *told)
{
	struct statement_question *question = payload;
	struct entries *entries = question->entries;
	size_t i = 0;

	question->is_answered = true;
	question->err = told->err;
	if (told->err.kind)
		return;
	for (; i < told->n && entries->n < question->limit; i++)
		if (!keep_entry(entries, &told->entries[i])) {
			err_set(&question->err, ERR_NOMEM, "out of memory");
			return;
		}
	entries->left_out += told->left_out;
	entries->has_more = told->next || i < told->n;
	if (told->next && told->n > 0 && strlen(told->next) < sizeof(question->next))
		memcpy(question->next, told->next, strlen(told->next) + 1);
}

static enum err_kind ask_page(struct dq *dq, const char *cursor,
    struct statement_question *question, struct err *err)
{
	const size_t left = question->limit - question->entries->n;

	if (session_service(dq, err) || take_budget(dq, err) ||
	    service_statement(dq->service, cursor,
		left < SERVICE_ENTRIES_MAX ? (unsigned)left : SERVICE_ENTRIES_MAX,
		on_statement, question, err) ||
	    wait_for(dq, &question->is_answered, err))
		return err->kind;
	if (question->err.kind)
		*err = question->err;
	return question->err.kind;
}

enum err_kind asking_statement(
    struct dq *dq, size_t limit, struct entries *ret_entries, struct err *err)
{
	_cleanup_(
	    entries_release) struct entries entries = { .arena = arena_make(TEXTS_MAX) };
	char cursor[CURSOR_MAX] = "";

	while (entries.n < limit) {
		struct statement_question question = { .entries = &entries,
			.limit = limit };

		if (ask_page(dq, cursor[0] ? cursor : NULL, &question, err))
			return err->kind;
		/* A cursor that stands still would be followed for ever. */
		if (!question.next[0] || !strcmp(question.next, cursor))
			break;
		memcpy(cursor, question.next, sizeof(cursor));
	}
	*ret_entries = entries;
	entries = (struct entries){ 0 };
	return ERR_OK;
}

void entries_release(struct entries *entries)
{
	free(entries->of);
	arena_release(&entries->arena);
	*entries = (struct entries){ 0 };
}
