/*
 * random.h - random words for jitter: splitmix64 (Steele, Lea, Flood 2014).
 * They need a seed and no secrecy; ids come from getrandom().
 */
#pragma once

#include <stdint.h>

uint64_t random_next(uint64_t *state);
