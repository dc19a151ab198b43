#include "cli/send.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/i18n.h"
#include "cli/input.h"
#include "cli/resume.h"

enum { PROMPT_MAX = 1024 * 1024, BODY_MAX = 16 * 1024 * 1024, STATE_MAX = 32 };

/* The state the ledger gave the task, for the "submitted" line. */
struct state_ear {
	char state[STATE_MAX];
};

static void hear_state(void *payload, const struct dq_event *event)
{
	struct state_ear *ear = payload;

	if ((event->type == DQ_EVENT_TASK || event->type == DQ_EVENT_STATE) &&
	    event->task)
		(void)snprintf(ear->state, sizeof(ear->state), "%s", event->task->state);
}

static int read_texts(struct app *app, struct buf *prompt, struct buf *body)
{
	const struct args *args = &app->args;
	const char *told = args_text(args, OPT_PROMPT);
	const char *path = args_text(args, OPT_BODY);
	bool prompt_is_stdin = told && !strcmp(told, "-");
	struct err err;

	if (!told && !path)
		return app_usage(app, _("'%s' needs --prompt TEXT"), app->command->name);
	if (prompt_is_stdin && path && !strcmp(path, "-"))
		return app_usage(
		    app, _("--prompt and --body can't both come from standard input"));
	if (prompt_is_stdin && input_read("-", prompt, &err))
		return app_fail(app, &err);
	if (path && input_read(path, body, &err))
		return app_fail(app, &err);
	while (prompt->len > 0 && prompt->data[prompt->len - 1] == '\n')
		prompt->data[--prompt->len] = '\0';
	if (prompt_is_stdin &&
	    (prompt->len == 0 || memchr(prompt->data, '\0', prompt->len)))
		return app_usage(app, _("the prompt on standard input is no text"));
	return 0;
}

/* {"schema_version":1,"event":"submitted","submit_id":"...","state":"..."} */
static void print_submitted(struct app *app, const char *id, const char *state)
{
	_cleanup_(json_deletep) cJSON *object = cJSON_CreateObject();
	_cleanup_free_ char *line = NULL;

	if (!object ||
	    !cJSON_AddNumberToObject(object, "schema_version", DQ_SCHEMA_VERSION) ||
	    !cJSON_AddStringToObject(object, "event", "submitted") ||
	    !cJSON_AddStringToObject(object, "submit_id", id) ||
	    !cJSON_AddStringToObject(object, "state", state))
		return;
	line = cJSON_PrintUnformatted(object);
	if (line)
		app_out(app, line);
}

static void tell_id(struct app *app, bool is_run, const char *id)
{
	struct state_ear ear = { .state = "unknown" };
	struct dq_error error;

	if (!app->is_json) {
		if (is_run)
			app_say(app, _("submitted as %s"), id);
		else
			app_out(app, id);
		return;
	}
	app_listen(app, hear_state, &ear);
	(void)dq_show(app->dq, id, &error);
	app_listen(app, NULL, NULL);
	print_submitted(app, id, ear.state);
}

static int tell_end(struct app *app, bool is_run, enum dq_status status, const char *id,
    const struct dq_error *error)
{
	if (status == DQ_OK)
		return DQ_OK;
	if (status == DQ_INTERRUPTED && id[0]) {
		resume_say(app, _("interrupted, and nothing is lost"), "get", &id, 1);
		return (int)status;
	}
	if (status != DQ_RUNNING)
		return app_fail_dq(app, status, error);
	/* `run` goes on with it; for `submit` this is how it ended. */
	if (error->message[0])
		app_warn(app, "%s", error->message);
	if (!is_run)
		app_say(app, _("do not submit it again: 'dreamq get %s' finds out"), id);
	return DQ_RUNNING;
}

int send_prompt(struct app *app, bool is_run, char ret_id[DQ_ID_MAX + 1])
{
	const struct args *args = &app->args;
	const char *told = args_text(args, OPT_PROMPT);
	_cleanup_(buf_release) struct buf prompt = buf_make(PROMPT_MAX);
	_cleanup_(buf_release) struct buf body = buf_make(BODY_MAX);
	struct dq_error error = { 0 };
	struct err err;
	enum dq_status ended;
	int status = read_texts(app, &prompt, &body);

	ret_id[0] = '\0';
	if (status)
		return status;
	const struct dq_submit submit = {
		.size_bytes = sizeof(submit),
		.kind = args_text(args, OPT_KIND),
		.prompt = prompt.len > 0 ? prompt.data : told,
		.ratio = args_text(args, OPT_RATIO),
		.model = args_text(args, OPT_MODEL),
		.duration_s = (int)args_number(args, OPT_DURATION, 0),
		.sets = args->n_sets ? args->sets : NULL,
		.extra_json = args_has(args, OPT_BODY) ? body.data : NULL,
		.submit_id = args_text(args, OPT_SUBMIT_ID),
	};
	app_out_at_once();
	if (app_open(app, NULL, NULL, &err))
		return app_fail(app, &err);
	ended = dq_submit(app->dq, &submit, ret_id, &error);
	if (ret_id[0])
		tell_id(app, is_run, ret_id);
	return tell_end(app, is_run, ended, ret_id, &error);
}
