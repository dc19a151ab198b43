/*
 * front.c - each operation of ledger.h goes to the back end that has the ledger.
 */
#include "ledger/ops.h"

#include <string.h>

#include "model/taskid.h"

/* --- what may be asked ----------------------------------------------------------- */

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* NULL: there is none, which may be. */
static bool may_be_key(const char *text)
{
	const size_t len = text ? strnlen(text, LEDGER_KEY_MAX + 1) : 1;

	return len > 0 && len <= LEDGER_KEY_MAX && (!text || is_printable(text));
}

static enum err_kind check_intent(const struct intent *intent, struct err *err)
{
	const char *key = intent->idempotency_key;
	const char *word = intent->permit ? intent->permit->word : NULL;

	if (!taskid_is_valid(intent->submit_id))
		return err_set(err, ERR_USAGE, "'%.100s' is no valid submit id",
		    intent->submit_id ? intent->submit_id : "");
	if (!intent->body)
		return err_set(err, ERR_USAGE, "the task '%s' has nothing to send",
		    intent->submit_id);
	if (!may_be_key(word))
		return err_set(err, ERR_USAGE, "this can't be a word of consent");
	if (!may_be_key(key))
		return err_set(err, ERR_USAGE,
		    "an idempotency key has 1 to %d bytes and no control characters",
		    LEDGER_KEY_MAX);
	if (key && !intent->content_hash)
		return err_set(err, ERR_USAGE,
		    "the task '%s' has an idempotency key and no hash of its wish",
		    intent->submit_id);
	return ERR_OK;
}

static enum err_kind check_intents(
    const struct intent *intents, size_t n, size_t *ret_refused, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (check_intent(&intents[i], err)) {
			if (ret_refused)
				*ret_refused = i;
			return err->kind;
		}
	return ERR_OK;
}

static bool may_be_an_end(enum task_state state)
{
	return state == TASK_QUEUED || state == TASK_UNKNOWN || state == TASK_FAILED ||
	    state == TASK_SUBMITTING;
}

static enum err_kind check_seen(struct task *const *seen, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!taskid_is_valid(seen[i]->submit_id))
			return err_set(err, ERR_USAGE, "poll %zu has no valid id", i + 1);
	return ERR_OK;
}

/* --- passing on -------------------------------------------------------------------- */

const struct err *ledger_doubt(const struct ledger *ledger)
{
	return ledger->ops->doubt(ledger);
}

enum err_kind ledger_intend(struct ledger *ledger, const struct intent *intents, size_t n,
    struct intended *ret_intended, size_t *ret_refused, struct err *err)
{
	if (check_intents(intents, n, ret_refused, err))
		return err->kind;
	return ledger->ops->intend(ledger, intents, n, ret_intended, ret_refused, err);
}

enum err_kind ledger_rehearse(struct ledger *ledger, const struct intent *intents,
    size_t n, struct intended *ret_intended, size_t *ret_refused, struct err *err)
{
	if (check_intents(intents, n, ret_refused, err))
		return err->kind;
	return ledger->ops->rehearse(ledger, intents, n, ret_intended, ret_refused, err);
}

enum err_kind ledger_intended_before(struct ledger *ledger, const struct intent *intents,
    size_t n, bool *ret_is_known, struct err *err)
{
	return ledger->ops->intended_before(ledger, intents, n, ret_is_known, err);
}

enum err_kind ledger_secret(struct ledger *ledger, const char *name,
    char ret_value[LEDGER_SECRET_MAX], struct err *err)
{
	return ledger->ops->secret(ledger, name, ret_value, err);
}

enum err_kind ledger_settle_dead(struct ledger *ledger, size_t *ret_n, struct err *err)
{
	return ledger->ops->settle_dead(ledger, ret_n, err);
}

enum err_kind ledger_body(struct ledger *ledger, const char *account, const char *id,
    enum media_kind *ret_kind, char **ret_body, struct err *err)
{
	return ledger->ops->body(ledger, account, id, ret_kind, ret_body, err);
}

enum err_kind ledger_adopt(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, int64_t now_unix_ms, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!taskid_is_valid(ids[i]))
			return err_set(err, ERR_USAGE, "id %zu is no valid id", i + 1);
	return ledger->ops->adopt(ledger, account, ids, n, now_unix_ms, err);
}

/* NOLINTNEXTLINE(readability-function-size): the contract of ledger.h */
enum err_kind ledger_observe(struct ledger *ledger, const char *account,
    struct task *const *seen, int64_t *tokens, size_t n, int64_t now_unix_ms,
    struct err *err)
{
	if (check_seen(seen, n, err))
		return err->kind;
	return ledger->ops->observe(ledger, account, seen, tokens, n, now_unix_ms, err);
}

enum err_kind ledger_walk(struct ledger *ledger, const char *account, const char *listing,
    struct ledger_walk *ret_walk, struct err *err)
{
	return ledger->ops->walk(ledger, account, listing, ret_walk, err);
}

enum err_kind ledger_turn_page(struct ledger *ledger, const char *account,
    const struct ledger_page *page, int64_t now_unix_ms, struct err *err)
{
	const size_t len = strnlen(page->listing, LEDGER_LISTING_MAX + 1);

	if (len == 0 || len > LEDGER_LISTING_MAX || !is_printable(page->walk->top) ||
	    !is_printable(page->walk->deep))
		return err_set(
		    err, ERR_USAGE, "'%.80s' can't be walked through", page->listing);
	if (check_seen(page->seen, page->n, err))
		return err->kind;
	return ledger->ops->turn_page(ledger, account, page, now_unix_ms, err);
}

enum err_kind ledger_lease(struct ledger *ledger, const char *account,
    struct lease *leases, size_t n, int64_t now_unix_ms, struct err *err)
{
	return ledger->ops->lease(ledger, account, leases, n, now_unix_ms, err);
}

enum err_kind ledger_lease_renew(
    struct ledger *ledger, int64_t now_unix_ms, struct err *err)
{
	return ledger->ops->lease_renew(ledger, now_unix_ms, err);
}

enum err_kind ledger_lease_release(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, struct err *err)
{
	return ledger->ops->lease_release(ledger, account, ids, n, err);
}

void ledger_lease_release_all(struct ledger *ledger)
{
	ledger->ops->lease_release_all(ledger);
}

bool ledger_has_changed(struct ledger *ledger)
{
	return ledger->ops->has_changed(ledger);
}

enum err_kind ledger_count(
    struct ledger *ledger, struct ledger_count *ret_count, struct err *err)
{
	return ledger->ops->count(ledger, ret_count, err);
}

bool ledger_has_room(const struct ledger *ledger, int64_t bytes)
{
	return ledger->ops->has_room(ledger, bytes);
}

enum err_kind ledger_open_tasks(struct ledger *ledger, const char *account,
    ledger_on_open *on_open, void *payload, struct err *err)
{
	return ledger->ops->open_tasks(ledger, account, on_open, payload, err);
}

enum err_kind ledger_believe(
    struct ledger *ledger, const char *account, const char *id, struct err *err)
{
	return ledger->ops->believe(ledger, account, id, err);
}

enum err_kind ledger_pause(struct ledger *ledger, const char *account,
    const struct account_pause *pause, struct err *err)
{
	return ledger->ops->pause(ledger, account, pause, err);
}

enum err_kind ledger_pause_of(struct ledger *ledger, const char *account,
    int64_t now_unix_ms, struct account_pause *ret_pause, struct err *err)
{
	return ledger->ops->pause_of(ledger, account, now_unix_ms, ret_pause, err);
}

enum err_kind ledger_budget_take(struct ledger *ledger, const char *account,
    const struct budget *budget, int64_t now_unix_ms, int64_t *ret_wait_ms,
    struct err *err)
{
	return ledger->ops->budget_take(
	    ledger, account, budget, now_unix_ms, ret_wait_ms, err);
}

enum err_kind ledger_count_polls(struct ledger *ledger, const char *account,
    const struct poll_counters *all, size_t n, struct err *err)
{
	return ledger->ops->count_polls(ledger, account, all, n, err);
}

/* NOLINTNEXTLINE(readability-function-size): the contract of ledger.h */
enum err_kind ledger_past(struct ledger *ledger, const char *account,
    int64_t since_unix_ms, size_t limit, ledger_on_past *on_past, void *payload,
    struct err *err)
{
	return ledger->ops->past(
	    ledger, account, since_unix_ms, limit, on_past, payload, err);
}

enum err_kind ledger_asset_progress(struct ledger *ledger, const char *account,
    const char *submit_id, int index, const char *etag, struct err *err)
{
	return ledger->ops->asset_progress(ledger, account, submit_id, index, etag, err);
}

enum err_kind ledger_asset_synced(struct ledger *ledger, const char *account,
    const char *submit_id, const struct asset *asset, struct err *err)
{
	return ledger->ops->asset_synced(ledger, account, submit_id, asset, err);
}

enum err_kind ledger_asset_wanted(struct ledger *ledger, const char *account,
    const char *submit_id, int index, struct err *err)
{
	return ledger->ops->asset_wanted(ledger, account, submit_id, index, err);
}

enum err_kind ledger_asset_lost(struct ledger *ledger, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err)
{
	return ledger->ops->asset_lost(ledger, account, submit_id, index, reason, err);
}

enum err_kind ledger_commit(struct ledger *ledger, const char *account,
    struct ledger_entry *entries, size_t n, int64_t now_unix_ms, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (entries[i].kind == ENTRY_ANSWER &&
		    !may_be_an_end(entries[i].answer.state))
			return err_set(err, ERR_USAGE, "a submit does not end as '%s'",
			    task_state_name(entries[i].answer.state));
	return n ? ledger->ops->commit(ledger, account, entries, n, now_unix_ms, err)
		 : ERR_OK;
}

void ledger_tidy(struct ledger *ledger)
{
	ledger->ops->tidy(ledger);
}

enum err_kind ledger_find(struct ledger *ledger, const char *account, const char *id,
    struct task **ret_task, struct err *err)
{
	return ledger->ops->find(ledger, account, &id, 1, ret_task, err);
}

enum err_kind ledger_find_all(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, struct task **ret_tasks, struct err *err)
{
	return n ? ledger->ops->find(ledger, account, ids, n, ret_tasks, err) : ERR_OK;
}

enum err_kind ledger_find_assets(struct ledger *ledger, const char *account,
    struct asset_known *known, size_t n, struct arena *arena, struct err *err)
{
	return n ? ledger->ops->find_assets(ledger, account, known, n, arena, err)
		 : ERR_OK;
}

enum err_kind ledger_prefix(struct ledger *ledger, const char *account,
    const char *prefix, struct ledger_found *ret_found, struct err *err)
{
	return ledger->ops->prefix(ledger, account, prefix, ret_found, err);
}

enum err_kind ledger_list(struct ledger *ledger, const struct ledger_filter *filter,
    ledger_on_task *on_task, void *payload, struct err *err)
{
	return ledger->ops->list(ledger, filter, on_task, payload, err);
}

enum err_kind ledger_forget(
    struct ledger *ledger, const char *account, const char *id, struct err *err)
{
	return ledger->ops->forget(ledger, account, id, err);
}

enum err_kind ledger_mark(struct ledger *ledger, const char *account, const char *id,
    const struct ledger_mark *mark, int64_t now_unix_ms, struct err *err)
{
	if (mark->index < LEDGER_MARK_TASK ||
	    (mark->has_rating &&
		(mark->rating < LEDGER_RATING_REJECTED ||
		    mark->rating > LEDGER_RATING_MAX)) ||
	    (mark->note && strnlen(mark->note, LEDGER_NOTE_MAX + 1) > LEDGER_NOTE_MAX))
		return err_set(
		    err, ERR_USAGE, "this can't be said of the task '%.100s'", id);
	return ledger->ops->mark(ledger, account, id, mark, now_unix_ms, err);
}

enum err_kind ledger_tags(struct ledger *ledger, const char *account,
    ledger_on_tag *on_tag, void *payload, struct err *err)
{
	return ledger->ops->tags(ledger, account, on_tag, payload, err);
}

enum err_kind ledger_events(struct ledger *ledger, const char *account,
    const char *submit_id, ledger_on_event *on_event, void *payload, struct err *err)
{
	return ledger->ops->events(ledger, account, submit_id, on_event, payload, err);
}
