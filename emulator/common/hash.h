/*
 * hash.h - every random choice of the emulator, as a pure function of a seed.
 *
 * There is no generator with a state: a choice is hash_mix(seed, what it is
 * for), so that two runs with one seed agree whatever the order of requests.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

uint64_t hash_str(uint64_t seed, const char *s);
uint64_t hash_mix(uint64_t a, uint64_t b);

/* A number in [0, 1), or in [0, n), made of a hash. */
double hash_unit(uint64_t h);
uint32_t hash_below(uint64_t h, uint32_t n);

/* Log-normal: the median and the spread of the logarithm. */
double hash_lognormal(uint64_t h, double median, double sigma);
