#include "service/jimeng/read/fate.h"

#include "service/jimeng/read/retcode.h"

enum { SERVER_ERROR = 500 };

/* By the class of a code in a readable answer. An unknown code is RET_TRANSIENT. */
static const struct {
	enum fate fate;
	enum fail_class fail;
} by_class[] = {
	/* A "yes" comes as ERR_OK; what is left here has a "0" and no task's name. */
	[RET_OK] = { FATE_UNCLEAR, FAIL_SERVICE },
	[RET_LOGIN] = { FATE_ACCOUNT, FAIL_LOGIN },
	[RET_CALLER] = { FATE_REFUSED, FAIL_CALLER },
	[RET_QUOTA] = { FATE_ACCOUNT, FAIL_QUOTA },
	[RET_RISK] = { FATE_ACCOUNT, FAIL_RISK },
	[RET_SLOW_DOWN] = { FATE_LATER, FAIL_SERVICE },
	[RET_CONTENT] = { FATE_REFUSED, FAIL_CONTENT },
	[RET_TRANSIENT] = { FATE_UNCLEAR, FAIL_SERVICE },
};

enum fate fate_of(const struct submit_outcome *outcome)
{
	if (!outcome->sent)
		return FATE_NEVER_LEFT;
	if (outcome->err.kind == ERR_OK)
		return FATE_ACCEPTED;
	if (!outcome->ret || !outcome->ret[0] || outcome->status >= SERVER_ERROR)
		return FATE_UNCLEAR;
	if (outcome->may_have_started || outcome->submit_id || outcome->history_id)
		return FATE_UNCLEAR;
	return by_class[retcode_class(outcome->ret)].fate;
}

enum task_state fate_state(enum fate fate)
{
	static const enum task_state states[] = {
		[FATE_ACCEPTED] = TASK_QUEUED,
		[FATE_UNCLEAR] = TASK_UNKNOWN,
		[FATE_REFUSED] = TASK_FAILED,
		[FATE_LATER] = TASK_SUBMITTING,
		[FATE_ACCOUNT] = TASK_SUBMITTING,
		[FATE_NEVER_LEFT] = TASK_SUBMITTING,
	};

	return states[fate];
}

enum fail_class fate_fail_class(const char *ret)
{
	return by_class[retcode_class(ret)].fail;
}
