/*
 * templates.h - the texts in templates/, NUL-terminated; embedded when building.
 */
#pragma once

#include <stddef.h>

extern const unsigned char record_bytes[], image_item_bytes[], image_params_bytes[];
extern const unsigned char video_item_bytes[], video_params_bytes[], draft_bytes[];
extern const unsigned char audio_item_bytes[], audio_params_bytes[], transcoded_bytes[];
extern const unsigned char queue_info_bytes[];
extern const size_t record_size, image_item_size, image_params_size;
extern const size_t video_item_size, video_params_size, draft_size;
extern const size_t audio_item_size, audio_params_size, transcoded_size, queue_info_size;
