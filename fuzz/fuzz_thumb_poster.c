/* Any bytes as a film: the decoder ends, and what it calls a picture has all its pixels.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "thumb/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct source source;
	const struct want want = { 64, 48 };
	struct shrink picture = { 0 };
	unsigned long sum = 0;
	int fd = memfd_create("media", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	prepare_posters();
	source_open(&source, fd);
	if (decode_poster(&source, &want, &picture) == THUMB_DONE) {
		for (size_t i = 0; i < (size_t)picture.width * picture.height * 4; i++)
			sum += picture.pixels[i];
		if (picture.width > 64 || picture.height > 48 || sum == 1)
			abort();
	}
	shrink_release(&picture);
	(void)close(fd);
	return 0;
}
