/*
 * args_value.c - is a value what its option takes, and which number is it then?
 */
#include "cli/options/args.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "base/text.h"
#include "dreamq/check.h"

static const struct {
	const char *word;
	int64_t number;
} switch_words[] = {
	{ "yes", 1 },
	{ "true", 1 },
	{ "on", 1 },
	{ "1", 1 },
	{ "no", 0 },
	{ "false", 0 },
	{ "off", 0 },
	{ "0", 0 },
};

bool args_read_switch(const char *text, int64_t *ret_number)
{
	for (size_t i = 0; i < sizeof(switch_words) / sizeof(switch_words[0]); i++) {
		if (!strcmp(text, switch_words[i].word)) {
			*ret_number = switch_words[i].number;
			return true;
		}
	}
	return false;
}

static enum err_kind read_choice(
    const struct opt *opt, const char *text, const char *where, struct err *err)
{
	char list[200] = "";
	size_t len = 0;

	for (const char *const *choice = opt->choices; *choice; choice++)
		if (!strcmp(*choice, text))
			return ERR_OK;
	for (const char *const *choice = opt->choices; *choice; choice++) {
		int n = snprintf(list + len, sizeof(list) - len, "%s%s",
		    choice == opt->choices ? "" : ", ", *choice);

		if (n < 0 || (size_t)n >= sizeof(list) - len)
			break;
		len += (size_t)n;
	}
	return err_set(err, ERR_USAGE, "%s: '%s' is not one of: %s", where, text, list);
}

/* One or more of the choices, with commas between them. */
enum err_kind args_read_choices(
    const struct opt *opt, const char *text, const char *where, struct err *err)
{
	for (;; text++) {
		const size_t n = strcspn(text, ",");
		_cleanup_free_ char *word = strndup(text, n);

		if (!word)
			return err_set(err, ERR_NOMEM, "out of memory");
		if (read_choice(opt, word, where, err))
			return err->kind;
		text += n;
		if (!*text)
			return ERR_OK;
	}
}

static enum err_kind read_switch(const struct opt *opt, const char *text,
    const char *where, int64_t *ret_number, struct err *err)
{
	*ret_number = 1;
	if (!text || args_read_switch(text, ret_number))
		return ERR_OK;
	if (opt->may_be_list && opt->choices)
		return args_read_choices(opt, text, where, err);
	if (opt->may_be_list && *text)
		return ERR_OK;
	return err_set(err, ERR_USAGE, "%s: '%s' is neither 'yes' nor 'no'", where, text);
}

/* A bound of a row, in whole hours or seconds. */
static const char *whole_time(uint64_t ms, char into[24])
{
	enum { HOUR_S = 3600 };
	const unsigned long long s = ms / 1000;

	(void)snprintf(into, 24, s % HOUR_S == 0 ? "%lluh" : "%llus",
	    s % HOUR_S == 0 ? s / HOUR_S : s);
	return into;
}

static enum err_kind read_time(const struct opt *opt, const char *text, const char *where,
    int64_t *ret_number, struct err *err)
{
	char bound[24];
	int64_t ms;

	if (duration_parse(text, &ms, err))
		return err_note(err, "%s", where);
	if (opt->max && (uint64_t)ms > opt->max)
		return err_set(err, ERR_USAGE, "%s: '%s' is too long; write at most %s",
		    where, text, whole_time(opt->max, bound));
	if ((uint64_t)ms < opt->min)
		return err_set(err, ERR_USAGE, "%s: '%s' is too short; write at least %s",
		    where, text, whole_time(opt->min, bound));
	*ret_number = ms;
	return ERR_OK;
}

static enum err_kind read_number(const struct opt *opt, const char *text,
    const char *where, int64_t *ret_number, struct err *err)
{
	uint64_t number;

	if (opt->zero && !strcmp(text, opt->zero)) {
		*ret_number = 0;
		return ERR_OK;
	}
	if (text_uint(text, opt->min, opt->max, &number)) {
		*ret_number = (int64_t)number;
		return ERR_OK;
	}
	if (opt->zero)
		return err_set(err, ERR_USAGE,
		    "%s: '%s' is neither '%s' nor a whole number up to %llu", where, text,
		    opt->zero, (unsigned long long)opt->max);
	return err_set(err, ERR_USAGE, "%s: '%s' is not a whole number from %llu to %llu",
	    where, text, (unsigned long long)opt->min, (unsigned long long)opt->max);
}

static enum err_kind check_pair(const char *text, const char *where, struct err *err)
{
	const char *equals = strchr(text, '=');

	if (equals && equals > text)
		return ERR_OK;
	return err_set(
	    err, ERR_USAGE, "%s: '%s' is not of the form key=value", where, text);
}

/* What the library reads it checks: whoever writes a value down is told at once. */
enum err_kind args_check_as(
    const char *name, const char *text, const char *where, struct err *err)
{
	struct dq_error error;

	if (!dq_value_check(name, text, &error))
		return ERR_OK;
	err_set(err, ERR_USAGE, "%.399s", error.message);
	(void)snprintf(err->shown, sizeof(err->shown), "%.399s", error.shown);
	return err_note(err, "%s", where);
}

static enum err_kind check_text(
    const struct opt *opt, const char *text, const char *where, struct err *err)
{
	if (!opt->checked_as || (opt->zero && !strcmp(opt->zero, text)))
		return ERR_OK;
	return args_check_as(opt->checked_as, text, where, err);
}

enum err_kind args_read_value(const struct opt *opt, const char *text, const char *where,
    int64_t *ret_number, struct err *err)
{
	if (opt->type != OPT_SWITCH && (!text || !*text))
		return err_set(
		    err, ERR_USAGE, "%s: the value is empty; give %s", where, opt->value);
	switch (opt->type) {
	case OPT_SWITCH:
		return read_switch(opt, text, where, ret_number, err);
	case OPT_TIME:
		return read_time(opt, text, where, ret_number, err);
	case OPT_NUMBER:
		return read_number(opt, text, where, ret_number, err);
	case OPT_CHOICE:
		return read_choice(opt, text, where, err);
	case OPT_LIST:
		return check_pair(text, where, err);
	case OPT_TEXT:
	case OPT_FILE:
	case OPT_FOLDER:
		return check_text(opt, text, where, err);
	}
	return ERR_OK;
}
