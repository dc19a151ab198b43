#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/input.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"
#include "dreamq/marks.h"

static const enum opt_id tag_opts[] = { OPT_DRY_RUN, OPT_INPUT, OPT_RATING, OPT_COUNT };

/* What the words are: "+good" and "-bad"; all others are ids. */
struct marking {
	struct dq_mark mark;
	const char **add, **remove;
};

static void marking_release(struct marking *marking)
{
	free(marking->add);
	free(marking->remove);
}

/* Takes the tags out of the arguments. False: no memory. */
static bool take_tags(struct args *args, struct marking *marking)
{
	size_t n_ids = 0;

	marking->add = calloc(args->n_left + 1, sizeof(*marking->add));
	marking->remove = calloc(args->n_left + 1, sizeof(*marking->remove));
	if (!marking->add || !marking->remove)
		return false;
	for (size_t i = 0; i < args->n_left; i++) {
		const char *word = args->left[i];

		if (word[0] == '+')
			marking->add[marking->mark.n_add++] = word + 1;
		else if (word[0] == '-' && word[1])
			marking->remove[marking->mark.n_remove++] = word + 1;
		else
			args->left[n_ids++] = word;
	}
	args->n_left = n_ids;
	marking->mark.add = marking->add;
	marking->mark.remove = marking->remove;
	return true;
}

static void take_rating(const struct args *args, struct dq_mark *mark)
{
	const char *rating = args_text(args, OPT_RATING);

	if (!rating)
		return;
	mark->has_rating = true;
	mark->rating = !strcmp(rating, "reject") ? DQ_RATING_REJECTED : rating[0] - '0';
}

static int mark_all(
    struct app *app, const struct known_ids *known, const struct dq_mark *mark)
{
	size_t marked = 0;
	int status = known->bad ? DQ_USAGE : DQ_OK;

	for (size_t i = 0; i < known->n; i++) {
		struct dq_error error = { 0 };
		enum dq_status one = args_is_on(&app->args, OPT_DRY_RUN)
		    ? dq_show(app->dq, known->list[i], &error)
		    : dq_mark(app->dq, known->list[i], mark, &error);

		if (one)
			status = app_worse(status, app_fail_dq(app, one, &error));
		else
			marked++;
		if (one == DQ_STORAGE || one == DQ_USAGE)
			break; /* not this id's fault */
	}
	if (marked == 0 && status)
		return status;
	if (args_is_on(&app->args, OPT_DRY_RUN))
		app_say(app,
		    ngettext(
			"%zu task would be marked", "%zu tasks would be marked", marked),
		    marked);
	else
		app_say(
		    app, ngettext("marked %zu task", "marked %zu tasks", marked), marked);
	return status;
}

static void print_tag(void *payload, const char *tag, int64_t n_tasks)
{
	struct app *app = payload;
	struct buf line = buf_make(WORDS_MAX);

	if (app->is_json) {
		app_out_json(app, dq_tag_json(tag, n_tasks));
		return;
	}
	buf_addf(&line, "%5" PRId64 "  ", n_tasks);
	words_add_clean(&line, tag);
	app_out(app, line.data);
	buf_release(&line);
}

static int list_tags(struct app *app)
{
	struct dq_error error = { 0 };
	struct err err;
	enum dq_status status;

	if (app->args.n_left > 1)
		return app_usage(app, "'tag list' takes no more words");
	if (app_open(app, NULL, NULL, &err))
		return app_fail(app, &err);
	status = dq_tags(app->dq, print_tag, app, &error);
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

static int tag_run(struct app *app)
{
	_cleanup_(known_ids_release) struct known_ids known = { 0 };
	_cleanup_(marking_release) struct marking marking = {
		.mark = { .size_bytes = sizeof(marking.mark) }
	};
	struct args *args = &app->args;
	struct err err;
	int status;

	if (args->n_left > 0 && !strcmp(args->left[0], "list"))
		return list_tags(app);
	if (!take_tags(args, &marking)) {
		(void)err_set(&err, ERR_NOMEM, "out of memory");
		return app_fail(app, &err);
	}
	take_rating(args, &marking.mark);
	if (marking.mark.n_add + marking.mark.n_remove == 0 && !marking.mark.has_rating)
		return app_usage(
		    app, "'tag' needs '+TAG', '-TAG' or --rating, or the word 'list'");
	status = input_known(app, NULL, NULL, &known);
	return status ? status : mark_all(app, &known, &marking.mark);
}

const struct command cmd_tag = {
	.name = "tag",
	.synopsis = "ID... [+TAG...] [--rating N] [--input FILE] | list",
	.summary = N_("put tags and a rating on tasks, or list the tags"),
	.details =
	    N_("'+good' puts a tag on the tasks, '-bad' takes it away; behind '--' also "
	       "one that is called like an option. Case and width of letters do not "
	       "count. 'dreamq list --tag good' finds them, --search looks through "
	       "them. They are in the ledger only; nothing is sent. A task that is "
	       "forgotten takes them along."),
	.example = "dreamq tag ID1 ID2 +good -draft --rating 5",
	.opts = tag_opts,
	.takes = ARGS_TAGS,
	.makes_no_events = true,
	.run = tag_run,
};
