#include "state/mix.h"

#include <stddef.h>
#include <string.h>

#include "common/text.h"
#include "common/units.h"

enum { RECORDS_MAX = 1000000, USUAL_ELSEWHERE = 40, USUAL_SAMPLES = 30 };

enum value_kind {
	VALUE_COUNT,
	VALUE_PERCENT,
	VALUE_SECONDS,
	VALUE_NAME,
};

static const struct word_row {
	const char *name;
	size_t at;
	enum value_kind kind;
	int usual; /* percent of a number that is dealt out; images take the rest */
} rows[] = {
	{ "images", offsetof(struct mix, parts[MIX_IMAGES]), VALUE_COUNT, 0 },
	{ "videos", offsetof(struct mix, parts[MIX_VIDEOS]), VALUE_COUNT, 20 },
	{ "audio", offsetof(struct mix, parts[MIX_AUDIO]), VALUE_COUNT, 5 },
	{ "failed", offsetof(struct mix, parts[MIX_FAILED]), VALUE_COUNT, 5 },
	{ "running", offsetof(struct mix, parts[MIX_RUNNING]), VALUE_COUNT, 1 },
	{ "deleted", offsetof(struct mix, parts[MIX_DELETED]), VALUE_COUNT, 4 },
	{ "gone", offsetof(struct mix, parts[MIX_GONE]), VALUE_COUNT, 0 },
	{ "elsewhere", offsetof(struct mix, elsewhere), VALUE_PERCENT, 0 },
	{ "samples", offsetof(struct mix, samples), VALUE_PERCENT, 0 },
	{ "age", offsetof(struct mix, age_s), VALUE_SECONDS, 0 },
	{ "step", offsetof(struct mix, step_s), VALUE_SECONDS, 0 },
	{ "account", offsetof(struct mix, account), VALUE_NAME, 0 },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void deal_out(struct mix *mix, int count)
{
	int left = count;

	for (size_t i = 0; i < ROWS; i++) {
		const int n = (int)((int64_t)count * rows[i].usual / 100);

		if (rows[i].kind == VALUE_COUNT)
			memcpy((char *)mix + rows[i].at, &n, sizeof(n));
		left -= n;
	}
	mix->parts[MIX_IMAGES] = left;
	mix->elsewhere = USUAL_ELSEWHERE;
	mix->samples = USUAL_SAMPLES;
}

static bool set_value(struct mix *mix, const struct word_row *row, char *value)
{
	char *field = (char *)mix + row->at;
	const size_t n = strlen(value);
	int64_t number = 0;
	double seconds;

	switch (row->kind) {
	case VALUE_COUNT:
		if (!unit_integer(value, 0, RECORDS_MAX, &number))
			return false;
		memcpy(field, &(int){ (int)number }, sizeof(int));
		return true;
	case VALUE_PERCENT:
		if (n == 0 || value[n - 1] != '%')
			return false;
		value[n - 1] = '\0';
		if (!unit_integer(value, 0, 100, &number))
			return false;
		memcpy(field, &(int){ (int)number }, sizeof(int));
		return true;
	case VALUE_SECONDS:
		if (!unit_seconds(value, &seconds))
			return false;
		memcpy(field, &seconds, sizeof(seconds));
		return true;
	case VALUE_NAME:
		if (n == 0 || n >= sizeof(mix->account))
			return false;
		memcpy(field, value, n + 1);
		return true;
	}
	return false;
}

static bool read_word(struct mix *mix, char *word)
{
	char *value = strchr(word, '=');
	int64_t count = 0;

	if (!value) {
		if (!unit_integer(word, 0, RECORDS_MAX, &count))
			return false;
		deal_out(mix, (int)count);
		return true;
	}
	*value++ = '\0';
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, word) == 0)
			return set_value(mix, &rows[i], value);
	return false;
}

bool mix_read(const char *text, struct mix *ret)
{
	struct mix mix = { .age_s = 600.0, .step_s = 600.0 };
	_cleanup_free_ char *copy = mem_dup(text);
	char *word = copy;

	while (word) {
		char *next = strchr(word, ',');

		if (next)
			*next++ = '\0';
		if (!read_word(&mix, word))
			return false;
		word = next;
	}
	if (mix_count(&mix) > RECORDS_MAX)
		return false;
	*ret = mix;
	return true;
}

int mix_count(const struct mix *mix)
{
	int count = 0;

	for (int i = 0; i < MIX_PARTS; i++)
		count += mix->parts[i];
	return count;
}
