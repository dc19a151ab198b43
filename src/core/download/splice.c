#include "core/download/splice.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TELLING_PERCENT = 50, /* of the words of a window differ from all the others */
	TOTAL_DIGITS_MAX = 19,
};

static const char length_word[] = "length=";

/* Is it a strong tag: quoted, not empty, without quotes inside? */
bool splice_is_tag(const char *validator)
{
	const size_t len = validator ? strlen(validator) : 0;

	return len > 2 && validator[0] == '"' &&
	    strchr(validator + 1, '"') == validator + len - 1;
}

int64_t splice_length(const char *validator)
{
	const size_t skip = sizeof(length_word) - 1;
	size_t digits;

	if (!validator || strncmp(validator, length_word, skip) != 0)
		return -1;
	digits = strspn(validator + skip, "0123456789");
	if (digits == 0 || digits >= TOTAL_DIGITS_MAX)
		return -1;
	return strtoll(validator + skip, NULL, 10);
}

/* Is this a validator in a form that this program has written? */
static bool vouches(const char *validator)
{
	return splice_is_tag(validator) || splice_length(validator) > 0;
}

char *splice_validator(const struct net_head *head, int64_t total_bytes)
{
	const char *time = head->last_modified;
	char *text = NULL;

	if (splice_is_tag(head->etag))
		return strdup(head->etag);
	if (total_bytes <= 0)
		return NULL;
	if (asprintf(&text, "%s%" PRId64 "%s%s", length_word, total_bytes,
		time ? " modified=" : "", time ? time : "") < 0)
		return NULL;
	return text;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

bool splice_is_telling(const void *window, size_t len)
{
	const size_t n = len / sizeof(uint64_t);
	uint64_t *words = n > 0 ? calloc(n, sizeof(*words)) : NULL;
	size_t distinct = 1;

	if (!words)
		return false;
	memcpy(words, window, n * sizeof(*words));
	qsort(words, n, sizeof(*words), by_value);
	for (size_t i = 1; i < n; i++)
		distinct += words[i] != words[i - 1];
	free(words);
	return distinct * 100 >= n * TELLING_PERCENT;
}

static bool may_overlap(const struct splice *known)
{
	return known->have_bytes >= SPLICE_OVERLAP_MIN && known->is_telling &&
	    vouches(known->validator);
}

static bool may_trust_md5(const struct splice *known)
{
	return known->has_md5 && known->claimed_bytes > 0 &&
	    known->have_bytes < (uint64_t)known->claimed_bytes;
}

static bool is_too_long(const struct splice *known)
{
	return known->claimed_bytes > 0 &&
	    known->have_bytes > (uint64_t)known->claimed_bytes;
}

enum splice_way splice_plan(const struct splice *known)
{
	if (known->have_bytes == 0 || known->may_not_range || is_too_long(known))
		return SPLICE_AFRESH;
	if (splice_is_tag(known->validator) && !known->tag_is_kept_back)
		return SPLICE_ETAG;
	if (may_overlap(known))
		return SPLICE_OVERLAP;
	return may_trust_md5(known) ? SPLICE_MD5 : SPLICE_AFRESH;
}

uint64_t splice_from(const struct splice *known, enum splice_way way)
{
	switch (way) {
	case SPLICE_AFRESH:
		return 0;
	case SPLICE_OVERLAP:
		return known->have_bytes - SPLICE_WINDOW;
	case SPLICE_ETAG:
	case SPLICE_MD5:
		break;
	}
	return known->have_bytes;
}

static bool differ(int64_t known_bytes, int64_t told_bytes)
{
	return known_bytes > 0 && told_bytes >= 0 && known_bytes != told_bytes;
}

/* Another length than our answer told: no tag and no window outweighs that. */
static bool has_another_length(const struct splice *known, int64_t told_bytes)
{
	return differ(known->known_bytes, told_bytes) ||
	    differ(splice_length(known->validator), told_bytes);
}

/* The place that was asked for, in an answer that agrees with itself? */
static bool is_the_place(
    const struct splice *known, enum splice_way way, const struct net_head *head)
{
	if (head->range_first != (int64_t)splice_from(known, way))
		return false;
	return head->content_length < 0 ||
	    head->content_length == head->range_last - head->range_first + 1;
}

/* Both tell a time, and it is not the same? */
static bool has_another_time(const struct splice *known, const struct net_head *head)
{
	const char *ours =
	    known->validator ? strstr(known->validator, "modified=") : NULL;

	return ours && !splice_is_tag(known->validator) && head->last_modified &&
	    strcmp(ours + strlen("modified="), head->last_modified) != 0;
}

enum splice_verdict splice_judge(
    const struct splice *known, enum splice_way way, const struct net_head *head)
{
	const bool has_tag = splice_is_tag(head->etag);
	const bool had_tag = splice_is_tag(known->validator);

	if (!is_the_place(known, way, head) || head->range_total < 0)
		return SPLICE_CHANGED;
	if (way == SPLICE_AFRESH)
		return SPLICE_JOIN;
	if (way == SPLICE_MD5)
		return head->range_total == known->claimed_bytes ? SPLICE_JOIN
								 : SPLICE_CHANGED;
	if (has_another_length(known, head->range_total) ||
	    has_another_time(known, head) ||
	    (has_tag && had_tag && strcmp(head->etag, known->validator) != 0))
		return SPLICE_CHANGED;
	if (way == SPLICE_OVERLAP)
		return SPLICE_COMPARE;
	return has_tag ? SPLICE_JOIN : SPLICE_AGAIN;
}

bool splice_is_complete(const struct splice *known, const struct net_head *head)
{
	if (known->have_bytes == 0 || head->range_total != (int64_t)known->have_bytes ||
	    has_another_length(known, head->range_total))
		return false;
	if (splice_is_tag(known->validator))
		return head->etag && strcmp(head->etag, known->validator) == 0;
	return splice_has_all(known);
}

bool splice_has_all(const struct splice *known)
{
	const int64_t have_bytes = (int64_t)known->have_bytes;

	if (have_bytes <= 0)
		return false;
	if (splice_length(known->validator) == have_bytes)
		return true;
	return known->claimed_bytes == have_bytes &&
	    (known->has_md5 || vouches(known->validator));
}
