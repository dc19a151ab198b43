/*
 * encode.c - the small pictures, as WebP.
 */
#include <webp/encode.h>

#include "thumb/decode.h"

enum { QUALITY = 75, METHOD = 2 };

uint8_t *encode_webp(const struct shrink *picture, size_t *ret_length)
{
	WebPConfig config;
	WebPPicture webp;
	WebPMemoryWriter writer;
	bool is_done;

	if (!WebPConfigInit(&config) || !WebPPictureInit(&webp))
		return NULL;
	config.quality = QUALITY;
	config.method = METHOD;
	webp.width = (int)picture->width;
	webp.height = (int)picture->height;
	WebPMemoryWriterInit(&writer);
	webp.writer = WebPMemoryWrite;
	webp.custom_ptr = &writer;
	is_done =
	    WebPPictureImportRGBA(&webp, picture->pixels, (int)picture->width * 4) &&
	    WebPEncode(&config, &webp);
	WebPPictureFree(&webp);
	if (!is_done) {
		WebPMemoryWriterClear(&writer);
		return NULL;
	}
	*ret_length = writer.size;
	return writer.mem;
}
