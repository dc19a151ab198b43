/*
 * service_ops.h - what a service has to do. For service/ only; service.h has the
 * promises, each function here keeps that of the one with its name there.
 *
 * A name, a region, where it is, and poll(): that is a service, of which tasks can be
 * waited for and fetched (tests/kit/made_up.c is one). All else may be left out, and what
 * is so then stands beside it. Only front.c looks whether it was.
 */
#pragma once

#include <sys/queue.h>

#include "base/secret.h"
#include "service/service.h"

struct exchange;

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

/* Settings of a service's own. */
struct service_settings_ops {
	enum err_kind (*make)(struct service_settings **ret_settings, struct err *err);
	enum err_kind (*set)(struct service_settings *settings, const char *name,
	    const char *value, struct err *err);
	void (*free)(struct service_settings *settings);
	const char *(*name_at)(size_t i);
	struct service_traits (*traits)(const struct service_settings *settings);
};

struct service_ops {
	const char *name;
	const char *const *regions; /* NULL-terminated, one at least */

	/* NULL: the addresses and the region can be set (plain.h), nothing else. */
	const struct service_settings_ops *settings;
	/*
	 * Without settings of its own: how it is. Left out (NULL, 0) are: submits go to
	 * `address`; the first region; one id a request; 20 tasks a page; 20 files by
	 * name; 256 assets; 30 s without a byte; 60 s of slowness; our own clock.
	 */
	struct service_traits plain;

	/* NULL: it is one word, that goes into requests and files as it is. */
	enum err_kind (*read_credential)(const struct service_settings *settings,
	    const char *text, char **ret_credential, int64_t *ret_expires_unix,
	    struct err *err);
	/* What read_credential() makes both of again. NULL: the credential itself. */
	char *(*credential_as_file)(const struct service_settings *settings,
	    const char *credential, int64_t expires_unix);

	unsigned n_ways; /* 0: there is but one */
	unsigned (*way)(const struct service_question *question); /* of one: NULL */
	/* NULL: it knows tasks by their ids only. */
	const char *(*other_id)(const struct task *known);
	bool (*may_be_other_id)(const char *id); /* NULL: none may */
	/* NULL: 2 minutes, 10 for what was shown. */
	int64_t (*absence_ms)(bool was_shown);

	/* Names of listings of what an account has, NULL-terminated. NULL: there is none.
	 */
	const char *const *listings;

	/*
	 * These begin what was asked for, and return. The exchange is told from the loop
	 * (exchange.h); with an error it is not touched any more.
	 */
	enum err_kind (*poll)(struct exchange *exchange, struct err *err);
	/* Of one of its listings. NULL: it has none. */
	enum err_kind (*browse)(struct exchange *exchange,
	    const struct service_place *place, struct err *err);
	/* It is asked only for what `has_files` says. NULL: for none. */
	enum err_kind (*files)(struct exchange *exchange, enum service_files which,
	    const struct service_file *files, struct err *err);
	bool has_files[SERVICE_FILES];
	enum media_kind (*kind_of_uri)(const char *uri); /* NULL: nobody knows */
	/*
	 * Both or none. NULL: no submits; ERR_USAGE before any is written down, and for
	 * one that waits from before.
	 */
	enum err_kind (*body)(const struct service_settings *settings,
	    const struct service_request *request, char **ret_body, struct err *err);
	enum err_kind (*send)(struct exchange *exchange, enum media_kind kind,
	    const char *body, struct err *err);
	/* NULL: nothing but `submit_id` (and a `subject_id` that is the same) names the
	 * task, and nothing tells the time. */
	enum err_kind (*rename)(const char *body, const char *submit_id,
	    int64_t made_unix_ms, char **ret_body, struct err *err);
	/* NULL: ERR_USAGE. */
	enum err_kind (*cancel)(
	    struct exchange *exchange, const struct task *known, struct err *err);
	/*
	 * NULL: ERR_USAGE. A poll that is refused is believed then, and a watch whose
	 * login was refused goes on when there is another one.
	 */
	enum err_kind (*credit)(struct exchange *exchange, struct err *err);
	/* NULL: ERR_USAGE. Costs are then known from polls and balances alone. */
	enum err_kind (*statement)(struct exchange *exchange, const char *cursor,
	    unsigned count, struct err *err);
	/* NULL: ERR_USAGE. No limit can be set to what submits may cost. */
	enum err_kind (*asked)(
	    const char *body, struct service_asked *ret_asked, struct err *err);
};
