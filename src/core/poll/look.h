/*
 * look.h - asking the service about ids that are due, and what follows from
 * its answer.
 */
#pragma once

#include "core/engine/engine.h"

/* Send what is due, as far as requests may be under way. */
void look_send_due(struct engine *engine);
/* Does the login hold again? pause_was_probed() hears it. */
void look_probe_login(struct engine *engine);
/* Since when is the oldest answer waited for? Steady clock; INT64_MAX: none is. */
int64_t look_waits_since_ms(const struct engine *engine);
/* At the end: what is still under way is forgotten. */
void look_drop_requests(struct engine *engine);
