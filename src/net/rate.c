#include "net/rate.h"

#include <ctype.h>
#include <string.h>

static const uint64_t rate_max = UINT64_C(1) << 40; /* so that no product runs over */

/* --- the plan --- */

static bool read_unit(const char *text, size_t len, unsigned *ret_shift)
{
	static const char units[] = "kmg";
	const char *unit = len > 0
	    ? memchr(units, tolower((unsigned char)*text), sizeof(units) - 1)
	    : NULL;

	*ret_shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
	return len == 0 || (len == 1 && unit);
}

/* Reads "2M", "1.5k", "300000", "off". */
static bool read_rate(const char *text, size_t len, uint64_t *ret_rate)
{
	uint64_t whole = 0, part = 0, parts = 1;
	unsigned shift;
	size_t at = 0;

	*ret_rate = 0;
	if (len == 3 && !memcmp(text, "off", 3))
		return true;
	for (; at < len && isdigit((unsigned char)text[at]) && whole < rate_max; at++)
		whole = whole * 10 + (uint64_t)(text[at] - '0');
	if (at > 0 && at + 1 < len && text[at] == '.' &&
	    isdigit((unsigned char)text[at + 1]))
		for (at++; at < len && isdigit((unsigned char)text[at]); at++)
			if (parts < 1000000) {
				part = part * 10 + (uint64_t)(text[at] - '0');
				parts *= 10;
			}
	if (at == 0 || whole >= rate_max || !read_unit(text + at, len - at, &shift) ||
	    whole > rate_max >> shift)
		return false;
	*ret_rate = (whole << shift) + (part << shift) / parts;
	return *ret_rate > 0;
}

static enum err_kind refuse(const char *text, size_t len, struct err *err)
{
	return err_set(err, ERR_USAGE,
	    "'%.*s' is no rate; write bytes a second like 500k or 2M, or off",
	    (int)(len < 40 ? len : 40), text);
}

/* Reads one "22:00-07:00=off". */
static enum err_kind read_window(
    struct rate_plan *plan, const char *text, size_t len, struct err *err)
{
	const char *equals = memchr(text, '=', len);
	const size_t hours_len = equals ? (size_t)(equals - text) : len;

	if (plan->n == HOURS_MAX)
		return err_set(
		    err, ERR_USAGE, "more than %d hours have their rate", HOURS_MAX);
	if (!equals)
		return err_set(err, ERR_USAGE,
		    "'%.*s' is no rate of hours; write it like 22:00-07:00=off",
		    (int)(len < 40 ? len : 40), text);
	if (hours_parse(text, hours_len, &plan->windows[plan->n].hours, err))
		return err->kind;
	if (!read_rate(equals + 1, len - hours_len - 1, &plan->windows[plan->n].rate))
		return refuse(equals + 1, len - hours_len - 1, err);
	plan->n++;
	return ERR_OK;
}

enum err_kind rate_plan_parse(
    const char *text, struct rate_plan *ret_plan, struct err *err)
{
	struct rate_plan plan = { .n = 0 };
	size_t len = strcspn(text, ",");

	if (!read_rate(text, len, &plan.usual))
		return refuse(text, len, err);
	for (text += len; *text == ','; text += len) {
		len = strcspn(++text, ",");
		if (read_window(&plan, text, len, err))
			return err->kind;
	}
	*ret_plan = plan;
	return ERR_OK;
}

uint64_t rate_plan_at(const struct rate_plan *plan, unsigned minute)
{
	for (size_t i = 0; i < plan->n; i++)
		if (hours_have(&plan->windows[i].hours, minute))
			return plan->windows[i].rate;
	return plan->usual;
}

uint64_t rate_plan_least(const struct rate_plan *plan)
{
	uint64_t least = plan->usual;

	for (size_t i = 0; i < plan->n; i++)
		if (plan->windows[i].rate && (!least || plan->windows[i].rate < least))
			least = plan->windows[i].rate;
	return least;
}

/* --- the bucket --- */

static int64_t room_millis(const struct rate_bucket *bucket)
{
	const int64_t idle = (int64_t)bucket->rate * RATE_IDLE_MS;
	const int64_t piece = (int64_t)RATE_PIECE * 1000;

	return idle > piece ? idle : piece;
}

static void fill(struct rate_bucket *bucket, int64_t now_ms)
{
	const int64_t room = room_millis(bucket);
	const int64_t for_ms = now_ms - bucket->at_ms;

	if (for_ms <= 0)
		return;
	bucket->at_ms = now_ms;
	if (for_ms >= (room - bucket->millis) / (int64_t)bucket->rate)
		bucket->millis = room;
	else
		bucket->millis += for_ms * (int64_t)bucket->rate;
}

struct rate_bucket bucket_make(uint64_t rate, int64_t now_ms)
{
	return (struct rate_bucket){ .rate = rate, .at_ms = now_ms };
}

void bucket_change(struct rate_bucket *bucket, uint64_t rate, int64_t now_ms)
{
	fill(bucket, now_ms);
	bucket->rate = rate;
	if (bucket->millis > room_millis(bucket))
		bucket->millis = room_millis(bucket);
}

uint64_t bucket_level(struct rate_bucket *bucket, int64_t now_ms)
{
	fill(bucket, now_ms);
	return (uint64_t)bucket->millis / 1000;
}

static int64_t millis_of(const struct rate_bucket *bucket, uint64_t bytes)
{
	const int64_t room = room_millis(bucket);

	return bytes < (uint64_t)room / 1000 ? (int64_t)bytes * 1000 : room;
}

bool bucket_take(struct rate_bucket *bucket, uint64_t bytes, int64_t now_ms)
{
	fill(bucket, now_ms);
	if (bucket->millis < millis_of(bucket, bytes))
		return false;
	/* What is more than it holds is owed. */
	bucket->millis -= (int64_t)bytes * 1000;
	return true;
}

int64_t bucket_when_ms(const struct rate_bucket *bucket, uint64_t bytes)
{
	const int64_t lack = millis_of(bucket, bytes) - bucket->millis;
	const int64_t rate = (int64_t)bucket->rate;

	return lack <= 0 ? bucket->at_ms : bucket->at_ms + (lack + rate - 1) / rate;
}
