#include "common/clock.h"

#include <math.h>
#include <time.h>

static int64_t read_ns(clockid_t id)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t clock_mono_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void)
{
	return read_ns(CLOCK_REALTIME) / 1000000;
}

struct clock clock_make(double scale, bool keep_real, int64_t wall_ms, int64_t mono_ns)
{
	return (struct clock){
		.start_ms = wall_ms,
		.start_mono_ns = mono_ns,
		.rate = keep_real ? 1.0 : scale,
		.shrink = keep_real ? scale : 1.0,
	};
}

int64_t clock_at_ms(const struct clock *clock, int64_t mono_ns)
{
	double passed_ms = (double)(mono_ns - clock->start_mono_ns) / 1e6;

	return clock->start_ms + (int64_t)(passed_ms * clock->rate);
}

int64_t clock_now_ms(const struct clock *clock)
{
	return clock_at_ms(clock, clock_mono_ns());
}

int64_t clock_span_ms(const struct clock *clock, double seconds)
{
	return (int64_t)(seconds * 1000.0 / clock->shrink);
}

int clock_advice_s(const struct clock *clock, double seconds)
{
	double real = seconds / (clock->rate * clock->shrink);

	return real < 1.0 ? 1 : (int)lround(real);
}
