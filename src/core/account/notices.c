#include "core/account/notices.h"

#include <stdlib.h>
#include <string.h>

#include "core/account/dq.h"
#include "core/common/given.h"
#include "dreamq/notify.h"

enum { RULES_MAX = 64 };

static const char *const names[NOTICES] = {
	[NOTICE_STORED] = "stored",
	[NOTICE_FAILED] = "failed",
	[NOTICE_DONE] = "done",
	[NOTICE_LOGIN] = "login",
	[NOTICE_DISK] = "disk",
};

const char *notice_name(enum notice notice)
{
	return names[notice];
}

enum notice notice_find(const char *name, size_t len)
{
	enum notice notice = 0;

	while (notice < NOTICES &&
	    (strlen(names[notice]) != len || memcmp(names[notice], name, len) != 0))
		notice++;
	return notice;
}

void notice_rules_release(struct notice_rules *rules)
{
	for (size_t i = 0; i < rules->n; i++)
		free(rules->texts[i]);
	free(rules->texts);
	free(rules->rules);
	*rules = (struct notice_rules){ .n = 0 };
}

static enum err_kind add(struct notice_rules *rules, const char *given, struct err *err)
{
	const size_t len = strcspn(given, "=");
	const enum notice notice = notice_find(given, len);
	char *text;

	if (notice == NOTICES)
		return err_set(err, ERR_USAGE,
		    "there is no event '%.*s'; there are stored, failed, done, login and "
		    "disk, as done=COMMAND",
		    (int)(len < 40 ? len : 40), given);
	if (!given[len] || !given[len + 1])
		return err_set(err, ERR_USAGE,
		    "'%s' has no command; write it as %s=COMMAND", names[notice],
		    names[notice]);
	text = strdup(given);
	if (!text)
		return err_set(err, ERR_NOMEM, "out of memory");
	rules->texts[rules->n] = text;
	rules->rules[rules->n++] = (struct notice_rule){ notice, text + len + 1 };
	return ERR_OK;
}

enum err_kind notice_rules_make(
    const struct dq_notify *given, struct notice_rules *ret_rules, struct err *err)
{
	struct notice_rules rules = { .n = 0 };
	struct dq_notify notify;
	size_t n = 0;

	given_take(&notify, sizeof(notify), given);
	rules.on_desktop = notify.desktop;
	while (notify.on && notify.on[n])
		n++;
	if (n > RULES_MAX)
		return err_set(
		    err, ERR_USAGE, "more than %d commands for events", RULES_MAX);
	if (n > 0) {
		rules.texts = calloc(n, sizeof(*rules.texts));
		rules.rules = calloc(n, sizeof(*rules.rules));
		if (!rules.texts || !rules.rules)
			err_set(err, ERR_NOMEM, "out of memory");
		for (size_t i = 0; i < n; i++)
			if (!rules.texts || !rules.rules ||
			    add(&rules, notify.on[i], err)) {
				notice_rules_release(&rules);
				return err->kind;
			}
	}
	*ret_rules = rules;
	return ERR_OK;
}

void session_listen(struct dq *dq,
    void (*hear)(void *payload, enum notice notice, const struct dq_event *event,
	const char *text),
    void *payload)
{
	dq->listener = (struct notice_listener){ hear, payload };
}

static void tell(
    struct dq *dq, enum notice notice, const struct dq_event *event, const char *text)
{
	if (dq->listener.hear)
		dq->listener.hear(dq->listener.payload, notice, event, text);
}

void notices_hear(struct dq *dq, const struct dq_event *event)
{
	if (event->type == DQ_EVENT_STORED)
		tell(dq, NOTICE_STORED, event, NULL);
	else if (event->type == DQ_EVENT_TASK && event->task->is_final)
		tell(dq,
		    !strcmp(event->task->state, "succeeded") ? NOTICE_DONE
							     : NOTICE_FAILED,
		    event, NULL);
	else if (event->type == DQ_EVENT_NOTE && event->note == DQ_NOTE_LOGIN)
		tell(dq, NOTICE_LOGIN, NULL, event->text);
}

void session_notice(struct dq *dq, enum notice notice, const char *text)
{
	tell(dq, notice, NULL, text);
}
