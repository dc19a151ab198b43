/*
 * changes.c - what others have done, and what will be asked for later.
 */
#include "dreamq/changes.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/account/session.h"
#include "ledger/errands.h"

enum { ERRAND_BYTES_MAX = 3 * LEDGER_ERRAND_TEXT_MAX };

enum dq_status dq_changes(
    struct dq *dq, struct dq_changes *ret_changes, struct dq_error *ret_error)
{
	struct ledger_count count = { .tasks = 0 };
	struct err err;

	*ret_changes = (struct dq_changes){ .is_any = false };
	if (session_ledger_to_read(dq, &err))
		return session_fail(&err, ret_error);
	if (!dq->ledger)
		return DQ_OK;
	ret_changes->is_any = ledger_has_changed(dq->ledger);
	if (ledger_count(dq->ledger, &count, &err))
		return session_fail(&err, ret_error);
	ret_changes->tasks = count.tasks;
	ret_changes->newest = count.newest;
	return DQ_OK;
}

enum dq_status dq_errand_begin(struct dq *dq, const char *what, const char *arguments,
    int64_t ttl_ms, char ret_id[DQ_ERRAND_ID_LEN + 1], struct dq_error *ret_error)
{
	const int64_t now_unix_ms = clock_unix_ms();
	const struct errand errand = { .account = dq->profile,
		.what = what,
		.arguments = arguments,
		.made_unix_ms = now_unix_ms,
		.expires_unix_ms = now_unix_ms + ttl_ms };
	struct err err;

	if (session_ledger(dq, &err) ||
	    ledger_errand_begin(dq->ledger, &errand, ret_id, &err))
		return session_fail(&err, ret_error);
	return DQ_OK;
}

enum dq_status dq_errand_end(struct dq *dq, const char *id, const char *state,
    const char *outcome, struct dq_error *ret_error)
{
	struct errand end = { .id = id,
		.account = dq->profile,
		.outcome = outcome,
		.changed_unix_ms = clock_unix_ms() };
	struct err err;

	if (!errand_state_parse(state, &end.state)) {
		err_set(&err, ERR_USAGE, "this can't be the end of an errand");
		return session_fail(&err, ret_error);
	}
	if (session_ledger(dq, &err) || ledger_errand_end(dq->ledger, &end, &err))
		return session_fail(&err, ret_error);
	return DQ_OK;
}

enum dq_status dq_errand_show(struct dq *dq, const char *id,
    void (*on_errand)(void *payload, const struct dq_errand *errand), void *payload,
    struct dq_error *ret_error)
{
	_cleanup_(arena_release) struct arena arena = arena_make(ERRAND_BYTES_MAX);
	struct errand is = { .account = dq->profile, .id = id };
	struct err err;

	if (session_ledger_to_read(dq, &err))
		return session_fail(&err, ret_error);
	if (!dq->ledger) {
		err_set(&err, ERR_NOT_FOUND, "there is no such errand");
		return session_fail(&err, ret_error);
	}
	if (ledger_errand_find(dq->ledger, clock_unix_ms(), &arena, &is, &err))
		return session_fail(&err, ret_error);
	on_errand(payload,
	    &(struct dq_errand){ .id = is.id,
		.what = is.what,
		.arguments = is.arguments,
		.state = errand_state_name(is.state),
		.outcome = is.outcome,
		.made_unix_ms = is.made_unix_ms,
		.changed_unix_ms = is.changed_unix_ms,
		.expires_unix_ms = is.expires_unix_ms });
	return DQ_OK;
}
