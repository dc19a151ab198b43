#include "ledger/sqlite/sqlite.h"

#include <stdio.h>

#include <sqlite3.h>

#include "ledger/care.h"
#include "ledger/sqlite/ops.h"

void sqlite_own_process(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

const char *care_engine(char *into, size_t room)
{
	(void)snprintf(into, room, "SQLite %s", sqlite3_libversion());
	return into;
}

const struct ledger_ops ledger_sqlite = {
	.scheme = "sqlite",
	.open = sqlite_open,
	.close = sqlite_close,
	.doubt = sqlite_doubt,
	.intend = sqlite_intend,
	.rehearse = sqlite_rehearse,
	.intended_before = sqlite_intended_before,
	.secret = sqlite_secret,
	.settle_dead = sqlite_settle_dead,
	.body = sqlite_body,
	.adopt = sqlite_adopt,
	.observe = sqlite_observe,
	.walk = sqlite_walk,
	.turn_page = sqlite_turn_page,
	.lease = sqlite_lease,
	.lease_renew = sqlite_lease_renew,
	.lease_release = sqlite_lease_release,
	.lease_release_all = sqlite_lease_release_all,
	.has_changed = sqlite_has_changed,
	.count = sqlite_count,
	.has_room = sqlite_has_room,
	.open_tasks = sqlite_open_tasks,
	.believe = sqlite_believe,
	.pause = sqlite_pause,
	.pause_of = sqlite_pause_of,
	.budget_take = sqlite_budget_take,
	.count_polls = sqlite_count_polls,
	.past = sqlite_past,
	.asset_progress = sqlite_asset_progress,
	.asset_synced = sqlite_asset_synced,
	.asset_wanted = sqlite_asset_wanted,
	.asset_lost = sqlite_asset_lost,
	.commit = sqlite_commit,
	.tidy = sqlite_tidy,
	.find = sqlite_find,
	.find_assets = sqlite_find_assets,
	.prefix = sqlite_prefix,
	.list = sqlite_list,
	.forget = sqlite_forget,
	.mark = sqlite_mark,
	.tags = sqlite_tags,
	.events = sqlite_events,
	.deliver = sqlite_deliver,
	.delivery_claim = sqlite_delivery_claim,
	.delivery_settle = sqlite_delivery_settle,
	.deliveries = sqlite_deliveries,
	.delivery_change = sqlite_delivery_change,
	.errand_begin = sqlite_errand_begin,
	.errand_end = sqlite_errand_end,
	.errand_find = sqlite_errand_find,
};
