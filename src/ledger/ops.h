/*
 * ops.h - what a back end of the ledger does: every promise of ledger.h, list.h,
 * deliveries.h, errands.h, past.h and walk.h that is not made of others. Nobody else
 * includes it.
 *
 * front/ asks what may be asked of a call whatever the back end (is this an id?), and
 * passes it on. Every row promises what they say of the function of that name. What
 * is decided the same everywhere is in rules/. tests/conformance/ledger/ runs against
 * each.
 */
#pragma once

#include "ledger/deliveries.h"
#include "ledger/errands.h"
#include "ledger/lease.h"
#include "ledger/list.h"
#include "ledger/marks.h"
#include "ledger/past.h"
#include "ledger/walk.h"

struct ledger_ops;

/* The first member of what a back end has of its own. */
struct ledger {
	const struct ledger_ops *ops;
	const struct ledger_hook *hook; /* who is told of what it writes; NULL: nobody */
};

struct ledger_ops {
	const char *scheme; /* what stands before the ':' of its urls */
	/* *ret_ledger->ops is set. */
	enum err_kind (*open)(const char *url, const struct ledger_options *options,
	    struct ledger **ret_ledger, struct err *err);
	void (*close)(struct ledger *ledger); /* not NULL */
	const struct err *(*doubt)(const struct ledger *ledger);
	enum err_kind (*intend)(struct ledger *ledger, const struct intent *intents,
	    size_t n, struct intended *ret_intended, size_t *ret_refused,
	    struct err *err);
	enum err_kind (*rehearse)(struct ledger *ledger, const struct intent *intents,
	    size_t n, struct intended *ret_intended, size_t *ret_refused,
	    struct err *err);
	enum err_kind (*intended_before)(struct ledger *ledger,
	    const struct intent *intents, size_t n, bool *ret_is_known, struct err *err);
	enum err_kind (*secret)(struct ledger *ledger, const char *name,
	    char ret_value[LEDGER_SECRET_MAX], struct err *err);
	enum err_kind (*settle_dead)(
	    struct ledger *ledger, size_t *ret_n, struct err *err);
	enum err_kind (*body)(struct ledger *ledger, const char *account, const char *id,
	    enum media_kind *ret_kind, char **ret_body, struct err *err);
	enum err_kind (*adopt)(struct ledger *ledger, const char *account,
	    const char *const *ids, size_t n, int64_t now_unix_ms, struct err *err);
	enum err_kind (*observe)(struct ledger *ledger, const char *account,
	    struct task *const *seen, int64_t *tokens, size_t n, int64_t now_unix_ms,
	    struct err *err);
	enum err_kind (*walk)(struct ledger *ledger, const char *account,
	    const char *listing, struct ledger_walk *ret_walk, struct err *err);
	enum err_kind (*turn_page)(struct ledger *ledger, const char *account,
	    const struct ledger_page *page, int64_t now_unix_ms, struct err *err);
	enum err_kind (*lease)(struct ledger *ledger, const char *account,
	    struct lease *leases, size_t n, int64_t now_unix_ms, struct err *err);
	enum err_kind (*lease_renew)(
	    struct ledger *ledger, int64_t now_unix_ms, struct err *err);
	enum err_kind (*lease_release)(struct ledger *ledger, const char *account,
	    const char *const *ids, size_t n, struct err *err);
	void (*lease_release_all)(struct ledger *ledger);
	bool (*has_changed)(struct ledger *ledger);
	enum err_kind (*count)(
	    struct ledger *ledger, struct ledger_count *ret_count, struct err *err);
	bool (*has_room)(const struct ledger *ledger, int64_t bytes);
	enum err_kind (*open_tasks)(struct ledger *ledger, const char *account,
	    ledger_on_open *on_open, void *payload, struct err *err);
	enum err_kind (*believe)(
	    struct ledger *ledger, const char *account, const char *id, struct err *err);
	enum err_kind (*pause)(struct ledger *ledger, const char *account,
	    const struct account_pause *pause, struct err *err);
	enum err_kind (*pause_of)(struct ledger *ledger, const char *account,
	    int64_t now_unix_ms, struct account_pause *ret_pause, struct err *err);
	enum err_kind (*budget_take)(struct ledger *ledger, const char *account,
	    const struct budget *budget, int64_t now_unix_ms, int64_t *ret_wait_ms,
	    struct err *err);
	enum err_kind (*count_polls)(struct ledger *ledger, const char *account,
	    const struct poll_counters *all, size_t n, struct err *err);
	enum err_kind (*past)(struct ledger *ledger, const char *account,
	    int64_t since_unix_ms, size_t limit, ledger_on_past *on_past, void *payload,
	    struct err *err);
	enum err_kind (*asset_progress)(struct ledger *ledger, const char *account,
	    const char *submit_id, int index, const char *etag, struct err *err);
	enum err_kind (*asset_synced)(struct ledger *ledger, const char *account,
	    const char *submit_id, const struct asset *asset, struct err *err);
	enum err_kind (*asset_wanted)(struct ledger *ledger, const char *account,
	    const char *submit_id, int index, struct err *err);
	enum err_kind (*asset_lost)(struct ledger *ledger, const char *account,
	    const char *submit_id, int index, const char *reason, struct err *err);
	enum err_kind (*commit)(struct ledger *ledger, const char *account,
	    struct ledger_entry *entries, size_t n, int64_t now_unix_ms, struct err *err);
	void (*tidy)(struct ledger *ledger);
	enum err_kind (*find)(struct ledger *ledger, const char *account,
	    const char *const *ids, size_t n, struct task **ret_tasks, struct err *err);
	enum err_kind (*find_assets)(struct ledger *ledger, const char *account,
	    struct asset_known *known, size_t n, struct arena *arena, struct err *err);
	enum err_kind (*prefix)(struct ledger *ledger, const char *account,
	    const char *prefix, struct ledger_found *ret_found, struct err *err);
	enum err_kind (*list)(struct ledger *ledger, const struct ledger_filter *filter,
	    ledger_on_task *on_task, void *payload, struct err *err);
	enum err_kind (*forget)(
	    struct ledger *ledger, const char *account, const char *id, struct err *err);
	enum err_kind (*mark)(struct ledger *ledger, const char *account, const char *id,
	    const struct ledger_mark *mark, int64_t now_unix_ms, struct err *err);
	enum err_kind (*tags)(struct ledger *ledger, const char *account,
	    ledger_on_tag *on_tag, void *payload, struct err *err);
	enum err_kind (*events)(struct ledger *ledger, const char *account,
	    const char *submit_id, ledger_on_event *on_event, void *payload,
	    struct err *err);
	/* It has a message. */
	enum err_kind (*deliver)(
	    struct ledger *ledger, const struct delivery_made *made, struct err *err);
	enum err_kind (*delivery_claim)(struct ledger *ledger, const char *hook,
	    size_t max, int64_t now_unix_ms, struct delivery_claims *ret_claims,
	    struct err *err);
	enum err_kind (*delivery_settle)(struct ledger *ledger, int64_t number,
	    const struct delivery_end *end, int64_t now_unix_ms, struct err *err);
	enum err_kind (*deliveries)(struct ledger *ledger,
	    const struct delivery_filter *filter, ledger_on_delivery *on_delivery,
	    void *payload, struct err *err);
	enum err_kind (*delivery_change)(struct ledger *ledger,
	    const struct delivery_filter *filter, enum delivery_state to,
	    int64_t now_unix_ms, size_t *ret_n, struct err *err);
	/* It has an id. */
	enum err_kind (*errand_begin)(
	    struct ledger *ledger, const struct errand *errand, struct err *err);
	enum err_kind (*errand_end)(
	    struct ledger *ledger, const struct errand *end, struct err *err);
	/* Also one that has expired; id NULL: there is none. */
	enum err_kind (*errand_find)(struct ledger *ledger, const char *account,
	    const char *id, struct arena *arena, struct errand *ret_errand,
	    struct err *err);
};

/* Does the hook (NULL: nobody) want such an end? Or files? */
static inline bool hook_wants_end(const struct ledger_hook *hook, enum task_state state)
{
	if (!hook)
		return false;
	return state == TASK_SUCCEEDED ? hook->wants_done : hook->wants_failed;
}
static inline bool hook_wants_files(const struct ledger_hook *hook)
{
	return hook && hook->wants_stored;
}
/* May somebody else take what is claimed until then? (Of a clock that was put back nobody
 * knows when it is.) */
static inline bool claim_is_over(int64_t until_unix_ms, int64_t now_unix_ms)
{
	return until_unix_ms <= now_unix_ms ||
	    until_unix_ms > now_unix_ms + LEDGER_CLAIM_MS;
}
/* The same of when a delivery is due: who changed it later than now had another clock. */
static inline bool delivery_is_due(const struct delivery *delivery, int64_t now_unix_ms)
{
	return delivery->due_unix_ms <= now_unix_ms ||
	    delivery->changed_unix_ms > now_unix_ms + LEDGER_CLAIM_MS;
}
/* Does the filter let it through? */
bool delivery_matches(
    const struct delivery_filter *filter, const struct delivery *delivery);

/* Add a back end: urls of its scheme are its own from now on. For programs at start. */
void ledger_add_back_end(const struct ledger_ops *ops);
