/*
 * decode.h - the decoders: each reads the file from its beginning into a smaller picture.
 *
 * `into` is zeroed, and released by the caller whatever comes back. With THUMB_DONE it
 * has all its rows. A file that is cut, or of which a part can't be read, is
 * THUMB_DAMAGED: half a picture is not shown as one.
 */
#pragma once

#include "thumb/shrink.h"
#include "thumb/source.h"

enum thumb_result decode_png(
    struct source *source, const struct want *want, struct shrink *into);
enum thumb_result decode_jpeg(
    struct source *source, const struct want *want, struct shrink *into);
enum thumb_result decode_webp(
    struct source *source, const struct want *want, struct shrink *into);
/* PNG, JPEG or WebP, as its first bytes say. */
enum thumb_result decode_picture(
    struct source *source, const struct want *want, struct shrink *into);
/* The first picture of a film: MP4, MOV, WebM. */
enum thumb_result decode_poster(
    struct source *source, const struct want *want, struct shrink *into);

/* Have their libraries open now what they open at their first use (libjpeg on ARM reads
 * /proc/cpuinfo). */
void prepare_pictures(void);
void prepare_posters(void);

/* Malloc'ed bytes of a WebP file; NULL: no memory. */
uint8_t *encode_webp(const struct shrink *picture, size_t *ret_length);
