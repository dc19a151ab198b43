/*
 * fetch_one.c - wait for one task and bring its files into a folder, with
 * nothing but dreamq.h. Ctrl-C is safe: run it again and it goes on.
 *
 *	cc fetch_one.c $(pkg-config --cflags --libs dreamq) -o fetch_one
 *	./fetch_one 5cf3790f-5adb-42d6-adad-ba06071b18be pictures
 *
 * The cookie comes from the default profile (dreamq auth import), or from the
 * file in $DREAMQ_COOKIE_FILE; $DREAMQ_API_BASE names another service, such as
 * dreamq-emulator.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <dreamq/dreamq.h>

/* A signal handler has no argument of ours: the one global a program needs. */
static struct dq *session;

static void on_signal(int signal_number)
{
	(void)signal_number;
	// NOLINTNEXTLINE(bugprone-signal-handler,cert-sig30-c): dreamq.h allows it
	dq_interrupt(session);
}

static void on_event(void *payload, const struct dq_event *event)
{
	(void)payload;
	if (event->type == DQ_EVENT_STATE)
		(void)fprintf(stderr, "%s: %s, %" PRId64 " of %" PRId64 "\n",
		    event->task->submit_id, event->task->state, event->task->finished,
		    event->task->total);
	else if (event->type == DQ_EVENT_STORED)
		(void)printf("%s\n", event->asset->path);
	else if (event->type == DQ_EVENT_NOTE)
		(void)fprintf(stderr, "note: %s\n", event->text);
}

int main(int argc, char **argv)
{
	const struct dq_options options = {
		.size_bytes = sizeof(options),
		.api_base = getenv("DREAMQ_API_BASE"),
		.cookie_file = getenv("DREAMQ_COOKIE_FILE"),
		.ledger = getenv("DREAMQ_LEDGER"),
		.on_event = on_event,
	};
	struct dq_get get = { .size_bytes = sizeof(get) };
	struct dq_error err;
	enum dq_status status;

	if (argc != 3) {
		(void)fprintf(stderr, "usage: %s ID FOLDER\n", argv[0]);
		return DQ_USAGE;
	}
	get.sink = argv[2];
	get.wait.interval_ms = getenv("FETCH_ONE_FAST") ? 200 : 0;
	status = dq_open(&options, &session, &err);
	if (status == DQ_OK) {
		(void)signal(SIGINT, on_signal);
		status = dq_get(session, (const char *const *)&argv[1], 1, &get, &err);
		(void)signal(SIGINT, SIG_DFL);
		dq_close(session);
	}
	if (status != DQ_OK)
		(void)fprintf(stderr, "%s\n", err.message);
	return (int)status;
}
