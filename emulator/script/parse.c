/*
 * parse.c - the grammar of a line in a fault script: its matchers, in two tables, and a
 * tokenizer.
 */
#include <string.h>

#include "common/units.h"
#include "script/parse.h"

static const struct {
	const char *name;
	unsigned on;
} on_rows[] = {
	{ "query", ON_QUERY },
	{ "submit", ON_SUBMIT },
	{ "queue", ON_QUEUE },
	{ "credit", ON_CREDIT },
	{ "credit-history", ON_CREDIT_HISTORY },
	{ "history", ON_HISTORY },
	{ "assets", ON_ASSETS },
	{ "list", ON_HISTORY | ON_ASSETS },
	{ "items", ON_ITEMS },
	{ "images", ON_IMAGES },
	{ "videos", ON_VIDEOS },
	{ "cancel", ON_CANCEL },
	{ "cdn", ON_CDN },
	{ "api", ON_ANY & ~ON_CDN },
	{ "any", ON_ANY },
};

enum value_kind {
	VALUE_ON,
	VALUE_COUNT,
	VALUE_PROB,
	VALUE_SECONDS,
	VALUE_TEXT,
};

static const struct matcher_row {
	const char *name; /* with its "=" */
	enum value_kind kind;
	size_t at;
} matcher_rows[] = {
	{ "on=", VALUE_ON, offsetof(struct rule, on) },
	{ "nth=", VALUE_COUNT, offsetof(struct rule, nth) },
	{ "after=", VALUE_COUNT, offsetof(struct rule, after) },
	{ "times=", VALUE_COUNT, offsetof(struct rule, times) },
	{ "every=", VALUE_COUNT, offsetof(struct rule, every) },
	{ "within=", VALUE_SECONDS, offsetof(struct rule, within_s) },
	{ "prob=", VALUE_PROB, offsetof(struct rule, prob) },
	{ "account=", VALUE_TEXT, offsetof(struct rule, account) },
	{ "id=", VALUE_TEXT, offsetof(struct rule, id) },
	{ "uri=", VALUE_TEXT, offsetof(struct rule, uri) },
	{ "method=", VALUE_TEXT, offsetof(struct rule, method) },
};

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* The next word of *at, which double quotes may hold together; NULL at the end. */
static char *next_word(const char **at)
{
	struct text word = { 0 };
	const char *p = *at + strspn(*at, " \t");
	bool quoted = false;

	if (!*p || *p == '#')
		return NULL;
	text_add(&word, "", 0);
	for (; *p && (quoted || !strchr(" \t", *p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '\\' && quoted && p[1])
			text_add(&word, ++p, 1);
		else
			text_add(&word, p, 1);
	}
	*at = p;
	return word.data;
}

static enum err_kind set_on(struct rule *rule, const char *value, struct err *err)
{
	struct text words = { 0 };

	for (size_t i = 0; i < COUNT_OF(on_rows); i++)
		if (strcmp(value, on_rows[i].name) == 0) {
			rule->on = on_rows[i].on;
			return ERR_OK;
		}
	for (size_t i = 0; i < COUNT_OF(on_rows); i++)
		text_printf(&words, "%s%s", i ? ", " : "", on_rows[i].name);
	(void)err_set(err, ERR_USAGE, "'on=%s': not one of %s", value, text_str(&words));
	text_release(&words);
	return err->kind;
}

static enum err_kind set_matcher(
    struct rule *rule, const struct matcher_row *row, const char *value, struct err *err)
{
	char *field = (char *)rule + row->at;

	switch (row->kind) {
	case VALUE_ON:
		return set_on(rule, value, err);
	case VALUE_COUNT: {
		int64_t n;

		if (!unit_integer(value, 0, INT64_MAX, &n))
			return err_set(
			    err, ERR_USAGE, "'%s%s': not a number", row->name, value);
		memcpy(field, &n, sizeof(n));
		break;
	}
	case VALUE_PROB:
		if (!unit_real(value, 0.0, 1.0, &rule->prob))
			return err_set(
			    err, ERR_USAGE, "'prob=%s': not from 0 to 1", value);
		break;
	case VALUE_SECONDS:
		if (!unit_seconds(value, &rule->within_s))
			return err_set(err, ERR_USAGE, "'within=%s': not a time", value);
		break;
	case VALUE_TEXT: {
		char *copy = mem_dup(value);

		memcpy(field, &copy, sizeof(copy));
		break;
	}
	}
	return ERR_OK;
}

static enum err_kind read_matcher(struct rule *rule, const char *word, struct err *err)
{
	for (size_t i = 0; i < COUNT_OF(matcher_rows); i++) {
		size_t n = strlen(matcher_rows[i].name);

		if (strncmp(word, matcher_rows[i].name, n) == 0)
			return set_matcher(rule, &matcher_rows[i], word + n, err);
	}
	return err_set(err, ERR_USAGE, "'%s': unknown matcher", word);
}

static enum err_kind check_rule(
    const struct rule *rule, bool behind_colon, bool needs, struct err *err)
{
	if (!behind_colon)
		return err_set(
		    err, ERR_USAGE, "no ' : ' between the matchers and the faults");
	if (!rule->count)
		return err_set(err, ERR_USAGE, "no fault behind the ':'");
	if (needs)
		return err_set(err, ERR_USAGE, "'%s' needs an argument",
		    script_fault_name(rule->faults[rule->count - 1].kind));
	return ERR_OK;
}

enum err_kind script_parse_line(const char *line, struct rule **ret_rule, struct err *err)
{
	struct rule *rule = mem_new(1, sizeof(*rule));
	enum err_kind failed = ERR_OK;
	bool behind_colon = false, needs = false;
	const char *at = line;

	*rule = (struct rule){
		.line = mem_dup(line), .on = ON_ANY, .times = -1, .prob = 1.0
	};
	for (;;) {
		_cleanup_free_ char *word = failed ? NULL : next_word(&at);

		if (!word)
			break;
		if (!behind_colon && strcmp(word, ":") == 0)
			behind_colon = true;
		else if (behind_colon)
			failed = script_read_fault(rule, word, &needs, err);
		else
			failed = read_matcher(rule, word, err);
	}
	if (!failed)
		failed = check_rule(rule, behind_colon, needs, err);
	if (failed) {
		rule_free(rule);
		return failed;
	}
	*ret_rule = rule;
	return ERR_OK;
}

void rule_free(struct rule *rule)
{
	if (!rule)
		return;
	for (unsigned i = 0; i < rule->count; i++) {
		free(rule->faults[i].text);
		free(rule->faults[i].message);
		free(rule->faults[i].body);
		free(rule->faults[i].names);
	}
	free(rule->line);
	free(rule->account);
	free(rule->id);
	free(rule->uri);
	free(rule->method);
	free(rule);
}
