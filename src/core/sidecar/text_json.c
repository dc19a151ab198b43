#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "core/common/view.h"
#include "core/sidecar/texts.h"
#include "dreamq/dreamq.h"

char *sidecar_text_json(const struct sidecar_of *of)
{
	_cleanup_(view_release) struct view view = { 0 };
	_cleanup_free_ char *line = NULL;
	struct dq_event event = { .type = DQ_EVENT_TASK };
	char *text;

	if (!view_make(of->task, &view))
		return NULL;
	for (size_t i = 0; i < view.task.n_assets; i++) {
		struct dq_asset *asset = &view.assets[i];

		asset->url = NULL;
		asset->expires_unix = 0;
		if (asset->is_stored && !of->is_here(of->payload, &of->task->assets[i])) {
			asset->path = NULL;
			asset->is_stored = false;
		}
	}
	view.task.polls = -1; /* it grows after the last word */
	event.task = &view.task;
	line = dq_event_json(&event);
	return line && asprintf(&text, "%s\n", line) >= 0 ? text : NULL;
}
