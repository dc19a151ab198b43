#include "core/verbs/allowance.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "core/stats/cost.h"
#include "ledger/list.h"
#include "ledger/past.h"

enum {
	ROWS_MAX = 2000, /* tasks of the past that are looked at, the newest */
	SEEN_MAX = 200, /* of these, with a known cost */
};

/* What they ask for, each once. */
struct asking {
	struct dq *dq;
	struct submission *all;
	size_t n;
	struct service_asked *asked; /* of each price */
	struct price *prices;
	size_t n_prices, room, same_room, n_seen;
	struct err err; /* of a look at the past */
};

static void asking_release(struct asking *asking)
{
	for (size_t i = 0; i < asking->room && asking->asked; i++)
		service_asked_release(&asking->asked[i]);
	free(asking->asked);
	free(asking->prices);
}

/* --- what is to be paid ----------------------------------------------------------- */

static enum err_kind add_paid(
    struct asking *asking, enum media_kind kind, const char *body, struct err *err)
{
	struct service_asked *asked;

	if (!ARRAY_RESERVE(asking->asked, asking->room, asking->n_prices + 1) ||
	    !ARRAY_RESERVE(asking->prices, asking->same_room, asking->n_prices + 1))
		return err_set(err, ERR_NOMEM, "no memory for %zu submits", asking->n);
	asked = &asking->asked[asking->n_prices];
	if (service_asked(asking->dq->ops, body, asked, err))
		return err->kind;
	asking->prices[asking->n_prices++] = (struct price){
		.kind = kind,
		.model = asked->model,
		.terms = asked->terms,
		.n = 1,
	};
	return ERR_OK;
}

/* Those that are new, or are repeated under their key. */
static enum err_kind add_new(struct asking *asking, const struct dq_batch *batch,
    bool *ret_has_old, struct err *err)
{
	const struct dq *dq = asking->dq;
	_cleanup_free_ struct intent *intents = calloc(asking->n, sizeof(*intents));
	_cleanup_free_ bool *are_known = calloc(asking->n, sizeof(*are_known));

	if (!intents || !are_known)
		return err_set(err, ERR_NOMEM, "no memory for %zu submits", asking->n);
	for (size_t i = 0; i < asking->n; i++)
		intents[i] =
		    submission_intent(&asking->all[i], dq->profile, dq->now.unix_ms);
	if (dq->ledger &&
	    ledger_intended_before(dq->ledger, intents, asking->n, are_known, err))
		return err->kind;
	for (size_t i = 0; i < asking->n; i++) {
		const struct submission *one = &asking->all[i];
		const bool is_old = are_known[i] && !batch->submits[i].rerolls_key;

		*ret_has_old = *ret_has_old || is_old;
		if (!is_old && add_paid(asking, one->kind, one->body, err))
			return err->kind;
	}
	return ERR_OK;
}

static bool is_of_batch(const struct asking *asking, const char *key)
{
	for (size_t i = 0; key && i < asking->n; i++) {
		const struct submission *one = &asking->all[i];

		if ((one->key && !strcmp(one->key, key)) ||
		    (one->key_scope &&
			!strncmp(one->key_scope, key, strlen(one->key_scope))))
			return true;
	}
	return false;
}

/* What waits from before under a key of the batch leaves with it. */
static bool add_waiting(void *payload, const struct task *task)
{
	struct asking *asking = payload;
	const struct dq *dq = asking->dq;
	_cleanup_free_ char *body = NULL;
	enum media_kind kind;

	if (!task->is_waiting || !is_of_batch(asking, task->idempotency_key))
		return true;
	if (ledger_body(
		dq->ledger, dq->profile, task->submit_id, &kind, &body, &asking->err) ||
	    (body && add_paid(asking, kind, body, &asking->err)))
		return asking->err.kind == ERR_NOT_FOUND; /* forgotten meanwhile */
	return true;
}

static int by_terms(const void *left, const void *right)
{
	const struct price *a = left, *b = right;
	const int order = strcmp(a->terms, b->terms);

	return order ? order : (int)a->kind - (int)b->kind;
}

/* Equal ones stand together then: each becomes one, with their number. */
static void join_equal(struct asking *asking)
{
	struct price *prices = asking->prices;
	size_t kept = 0;

	if (asking->n_prices > 0)
		qsort(prices, asking->n_prices, sizeof(*prices), by_terms);
	for (size_t i = 0; i < asking->n_prices; i++) {
		if (kept > 0 && by_terms(&prices[kept - 1], &prices[i]) == 0)
			prices[kept - 1].n++;
		else
			prices[kept++] = prices[i];
	}
	asking->n_prices = kept;
}

static enum err_kind find_paid(
    struct asking *asking, const struct dq_batch *batch, struct err *err)
{
	const struct ledger_filter waiting = { .account = asking->dq->profile,
		.has_state = true,
		.state = TASK_SUBMITTING };
	bool has_old = false;

	if (add_new(asking, batch, &has_old, err) ||
	    (has_old &&
		ledger_list(asking->dq->ledger, &waiting, add_waiting, asking, err)))
		return err->kind;
	if (asking->err.kind && asking->err.kind != ERR_NOT_FOUND) {
		*err = asking->err;
		return err->kind;
	}
	asking->err = (struct err){ .kind = ERR_OK };
	join_equal(asking);
	return ERR_OK;
}

/* --- the past --------------------------------------------------------------------- */

/* A body that can't be understood says as little as none. */
static enum err_kind asked_before(struct dq *dq, const char *submit_id,
    struct service_asked *ret_asked, struct err *err)
{
	_cleanup_free_ char *body = NULL;
	enum media_kind kind;
	enum err_kind found =
	    ledger_body(dq->ledger, dq->profile, submit_id, &kind, &body, err);

	if (!found && body)
		found = service_asked(dq->ops, body, ret_asked, err);
	return found == ERR_NOT_FOUND || found == ERR_USAGE ? ERR_OK : found;
}

static bool look_at(void *payload, const struct past_task *task)
{
	struct asking *asking = payload;
	_cleanup_(service_asked_release) struct service_asked asked = { 0 };

	/* What a failure cost says nothing of the next one: it may have been given back.
	 */
	if (!task->has_credits || task->state == TASK_FAILED ||
	    task->state == TASK_CANCELLED)
		return true;
	if (asked_before(asking->dq, task->submit_id, &asked, &asking->err))
		return false;
	for (size_t i = 0; i < asking->n_prices; i++)
		price_note(&asking->prices[i], task->kind, task->model, asked.terms,
		    task->credits);
	return ++asking->n_seen < SEEN_MAX;
}

/* --- the verdict ------------------------------------------------------------------ */

static enum err_kind refuse_unknown(const struct price *unknown, struct err *err)
{
	return err_set(err, ERR_USAGE,
	    "nobody knows what %s of model '%s' with these settings costs: none in the "
	    "ledger has a known cost, so --max-credits can't be kept; submit one "
	    "without it first, and 'dreamq credits' or --measure tells its cost; nothing "
	    "was submitted",
	    unknown->kind == MEDIA_VIDEO ? N_("a video") : N_("an image"),
	    unknown->model ? unknown->model : "?");
}

static enum err_kind judge(
    struct dq *dq, const struct price_sum *sum, int64_t max_credits, struct err *err)
{
	if (sum->unknown)
		return refuse_unknown(sum->unknown, err);
	if (sum->credits > max_credits)
		return err_set(err, ERR_USAGE,
		    "%zu to be paid would cost about %lld credits, and --max-credits "
		    "allows %lld; that rests on the dearest such task whose cost is "
		    "known (of %zu, %zu of them made elsewhere); nothing was submitted",
		    sum->tasks, (long long)sum->credits, (long long)max_credits,
		    sum->seen, sum->seen_elsewhere);
	session_tell(dq, DQ_NOTE_COST,
	    sum->credits == 1
		? N_("%zu to be paid, expected to cost %lld credit; that rests on the "
		     "dearest such task whose cost is known (of %zu, %zu of them made "
		     "elsewhere)")
		: N_("%zu to be paid, expected to cost %lld credits; that rests on the "
		     "dearest such task whose cost is known (of %zu, %zu of them made "
		     "elsewhere)"),
	    sum->tasks, (long long)sum->credits, sum->seen, sum->seen_elsewhere);
	return ERR_OK;
}

/* Writes down what each is expected to cost, for who is told. */
static enum err_kind expect_each(struct asking *asking, struct err *err)
{
	for (size_t i = 0; i < asking->n; i++) {
		_cleanup_(service_asked_release) struct service_asked asked = { 0 };
		struct submission *one = &asking->all[i];
		const struct price_seen *seen;

		if (service_asked(asking->dq->ops, one->body, &asked, err))
			return err->kind;
		for (size_t k = 0; k < asking->n_prices; k++) {
			const struct price *price = &asking->prices[k];

			if (price->kind != one->kind ||
			    strcmp(price->terms, asked.terms) != 0)
				continue;
			seen = price_known(price);
			one->expected_credits = seen ? seen->dearest : -1;
		}
	}
	return ERR_OK;
}

/* Without a ledger there is no past. */
static enum err_kind look_back(struct asking *asking, struct err *err)
{
	const struct dq *dq = asking->dq;

	if (dq->ledger &&
	    ledger_past(dq->ledger, dq->profile, 0, ROWS_MAX, look_at, asking, err))
		return err->kind;
	if (asking->err.kind)
		*err = asking->err;
	return asking->err.kind;
}

enum err_kind allowance_check(struct dq *dq, const struct dq_batch *batch,
    struct submission *all, size_t n, struct err *err)
{
	const bool is_limited = batch->max_credits > 0;
	_cleanup_(asking_release) struct asking asking = { .dq = dq, .all = all, .n = n };
	struct price_sum sum;

	if (find_paid(&asking, batch, err))
		return err->kind;
	if (asking.n_prices == 0)
		return ERR_OK;
	if (look_back(&asking, err) || (batch->dry_run && expect_each(&asking, err)))
		return err->kind;
	sum = price_sum(asking.prices, asking.n_prices);
	if (!is_limited && sum.unknown)
		return ERR_OK;
	return judge(dq, &sum, is_limited ? batch->max_credits : INT64_MAX, err);
}
