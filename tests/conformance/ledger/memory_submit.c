/*
 * memory_submit.c - keys, intents, requests, answers.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ledger/rules/clean.h"
#include "ledger/rules/merge.h"
#include "ledger/rules/words.h"
#include "memory_rows.h"

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* --- whose key is it? ------------------------------------------------------------ */

static bool is_all(const char *text, const char *of)
{
	return text[strspn(text, of)] == '\0';
}

/* A line's number; or 16 hex digits of what it says, with ".N" for the Nth such line. */
static bool is_in_scope(const char *key, const char *scope)
{
	static const char digits[] = "0123456789";
	const char *tail;

	if (!key || strncmp(key, scope, strlen(scope)) != 0)
		return false;
	tail = key + strlen(scope);
	if (*tail && is_all(tail, digits))
		return true;
	if (strspn(tail, "0123456789abcdef") < 16)
		return false;
	tail += 16;
	return !*tail || (tail[0] == '.' && tail[1] && is_all(tail + 1, digits));
}

static struct mem_task *holder_of(
    struct mem_store *store, const char *account, const char *key)
{
	for (size_t i = 0; i < store->n_tasks; i++) {
		struct mem_task *row = store->tasks[i];

		if (row->is.idempotency_key && !strcmp(row->is.idempotency_key, key) &&
		    !strcmp(row->is.account, account))
			return row;
	}
	return NULL;
}

/* Of the same wish, the nth in the scope. */
static struct mem_task *nth_of(struct mem_store *store, const struct intent *intent)
{
	size_t left = intent->nth > 0 ? intent->nth : 1;

	for (size_t i = 0; i < store->n_tasks; i++) {
		struct mem_task *row = store->tasks[i];

		if (!strcmp(row->is.account, intent->account) &&
		    is_same(row->content_hash, intent->content_hash) &&
		    is_in_scope(row->is.idempotency_key, intent->key_scope) &&
		    --left == 0)
			return row;
	}
	return NULL;
}

static bool is_wish_of(const struct intent *intent, const struct mem_task *row)
{
	return is_same(intent->content_hash, row->content_hash);
}

/* By its key; else, in its scope, by its wish; else by the place it had before. */
static struct mem_task *find_any(
    struct mem_store *store, const struct intent *intent, const char **ret_key)
{
	struct mem_task *row = holder_of(store, intent->account, intent->idempotency_key);

	*ret_key = intent->idempotency_key;
	if (row || !intent->key_scope)
		return row;
	if (intent->rerolls) {
		row = mem_find(store, intent->account, intent->rerolls);
		return row && is_in_scope(row->is.idempotency_key, intent->key_scope)
		    ? row
		    : NULL;
	}
	row = nth_of(store, intent);
	if (row || !intent->line_key)
		return row;
	*ret_key = intent->line_key;
	row = holder_of(store, intent->account, intent->line_key);
	return row && is_same(row->is.prompt, intent->prompt) && !is_wish_of(intent, row)
	    ? row
	    : NULL;
}

/* --- intents --------------------------------------------------------------------- */

static bool copy_to(struct mem_task *row, const char **into, const char *text)
{
	*into = arena_strdup(&row->is.arena, text);
	return !text || *into;
}

static bool fill(struct mem_task *row, const struct intent *intent)
{
	row->is.state = TASK_SUBMITTING;
	row->is.kind = intent->kind;
	row->is.mode = intent->mode;
	return copy_to(row, &row->is.model, intent->model) &&
	    copy_to(row, &row->is.ratio, intent->ratio) &&
	    copy_to(row, &row->is.prompt, intent->prompt) &&
	    copy_to(row, &row->body, intent->body) &&
	    copy_to(row, &row->request_hash, intent->request_hash) &&
	    copy_to(row, &row->content_hash, intent->content_hash) &&
	    copy_to(row, &row->is.idempotency_key, intent->idempotency_key) &&
	    copy_to(row, &row->is.rerolls, intent->rerolls) &&
	    mem_note(row, intent->now_unix_ms, "state", "submitting: waits to be sent");
}

static struct mem_task *by_submit_id(
    const struct mem_store *store, const struct intent *intent)
{
	for (size_t i = 0; i < store->n_tasks; i++)
		if (is_same(store->tasks[i]->is.submit_id, intent->submit_id) &&
		    is_same(store->tasks[i]->is.account, intent->account))
			return store->tasks[i];
	return NULL;
}

static enum err_kind insert(
    struct mem_store *store, const struct intent *intent, struct err *err)
{
	struct mem_task *row;

	if (by_submit_id(store, intent))
		return err_set(err, ERR_USAGE,
		    "the task '%s' is in the ledger already: a new one needs a new id",
		    intent->submit_id);
	row = mem_add(store, intent->account, intent->submit_id, intent->now_unix_ms);
	if (!row || !fill(row, intent))
		return mem_no_memory(err);
	return intent->permit ? mem_take_permit(store, intent, err) : ERR_OK;
}

/* What an error undoes: the keys that were taken away, the rows that were added. */
struct undo {
	struct mem_task **rows;
	const char **keys;
	size_t n, n_permits; /* n_permits: there were before */
	bool is_wanted; /* of all, also when all went well */
};

static bool is_repeat(const struct intent *intent, const struct mem_task *row)
{
	return intent->rerolls &&
	    !(intent->rerolls_once && is_same(row->is.rerolls, intent->rerolls)) &&
	    (is_wish_of(intent, row) || !strcmp(intent->rerolls, row->is.submit_id));
}

static enum err_kind intend_one(struct mem_store *store, const struct intent *intent,
    struct intended *intended, struct undo *undo, struct err *err)
{
	const char *key = NULL;
	struct mem_task *row =
	    intent->idempotency_key ? find_any(store, intent, &key) : NULL;
	const char *id = intent->submit_id;

	if (row && is_repeat(intent, row)) {
		undo->rows[undo->n] = row;
		undo->keys[undo->n++] = row->is.idempotency_key;
		row->is.idempotency_key = NULL;
		row->version++;
		row = NULL;
	}
	if (row && !is_wish_of(intent, row))
		return err_set(err, ERR_USAGE,
		    "the idempotency key '%s' belongs to the task '%s', which was "
		    "another request: choose another key",
		    key, row->is.submit_id);
	intended->is_known = row != NULL;
	if (row)
		id = row->is.submit_id;
	strcpy(intended->submit_id, id);
	return row ? ERR_OK : insert(store, intent, err);
}

static void undo_all(struct mem_store *store, struct undo *undo, size_t n_before)
{
	while (undo->n > 0) {
		undo->n--;
		undo->rows[undo->n]->is.idempotency_key = undo->keys[undo->n];
		undo->rows[undo->n]->version--;
	}
	store->n_permits = undo->n_permits;
	mem_drop_from(store, n_before);
}

static enum err_kind intend_all(struct mem_ledger *ledger, const struct intent *intents,
    size_t n, struct intended *intended, struct undo *undo, size_t *at, struct err *err)
{
	struct mem_store *store = ledger->store;
	const size_t n_before = store->n_tasks;

	undo->n_permits = store->n_permits;
	for (*at = 0; *at < n; (*at)++) {
		if (!intend_one(store, &intents[*at], &intended[*at], undo, err))
			continue;
		undo_all(store, undo, n_before);
		return err->kind;
	}
	if (undo->is_wanted)
		undo_all(store, undo, n_before);
	else
		mem_changed(ledger);
	return ERR_OK;
}

struct intending {
	const struct intent *intents;
	size_t n;
	bool is_rehearsal;
};

static enum err_kind intend(struct mem_ledger *ledger, struct intending all,
    struct intended *ret_intended, size_t *ret_refused, struct err *err)
{
	const size_t n = all.n;
	struct undo undo = { calloc(n + 1, sizeof(*undo.rows)),
		calloc(n + 1, sizeof(*undo.keys)), 0, 0, all.is_rehearsal };
	struct intended *intended = calloc(n + 1, sizeof(*intended));
	enum err_kind kind = ERR_OK;
	size_t at = 0;

	if (!undo.rows || !undo.keys || !intended)
		kind = mem_no_memory(err);
	else
		kind = intend_all(ledger, all.intents, n, intended, &undo, &at, err);
	if (kind == ERR_USAGE && ret_refused)
		*ret_refused = at;
	if (!kind && n)
		memcpy(ret_intended, intended, n * sizeof(*intended));
	free(undo.rows);
	free(undo.keys);
	free(intended);
	return kind;
}

enum err_kind mem_intend(struct ledger *base, const struct intent *intents, size_t n,
    struct intended *ret_intended, size_t *ret_refused, struct err *err)
{
	const struct intending all = { .intents = intents, .n = n };

	return intend(mem_of(base), all, ret_intended, ret_refused, err);
}

enum err_kind mem_rehearse(struct ledger *base, const struct intent *intents, size_t n,
    struct intended *ret_intended, size_t *ret_refused, struct err *err)
{
	const struct intending all = { .intents = intents, .n = n, .is_rehearsal = true };

	return intend(mem_of(base), all, ret_intended, ret_refused, err);
}

enum err_kind mem_intended_before(struct ledger *base, const struct intent *intents,
    size_t n, bool *ret_is_known, struct err *err)
{
	struct mem_store *store = mem_of(base)->store;

	(void)err;
	for (size_t i = 0; i < n; i++) {
		const struct intent *intent = &intents[i];
		const char *key = intent->idempotency_key;
		struct mem_task *row = key ? find_any(store, intent, &key) : NULL;

		/* A place that is another request's says nothing; the content does. */
		if (row && is_same(intent->line_key, intent->idempotency_key) &&
		    !is_wish_of(intent, row) && !is_same(row->is.prompt, intent->prompt))
			row = nth_of(store, intent);
		ret_is_known[i] = row != NULL;
	}
	return ERR_OK;
}

/* --- the request, and its answer ------------------------------------------------- */

static enum err_kind give_body(const struct mem_task *row, enum media_kind *ret_kind,
    char **ret_body, struct err *err)
{
	char *body = row->body ? strdup(row->body) : NULL;

	if (row->body && !body)
		return mem_no_memory(err);
	*ret_kind = row->body ? row->is.kind : MEDIA_UNKNOWN;
	*ret_body = body;
	return ERR_OK;
}

static enum err_kind begin_send(struct mem_ledger *ledger, const char *account,
    struct entry_send *send, struct err *err)
{
	struct mem_task *row = mem_find(ledger->store, account, send->submit_id);

	send->kind = MEDIA_UNKNOWN;
	send->body = NULL;
	if (mem_be_owner(ledger, err))
		return err->kind;
	if (!row || row->is.state != TASK_SUBMITTING || row->sender)
		return ERR_OK;
	if (give_body(row, &send->kind, &send->body, err))
		return err->kind;
	row->sender = ledger->owner;
	row->version++;
	row->updated_unix_ms = clock_unix_ms();
	mem_changed(ledger);
	return mem_note(row, 0, "state", "submitting: about to be sent")
	    ? ERR_OK
	    : mem_no_memory(err);
}

enum err_kind mem_body(struct ledger *base, const char *account, const char *id,
    enum media_kind *ret_kind, char **ret_body, struct err *err)
{
	const struct mem_task *row = mem_find(mem_of(base)->store, account, id);

	return row ? give_body(row, ret_kind, ret_body, err) : mem_is_missing(id, err);
}

static bool note_answer(
    struct mem_task *row, enum task_state state, const struct task_fail *fail)
{
	struct buf text = buf_make(WORDS_TEXT_MAX);
	bool is_noted;

	words_answer(&text, state, fail->code);
	is_noted = !buf_failed(&text) && mem_note(row, 0, "state", text.data);
	buf_release(&text);
	return is_noted;
}

static enum err_kind write_answer(struct mem_ledger *ledger, struct mem_task *row,
    const struct answered *answered, struct arena *arena, struct err *err)
{
	struct task_fail fail = { 0 };
	const enum task_state before = row->is.state;
	struct task task = row->is;
	bool is_new;

	if (answered->fail && clean_fail(answered->fail, arena, &fail, err))
		return err->kind;
	merge_answer(
	    &task, answered->state, &fail, answered->history_id, answered->alias_id);
	if (answered->has_credits)
		merge_credits(&task, answered->credits, false);
	is_new = before != task.state;
	if (answered->state == TASK_SUBMITTING) {
		is_new = task.state == TASK_SUBMITTING && row->sender &&
		    row->sender == ledger->owner;
		if (is_new)
			row->sender = 0;
	}
	if (!mem_take(row, &task, clock_unix_ms()))
		return mem_no_memory(err);
	mem_settle_open(ledger, row, 0);
	mem_changed(ledger);
	return !is_new || note_answer(row, task.state, &fail) ? ERR_OK
							      : mem_no_memory(err);
}

static enum err_kind take_answer(struct mem_ledger *ledger, const char *account,
    const struct answered *answered, struct err *ret_why, struct err *err)
{
	struct mem_task *row = mem_find(ledger->store, account, answered->submit_id);
	struct arena arena = arena_make(LEDGER_TASK_BYTES_MAX);
	enum err_kind kind;

	if (!row) {
		(void)mem_is_missing(answered->submit_id, ret_why);
		return ERR_OK;
	}
	kind = write_answer(ledger, row, answered, &arena, err);
	arena_release(&arena);
	return kind;
}

/* --- many durable entries --------------------------------------------------------- */

static enum err_kind commit_entry(struct mem_ledger *ledger, const char *account,
    struct ledger_entry *entry, int64_t now_unix_ms, struct err *err)
{
	entry->why = (struct err){ .kind = ERR_OK };
	switch (entry->kind) {
	case ENTRY_SEND:
		return begin_send(ledger, account, &entry->send, err);
	case ENTRY_ANSWER:
		return take_answer(ledger, account, &entry->answer, &entry->why, err);
	case ENTRY_MOVE:
		return mem_move(
		    ledger, account, &entry->move, now_unix_ms, &entry->why, err);
	}
	return ERR_OK;
}

enum err_kind mem_commit(struct ledger *base, const char *account,
    struct ledger_entry *entries, size_t n, int64_t now_unix_ms, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (commit_entry(mem_of(base), account, &entries[i], now_unix_ms, err))
			return err->kind;
	return ERR_OK;
}

/* There is no log. */
void mem_tidy(struct ledger *base)
{
	(void)base;
}

/* --- whose sender has ended --------------------------------------------------------- */

enum err_kind mem_settle_dead(struct ledger *base, size_t *ret_n, struct err *err)
{
	struct mem_ledger *ledger = mem_of(base);
	struct mem_store *store = ledger->store;
	size_t n = 0;

	for (size_t i = 0; i < store->n_tasks; i++) {
		struct mem_task *row = store->tasks[i];

		if (!row->sender || mem_is_alive(store, row->sender))
			continue;
		row->is.state = TASK_UNKNOWN;
		row->sender = 0;
		row->version++;
		row->updated_unix_ms = clock_unix_ms();
		n++;
		if (!mem_note(row, 0, "state",
			"unknown: the process that was sending it has ended"))
			return mem_no_memory(err);
	}
	if (n)
		mem_changed(ledger);
	*ret_n = n;
	return ERR_OK;
}
