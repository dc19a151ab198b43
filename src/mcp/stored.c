#include "mcp/stored.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "mcp/view.h"

/* Who looks for it. */
struct looking {
	const struct uri *uri;
	struct stored *stored;
};

void stored_release(struct stored *stored)
{
	free(stored->path);
	free(stored->sha256);
	free(stored->mime);
	*stored = (struct stored){ .path = NULL };
}

static bool is_it(const struct uri *uri, const struct dq_asset *asset)
{
	if (!asset->is_stored || !asset->path)
		return false;
	return uri->kind == URI_OF_SUM ? asset->sha256 && !strcmp(asset->sha256, uri->id)
				       : asset->index == uri->index;
}

ANALYZER_LOSES_SIGHT
static void hear(void *payload, const struct dq_event *event)
{
	struct looking *looking = payload;
	struct stored *stored = looking->stored;

	for (size_t i = 0; event->type == DQ_EVENT_TASK && i < event->task->n_assets;
	     i++) {
		const struct dq_asset *asset = &event->task->assets[i];

		if (!is_it(looking->uri, asset) || stored->path)
			continue;
		stored->path = strdup(asset->path);
		stored->sha256 = asset->sha256 ? strdup(asset->sha256) : NULL;
		stored->mime = view_mime(asset);
		stored->bytes = asset->bytes;
	}
}
ANALYZER_SEES_AGAIN

enum dq_status stored_find(struct call *call, const struct uri *uri,
    struct stored *ret_stored, struct dq_error *err)
{
	struct looking looking = { uri, ret_stored };
	const struct dq_filter by_sum = { .size_bytes = sizeof(by_sum),
		.sha256 = uri->id };
	enum dq_status status;

	*ret_stored = (struct stored){ .bytes = -1 };
	call_listen(call, hear, &looking);
	status = uri->kind == URI_OF_SUM ? dq_list(call->dq, &by_sum, err)
					 : dq_show(call->dq, uri->id, err);
	call_listen(call, NULL, NULL);
	return status;
}

int stored_open(const struct stored *stored)
{
	return open(stored->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}
