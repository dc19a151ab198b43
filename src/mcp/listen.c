#include "mcp/listen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "mcp/errand.h"
#include "mcp/put.h"
#include "mcp/reply.h"

#define SUBSCRIPTION "io.modelcontextprotocol/subscriptionId"

enum { AGAIN_MS = 1000 /* when its reader did not read */ };
static const char too_many[] = "too many subscriptions: end one first";

struct subject {
	char name[URI_BYTES]; /* as watch.h has it */
	char *text; /* of an errand: its view, when it is to be told */
	bool is_due;
};

struct listener {
	struct listener *next;
	struct peer *peer;
	struct wire *wire; /* held; NULL: the peer's notices */
	char *id; /* of the request, as it came; NULL: none waits for it */
	char *key;
	bool is_modern, is_open;
	struct subject subjects[LISTENER_NAMES_MAX];
	size_t n;
};

/* --- begin and end ----------------------------------------------------------------- */

static struct wire *wire_of(const struct listener *is)
{
	return is->wire ? is->wire : is->peer->notices;
}

static void release(struct listeners *listeners, struct listener *is)
{
	for (size_t i = 0; i < is->n; i++) {
		watch_remove(listeners->watch, is->subjects[i].name);
		free(is->subjects[i].text);
	}
	if (is->wire)
		wire_drop(is->wire);
	free(is->id);
	free(is->key);
	free(is);
}

static void drop(struct listeners *listeners, struct listener **link)
{
	struct listener *is = *link;

	*link = is->next;
	listeners->n--;
	release(listeners, is);
}

static bool add(struct listeners *listeners, struct listener *is, const char *name)
{
	for (size_t i = 0; i < is->n; i++)
		if (!strcmp(is->subjects[i].name, name))
			return true;
	if (is->n == LISTENER_NAMES_MAX || !watch_add(listeners->watch, name))
		return false;
	(void)snprintf(is->subjects[is->n++].name, URI_BYTES, "%s", name);
	return true;
}

/* Without a request there is nothing to be answered. NULL: no memory, or too many. */
static struct listener *make(
    struct listeners *listeners, struct peer *peer, const struct listen_request *request)
{
	struct listener *is =
	    listeners->n < LISTENERS_MAX ? calloc(1, sizeof(*is)) : NULL;

	if (!is)
		return NULL;
	is->peer = peer;
	if (!request)
		return is;
	is->id = strdup(request->message->id);
	is->key = message_id_key(request->message->id);
	if (is->id && is->key)
		return is;
	release(listeners, is);
	return NULL;
}

static void link_in(struct listeners *listeners, struct listener *is, struct wire *wire)
{
	is->wire = wire;
	if (wire)
		wire_hold(wire);
	is->next = listeners->first;
	listeners->first = is;
	listeners->n++;
}

/* --- what is asked for ------------------------------------------------------------- */

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* What can't be watched is not honoured, and so not acknowledged. False: no room. */
static bool add_names(
    struct listeners *listeners, struct listener *is, const cJSON *list, bool are_errands)
{
	const cJSON *item;
	char name[URI_BYTES];

	cJSON_ArrayForEach(item, list) {
		if (!cJSON_IsString(item) ||
		    strlen(item->valuestring) + sizeof(WATCH_ERRAND) > URI_BYTES)
			continue;
		if (!are_errands && uri_read(item->valuestring).kind == URI_NONE)
			continue;
		(void)snprintf(name, sizeof(name), "%s%s",
		    are_errands ? WATCH_ERRAND : "", item->valuestring);
		if (!add(listeners, is, name))
			return false;
	}
	return true;
}

enum rpc_code listen_begin(struct listeners *listeners,
    const struct listen_request *request, const char **ret_why)
{
	const cJSON *filter = member(request->message->params, "notifications");
	const cJSON *tasks = member(filter, "taskIds");
	struct listener *is;

	*ret_why = "\"notifications\" must be an object";
	if (!cJSON_IsObject(filter))
		return RPC_PARAMS;
	*ret_why = "this needs the extension \"" TASKS_EXTENSION "\"";
	if (tasks && !request->has_tasks)
		return RPC_CAPABILITY;
	*ret_why = too_many;
	is = make(listeners, request->peer, request);
	if (!is)
		return RPC_INTERNAL;
	is->is_modern = true;
	if ((cJSON_IsTrue(member(filter, "resourcesListChanged")) &&
		!add(listeners, is, WATCH_LIST)) ||
	    !add_names(listeners, is, member(filter, "resourceSubscriptions"), false) ||
	    !add_names(listeners, is, tasks, true)) {
		release(listeners, is);
		return RPC_INTERNAL;
	}
	link_in(listeners, is, request->wire);
	return RPC_OK;
}

static struct listener **find_subject(
    struct listeners *listeners, const struct peer *peer, const char *name)
{
	struct listener **link = &listeners->first;

	while (*link &&
	    ((*link)->peer != peer || (*link)->is_modern ||
		strcmp((*link)->subjects[0].name, name) != 0))
		link = &(*link)->next;
	return link;
}

enum rpc_code listen_subscribe(struct listeners *listeners,
    const struct listen_request *request, const char **ret_why)
{
	const cJSON *uri = member(request->message->params, "uri");
	struct listener *is;

	*ret_why = "there is no such resource";
	if (!cJSON_IsString(uri) || uri_read(uri->valuestring).kind == URI_NONE)
		return cJSON_IsString(uri) ? RPC_RESOURCE : RPC_PARAMS;
	(void)listen_unsubscribe(listeners, request->peer, uri->valuestring);
	*ret_why = too_many;
	is = make(listeners, request->peer, request);
	if (!is || !add(listeners, is, uri->valuestring)) {
		if (is)
			release(listeners, is);
		return RPC_INTERNAL;
	}
	link_in(listeners, is, request->wire);
	return RPC_OK;
}

bool listen_unsubscribe(
    struct listeners *listeners, const struct peer *peer, const char *uri)
{
	struct listener **link = find_subject(listeners, peer, uri);

	if (!*link)
		return false;
	drop(listeners, link);
	return true;
}

void listen_to_list(struct listeners *listeners, struct peer *peer)
{
	struct listener *is;

	if (*find_subject(listeners, peer, WATCH_LIST))
		return;
	is = make(listeners, peer, NULL);
	if (is && add(listeners, is, WATCH_LIST))
		link_in(listeners, is, NULL);
	else if (is)
		release(listeners, is);
}

/* --- who has one ------------------------------------------------------------------- */

static bool is_of(const struct listener *is, const struct peer *peer, const char *key)
{
	return is->peer == peer && (!key || (is->key && !strcmp(is->key, key)));
}

bool listen_has(
    const struct listeners *listeners, const struct peer *peer, const char *id)
{
	_cleanup_free_ char *key = id ? message_id_key(id) : NULL;
	const struct listener *is = listeners->first;

	while (is && (!is_of(is, peer, key) || (id && !key)))
		is = is->next;
	return is != NULL;
}

void listen_cancel(struct listeners *listeners, const struct peer *peer, const char *id)
{
	_cleanup_free_ char *key = id ? message_id_key(id) : NULL;
	struct listener **link = &listeners->first;

	while (*link)
		if (is_of(*link, peer, key) && (!id || key))
			drop(listeners, link);
		else
			link = &(*link)->next;
}

/* --- what is told ------------------------------------------------------------------ */

static bool is_errand(const struct subject *subject)
{
	return !strncmp(subject->name, WATCH_ERRAND, strlen(WATCH_ERRAND));
}

ANALYZER_LOSES_SIGHT
static void set_text(struct subject *subject, const char *text)
{
	free(subject->text);
	subject->text = is_errand(subject) && text ? strdup(text) : NULL;
}
ANALYZER_SEES_AGAIN

/* Whose it is, where the client has several. */
static void put_subscription(const struct listener *is, struct put *params)
{
	struct put meta = put_make();

	if (!is->is_modern) {
		cJSON_Delete(put_take(&meta));
		return;
	}
	put_item(&meta, SUBSCRIPTION, cJSON_CreateRaw(is->id));
	put_item(params, "_meta", put_take(&meta));
}

static void tell_one(const struct listener *is, struct subject *subject)
{
	const char *method = "notifications/resources/updated";
	struct put params = put_make();

	subject->is_due = false;
	if (is_errand(subject)) {
		cJSON *view = NULL;
		struct err ignored;

		method = "notifications/tasks";
		cJSON_Delete(put_take(&params));
		if (!subject->text ||
		    json_parse(subject->text, strlen(subject->text), &view, &ignored))
			return;
		params = put_into(view);
	} else if (!strcmp(subject->name, WATCH_LIST)) {
		method = "notifications/resources/list_changed";
	} else {
		put_text(&params, "uri", subject->name);
	}
	put_subscription(is, &params);
	reply_request(wire_of(is), NULL, method, put_take(&params));
}

/* As many as its reader takes. */
static void tell(struct listener *is)
{
	for (size_t i = 0; i < is->n; i++)
		if (is->subjects[i].is_due && wire_of(is) && wire_takes(wire_of(is)))
			tell_one(is, &is->subjects[i]);
}

/* --- opening ----------------------------------------------------------------------- */

/* Takes the list. */
static void put_any(struct put *filter, const char *name, cJSON *list)
{
	if (cJSON_GetArraySize(list) > 0)
		put_item(filter, name, list);
	else
		cJSON_Delete(list);
}

static void put_honoured(const struct listener *is, struct put *filter)
{
	cJSON *uris = cJSON_CreateArray(), *tasks = cJSON_CreateArray();

	for (size_t i = 0; i < is->n; i++) {
		const struct subject *subject = &is->subjects[i];
		const char *id = subject->name + strlen(WATCH_ERRAND);

		if (!strcmp(subject->name, WATCH_LIST))
			put_bool(filter, "resourcesListChanged", true);
		else if (!is_errand(subject))
			filter->failed |= !cJSON_AddItemToArray(
			    uris, cJSON_CreateString(subject->name));
		else if (subject->text)
			filter->failed |=
			    !cJSON_AddItemToArray(tasks, cJSON_CreateString(id));
	}
	put_any(filter, "resourceSubscriptions", uris);
	put_any(filter, "taskIds", tasks);
}

static void acknowledge(const struct listener *is)
{
	struct put params = put_make(), filter = put_make();

	put_honoured(is, &filter);
	put_item(&params, "notifications", put_take(&filter));
	put_subscription(is, &params);
	reply_request(is->wire, NULL, "notifications/subscriptions/acknowledged",
	    put_take(&params));
}

/* It is as it was when it was looked at first: what changes from now on is news. An
 * errand is told once as it is, since nobody can know what it was before. */
static void open_it(struct listeners *listeners, struct listener *is)
{
	const struct reply_to to = { is->id, is->is_modern };

	is->is_open = true;
	if (is->is_modern) {
		acknowledge(is);
	} else if (is->id) {
		reply_result(is->wire, &to, cJSON_CreateObject());
		wire_drop(is->wire);
		is->wire = NULL;
		free(is->key);
		is->key = NULL; /* the id is free for another request */
	}
	for (size_t i = 0; i < is->n; i++)
		if (is_errand(&is->subjects[i]) && is->subjects[i].text) {
			is->subjects[i].is_due = true;
			calls_want_errand(listeners->calls,
			    is->subjects[i].name + strlen(WATCH_ERRAND));
		}
}

static void try_to_open(struct listeners *listeners, struct listener *is)
{
	bool are_seen = true;

	for (size_t i = 0; i < is->n; i++) {
		struct subject *subject = &is->subjects[i];
		char *text;

		are_seen &= watch_see(listeners->watch, subject->name, &text);
		set_text(subject, text);
		free(text);
	}
	if (are_seen)
		open_it(listeners, is);
}

/* --- the steps --------------------------------------------------------------------- */

static void note_news(struct listeners *listeners, const char *name, const char *text)
{
	for (struct listener *is = listeners->first; is; is = is->next)
		for (size_t i = 0; is->is_open && i < is->n; i++)
			if (!strcmp(is->subjects[i].name, name)) {
				set_text(&is->subjects[i], text);
				is->subjects[i].is_due = true;
			}
}

void listen_step(struct listeners *listeners)
{
	char name[URI_BYTES], *text;

	while (watch_take_news(listeners->watch, name, &text)) {
		note_news(listeners, name, text);
		if (!strncmp(name, WATCH_ERRAND, strlen(WATCH_ERRAND)))
			calls_errand_is(
			    listeners->calls, name + strlen(WATCH_ERRAND), text);
		free(text);
	}
	for (struct listener *is = listeners->first; is; is = is->next) {
		if (!is->is_open)
			try_to_open(listeners, is);
		if (is->is_open)
			tell(is);
	}
}

int64_t listen_next_ms(const struct listeners *listeners)
{
	for (const struct listener *is = listeners->first; is; is = is->next)
		for (size_t i = 0; i < is->n; i++)
			if (is->subjects[i].is_due && wire_of(is))
				return clock_mono_ms() + AGAIN_MS;
	return -1;
}

void listen_end(struct listeners *listeners)
{
	while (listeners->first) {
		struct listener *is = listeners->first;
		const struct reply_to to = { is->id, true };
		struct put result = put_make();

		put_subscription(is, &result);
		if (is->is_modern && is->is_open && wire_takes(is->wire))
			reply_result(is->wire, &to, put_take(&result));
		else
			cJSON_Delete(put_take(&result));
		drop(listeners, &listeners->first);
	}
}
