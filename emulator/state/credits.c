#include "state/credits.h"

#include "common/text.h"

void credits_charge(struct task *task, int price, int64_t now_ms)
{
	wallet_spend(&task->account->wallet,
	    &(struct credit_entry){ .at_ms = now_ms,
		.amount = price,
		.way = CREDIT_WENT,
		.title = kind_row(task->life.kind)->credit_title,
		.task = task });
	task->cost += price;
}

void credits_give_back(struct task *task, const char *title, int64_t now_ms)
{
	const int amount = task->cost - task->given_back;

	if (amount <= 0)
		return;
	wallet_give(&task->account->wallet, PURSE_GIFT,
	    &(struct credit_entry){ .at_ms = now_ms,
		.amount = amount,
		.way = CREDIT_CAME,
		.title = title,
		.task = task });
	task->given_back = task->cost;
}

/* Did it end without anything to show? */
static bool has_failed(const struct life_view *look)
{
	return look->is_ended && look->failure && look->items == 0 && look->status != 100;
}

void credits_settle(const struct store *store, struct account *account, int64_t now_ms)
{
	for (size_t i = 0; store->returns_failed && i < account->listed_count; i++) {
		struct task *task = store_mutable(store, account->listed[i].task);
		const struct life_view look = task_look(task, now_ms);

		if (task->accepted && task->given_back < task->cost && has_failed(&look))
			credits_give_back(task, "生成失败，积分已返还", look.finish_ms);
	}
}

struct wallet store_wallet(struct store *store, struct account *account, int64_t now_ms)
{
	struct wallet copy = { 0 };

	(void)pthread_mutex_lock(&store->lock);
	credits_settle(store, account, now_ms);
	for (int i = 0; i < PURSES; i++)
		copy.purses[i] = account->wallet.purses[i];
	for (size_t i = 0; i < account->wallet.count; i++)
		wallet_note(&copy, &account->wallet.entries[i]);
	(void)pthread_mutex_unlock(&store->lock);
	return copy;
}

void store_set_purse(
    struct store *store, struct account *account, enum purse purse, int64_t credits)
{
	(void)pthread_mutex_lock(&store->lock);
	account->wallet.purses[purse] = credits;
	(void)pthread_mutex_unlock(&store->lock);
}

void store_top_up(
    struct store *store, struct account *account, int amount, int64_t now_ms)
{
	(void)pthread_mutex_lock(&store->lock);
	wallet_give(&account->wallet, PURSE_PURCHASE,
	    &(struct credit_entry){ .at_ms = now_ms,
		.amount = amount,
		.way = CREDIT_CAME,
		.title = "积分充值" });
	(void)pthread_mutex_unlock(&store->lock);
}

int task_cost(struct store *store, const struct task *task)
{
	int cost;

	(void)pthread_mutex_lock(&store->lock);
	cost = task->cost;
	(void)pthread_mutex_unlock(&store->lock);
	return cost;
}
