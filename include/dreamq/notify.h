/*
 * notify.h - who else is told of what happens: commands, the desktop, a webhook.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * While a verb that waits or fetches runs, each command runs for its event, by /bin/sh:
 * the event's line of JSON (docs/schema/) is its stdin, without links and secrets, and
 * DREAMQ_EVENT, DREAMQ_PROFILE and, where there is one, DREAMQ_ID are in its environment;
 * stdout goes to stderr, no other descriptor, four at once.
 *
 * The events: "stored" (a file), "done" (a task that has succeeded, its files stored),
 * "failed" (a task that ended otherwise), "login" (a new cookie is wanted), "disk" (it is
 * full). Of one task they are told one after the other, in their order. Nobody waits for
 * it but the end of the verb; after a minute it is ended. A failure of it is told as a
 * NOTE once, and changes no outcome.
 */
struct dq_webhook;
struct dq_notify {
	size_t size_bytes; /* sizeof(struct dq_notify) */
	const char *const *on; /* "EVENT=COMMAND"; NULL-terminated, or NULL */
	bool desktop; /* also a notice on the desktop, through notify-send(1) */
	const struct dq_webhook *webhook; /* webhook.h; NULL: none */
};

#ifdef __cplusplus
}
#endif
