#include "core/policy/parallel.h"

enum { PAUSE_FIRST_MS = 60 * 1000, PAUSE_MAX_MS = 8 * 60 * 1000, SHARE = 4 };

static const double less_pays = 0.95, more_pays = 1.10;

struct parallel parallel_make(unsigned ceiling, int64_t now_ms)
{
	return (struct parallel){
		.ceiling = ceiling,
		.allowed = ceiling,
		.since = { .now_ms = now_ms },
		.direction = -1,
		.next_probe_ms = now_ms,
		.pause_ms = PAUSE_FIRST_MS,
	};
}

/* Either there is too little to do, or what was begun before is still too much. */
static bool is_full(const struct parallel *p, const struct parallel_seen *seen)
{
	return seen->others_wait ? seen->running <= p->allowed
				 : seen->running == p->allowed;
}

/*
 * Would files take long with the ceiling, if the line were the limit? With fewer they
 * take less, and shall not be called short for that. When none ended, they are long.
 */
static bool takes_long(const struct parallel *p, const struct parallel_seen *seen)
{
	const uint64_t ended = seen->ended - p->since.ended;
	const uint64_t took_ms = seen->took_ms - p->since.took_ms;

	return ended == 0 ||
	    took_ms * p->ceiling >= ended * PARALLEL_LONG_MS * p->allowed;
}

static double rate(const struct parallel *p, const struct parallel_seen *seen)
{
	return (double)(seen->came_bytes - p->since.came_bytes) * 1000.0 /
	    (double)(seen->now_ms - p->since.now_ms);
}

static unsigned next_to(const struct parallel *p)
{
	const unsigned share = p->allowed / SHARE ? p->allowed / SHARE : 1;

	if (p->direction > 0)
		return p->allowed + share < p->ceiling ? p->allowed + share : p->ceiling;
	return p->allowed > PARALLEL_LEAST + share ? p->allowed - share : PARALLEL_LEAST;
}

static bool can_go(const struct parallel *p)
{
	return p->direction > 0 ? p->allowed < p->ceiling : p->allowed > PARALLEL_LEAST;
}

static void end_probe(struct parallel *p, int64_t now_ms)
{
	p->is_probing = false;
	p->direction = -p->direction;
	p->next_probe_ms = now_ms + p->pause_ms;
	if (p->pause_ms < PAUSE_MAX_MS)
		p->pause_ms *= 2;
}

/* `now_rate` is what comes with as many as are allowed now. */
static void begin_probe(struct parallel *p, double now_rate, int64_t now_ms)
{
	if (!can_go(p)) {
		end_probe(p, now_ms);
		return;
	}
	p->before = p->allowed;
	p->allowed = next_to(p);
	/* A descent in small steps must not lose a little with each. */
	if (!p->is_probing || p->direction > 0 || now_rate > p->best_rate)
		p->best_rate = now_rate;
	p->is_probing = true;
}

static void judge_probe(struct parallel *p, double now_rate, int64_t now_ms)
{
	const double least = p->best_rate * (p->direction > 0 ? more_pays : less_pays);

	if (now_rate >= least) {
		p->pause_ms = PAUSE_FIRST_MS;
		begin_probe(p, now_rate, now_ms);
		return;
	}
	p->allowed = p->before;
	end_probe(p, now_ms);
}

void parallel_step(struct parallel *p, const struct parallel_seen *seen)
{
	if (!is_full(p, seen)) {
		p->since = *seen;
		return;
	}
	if (seen->now_ms - p->since.now_ms < PARALLEL_PERIOD_MS)
		return;
	if (!takes_long(p, seen)) {
		p->allowed = p->ceiling;
		p->is_probing = false;
		p->direction = -1;
	} else if (p->is_probing) {
		judge_probe(p, rate(p, seen), seen->now_ms);
	} else if (seen->now_ms >= p->next_probe_ms) {
		begin_probe(p, rate(p, seen), seen->now_ms);
	}
	p->since = *seen;
}
