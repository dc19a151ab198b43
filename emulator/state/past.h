/*
 * past.h - gives an account a past: records that were made before anybody looked, by this
 * program's users and elsewhere. The seed of the store, the account and what it was given
 * before decide everything about them.
 */
#pragma once

#include "state/mix.h"
#include "state/store.h"

/*
 * Add the records of `mix` to the account. Those that have ended are `step_s` apart, the
 * newest `age_s` old at `now_ms`; those that run are younger. Nothing is charged.
 */
void past_make(struct store *store, const struct clock *clock, struct account *account,
    const struct mix *mix, int64_t now_ms);
