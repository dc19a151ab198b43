#include "made_up.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "net/net.h"

struct service_settings {
	char address[256];
};

/* A request under way. Without its service nobody is told. */
struct call {
	LIST_ENTRY(call) others;
	struct made_up *made_up;
	struct net_request *request;
	void (*finish)(struct call *call, const struct err *err, bool sent);
	union {
		service_on_polled *polled;
		service_on_sent *sent;
		service_on_credit *credit;
	} on;
	void *payload;
	size_t n;
	struct service_question questions[MADE_UP_BATCH_MAX];
};

struct made_up {
	struct service service; /* first */
	struct service_setup setup;
	char *credential;
	LIST_HEAD(calls, call) calls;
};

/* What lies in the notes. */
enum { LOOKS, ABSENCES, ABSENT_SINCE_MS };

/* --- requests -------------------------------------------------------------------- */

static bool on_head(void *payload, const struct net_head *head)
{
	return payload && head;
}

static bool on_bytes(void *payload, const void *bytes, size_t len)
{
	return payload && bytes && len > 0;
}

static void finish(struct call *call, const struct err *err, bool sent)
{
	if (call->made_up) {
		LIST_REMOVE(call, others);
		call->finish(call, err, sent);
	}
	free(call);
}

static void on_done(
    void *payload, const struct err *err, const struct net_head *head, bool sent)
{
	struct err outcome = *err;

	if (!outcome.kind && head->status == 401)
		err_set(&outcome, ERR_AUTH, "the made-up service refuses the login");
	else if (!outcome.kind && head->status != 200)
		err_set(&outcome, ERR_NET, "the made-up service is in trouble");
	finish(payload, &outcome, sent);
}

bool made_up_answer(struct service *service, const struct err *outcome)
{
	struct made_up *made_up = (struct made_up *)service;
	struct call *call = LIST_FIRST(&made_up->calls);

	if (!call)
		return false;
	finish(call, outcome, true);
	return true;
}

/* A copy of *call is under way then. */
static enum err_kind start(
    struct service *service, const char *path, const struct call *call, struct err *err)
{
	static const struct net_handler handler = { on_head, on_bytes, on_done };
	struct made_up *made_up = (struct made_up *)service;
	struct call *ours = malloc(sizeof(*ours));
	char url[300];
	const struct net_spec spec = { .role = NET_API,
		.method = "POST",
		.url = url,
		.cookie = made_up->credential,
		.cookie_header = "Cookie",
		.body = "",
		.max_body_bytes = 100,
		.once = call->n == 0 };

	(void)snprintf(url, sizeof(url), "%s/%s", made_up->setup.settings->address, path);
	if (!ours)
		return err_set(err, ERR_NOMEM, "out of memory");
	*ours = *call;
	ours->made_up = made_up;
	if (made_up->setup.net &&
	    net_start(made_up->setup.net, &spec, &handler, ours, &ours->request, err)) {
		free(ours);
		return err->kind;
	}
	LIST_INSERT_HEAD(&made_up->calls, ours, others);
	return ERR_OK;
}

/* --- tasks ----------------------------------------------------------------------- */

static bool show_image(const struct call *call, struct task *task)
{
	struct asset *asset = arena_alloc(&task->arena, sizeof(*asset));
	char uri[100], url[400];

	(void)snprintf(uri, sizeof(uri), "made-up/%s",
	    strncmp(task->submit_id, "twin", 4) != 0 ? task->submit_id : "twins");
	(void)snprintf(url, sizeof(url), "%s/f/%s.png",
	    call->made_up->setup.settings->address, task->submit_id);
	if (!asset)
		return false;
	*asset = (struct asset){ .kind = MEDIA_IMAGE,
		.uri = arena_strdup(&task->arena, uri),
		.url = arena_strdup(&task->arena, url),
		.format = "png",
		.duration_ms = -1,
		.size_bytes = -1,
		.stored_bytes = -1 };
	task->assets = asset;
	task->n_assets = 1;
	task->finished = task->total = 1;
	return asset->uri && asset->url;
}

static bool judge(const struct call *call, const struct service_question *question,
    struct service_seen *seen)
{
	int64_t *notes = seen->memory.words;
	struct task *task = seen->task;

	task->submit_id = arena_strdup(&task->arena, question->id);
	if (!task->submit_id)
		return false;
	if (!strncmp(question->id, "nobody", 6)) {
		if (notes[ABSENCES]++ == 0)
			notes[ABSENT_SINCE_MS] =
			    call->made_up->setup.now_ms(call->made_up->setup.payload);
		task->state =
		    notes[ABSENCES] < MADE_UP_ABSENCES ? TASK_UNKNOWN : TASK_NOT_FOUND;
		seen->absences = (unsigned)notes[ABSENCES];
		seen->absent_since_ms = notes[ABSENT_SINCE_MS];
		return true;
	}
	notes[ABSENCES] = 0;
	task->kind = MEDIA_IMAGE;
	task->state = ++notes[LOOKS] < MADE_UP_LOOKS ? TASK_GENERATING : TASK_SUCCEEDED;
	return task->state == TASK_GENERATING || show_image(call, task);
}

static void finish_poll(struct call *call, const struct err *err, bool sent)
{
	struct service_seen seen[MADE_UP_BATCH_MAX] = { 0 };
	const struct service_polled polled = { .err = *err,
		.seen = seen,
		.n = call->n,
		.server_unix_ms = -1,
		.asks_login = sent && err->kind == ERR_AUTH };
	const size_t n = call->n;

	for (size_t i = 0; !err->kind && i < n; i++) {
		seen[i].memory = *call->questions[i].memory;
		seen[i].task = task_new();
		if (seen[i].task && judge(call, &call->questions[i], &seen[i]))
			continue;
		task_free(seen[i].task);
		seen[i].task = NULL;
		err_set(&seen[i].why, ERR_NOMEM, "out of memory");
	}
	call->on.polled(call->payload, &polled);
	for (size_t i = 0; i < n; i++)
		task_free(seen[i].task);
}

static void finish_send(struct call *call, const struct err *err, bool sent)
{
	const struct service_sent outcome = { .err = *err,
		.outcome = !sent	    ? SENT_NEVER_LEFT
		    : !err->kind	    ? SENT_ACCEPTED
		    : err->kind == ERR_AUTH ? SENT_ACCOUNT
					    : SENT_UNCLEAR };

	call->on.sent(call->payload, &outcome);
}

static void finish_credit(struct call *call, const struct err *err, bool sent)
{
	const struct service_credit credit = { *err, sent && !err->kind ? 1 : -1, -1 };

	call->on.credit(call->payload, &credit);
}

/* --- operations ------------------------------------------------------------------ */

static enum err_kind made_up_poll(struct service *service,
    const struct service_question *questions, size_t n, service_on_polled *on_polled,
    void *payload, struct err *err)
{
	struct call call = {
		.finish = finish_poll, .on.polled = on_polled, .payload = payload, .n = n
	};

	if (n == 0 || n > MADE_UP_BATCH_MAX)
		return err_set(err, ERR_USAGE, "not %zu ids at once", n);
	memcpy(call.questions, questions, n * sizeof(*questions));
	return start(service, "poll", &call, err);
}

static enum err_kind made_up_send(struct service *service, enum media_kind kind,
    const char *body, service_on_sent *on_sent, void *payload, struct err *err)
{
	const struct call call = {
		.finish = finish_send, .on.sent = on_sent, .payload = payload
	};

	if (kind != MEDIA_IMAGE || !body)
		return err_set(err, ERR_USAGE, "only images");
	return start(service, "send", &call, err);
}

static enum err_kind made_up_credit(
    struct service *service, service_on_credit *on_credit, void *payload, struct err *err)
{
	const struct call call = {
		.finish = finish_credit, .on.credit = on_credit, .payload = payload
	};

	return start(service, "credit", &call, err);
}

static enum err_kind set_credential(
    struct service *service, const char *credential, struct err *err)
{
	struct made_up *made_up = (struct made_up *)service;
	char *copy = strdup(credential);

	if (!copy)
		return err_set(err, ERR_NOMEM, "out of memory");
	free(made_up->credential);
	made_up->credential = copy;
	return ERR_OK;
}

static void made_up_free(struct service *service)
{
	struct made_up *made_up = (struct made_up *)service;
	struct call *call;

	if (!service)
		return;
	while ((call = LIST_FIRST(&made_up->calls))) {
		LIST_REMOVE(call, others);
		call->made_up = NULL;
		if (call->request)
			net_cancel(call->request);
		else
			free(call);
	}
	free(made_up->credential);
	free(made_up);
}

static enum err_kind made_up_open(
    const struct service_setup *setup, struct service **ret_service, struct err *err)
{
	struct made_up *made_up = calloc(1, sizeof(*made_up));

	if (!made_up)
		return err_set(err, ERR_NOMEM, "out of memory");
	made_up->service.ops = &service_made_up;
	made_up->setup = *setup;
	LIST_INIT(&made_up->calls);
	if (set_credential(&made_up->service, setup->credential, err)) {
		free(made_up);
		return err->kind;
	}
	*ret_service = &made_up->service;
	return ERR_OK;
}

static unsigned way(const struct service_question *question)
{
	return question ? 0 : 1;
}

static const char *other_id(const struct task *known)
{
	return known->alias_id;
}

/* It names tasks by their submit ids only. */
static bool may_be_other_id(const char *id)
{
	return id == NULL;
}

static int64_t absence_ms(bool was_shown)
{
	return was_shown ? 2000 : 1000;
}

/* --- settings and logins --------------------------------------------------------- */

static enum err_kind settings_new(struct service_settings **ret_settings, struct err *err)
{
	*ret_settings = calloc(1, sizeof(**ret_settings));
	return *ret_settings ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

static enum err_kind settings_set(struct service_settings *settings, const char *name,
    const char *value, struct err *err)
{
	if (strcmp(name, "api_base") != 0 && strcmp(name, "submit_base") != 0)
		return err_set(err, ERR_USAGE, "there is no setting '%s'", name);
	(void)snprintf(settings->address, sizeof(settings->address), "%s", value);
	return ERR_OK;
}

static void settings_free(struct service_settings *settings)
{
	free(settings);
}

static const char *setting_name_at(size_t i)
{
	static const char *const names[] = { "api_base", "submit_base" };

	return i < 2 ? names[i] : NULL;
}

static struct service_traits traits(const struct service_settings *settings)
{
	return (struct service_traits){ .address = settings->address,
		.submit_address = settings->address,
		.region = "nowhere",
		.batch_max = MADE_UP_BATCH_MAX,
		.assets_max = 1,
		.stall_seconds = 30,
		.slow_seconds = 60,
		.time_scale = 1 };
}

/* "word=...", which lives for ever. */
static enum err_kind read_credential(const struct service_settings *settings,
    const char *text, char **ret_credential, int64_t *ret_expires_unix, struct err *err)
{
	(void)settings;
	if (strncmp(text, "word=", 5) != 0)
		return err_set(err, ERR_AUTH, "a login is 'word=...'");
	*ret_credential = strndup(text, strcspn(text, "\n"));
	*ret_expires_unix = 0;
	return *ret_credential ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

static enum err_kind load_credential(const struct service_settings *settings,
    const char *path, char **ret_credential, int64_t *ret_expires_unix, struct err *err)
{
	_cleanup_(buf_release) struct buf text = buf_make(1000);

	if (fs_read_secret(path, &text, err))
		return err->kind;
	return read_credential(
	    settings, text.data, ret_credential, ret_expires_unix, err);
}

static char *credential_as_file(
    const struct service_settings *settings, const char *credential, int64_t expires_unix)
{
	return settings && expires_unix >= 0 ? strdup(credential) : NULL;
}

static enum err_kind body(const struct service_settings *settings,
    const struct service_request *request, char **ret_body, struct err *err)
{
	if (!settings || request->kind != MEDIA_IMAGE)
		return err_set(err, ERR_USAGE, "only images");
	if (asprintf(ret_body, "{\"submit_id\":\"%s\"}", request->submit_id) < 0)
		return err_set(err, ERR_NOMEM, "out of memory");
	return ERR_OK;
}

static const char *const regions[] = { "nowhere", NULL };

const struct service_ops service_made_up = {
	.name = "made-up",
	.regions = regions,
	.settings_new = settings_new,
	.settings_set = settings_set,
	.settings_free = settings_free,
	.setting_name_at = setting_name_at,
	.traits = traits,
	.read_credential = read_credential,
	.load_credential = load_credential,
	.credential_as_file = credential_as_file,
	.body = body,
	.open = made_up_open,
	.n_ways = 1,
	.way = way,
	.other_id = other_id,
	.may_be_other_id = may_be_other_id,
	.absence_ms = absence_ms,
	.poll = made_up_poll,
	.send = made_up_send,
	.credit = made_up_credit,
	.set_credential = set_credential,
	.free = made_up_free,
};
