/*
 * deliveries.c - as front.c, the operations of deliveries.h.
 */
#include "ledger/deliveries.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "ledger/ops.h"
#include "ledger/rules/message.h"

static const char *const state_names[DELIVERY_STATES] = {
	[DELIVERY_WAITING] = "waiting",
	[DELIVERY_SENT] = "sent",
	[DELIVERY_DEAD] = "dead",
	[DELIVERY_DROPPED] = "dropped",
};

const char *delivery_state_name(enum delivery_state state)
{
	return state_names[state];
}

bool delivery_state_parse(const char *name, enum delivery_state *ret_state)
{
	for (int i = 0; i < DELIVERY_STATES; i++) {
		if (!name || strcmp(state_names[i], name) != 0)
			continue;
		*ret_state = (enum delivery_state)i;
		return true;
	}
	return false;
}

bool delivery_matches(
    const struct delivery_filter *filter, const struct delivery *delivery)
{
	return (!filter->hook || !strcmp(filter->hook, delivery->hook)) &&
	    (!filter->message || !strcmp(filter->message, delivery->message)) &&
	    (!filter->has_states || filter->states[delivery->state]);
}

static bool is_name(const char *text, size_t max)
{
	const size_t len = text ? strnlen(text, max + 1) : 0;

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '_')
			return false;
	return len > 0 && len <= max;
}

static enum err_kind check_made(const struct delivery *made, struct err *err)
{
	if (!is_name(made->hook, LEDGER_HOOK_MAX) || !is_name(made->event, 32) ||
	    !made->account || !made->submit_id || made->index < -1 || !made->body)
		return err_set(err, ERR_USAGE, "this can't be delivered");
	if (strnlen(made->body, LEDGER_DELIVERY_BODY_MAX + 1) > LEDGER_DELIVERY_BODY_MAX)
		return err_set(err, ERR_USAGE, "more than %d MiB can't be delivered",
		    LEDGER_DELIVERY_BODY_MAX >> 20);
	return ERR_OK;
}

void ledger_deliver_to(struct ledger *ledger, const struct ledger_hook *hook)
{
	ledger->hook = hook;
}

enum err_kind ledger_deliver(
    struct ledger *ledger, const struct delivery_made *made, struct err *err)
{
	char message[MESSAGE_NAME_MAX + 1];
	struct delivery_made named = *made;

	if (check_made(&made->is, err))
		return err->kind;
	if (!message_name(message))
		return err_set(err, ERR_IO, "the system gives no random numbers");
	named.is.message = message;
	return ledger->ops->deliver(ledger, &named, err);
}

enum err_kind ledger_delivery_claim(struct ledger *ledger, const char *hook, size_t max,
    int64_t now_unix_ms, struct delivery_claims *ret_claims, struct err *err)
{
	return ledger->ops->delivery_claim(ledger, hook,
	    max < LEDGER_CLAIMS_MAX ? max : LEDGER_CLAIMS_MAX, now_unix_ms, ret_claims,
	    err);
}

enum err_kind ledger_delivery_settle(struct ledger *ledger, int64_t number,
    const struct delivery_end *end, int64_t now_unix_ms, struct err *err)
{
	char why[LEDGER_DELIVERY_WHY_MAX];
	struct delivery_end cut = *end;

	if (end->why)
		cut.why = text_copy(end->why, why, sizeof(why));
	return ledger->ops->delivery_settle(ledger, number, &cut, now_unix_ms, err);
}

enum err_kind ledger_deliveries(struct ledger *ledger,
    const struct delivery_filter *filter, ledger_on_delivery *on_delivery, void *payload,
    struct err *err)
{
	return ledger->ops->deliveries(ledger, filter, on_delivery, payload, err);
}

enum err_kind ledger_delivery_change(struct ledger *ledger,
    const struct delivery_filter *filter, enum delivery_state to, int64_t now_unix_ms,
    size_t *ret_n, struct err *err)
{
	if (to != DELIVERY_WAITING && to != DELIVERY_DROPPED)
		return err_set(err, ERR_USAGE, "nobody can say that a delivery is '%s'",
		    delivery_state_name(to));
	return ledger->ops->delivery_change(ledger, filter, to, now_unix_ms, ret_n, err);
}
