#include "service/jimeng/read/sent.h"

#include "service/jimeng/read/retcode.h"

enum { SERVER_ERROR = 500 };

/* By the class of a code in a readable answer. An unknown code is RET_TRANSIENT. */
static const struct {
	enum sent_outcome outcome;
	enum fail_class fail;
} by_class[] = {
	/* A "yes" comes as ERR_OK; what is left here has a "0" and no task's name. */
	[RET_OK] = { SENT_UNCLEAR, FAIL_SERVICE },
	[RET_LOGIN] = { SENT_ACCOUNT, FAIL_LOGIN },
	[RET_CALLER] = { SENT_REFUSED, FAIL_CALLER },
	[RET_QUOTA] = { SENT_ACCOUNT, FAIL_QUOTA },
	[RET_RISK] = { SENT_ACCOUNT, FAIL_RISK },
	[RET_SLOW_DOWN] = { SENT_LATER, FAIL_SERVICE },
	[RET_CONTENT] = { SENT_REFUSED, FAIL_CONTENT },
	[RET_TRANSIENT] = { SENT_UNCLEAR, FAIL_SERVICE },
};

enum sent_outcome sent_outcome_of(const struct submit_outcome *outcome)
{
	if (!outcome->sent)
		return SENT_NEVER_LEFT;
	if (outcome->err.kind == ERR_OK)
		return SENT_ACCEPTED;
	if (!outcome->ret || !outcome->ret[0] || outcome->status >= SERVER_ERROR)
		return SENT_UNCLEAR;
	if (outcome->may_have_started || outcome->submit_id || outcome->history_id)
		return SENT_UNCLEAR;
	return by_class[retcode_class(outcome->ret)].outcome;
}

enum fail_class sent_fail_class(const char *ret)
{
	return by_class[retcode_class(ret)].fail;
}
