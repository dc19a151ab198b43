#include <stdlib.h>

#include "base/cleanup.h"
#include "service/jimeng/jimeng.h"
#include "service/jimeng/read/fate.h"
#include "service/jimeng/read/retcode.h"
#include "service/jimeng/read/verdict.h"

static struct jimeng *of(struct service *service)
{
	return (struct jimeng *)service; /* its first member */
}

/* --- what is under way -------------------------------------------------------------- */

ANALYZER_LOSES_SIGHT
struct errand *errand_begin(struct jimeng *jimeng, size_t n_askings)
{
	struct errand *errand =
	    calloc(1, sizeof(*errand) + n_askings * sizeof(struct asking));

	if (!errand)
		return NULL;
	errand->jimeng = jimeng;
	errand->n = n_askings;
	LIST_INSERT_HEAD(&jimeng->errands, errand, others);
	return errand;
}

ANALYZER_SEES_AGAIN

void errand_end(struct errand *errand)
{
	LIST_REMOVE(errand, others);
}

/* --- submits ------------------------------------------------------------------------ */

static void on_submit(void *payload, const struct submit_outcome *outcome)
{
	_cleanup_free_ struct errand *errand = payload;
	const struct service_sent sent = {
		.outcome = fate_of(outcome),
		.err = outcome->err,
		.fail_class = fate_fail_class(outcome->ret),
		.fail_code = outcome->ret && outcome->ret[0] ? outcome->ret : NULL,
		.reason = retcode_text(outcome->ret),
		.submit_id = outcome->submit_id,
		.history_id = outcome->history_id,
	};

	errand_end(errand);
	errand->on.sent(errand->payload, &sent);
}

static enum err_kind jimeng_send(struct service *service, enum media_kind kind,
    const char *body, service_on_sent *on_sent, void *payload, struct err *err)
{
	struct errand *errand = errand_begin(of(service), 0);

	if (!errand)
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	errand->on.sent = on_sent;
	errand->payload = payload;
	if (!api_submit(of(service)->api, kind, body, on_submit, errand, err))
		return ERR_OK;
	errand_end(errand);
	free(errand);
	return err->kind;
}

/* --- login and life ----------------------------------------------------------------- */

static enum err_kind jimeng_credit(
    struct service *service, service_on_credit *on_credit, void *payload, struct err *err)
{
	return api_credit(of(service)->api, on_credit, payload, err);
}

static enum err_kind jimeng_set_credential(
    struct service *service, const char *credential, struct err *err)
{
	return api_set_cookie(of(service)->api, credential, err);
}

static void jimeng_free(struct service *service)
{
	struct jimeng *jimeng = of(service);
	struct errand *errand;

	if (!service)
		return;
	api_free(jimeng->api);
	while ((errand = LIST_FIRST(&jimeng->errands))) {
		errand_end(errand);
		free(errand);
	}
	free(jimeng);
}

const struct service_ops service_jimeng = {
	.name = "jimeng",
	.n_ways = 2,
	.way = jimeng_way,
	.other_id = jimeng_other_id,
	.absence_ms = verdict_absence_ms,
	.poll = jimeng_poll,
	.send = jimeng_send,
	.credit = jimeng_credit,
	.set_credential = jimeng_set_credential,
	.free = jimeng_free,
};

enum err_kind jimeng_open(struct net *net, const struct wire *wire, const char *cookie,
    struct service **ret_service, struct err *err)
{
	_cleanup_free_ struct jimeng *jimeng = calloc(1, sizeof(*jimeng));

	if (!jimeng)
		return err_set(err, ERR_NOMEM, "no memory for the service");
	jimeng->service.ops = &service_jimeng;
	jimeng->wire = wire;
	LIST_INIT(&jimeng->errands);
	if (api_new(net, wire, cookie, &jimeng->api, err))
		return err->kind;
	*ret_service = &TAKE_PTR(jimeng)->service;
	return ERR_OK;
}
