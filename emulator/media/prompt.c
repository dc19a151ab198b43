#include "media/prompt.h"

#include <stdio.h>
#include <string.h>

#include "common/units.h"

enum { SUBMITTED = 20 };

enum word_kind {
	WORD_OUTCOME,
	WORD_FORMAT,
	WORD_FLAG,
	WORD_INT,
	WORD_SECONDS,
	WORD_BYTES,
	WORD_SIZE,
};

struct word {
	const char *name; /* with "=" when a value follows */
	enum word_kind kind;
	int value; /* of an outcome or format */
	size_t at; /* where in struct wishes */
	int64_t min, max;
};

#define OUTCOME(word, which)                                            \
	{                                                               \
		.name = (word), .kind = WORD_OUTCOME, .value = (which), \
		.at = offsetof(struct wishes, outcome)                  \
	}
#define FORMAT(word, which)                                            \
	{                                                              \
		.name = (word), .kind = WORD_FORMAT, .value = (which), \
		.at = offsetof(struct wishes, bytes_as)                \
	}
#define FLAG(word, field)                                                               \
	{                                                                               \
		.name = (word), .kind = WORD_FLAG, .at = offsetof(struct wishes, field) \
	}
#define INT(word, field, low, high)                                                     \
	{                                                                               \
		.name = (word), .kind = WORD_INT, .at = offsetof(struct wishes, field), \
		.min = (low), .max = (high)                                             \
	}

static const struct word words[] = {
	OUTCOME("reject-text", OUTCOME_REJECT_TEXT),
	OUTCOME("reject-output", OUTCOME_REJECT_OUTPUT),
	OUTCOME("fail", OUTCOME_FAIL),
	OUTCOME("fail-empty-code", OUTCOME_FAIL_EMPTY_CODE),
	OUTCOME("fail-with-items", OUTCOME_FAIL_WITH_ITEMS),
	OUTCOME("cancel", OUTCOME_CANCEL),
	OUTCOME("deleted", OUTCOME_DELETED),
	OUTCOME("one-missing", OUTCOME_ONE_MISSING),
	OUTCOME("no-assets", OUTCOME_NO_ASSETS),
	OUTCOME("stuck", OUTCOME_STUCK),
	FORMAT("webp", FORMAT_WEBP),
	FORMAT("jpeg", FORMAT_JPEG),
	FLAG("history-only", history_only),
	FLAG("no-submit-id", no_submit_id),
	FLAG("duplicates", duplicates),
	FLAG("no-md5", no_md5),
	FLAG("gone", gone),
	FLAG("file-gone", file_gone),
	FLAG("phantom", phantom),
	FLAG("common-video", common_video),
	FLAG("sample", sample),
	FLAG("all-definitions", all_definitions),
	FLAG("super-resolution", super_resolution),
	FLAG("multi-frame", multi_frame),
	FLAG("draft", draft),
	FLAG("final", final),
	FLAG("agent", agent),
	INT("ret=", ret, -99999999, 99999999),
	INT("status=", odd_status, -999, 999),
	INT("final=", final_status, -999, 999),
	INT("items=", items, 1, ITEMS_MAX),
	INT("queue=", queue, 0, 10000000),
	{ .name = "seconds=",
	    .kind = WORD_SECONDS,
	    .at = offsetof(struct wishes, seconds) },
	{ .name = "absent=",
	    .kind = WORD_SECONDS,
	    .at = offsetof(struct wishes, absent) },
	{ .name = "size=", .kind = WORD_SIZE },
	{ .name = "bytes=",
	    .kind = WORD_BYTES,
	    .at = offsetof(struct wishes, asset_bytes) },
	{ .name = "sample=",
	    .kind = WORD_BYTES,
	    .at = offsetof(struct wishes, sample_bytes) },
	{ .name = "slow=", .kind = WORD_BYTES, .at = offsetof(struct wishes, slow) },
};

enum { WORDS = sizeof(words) / sizeof(words[0]) };

static void apply(struct wishes *w, const struct word *word, const char *value)
{
	char *field = (char *)w + word->at;
	int64_t number;

	switch (word->kind) {
	case WORD_OUTCOME:
		w->outcome = (enum outcome)word->value;
		break;
	case WORD_FORMAT:
		w->bytes_as = (enum media_format)word->value;
		break;
	case WORD_FLAG:
		memcpy(field, &(bool){ true }, sizeof(bool));
		break;
	case WORD_INT:
		if (unit_integer(value, word->min, word->max, &number))
			memcpy(field, &(int){ (int)number }, sizeof(int));
		break;
	case WORD_SECONDS: {
		double seconds;

		if (unit_seconds(value, &seconds))
			memcpy(field, &seconds, sizeof(seconds));
		break;
	}
	case WORD_BYTES: {
		uint64_t bytes;

		if (unit_bytes(value, &bytes))
			memcpy(field, &bytes, sizeof(bytes));
		break;
	}
	case WORD_SIZE:
		(void)unit_size(value, &w->width, &w->height);
		break;
	}
}

static void read_word(struct wishes *w, const char *text)
{
	for (size_t i = 0; i < WORDS; i++) {
		size_t n = strlen(words[i].name);
		bool takes_value = words[i].name[n - 1] == '=';

		if (takes_value ? strncmp(text, words[i].name, n) == 0
				: strcmp(text, words[i].name) == 0)
			apply(w, &words[i], text + n);
	}
}

struct wishes prompt_wishes(const char *prompt)
{
	struct wishes w = { .bytes_as = FORMAT_PNG, .queue = -1 };

	for (const char *p = prompt; (p = strchr(p, '[')); p++) {
		char word[64];
		size_t n = strcspn(p + 1, "[]");

		if (p[1 + n] != ']' || n >= sizeof(word))
			continue;
		memcpy(word, p + 1, n);
		word[n] = '\0';
		read_word(&w, word);
	}
	w.sample |= w.sample_bytes > 0;
	if (w.phantom) {
		w.outcome = OUTCOME_STUCK;
		w.odd_status = SUBMITTED;
	}
	return w;
}
