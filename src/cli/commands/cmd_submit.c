#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/input.h"
#include "cli/commands/send.h"
#include "cli/term/i18n.h"

static const enum opt_id submit_opts[] = { OPT_BATCH, OPT_BODY, OPT_DRY_RUN, OPT_DURATION,
	OPT_IDEMPOTENCY_KEY, OPT_INPUT, OPT_KEY_BY, OPT_KIND, OPT_MAX_CREDITS,
	OPT_MAX_WAIT, OPT_MEASURE, OPT_MODEL, OPT_PROMPT, OPT_RATIO,
	OPT_REQUESTS_PER_MINUTE, OPT_REROLL, OPT_SET, OPT_SUBMIT_ID, OPT_SUBMIT_VIA,
	OPT_COUNT };

static int submit_run(struct app *app)
{
	_cleanup_(input_ids_freep) struct dq_ids *ids = NULL;

	return send_all(app, false, &ids);
}

const struct command cmd_submit = {
	.name = "submit",
	.synopsis =
	    "--prompt TEXT | --batch FILE | --reroll ID... [--idempotency-key KEY] "
	    "[--kind KIND] [--ratio W:H] [--model NAME] [--set KEY=VALUE] [--body FILE]",
	.summary = N_("record the intent, send it once, print the submit id"),
	.details = N_(
	    "The id is printed as soon as it is on disk, also when the service then "
	    "refuses it. A lost answer is settled by asking for the id, never by sending "
	    "again. What can't be sent now (too many tasks are running, no credit, a "
	    "refused cookie, no network) waits in the local queue, unsent and unpaid; "
	    "'dreamq get ID' or 'dreamq watch' sends it. When --max-wait ends (one "
	    "second "
	    "is the least), a request that nobody has answered is given up, with exit "
	    "status 4: it may have been accepted, it is never sent again, and the next "
	    "get, wait or query of its id finds out.\n"
	    "--batch: each line is a prompt, or a JSON object with prompt, kind, ratio, "
	    "model, duration, submit_id, idempotency_key, set (an object of more "
	    "fields); options are the defaults for all lines. A bad line is reported "
	    "with its number, and the rest go on. With --idempotency-key K each line has "
	    "a "
	    "key of its own, made of K and what the line says: run the file with the "
	    "same key again, after a crash or with more lines in it, and no line is sent "
	    "twice. A line that stands there twice is two tasks. With --key-by line it "
	    "is made of K and the line's number, and a file whose lines have moved is "
	    "refused as a whole.\n"
	    "--max-credits N: what these tasks will cost is told by the dearest of the "
	    "known costs of such tasks in the ledger (the same request but for its "
	    "words, or else the same kind and model made elsewhere). If that is more "
	    "than N in all, or nobody knows, nothing is recorded and nothing is sent, "
	    "with exit status 2: a batch is never submitted in part.\n"
	    "--measure: what a single task costs is the difference of two balances, "
	    "unless another task is unfinished, or anything else may have changed it.\n"
	    "--dry-run: nothing is recorded and nothing is sent; no cookie is needed. "
	    "Prints a row for each task: its id (one that you did not choose is another "
	    "the next time), whether its key is known already, its expected cost, and "
	    "the body as the service would get it. What would be refused is refused, "
	    "--max-credits, too.\n"
	    "--submit-via web sends a picture as the web page does: --set takes seed, "
	    "negative_prompt, resolution_type (1k, 2k, 4k), sample_strength and "
	    "generate_num then, and what has no place there is refused. When risk "
	    "control stops that, only you can go on, on the site: nothing here gets "
	    "around it.\n"
	    "--reroll ID repeats what was sent for that task, as a new task that is paid "
	    "once more; with --idempotency-key it does so once, and the same command "
	    "gives that repeat again. With --prompt and --idempotency-key it repeats the "
	    "key's task."),
	.example = "dreamq submit --prompt 'a red panda, oil painting' --ratio 16:9",
	.opts = submit_opts,
	.takes = ARGS_IDS,
	.run = submit_run,
};
