#include "core/policy/backoff.h"

enum jitter { BACKOFF_EXACT, BACKOFF_HALF, BACKOFF_FULL };

#define SECONDS(n) (INT64_C(n) * 1000)
#define MINUTES(n) (INT64_C(n) * 60000)

static const struct backoff {
	int64_t first_ms, cap_ms;
	enum jitter jitter;
} rows[BACKOFF_COUNT] = {
	[BACKOFF_FILE] = { 500, SECONDS(30), BACKOFF_FULL },
	[BACKOFF_LINK] = { SECONDS(4), SECONDS(30), BACKOFF_HALF },
	[BACKOFF_BUSY_FILE] = { 250, SECONDS(2), BACKOFF_EXACT },
	[BACKOFF_POLL] = { SECONDS(1), SECONDS(30), BACKOFF_FULL },
	[BACKOFF_UNSENT] = { 500, SECONDS(30), BACKOFF_HALF },
	[BACKOFF_REFUSED] = { SECONDS(5), SECONDS(60), BACKOFF_HALF },
	[BACKOFF_LOGIN] = { MINUTES(5), MINUTES(30), BACKOFF_EXACT },
	[BACKOFF_ACCOUNT] = { MINUTES(10), MINUTES(60), BACKOFF_EXACT },
	[BACKOFF_REST] = { MINUTES(1), MINUTES(60), BACKOFF_EXACT },
};

int64_t backoff_cap_ms(enum backoff_of of)
{
	return rows[of].cap_ms;
}

int64_t backoff_ms(enum backoff_of of, unsigned failures, uint64_t random)
{
	const struct backoff *row = &rows[of];
	int64_t for_ms = row->first_ms;

	for (unsigned i = 1; i < failures && for_ms < row->cap_ms; i++)
		for_ms *= 2;
	if (for_ms > row->cap_ms)
		for_ms = row->cap_ms;
	switch (row->jitter) {
	case BACKOFF_HALF:
		return for_ms / 2 + (int64_t)(random % (uint64_t)(for_ms / 2 + 1));
	case BACKOFF_FULL:
		return 1 + (int64_t)(random % (uint64_t)for_ms);
	case BACKOFF_EXACT:
		break;
	}
	return for_ms;
}
