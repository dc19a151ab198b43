/*
 * explain.h - why is the next poll of a task when it is? One line for people, from what
 * the schedule has decided and what it knew. Pure, but for the time zone.
 *
 *	ID: next poll in 38s (at 14:03:12): generating for 52s; such videos take 2m10s
 *	(1m10s to 4m, 24 known); a poll is worth 0.7s of delay; done in about 1m20s (40s
 *	to 3m)
 *
 * First the rule that made the gap (plan.h), then the bound that held it back, if one
 * did, then when the task will be done. Bands hold four in five.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "core/policy/learn.h"
#include "core/policy/plan.h"
#include "core/policy/sched.h"
#include "model/task.h"

enum { EXPLAIN_MAX = 1000 }; /* bytes that always suffice */

struct explain {
	const struct task *task; /* its id, place and files */
	const struct sched_reason *reason;
	struct plan_eta eta; /* from now_ms on; -1 unknown */
	const struct learnt *learnt; /* of its lane; NULL: not told */
	int64_t now_ms; /* on the clock of the schedule ... */
	int64_t now_unix_ms; /* ... and on the wall */
};

void explain_poll(const struct explain *explain, struct buf *into);
