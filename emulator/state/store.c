#include "state/store.h"

#include <stdio.h>
#include <string.h>

#include "common/hash.h"
#include "common/text.h"
#include "common/units.h"
#include "state/listed.h"

enum { CREDITS_AT_START = 100000 };

struct owned_id {
	const struct account *account;
	const char *id;
};

void store_init(struct store *store, uint64_t seed, struct running_max running_max)
{
	*store = (struct store){ .seed = seed, .running_max = running_max };
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
		free(task);
	}
	while (store->accounts) {
		struct account *account = store->accounts;

		store->accounts = account->next;
		free(account->session);
		free(account->listed);
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
			.credits = first_credits(session),
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

int64_t store_credits(struct store *store, const struct account *account)
{
	int64_t credits;

	(void)pthread_mutex_lock(&store->lock);
	credits = account->credits;
	(void)pthread_mutex_unlock(&store->lock);
	return credits;
}

void store_set_credits(struct store *store, struct account *account, int64_t credits)
{
	(void)pthread_mutex_lock(&store->lock);
	account->credits = credits;
	(void)pthread_mutex_unlock(&store->lock);
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

static struct task *task_make(const struct clock *clock, const struct account *account,
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
	task->width = task->wishes.width ? task->wishes.width : want->width;
	task->height = task->wishes.height ? task->wishes.height : want->height;
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
		    life_look(&task->life, want->created_ms).is_ended)
			continue;
		running++;
		running_of_kind += task->life.kind == want->kind;
	}
	return (max && running >= max) || (max_of_kind && running_of_kind >= max_of_kind);
}

enum accept_result store_accept(struct store *store, const struct clock *clock,
    struct account *account, const struct new_task *want, const struct task **ret_task)
{
	const struct owned_id id = { account, want->submit_id };
	uint64_t key = hash_str(account->key, want->submit_id);
	int price = want->is_free ? 0 : kind_row(want->kind)->price;
	enum accept_result result = ACCEPT_NO_CREDIT;
	struct task *task;

	(void)pthread_mutex_lock(&store->lock);
	if (account->credits >= price && is_full(store, account, want)) {
		result = ACCEPT_TOO_MANY;
	} else if (account->credits >= price) {
		task = map_find(&store->by_submit_id, key, has_submit_id, &id);
		result = task ? ACCEPT_AGAIN : ACCEPT_NEW;
		if (!task) {
			task = task_make(clock, account, key, want);
			link_task(store, account, task);
		}
		account->credits -= price;
		task->accepted += want->is_free ? 0 : 1;
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

static struct asset asset_locked(const struct task *task, unsigned index)
{
	static const enum media_format formats[TASK_KINDS] = {
		[KIND_VIDEO] = FORMAT_MP4,
		[KIND_AUDIO] = FORMAT_MP3,
	};
	const enum task_kind kind = task->life.kind;
	struct asset asset = {
		.key = hash_mix(hash_mix(task->key, index), task->versions[index]),
		.format = kind == KIND_IMAGE ? task->wishes.bytes_as : formats[kind],
		.width = task->width,
		.height = task->height,
		.pad_to = task->wishes.asset_bytes,
	};

	(void)snprintf(asset.label, sizeof(asset.label), "dreamq-emulator %s item %u.%u",
	    task->submit_id, index, task->versions[index]);
	return asset;
}

struct asset store_asset(struct store *store, const struct task *task, unsigned index)
{
	struct asset asset;

	(void)pthread_mutex_lock(&store->lock);
	asset = asset_locked(task, index);
	(void)pthread_mutex_unlock(&store->lock);
	return asset;
}

uint32_t store_salt(struct store *store, const struct task *task, unsigned index)
{
	uint32_t salt;

	(void)pthread_mutex_lock(&store->lock);
	salt = task->salts[index];
	(void)pthread_mutex_unlock(&store->lock);
	return salt;
}

/* The store owns every task, so it alone may take the const away. */
static struct task *mutable_task(const struct store *store, const struct task *task)
{
	const struct owned_id id = { task->account, task->submit_id };

	return map_find(&store->by_submit_id, task->key, has_submit_id, &id);
}

bool store_kill_links(
    struct store *store, const struct task *task, unsigned index, uint32_t salt)
{
	struct task *mine;
	bool is_alive;

	(void)pthread_mutex_lock(&store->lock);
	mine = mutable_task(store, task);
	is_alive = mine->salts[index] == salt;
	if (is_alive) {
		mine->salts[index]++;
		mine->link_bytes[index] = 0;
	}
	(void)pthread_mutex_unlock(&store->lock);
	return is_alive;
}

uint64_t store_use_links(struct store *store, const struct task *task, unsigned index,
    uint32_t salt, uint64_t bytes)
{
	struct task *mine;
	uint64_t used;

	(void)pthread_mutex_lock(&store->lock);
	mine = mutable_task(store, task);
	if (mine->salts[index] == salt)
		mine->link_bytes[index] += bytes;
	used = mine->link_bytes[index];
	(void)pthread_mutex_unlock(&store->lock);
	return used;
}

void store_change_bytes(struct store *store, const struct task *task, unsigned index)
{
	(void)pthread_mutex_lock(&store->lock);
	mutable_task(store, task)->versions[index]++;
	(void)pthread_mutex_unlock(&store->lock);
}

void store_md5(struct store *store, struct studio *studio, const struct task *task,
    uint8_t ret[ASSET_MD5])
{
	struct asset asset;
	uint32_t version;
	bool is_known;

	(void)pthread_mutex_lock(&store->lock);
	asset = asset_locked(task, 0);
	version = task->versions[0] + 1;
	is_known = task->md5_version == version;
	if (is_known)
		memcpy(ret, task->md5, ASSET_MD5);
	(void)pthread_mutex_unlock(&store->lock);
	if (is_known)
		return;
	asset_md5(studio, &asset, ret);
	(void)pthread_mutex_lock(&store->lock);
	memcpy(mutable_task(store, task)->md5, ret, ASSET_MD5);
	mutable_task(store, task)->md5_version = version;
	(void)pthread_mutex_unlock(&store->lock);
}
