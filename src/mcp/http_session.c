#include "mcp/http_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

static enum err_kind make_id(char id[SESSION_ID_BYTES + 1], struct err *err)
{
	uint8_t random[SESSION_ID_BYTES / 2];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return err_errno(err, ERR_IO, "can't begin a session");
	for (size_t i = 0; i < sizeof(random); i++)
		(void)snprintf(id + 2 * i, 3, "%02x", (unsigned)random[i]);
	return ERR_OK;
}

/* Makes room for one more; false: all are in use. */
static bool make_room(struct sessions *sessions)
{
	struct session *oldest = NULL;
	size_t n = 0;

	for (struct session *at = sessions->first; at; at = at->next) {
		n++;
		if (!at->is_over && !methods_know(sessions->methods, &at->peer) &&
		    (!oldest || at->used_ms < oldest->used_ms))
			oldest = at;
	}
	if (n < SESSIONS_MAX)
		return true;
	if (!oldest)
		return false;
	sessions_end(sessions, oldest);
	sessions_sweep(sessions, false);
	return true;
}

enum err_kind sessions_begin(
    struct sessions *sessions, struct session **ret_session, struct err *err)
{
	struct session *session;

	if (!make_room(sessions))
		return err_set(err, ERR_BUSY, "too many sessions");
	session = calloc(1, sizeof(*session));
	if (!session)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (make_id(session->id, err)) {
		free(session);
		return err->kind;
	}
	session->used_ms = clock_mono_ms();
	session->next = sessions->first;
	sessions->first = session;
	*ret_session = session;
	return ERR_OK;
}

struct session *sessions_find(struct sessions *sessions, const char *id)
{
	struct session *at = sessions->first;

	while (at && (at->is_over || strcmp(at->id, id) != 0))
		at = at->next;
	if (at)
		at->used_ms = clock_mono_ms();
	return at;
}

void sessions_end(struct sessions *sessions, struct session *session)
{
	session->is_over = true;
	session->peer.notices = NULL;
	if (session->stream)
		http_exchange_end(session->stream, 200);
	session->stream = NULL;
	methods_forget(sessions->methods, &session->peer);
}

void sessions_lose(struct sessions *sessions, const struct http_exchange *exchange)
{
	for (struct session *at = sessions->first; at; at = at->next)
		if (at->stream == exchange) {
			at->stream = NULL;
			at->peer.notices = NULL;
		}
}

void sessions_sweep(struct sessions *sessions, bool all)
{
	struct session **link = &sessions->first;

	while (*link) {
		struct session *session = *link;

		if (all ||
		    (session->is_over &&
			!methods_know(sessions->methods, &session->peer))) {
			*link = session->next;
			free(session);
		} else {
			link = &session->next;
		}
	}
}
