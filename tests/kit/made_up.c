#include "made_up.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct service_settings {
	char address[256];
};

/* What lies in the notes. */
enum { LOOKS, ABSENCES, ABSENT_SINCE_MS };

/* --- requests -------------------------------------------------------------------- */

static void judge_reply(const struct reply *reply, struct err *ret_outcome)
{
	*ret_outcome = reply->err;
	if (!ret_outcome->kind && reply->status == 401)
		err_set(ret_outcome, ERR_AUTH, "the made-up service refuses the login");
	else if (!ret_outcome->kind && reply->status != 200)
		err_set(ret_outcome, ERR_NET, "the made-up service is in trouble");
}

bool made_up_answer(struct service *service, const struct err *outcome)
{
	struct exchange *exchange = LIST_FIRST(&service->exchanges);
	const struct reply reply = { .err = *outcome, .sent = true, .status = 200 };

	if (!exchange)
		return false;
	exchange->finish(exchange, &reply);
	return true;
}

static enum err_kind start(
    struct exchange *exchange, const char *path, exchange_finish *finish, struct err *err)
{
	char url[300];
	const struct net_spec spec = { .method = "POST",
		.url = url,
		.cookie_header = "Cookie",
		.body = "",
		.max_body_bytes = 100,
		.once = exchange->n == 0 };

	(void)snprintf(
	    url, sizeof(url), "%s/%s", exchange->service->settings->address, path);
	if (exchange->service->net)
		return exchange_start(exchange, &spec, finish, err);
	exchange->finish = finish;
	return ERR_OK;
}

/* --- tasks ----------------------------------------------------------------------- */

static bool show_image(const struct service *service, struct task *task)
{
	struct asset *asset = arena_alloc(&task->arena, sizeof(*asset));
	char uri[100], url[400];

	(void)snprintf(uri, sizeof(uri), "made-up/%s",
	    strncmp(task->submit_id, "twin", 4) != 0 ? task->submit_id : "twins");
	(void)snprintf(
	    url, sizeof(url), "%s/f/%s.png", service->settings->address, task->submit_id);
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

static bool judge(const struct service *service, const struct service_question *question,
    struct service_seen *seen)
{
	int64_t *notes = seen->memory.words;
	struct task *task = seen->task;

	task->submit_id = arena_strdup(&task->arena, question->id);
	if (!task->submit_id)
		return false;
	if (!strncmp(question->id, "nobody", 6)) {
		if (notes[ABSENCES]++ == 0)
			notes[ABSENT_SINCE_MS] = service_now_ms(service);
		task->state =
		    notes[ABSENCES] < MADE_UP_ABSENCES ? TASK_UNKNOWN : TASK_NOT_FOUND;
		seen->absences = (unsigned)notes[ABSENCES];
		seen->absent_since_ms = notes[ABSENT_SINCE_MS];
		return true;
	}
	notes[ABSENCES] = 0;
	task->kind = MEDIA_IMAGE;
	task->state = ++notes[LOOKS] < MADE_UP_LOOKS ? TASK_GENERATING : TASK_SUCCEEDED;
	return task->state == TASK_GENERATING || show_image(service, task);
}

static void finish_poll(struct exchange *exchange, const struct reply *reply)
{
	struct service_polled polled;
	struct err outcome;

	judge_reply(reply, &outcome);
	polled = exchange_polled_make(exchange, &outcome);
	polled.asks_login = reply->sent && outcome.kind == ERR_AUTH;
	for (size_t i = 0; !polled.err.kind && i < exchange->n; i++) {
		struct service_seen *seen = &polled.seen[i];

		seen->memory = *exchange->questions[i].memory;
		seen->task = task_new();
		if (seen->task && judge(exchange->service, &exchange->questions[i], seen))
			continue;
		task_free(seen->task);
		seen->task = NULL;
		err_set(&seen->why, ERR_NOMEM, "out of memory");
	}
	exchange_polled(exchange, &polled);
}

static void finish_send(struct exchange *exchange, const struct reply *reply)
{
	struct service_sent sent = { 0 };

	judge_reply(reply, &sent.err);
	sent.outcome = !reply->sent	? SENT_NEVER_LEFT
	    : !sent.err.kind		? SENT_ACCEPTED
	    : sent.err.kind == ERR_AUTH ? SENT_ACCOUNT
					: SENT_UNCLEAR;
	exchange_sent(exchange, &sent);
}

static void finish_credit(struct exchange *exchange, const struct reply *reply)
{
	struct service_credit credit = { .total_credit = -1, .server_unix_ms = -1 };

	judge_reply(reply, &credit.err);
	exchange_credited(exchange, &credit);
}

/* --- operations ------------------------------------------------------------------ */

static enum err_kind made_up_poll(struct exchange *exchange, struct err *err)
{
	return start(exchange, "poll", finish_poll, err);
}

static enum err_kind made_up_send(
    struct exchange *exchange, enum media_kind kind, const char *body, struct err *err)
{
	if (kind != MEDIA_IMAGE || !body)
		return err_set(err, ERR_USAGE, "only images");
	return start(exchange, "send", finish_send, err);
}

static enum err_kind made_up_credit(struct exchange *exchange, struct err *err)
{
	return start(exchange, "credit", finish_credit, err);
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
	.credential_as_file = credential_as_file,
	.body = body,
	.n_ways = 1,
	.way = way,
	.other_id = other_id,
	.may_be_other_id = may_be_other_id,
	.absence_ms = absence_ms,
	.poll = made_up_poll,
	.send = made_up_send,
	.credit = made_up_credit,
};
