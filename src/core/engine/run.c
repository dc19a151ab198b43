#include "core/engine/run.h"

#include "core/common/random.h"

uint64_t engine_random(struct engine *engine)
{
	return random_next(&engine->random);
}

void engine_worsen(struct engine *engine, const struct err *why)
{
	if (err_is_worse(why, &engine->worst))
		engine->worst = *why;
}

void engine_abort(struct engine *engine, const struct err *why)
{
	if (engine->fatal.kind == ERR_OK || err_is_worse(why, &engine->fatal))
		engine->fatal = *why;
}

bool engine_is_draining(const struct engine *engine)
{
	return engine->drain_until_ms >= 0;
}

bool engine_is_holding(const struct engine *engine)
{
	return engine->fatal.kind || engine->is_time_up || engine_is_draining(engine) ||
	    atomic_load(&engine->dq->is_interrupted);
}
