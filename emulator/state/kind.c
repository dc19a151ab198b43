#include "state/kind.h"

#include <string.h>

#include "media/asset.h"

enum { SIDE = 512 };

static const struct kind_row rows[TASK_KINDS] = {
	[KIND_IMAGE] = { .name = "image",
	    .model_key = "high_aes_general_v40",
	    .model_name = "图片 4.0",
	    .title_key = "dreamina_image4_title",
	    .tip_key = "dreamina_image4_desc",
	    .generate_type = 1,
	    .width = SIDE,
	    .height = SIDE,
	    .price = 1,
	    .credit_title = "图片生成",
	    .resource = "generate_img",
	    .benefit = "image_basic_v4_2k",
	    .median_s = 19.0,
	    .sigma = 0.25 },
	[KIND_VIDEO] = { .name = "video",
	    .model_key = "dreamina_seedance_40",
	    .model_name = "视频 Seedance",
	    .title_key = "dreamina_video_seedance_title",
	    .tip_key = "dreamina_video_seedance_desc",
	    .generate_type = 10,
	    .width = CLIP_WIDTH,
	    .height = CLIP_HEIGHT,
	    .price = 10,
	    .credit_title = "视频生成",
	    .resource = "generate_video",
	    .benefit = "basic_video_operation_vgfm_v_three",
	    .items = 1,
	    .median_s = 130.0,
	    .sigma = 0.5,
	    .queues = true },
	[KIND_AUDIO] = { .name = "audio",
	    .model_key = "audio_tts_generate",
	    .model_name = "音频",
	    .title_key = "dreamina_audio_tts_title",
	    .tip_key = "dreamina_audio_tts_desc",
	    .generate_type = 44,
	    .price = 2,
	    .credit_title = "音频生成",
	    .resource = "generate_audio",
	    .benefit = "audio_tts_basic",
	    .items = 2,
	    .median_s = 8.0,
	    .sigma = 0.3 },
};

const struct kind_row *kind_row(enum task_kind kind)
{
	return &rows[kind];
}

bool kind_find(const char *name, enum task_kind *ret)
{
	for (int i = 0; i < TASK_KINDS; i++)
		if (strcmp(rows[i].name, name) == 0) {
			*ret = (enum task_kind)i;
			return true;
		}
	return false;
}
