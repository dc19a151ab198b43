#include "cli/commands/send.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/app/app_open.h"
#include "cli/app/input.h"
#include "cli/commands/batch.h"
#include "cli/commands/follow.h"
#include "cli/commands/receipt.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"
#include "dreamq/submit.h"

enum {
	PROMPT_MAX = 1024 * 1024,
	BODY_MAX = 16 * 1024 * 1024,
	/* --max-wait 0: what can leave at once leaves, and has so long to be answered. */
	WAIT_MIN_MS = 1000,
};

/* What is to be submitted, and whatever owns its texts. */
struct sending {
	struct app *app;
	struct buf prompt, body;
	struct dq_submit defaults; /* what the options say */
	struct batch batch;
	struct dq_ids *repeats; /* --reroll ID... */
	struct dq_submit *repeated;
	const struct dq_submit *submits;
	size_t n;
	unsigned bad; /* lines and ids that were told and left out */
};

static void sending_release(struct sending *sending)
{
	buf_release(&sending->prompt);
	buf_release(&sending->body);
	batch_release(&sending->batch);
	dq_ids_free(sending->repeats);
	free(sending->repeated);
}

/* --- what the options say -------------------------------------------------------- */

static bool has_ids(const struct app *app)
{
	return app->args.n_left > 0 || args_has(&app->args, OPT_INPUT);
}

static bool is_stdin(const struct args *args, enum opt_id id)
{
	const char *text = args_text(args, id);

	return text && (!strcmp(text, "-") || (id == OPT_PROMPT && !strcmp(text, "@-")));
}

/* The file that --prompt names, as with curl: "@file"; NULL: it is the prompt itself. */
static const char *prompt_file(const struct args *args)
{
	const char *text = args_text(args, OPT_PROMPT);

	if (is_stdin(args, OPT_PROMPT))
		return "-";
	return text && text[0] == '@' && text[1] != '@' ? text + 1 : NULL;
}

/* "@@x" is the prompt "@x". */
static const char *typed_prompt(const struct args *args)
{
	const char *text = args_text(args, OPT_PROMPT);

	return text && !strncmp(text, "@@", 2) ? text + 1 : text;
}

static int tell_missing(struct app *app)
{
	const char *verb = app->command->name;

	if (args_is_on(&app->args, OPT_REROLL))
		return app_usage(app,
		    "'%s --reroll' needs task ids, or --prompt with --idempotency-key",
		    verb);
	if (!strcmp(verb, "run"))
		return app_usage(
		    app, "'%s' needs --prompt TEXT, or --reroll with task ids", verb);
	return app_usage(app,
	    "'%s' needs --prompt TEXT, --batch FILE, or --reroll with task ids", verb);
}

/* Refuses what can't stand together, before anything is read. 0, or the exit status. */
static int check_options(struct app *app)
{
	const struct args *args = &app->args;
	const bool rerolls = args_is_on(args, OPT_REROLL);
	const bool has_batch = args_has(args, OPT_BATCH);
	const int from_stdin = is_stdin(args, OPT_PROMPT) + is_stdin(args, OPT_BODY) +
	    is_stdin(args, OPT_BATCH);

	if (has_ids(app) && !rerolls)
		return app_usage(app,
		    "'%s' takes task ids with --reroll only; a prompt goes into "
		    "--prompt",
		    app->command->name);
	if (has_batch &&
	    (args_has(args, OPT_PROMPT) || args_has(args, OPT_SUBMIT_ID) || has_ids(app)))
		return app_usage(
		    app, "with --batch prompts and ids come from the lines of the file");
	if (from_stdin > 1)
		return app_usage(app,
		    "only one of --prompt, --body and --batch can come from standard "
		    "input");
	if (!has_batch && !has_ids(app) && !args_has(args, OPT_PROMPT) &&
	    !args_has(args, OPT_BODY))
		return tell_missing(app);
	if (args->of[OPT_KEY_BY].origin == FROM_ARGV && !has_batch)
		return app_usage(app, "--key-by is about the lines of a --batch");
	if (rerolls && !has_ids(app) && !has_batch &&
	    !args_has(args, OPT_IDEMPOTENCY_KEY))
		return app_usage(app,
		    "--reroll needs to know what it repeats: task ids, or an "
		    "--idempotency-key");
	return 0;
}

static int read_texts(struct sending *sending)
{
	struct app *app = sending->app;
	struct buf *prompt = &sending->prompt;
	const char *path = args_text(&app->args, OPT_BODY);
	const char *file = prompt_file(&app->args);
	struct err err;

	if (file && !*file)
		return app_usage(
		    app, "--prompt '@' names no file; for a prompt of '@' write '@@'");
	if (file && input_read(app, file, prompt, &err)) {
		err_note(&err,
		    strcmp(file, "-") ? N_("--prompt @FILE (a prompt that begins "
					   "with '@' is written '@@...')")
				      : N_("--prompt"));
		return app_fail(app, &err);
	}
	if (path && input_read(app, path, &sending->body, &err))
		return app_fail(app, &err);
	while (prompt->len > 0 && prompt->data[prompt->len - 1] == '\n')
		prompt->data[--prompt->len] = '\0';
	if (file && (prompt->len == 0 || memchr(prompt->data, '\0', prompt->len)))
		return app_usage(app,
		    strcmp(file, "-")
			? N_("the prompt's file is empty, or no text")
			: N_("the prompt on standard input is empty, or no text"));
	return 0;
}

static void read_defaults(struct sending *sending)
{
	const struct args *args = &sending->app->args;
	const struct buf *prompt = &sending->prompt;

	sending->defaults = (struct dq_submit){
		.size_bytes = sizeof(struct dq_submit),
		.kind = args_text(args, OPT_KIND),
		.prompt = prompt->len > 0 ? prompt->data : typed_prompt(args),
		.ratio = args_text(args, OPT_RATIO),
		.model = args_text(args, OPT_MODEL),
		.duration_s = (int)args_number(args, OPT_DURATION, 0),
		.sets = args->n_sets ? args->sets : NULL,
		.extra_json = args_has(args, OPT_BODY) ? sending->body.data : NULL,
		.submit_id = args_text(args, OPT_SUBMIT_ID),
		.idempotency_key = args_text(args, OPT_IDEMPOTENCY_KEY),
		.rerolls_key = args_is_on(args, OPT_REROLL),
	};
}

/* --- the three kinds of it ------------------------------------------------------- */

static int take_batch(struct sending *sending)
{
	const char *path = args_text(&sending->app->args, OPT_BATCH);
	int status = batch_read(sending->app, path, &sending->defaults, &sending->batch);

	sending->submits = sending->batch.submits;
	sending->n = sending->batch.n;
	sending->bad = sending->batch.bad;
	return status;
}

/* A repeat takes everything from its task; only a single one may be named. */
static int take_repeats(struct sending *sending)
{
	struct app *app = sending->app;
	const struct err no_memory = { .kind = ERR_NOMEM, .msg = "out of memory" };
	struct dq_submit rest = sending->defaults;
	int status = input_ids(app, &sending->repeats, &sending->bad);

	if (status)
		return status;
	if (rest.kind || rest.prompt || rest.ratio || rest.model || rest.duration_s ||
	    rest.sets || rest.extra_json)
		return app_usage(app,
		    "'--reroll ID' repeats what was sent, and takes nothing else about "
		    "it");
	sending->n = dq_ids_count(sending->repeats);
	if (rest.submit_id && sending->n > 1)
		return app_usage(app, "one --submit-id can't name several tasks");
	if (rest.idempotency_key && sending->n > 1)
		return app_usage(app, "one --idempotency-key can't be of several tasks");
	sending->repeated = calloc(sending->n, sizeof(*sending->repeated));
	if (!sending->repeated)
		return app_fail(app, &no_memory);
	for (size_t i = 0; i < sending->n; i++)
		sending->repeated[i] = (struct dq_submit){
			.size_bytes = sizeof(struct dq_submit),
			.submit_id = rest.submit_id,
			.idempotency_key = rest.idempotency_key,
			.reroll = dq_ids_list(sending->repeats)[i],
		};
	sending->submits = sending->repeated;
	return 0;
}

static int take_all(struct sending *sending)
{
	int status = check_options(sending->app);

	if (!status)
		status = read_texts(sending);
	if (status)
		return status;
	read_defaults(sending);
	if (args_has(&sending->app->args, OPT_BATCH))
		return take_batch(sending);
	if (has_ids(sending->app))
		return take_repeats(sending);
	sending->submits = &sending->defaults;
	sending->n = 1;
	return 0;
}

/* --- sending --------------------------------------------------------------------- */

static int submit(struct sending *sending, bool is_run, struct dq_ids **ret_ids)
{
	struct app *app = sending->app;
	_cleanup_(receipt_release) struct receipt receipt = { 0 };
	struct dq_batch batch = {
		.size_bytes = sizeof(batch),
		.submits = sending->submits,
		.n = sending->n,
		.max_wait_ms = follow_wait_options(app).max_wait_ms,
		.on_id = receipt_on_id,
		.payload = &receipt,
		.name = sending->batch.name,
		.max_credits = args_number(&app->args, OPT_MAX_CREDITS, 0),
		.measure = args_is_on(&app->args, OPT_MEASURE),
	};
	const char *by = args_text(&app->args, OPT_KEY_BY);
	struct dq_error error = { 0 };
	struct err err;
	enum dq_status ended;
	int status = receipt_make(app, is_run, sending->n, &receipt);

	if (status)
		return status;
	if (batch.max_wait_ms > 0 && batch.max_wait_ms < WAIT_MIN_MS)
		batch.max_wait_ms = WAIT_MIN_MS;
	app_out_at_once();
	if (app_open(app, receipt_hear, &receipt, &err))
		return app_fail(app, &err);
	ended = dq_submit_all(app->dq, &batch, &error);
	app_listen(app, NULL, NULL);
	status = receipt_end(&receipt, ended, &error);
	if (ended == DQ_USAGE && by && !strcmp(by, "line"))
		app_say(app,
		    _("lines that have moved keep their tasks with --key-by content"));
	*ret_ids = TAKE_PTR(receipt.ids);
	return status;
}

/* --- only telling ---------------------------------------------------------------- */

struct telling {
	struct app *app;
	size_t sent, known;
};

static void hear_planned(void *payload, const struct dq_planned *planned)
{
	struct telling *telling = payload;
	_cleanup_(buf_release) struct buf line = buf_make(BODY_MAX);

	telling->known += planned->is_known;
	telling->sent += !planned->is_known;
	if (telling->app->is_json) {
		app_out_json(telling->app, dq_planned_json(planned));
		return;
	}
	buf_addf(&line, "%-36s  %-5s  %-5s", planned->submit_id, planned->kind,
	    planned->is_known ? "known" : "new");
	if (planned->credits >= 0)
		buf_addf(&line, "  %5" PRId64 "  ", planned->credits);
	else
		buf_addf(&line, "  %5s  ", "-");
	words_add_clean(&line, planned->body ? planned->body : "-");
	app_out(telling->app, line.data);
}

static int rehearse(struct sending *sending)
{
	struct app *app = sending->app;
	struct telling telling = { .app = app };
	const struct dq_batch batch = {
		.size_bytes = sizeof(batch),
		.submits = sending->submits,
		.n = sending->n,
		.payload = &telling,
		.name = sending->batch.name,
		.max_credits = args_number(&app->args, OPT_MAX_CREDITS, 0),
		.measure = args_is_on(&app->args, OPT_MEASURE),
		.dry_run = true,
		.on_planned = hear_planned,
	};
	struct dq_error error = { 0 };
	enum dq_status status;
	struct err err;

	if (app_open(app, NULL, NULL, &err))
		return app_fail(app, &err);
	status = dq_submit_all(app->dq, &batch, &error);
	if (status)
		return app_fail_dq(app, status, &error);
	app_say(app,
	    ngettext("would send %zu task, and keep out %zu known; nothing was sent or "
		     "written (--dry-run)",
		"would send %zu tasks, and keep out %zu known; nothing was sent or "
		"written (--dry-run)",
		telling.sent),
	    telling.sent, telling.known);
	return DQ_OK;
}

int send_all(struct app *app, bool is_run, struct dq_ids **ret_ids)
{
	_cleanup_(sending_release) struct sending sending = {
		.app = app, .prompt = buf_make(PROMPT_MAX), .body = buf_make(BODY_MAX)
	};
	int status = take_all(&sending);

	*ret_ids = NULL;
	if (!status && args_is_on(&app->args, OPT_DRY_RUN))
		status = rehearse(&sending);
	else if (!status)
		status = submit(&sending, is_run, ret_ids);
	return sending.bad > 0 ? app_worse(status, DQ_USAGE) : status;
}
