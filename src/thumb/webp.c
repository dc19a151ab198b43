/*
 * webp.c - WebP, made smaller by the decoder itself; and the small pictures, written as
 * WebP.
 */
#include <stdlib.h>

#include <webp/decode.h>

#include "thumb/decode.h"

static enum thumb_result result_of(VP8StatusCode status)
{
	switch (status) {
	case VP8_STATUS_OK:
		return THUMB_DONE;
	case VP8_STATUS_OUT_OF_MEMORY:
		return THUMB_NO_MEMORY;
	case VP8_STATUS_UNSUPPORTED_FEATURE:
		return THUMB_UNSUPPORTED;
	case VP8_STATUS_INVALID_PARAM:
	case VP8_STATUS_BITSTREAM_ERROR:
	case VP8_STATUS_SUSPENDED:
	case VP8_STATUS_USER_ABORT:
	case VP8_STATUS_NOT_ENOUGH_DATA:
	default:
		return THUMB_DAMAGED;
	}
}

/* The rest of the file, a buffer at a time. */
static enum thumb_result feed(struct source *source, WebPIDecoder *decoder)
{
	VP8StatusCode status = VP8_STATUS_SUSPENDED;

	while (status == VP8_STATUS_SUSPENDED && source_fill(source)) {
		status = WebPIAppend(
		    decoder, source->buffer + source->at, source->end - source->at);
		source->at = source->end;
	}
	return result_of(status);
}

enum thumb_result decode_webp(
    struct source *source, const struct want *want, struct shrink *into)
{
	WebPDecoderConfig config;
	WebPIDecoder *decoder;
	enum thumb_result result;

	if (!WebPInitDecoderConfig(&config) || !source_fill(source))
		return THUMB_DAMAGED;
	result = result_of(WebPGetFeatures(
	    source->buffer + source->at, source->end - source->at, &config.input));
	if (result)
		return result;
	if (config.input.has_animation)
		return THUMB_UNSUPPORTED;
	result = shrink_begin(
	    into, (uint32_t)config.input.width, (uint32_t)config.input.height, want);
	if (result)
		return result;
	config.options.use_scaling = 1;
	config.options.scaled_width = (int)into->width;
	config.options.scaled_height = (int)into->height;
	config.output.colorspace = MODE_RGBA;
	config.output.is_external_memory = 1;
	config.output.u.RGBA.rgba = into->pixels;
	config.output.u.RGBA.stride = (int)into->width * 4;
	config.output.u.RGBA.size = (size_t)into->width * into->height * 4;
	decoder = WebPIDecode(NULL, 0, &config);
	if (!decoder)
		return THUMB_NO_MEMORY;
	result = feed(source, decoder);
	WebPIDelete(decoder);
	WebPFreeDecBuffer(&config.output);
	return result;
}
