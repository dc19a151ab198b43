#include "cli/app/app_open.h"

#include <stdio.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "cli/app/log_file.h"
#include "cli/app/network.h"
#include "cli/app/notify.h"
#include "cli/app/profile.h"
#include "cli/term/i18n.h"
#include "cli/term/signals.h"

enum { FILES_MIN = 48, FILES_WANTED = 1024 /* descriptors */ };

/* What explains, tells a cost, or speaks of one task that is waited for, is no trouble.
 */
static bool is_warning(const struct dq_event *event)
{
	return event->note != DQ_NOTE_WHY && event->note != DQ_NOTE_COST && !event->task;
}

void app_hear(void *payload, const struct dq_event *event)
{
	struct app *app = payload;

	if (event->totals)
		app->totals = *event->totals;
	switch (event->type) {
	case DQ_EVENT_NOTE:
		if (is_warning(event))
			app_warn(app, "%s", event->text);
		else
			app_say(app, "%s", event->text);
		return;
	case DQ_EVENT_LOG:
		log_file_add(app, event->text);
		if (!args_is_on(&app->args, OPT_VERBOSE))
			return;
		screen_hide(&app->screen);
		(void)fprintf(stderr, "dreamq: debug: %s\n", event->text);
		return;
	case DQ_EVENT_TASK:
	case DQ_EVENT_STATE:
	case DQ_EVENT_PROGRESS:
	case DQ_EVENT_STORED:
	case DQ_EVENT_TICK:
		break;
	}
	if (app->hear)
		app->hear(app->payload, event);
}

/* As dq_options has it: negative is no limit, 0 the default. */
static int64_t requests_per_minute(const struct args *args)
{
	int64_t limit = args_number(args, OPT_REQUESTS_PER_MINUTE, -1);

	if (limit < 0)
		return 0;
	return limit > 0 ? limit : -1;
}

/* A few are open all the time, and two or three for each download. */
static enum err_kind check_limits(struct err *err)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return ERR_OK;
	if (files.rlim_cur < FILES_WANTED && files.rlim_cur < files.rlim_max) {
		files.rlim_cur =
		    files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	if (files.rlim_cur < FILES_MIN)
		return err_set(err, ERR_IO,
		    "this process may open %llu files only, and dreamq needs %d: raise "
		    "'ulimit -n'",
		    (unsigned long long)files.rlim_cur, FILES_MIN);
	return ERR_OK;
}

enum err_kind app_options(const struct app *app, struct dq_network *ret_network,
    struct dq_options *ret_options, struct err *err)
{
	const struct args *args = &app->args;

	if (check_limits(err) || network_options(app, ret_network, err))
		return err->kind;
	*ret_options = (struct dq_options){
		.size_bytes = sizeof(*ret_options),
		.api_base = args_text(args, OPT_API_BASE),
		.submit_base = args_text(args, OPT_SUBMIT_BASE),
		.cookie_file = args_text(args, OPT_COOKIE_FILE),
		.ledger = args_text(args, OPT_LEDGER),
		.profile = args_text(args, OPT_PROFILE),
		.wire = app->settings.wire,
		.verbose = args_is_on(args, OPT_VERBOSE) || args_has(args, OPT_LOG_FILE),
		.requests_per_minute = requests_per_minute(args),
		.explain = args_is_on(args, OPT_EXPLAIN),
		.quality = args_text(args, OPT_QUALITY),
		.network = ret_network,
	};
	return ERR_OK;
}

enum err_kind app_open(struct app *app,
    void (*hear)(void *payload, const struct dq_event *event), void *payload,
    struct err *err)
{
	_cleanup_(notify_options_release) struct notify_options notify = { .n = 0 };
	struct dq_network network;
	struct dq_options dq_options;
	struct dq_error error;

	app_listen(app, hear, payload);
	if (log_file_check(app, err) || app_options(app, &network, &dq_options, err) ||
	    notify_options_make(app, &notify, err))
		return err->kind;
	dq_options.on_event = app_hear;
	dq_options.payload = app;
	dq_options.notify = &notify.notify;
	if (dq_open(&dq_options, &app->dq, &error)) {
		app->dq = NULL;
		*err = app_error(error.status == DQ_STORAGE ? ERR_IO : ERR_USAGE, &error);
		return err->kind;
	}
	signals_watch(app->dq);
	/* 'auth' makes profiles, and looks at each by itself. */
	return app->command == &cmd_auth ? ERR_OK : profile_check(app, err);
}
