/*
 * link.h - signed links to the CDN that expire.
 *
 * image  /tos-cn-i-tb4s082cfz/<object>~tplv-tb4s082cfz-aigc_resize:W:H.png
 *            ?lk3s=…&x-expires=<unix s>&x-signature=<28 base64>&format=.png
 * video  /<32 hex signature>/<8 hex unix s>/video/tos/cn/tos-cn-v-148450/<object>/?…
 *
 * The signature is an HMAC of object, transform, expiry and `salt`. A salt is
 * what the emulator bumps to kill every link to an object that was given out.
 * <object> is 32 hex digits: the key of the task, then a check with the index.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/text.h"

struct link_key {
	uint8_t bytes[32];
};

enum { OBJECT_LEN = 32 };

/* What stands before the object in the uri of an image. */
#define LINK_URI_BUCKET "tos-cn-i-tb4s082cfz/"

/* What a request for a link asks; the texts have fixed room. */
struct link {
	bool is_video; /* or a sound: they travel alike */
	const char *mime; /* of these, as the link tells it; NULL: video_mp4 */
	unsigned bitrate; /* of these, as the link tells it */
	const char *logo; /* the mark it tells of; NULL or "": none */
	char object[64];
	char transform[64]; /* "aigc_resize:0:0.png"; "" for videos */
	int64_t expires; /* Unix seconds */
	uint32_t salt;
};

struct link_key link_key_make(uint64_t seed);

void link_object(uint64_t task_key, unsigned index, char ret[OBJECT_LEN + 1]);

/* Task key and index of an object made by link_object(). */
bool link_object_read(const char *object, uint64_t *ret_task_key, unsigned *ret_index);

/* Append path and query. `now_unix` and `noise` go into the decoration of videos. */
void link_write(struct text *out, const struct link_key *key, const struct link *link,
    int64_t now_unix, uint64_t noise);

/* Object, transform and (for videos) expiry of a path. False when it is no link at all.
 */
bool link_read(const char *path, struct link *ret);

/* Was this very link, with its expiry and the salt of today, given out? */
bool link_is_signed(const struct link_key *key, const struct link *link, const char *path,
    const char *lk3s, const char *signature);

/*
 * When a link given out now expires. `life_s` 0 means as measured: images at the
 * full hour plus two, videos after 3610 s.
 */
int64_t link_expiry(bool is_video, int64_t now_unix, double life_s);
