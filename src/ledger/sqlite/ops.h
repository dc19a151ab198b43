/*
 * ops.h - the operations of this back end, as ledger/ops.h has them; for its table.
 */
#pragma once

#include "ledger/ops.h"

enum err_kind sqlite_open(const char *url, const struct ledger_options *options,
    struct ledger **ret_base, struct err *err);
void sqlite_close(struct ledger *base);
const struct err *sqlite_doubt(const struct ledger *base);
enum err_kind sqlite_intend(struct ledger *base, const struct intent *intents, size_t n,
    struct intended *ret_intended, size_t *ret_refused, struct err *err);
enum err_kind sqlite_rehearse(struct ledger *base, const struct intent *intents, size_t n,
    struct intended *ret_intended, size_t *ret_refused, struct err *err);
enum err_kind sqlite_intended_before(struct ledger *base, const struct intent *intents,
    size_t n, bool *ret_is_known, struct err *err);
enum err_kind sqlite_secret(struct ledger *base, const char *name,
    char ret_value[LEDGER_SECRET_MAX], struct err *err);
enum err_kind sqlite_settle_dead(struct ledger *base, size_t *ret_n, struct err *err);
enum err_kind sqlite_body(struct ledger *base, const char *account, const char *id,
    enum media_kind *ret_kind, char **ret_body, struct err *err);
enum err_kind sqlite_adopt(struct ledger *base, const char *account,
    const char *const *ids, size_t n, int64_t now_unix_ms, struct err *err);
enum err_kind sqlite_observe(struct ledger *base, const char *account,
    struct task *const *seen, int64_t *tokens, size_t n, int64_t now_unix_ms,
    struct err *err);
enum err_kind sqlite_walk(struct ledger *base, const char *account, const char *listing,
    struct ledger_walk *ret_walk, struct err *err);
enum err_kind sqlite_turn_page(struct ledger *base, const char *account,
    const struct ledger_page *page, int64_t now_unix_ms, struct err *err);
enum err_kind sqlite_lease(struct ledger *base, const char *account, struct lease *leases,
    size_t n, int64_t now_unix_ms, struct err *err);
enum err_kind sqlite_lease_renew(
    struct ledger *base, int64_t now_unix_ms, struct err *err);
enum err_kind sqlite_lease_release(struct ledger *base, const char *account,
    const char *const *ids, size_t n, struct err *err);
void sqlite_lease_release_all(struct ledger *base);
bool sqlite_has_changed(struct ledger *base);
enum err_kind sqlite_count(
    struct ledger *base, struct ledger_count *ret_count, struct err *err);
bool sqlite_has_room(const struct ledger *base, int64_t bytes);
enum err_kind sqlite_open_tasks(struct ledger *base, const char *account,
    ledger_on_open *on_open, void *payload, struct err *err);
enum err_kind sqlite_believe(
    struct ledger *base, const char *account, const char *id, struct err *err);
enum err_kind sqlite_pause(struct ledger *base, const char *account,
    const struct account_pause *pause, struct err *err);
enum err_kind sqlite_pause_of(struct ledger *base, const char *account,
    int64_t now_unix_ms, struct account_pause *ret_pause, struct err *err);
enum err_kind sqlite_budget_take(struct ledger *base, const char *account,
    const struct budget *budget, int64_t now_unix_ms, int64_t *ret_wait_ms,
    struct err *err);
enum err_kind sqlite_count_polls(struct ledger *base, const char *account,
    const struct poll_counters *all, size_t n, struct err *err);
enum err_kind sqlite_past(struct ledger *base, const char *account, int64_t since_unix_ms,
    size_t limit, ledger_on_past *on_past, void *payload, struct err *err);
enum err_kind sqlite_asset_progress(struct ledger *base, const char *account,
    const char *submit_id, int index, const char *etag, struct err *err);
enum err_kind sqlite_asset_synced(struct ledger *base, const char *account,
    const char *submit_id, const struct asset *asset, struct err *err);
enum err_kind sqlite_asset_wanted(struct ledger *base, const char *account,
    const char *submit_id, int index, struct err *err);
enum err_kind sqlite_asset_lost(struct ledger *base, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err);
enum err_kind sqlite_commit(struct ledger *base, const char *account,
    struct ledger_entry *entries, size_t n, int64_t now_unix_ms, struct err *err);
void sqlite_tidy(struct ledger *base);
enum err_kind sqlite_find(struct ledger *base, const char *account,
    const char *const *ids, size_t n, struct task **ret_tasks, struct err *err);
enum err_kind sqlite_find_assets(struct ledger *base, const char *account,
    struct asset_known *known, size_t n, struct arena *arena, struct err *err);
enum err_kind sqlite_prefix(struct ledger *base, const char *account, const char *prefix,
    struct ledger_found *ret_found, struct err *err);
enum err_kind sqlite_list(struct ledger *base, const struct ledger_filter *filter,
    ledger_on_task *on_task, void *payload, struct err *err);
enum err_kind sqlite_forget(
    struct ledger *base, const char *account, const char *id, struct err *err);
enum err_kind sqlite_mark(struct ledger *base, const char *account, const char *id,
    const struct ledger_mark *mark, int64_t now_unix_ms, struct err *err);
enum err_kind sqlite_tags(struct ledger *base, const char *account, ledger_on_tag *on_tag,
    void *payload, struct err *err);
enum err_kind sqlite_events(struct ledger *base, const char *account,
    const char *submit_id, ledger_on_event *on_event, void *payload, struct err *err);
enum err_kind sqlite_deliver(
    struct ledger *base, const struct delivery_made *made, struct err *err);
enum err_kind sqlite_delivery_claim(struct ledger *base, const char *hook, size_t max,
    int64_t now_unix_ms, struct delivery_claims *ret_claims, struct err *err);
enum err_kind sqlite_delivery_settle(struct ledger *base, int64_t number,
    const struct delivery_end *end, int64_t now_unix_ms, struct err *err);
enum err_kind sqlite_deliveries(struct ledger *base, const struct delivery_filter *filter,
    ledger_on_delivery *on_delivery, void *payload, struct err *err);
enum err_kind sqlite_delivery_change(struct ledger *base,
    const struct delivery_filter *filter, enum delivery_state to, int64_t now_unix_ms,
    size_t *ret_n, struct err *err);
enum err_kind sqlite_errand_begin(
    struct ledger *base, const struct errand *errand, struct err *err);
enum err_kind sqlite_errand_end(
    struct ledger *base, const struct errand *errand, struct err *err);
enum err_kind sqlite_errand_find(struct ledger *base, const char *account, const char *id,
    struct arena *arena, struct errand *ret_errand, struct err *err);
