/*
 * care.c - the public verbs about the ledger itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "core/account/session.h"
#include "dreamq/ledger.h"
#include "ledger/care.h"

static const char *const verdicts[] = {
	[CARE_GOOD] = "good",
	[CARE_BEHIND] = "behind",
	[CARE_DAMAGED] = "damaged",
	[CARE_GONE] = "gone",
};

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static struct dq_ledger_health health_of(
    const struct care_health *found, const char *path)
{
	struct dq_ledger_health health = { .verdict = verdicts[found->verdict],
		.tasks = found->tasks,
		.keys = found->keys,
		.files = found->assets,
		.want_tasks = larger(found->want_tasks, found->mark_tasks),
		.want_keys = found->want_keys,
		.want_files = found->want_assets };

	(void)snprintf(health.path, sizeof(health.path), "%s", path);
	(void)snprintf(health.text, sizeof(health.text), "%s", found->said.msg);
	return health;
}

enum dq_status dq_ledger_check(
    struct dq *dq, struct dq_ledger_health *ret_health, struct dq_error *ret_error)
{
	struct dq_ledger_health health = { .verdict = "" };
	struct care_health found;
	struct err err;

	*ret_health = health;
	session_close_ledger(dq); /* it would hold on to the files */
	if (care_check(dq->ledger_url, &found, &err)) {
		if (err.kind == ERR_NOT_FOUND)
			err.kind = ERR_LEDGER;
		return session_fail(&err, ret_error);
	}
	*ret_health = health_of(&found, dq->ledger_url);
	if (found.verdict == CARE_GOOD)
		return DQ_OK;
	err = found.said;
	err.kind = ERR_LEDGER;
	return session_fail(&err, ret_error);
}

static enum dq_status backup(struct dq *dq, const char *path,
    const struct care_copying *how, struct dq_ledger_health *ret_health,
    struct dq_error *ret_error)
{
	struct care_health found;
	struct err err;

	*ret_health = (struct dq_ledger_health){ .verdict = "" };
	session_close_ledger(dq); /* it would hold on to the files */
	if (care_backup(dq->ledger_url, path, how, &found, &err)) {
		if (err.kind == ERR_NOT_FOUND)
			err.kind = ERR_LEDGER;
		return session_fail(&err, ret_error);
	}
	*ret_health = health_of(&found, path);
	return DQ_OK;
}

enum dq_status dq_ledger_backup(struct dq *dq, const char *path, bool force,
    struct dq_ledger_health *ret_health, struct dq_error *ret_error)
{
	return backup(dq, path, &(struct care_copying){ .is_forced = force }, ret_health,
	    ret_error);
}

enum dq_status dq_ledger_backup_check(
    struct dq *dq, const char *path, bool force, struct dq_error *ret_error)
{
	const struct care_copying how = { .is_forced = force, .is_dry_run = true };
	struct dq_ledger_health health;

	return backup(dq, path, &how, &health, ret_error);
}

_Static_assert(sizeof(((struct dq_ledger_saved *)0)->unread) ==
	sizeof(((struct care_saved *)0)->unread),
    "all that care.h may name");

enum dq_status dq_ledger_recover(struct dq *dq, const char *path,
    struct dq_ledger_saved *ret_saved, struct dq_error *ret_error)
{
	struct care_saved saved = { .tasks = 0 };
	struct err err;

	*ret_saved = (struct dq_ledger_saved){ .tasks = 0 };
	session_close_ledger(dq); /* it would hold on to the files */
	if (care_recover(dq->ledger_url, path, &saved, &err))
		return session_fail(&err, ret_error);
	*ret_saved = (struct dq_ledger_saved){ .tasks = saved.tasks,
		.keys = saved.keys,
		.files = saved.assets,
		.names = saved.names,
		.lost_tasks = saved.lost_tasks,
		.notes = saved.notes,
		.tags = saved.tags };
	memcpy(ret_saved->unread, saved.unread, sizeof(saved.unread));
	return DQ_OK;
}

enum dq_status dq_ledger_accept(
    struct dq *dq, const char *path, struct dq_error *ret_error)
{
	struct err err;

	session_close_ledger(dq); /* it would hold on to the files */
	if (!care_accept(dq->ledger_url, path, &err))
		return DQ_OK;
	if (err.kind == ERR_NOT_FOUND)
		err.kind = ERR_LEDGER;
	return session_fail(&err, ret_error);
}
