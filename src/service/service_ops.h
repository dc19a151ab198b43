/*
 * service_ops.h - what a service has to do. For service/ only; service.h has the
 * promises, each function here keeps that of the one with its name there.
 */
#pragma once

#include <sys/queue.h>

#include "base/secret.h"
#include "service/exchange.h"

/* One that is open, of which services only read. */
struct service {
	const struct service_ops *ops;
	struct net *net;
	const struct service_settings *settings;
	struct secret credential; /* goes into requests: exchange_start() */
	int64_t (*now_ms)(const void *payload);
	const void *payload; /* of now_ms */
	LIST_HEAD(exchanges, exchange) exchanges; /* under way */
};

/* What time is it on the service's clock? It only ever grows. */
static inline int64_t service_now_ms(const struct service *service)
{
	return service->now_ms(service->payload);
}

struct service_ops {
	const char *name;
	const char *const *regions; /* NULL-terminated */

	enum err_kind (*settings_new)(
	    struct service_settings **ret_settings, struct err *err);
	enum err_kind (*settings_set)(struct service_settings *settings, const char *name,
	    const char *value, struct err *err);
	void (*settings_free)(struct service_settings *settings);
	const char *(*setting_name_at)(size_t i);
	struct service_traits (*traits)(const struct service_settings *settings);

	enum err_kind (*read_credential)(const struct service_settings *settings,
	    const char *text, char **ret_credential, int64_t *ret_expires_unix,
	    struct err *err);
	/* What load_credential() reads both from again. */
	char *(*credential_as_file)(const struct service_settings *settings,
	    const char *credential, int64_t expires_unix);

	enum err_kind (*body)(const struct service_settings *settings,
	    const struct service_request *request, char **ret_body, struct err *err);

	unsigned n_ways;
	unsigned (*way)(const struct service_question *question);
	const char *(*other_id)(const struct task *known);
	bool (*may_be_other_id)(const char *id);
	int64_t (*absence_ms)(bool was_shown);

	/*
	 * They begin what was asked for, and return. The exchange is told from the loop
	 * (exchange.h); with an error it is not touched any more.
	 */
	enum err_kind (*poll)(struct exchange *exchange, struct err *err);
	enum err_kind (*send)(struct exchange *exchange, enum media_kind kind,
	    const char *body, struct err *err);
	enum err_kind (*credit)(struct exchange *exchange, struct err *err);
};
