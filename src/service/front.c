/*
 * front.c - the functions of service.h: what every service needs, and what stands in for
 * that which one leaves out of its row. Nobody else looks whether it has.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/redact.h"
#include "service/exchange.h"
#include "service/plain.h"

enum {
	LOGIN_FILE_MAX = 256 << 10, /* a whole browser's cookies.txt */
	ABSENCE_MS = 2 * 60 * 1000,
	SHOWN_ABSENCE_MS = 10 * 60 * 1000,
};

static const struct service_ops *const all[] = { &service_jimeng, NULL };

const struct service_ops *service_find(const char *region)
{
	for (size_t i = 0; region && all[i]; i++)
		if (plain_has_region(all[i], region))
			return all[i];
	return all[0];
}

/* --- what is asked without one that is open ----------------------------------------- */

enum err_kind service_settings_new(const struct service_ops *ops,
    struct service_settings **ret_settings, struct err *err)
{
	return ops->settings ? ops->settings->make(ret_settings, err)
			     : plain_settings_new(ops, ret_settings, err);
}

enum err_kind service_settings_set(const struct service_ops *ops,
    struct service_settings *settings, const char *name, const char *value,
    struct err *err)
{
	return ops->settings ? ops->settings->set(settings, name, value, err)
			     : plain_settings_set(settings, name, value, err);
}

void service_settings_free(
    const struct service_ops *ops, struct service_settings *settings)
{
	if (ops->settings)
		ops->settings->free(settings);
	else
		plain_settings_free(settings);
}

const char *service_setting_name_at(const struct service_ops *ops, size_t i)
{
	return ops->settings ? ops->settings->name_at(i) : plain_setting_name_at(i);
}

struct service_traits service_traits_of(
    const struct service_ops *ops, const struct service_settings *settings)
{
	return ops->settings ? ops->settings->traits(settings) : plain_traits(settings);
}

enum err_kind service_read_credential(const struct service_ops *ops,
    const struct service_settings *settings, const char *text, char **ret_credential,
    int64_t *ret_expires_unix, struct err *err)
{
	if (!ops->read_credential)
		return plain_read_credential(text, ret_credential, ret_expires_unix, err);
	return ops->read_credential(
	    settings, text, ret_credential, ret_expires_unix, err);
}

static void wipe_buf(struct buf *text)
{
	if (text->cap)
		redact_wipe(text->data, text->cap);
	buf_release(text);
}

enum err_kind service_load_credential(const struct service_ops *ops,
    const struct service_settings *settings, const char *path, char **ret_credential,
    int64_t *ret_expires_unix, struct err *err)
{
	_cleanup_(wipe_buf) struct buf text = buf_make(LOGIN_FILE_MAX);

	if (!path || !fs_exists(path))
		return err_set(err, ERR_AUTH,
		    "there is no cookie file '%s'; run 'dreamq auth import' first",
		    path ? path : "");
	if (fs_read_secret(path, &text, err))
		return err_note(err, "cookie file");
	if (memchr(text.data, '\0', text.len))
		return err_set(
		    err, ERR_AUTH, "'%s' is not text; run 'dreamq auth import'", path);
	if (service_read_credential(
		ops, settings, text.data, ret_credential, ret_expires_unix, err))
		return err_note(err, "cookie file '%s'", path);
	return ERR_OK;
}

char *service_credential_as_file(const struct service_ops *ops,
    const struct service_settings *settings, const char *credential, int64_t expires_unix)
{
	if (!ops->credential_as_file)
		return strdup(credential);
	return ops->credential_as_file(settings, credential, expires_unix);
}

enum err_kind service_check_send(const struct service_ops *ops, struct err *err)
{
	if (ops->send)
		return ERR_OK;
	return err_set(err, ERR_USAGE, "service '%s' takes no submits", ops->name);
}

enum err_kind service_body(const struct service_ops *ops,
    const struct service_settings *settings, const struct service_request *request,
    char **ret_body, struct err *err)
{
	if (service_check_send(ops, err))
		return err->kind;
	return ops->body(settings, request, ret_body, err);
}

enum err_kind service_rename(const struct service_ops *ops, const char *body,
    const char *submit_id, int64_t made_unix_ms, char **ret_body, struct err *err)
{
	return ops->rename ? ops->rename(body, submit_id, made_unix_ms, ret_body, err)
			   : plain_rename(body, submit_id, ret_body, err);
}

enum err_kind service_asked(const struct service_ops *ops, const char *body,
    struct service_asked *ret_asked, struct err *err)
{
	if (!ops->asked)
		return err_set(err, ERR_USAGE,
		    "service '%s' can't say what its prices depend on", ops->name);
	return ops->asked(body, ret_asked, err);
}

void service_asked_release(struct service_asked *asked)
{
	free(asked->model);
	free(asked->terms);
	*asked = (struct service_asked){ 0 };
}

unsigned service_n_ways(const struct service_ops *ops)
{
	return ops->n_ways ? ops->n_ways : 1;
}

unsigned service_way(
    const struct service_ops *ops, const struct service_question *question)
{
	return ops->way ? ops->way(question) : 0;
}

const char *service_other_id(const struct service_ops *ops, const struct task *known)
{
	return ops->other_id ? ops->other_id(known) : NULL;
}

bool service_may_be_other_id(const struct service_ops *ops, const char *id)
{
	return ops->may_be_other_id && ops->may_be_other_id(id);
}

int64_t service_absence_ms(const struct service_ops *ops, bool was_shown)
{
	if (!ops->absence_ms)
		return was_shown ? SHOWN_ABSENCE_MS : ABSENCE_MS;
	return ops->absence_ms(was_shown);
}

const char *service_listing_at(const struct service_ops *ops, size_t i)
{
	return ops->listings ? ops->listings[i] : NULL;
}

static bool has_listing(const struct service_ops *ops, const char *name)
{
	for (size_t i = 0; service_listing_at(ops, i); i++)
		if (!strcmp(service_listing_at(ops, i), name))
			return true;
	return false;
}

bool service_has_files(const struct service_ops *ops, enum service_files which)
{
	return ops->files && ops->has_files[which];
}

enum media_kind service_kind_of_uri(const struct service_ops *ops, const char *uri)
{
	return ops->kind_of_uri ? ops->kind_of_uri(uri) : MEDIA_UNKNOWN;
}

/* --- one that is open --------------------------------------------------------------- */

enum err_kind service_open(const struct service_ops *ops,
    const struct service_setup *setup, struct service **ret_service, struct err *err)
{
	_cleanup_free_ struct service *service = calloc(1, sizeof(*service));

	if (!service)
		return err_set(err, ERR_NOMEM, "no memory for the service");
	service->ops = ops;
	service->net = setup->net;
	service->settings = setup->settings;
	service->now_ms = setup->now_ms;
	service->payload = setup->payload;
	LIST_INIT(&service->exchanges);
	if (secret_make(setup->credential, &service->credential, err))
		return err->kind;
	*ret_service = TAKE_PTR(service);
	return ERR_OK;
}

/* An operation could not begin: nobody is told. */
static enum err_kind begun(struct exchange *exchange, enum err_kind kind)
{
	if (kind)
		exchange_free(exchange);
	return kind;
}

enum err_kind service_poll(struct service *service,
    const struct service_question *questions, size_t n, service_on_polled *on_polled,
    void *payload, struct err *err)
{
	const unsigned max = service_traits_of(service->ops, service->settings).batch_max;
	struct exchange *exchange;

	if (n == 0 || n > max)
		return err_set(
		    err, ERR_USAGE, "a query asks for 1 to %u ids, not %zu", max, n);
	exchange = exchange_new(service, n);
	if (!exchange)
		return err_set(err, ERR_NOMEM, "out of memory for a request");
	exchange->on.polled = on_polled;
	exchange->payload = payload;
	memcpy(exchange->questions, questions, n * sizeof(*questions));
	return begun(exchange, service->ops->poll(exchange, err));
}

enum err_kind service_browse(struct service *service, const struct service_place *place,
    service_on_browsed *on_browsed, void *payload, struct err *err)
{
	const unsigned max = service_traits_of(service->ops, service->settings).page_max;
	struct exchange *exchange;

	if (!has_listing(service->ops, place->listing))
		return err_set(err, ERR_USAGE,
		    "service '%s' can't list '%.40s' of an account", service->ops->name,
		    place->listing);
	if (place->count == 0 || place->count > max)
		return err_set(err, ERR_USAGE, "a page has 1 to %u tasks, not %u", max,
		    place->count);
	exchange = exchange_new(service, 0);
	if (!exchange)
		return err_set(err, ERR_NOMEM, "out of memory for a request");
	exchange->on.browsed = on_browsed;
	exchange->payload = payload;
	return begun(exchange, service->ops->browse(exchange, place, err));
}

/* NOLINTNEXTLINE(readability-function-size): the contract of service.h */
enum err_kind service_files(struct service *service, enum service_files which,
    const struct service_file *files, size_t n, service_on_offered *on_offered,
    void *payload, struct err *err)
{
	const unsigned max = service_traits_of(service->ops, service->settings).files_max;
	struct exchange *exchange;

	if (!service_has_files(service->ops, which))
		return err_set(err, ERR_USAGE,
		    "service '%s' can't say where a file of this kind is",
		    service->ops->name);
	if (n == 0 || n > max)
		return err_set(err, ERR_USAGE,
		    "1 to %u files can be asked for at once, not %zu", max, n);
	exchange = exchange_new(service, 0);
	if (!exchange)
		return err_set(err, ERR_NOMEM, "out of memory for a request");
	exchange->n = n;
	exchange->on.offered = on_offered;
	exchange->payload = payload;
	return begun(exchange, service->ops->files(exchange, which, files, err));
}

enum err_kind service_send(struct service *service, enum media_kind kind,
    const char *body, service_on_sent *on_sent, void *payload, struct err *err)
{
	struct exchange *exchange;

	if (service_check_send(service->ops, err))
		return err->kind;
	exchange = exchange_new(service, 0);
	if (!exchange)
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	exchange->on.sent = on_sent;
	exchange->payload = payload;
	exchange->is_send = true;
	return begun(exchange, service->ops->send(exchange, kind, body, err));
}

void service_give_up_sends(struct service *service)
{
	const struct exchange *exchange = LIST_FIRST(&service->exchanges);

	for (; exchange; exchange = LIST_NEXT(exchange, others))
		if (exchange->is_send && exchange->request)
			net_cancel(exchange->request);
}

enum err_kind service_cancel(struct service *service, const struct task *known,
    service_on_cancelled *on_cancelled, void *payload, struct err *err)
{
	const struct service_ops *ops = service->ops;
	struct exchange *exchange;

	if (!ops->cancel)
		return err_set(err, ERR_USAGE,
		    "service '%s' takes no task back once it has it", ops->name);
	exchange = exchange_new(service, 0);
	if (!exchange)
		return err_set(err, ERR_NOMEM, "out of memory for a request");
	exchange->on.cancelled = on_cancelled;
	exchange->payload = payload;
	return begun(exchange, ops->cancel(exchange, known, err));
}

enum err_kind service_credit(
    struct service *service, service_on_credit *on_credit, void *payload, struct err *err)
{
	const struct service_ops *ops = service->ops;
	struct exchange *exchange;

	if (!ops->credit)
		return err_set(err, ERR_USAGE,
		    "service '%s' can't say whether a login holds", ops->name);
	exchange = exchange_new(service, 0);
	if (!exchange)
		return err_set(err, ERR_NOMEM, "out of memory for a request");
	exchange->on.credit = on_credit;
	exchange->payload = payload;
	return begun(exchange, ops->credit(exchange, err));
}

enum err_kind service_statement(struct service *service, const char *cursor,
    unsigned count, service_on_statement *on_statement, void *payload, struct err *err)
{
	const struct service_ops *ops = service->ops;
	struct exchange *exchange;

	if (!ops->statement)
		return err_set(err, ERR_USAGE, "service '%s' keeps no history of credits",
		    ops->name);
	if (count == 0 || count > SERVICE_ENTRIES_MAX)
		return err_set(err, ERR_USAGE,
		    "a page of that history has 1 to %d entries, not %u",
		    SERVICE_ENTRIES_MAX, count);
	exchange = exchange_new(service, 0);
	if (!exchange)
		return err_set(err, ERR_NOMEM, "out of memory for a request");
	exchange->on.statement = on_statement;
	exchange->payload = payload;
	return begun(exchange, ops->statement(exchange, cursor, count, err));
}

enum err_kind service_set_credential(
    struct service *service, const char *credential, struct err *err)
{
	struct secret fresh;

	if (secret_make(credential, &fresh, err))
		return err->kind;
	secret_release(&service->credential);
	service->credential = fresh;
	return ERR_OK;
}

/* Cancelled transfers end in one step; inside a callback, right after it. */
void service_free(struct service *service)
{
	struct exchange *exchange;
	bool is_asked = false;
	struct err ignored;

	if (!service)
		return;
	while ((exchange = LIST_FIRST(&service->exchanges))) {
		is_asked |= exchange->request != NULL;
		exchange_abandon(exchange);
	}
	if (is_asked)
		(void)net_step(service->net, 0, &ignored);
	secret_release(&service->credential);
	free(service);
}
