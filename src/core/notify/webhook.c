#include "core/notify/webhook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/cleanup.h"
#include "core/account/target.h"
#include "core/common/random.h"
#include "core/common/view.h"
#include "core/notify/line.h"
#include "core/notify/post.h"
#include "dreamq/json.h"
#include "ledger/deliveries.h"

/* One that was heard, and is not in the ledger yet. */
struct heard {
	TAILQ_ENTRY(heard) others;
	enum notice notice;
	int index;
	int64_t at_unix_ms;
	char id[TASKID_MAX + 1];
	char *body;
};
TAILQ_HEAD(heard_list, heard);

/* A place for one that is under way. */
struct under_way {
	struct webhook *webhook;
	struct post *post; /* NULL: a free place */
	int64_t number, tries;
};

struct webhook {
	struct dq *dq;
	struct ledger_hook hook;
	struct under_way places[WEBHOOK_AT_ONCE];
	size_t n_under_way;
	struct heard_list heard;
	size_t n_heard, n_dropped;
	int64_t look_ms; /* steady clock: the next claim; and the next try to write */
	int64_t rest_ms; /* the receiver rests until then */
	bool is_failing;
	struct err trouble; /* the last; ERR_OK: none */
	struct dq_webhook_sent sent;
	uint64_t random;
};

/* --- what is to be told ---------------------------------------------------------- */

/* On the thread of the ledger's handle: nothing but the arguments is read. */
static char *tell(void *payload, const struct ledger_happening *happening)
{
	struct dq_event event = { .type = DQ_EVENT_TASK,
		.at_unix_ms = happening->at_unix_ms };
	struct view view = { 0 };
	struct dq_asset asset;
	char *json = NULL;

	(void)payload;
	if (view_make(happening->task, &view)) {
		event.task = &view.task;
		if (happening->asset) {
			asset = view_asset(happening->asset);
			event.type = DQ_EVENT_STORED;
			event.asset = &asset;
		}
		json = notice_event_json(&event);
	}
	view_release(&view);
	return json;
}

static void heard_free(struct heard *heard)
{
	free(heard->body);
	free(heard);
}

void webhook_hear(struct webhook *webhook, enum notice notice,
    const struct dq_event *event, const char *text)
{
	struct dq *dq = webhook->dq;
	struct heard *heard;

	if (!dq->target->wants[notice])
		return;
	heard =
	    webhook->n_heard < WEBHOOK_UNWRITTEN_MAX ? calloc(1, sizeof(*heard)) : NULL;
	if (heard)
		heard->body = event ? notice_event_json(event)
				    : dq_alert_json(notice_name(notice), dq->profile,
					  dq->now.unix_ms, text);
	if (!heard || !heard->body) {
		free(heard);
		webhook->n_dropped++;
		return;
	}
	heard->notice = notice;
	heard->index = event && event->asset ? event->asset->index : -1;
	heard->at_unix_ms = dq->now.unix_ms;
	if (event)
		(void)snprintf(
		    heard->id, sizeof(heard->id), "%s", event->task->submit_id);
	TAILQ_INSERT_TAIL(&webhook->heard, heard, others);
	webhook->n_heard++;
	webhook->look_ms = dq->now.mono_ms;
}

static enum err_kind write_down(
    struct webhook *webhook, const struct heard *heard, struct err *err)
{
	const struct dq *dq = webhook->dq;
	const struct delivery_made made = { .is = { .hook = dq->target->name,
						.account = dq->profile,
						.submit_id = heard->id,
						.event = notice_name(heard->notice),
						.index = heard->index,
						.body = heard->body },
		.unless_known = true,
		.now_unix_ms = heard->at_unix_ms };

	return ledger_deliver(dq->ledger, &made, err);
}

/* As far as the ledger takes it: what a full disk refuses is kept. */
static enum err_kind write_all(struct webhook *webhook, struct err *err)
{
	struct heard *heard;

	while ((heard = TAILQ_FIRST(&webhook->heard))) {
		if (write_down(webhook, heard, err))
			return err->kind;
		TAILQ_REMOVE(&webhook->heard, heard, others);
		webhook->n_heard--;
		heard_free(heard);
	}
	return ERR_OK;
}

/* --- what comes of a try --------------------------------------------------------- */

static void take_trouble(struct webhook *webhook, const struct err *why)
{
	const bool is_new =
	    !webhook->trouble.kind || strcmp(webhook->trouble.msg, why->msg) != 0;

	webhook->trouble = *why;
	if (is_new)
		session_note(webhook->dq, "webhook: %s", err_shown(why));
}

/* Of a ledger that can't be written the claim says what holds: it comes again. */
static void settle(
    struct webhook *webhook, int64_t number, const struct delivery_end *end)
{
	struct dq *dq = webhook->dq;
	struct err err;

	if (ledger_delivery_settle(dq->ledger, number, end, dq->now.unix_ms, &err))
		take_trouble(webhook, &err);
}

static void rest(struct webhook *webhook, int64_t asked_ms)
{
	const struct dq *dq = webhook->dq;
	const int64_t for_ms =
	    session_span_ms(dq, asked_ms > OUTCOME_REST_MS ? asked_ms : OUTCOME_REST_MS);

	webhook->is_failing = true;
	webhook->rest_ms = dq->now.mono_ms + for_ms;
}

static void settle_answer(
    struct webhook *webhook, const struct under_way *place, const struct answer *answer)
{
	struct dq *dq = webhook->dq;
	int64_t delay_ms = 0;
	struct err why = { .kind = ERR_OK };
	struct delivery_end end = { .state = DELIVERY_WAITING };

	switch (outcome_of(answer, dq->target->shown, &delay_ms, &why)) {
	case OUTCOME_SENT:
		end.state = DELIVERY_SENT;
		webhook->is_failing = false;
		webhook->sent.sent++;
		break;
	case OUTCOME_DROPPED:
		end.state = DELIVERY_DROPPED;
		webhook->sent.dropped++;
		break;
	case OUTCOME_DEAD:
		end.state = DELIVERY_DEAD;
		webhook->sent.failed++;
		rest(webhook, answer->retry_after_ms);
		break;
	case OUTCOME_AGAIN:
		end.due_unix_ms = dq->now.unix_ms + session_span_ms(dq, delay_ms);
		webhook->sent.failed++;
		rest(webhook, answer->retry_after_ms);
		break;
	}
	if (why.kind) {
		end.why = why.msg;
		take_trouble(webhook, &why);
	}
	settle(webhook, place->number, &end);
	webhook->look_ms = dq->now.mono_ms;
}

static void on_answer(void *payload, struct post *post, const struct post_answer *told)
{
	struct under_way *place = payload;
	struct webhook *webhook = place->webhook;
	const struct answer answer = { .err = &told->err,
		.status = told->status,
		.retry_after_ms = told->retry_after_ms,
		.tries = place->tries,
		.random = random_next(&webhook->random) };

	(void)post;
	session_read_clocks(webhook->dq);
	settle_answer(webhook, place, &answer);
	place->post = NULL;
	webhook->n_under_way--;
}

/* --- a try ----------------------------------------------------------------------- */

static struct under_way *free_place(struct webhook *webhook)
{
	for (size_t i = 0; i < WEBHOOK_AT_ONCE; i++)
		if (!webhook->places[i].post)
			return &webhook->places[i];
	return NULL;
}

static void begin(struct webhook *webhook, const struct delivery *delivery)
{
	struct dq *dq = webhook->dq;
	struct under_way *place = free_place(webhook);
	const struct post_spec spec = { delivery->message, delivery->body,
		dq->now.unix_ms / 1000 };
	struct err err;

	if (!place)
		return; /* no more are claimed than there are places */
	*place = (struct under_way){
		.webhook = webhook, .number = delivery->number, .tries = delivery->tries
	};
	if (!post_start(dq, &spec, on_answer, place, &place->post, &err)) {
		webhook->n_under_way++;
		return;
	}
	settle_answer(webhook, place,
	    &(struct answer){
		.err = &err, .retry_after_ms = -1, .tries = delivery->tries });
}

static size_t may_begin(const struct webhook *webhook)
{
	const size_t at_once = webhook->is_failing ? 1 : WEBHOOK_AT_ONCE;

	if (webhook->dq->now.mono_ms < webhook->rest_ms ||
	    webhook->n_under_way >= at_once)
		return 0;
	return at_once - webhook->n_under_way;
}

static void claim(struct webhook *webhook, size_t max)
{
	struct dq *dq = webhook->dq;
	const int64_t now_ms = dq->now.mono_ms;
	struct delivery_claims claims;
	struct err err;

	webhook->look_ms = now_ms + WEBHOOK_LOOK_MS;
	if (ledger_delivery_claim(
		dq->ledger, dq->target->name, max, dq->now.unix_ms, &claims, &err)) {
		take_trouble(webhook, &err);
		webhook->look_ms = now_ms + OUTCOME_REST_MS;
		return;
	}
	if (claims.next_unix_ms < dq->now.unix_ms + WEBHOOK_LOOK_MS)
		webhook->look_ms = now_ms +
		    (claims.next_unix_ms > dq->now.unix_ms
			    ? claims.next_unix_ms - dq->now.unix_ms
			    : 0);
	for (size_t i = 0; i < claims.n; i++)
		begin(webhook, &claims.all[i]);
	arena_release(&claims.arena);
}

void webhook_step(struct webhook *webhook)
{
	const int64_t now_ms = webhook->dq->now.mono_ms;
	const size_t max = may_begin(webhook);
	struct err err;

	if (now_ms < webhook->look_ms)
		return;
	if (webhook->n_heard > 0 && write_all(webhook, &err))
		webhook->look_ms = now_ms + OUTCOME_REST_MS;
	else if (max > 0)
		claim(webhook, max);
}

int64_t webhook_next_ms(const struct webhook *webhook)
{
	if (webhook->n_heard > 0)
		return webhook->look_ms;
	if (webhook->n_under_way >= (webhook->is_failing ? 1 : WEBHOOK_AT_ONCE))
		return INT64_MAX; /* an answer wakes the loop */
	return webhook->look_ms > webhook->rest_ms ? webhook->look_ms : webhook->rest_ms;
}

/* --- beginning and end ----------------------------------------------------------- */

enum err_kind webhook_new(struct dq *dq, struct webhook **ret_webhook, struct err *err)
{
	struct webhook *webhook;

	if (!dq->target)
		return ERR_OK;
	webhook = calloc(1, sizeof(*webhook));
	if (!webhook)
		return err_set(err, ERR_NOMEM, "out of memory");
	webhook->dq = dq;
	webhook->random = (uint64_t)dq->now.unix_ms;
	webhook->look_ms = webhook->rest_ms = dq->now.mono_ms;
	webhook->hook = (struct ledger_hook){ .name = dq->target->name,
		.wants_stored = dq->target->wants[NOTICE_STORED],
		.wants_failed = dq->target->wants[NOTICE_FAILED],
		.wants_done = dq->target->wants[NOTICE_DONE],
		.tell = tell };
	TAILQ_INIT(&webhook->heard);
	session_deliver_to(dq, &webhook->hook);
	*ret_webhook = webhook;
	return ERR_OK;
}

static bool count_left(void *payload, const struct delivery *delivery)
{
	size_t *left = payload;

	(void)delivery;
	(*left)++;
	return true;
}

static void tell_left(struct webhook *webhook)
{
	const struct dq *dq = webhook->dq;
	const struct delivery_filter waiting = { .hook = dq->target->name,
		.has_states = true,
		.states = { [DELIVERY_WAITING] = true } };
	struct err err;

	webhook->sent.left = webhook->n_heard;
	(void)ledger_deliveries(
	    dq->ledger, &waiting, count_left, &webhook->sent.left, &err);
	if (webhook->sent.left > 0)
		session_note(webhook->dq,
		    "not delivered to the webhook yet: %zu; they wait in the ledger for "
		    "the next run with it",
		    webhook->sent.left);
	if (webhook->n_heard + webhook->n_dropped > 0)
		session_note(webhook->dq,
		    "events that could not be written down for the webhook: %zu",
		    webhook->n_heard + webhook->n_dropped);
}

/* Is there something that a wait would bring on? Each is tried once. */
static bool has_more(const struct webhook *webhook)
{
	return webhook->n_under_way > 0 ||
	    (!webhook->is_failing &&
		webhook_next_ms(webhook) <= webhook->dq->now.mono_ms);
}

void webhook_end(struct webhook *webhook, int64_t until_ms)
{
	struct dq *dq = webhook->dq;
	struct err err;

	session_read_clocks(dq);
	webhook->look_ms = dq->now.mono_ms;
	if (webhook->is_failing)
		(void)write_all(webhook, &err);
	else
		webhook_step(webhook);
	while (has_more(webhook) && dq->now.mono_ms < until_ms &&
	    !atomic_load(&dq->is_interrupted)) {
		const int64_t next_ms = webhook_next_ms(webhook);

		if (session_wait(
			dq, next_ms < until_ms ? next_ms : until_ms, false, &err) ||
		    net_perform(dq->net, &err))
			break;
		if (!webhook->is_failing)
			webhook_step(webhook);
	}
	tell_left(webhook);
}

struct dq_webhook_sent webhook_sent(const struct webhook *webhook)
{
	return webhook->sent;
}

const struct err *webhook_trouble(const struct webhook *webhook)
{
	return &webhook->trouble;
}

/* What it has is due again: nobody knows whether it has arrived. */
static void give_back(struct webhook *webhook)
{
	const struct delivery_end end = { .state = DELIVERY_WAITING,
		.due_unix_ms = webhook->dq->now.unix_ms };

	for (size_t i = 0; i < WEBHOOK_AT_ONCE; i++)
		if (webhook->places[i].post) {
			post_abandon(webhook->places[i].post);
			settle(webhook, webhook->places[i].number, &end);
		}
}

void webhook_free(struct webhook *webhook)
{
	struct heard *heard;

	if (!webhook)
		return;
	give_back(webhook);
	session_deliver_to(webhook->dq, NULL);
	while ((heard = TAILQ_FIRST(&webhook->heard))) {
		TAILQ_REMOVE(&webhook->heard, heard, others);
		heard_free(heard);
	}
	free(webhook);
}
