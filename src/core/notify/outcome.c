#include "core/notify/outcome.h"

#include "base/say.h"

#define SECONDS(n) (INT64_C(n) * 1000)
#define MINUTES(n) (INT64_C(n) * 60 * 1000)
#define HOURS(n) (INT64_C(n) * 60 * 60 * 1000)

/* Behind the first try, the second, ...: the convention's, with a minute put in. */
static const int64_t pauses_ms[OUTCOME_TRIES_MAX - 1] = { SECONDS(5), MINUTES(1),
	MINUTES(5), MINUTES(30), HOURS(2), HOURS(5), HOURS(10), HOURS(14), HOURS(20),
	HOURS(24) };

int64_t outcome_pause_ms(int64_t tries)
{
	return tries >= 1 && tries < OUTCOME_TRIES_MAX ? pauses_ms[tries - 1] : 0;
}

static void say_why(const struct answer *answer, const char *host, struct err *ret_why)
{
	if (answer->status == 0)
		*ret_why = *answer->err;
	else if (answer->status == 410)
		err_set(ret_why, ERR_NET, "'%s' wants no more of it (status 410)", host);
	else if (answer->status >= 300 && answer->status < 400)
		err_set(ret_why, ERR_NET,
		    "'%s' points elsewhere (status %ld): write the new URL", host,
		    answer->status);
	else
		err_set(ret_why, ERR_NET, "'%s' did not take it (status %ld)", host,
		    answer->status);
}

enum outcome outcome_of(const struct answer *answer, const char *host,
    int64_t *ret_delay_ms, struct err *ret_why)
{
	const int64_t asked_ms =
	    answer->retry_after_ms < HOURS(24) ? answer->retry_after_ms : HOURS(24);
	int64_t delay_ms;

	if (answer->status >= 200 && answer->status < 300)
		return OUTCOME_SENT;
	say_why(answer, host, ret_why);
	if (answer->status == 410)
		return OUTCOME_DROPPED;
	delay_ms = outcome_pause_ms(answer->tries);
	if (delay_ms == 0)
		return OUTCOME_DEAD;
	/* Up to a fifth more, so that not all come back at once. */
	delay_ms += (int64_t)(answer->random % (uint64_t)(delay_ms / 5));
	*ret_delay_ms = asked_ms > delay_ms ? asked_ms : delay_ms;
	return OUTCOME_AGAIN;
}
