/*
 * A conversation that runs commands: whatever it does, 'auth import' and 'config set' do,
 * in a process of their own, and each is shown as one would type it. So nothing is done
 * here that a script could not do, and a step that fails has said why.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/app/app.h"
#include "cli/app/profile.h"
#include "cli/term/i18n.h"
#include "cli/term/pager.h"
#include "cli/term/wrap.h"
#include "dreamq/login.h"

enum {
	ANSWER_MAX = 1024,
	WORDS_MAX_ARGS = 16,
	TRIES = 3,
	BROWSERS_MAX = 8,
	LINE_BYTES = 4096,
	COLUMNS_USUAL = 80 /* where none are told */
};

struct setup {
	struct app *app;
	bool is_over; /* the input has ended, or somebody has had enough */
	bool uses_keyring;
	const char *browsers[BROWSERS_MAX]; /* that are there */
	size_t n_browsers;
};

/* --- asking ------------------------------------------------------------------ */

/* A blank line, and a text as wide as the terminal. */
static void tell(const char *text)
{
	_cleanup_(buf_release) struct buf lines = buf_make((size_t)2 * LINE_BYTES);
	const size_t columns = pager_columns_of(STDERR_FILENO);

	wrap_add(&lines, text, 0, columns > 0 ? (unsigned)columns : COLUMNS_USUAL);
	(void)fprintf(stderr, "\n%s", buf_failed(&lines) ? text : lines.data);
}

/* False: nothing was typed but Enter, or the input has ended. */
static bool ask(
    struct setup *setup, const char *question, const char *now, char answer[ANSWER_MAX])
{
	size_t len;

	answer[0] = '\0';
	if (setup->is_over)
		return false;
	tell(question);
	(void)fprintf(stderr, "[%s] > ", now);
	if (!fgets(answer, ANSWER_MAX, stdin)) {
		setup->is_over = true;
		(void)fprintf(stderr, "\n");
		return false;
	}
	len = strcspn(answer, "\r\n");
	while (len > 0 && answer[len - 1] == ' ')
		len--;
	answer[len] = '\0';
	memmove(answer, answer + strspn(answer, " "),
	    strlen(answer + strspn(answer, " ")) + 1);
	return answer[0] != '\0';
}

/* --- doing ------------------------------------------------------------------- */

struct command_line {
	const char *words[WORDS_MAX_ARGS];
	size_t n;
};

static void add(struct command_line *line, const char *word)
{
	if (line->n + 1 < WORDS_MAX_ARGS)
		line->words[line->n++] = word;
}

/* What chose account and files of this run, chooses those of the commands. */
static void add_chosen(struct command_line *line, const struct args *args)
{
	static const struct {
		enum opt_id id;
		const char *word;
	} chosen[] = {
		{ OPT_CONFIG, "--config" },
		{ OPT_COOKIE_FILE, "--cookie-file" },
		{ OPT_PROFILE, "--profile" },
		{ OPT_REGION, "--region" },
	};

	for (size_t i = 0; i < sizeof(chosen) / sizeof(*chosen); i++) {
		const struct value *value = &args->of[chosen[i].id];

		if (value->origin != FROM_ARGV || !value->text)
			continue;
		add(line, chosen[i].word);
		add(line, value->text);
	}
}

static void show(const struct command_line *line)
{
	_cleanup_(buf_release) struct buf text = buf_make(LINE_BYTES);

	buf_addf(&text, "  dreamq");
	for (size_t i = 1; i < line->n; i++) {
		buf_addf(&text, " ");
		shell_word_add(&text, line->words[i]);
	}
	(void)fprintf(stderr, "%s\n", text.data);
}

/* Returns whether it went well; else it has said why. */
static bool run(struct setup *setup, struct command_line *line)
{
	const char *own = setup->app->argv[0];
	int status;
	pid_t child;

	line->words[line->n] = NULL;
	show(line);
	(void)fflush(NULL);
	child = fork();
	if (child < 0)
		return false;
	if (child == 0) {
		char *const *words = (char *const *)(const void *)line->words;

		(void)execv("/proc/self/exe", words);
		(void)execvp(own, words);
		_exit(DQ_STORAGE);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	if (WIFSIGNALED(status) || WEXITSTATUS(status) == DQ_INTERRUPTED)
		setup->is_over = true;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool set(struct setup *setup, const char *key, const char *value)
{
	struct command_line line = { .words = { "dreamq", "config", "set" }, .n = 3 };

	add_chosen(&line, &setup->app->args);
	if (value[0] == '-')
		add(&line, "--");
	add(&line, key);
	add(&line, value);
	return run(setup, &line);
}

static bool import(struct setup *setup, const char *browser)
{
	struct command_line line = { .words = { "dreamq", "auth", "import" }, .n = 3 };

	add_chosen(&line, &setup->app->args);
	if (browser) {
		add(&line, "--from-browser");
		add(&line, browser);
	}
	if (setup->uses_keyring)
		add(&line, "--keyring");
	return run(setup, &line);
}

/* --- the steps --------------------------------------------------------------- */

static const char *now_of(const struct setup *setup, enum opt_id id)
{
	const char *text = args_text(&setup->app->args, id);

	return text ? text : options[id].fallback;
}

/* A value that 'config set' refuses is asked for again, a few times. */
static void ask_key(struct setup *setup, enum opt_id id, const char *question)
{
	char answer[ANSWER_MAX];

	for (int i = 0; i < TRIES; i++) {
		if (!ask(setup, question, now_of(setup, id), answer))
			return;
		/* Others read the command lines of processes. */
		if (config_is_cookie("", answer))
			app_say(
			    setup->app, _("That is a cookie; it is not asked for here."));
		else if (set(setup, options[id].name, answer))
			return;
	}
}

static void ask_region(struct setup *setup)
{
	ask_key(setup, OPT_REGION,
	    _("Where does the account live?\n"
	      "cn is Jimeng (jimeng.jianying.com),\n"
	      "us, sg, jp, eu are Dreamina."));
}

static void ask_keyring(struct setup *setup)
{
	const bool now = args_is_on(&setup->app->args, OPT_KEYRING);
	char answer[ANSWER_MAX];

	setup->uses_keyring = now;
	for (int i = 0; i < TRIES; i++) {
		if (!ask(setup,
			_("Keep the cookie in the desktop's\n"
			  "keyring? (no: in a file that only\n"
			  "you can read)  yes, no"),
			now ? "yes" : "no", answer))
			return;
		if (!set(setup, options[OPT_KEYRING].name, answer))
			continue;
		setup->uses_keyring = !strcmp(answer, "yes") || !strcmp(answer, "on") ||
		    !strcmp(answer, "true") || !strcmp(answer, "1");
		return;
	}
}

static void tell_where(void)
{
	tell(_("Log in at the site first. Then:\n"
	       "Chrome, Edge: F12, Application,\n"
	       "  Cookies, the site's address.\n"
	       "Firefox: F12, Storage, Cookies.\n"
	       "Safari: Settings, Advanced, show\n"
	       "  features for web developers; then\n"
	       "  Develop, Show Web Inspector,\n"
	       "  Storage, Cookies.\n"
	       "Copy the value of sessionid, and\n"
	       "paste it where it is asked for."));
}

/* The browser that is meant: by its number here, or by its name. NULL: none. */
static const char *meant_browser(const struct setup *setup, const char *answer)
{
	uint64_t number;

	if (text_uint(answer, 1, setup->n_browsers, &number))
		return setup->browsers[number - 1];
	for (size_t i = 0; i < setup->n_browsers; i++)
		if (!strncmp(answer, setup->browsers[i], strcspn(answer, ":")) &&
		    strlen(setup->browsers[i]) == strcspn(answer, ":"))
			return answer; /* with its profile */
	return NULL;
}

static void add_question(struct setup *setup, struct buf *into)
{
	buf_addf(into, "%s\n",
	    profile_has_login(&setup->app->args) ? _("There is a login. Another one?")
						 : _("Where is the login?"));
	for (size_t i = 0; i < setup->n_browsers; i++)
		buf_addf(into, "%zu  %s\n", i + 1, setup->browsers[i]);
	buf_addf(into, "%s",
	    _("p  paste the cookie (it is not shown)\n"
	      "h  how to find it"));
}

static void ask_login(struct setup *setup)
{
	_cleanup_(buf_release) struct buf question = buf_make(LINE_BYTES);
	char answer[ANSWER_MAX];

	add_question(setup, &question);
	for (int i = 0; i < TRIES * 2; i++) {
		const char *browser;

		if (!ask(setup, question.data, _("skip"), answer))
			return;
		browser = meant_browser(setup, answer);
		if (browser && import(setup, browser))
			return;
		if (!strcmp(answer, "p") && import(setup, NULL))
			return;
		if (!strcmp(answer, "h"))
			tell_where();
		else if (!browser && strcmp(answer, "p") != 0)
			app_say(setup->app, _("It is none of these."));
	}
}

static void ask_folder(struct setup *setup)
{
	ask_key(setup, OPT_OUTPUT_DIR,
	    _("Which folder shall get the files?\n"
	      "As ~/Pictures/dreamq; '.' is that\n"
	      "in which a command is called."));
}

static void ask_names(struct setup *setup)
{
	ask_key(setup, OPT_NAME,
	    _("How shall files be named? As\n"
	      "{date}/{prompt}_{index}.{ext}"));
}

/* --- all --------------------------------------------------------------------- */

static void note_browser(void *payload, const char *browser)
{
	struct setup *setup = payload;

	if (setup->n_browsers < BROWSERS_MAX)
		setup->browsers[setup->n_browsers++] = browser;
}

static int setup_run(struct app *app)
{
	static void (*const steps[])(struct setup * setup) = { ask_region, ask_keyring,
		ask_login, ask_folder, ask_names };
	enum { N_STEPS = sizeof(steps) / sizeof(*steps) };
	struct setup setup = { .app = app };

	if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1)
		return app_usage(app,
		    "'setup' asks questions, and there is no terminal; 'dreamq auth "
		    "import' and 'dreamq config set KEY VALUE' do the same");
	dq_auth_browsers(note_browser, &setup);
	tell(_("A few questions. Enter keeps what\n"
	       "stands in brackets, Ctrl-D ends."));
	for (size_t i = 0; i < N_STEPS && !setup.is_over; i++)
		steps[i](&setup);
	tell(setup.is_over ? _("It is kept so far. This tells whether it works:")
			   : _("That is all. This tells whether it works:"));
	(void)fprintf(stderr, "  dreamq doctor\n");
	return DQ_OK;
}

const struct command cmd_setup = {
	.name = "setup",
	.synopsis = "",
	.summary = N_("asks for login, region and folder, and writes them down"),
	.details =
	    N_("A few questions at a terminal: region, keyring, login (of a browser, or "
	       "pasted), folder and names of the files. Each can be passed over with "
	       "Enter, and asked again later; with --profile it is that profile's. What "
	       "it does are commands of dreamq, which it shows. A script uses 'dreamq "
	       "auth import' and 'dreamq config set KEY VALUE' itself."),
	.example = "dreamq setup",
	.takes = ARGS_NONE,
	.run = setup_run,
};
