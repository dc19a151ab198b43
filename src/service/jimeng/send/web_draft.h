/*
 * web_draft.h - what the web page puts into `draft_content` for pictures from a text
 * (PROTOCOL B11; byte for byte the capture in tests/fixtures, when it is given the
 * capture's values). Pure: ids, time and seed are arguments.
 *
 * Nobody has shown which of it the service needs; all that the capture has is there.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* The parts that have an id of their own. */
enum web_part {
	WEB_DRAFT,
	WEB_COMPONENT,
	WEB_METADATA,
	WEB_ABILITIES,
	WEB_GENERATE,
	WEB_CORE_PARAM,
	WEB_IMAGE_INFO,
	WEB_HISTORY_OPTION,
	WEB_GEN_OPTION,
	WEB_PARTS
};
enum { WEB_ID_LEN = 36, WEB_MOMENT_LEN = 13 };

/* A shape in a resolution. */
struct web_size {
	const char *resolution; /* "2k" */
	unsigned width, height;
	unsigned ratio; /* the page's number for it */
};
/* NULL: the page offers no such shape. */
const struct web_size *web_size_find(const char *ratio, const char *resolution);

struct web_draft {
	const char *model, *prompt;
	const char *negative_prompt; /* "": none */
	const char *version; /* of the page */
	const struct web_size *size;
	const char *sample_strength; /* the text of a number */
	uint32_t seed;
	unsigned count; /* of pictures; 0: the service makes as many as it likes */
	int64_t made_unix_ms;
	char ids[WEB_PARTS][WEB_ID_LEN + 1];
};

/*
 * What names a draft of a task, and what is drawn for it: the same for the same task,
 * other ones for any other.
 */
enum err_kind web_draft_name(
    struct web_draft *draft, const char *submit_id, struct err *err);

/* As text of JSON, appended. ERR_NOMEM. */
enum err_kind web_draft_write(
    const struct web_draft *draft, struct buf *into, struct err *err);

/*
 * The same text, as a JSON string holds it or not, of another task and time, in place.
 * One that does not have the names of task `old_id` is left as it is.
 */
enum err_kind web_draft_rename(char *text, const char *old_id, const char *new_id,
    int64_t made_unix_ms, struct err *err);
