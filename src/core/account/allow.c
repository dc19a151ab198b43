#include "core/account/allow.h"

#include "base/say.h"
#include "ledger/ledger.h"

enum { REST_MS = 1000 /* when the budget can't be read; shorter waits are not told */ };

bool allow_request(
    struct dq *dq, struct allow *allow, int64_t *ret_at_ms, struct err *ret_why)
{
	const int64_t scale = dq->traits.time_scale;
	int64_t wait_ms = 0;

	*ret_why = (struct err){ .kind = ERR_OK };
	if (ledger_budget_take(dq->ledger, dq->profile, &dq->budget,
		dq->now.unix_ms * scale, &wait_ms, ret_why)) {
		if (ret_why->kind == ERR_NOSPACE)
			return true;
		wait_ms = REST_MS * scale;
	}
	if (wait_ms == 0)
		return true;
	*ret_at_ms = session_plan_ms(dq) + wait_ms;
	if (ret_why->kind || allow->was_told || wait_ms < REST_MS)
		return false;
	allow->was_told = true;
	session_tell(dq, DQ_NOTE_WAIT,
	    "the account has used up its requests a minute (%lld); going on at that pace",
	    (long long)dq->budget.per_minute);
	return false;
}
