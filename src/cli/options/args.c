#include "cli/options/args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/term/i18n.h"

enum { WHERE_MAX = 80, NAME_MAX_SHOWN = 60 };

/* --- values --- */

static void add_to_list(struct args *args, enum opt_id id, const char *text)
{
	const char **list = id == OPT_ON ? args->ons : args->sets;
	size_t *n = id == OPT_ON ? &args->n_ons : &args->n_sets;

	list[(*n)++] = text;
	list[*n] = NULL;
}

enum err_kind args_put(struct args *args, enum opt_id id, const char *text,
    enum origin origin, const char *where, struct err *err)
{
	struct value *value = &args->of[id];
	struct value found = { .origin = origin, .text = text };
	struct opt opt = options[id];

	opt.may_be_list &= opt.choices || origin == FROM_ARGV;
	if (args_read_value(&opt, text, where, &found.number, err))
		return err->kind;
	if (options[id].type == OPT_LIST)
		add_to_list(args, id, text);
	if (origin >= value->origin)
		*value = found;
	return ERR_OK;
}

/* --- the command line --- */

struct reader {
	struct args *args;
	const struct args_rules *rules;
	const char *const *argv;
	int at; /* the next word */
};

static bool is_known(const struct reader *reader, enum opt_id id)
{
	return id != OPT_COUNT &&
	    (options_has(reader->rules->own, id) || options_has(options_shared, id));
}

/* What was typed may be the beginning of a name; only whole ones are taken. */
static const char *find_nearest(const char *name, const char *const *names)
{
	size_t len = strlen(name);

	for (const char *const *known = names; len >= 3 && *known; known++)
		if (!strncmp(*known, name, len))
			return *known;
	return text_nearest(name, names);
}

static enum err_kind refuse_unknown(
    const struct reader *reader, const char *name, struct err *err)
{
	const char *names[OPT_COUNT + 1] = { NULL };
	const char *verb = reader->rules->verb;
	const char *nearest;
	size_t n = 0;

	for (enum opt_id id = 0; id < OPT_COUNT; id++)
		if (is_known(reader, id))
			names[n++] = options[id].name;
	if (!verb && options_find(name) != OPT_COUNT)
		return err_set(
		    err, ERR_USAGE, "option '--%s' goes behind its verb", name);
	nearest = find_nearest(name, names);
	if (verb && options_find(name) != OPT_COUNT)
		return err_set(err, ERR_USAGE,
		    "'%s' has no option '--%s'; see 'dreamq help %s'", verb, name, verb);
	if (nearest)
		return err_set(err, ERR_USAGE,
		    "unknown option '--%s'; did you mean '--%s'?", name, nearest);
	return err_set(err, ERR_USAGE, "unknown option '--%s'; see 'dreamq help%s%s'",
	    name, verb ? " " : "", verb ? verb : "");
}

/* A word that is an option is none's value, unless it is written with "=". */
static bool is_option(const struct reader *reader, const char *word)
{
	char name[NAME_MAX_SHOWN + 1];

	if (strncmp(word, "--", 2) != 0 || strlen(word) - 2 > NAME_MAX_SHOWN)
		return false;
	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	return is_known(reader, options_find(name));
}

/* Of two prompts one would be lost, and the other paid for. */
static enum err_kind refuse_second(const struct args *args, enum opt_id id,
    const char *text, const char *where, struct err *err)
{
	static const enum opt_id once[] = { OPT_BATCH, OPT_BODY, OPT_IDEMPOTENCY_KEY,
		OPT_PROMPT, OPT_SUBMIT_ID, OPT_COUNT };

	if (args->of[id].origin != FROM_ARGV || !options_has(once, id))
		return ERR_OK;
	return err_set(err, ERR_USAGE,
	    "%s is given twice: '%.60s' and '%.60s'; give one (many prompts: --batch "
	    "FILE)",
	    where, args->of[id].text, text);
}

/* A switch that may be a list of choices has it in the next word, too. */
static bool is_list_of(const struct opt *opt, const char *word)
{
	struct err ignored;

	return opt->type == OPT_SWITCH && opt->choices && word &&
	    !args_read_choices(opt, word, "", &ignored);
}

/* Takes the value of an option, which may be the next word. */
static enum err_kind take_value(struct reader *reader, enum opt_id id, const char *text,
    const char *where, struct err *err)
{
	if (options[id].type != OPT_SWITCH && !text) {
		text = reader->argv[reader->at];
		if (!text)
			return err_set(err, ERR_USAGE, "%s needs a value: %s", where,
			    options[id].value);
		if (is_option(reader, text))
			return err_set(err, ERR_USAGE,
			    "%s needs a value, and '%s' is an option; if it is the "
			    "value, write --%s=%s",
			    where, text, options[id].name, text);
		reader->at++;
	} else if (!text && is_list_of(&options[id], reader->argv[reader->at])) {
		text = reader->argv[reader->at++];
	}
	if (refuse_second(reader->args, id, text, where, err))
		return err->kind;
	return args_put(reader->args, id, text, FROM_ARGV, where, err);
}

static enum err_kind read_long(struct reader *reader, const char *word, struct err *err)
{
	size_t len = strcspn(word, "=");
	char name[NAME_MAX_SHOWN + 1];
	char where[WHERE_MAX];
	enum opt_id id;

	(void)snprintf(name, sizeof(name), "%.*s",
	    (int)(len < NAME_MAX_SHOWN ? len : NAME_MAX_SHOWN), word);
	text_make_printable(name);
	id = options_find(name);
	if (len > NAME_MAX_SHOWN || !is_known(reader, id))
		return refuse_unknown(reader, name, err);
	(void)snprintf(where, sizeof(where), _("option '--%s'"), name);
	return take_value(reader, id, word[len] ? word + len + 1 : NULL, where, err);
}

static enum opt_id find_letter(const struct reader *reader, char letter)
{
	for (enum opt_id id = 0; id < OPT_COUNT; id++)
		if (options[id].letter == letter && is_known(reader, id))
			return id;
	return OPT_COUNT;
}

static enum err_kind refuse_letter(
    const struct reader *reader, char letter, struct err *err)
{
	const char *verb = reader->rules->verb;
	char shown[2] = { letter, '\0' };

	text_make_printable(shown);
	return err_set(err, ERR_USAGE, "unknown option '-%s'; see 'dreamq help%s%s'",
	    shown, verb ? " " : "", verb ? verb : "");
}

/* "qv", "ofile": switches may share one dash, and a value ends the word. */
static enum err_kind read_letters(
    struct reader *reader, const char *letters, struct err *err)
{
	for (; *letters; letters++) {
		enum opt_id id = find_letter(reader, *letters);
		char where[WHERE_MAX];

		if (id == OPT_COUNT)
			return refuse_letter(reader, *letters, err);
		(void)snprintf(where, sizeof(where), _("option '-%c'"), *letters);
		if (options[id].type != OPT_SWITCH)
			return take_value(
			    reader, id, letters[1] ? letters + 1 : NULL, where, err);
		if (take_value(reader, id, NULL, where, err))
			return err->kind;
	}
	return ERR_OK;
}

/* "-qv": each of them is one of a switch, or the first takes the rest for its value. */
static bool are_letters(const struct reader *reader, const char *letters)
{
	for (; *letters; letters++) {
		const enum opt_id id = find_letter(reader, *letters);

		if (id == OPT_COUNT || options[id].type != OPT_SWITCH)
			return id != OPT_COUNT;
	}
	return true;
}

static bool is_argument(const struct reader *reader, const char *word)
{
	return word[0] != '-' || !word[1] ||
	    (reader->rules->has_minus_words && word[1] != '-' &&
		!are_letters(reader, word + 1));
}

enum err_kind args_read(struct args *args, const struct args_rules *rules,
    const char *const *argv, int *at, struct err *err)
{
	struct reader reader = { .args = args, .rules = rules, .argv = argv, .at = *at };
	bool has_ended = false; /* "--" was there */
	enum err_kind kind = ERR_OK;

	while (!kind && argv[reader.at]) {
		const char *word = argv[reader.at];
		bool is_option = !has_ended && !is_argument(&reader, word);

		if (!is_option && rules->stops_at_argument)
			break;
		reader.at++;
		if (!is_option)
			args->left[args->n_left++] = word;
		else if (!strcmp(word, "--"))
			has_ended = true;
		else if (word[1] == '-')
			kind = read_long(&reader, word + 2, err);
		else
			kind = read_letters(&reader, word + 1, err);
	}
	*at = reader.at;
	return kind;
}

enum err_kind args_make(int argc, struct args *ret_args, struct err *err)
{
	size_t room = (size_t)(argc > 0 ? argc : 0) + 1;
	const char **sets = calloc(room, sizeof(*sets));
	const char **ons = calloc(room, sizeof(*ons));
	const char **left = calloc(room, sizeof(*left));

	if (!sets || !ons || !left) {
		free(sets);
		free(ons);
		free(left);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	*ret_args = (struct args){ .sets = sets, .ons = ons, .left = left };
	return ERR_OK;
}

enum err_kind args_make_room(struct args *args, size_t argc, struct err *err)
{
	const char **sets =
	    reallocarray(args->sets, args->n_sets + argc + 1, sizeof(*sets));
	const char **left, **ons;

	if (!sets)
		return err_set(err, ERR_NOMEM, "out of memory");
	args->sets = sets;
	ons = reallocarray(args->ons, args->n_ons + argc + 1, sizeof(*ons));
	if (!ons)
		return err_set(err, ERR_NOMEM, "out of memory");
	args->ons = ons;
	left = reallocarray(args->left, args->n_left + argc + 1, sizeof(*left));
	if (!left)
		return err_set(err, ERR_NOMEM, "out of memory");
	args->left = left;
	return ERR_OK;
}

void args_drop_file(struct args *args)
{
	for (enum opt_id id = 0; id < OPT_COUNT; id++)
		if (args->of[id].origin == FROM_CONFIG ||
		    args->of[id].origin == FROM_PROFILE)
			args->of[id] = (struct value){ 0 };
}

void args_release(struct args *args)
{
	free(args->sets);
	free(args->ons);
	free(args->left);
	*args = (struct args){ 0 };
}
