/*
 * parse_fault.c - the second half of a line: faults, their arguments and options. The
 * table is the grammar.
 */
#include "script/parse.h"

#include <string.h>

#include "common/units.h"
#include "state/mix.h"

enum argument {
	ARG_NONE,
	ARG_INT,
	ARG_INT_OPTIONAL,
	ARG_BYTES,
	ARG_BYTES_RANGE,
	ARG_SECONDS,
	ARG_TEXT,
	ARG_TEXT_OPTIONAL,
};

static const struct fault_row {
	const char *name;
	enum argument argument;
	double otherwise; /* when an optional argument is missing */
} fault_rows[FAULT_KINDS] = {
	[FAULT_STATUS] = { "status", ARG_INT, 0 },
	[FAULT_RET] = { "ret", ARG_INT, 0 },
	[FAULT_HTML] = { "html", ARG_NONE, 0 },
	[FAULT_EMPTY] = { "empty", ARG_NONE, 0 },
	[FAULT_NOT_JSON] = { "not-json", ARG_NONE, 0 },
	[FAULT_JSON] = { "json", ARG_TEXT_OPTIONAL, 0 },
	[FAULT_DEEP] = { "deep", ARG_INT_OPTIONAL, 10000 },
	[FAULT_BIG] = { "big", ARG_BYTES, 0 },
	[FAULT_REDIRECT] = { "redirect", ARG_TEXT, 0 },
	[FAULT_WRONG_TYPES] = { "wrong-types", ARG_TEXT_OPTIONAL, 0 },
	[FAULT_DUPLICATE_KEYS] = { "duplicate-keys", ARG_NONE, 0 },
	[FAULT_CUT_JSON] = { "cut-json", ARG_INT_OPTIONAL, -1 },
	[FAULT_OMIT] = { "omit", ARG_TEXT_OPTIONAL, 0 },
	[FAULT_SWAP] = { "swap", ARG_TEXT_OPTIONAL, 0 },
	[FAULT_RECORD_OF] = { "record-of", ARG_TEXT, 0 },
	[FAULT_STATE] = { "state", ARG_INT, 0 },
	[FAULT_INTERVAL] = { "interval", ARG_INT, 0 },
	[FAULT_ITEMS] = { "items", ARG_INT, 0 },
	[FAULT_TOTAL] = { "total", ARG_INT, 0 },
	[FAULT_LINK] = { "link", ARG_TEXT, 0 },
	[FAULT_PAGE] = { "page", ARG_TEXT, 0 },
	[FAULT_ITEM] = { "item", ARG_TEXT, 0 },
	[FAULT_UNLISTED] = { "unlisted", ARG_SECONDS, 0 },
	[FAULT_SKEW] = { "skew", ARG_SECONDS, 0 },
	[FAULT_RETRY_AFTER] = { "retry-after", ARG_TEXT, 0 },
	[FAULT_RESET] = { "reset", ARG_NONE, 0 },
	[FAULT_STALL] = { "stall", ARG_SECONDS, 0 },
	[FAULT_SLOW] = { "slow", ARG_BYTES, 0 },
	[FAULT_TRUNCATE] = { "truncate", ARG_NONE, 0 },
	[FAULT_LENGTH] = { "length", ARG_INT, 0 },
	[FAULT_SWITCHING] = { "switching", ARG_NONE, 0 },
	[FAULT_CHUNK_EXTENSION] = { "chunk-extension", ARG_BYTES, 0 },
	[FAULT_AHEAD] = { "ahead", ARG_TEXT_OPTIONAL, 0 },
	[FAULT_NEW_ETAG] = { "new-etag", ARG_NONE, 0 },
	[FAULT_NO_RANGE] = { "no-range", ARG_NONE, 0 },
	[FAULT_BAD_RANGE] = { "bad-range", ARG_NONE, 0 },
	[FAULT_NO_VALIDATORS] = { "no-validators", ARG_NONE, 0 },
	[FAULT_EXPIRE_AFTER] = { "expire-after", ARG_BYTES_RANGE, 0 },
	[FAULT_ADD_RECORDS] = { "add-records", ARG_TEXT, 0 },
	[FAULT_TOP_UP] = { "top-up", ARG_INT, 0 },
	[FAULT_ACCEPT_THEN] = { "accept-then", ARG_NONE, 0 },
};

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

const char *script_fault_name(size_t i)
{
	return i < FAULT_KINDS ? fault_rows[i].name : NULL;
}

static void set_text(char **to, const char *value)
{
	free(*to);
	*to = mem_dup(value);
}

/* "3M", or "3M..20M". */
static bool read_range(const char *word, double *ret_from, double *ret_upto)
{
	const char *dots = strstr(word, "..");
	_cleanup_free_ char *first = dots ? strndup(word, (size_t)(dots - word)) : NULL;
	uint64_t from = 0, upto = 0;

	if (!unit_bytes(first ? first : word, &from) ||
	    !unit_bytes(dots ? dots + 2 : word, &upto) || upto < from)
		return false;
	*ret_from = (double)from;
	*ret_upto = (double)upto;
	return true;
}

/* Of a page; as in api_list.c. */
static const char *const page_words[] = { "repeat", "skip", "back", "stuck", "empty",
	"none", "text", NULL };

/* Of an item asked alone; as in api_item.c. */
static const char *const item_words[] = { "other", "no-video", "sample", "local-list",
	"none", NULL };

static bool is_among(const char *const *words, const char *word)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words != NULL;
}

/* Texts that only some words are. */
static bool is_text_known(enum fault_kind kind, const char *word)
{
	struct mix mix;

	if (kind == FAULT_PAGE)
		return is_among(page_words, word);
	if (kind == FAULT_ITEM)
		return is_among(item_words, word);
	return kind != FAULT_ADD_RECORDS || mix_read(word, &mix);
}

static enum err_kind set_argument(struct fault *fault, const char *word, struct err *err)
{
	const struct fault_row *row = &fault_rows[fault->kind];
	int64_t number = 0;
	uint64_t bytes = 0;
	bool ok = true;

	switch (row->argument) {
	case ARG_INT:
	case ARG_INT_OPTIONAL:
		ok = unit_integer(
		    *word == '+' ? word + 1 : word, -1000000000, 1000000000, &number);
		fault->number = (double)number;
		break;
	case ARG_BYTES:
		ok = unit_bytes(word, &bytes);
		fault->number = (double)bytes;
		break;
	case ARG_BYTES_RANGE:
		ok = read_range(word, &fault->number, &fault->upto);
		break;
	case ARG_SECONDS: {
		bool negative = *word == '-';

		ok = unit_seconds(word + negative, &fault->number);
		if (negative)
			fault->number = -fault->number;
		break;
	}
	case ARG_TEXT:
	case ARG_TEXT_OPTIONAL:
		ok = is_text_known(fault->kind, word);
		set_text(&fault->text, word);
		break;
	case ARG_NONE:
		ok = false;
		break;
	}
	if (!ok)
		return err_set(err, ERR_USAGE, "'%s %s': bad argument", row->name, word);
	return ERR_OK;
}

/* What an answer to a submit names; as in fault.c. */
static const char *const names_words[] = { "own", "other", "history", "task", "charge",
	"none", NULL };

/* True when the word is an option of the fault, and then *ret_bad tells of its value. */
static bool read_option(struct fault *fault, const char *word, bool *ret_bad)
{
	const char *value = strchr(word, '=');
	uint64_t bytes = 0;
	int64_t number = 0;

	if (!value)
		return false;
	value++;
	*ret_bad = false;
	if (strncmp(word, "after=", 6) == 0) {
		*ret_bad = !unit_bytes(value, &bytes);
		fault->after = (int64_t)bytes;
	} else if (strncmp(word, "status=", 7) == 0) {
		*ret_bad = !unit_integer(value, 200, 599, &number);
		fault->status = (int)number;
	} else if (strncmp(word, "retry-after=", 12) == 0) {
		*ret_bad = !unit_integer(value, 0, 1000000, &number);
		fault->retry_after = (int)number;
	} else if (strncmp(word, "msg=", 4) == 0) {
		set_text(&fault->message, value);
	} else if (strncmp(word, "body=", 5) == 0) {
		set_text(&fault->body, value);
	} else if (strncmp(word, "names=", 6) == 0) {
		*ret_bad = !is_among(names_words, value);
		set_text(&fault->names, value);
	} else {
		return false;
	}
	return true;
}

static bool find_fault(const char *word, enum fault_kind *ret)
{
	for (unsigned i = 0; i < FAULT_KINDS; i++)
		if (strcmp(word, fault_rows[i].name) == 0) {
			*ret = (enum fault_kind)i;
			return true;
		}
	return false;
}

static bool wants_argument(const struct fault *fault)
{
	enum argument argument = fault_rows[fault->kind].argument;

	return argument == ARG_INT || argument == ARG_BYTES ||
	    argument == ARG_BYTES_RANGE || argument == ARG_SECONDS ||
	    argument == ARG_TEXT;
}

/* One word behind the colon: a fault's name, the argument of the last one, an option. */
enum err_kind script_read_fault(
    struct rule *rule, const char *word, bool *needs, struct err *err)
{
	struct fault *last = rule->count ? &rule->faults[rule->count - 1] : NULL;
	enum fault_kind kind;
	bool bad;

	if (last && *needs) {
		*needs = false;
		return set_argument(last, word, err);
	}
	if (last && read_option(last, word, &bad))
		return bad ? err_set(err, ERR_USAGE, "'%s': bad value", word) : ERR_OK;
	if (find_fault(word, &kind)) {
		if (rule->count == FAULTS_PER_LINE)
			return err_set(err, ERR_USAGE, "'%s': too many faults", word);
		last = &rule->faults[rule->count++];
		*last = (struct fault){ .kind = kind, .after = -1, .retry_after = -1 };
		last->number = fault_rows[kind].otherwise;
		*needs = wants_argument(last);
		return ERR_OK;
	}
	if (last && fault_rows[last->kind].argument != ARG_NONE && !wants_argument(last))
		return set_argument(last, word, err);
	return err_set(err, ERR_USAGE, "'%s': unknown fault", word);
}
