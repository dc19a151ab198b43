/*
 * service.h - one service that makes images and videos, as the core sees it: what can be
 * asked of it, and what comes of that. How it names tasks on the wire, signs, batches and
 * words a refusal is its own affair.
 *
 *   service_open(ops, &setup, &service, &err)
 *   service_poll(service, questions, n, on_polled, payload, &err)
 *           ... the loop runs ...                 on_polled(payload, &polled), once
 *   service_free(service)                         nothing is called back any more
 *
 * service_poll(), _browse(), _files(), _send(), _cancel(), _credit() and _statement()
 * return at once. With ERR_OK the outcome comes exactly once, on the loop's thread, never
 * before they return; with an error nothing has left and nothing comes. Errors are
 * classified behind this and decided upon by the caller.
 *
 * What a service has to do for it is in service_ops.h. Loop's thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/balance.h"
#include "model/task.h"

/*
 * The service's notes about one id, from poll to poll; zeroed at first. Whoever asks
 * keeps them, and neither reads nor changes them: to forget is to zero them.
 */
struct service_memory {
	int64_t words[10];
};

/* --- asking for tasks --------------------------------------------------------------- */

/* One id that is asked for. What it points to is borrowed until the outcome. */
struct service_question {
	const char *id;
	const char
	    *other_id; /* what it is called, too, as other_id() chose; NULL: nothing */
	const struct service_memory *memory;
	bool was_shown; /* the service has accepted it or shown it before */
};

/* What speaks against a record's being of who asked for it. */
enum service_doubt_kind {
	SERVICE_UNDOUBTED, /* nothing; or there is no record */
	SERVICE_CONTRADICTED, /* another record or question of this request has a claim */
	SERVICE_OF_A_STRANGER, /* it carries the name of nobody who was asked for */
};
struct service_doubt {
	enum service_doubt_kind kind;
	const char *other; /* whose it may be; lives as long as the outcome */
};

/* What an answer says of one id. */
struct service_seen {
	/*
	 * New, judged: its state is to be believed as it is. TASK_UNKNOWN: the service
	 * does not know it, which proves nothing yet; TASK_NOT_FOUND: it does. Complete
	 * but for `account` and `prompt`; submit_id is the id that was asked for. Taken
	 * by who sets it to NULL.
	 */
	struct task *task;
	/* Without a task. ERR_CONTRACT: its record can't be read. ERR_NET: one that may
	 * be its own can't; this poll tells nothing. ERR_NOMEM. */
	struct err why;
	struct service_memory memory; /* from now on, when this poll is believed */
	unsigned absences; /* polls in a row that did not know it; 0: this one does */
	int64_t absent_since_ms; /* the first of them, on the service's clock */
	bool has_other_way; /* it is absent, and was not asked for in every way yet */
	bool wants_other_id; /* the next question would ask by other_id, had it one */
	struct service_doubt doubt;
};

struct service_polled {
	/*
	 * ERR_OK: `seen` has one for each question, in their order. Else how the request
	 * failed as a whole: ERR_NET (5xx, a page, nothing, cut), ERR_BUSY (slow down;
	 * retry_after_ms), ERR_AUTH, ERR_ACCOUNT, ERR_CONTRACT, ERR_NOMEM, ERR_CANCELLED.
	 */
	struct err err;
	struct service_seen *seen; /* lives until the callback returns */
	size_t n;
	int64_t server_unix_ms; /* the service's clock; -1: not told */
	size_t mended; /* parts of the answer that could not be read and were left out */
	bool asks_login; /* a dead login looks like this, too: credit() tells */
	bool could_be_size; /* fewer ids may fare better; never with a single one */
	bool is_lag; /* ERR_BUSY: the service is behind its own submits, and catches up */
	/* The service refused this way of asking, which says that it knows none of these
	 * ids, and nothing of how it fares. */
	bool was_refused;
};
typedef void service_on_polled(void *payload, const struct service_polled *polled);

/* --- what an account has ---------------------------------------------------------------
 *
 * A service may list the tasks of the account, wherever they were made, the newest first
 * and page by page; more than one listing may be there, of which none is complete.
 */
enum { SERVICE_CURSOR_MAX = 128 /* bytes */ };

struct service_place {
	const char *listing; /* its name */
	const char
	    *cursor; /* of the page before, or of a run before; NULL: the first page */
	unsigned count; /* at most so many, 1 to page_max; the service may give fewer */
};

/* One of a page. */
struct service_found {
	/*
	 * Judged as that of a poll is; submit_id is the best name that it has. Taken by
	 * who sets it to NULL.
	 */
	struct task *task;
};

struct service_browsed {
	struct err
	    err; /* as that of a poll (service_polled); ERR_OK: the page was read */
	struct service_found *found; /* lives until the callback returns */
	size_t n;
	const char *next; /* cursor of the page behind it; NULL: none was told */
	bool has_more; /* there is one, it says */
	size_t left_out; /* records that could not be read, or have no name */
	int64_t server_unix_ms; /* -1: not told */
	bool asks_login, is_lag; /* as those of a poll */
	bool could_be_size; /* a smaller page may fare better */
};
typedef void service_on_browsed(void *payload, const struct service_browsed *browsed);

/* --- files by their names -----------------------------------------------------------
 *
 * What a poll shows of a file may not be the best that the service has; and a file may
 * outlive the record that named it. A service may answer for many by their names.
 */
enum service_files {
	SERVICE_ORIGINALS, /* of films, by what `item` of their asset says */
	SERVICE_IMAGES, /* by their uris */
	SERVICE_FILMS, /* the same */
	SERVICE_FILES
};

/* What it points to is borrowed until the outcome. */
struct service_file {
	const char *name;
	const char *uri; /* ORIGINALS: of the asset; an item of another film is no answer
			  */
};

/* What an answer says of one. */
struct service_offer {
	/* All that can be had, at least one of them with a link; the first is what its
	 * record would show. NULL: nothing. Lives until the callback returns. */
	const struct asset *asset;
};

struct service_offered {
	/* As that of a poll (service_polled), and ERR_NOT_FOUND: it has none of these, it
	 * says. ERR_OK: `offers` has one for each. */
	struct err err;
	const struct service_offer *offers;
	size_t n;
	int64_t server_unix_ms; /* -1: not told */
	bool asks_login, is_lag; /* as those of a poll */
	bool could_be_size; /* fewer files may fare better; never with a single one */
};
typedef void service_on_offered(void *payload, const struct service_offered *offered);

/* --- settings ----------------------------------------------------------------------- */

/* Everything about the service that may change, each a row with a name and a text. The
 * names "api_base" and "submit_base" (http or https, a host) every service has. */
struct service_settings;

/* What everybody may want to know of them; texts live until the next change. */
struct service_traits {
	const char *address, *submit_address; /* of requests; of submits */
	const char *region;
	const char *cookie_domain; /* whose cookies are a login; NULL: nobody's */
	unsigned batch_max; /* ids in one request, 1 or more */
	unsigned page_max; /* tasks in one page, 1 or more */
	unsigned files_max; /* files asked for by name in one request, 1 or more */
	unsigned assets_max; /* of one task, those beyond are left out */
	unsigned stall_seconds; /* a transfer without a byte for so long is cut */
	/* A file that brings less than 1 KiB/s for so long gives way to others. */
	unsigned slow_seconds;
	/* How many times as fast as ours the service's clock runs: 1, but of an emulator.
	 */
	unsigned time_scale;
};

/* What one run needs of the caller; all of it is borrowed until free(), but the
 * credential, which is copied, kept out of core dumps and wiped at the end. */
struct service_setup {
	struct net *net;
	const struct service_settings *settings;
	const char *credential;
	int64_t (*now_ms)(
	    const void *payload); /* on the service's clock, only ever grows */
	const void *payload;
};

/* --- submits ------------------------------------------------------------------------ */

/* What became of a submit. The question is about money: was something started? */
enum sent_outcome {
	SENT_ACCEPTED,
	SENT_UNCLEAR, /* nobody knows: ask for it, never send it again */
	SENT_REFUSED, /* this request will never be accepted */
	SENT_LATER, /* too many are running, slow down: the same again, later */
	SENT_ACCOUNT, /* login, credit, risk: nothing is wrong with the request */
	SENT_NEVER_LEFT, /* no byte has reached the service */
};

struct service_sent {
	enum sent_outcome outcome;
	/* ERR_OK only when it was accepted. ERR_BUSY, ERR_AUTH and ERR_ACCOUNT are a
	 * reason for other submits to wait, whatever became of this one. */
	struct err err;
	enum fail_class fail_class; /* of a refusal */
	const char *fail_code; /* the service's word for it, for the record; NULL none */
	const char *reason; /* a few static words about a refusal; NULL: see err */
	/* What the answer calls the task; NULL none. */
	const char *submit_id, *history_id;
	int64_t credits; /* what it costs, by the answer; -1 not told */
};
/* What is to be made. */
struct service_request {
	const char *submit_id; /* ours, on disk already */
	int64_t made_unix_ms; /* when somebody wanted it */
	enum media_kind kind; /* image or video */
	const char *prompt;
	const char *ratio; /* NULL: 1:1 */
	const char *model; /* NULL: that of the settings */
	int duration_s; /* video; 0 not given */
	const char *extra_json; /* an object merged over the body; NULL none */
	const char *const *sets; /* "key=value", NULL-terminated; may be NULL */
};
typedef void service_on_sent(void *payload, const struct service_sent *sent);

/*
 * What a body asks for: how it is made, and what decides its price. Two of one kind with
 * equal `terms` cost the same. Malloc'ed.
 */
struct service_asked {
	enum task_mode mode;
	char *model; /* NULL: the body names none */
	char *terms;
};

/* --- taking back -------------------------------------------------------------------- */

struct service_cancelled {
	/*
	 * ERR_OK: the service will stop it. ERR_FAILED: it has refused, readably, and
	 * says why. ERR_BUSY, ERR_AUTH, ERR_ACCOUNT: refused for other reasons, now. Else
	 * nobody knows. Only asking for the task tells what has become of it; to ask
	 * for the same again does no harm.
	 */
	struct err err;
};
typedef void service_on_cancelled(
    void *payload, const struct service_cancelled *cancelled);

/* --- the login, and the account's credits ------------------------------------------- */

struct service_credit {
	struct err err; /* ERR_OK: the login holds; ERR_AUTH: it is refused */
	struct balance balance;
	int64_t server_unix_ms; /* -1: not told */
};
typedef void service_on_credit(void *payload, const struct service_credit *credit);

/* A page of what came and went, the newest first. */
struct service_statement {
	struct err err;
	const struct credit_entry *entries; /* live until the callback returns */
	size_t n;
	const char *next; /* cursor of the page behind it; NULL: there is none */
	size_t left_out; /* entries that could not be read */
};
typedef void service_on_statement(
    void *payload, const struct service_statement *statement);

/* --- one service -------------------------------------------------------------------- */

struct service_ops;
struct service;

extern const struct service_ops service_jimeng;

/* Finds the one that has this region; without one that has it, or for NULL, the first. */
const struct service_ops *service_find(const char *region);

/* --- what is asked without one that is open ----------------------------------------- */

/* The defaults. */
enum err_kind service_settings_new(const struct service_ops *ops,
    struct service_settings **ret_settings, struct err *err);
/* ERR_USAGE: no such name (the nearest is named), or a bad value. */
enum err_kind service_settings_set(const struct service_ops *ops,
    struct service_settings *settings, const char *name, const char *value,
    struct err *err);
/* NULL is fine. */
void service_settings_free(
    const struct service_ops *ops, struct service_settings *settings);
/* NULL after the last. */
const char *service_setting_name_at(const struct service_ops *ops, size_t i);
struct service_traits service_traits_of(
    const struct service_ops *ops, const struct service_settings *settings);

/*
 * A login in any form that people have, as the credential that requests carry; malloc'ed,
 * to be wiped. *ret_expires_unix: 0 unknown. ERR_AUTH, with what to do, and nothing of it
 * in the message.
 */
enum err_kind service_read_credential(const struct service_ops *ops,
    const struct service_settings *settings, const char *text, char **ret_credential,
    int64_t *ret_expires_unix, struct err *err);
/* Reads it from a file of the user's alone. ERR_AUTH, too: there is none. */
enum err_kind service_load_credential(const struct service_ops *ops,
    const struct service_settings *settings, const char *path, char **ret_credential,
    int64_t *ret_expires_unix, struct err *err);
/*
 * What service_load_credential() reads both from again. Malloc'ed; NULL: no memory.
 */
char *service_credential_as_file(const struct service_ops *ops,
    const struct service_settings *settings, const char *credential,
    int64_t expires_unix);

/* ERR_USAGE: this service takes no submits; service_body() and _send() say so, too. */
enum err_kind service_check_send(const struct service_ops *ops, struct err *err);
/*
 * The body that would be sent, as text of JSON; malloc'ed. ERR_USAGE for what can't be
 * asked.
 */
enum err_kind service_body(const struct service_ops *ops,
    const struct service_settings *settings, const struct service_request *request,
    char **ret_body, struct err *err);

/*
 * The same body for another task: with its id, and as if it had been made then. All that
 * is asked for stays, byte for byte. malloc'ed.
 */
enum err_kind service_rename(const struct service_ops *ops, const char *body,
    const char *submit_id, int64_t made_unix_ms, char **ret_body, struct err *err);

/*
 * Ids that are asked for in different ways must not travel in one request. The way of a
 * question is below the number of ways.
 */
unsigned service_n_ways(const struct service_ops *ops);
unsigned service_way(
    const struct service_ops *ops, const struct service_question *question);
/*
 * Which of the names that the ledger keeps of a task may the service know better than its
 * id? Lives as long as the task; NULL: none.
 */
const char *service_other_id(const struct service_ops *ops, const struct task *known);
/*
 * May this be a name that the service has made for a task, beside the id that it was
 * submitted with?
 */
bool service_may_be_other_id(const struct service_ops *ops, const char *id);
/* How long does an absence last until it is believed, on the service's clock? */
int64_t service_absence_ms(const struct service_ops *ops, bool was_shown);

/* The listings of what an account has; NULL behind the last. Without one: the first. */
const char *service_listing_at(const struct service_ops *ops, size_t i);

/* Does it answer for these? */
bool service_has_files(const struct service_ops *ops, enum service_files which);
/* Of what kind is the file that has this uri? MEDIA_UNKNOWN: it can't be one. */
enum media_kind service_kind_of_uri(const struct service_ops *ops, const char *uri);

/* --- one that is open --------------------------------------------------------------- */

enum err_kind service_open(const struct service_ops *ops,
    const struct service_setup *setup, struct service **ret_service, struct err *err);

/*
 * 1 to batch_max questions, all of one way; the array itself is copied. ERR_USAGE: too
 * many, or none.
 */
enum err_kind service_poll(struct service *service,
    const struct service_question *questions, size_t n, service_on_polled *on_polled,
    void *payload, struct err *err);
/* ERR_USAGE: this service has no such listing. The place is copied. */
enum err_kind service_browse(struct service *service, const struct service_place *place,
    service_on_browsed *on_browsed, void *payload, struct err *err);
/* 1 to files_max of them; the array is copied. ERR_USAGE: too many, none, or it does not
 * answer for these. */
enum err_kind service_files(struct service *service, enum service_files which,
    const struct service_file *files, size_t n, service_on_offered *on_offered,
    void *payload, struct err *err);
/* A body that service_body() made, or one like it. Image or video. */
enum err_kind service_send(struct service *service, enum media_kind kind,
    const char *body, service_on_sent *on_sent, void *payload, struct err *err);
/*
 * The submits under way end: their outcomes come with the next steps of the net,
 * ERR_CANCELLED where no answer had come, SENT_UNCLEAR or SENT_NEVER_LEFT.
 */
void service_give_up_sends(struct service *service);
/*
 * That a task shall not be made, of which this is known. ERR_USAGE: the service can't, or
 * has no name for it yet.
 */
enum err_kind service_cancel(struct service *service, const struct task *known,
    service_on_cancelled *on_cancelled, void *payload, struct err *err);
/* ERR_USAGE: it is no body of this service, or nobody knows what decides its prices. */
enum err_kind service_asked(const struct service_ops *ops, const char *body,
    struct service_asked *ret_asked, struct err *err);
void service_asked_release(struct service_asked *asked); /* a zeroed one owns nothing */

/* ERR_USAGE: this service can't say whether a login holds. */
enum err_kind service_credit(struct service *service, service_on_credit *on_credit,
    void *payload, struct err *err);

/*
 * At most `count` entries (1 to SERVICE_ENTRIES_MAX) from `cursor` on, which a page
 * before told; NULL: the newest. ERR_USAGE: this service keeps no such history.
 */
enum { SERVICE_ENTRIES_MAX = 100 };
enum err_kind service_statement(struct service *service, const char *cursor,
    unsigned count, service_on_statement *on_statement, void *payload, struct err *err);

/* For the requests from now on; the old one is wiped. */
enum err_kind service_set_credential(
    struct service *service, const char *credential, struct err *err);
/* Outcomes under way never come. From inside a callback, too. NULL is fine. */
void service_free(struct service *service);
