#include "common/hash.h"

#include <math.h>
#include <string.h>

static uint64_t finish(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9u;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

uint64_t hash_mix(uint64_t a, uint64_t b)
{
	return finish(finish(a + 0x9e3779b97f4a7c15u) ^ (b * 0xd6e8feb86659fd93u + 1));
}

static uint64_t of_bytes(uint64_t seed, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	uint64_t h = hash_mix(seed, n);

	while (n) {
		size_t take = n < 8 ? n : 8;
		uint64_t word = 0;

		memcpy(&word, p, take);
		h = hash_mix(h, word);
		p += take;
		n -= take;
	}
	return h;
}

uint64_t hash_str(uint64_t seed, const char *s)
{
	return of_bytes(seed, s, strlen(s));
}

double hash_unit(uint64_t h)
{
	return (double)(finish(h) >> 11) * 0x1.0p-53;
}

uint32_t hash_below(uint64_t h, uint32_t n)
{
	return n ? (uint32_t)(finish(h ^ 0x5bd1e995u) % n) : 0;
}

static double normal_deviate(uint64_t h)
{
	double u = hash_unit(hash_mix(h, 1));
	double v = hash_unit(hash_mix(h, 2));

	return sqrt(-2.0 * log(1.0 - u)) * cos(2.0 * M_PI * v);
}

double hash_lognormal(uint64_t h, double median, double sigma)
{
	return median * exp(sigma * normal_deviate(h));
}
