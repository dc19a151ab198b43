/*
 * ask.h - one question to a helper and its answer, whatever becomes of the helper.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dreamq/thumbs.h"
#include "pictures/helper.h"
#include "thumb/protocol.h"

/* What else can come of it than enum thumb_result has. */
enum ask_end {
	ASK_KILLED = THUMB_RESULT_COUNT, /* it died of this file */
	ASK_LATE, /* it took too long, and was killed */
	ASK_LIED, /* the answer can't be one, and it was killed */
	ASK_REFUSED, /* it can't be had; *err says why */
	ASK_END_COUNT,
};

/*
 * Ask about the file behind `fd`. A helper is started when none runs, and once more when
 * one that has answered before is gone: perhaps it has only retired. Returns enum
 * thumb_result or ask_end; with THUMB_DONE *ret_picture is filled.
 */
unsigned ask(struct helper *helper, int fd, const struct thumb_request *request,
    int64_t timeout_ms, struct dq_picture *ret_picture, struct err *err);
