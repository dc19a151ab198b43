/*
 * prompt.h - words in a prompt that choose what becomes of its task.
 *
 * `[reject-text] a cat [items=2]` makes a task that the text review rejects.
 * The table in prompt.c has every word with its meaning; a word it does not
 * know is part of the prompt, as it would be for the service.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum outcome {
	OUTCOME_SUCCESS,
	OUTCOME_REJECT_TEXT,
	OUTCOME_REJECT_OUTPUT,
	OUTCOME_FAIL,
	OUTCOME_FAIL_EMPTY_CODE,
	OUTCOME_FAIL_WITH_ITEMS,
	OUTCOME_CANCEL,
	OUTCOME_DELETED,
	OUTCOME_ONE_MISSING,
	OUTCOME_NO_ASSETS,
	OUTCOME_STUCK,
};

enum media_format {
	FORMAT_PNG,
	FORMAT_WEBP,
	FORMAT_JPEG,
	FORMAT_MP4,
	FORMAT_MP3,
};

enum { ITEMS_MAX = 16 };

struct wishes {
	enum outcome outcome;
	enum media_format bytes_as; /* what the bytes of an image really are */
	bool history_only; /* known by its history id alone, */
	bool no_submit_id; /* and the record tells none either */
	bool no_md5; /* the record of a video tells none */
	bool gone; /* no record of it is there any more, */
	bool file_gone; /* or its files are not */
	bool phantom; /* it costs nothing, and its record has no queue; stuck */
	bool common_video; /* a video is linked in common_attr alone */
	bool sample; /* the record of a video links a small one, */
	bool all_definitions; /* and its video_model has the original all the same */
	/* How it was made, as its record tells it; at most one of these. */
	bool super_resolution, multi_frame, draft, final, agent;
	bool duplicates; /* the first two items are listed twice */
	int ret; /* submit is refused with this code; 0 accepts */
	int odd_status; /* shown while it runs; 0 is none */
	int final_status; /* shown instead of 50; 0 is none */
	int items; /* 0: the seed decides */
	int queue; /* first place in the queue; -1: the seed decides */
	double absent; /* for so long after its acceptance no query finds it */
	double seconds; /* length of the generation; 0: the seed decides */
	unsigned width, height; /* 0: the ratio decides */
	uint64_t asset_bytes; /* every asset is padded to this size; 0 is not */
	uint64_t sample_bytes; /* of that small one; 0 is as usual */
	uint64_t slow; /* bytes a second that an asset is served at; 0 is full speed */
};

struct wishes prompt_wishes(const char *prompt);
