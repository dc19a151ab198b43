/*
 * assets.h - what an item list offers for download (PROTOCOL A3, B5).
 *
 * Assets come in the order of the list, one per distinct uri. A cover, a
 * thumbnail or a preview is never a result.
 */
#pragma once

#include "model/task.h"
#include "service/jimeng/read/fields.h"

struct asset_list {
	struct asset *at; /* in the arena */
	size_t n;
	unsigned bad_links; /* there, but not to be used */
	size_t left_out; /* beyond ANSWER_ASSETS_MAX, each as often as it was named */
};

/*
 * `hint` is the kind the record's generate_type names. `assumed_unix` is the
 * expiry of a link that tells none.
 */
struct asset_list assets_read(struct fields *fields, const cJSON *items,
    enum media_kind hint, int64_t assumed_unix);
