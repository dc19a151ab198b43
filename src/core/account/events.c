#include "core/account/events.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "base/text.h"
#include "core/account/notices.h"
#include "core/common/view.h"

enum { NOTE_MAX = 1000 };

/* Returns whether anybody listens; then time and totals are filled in. */
static bool emit_to_front(struct dq *dq, struct dq_event *event)
{
	if (!dq->on_event && !dq->listener.hear)
		return false;
	if (event->type != DQ_EVENT_TICK && event->type != DQ_EVENT_LOG &&
	    event->type != DQ_EVENT_NOTE)
		dq->moved_ms = dq->now.mono_ms;
	if (event->type != DQ_EVENT_TICK && event->type != DQ_EVENT_LOG &&
	    event->type != DQ_EVENT_PROGRESS)
		dq->spoke_ms = dq->now.mono_ms;
	event->at_unix_ms = dq->now.unix_ms;
	event->totals = &dq->totals;
	if (dq->on_event)
		dq->on_event(dq->payload, event);
	return true;
}

void session_emit(struct dq *dq, struct dq_event event)
{
	if (emit_to_front(dq, &event))
		notices_hear(dq, &event);
}

__attribute__((format(printf, 3, 0))) static void tell(
    struct dq *dq, enum dq_note note, const char *fmt, va_list ap)
{
	char text[NOTE_MAX];

	say_format(text, sizeof(text), fmt, ap);
	text_make_printable(text);
	session_emit(
	    dq, (struct dq_event){ .type = DQ_EVENT_NOTE, .text = text, .note = note });
}

void session_note(struct dq *dq, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(dq, DQ_NOTE_WARNING, fmt, ap);
	va_end(ap);
}

void session_tell(struct dq *dq, enum dq_note note, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(dq, note, fmt, ap);
	va_end(ap);
}

void session_tell_task(
    struct dq *dq, enum dq_note note, const struct task *task, const char *line)
{
	_cleanup_(view_release) struct view view = { 0 };

	if (view_make(task, &view))
		session_emit(dq,
		    (struct dq_event){ .type = DQ_EVENT_NOTE,
			.task = &view.task,
			.text = line,
			.note = note });
}

static void emit_task(
    struct dq *dq, enum dq_event_type type, const struct task *task, bool to_others)
{
	_cleanup_(view_release) struct view view = { 0 };
	struct dq_event event = { .type = type };

	if (!view_make(task, &view)) {
		session_note(
		    dq, "out of memory: task '%s' is not shown", task->submit_id);
		return;
	}
	event.task = &view.task;
	if (emit_to_front(dq, &event) && to_others)
		notices_hear(dq, &event);
}

void session_emit_task(struct dq *dq, enum dq_event_type type, const struct task *task)
{
	emit_task(dq, type, task, true);
}

void session_emit_cut(struct dq *dq, const struct task *task)
{
	emit_task(dq, DQ_EVENT_TASK, task, false);
}
