#include "state/store.h"

#include <stdio.h>
#include <string.h>

#include "common/hash.h"
#include "common/text.h"
#include "common/units.h"
#include "state/credits.h"
#include "state/listed.h"

enum { CREDITS_AT_START = 100000 };

struct owned_id {
	const struct account *account;
	const char *id;
};

void store_init(struct store *store, uint64_t seed, struct running_max running_max,
    bool returns_failed)
{
	*store = (struct store){
		.seed = seed,
		.running_max = running_max,
		.returns_failed = returns_failed,
	};
	(void)pthread_mutex_init(&store->lock, NULL);
}

void store_release(struct store *store)
{
	while (store->first) {
		struct task *task = store->first;

		store->first = task->next;
		free(task->submit_id);
		free(task->prompt);
		free(task->model_key);
		free(task->files);
		free(task);
	}
	while (store->accounts) {
		struct account *account = store->accounts;

		store->accounts = account->next;
		free(account->session);
		free(account->listed);
		wallet_release(&account->wallet);
		free(account);
	}
	map_release(&store->by_session);
	map_release(&store->by_submit_id);
	map_release(&store->by_history_id);
	(void)pthread_mutex_destroy(&store->lock);
}

static bool has_session(const void *value, const void *arg)
{
	const struct account *account = value;

	return strcmp(account->session, arg) == 0;
}

/* A session named "credits-N…" begins with N credits. */
static int64_t first_credits(const char *session)
{
	char digits[12] = "";
	int64_t credits = CREDITS_AT_START;

	if (sscanf(session, "credits-%11[0-9]", digits) == 1)
		(void)unit_integer(digits, 0, INT64_MAX, &credits);
	return credits;
}

struct account *store_account(struct store *store, const char *session)
{
	uint64_t hash = hash_str(store->seed, session);
	struct account *account;

	(void)pthread_mutex_lock(&store->lock);
	account = map_find(&store->by_session, hash, has_session, session);
	if (!account) {
		account = mem_new(1, sizeof(*account));
		*account = (struct account){
			.session = mem_dup(session),
			.key = hash,
			.wallet.purses[PURSE_GIFT] = first_credits(session),
			.login =
			    strcmp(session, "expired") == 0 ? LOGIN_EXPIRED : LOGIN_OK,
			.next = store->accounts,
		};
		store->accounts = account;
		map_add(&store->by_session, hash, account);
	}
	(void)pthread_mutex_unlock(&store->lock);
	return account;
}

enum login store_login(struct store *store, const struct account *account)
{
	enum login login;

	(void)pthread_mutex_lock(&store->lock);
	login = account->login;
	(void)pthread_mutex_unlock(&store->lock);
	return login;
}

void store_set_login(struct store *store, struct account *account, enum login login)
{
	(void)pthread_mutex_lock(&store->lock);
	account->login = login;
	(void)pthread_mutex_unlock(&store->lock);
}

static bool has_submit_id(const void *value, const void *arg)
{
	const struct task *task = value;
	const struct owned_id *want = arg;

	return task->account == want->account && strcmp(task->submit_id, want->id) == 0;
}

static bool has_history_id(const void *value, const void *arg)
{
	const struct task *task = value;
	const struct owned_id *want = arg;

	return task->account == want->account && strcmp(task->history_id, want->id) == 0;
}

static struct task *task_make(const struct clock *clock, struct account *account,
    uint64_t key, const struct new_task *want)
{
	struct task *task = mem_new(1, sizeof(*task));
	uint64_t number = 10000000000000u + hash_mix(key, 3) % 8990000000000000u;

	task->key = key;
	task->account = account;
	task->submit_id = mem_dup(want->submit_id);
	task->prompt = mem_dup(want->prompt);
	task->model_key = mem_dup(want->model_key);
	(void)snprintf(task->history_id, sizeof(task->history_id), "%llu",
	    (unsigned long long)number);
	task->wishes = prompt_wishes(want->prompt);
	if (!task->wishes.items)
		task->wishes.items = want->items;
	task->width = task->wishes.width ? task->wishes.width : want->width;
	task->height = task->wishes.height ? task->wishes.height : want->height;
	atomic_init(&task->cancelled_ms, 0);
	atomic_init(&task->record_gone, task->wishes.gone);
	atomic_init(&task->file_gone, task->wishes.file_gone);
	task->life = life_make(clock, want->kind, &task->wishes, key, want->created_ms);
	return task;
}

static void link_task(struct store *store, struct account *account, struct task *task)
{
	listed_add(account, task);
	if (store->last)
		store->last->next = task;
	else
		store->first = task;
	store->last = task;
	store->tasks++;
	map_add(&store->by_submit_id, task->key, task);
	map_add(&store->by_history_id, hash_str(store->seed, task->history_id), task);
}

/* Tasks that were made without a submit take no place. */
static bool is_full(
    const struct store *store, const struct account *account, const struct new_task *want)
{
	int max = store->running_max.any;
	int max_of_kind = store->running_max.kinds[want->kind];
	int running = 0, running_of_kind = 0;

	if (want->is_free || (!max && !max_of_kind))
		return false;
	for (const struct task *task = store->first; task; task = task->next) {
		if (task->account != account || !task->accepted ||
		    task_look(task, want->created_ms).is_ended)
			continue;
		running++;
		running_of_kind += task->life.kind == want->kind;
	}
	return (max && running >= max) || (max_of_kind && running_of_kind >= max_of_kind);
}

static int price_of(const struct new_task *want)
{
	if (prompt_wishes(want->prompt).phantom)
		return 0;
	return want->price ? want->price : kind_row(want->kind)->price;
}

/* The task of this id, made when it is new. */
static struct task *take_task(struct store *store, const struct clock *clock,
    struct account *account, const struct new_task *want, enum accept_result *ret)
{
	const struct owned_id id = { account, want->submit_id };
	const uint64_t key = hash_str(account->key, want->submit_id);
	struct task *task = map_find(&store->by_submit_id, key, has_submit_id, &id);

	*ret = task ? ACCEPT_AGAIN : ACCEPT_NEW;
	if (!task) {
		task = task_make(clock, account, key, want);
		link_task(store, account, task);
	}
	return task;
}

/* What it cost in the past is written down; nothing is taken for it now. */
static void note_past(struct task *task, int price)
{
	wallet_note(&task->account->wallet,
	    &(struct credit_entry){ .at_ms = task->life.created_ms,
		.amount = price,
		.way = CREDIT_WENT,
		.title = kind_row(task->life.kind)->credit_title,
		.task = task });
	task->cost += price;
}

enum accept_result store_accept(struct store *store, const struct clock *clock,
    struct account *account, const struct new_task *want, const struct task **ret_task)
{
	const int price = price_of(want);
	enum accept_result result = ACCEPT_NO_CREDIT;
	struct task *task;

	(void)pthread_mutex_lock(&store->lock);
	credits_settle(store, account, want->created_ms);
	if (!want->is_free && wallet_total(&account->wallet) < price) {
		(void)pthread_mutex_unlock(&store->lock);
		return result;
	}
	if (is_full(store, account, want)) {
		result = ACCEPT_TOO_MANY;
	} else {
		task = take_task(store, clock, account, want, &result);
		if (want->was_paid)
			note_past(task, price);
		if (!want->is_free) {
			credits_charge(task, price, want->created_ms);
			task->accepted++;
		}
		*ret_task = task;
	}
	(void)pthread_mutex_unlock(&store->lock);
	return result;
}

const struct task *store_by_submit_id(
    struct store *store, const struct account *account, const char *id)
{
	const struct owned_id want = { account, id };
	uint64_t key = hash_str(account->key, id);
	const struct task *task;

	(void)pthread_mutex_lock(&store->lock);
	task = map_find(&store->by_submit_id, key, has_submit_id, &want);
	(void)pthread_mutex_unlock(&store->lock);
	if (task && (task->wishes.history_only || task->wishes.no_submit_id))
		return NULL;
	return task;
}

const struct task *store_by_history_id(
    struct store *store, const struct account *account, const char *id)
{
	const struct owned_id want = { account, id };
	uint64_t hash = hash_str(store->seed, id);
	const struct task *task;

	(void)pthread_mutex_lock(&store->lock);
	task = map_find(&store->by_history_id, hash, has_history_id, &want);
	(void)pthread_mutex_unlock(&store->lock);
	return task;
}

const struct task *store_by_key(struct store *store, uint64_t key)
{
	const struct task *task;

	(void)pthread_mutex_lock(&store->lock);
	task = map_find(&store->by_submit_id, key, NULL, NULL);
	(void)pthread_mutex_unlock(&store->lock);
	return task;
}

struct task *store_mutable(const struct store *store, const struct task *task)
{
	const struct owned_id id = { task->account, task->submit_id };

	return map_find(&store->by_submit_id, task->key, has_submit_id, &id);
}
