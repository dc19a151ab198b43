#include "core/notify/line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "dreamq/json.h"

char *notice_event_json(const struct dq_event *event)
{
	_cleanup_free_ struct dq_asset *assets =
	    calloc(event->task->n_assets + 1, sizeof(*assets));
	struct dq_task task = *event->task;
	struct dq_event copy = *event;
	struct dq_asset asset;

	if (!assets)
		return NULL;
	for (size_t i = 0; i < task.n_assets; i++) {
		assets[i] = event->task->assets[i];
		assets[i].url = NULL;
		assets[i].expires_unix = 0;
	}
	task.assets = assets;
	copy.task = &task;
	if (event->asset) {
		asset = *event->asset;
		asset.url = NULL;
		asset.expires_unix = 0;
		copy.asset = &asset;
	}
	return dq_event_json(&copy);
}

/* Takes `json` over; NULL: no memory. */
static char *end_line(char *json)
{
	const size_t len = json ? strlen(json) : 0;
	char *line = json ? realloc(json, len + 2) : NULL;

	if (!line) {
		free(json);
		return NULL;
	}
	memcpy(line + len, "\n", 2);
	return line;
}

static bool add(struct notice_line *line, const char *name, const char *value)
{
	if (asprintf(&line->variables[line->n_variables], "%s=%s", name, value) < 0) {
		line->variables[line->n_variables] = NULL;
		return false;
	}
	line->n_variables++;
	return true;
}

/* For the desktop: a few words each. */
static bool add_words(
    struct notice_line *line, const struct dq_event *event, const char *text)
{
	static const char *const titles[NOTICES] = {
		[NOTICE_STORED] = N_("A file is here"),
		[NOTICE_FAILED] = N_("A task has failed"),
		[NOTICE_DONE] = N_("A task is done"),
		[NOTICE_LOGIN] = N_("A new cookie is wanted"),
		[NOTICE_DISK] = N_("The disk is full"),
	};

	if (!text && event)
		text = event->task->prompt ? event->task->prompt : line->id;
	return add(line, "DREAMQ_TITLE", say_text(titles[line->notice])) &&
	    add(line, "DREAMQ_TEXT", text ? text : "");
}

void notice_line_release(struct notice_line *line)
{
	free(line->json);
	for (size_t i = 0; i < line->n_variables; i++)
		free(line->variables[i]);
	*line = (struct notice_line){ .json = NULL };
}

bool notice_line_make(struct dq *dq, enum notice notice, const struct dq_event *event,
    const char *text, struct notice_line *ret_line)
{
	struct notice_line line = { .notice = notice };

	if (event)
		(void)snprintf(line.id, sizeof(line.id), "%s", event->task->submit_id);
	line.json = end_line(event
		? notice_event_json(event)
		: dq_alert_json(notice_name(notice), dq->profile, dq->now.unix_ms, text));
	if (line.json && add(&line, "DREAMQ_EVENT", notice_name(notice)) &&
	    add(&line, "DREAMQ_PROFILE", dq->profile) &&
	    add(&line, "DREAMQ_ID", line.id) && add_words(&line, event, text)) {
		*ret_line = line;
		return true;
	}
	notice_line_release(&line);
	return false;
}

int notice_line_open(const struct notice_line *line)
{
	const int fd = memfd_create("event", MFD_CLOEXEC);
	const size_t len = strlen(line->json);
	int why;

	if (fd < 0)
		return -errno;
	if (write(fd, line->json, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	why = errno ? errno : EIO;
	(void)close(fd);
	return -why;
}
