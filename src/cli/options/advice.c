#include "cli/options/advice.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/shell_word.h"
#include "cli/options/command.h"

enum { ADVICE_BYTES = 19200, WORD_MAX = 32 };

static const char program[] = "dreamq ";

/* What chose the account, its ledger and its service; a cookie is of the account alone.
 */
static const enum opt_id account_opts[] = { OPT_PROFILE, OPT_REGION, OPT_COOKIE_FILE,
	OPT_CONFIG, OPT_COUNT };
static const enum opt_id place_opts[] = { OPT_PROFILE, OPT_REGION, OPT_COOKIE_FILE,
	OPT_CONFIG, OPT_LEDGER, OPT_API_BASE, OPT_SUBMIT_BASE, OPT_COUNT };

/* These are about no account. */
static const struct command *const placeless[] = { &cmd_help, &cmd_completion,
	&cmd_version, NULL };

/* Does a command begin at `at`, and not a sentence about one, or a name? */
static bool is_advised(const char *text, const char *at)
{
	static const char *const before[] = { "'", "`", "“", "  ", ": ", "：" };

	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		const size_t len = strlen(before[i]);

		if ((size_t)(at - text) >= len && !memcmp(at - len, before[i], len))
			return true;
	}
	return false;
}

/* Length of the word at `at`; 0: none that a verb could be. */
static size_t word_len(const char *at)
{
	const size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz_");

	return len < WORD_MAX ? len : 0;
}

static const struct command *verb_at(const char *at)
{
	const size_t len = word_len(at);
	char name[WORD_MAX] = "";
	const struct command *command;

	memcpy(name, at, len);
	command = command_find(name);
	for (const struct command *const *one = placeless; *one; one++)
		if (command == *one)
			return NULL;
	return command;
}

/* The verb, and the word that belongs to it: "auth import". */
static size_t verb_len(const struct command *command, const char *at)
{
	const size_t len = word_len(at);

	for (const char *const *word = command->words; word && *word; word++) {
		const size_t more = strlen(*word);

		if (at[len] == ' ' && !strncmp(at + len + 1, *word, more) &&
		    word_len(at + len + 1) == more)
			return len + 1 + more;
	}
	return len;
}

/* Has the command at `at` this option already? It ends with its quotation, or the line.
 */
static bool has_option(const char *at, const char *name)
{
	const char *end = at + strcspn(at, "'`\n"), *quote = strstr(at, "”");
	const char *found = strstr(at, name);

	if (quote && quote < end)
		end = quote;
	return found && found < end;
}

/* What comes from the environment or the config file, the next command gets, too. */
static void add_options(struct buf *into, const struct args *args,
    const struct command *command, const char *at)
{
	for (const enum opt_id *id = command == &cmd_auth ? account_opts : place_opts;
	     *id != OPT_COUNT; id++) {
		const struct value *value = &args->of[*id];

		if (value->origin != FROM_ARGV || !value->text ||
		    has_option(at, options[*id].name))
			continue;
		buf_addf(into, " --%s ", options[*id].name);
		shell_word_add(into, value->text);
	}
}

char *advice_complete(const struct args *args, const char *text)
{
	_cleanup_(buf_release) struct buf whole = buf_make(ADVICE_BYTES);
	const char *rest = text, *at;

	while ((at = strstr(rest, program)) != NULL) {
		const char *verb = at + sizeof(program) - 1;
		const struct command *command =
		    is_advised(text, at) ? verb_at(verb) : NULL;
		const char *end = command ? verb + verb_len(command, verb) : verb;

		buf_add(&whole, rest, (size_t)(end - rest));
		if (command)
			add_options(&whole, args, command, end);
		rest = end;
	}
	buf_add(&whole, rest, strlen(rest));
	return buf_take(&whole);
}
