/*
 * args.h - what the user typed: options by id, and what is left.
 *
 * Accepted are --opt=value, --opt value, -ovalue, -o value, -qv, options
 * behind arguments, "--" and "-". Names must be whole: a script must not
 * change its meaning when an option is added. A switch may be turned off with
 * =no, over a config file that turned it on.
 *
 * Values also come from the environment and the config file. Each has a rank
 * (enum origin), and a higher rank stays; within a rank the last one wins, but
 * what is submitted can be given once only.
 * Texts are borrowed from wherever they came from.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/options/options.h"

enum origin {
	FROM_NOWHERE, /* the default holds */
	FROM_CONFIG,
	FROM_PROFILE, /* the profile's section of the config file */
	FROM_ENVIRONMENT,
	FROM_ARGV,
};

struct value {
	enum origin origin;
	const char *text; /* as it was written; NULL for a switch without "=" */
	int64_t number; /* ms, count, or 0 and 1 of a switch */
};

struct args {
	struct value of[OPT_COUNT];
	const char **sets; /* of --set, NULL-terminated; owned */
	size_t n_sets;
	const char **ons; /* the same of --on */
	size_t n_ons;
	const char **left; /* arguments that are no options; owned */
	size_t n_left;
};

/* Makes room for argc arguments. ERR_NOMEM. */
enum err_kind args_make(int argc, struct args *ret_args, struct err *err);
/* The same for so many arguments more. */
enum err_kind args_make_room(struct args *args, size_t argc, struct err *err);
/* What came from a config file that is no more: the defaults hold, or what outranks it.
 */
void args_drop_file(struct args *args);
void args_release(struct args *args);

/* What one round of reading may see. */
struct args_rules {
	const char *verb; /* for messages, NULL before the verb is known */
	const enum opt_id *own; /* the verb's options, NULL: none */
	bool has_minus_words; /* "-word" is an argument, unless it is letters of switches
			       */
	bool stops_at_argument; /* the first argument that is no option ends the round */
};

/*
 * Read argv from *at on; *at is moved to where it ended. ERR_USAGE names the
 * option, and the nearest known one. The value behind "=" of an unknown
 * option is not repeated: it may be a secret.
 */
enum err_kind args_read(struct args *args, const struct args_rules *rules,
    const char *const *argv, int *at, struct err *err);

/*
 * Check a value and keep it, unless one of higher rank is there. `where`: for messages.
 */
enum err_kind args_put(struct args *args, enum opt_id id, const char *text,
    enum origin origin, const char *where, struct err *err);

/*
 * Is `text` a value of this option? *ret_number: ms, count, or 0 and 1 of a switch.
 * `where`: for messages.
 */
enum err_kind args_read_value(const struct opt *opt, const char *text, const char *where,
    int64_t *ret_number, struct err *err);

/* Would the library take it as this (dq_value_check)? */
enum err_kind args_check_as(
    const char *name, const char *text, const char *where, struct err *err);

/* Is it one or more of its choices, with commas between them? */
enum err_kind args_read_choices(
    const struct opt *opt, const char *text, const char *where, struct err *err);

/* Is it a word of a switch ("yes", "no", "on" ...), and which number has it then? */
bool args_read_switch(const char *text, int64_t *ret_number);

static inline bool args_has(const struct args *args, enum opt_id id)
{
	return args->of[id].origin != FROM_NOWHERE;
}
static inline bool args_is_on(const struct args *args, enum opt_id id)
{
	return args->of[id].number != 0;
}
static inline const char *args_text(const struct args *args, enum opt_id id)
{
	return args->of[id].text;
}
static inline int64_t args_number(
    const struct args *args, enum opt_id id, int64_t otherwise)
{
	return args_has(args, id) ? args->of[id].number : otherwise;
}
