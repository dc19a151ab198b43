#include "net/throttle.h"

#include "base/clock.h"

enum { BUFFER_MIN = 1024, BUFFERS_A_SECOND = 8 };

/* By the hour there may be another rate, or none. */
static void look_at_clock(struct net *net, int64_t now_ms)
{
	const int64_t now_unix_ms = clock_unix_ms();
	int64_t next_unix_ms;
	uint64_t rate;

	if (!rate_plan_least(&net->rates) || now_ms < net->rate_check_ms)
		return;
	rate = rate_plan_at(&net->rates, hours_minute(now_unix_ms, &next_unix_ms));
	/* Once a minute at least, also when somebody sets the clock. */
	net->rate_check_ms = now_ms + (next_unix_ms - now_unix_ms);
	if (net->bucket.rate && rate)
		bucket_change(&net->bucket, rate, now_ms);
	else
		net->bucket =
		    rate ? bucket_make(rate, now_ms) : (struct rate_bucket){ 0 };
}

static void wait_in_line(struct net_request *request, size_t len)
{
	struct net *net = request->net;

	request->wants = len;
	request->was_throttled = true;
	if (request->is_throttled)
		return;
	request->is_throttled = true;
	if (request->has_turn)
		TAILQ_INSERT_HEAD(&net->throttled, request, line);
	else
		TAILQ_INSERT_TAIL(&net->throttled, request, line);
	request->has_turn = false;
}

bool throttle_lets(struct net_request *request, size_t len)
{
	const int64_t now_ms = clock_mono_ms();
	struct net *net = request->net;
	bool may_take;

	if (request->role != NET_CDN)
		return true;
	look_at_clock(net, now_ms);
	if (!net->bucket.rate)
		return true;
	may_take =
	    request->has_turn || (!request->is_throttled && TAILQ_EMPTY(&net->throttled));
	if (!may_take || !bucket_take(&net->bucket, len, now_ms)) {
		wait_in_line(request, len);
		return false;
	}
	request->has_turn = false;
	return true;
}

static void give_turn(struct net_request *request, int64_t now_ms)
{
	struct net *net = request->net;

	TAILQ_REMOVE(&net->throttled, request, line);
	request->is_throttled = false;
	request->has_turn = true;
	/* Until now it was we who were silent. */
	request->heard_ms = now_ms;
	if (now_ms + request->stall_timeout_ms < net->next_deadline_ms)
		net->next_deadline_ms = now_ms + request->stall_timeout_ms;
	net->has_resumed = true;
}

/* Is it the first one's turn? It may want more than there will ever be. */
static bool is_its_turn(struct net *net, const struct net_request *first, int64_t now_ms)
{
	return !net->bucket.rate || bucket_when_ms(&net->bucket, first->wants) <= now_ms;
}

void throttle_step(struct net *net, int64_t now_ms)
{
	struct net_request *request = TAILQ_FIRST(&net->throttled);
	uint64_t left = 0;

	if (!request)
		return;
	look_at_clock(net, now_ms);
	if (net->bucket.rate)
		left = bucket_level(&net->bucket, now_ms);
	if (!is_its_turn(net, request, now_ms))
		return;
	do {
		left -= request->wants < left ? request->wants : left;
		give_turn(request, now_ms);
		request = TAILQ_FIRST(&net->throttled);
	} while (request && (!net->bucket.rate || request->wants <= left));
}

int64_t throttle_next_ms(const struct net *net)
{
	const struct net_request *first = TAILQ_FIRST(&net->throttled);
	int64_t next_ms;

	if (!first)
		return INT64_MAX;
	if (!net->bucket.rate)
		return 0;
	next_ms = bucket_when_ms(&net->bucket, first->wants);
	return next_ms < net->rate_check_ms ? next_ms : net->rate_check_ms;
}

void throttle_leave(struct net_request *request)
{
	if (request->is_throttled)
		TAILQ_REMOVE(&request->net->throttled, request, line);
	request->is_throttled = request->has_turn = false;
}

long throttle_buffer(const struct net *net, long usual)
{
	const uint64_t least = rate_plan_least(&net->rates) / BUFFERS_A_SECOND;

	if (!rate_plan_least(&net->rates))
		return usual;
	if (least < BUFFER_MIN)
		return BUFFER_MIN;
	return least < RATE_PIECE ? (long)least : RATE_PIECE;
}
