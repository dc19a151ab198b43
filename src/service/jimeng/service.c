#include <stdlib.h>

#include "base/cleanup.h"
#include "model/taskid.h"
#include "service/jimeng/jimeng.h"
#include "service/jimeng/read/retcode.h"
#include "service/jimeng/read/sent.h"
#include "service/jimeng/read/verdict.h"
#include "service/jimeng/send/cookie.h"

static struct jimeng *of(struct service *service)
{
	return (struct jimeng *)service; /* its first member */
}

static const struct wire *wire_of(const struct service_settings *settings)
{
	return (const struct wire *)settings;
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
		.outcome = sent_outcome_of(outcome),
		.err = outcome->err,
		.fail_class = sent_fail_class(outcome->ret),
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

static enum err_kind jimeng_open(
    const struct service_setup *setup, struct service **ret_service, struct err *err)
{
	_cleanup_free_ struct jimeng *jimeng = calloc(1, sizeof(*jimeng));

	if (!jimeng)
		return err_set(err, ERR_NOMEM, "no memory for the service");
	jimeng->service.ops = &service_jimeng;
	jimeng->now_ms = setup->now_ms;
	jimeng->payload = setup->payload;
	LIST_INIT(&jimeng->errands);
	if (api_new(setup->net, wire_of(setup->settings), setup->credential, &jimeng->api,
		err))
		return err->kind;
	*ret_service = &TAKE_PTR(jimeng)->service;
	return ERR_OK;
}

/* --- settings, and what is made from them alone ---------------------------------- */

static enum err_kind settings_new(struct service_settings **ret_settings, struct err *err)
{
	struct wire *wire;

	if (wire_new(&wire, err))
		return err->kind;
	*ret_settings = (struct service_settings *)wire;
	return ERR_OK;
}

static enum err_kind settings_set(struct service_settings *settings, const char *name,
    const char *value, struct err *err)
{
	return wire_set((struct wire *)settings, name, value, err);
}

static void settings_free(struct service_settings *settings)
{
	wire_free((struct wire *)settings);
}

static struct service_traits traits(const struct service_settings *settings)
{
	const struct wire *wire = wire_of(settings);

	return (struct service_traits){
		.address = wire->api_base,
		.submit_address = wire->submit_base,
		.region = wire->region,
		.batch_max = wire->batch_max,
		.assets_max = ANSWER_ASSETS_MAX,
		.stall_seconds = wire->stall_seconds,
		.slow_seconds = wire->slow_seconds,
		.time_scale = wire->time_scale,
	};
}

static enum err_kind read_credential(const struct service_settings *settings,
    const char *text, char **ret_credential, int64_t *ret_expires_unix, struct err *err)
{
	return cookie_parse(
	    text, wire_of(settings)->api_base, ret_credential, ret_expires_unix, err);
}

static enum err_kind load_credential(const struct service_settings *settings,
    const char *path, char **ret_credential, int64_t *ret_expires_unix, struct err *err)
{
	return cookie_load(
	    path, wire_of(settings)->api_base, ret_credential, ret_expires_unix, err);
}

static char *credential_as_file(
    const struct service_settings *settings, const char *credential, int64_t expires_unix)
{
	return cookie_as_file(credential, expires_unix, wire_of(settings)->api_base);
}

static enum err_kind body(const struct service_settings *settings,
    const struct service_request *request, char **ret_body, struct err *err)
{
	return api_submit_body(wire_of(settings), request, ret_body, err);
}

static const char *const regions[] = { "cn", NULL };

const struct service_ops service_jimeng = {
	.name = "jimeng",
	.regions = regions,
	.settings_new = settings_new,
	.settings_set = settings_set,
	.settings_free = settings_free,
	.setting_name_at = wire_name_at,
	.traits = traits,
	.read_credential = read_credential,
	.load_credential = load_credential,
	.credential_as_file = credential_as_file,
	.body = body,
	.open = jimeng_open,
	.n_ways = 2,
	.way = jimeng_way,
	.other_id = jimeng_other_id,
	.may_be_other_id = taskid_is_history,
	.absence_ms = verdict_absence_ms,
	.poll = jimeng_poll,
	.send = jimeng_send,
	.credit = jimeng_credit,
	.set_credential = jimeng_set_credential,
	.free = jimeng_free,
};
