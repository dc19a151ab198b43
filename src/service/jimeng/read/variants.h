/*
 * variants.h - in which variants an item offers a file: the pictures of `large_images`,
 * the definitions of `transcoded_video`, and what the player is told in `video_model`, a
 * JSON text whose links are base64 (PROTOCOL B14). A cover or a thumbnail is none.
 *
 * They are an offer beyond the link that the record is known by: what can't be read of
 * them is missing, and never a reason to doubt the record.
 */
#pragma once

#include "model/task.h"
#include "service/jimeng/read/fields.h"

enum {
	VARIANTS_MAX = 16, /* of one file; those beyond are left out */
	/* Bytes of a record's arena, up to which there is room for variants. */
	VARIANTS_ROOM = 1 << 20,
};

/*
 * `holder` is what of the item the asset was read from: the first of its variants. One
 * that only repeats the object of another adds what that does not tell. Nothing is set
 * where there is nothing to choose, but for a video.
 */
void variants_read(struct fields *fields, const cJSON *item, const cJSON *holder,
    struct asset *asset, int64_t assumed_unix);
