/*
 * tool_preview.c - dreamq_preview: a stored file as a small picture, for a model that can
 * see. A client that takes structured content drops pictures beside it: there is none.
 */
#include <unistd.h>

#include "base/cleanup.h"
#include "dreamq/thumbs.h"
#include "mcp/stored.h"
#include "mcp/tool.h"

enum { INDEX_MAX = 1000, PICTURE_BYTES_MAX = 200000 };

static const struct param preview_params[] = {
	{ "id", PARAM_ID, .is_required = true },
	{ "index", PARAM_INTEGER, .min = 0, .max = INDEX_MAX, .otherwise = 0,
	    .description = "which file of the task, from 0" },
	{ .name = NULL },
};

/* Sides, the first of which gives few enough bytes. */
static const unsigned sides[] = { 768, 512, DQ_THUMB_SIDE };

static enum dq_status make(struct dq_thumbs *thumbs, int fd, const char *sha256,
    struct dq_picture *picture, struct dq_error *err)
{
	enum dq_status status = DQ_OK;

	for (size_t i = 0; i < sizeof(sides) / sizeof(*sides) && status == DQ_OK; i++) {
		const struct dq_picture_size most = { sides[i], sides[i] };

		dq_picture_release(picture);
		status = dq_webp(thumbs, fd, sha256, &most, picture, err);
		if (picture->length <= PICTURE_BYTES_MAX)
			break;
	}
	return status;
}

static void show(struct answer *answer, int fd, const struct stored *stored)
{
	struct dq_picture picture = { .bytes = NULL };
	struct dq_thumbs *thumbs = NULL;
	struct dq_error error = { .status = DQ_OK };
	enum dq_status status = dq_thumbs_open(NULL, &thumbs, &error);

	if (status == DQ_OK)
		status = make(thumbs, fd, stored->sha256, &picture, &error);
	if (status != DQ_OK) /* of a file that is no picture another may be wanted */
		answer_fail(
		    answer, status == DQ_FAILED ? DQ_USAGE : status, error.message);
	else if (picture.length > PICTURE_BYTES_MAX)
		answer_fail(answer, DQ_STORAGE, "the picture is too large");
	else
		answer_picture(answer, picture.bytes, picture.length, "image/webp");
	dq_picture_release(&picture);
	dq_thumbs_close(thumbs);
}

static void run_preview(struct call *call, struct answer *answer)
{
	_cleanup_(stored_release) struct stored stored = { .bytes = -1 };
	struct dq_error error = { .status = DQ_OK };
	const struct uri uri =
	    uri_of_file(call_text(call, "id"), call_integer(call, "index"));
	const enum dq_status status = stored_find(call, &uri, &stored, &error);
	int fd;

	if (status) {
		answer_fail(answer, status, error.message);
		return;
	}
	if (!stored.path) {
		answer_fail(answer, DQ_USAGE,
		    "this file is not stored: dreamq_get brings the files of a task, "
		    "dreamq_show tells which it has");
		return;
	}
	fd = stored_open(&stored);
	if (fd < 0) {
		answer_fail(answer, DQ_STORAGE,
		    "the stored file can't be read: dreamq_verify tells more");
		return;
	}
	answer_say(answer, "%s", stored.path);
	show(answer, fd, &stored);
	(void)close(fd);
}

const struct tool tool_preview = {
	.name = "dreamq_preview",
	.title = "See one result",
	.description =
	    "View one stored file as a small picture (预览、看图; of a film its first "
	    "one). Use it only to look at how a picture turned out: it costs context.",
	.params = preview_params,
	.reads_only = true,
	.run = run_preview,
};
