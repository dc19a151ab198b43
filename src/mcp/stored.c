#include "mcp/stored.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "mcp/view.h"

/* Who looks for it. */
struct looking {
	int64_t index;
	struct stored *stored;
};

void stored_release(struct stored *stored)
{
	free(stored->path);
	free(stored->sha256);
	free(stored->mime);
	*stored = (struct stored){ .path = NULL };
}

ANALYZER_LOSES_SIGHT
static void hear(void *payload, const struct dq_event *event)
{
	struct looking *looking = payload;
	struct stored *stored = looking->stored;

	for (size_t i = 0; event->type == DQ_EVENT_TASK && i < event->task->n_assets;
	     i++) {
		const struct dq_asset *asset = &event->task->assets[i];

		if (asset->index != looking->index || !asset->is_stored || !asset->path ||
		    stored->path)
			continue;
		stored->path = strdup(asset->path);
		stored->sha256 = asset->sha256 ? strdup(asset->sha256) : NULL;
		stored->mime = view_mime(asset);
		stored->bytes = asset->bytes;
	}
}
ANALYZER_SEES_AGAIN

enum dq_status stored_find(struct call *call, const char *id, int64_t index,
    struct stored *ret_stored, struct dq_error *err)
{
	struct looking looking = { index, ret_stored };
	enum dq_status status;

	*ret_stored = (struct stored){ .bytes = -1 };
	call_listen(call, hear, &looking);
	status = dq_show(call->dq, id, err);
	call_listen(call, NULL, NULL);
	return status;
}

int stored_open(const struct stored *stored)
{
	return open(stored->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}
