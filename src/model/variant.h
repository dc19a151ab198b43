/*
 * variant.h - one file of a task, as a service offers it: in several sizes, of which one
 * is fetched. Pure: which of them, and what is remembered of the choice.
 *
 * Compared are, in this order, pixels, bits a second and bytes. A measure that one of two
 * does not tell says nothing; those that no measure tells apart stand in the order in
 * which the service was read, the best documented place first. A mark in the picture is
 * told and never a reason: nothing takes one away.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* What is wanted of those that are offered. */
enum quality {
	QUALITY_ORIGINAL, /* the best, and a video's original is asked for */
	QUALITY_BEST_LISTED, /* the best that the record itself lists */
	QUALITY_SMALLEST, /* the smallest that the record itself lists */
	QUALITIES
};

/* Names of them, in this order, NULL-terminated. */
extern const char *const quality_names[];
/* False: it is none. */
bool quality_parse(const char *name, enum quality *ret_quality);

struct variant {
	const char *definition; /* "1080p", "origin"; NULL not told */
	int64_t width, height; /* pixels; 0 not told */
	int64_t bitrate; /* bits a second; 0 not told */
	int64_t about_bytes; /* as told beside a quality, and not to be relied on; 0 */
	const char *logo; /* the mark that it carries; "": told to have none; NULL */
	const char *object; /* its name, the same in each link to it; NULL unknown */
	bool is_original; /* it came of asking for the original */
	/* Of the file, as in struct asset: what came is held to it. */
	const char *url;
	int64_t expires_unix;
	int64_t size_bytes; /* -1 not told */
	const char *md5, *format; /* NULL not told */
};

/* Do both name the same object? */
bool variant_is_same(const struct variant *a, const struct variant *b);
/* Is `a` the larger of two? False also when nothing tells. */
bool variant_is_larger(const struct variant *a, const struct variant *b);
/* Returns the place of the one that is wanted, of 1 or more. */
size_t variant_choose(const struct variant *all, size_t n, enum quality quality);
