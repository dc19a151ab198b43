#include <string.h>

#include "service/service_ops.h"

static const struct service_ops *const all[] = { &service_jimeng, NULL };

static bool has_region(const struct service_ops *ops, const char *region)
{
	for (const char *const *name = ops->regions; *name; name++)
		if (!strcmp(*name, region))
			return true;
	return false;
}

const struct service_ops *service_find(const char *region)
{
	for (size_t i = 0; region && all[i]; i++)
		if (has_region(all[i], region))
			return all[i];
	return all[0];
}

/* --- what is asked without one that is open ----------------------------------------- */

enum err_kind service_settings_new(const struct service_ops *ops,
    struct service_settings **ret_settings, struct err *err)
{
	return ops->settings_new(ret_settings, err);
}

enum err_kind service_settings_set(const struct service_ops *ops,
    struct service_settings *settings, const char *name, const char *value,
    struct err *err)
{
	return ops->settings_set(settings, name, value, err);
}

void service_settings_free(
    const struct service_ops *ops, struct service_settings *settings)
{
	ops->settings_free(settings);
}

const char *service_setting_name_at(const struct service_ops *ops, size_t i)
{
	return ops->setting_name_at(i);
}

struct service_traits service_traits_of(
    const struct service_ops *ops, const struct service_settings *settings)
{
	return ops->traits(settings);
}

enum err_kind service_read_credential(const struct service_ops *ops,
    const struct service_settings *settings, const char *text, char **ret_credential,
    int64_t *ret_expires_unix, struct err *err)
{
	return ops->read_credential(
	    settings, text, ret_credential, ret_expires_unix, err);
}

enum err_kind service_load_credential(const struct service_ops *ops,
    const struct service_settings *settings, const char *path, char **ret_credential,
    int64_t *ret_expires_unix, struct err *err)
{
	return ops->load_credential(
	    settings, path, ret_credential, ret_expires_unix, err);
}

char *service_credential_as_file(const struct service_ops *ops,
    const struct service_settings *settings, const char *credential, int64_t expires_unix)
{
	return ops->credential_as_file(settings, credential, expires_unix);
}

enum err_kind service_body(const struct service_ops *ops,
    const struct service_settings *settings, const struct service_request *request,
    char **ret_body, struct err *err)
{
	return ops->body(settings, request, ret_body, err);
}

unsigned service_n_ways(const struct service_ops *ops)
{
	return ops->n_ways;
}

unsigned service_way(
    const struct service_ops *ops, const struct service_question *question)
{
	return ops->way(question);
}

const char *service_other_id(const struct service_ops *ops, const struct task *known)
{
	return ops->other_id(known);
}

bool service_may_be_other_id(const struct service_ops *ops, const char *id)
{
	return ops->may_be_other_id(id);
}

int64_t service_absence_ms(const struct service_ops *ops, bool was_shown)
{
	return ops->absence_ms(was_shown);
}

/* --- one that is open --------------------------------------------------------------- */

enum err_kind service_open(const struct service_ops *ops,
    const struct service_setup *setup, struct service **ret_service, struct err *err)
{
	return ops->open(setup, ret_service, err);
}

enum err_kind service_poll(struct service *service,
    const struct service_question *questions, size_t n, service_on_polled *on_polled,
    void *payload, struct err *err)
{
	return service->ops->poll(service, questions, n, on_polled, payload, err);
}

enum err_kind service_send(struct service *service, enum media_kind kind,
    const char *body, service_on_sent *on_sent, void *payload, struct err *err)
{
	return service->ops->send(service, kind, body, on_sent, payload, err);
}

enum err_kind service_credit(
    struct service *service, service_on_credit *on_credit, void *payload, struct err *err)
{
	return service->ops->credit(service, on_credit, payload, err);
}

enum err_kind service_set_credential(
    struct service *service, const char *credential, struct err *err)
{
	return service->ops->set_credential(service, credential, err);
}

void service_free(struct service *service)
{
	if (service)
		service->ops->free(service);
}
