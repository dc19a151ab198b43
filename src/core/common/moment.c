#include "core/common/moment.h"

#include "base/clock.h"

static struct moment read_system(void *payload)
{
	(void)payload;
	return (struct moment){ .mono_ms = clock_mono_ms(), .unix_ms = clock_unix_ms() };
}

/* Whatever is under way wakes the net. */
static enum err_kind wait_for_net(
    void *payload, struct net *net, int64_t until_ms, bool has_jobs, struct err *err)
{
	(void)payload;
	(void)has_jobs;
	return net_wait(net, until_ms, err);
}

const struct clocks clocks_system = { .read = read_system, .wait = wait_for_net };

struct moment moment_read(const struct clocks *clocks)
{
	return clocks->read(clocks->payload);
}
