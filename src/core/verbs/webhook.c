/*
 * webhook.c - the public verbs about deliveries.
 */
#include "dreamq/webhook.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/account/session.h"
#include "core/account/target.h"
#include "core/notify/post.h"
#include "core/notify/webhook.h"
#include "dreamq/json.h"
#include "ledger/deliveries.h"

const char *dq_webhook_name(const struct dq *dq)
{
	return dq->target ? dq->target->name : NULL;
}

static enum err_kind needs_target(const struct dq *dq, struct err *err)
{
	return dq->target ? ERR_OK
			  : err_set(err, ERR_USAGE,
				"no webhook is named: give --webhook URL, or write "
				"'webhook = URL' into the config file");
}

/* --- list ------------------------------------------------------------------------ */

struct listing {
	dq_on_delivery *on_delivery;
	void *payload;
};

static bool show(void *payload, const struct delivery *is)
{
	const struct listing *listing = payload;
	const bool waits = is->state == DELIVERY_WAITING;
	const struct dq_delivery shown = { .id = is->message,
		.hook = is->hook,
		.profile = is->account,
		.submit_id = *is->submit_id ? is->submit_id : NULL,
		.event = is->event,
		.index = is->index,
		.state = delivery_state_name(is->state),
		.tries = is->tries,
		.made_unix_ms = is->made_unix_ms,
		.changed_unix_ms = is->changed_unix_ms,
		.due_unix_ms = waits ? is->due_unix_ms : 0,
		.why = is->why };

	listing->on_delivery(listing->payload, &shown);
	return true;
}

enum dq_status dq_webhook_list(struct dq *dq, const char *state,
    dq_on_delivery *on_delivery, void *payload, struct dq_error *ret_error)
{
	struct listing listing = { on_delivery, payload };
	struct delivery_filter filter = { .has_states = state != NULL };
	enum delivery_state wanted = DELIVERY_WAITING;
	struct err err;

	if (state && !delivery_state_parse(state, &wanted)) {
		err_set(&err, ERR_USAGE,
		    "there is no state '%.40s'; there are waiting, sent, dead and "
		    "dropped",
		    state);
		return session_fail(&err, ret_error);
	}
	filter.states[wanted] = true;
	if (session_ledger_to_read(dq, &err) ||
	    (dq->ledger && ledger_deliveries(dq->ledger, &filter, show, &listing, &err)))
		return session_fail(&err, ret_error);
	return DQ_OK;
}

/* --- send and drop --------------------------------------------------------------- */

/* Which deliveries are meant: of these ids, or all. */
struct chosen {
	const char *hook; /* NULL: any */
	const char *const *ids; /* NULL: all */
	size_t n;
};

static enum err_kind no_such(const char *id, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND,
	    "no delivery '%.60s' waits or is dead; 'dreamq webhook list' has them", id);
}

static bool count(void *payload, const struct delivery *is)
{
	(void)is;
	(*(size_t *)payload)++;
	return true;
}

/* Counts, or changes, what waits or is dead. */
static enum err_kind change_one(struct dq *dq, const struct delivery_filter *filter,
    const enum delivery_state *to, size_t *ret_n, struct err *err)
{
	*ret_n = 0;
	return to
	    ? ledger_delivery_change(dq->ledger, filter, *to, dq->now.unix_ms, ret_n, err)
	    : ledger_deliveries(dq->ledger, filter, count, ret_n, err);
}

static enum err_kind change(struct dq *dq, const struct chosen *chosen,
    const enum delivery_state *to, size_t *ret_n, struct err *err)
{
	struct delivery_filter filter = { .hook = chosen->hook,
		.has_states = true,
		.states = { [DELIVERY_WAITING] = true, [DELIVERY_DEAD] = true } };
	size_t n;

	*ret_n = 0;
	if (!chosen->ids)
		return change_one(dq, &filter, to, ret_n, err);
	for (size_t i = 0; i < chosen->n; i++) {
		filter.message = chosen->ids[i];
		if (change_one(dq, &filter, to, &n, err))
			return err->kind;
		if (n == 0)
			return no_such(chosen->ids[i], err);
		*ret_n += n;
	}
	return ERR_OK;
}

static enum err_kind send_all(
    struct dq *dq, struct dq_webhook_sent *ret_sent, struct err *err)
{
	struct webhook *webhook = NULL;

	if (webhook_new(dq, &webhook, err))
		return err->kind;
	webhook_end(webhook, INT64_MAX);
	*ret_sent = webhook_sent(webhook);
	if (atomic_load(&dq->is_interrupted))
		err_set(err, ERR_CANCELLED, "interrupted; nothing is lost");
	else if (ret_sent->left > 0 && webhook_trouble(webhook)->kind)
		*err = *webhook_trouble(webhook);
	else
		err->kind = ERR_OK;
	webhook_free(webhook);
	return err->kind;
}

enum dq_status dq_webhook_send(struct dq *dq, const char *const *ids, size_t n,
    struct dq_webhook_sent *ret_sent, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	const enum delivery_state waiting = DELIVERY_WAITING;
	struct err err;
	size_t n_due;

	*ret_sent = (struct dq_webhook_sent){ 0 };
	if (needs_target(dq, &err) || session_ledger(dq, &err) || session_net(dq, &err))
		return session_fail(&err, ret_error);
	session_verb_begins(dq, 0);
	if (change(dq, &(struct chosen){ dq->target->name, ids, n }, &waiting, &n_due,
		&err) ||
	    send_all(dq, ret_sent, &err))
		return session_fail(&err, ret_error);
	return DQ_OK;
}

enum dq_status dq_webhook_drop(struct dq *dq, const char *const *ids, size_t n,
    bool is_dry_run, size_t *ret_n, struct dq_error *ret_error)
{
	const enum delivery_state dropped = DELIVERY_DROPPED;
	const struct chosen chosen = { NULL, ids, n };
	struct err err;

	*ret_n = 0;
	if (is_dry_run ? session_ledger_to_read(dq, &err) : session_ledger(dq, &err))
		return session_fail(&err, ret_error);
	if (!dq->ledger && !ids)
		return DQ_OK;
	if (!dq->ledger)
		(void)no_such(ids[0], &err);
	else if (!change(dq, &chosen, is_dry_run ? NULL : &dropped, ret_n, &err))
		return DQ_OK;
	return session_fail(&err, ret_error);
}

/* --- test ------------------------------------------------------------------------ */

struct trial {
	struct post_answer answer;
	bool is_over;
};

static void on_answer(void *payload, struct post *post, const struct post_answer *answer)
{
	struct trial *trial = payload;

	(void)post;
	trial->answer = *answer;
	trial->is_over = true;
}

static enum err_kind judge(struct dq *dq, const struct trial *trial, struct err *err)
{
	const struct answer answer = { .err = &trial->answer.err,
		.status = trial->answer.status,
		.retry_after_ms = -1,
		.tries = 1 };
	int64_t delay_ms;

	return outcome_of(&answer, dq->target->shown, &delay_ms, err) == OUTCOME_SENT
	    ? ERR_OK
	    : err->kind;
}

static enum err_kind try_it(struct dq *dq, const char *body, struct err *err)
{
	char id[64];
	const struct post_spec spec = { id, body, dq->now.unix_ms / 1000 };
	struct trial trial = { .is_over = false };
	struct post *post = NULL;

	(void)snprintf(id, sizeof(id), "msg_test%lld", (long long)dq->now.unix_ms);
	if (post_start(dq, &spec, on_answer, &trial, &post, err))
		return err->kind;
	while (!trial.is_over) {
		if (!atomic_load(&dq->is_interrupted) && !net_step(dq->net, 200, err))
			continue;
		if (atomic_load(&dq->is_interrupted))
			err_set(err, ERR_CANCELLED, "interrupted");
		post_abandon(post);
		return err->kind;
	}
	return judge(dq, &trial, err);
}

enum dq_status dq_webhook_test(struct dq *dq, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	_cleanup_free_ char *body = NULL;
	struct err err;

	if (needs_target(dq, &err) || session_net(dq, &err))
		return session_fail(&err, ret_error);
	session_read_clocks(dq);
	body = dq_alert_json("test", dq->profile, dq->now.unix_ms, NULL);
	if (!body)
		err_set(&err, ERR_NOMEM, "out of memory");
	else if (!try_it(dq, body, &err))
		return DQ_OK;
	return session_fail(&err, ret_error);
}
