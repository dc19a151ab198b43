/*
 * memory_rows.h - what the files of the ledger in memory share: its rows, and its
 * operations.
 */
#pragma once

#include "base/buf.h"
#include "ledger/ops.h"
#include "ledger/rules/limits.h"
#include "memory.h"

struct mem_event {
	int64_t seq, at_unix_ms;
	const char *what, *text;
};

struct mem_asset {
	struct asset is; /* without what is intended */
	struct asset intent; /* path, stored_bytes, sha256, format; path NULL: none */
};

struct mem_tag {
	int index;
	char tag[TAG_MAX + 1];
};

struct mem_task {
	int64_t id; /* grows with each, for ever */
	struct task is; /* without assets; its arena has every string of the row */
	struct mem_asset *assets; /* by index */
	size_t n_assets;
	struct mem_event *events;
	size_t n_events;
	struct mem_tag *tags; /* by index, then by their bytes */
	size_t n_tags, tags_room;
	const char *body, *request_hash, *content_hash;
	int64_t sender; /* submitting: 0 waits */
	int64_t lease_owner, lease_token, version; /* 0: none */
	bool is_open;
	bool is_over; /* nothing is left to be done; its end may change, at most */
	int64_t updated_unix_ms;
	struct poll_counters counters;
};

struct mem_owner {
	int64_t number, renewed_unix_ms;
	bool is_dead; /* else its handle is open */
	bool has_leases;
};

struct mem_account {
	char *name;
	struct account_pause pause;
	struct bucket bucket;
};

struct mem_walk {
	char *account, *listing;
	struct ledger_walk is;
};

struct mem_delivery {
	struct delivery is; /* its strings are owned */
	int64_t owner, until_unix_ms; /* owner 0: nobody has it */
};

struct mem_permit {
	char account[64], word[LEDGER_KEY_MAX + 1];
	bool is_asked;
	int64_t made_unix_ms;
};

enum { MEM_PERMITS_MAX = 50 };

struct mem_store {
	struct mem_store *next;
	char *name;
	struct mem_task **tasks; /* by id */
	size_t n_tasks;
	struct mem_owner *owners;
	size_t n_owners;
	struct mem_account *accounts;
	size_t n_accounts;
	struct mem_walk *walks;
	size_t n_walks;
	struct mem_delivery *deliveries;
	size_t n_deliveries, deliveries_room;
	struct errand *errands; /* their strings are owned */
	size_t n_errands, errands_room;
	struct mem_permit permits[MEM_PERMITS_MAX];
	size_t n_permits;
	char secrets[2][2][LEDGER_SECRET_MAX]; /* name, value */
	int64_t last_id, last_token;
	/* Of the newest change: its number, and of whose handle it is. */
	int64_t n_changes;
};

struct mem_ledger {
	struct ledger base; /* first */
	struct mem_store *store;
	int64_t owner; /* 0: none yet */
	int64_t n_seen, n_own; /* changes: when it was asked last, and our own since */
	bool was_asked;
};

static inline struct mem_ledger *mem_of(const struct ledger *base)
{
	return (struct mem_ledger *)(uintptr_t)base;
}

struct mem_asset *mem_asset(struct mem_task *row, int index); /* NULL: none */
void mem_sort_assets(struct mem_task *row);

enum err_kind mem_no_memory(struct err *err);
enum err_kind mem_is_missing(const char *id, struct err *err);

/* This handle has changed the store. */
void mem_changed(struct mem_ledger *ledger);
/* Be an owner. */
enum err_kind mem_be_owner(struct mem_ledger *ledger, struct err *err);
struct mem_owner *mem_owner(const struct mem_store *store, int64_t number); /* or NULL */
bool mem_is_alive(const struct mem_store *store, int64_t number);
struct mem_account *mem_account(struct mem_store *store, const char *name);

/* By submit id, else history id, else alias; NULL: none. */
struct mem_task *mem_find(
    const struct mem_store *store, const char *account, const char *id);
/* A new row in TASK_UNKNOWN. NULL: no memory. */
struct mem_task *mem_add(
    struct mem_store *store, const char *account, const char *id, int64_t now_unix_ms);
/* Those from the nth on. */
void mem_drop_from(struct mem_store *store, size_t n);
void mem_remove(struct mem_store *store, struct mem_task *task);

/* A copy for others, its assets as they are seen. False: no memory. */
bool mem_show(const struct mem_task *row, struct arena *arena, struct task *ret_task);
/* Facts, ids and state; no asset. False: no memory. */
bool mem_take(struct mem_task *row, const struct task *task, int64_t now_unix_ms);
/* An asset's claims; another uri takes validator and intent. False: no memory. */
bool mem_take_claims(
    struct mem_task *row, struct mem_asset *asset, const struct asset *claims);
struct mem_asset *mem_add_asset(struct mem_task *row); /* NULL: no memory */
/* Its work is done, or is not; at the end of every change. */
void mem_settle_open(
    struct mem_ledger *ledger, struct mem_task *row, int64_t now_unix_ms);
/* The task is over, or file `index` of it is stored: who wants to be told? */
void mem_tell_end(struct mem_ledger *ledger, struct mem_task *row, int64_t now_unix_ms);
void mem_tell_file(
    struct mem_ledger *ledger, struct mem_task *row, int index, int64_t now_unix_ms);
void mem_drop_deliveries(struct mem_store *store);
void mem_drop_errands(struct mem_store *store);
/* It has ended, and nothing of it is left to be done: its end may change, at most. */
bool mem_may_only_change(const struct mem_task *row);
/* `at_unix_ms` 0: now. False: no memory. */
bool mem_note(
    struct mem_task *row, int64_t at_unix_ms, const char *what, const char *text);
bool mem_is_stray(const struct mem_task *row);
/* Is each of them on the task or a file of it? */
bool mem_has_tags(const struct mem_task *row, const char *const *tags, size_t n_tags);
/* Adds them, between blanks. False: no memory. */
bool mem_add_tags(const struct mem_task *row, bool of_files, struct buf *into);
/* A file gets its name. What is wrong with it goes into *ret_why. */
enum err_kind mem_move(struct mem_ledger *ledger, const char *account,
    const struct asset_move *move, int64_t now_unix_ms, struct err *ret_why,
    struct err *err);

/* --- the operations, as ops.h has them ------------------------------------------- */

enum err_kind mem_intend(struct ledger *base, const struct intent *intents, size_t n,
    struct intended *ret_intended, size_t *ret_refused, struct err *err);
enum err_kind mem_rehearse(struct ledger *base, const struct intent *intents, size_t n,
    struct intended *ret_intended, size_t *ret_refused, struct err *err);
enum err_kind mem_intended_before(struct ledger *base, const struct intent *intents,
    size_t n, bool *ret_is_known, struct err *err);
enum err_kind mem_body(struct ledger *base, const char *account, const char *id,
    enum media_kind *ret_kind, char **ret_body, struct err *err);
enum err_kind mem_take_permit(
    struct mem_store *store, const struct intent *intent, struct err *err);
enum err_kind mem_secret(struct ledger *base, const char *name,
    char ret_value[LEDGER_SECRET_MAX], struct err *err);
enum err_kind mem_settle_dead(struct ledger *base, size_t *ret_n, struct err *err);
enum err_kind mem_adopt(struct ledger *base, const char *account, const char *const *ids,
    size_t n, int64_t now_unix_ms, struct err *err);
enum err_kind mem_observe(struct ledger *base, const char *account,
    struct task *const *seen, int64_t *tokens, size_t n, int64_t now_unix_ms,
    struct err *err);
enum err_kind mem_walk(struct ledger *base, const char *account, const char *listing,
    struct ledger_walk *ret_walk, struct err *err);
enum err_kind mem_turn_page(struct ledger *base, const char *account,
    const struct ledger_page *page, int64_t now_unix_ms, struct err *err);
enum err_kind mem_asset_progress(struct ledger *base, const char *account,
    const char *submit_id, int index, const char *etag, struct err *err);
enum err_kind mem_asset_synced(struct ledger *base, const char *account,
    const char *submit_id, const struct asset *synced, struct err *err);
enum err_kind mem_asset_wanted(struct ledger *base, const char *account,
    const char *submit_id, int index, struct err *err);
enum err_kind mem_asset_lost(struct ledger *base, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err);
enum err_kind mem_lease_renew(struct ledger *base, int64_t now_unix_ms, struct err *err);
enum err_kind mem_lease(struct ledger *base, const char *account, struct lease *leases,
    size_t n, int64_t now_unix_ms, struct err *err);
enum err_kind mem_lease_release(struct ledger *base, const char *account,
    const char *const *ids, size_t n, struct err *err);
void mem_lease_release_all(struct ledger *base);
enum err_kind mem_mark(struct ledger *base, const char *account, const char *id,
    const struct ledger_mark *mark, int64_t now_unix_ms, struct err *err);
enum err_kind mem_tags(struct ledger *base, const char *account, ledger_on_tag *on_tag,
    void *payload, struct err *err);
enum err_kind mem_pause(struct ledger *base, const char *name,
    const struct account_pause *pause, struct err *err);
enum err_kind mem_pause_of(struct ledger *base, const char *name, int64_t now_unix_ms,
    struct account_pause *ret_pause, struct err *err);
enum err_kind mem_budget_take(struct ledger *base, const char *name,
    const struct budget *budget, int64_t now_unix_ms, int64_t *ret_wait_ms,
    struct err *err);
enum err_kind mem_count_polls(struct ledger *base, const char *account,
    const struct poll_counters *all, size_t n, struct err *err);
enum err_kind mem_past(struct ledger *base, const char *account, int64_t since_unix_ms,
    size_t limit, ledger_on_past *on_past, void *payload, struct err *err);
enum err_kind mem_commit(struct ledger *base, const char *account,
    struct ledger_entry *entries, size_t n, int64_t now_unix_ms, struct err *err);
void mem_tidy(struct ledger *base);
enum err_kind mem_find_tasks(struct ledger *base, const char *account,
    const char *const *ids, size_t n, struct task **ret_tasks, struct err *err);
enum err_kind mem_find_assets(struct ledger *base, const char *account,
    struct asset_known *known, size_t n, struct arena *arena, struct err *err);
enum err_kind mem_prefix(struct ledger *base, const char *account, const char *prefix,
    struct ledger_found *ret_found, struct err *err);
enum err_kind mem_list(struct ledger *base, const struct ledger_filter *filter,
    ledger_on_task *on_task, void *payload, struct err *err);
enum err_kind mem_open_tasks(struct ledger *base, const char *account,
    ledger_on_open *on_open, void *payload, struct err *err);
enum err_kind mem_events(struct ledger *base, const char *account, const char *submit_id,
    ledger_on_event *on_event, void *payload, struct err *err);
enum err_kind mem_believe(
    struct ledger *base, const char *account, const char *id, struct err *err);
enum err_kind mem_forget(
    struct ledger *base, const char *account, const char *id, struct err *err);
enum err_kind mem_deliver(
    struct ledger *base, const struct delivery_made *made, struct err *err);
enum err_kind mem_delivery_claim(struct ledger *base, const char *hook, size_t max,
    int64_t now_unix_ms, struct delivery_claims *ret_claims, struct err *err);
enum err_kind mem_delivery_settle(struct ledger *base, int64_t number,
    const struct delivery_end *end, int64_t now_unix_ms, struct err *err);
enum err_kind mem_deliveries(struct ledger *base, const struct delivery_filter *filter,
    ledger_on_delivery *on_delivery, void *payload, struct err *err);
enum err_kind mem_delivery_change(struct ledger *base,
    const struct delivery_filter *filter, enum delivery_state to, int64_t now_unix_ms,
    size_t *ret_n, struct err *err);
enum err_kind mem_errand_begin(
    struct ledger *base, const struct errand *errand, struct err *err);
enum err_kind mem_errand_end(
    struct ledger *base, const struct errand *errand, struct err *err);
enum err_kind mem_errand_find(struct ledger *base, const char *account, const char *id,
    struct arena *arena, struct errand *ret_errand, struct err *err);
