#include "made_up_send.h"

#include <stdio.h>
#include <string.h>

static enum sent_outcome outcome_of(const struct err *why, bool sent)
{
	if (!sent)
		return SENT_NEVER_LEFT;
	if (!why->kind)
		return SENT_ACCEPTED;
	return why->kind == ERR_AUTH ? SENT_ACCOUNT : SENT_UNCLEAR;
}

static void finish_send(struct exchange *exchange, const struct reply *reply)
{
	const struct err why = made_up_fared(reply);
	const struct service_sent sent = {
		.err = why, .outcome = outcome_of(&why, reply->sent), .credits = -1
	};

	exchange_sent(exchange, &sent);
}

void made_up_finish_credit(struct exchange *exchange, const struct reply *reply)
{
	const struct err why = made_up_fared(reply);
	struct service_credit credit = { why, balance_make(), -1 };

	credit.balance.total = why.kind ? -1 : 1;
	exchange_credited(exchange, &credit);
}

static enum err_kind body(const struct service_settings *settings,
    const struct service_request *request, char **ret_body, struct err *err)
{
	(void)settings;
	if (request->kind != MEDIA_IMAGE)
		return err_set(err, ERR_USAGE, "only images");
	if (asprintf(ret_body, "{\"submit_id\":\"%s\"}", request->submit_id) < 0)
		return err_set(err, ERR_NOMEM, "out of memory");
	return ERR_OK;
}

static enum err_kind send(
    struct exchange *exchange, enum media_kind kind, const char *body, struct err *err)
{
	if (kind != MEDIA_IMAGE || !body)
		return err_set(err, ERR_USAGE, "only images");
	return made_up_start(exchange, "send", finish_send, err);
}

static enum err_kind credit(struct exchange *exchange, struct err *err)
{
	return made_up_start(exchange, "credit", made_up_finish_credit, err);
}

static enum err_kind read_credential(const struct service_settings *settings,
    const char *text, char **ret_credential, int64_t *ret_expires_unix, struct err *err)
{
	(void)settings;
	if (strncmp(text, "word=", 5) != 0)
		return err_set(err, ERR_AUTH, "a login is 'word=...'");
	*ret_credential = strndup(text, strcspn(text, "\n"));
	*ret_expires_unix = 0;
	return *ret_credential ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

static const char *const regions[] = { "anywhere", NULL };

const struct service_ops service_made_up_send = {
	.name = "made-up-send",
	.regions = regions,
	.plain = { .batch_max = MADE_UP_BATCH_MAX, .assets_max = 1 },
	.read_credential = read_credential,
	.absence_ms = made_up_absence_ms,
	.poll = made_up_poll,
	.body = body,
	.send = send,
	.credit = credit,
};
