#include "core/policy/retry.h"

#include "core/policy/backoff.h"

int64_t retry_obeyed_ms(uint32_t retry_after_ms)
{
	return retry_after_ms < RETRY_AFTER_MAX_MS ? retry_after_ms : RETRY_AFTER_MAX_MS;
}

static enum retry_move later(unsigned count, unsigned max, const struct err *why,
    uint64_t random, int64_t *ret_delay_ms)
{
	if (count > max || why->retry_after_ms > RETRY_AFTER_MAX_MS)
		return RETRY_GIVE_UP;
	*ret_delay_ms = why->retry_after_ms ? why->retry_after_ms
					    : backoff_ms(BACKOFF_FILE, count, random);
	return RETRY_LATER;
}

/*
 * Links die: the first new one is asked for at once. That this is dead, too, is trouble
 * of whoever takes them, which new ones don't end: it is given time.
 */
static enum retry_move renew(unsigned count, uint64_t random, int64_t *ret_delay_ms)
{
	*ret_delay_ms = count > 1 ? backoff_ms(BACKOFF_LINK, count - 1, random) : 0;
	return count > RETRY_RENEW_MAX ? RETRY_GIVE_UP : RETRY_RENEW;
}

/* The file was asked for, and did not come. */
static bool is_try(enum err_kind kind)
{
	return kind == ERR_NET || kind == ERR_TRUST || kind == ERR_GONE ||
	    kind == ERR_CONTRACT;
}

enum retry_move retry_download(struct retry_counts *counts, const struct err *why,
    uint64_t random, int64_t *ret_delay_ms)
{
	if (is_try(why->kind) && ++counts->tries >= RETRY_TRIES_MAX)
		return RETRY_GIVE_UP;
	switch (why->kind) {
	case ERR_TRUST:
		return later(++counts->trust, RETRY_TRUST_MAX, why, random, ret_delay_ms);
	case ERR_NET:
		return later(counts->tries, RETRY_TRIES_MAX, why, random, ret_delay_ms);
	case ERR_BUSY:
		return later(++counts->busy, RETRY_BUSY_MAX, why, random, ret_delay_ms);
	case ERR_GONE:
		return renew(++counts->renewals, random, ret_delay_ms);
	case ERR_CONTRACT:
		return ++counts->restarts > RETRY_RESTART_MAX ? RETRY_GIVE_UP
							      : RETRY_RESTART;
	case ERR_NOSPACE:
	case ERR_LOCKED:
		*ret_delay_ms = 0;
		return RETRY_ROOM;
	case ERR_IO:
	case ERR_LEDGER:
	case ERR_NOMEM:
		return RETRY_STOP_ALL;
	case ERR_OK:
	case ERR_USAGE:
	case ERR_AUTH:
	case ERR_ACCOUNT:
	case ERR_FAILED:
	case ERR_NOT_FOUND:
	case ERR_RUNNING:
	case ERR_CANCELLED:
		break;
	}
	return RETRY_GIVE_UP;
}

/* Is it a "not before then" that is too far away to be waited for? */
static bool is_too_late(const struct retry_request *request, const struct err *why)
{
	return why->retry_after_ms >
	    (uint32_t)(request->is_single_poll ? RETRY_PATIENCE_MS : RETRY_AFTER_MAX_MS);
}

static bool is_patient_enough(const struct retry_request *request)
{
	return request->failures <
	    (unsigned)(request->is_single_poll ? RETRY_POLL_MAX : RETRY_SLOW_DOWN_MAX);
}

static bool may_be_an_outage(const struct retry_request *request)
{
	if (request->is_single_poll)
		return request->failures < RETRY_POLL_MAX;
	if (!request->ever_went_well)
		return request->failures < RETRY_FIRST_CONTACT_MAX;
	return request->trouble_ms < RETRY_OUTAGE_MAX_MS;
}

bool retry_login_is_dead(
    struct retry_login *login, bool is_refused_by_probe, int64_t now_ms)
{
	if (login->refusals++ == 0)
		login->first_ms = now_ms;
	return is_refused_by_probe ||
	    (login->refusals >= RETRY_LOGIN_POLLS &&
		now_ms - login->first_ms >= RETRY_LOGIN_MS);
}

bool retry_api(const struct retry_request *request, const struct err *why)
{
	if (is_too_late(request, why))
		return false;
	if (why->kind == ERR_BUSY)
		return (request->is_lag && !request->is_single_poll) ||
		    is_patient_enough(request);
	if (why->kind == ERR_CONTRACT)
		return request->gets_smaller || request->failures < RETRY_CONTRACT_MAX;
	return why->kind == ERR_NET && may_be_an_outage(request);
}

bool retry_waits_for(const struct err *why, bool perseveres, bool is_draining)
{
	if (why->kind == ERR_NOSPACE)
		return true;
	return perseveres &&
	    (why->kind == ERR_LOCKED || (why->kind == ERR_CANCELLED && is_draining));
}
