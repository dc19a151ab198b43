/*
 * service_ops.h - what a service has to do. For service/ only; service.h has the
 * promises, each function here keeps that of the one with its name there.
 */
#pragma once

#include "service/service.h"

/* The first member of every service. */
struct service {
	const struct service_ops *ops;
};

struct service_ops {
	const char *name;
	const char *const *regions; /* NULL-terminated */

	/* The defaults. */
	enum err_kind (*settings_new)(
	    struct service_settings **ret_settings, struct err *err);
	/* ERR_USAGE: no such name (the nearest is named), or a bad value. */
	enum err_kind (*settings_set)(struct service_settings *settings, const char *name,
	    const char *value, struct err *err);
	void (*settings_free)(struct service_settings *settings); /* NULL is fine */
	const char *(*setting_name_at)(size_t i); /* NULL after the last */
	struct service_traits (*traits)(const struct service_settings *settings);

	/*
	 * A login in any form that people have, as the credential that requests carry;
	 * malloc'ed, to be wiped. *ret_expires_unix: 0 unknown. ERR_AUTH, with what to
	 * do, and nothing of it in the message. From a file of the user's alone, too.
	 */
	enum err_kind (*read_credential)(const struct service_settings *settings,
	    const char *text, char **ret_credential, int64_t *ret_expires_unix,
	    struct err *err);
	enum err_kind (*load_credential)(const struct service_settings *settings,
	    const char *path, char **ret_credential, int64_t *ret_expires_unix,
	    struct err *err);
	/* What load_credential() reads both from again. Malloc'ed; NULL: no memory. */
	char *(*credential_as_file)(const struct service_settings *settings,
	    const char *credential, int64_t expires_unix);

	/* Pure: the body that would be sent, as text of JSON; malloc'ed. ERR_USAGE for
	 * what can't be asked. */
	enum err_kind (*body)(const struct service_settings *settings,
	    const struct service_request *request, char **ret_body, struct err *err);

	enum err_kind (*open)(const struct service_setup *setup,
	    struct service **ret_service, struct err *err);

	/* Pure: way() is below this. Ids that are asked for in different ways must not
	 * travel in one request. */
	unsigned n_ways;
	unsigned (*way)(const struct service_question *question);
	/* Pure: which of the names that the ledger keeps of a task the service may know
	 * better than its id. Lives as long as the task; NULL: none. */
	const char *(*other_id)(const struct task *known);
	/* Pure: may this be a name that the service has made for a task, beside the id
	 * that it was submitted with? */
	bool (*may_be_other_id)(const char *id);
	/* Pure: how long an absence lasts until it is believed, on the service's clock.
	 */
	int64_t (*absence_ms)(bool was_shown);

	/* 1 to batch_max questions, all of one way(); the array itself is copied. */
	enum err_kind (*poll)(struct service *service,
	    const struct service_question *questions, size_t n,
	    service_on_polled *on_polled, void *payload, struct err *err);
	/* A body that body() made, or one like it. Image or video. */
	enum err_kind (*send)(struct service *service, enum media_kind kind,
	    const char *body, service_on_sent *on_sent, void *payload, struct err *err);
	enum err_kind (*credit)(struct service *service, service_on_credit *on_credit,
	    void *payload, struct err *err);

	/* For the requests from now on; the old one is wiped. */
	enum err_kind (*set_credential)(
	    struct service *service, const char *credential, struct err *err);
	/* Outcomes under way never come. From inside a callback, too. NULL is fine. */
	void (*free)(struct service *service);
};
