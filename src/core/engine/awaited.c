#include "core/engine/awaited.h"

#include "base/say.h"
#include "core/account/silence.h"
#include "core/browse/browse.h"
#include "core/download/downloads.h"
#include "core/offers/offers.h"
#include "core/poll/poll.h"
#include "core/submit/outbox.h"

enum {
	AWAITED_STEP_MS = 500, /* between two checks, while nobody says a word */
	AWAITED_ITEMS_MAX = 5000, /* of the items that are looked at for it */
	WHAT_MAX = 400,
};

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

/* An answer of the service, or bytes of a file, that do not come. */
static bool find_stall(
    const struct engine *engine, struct silence *silence, char what[WHAT_MAX])
{
	const struct dq *dq = engine->dq;
	const int64_t page_ms =
	    engine->browse ? browse_wait_since_ms(engine->browse) : INT64_MAX;
	const int64_t offer_ms =
	    engine->offers ? offers_wait_since_ms(engine->offers) : INT64_MAX;
	const int64_t answer_ms =
	    earlier(polls_wait_since_ms(engine->polls), earlier(page_ms, offer_ms));
	const int64_t stall_ms = (int64_t)dq->traits.stall_seconds * 1000;

	if (answer_ms < INT64_MAX) {
		say_into(what, WHAT_MAX, "no answer from '%.200s' yet; waiting for it",
		    dq->traits.address);
		silence->since_ms = answer_ms;
	} else if (engine->outbox && outbox_under_way(engine->outbox) > 0) {
		say_into(what, WHAT_MAX,
		    "no answer from '%.200s' to what was submitted; waiting for it",
		    dq->traits.submit_address);
		silence->since_ms = dq->moved_ms;
	} else if (engine->downloads && downloads_active(engine->downloads) > 0) {
		say_into(what, WHAT_MAX,
		    downloads_active(engine->downloads) == 1
			? N_("no bytes of %u file just now; waiting for them")
			: N_("no bytes of %u files just now; waiting for them"),
		    downloads_active(engine->downloads));
		silence->since_ms = dq->moved_ms;
	} else {
		return false;
	}
	silence->until_ms = silence->since_ms + stall_ms;
	return true;
}

static bool is_polled(const struct item *item)
{
	return item && !item->has_ended && item->role == ITEM_POLLED;
}

/* Tasks that the service does not know yet: the wait for the one that takes longest. */
static bool find_absent(
    const struct engine *engine, struct silence *silence, char what[WHAT_MAX])
{
	const struct item *last = NULL;
	int64_t since_ms = 0, until_ms = 0;
	size_t n = 0;

	for (size_t i = 0; i < engine->n_items && i < AWAITED_ITEMS_MAX; i++) {
		const struct item *item = item_at(engine, i);
		int64_t from_ms, to_ms;

		if (!is_polled(item) ||
		    !polls_is_absent(engine->polls, item->key, &from_ms, &to_ms))
			continue;
		n++;
		if (last && to_ms <= until_ms)
			continue;
		last = item;
		since_ms = from_ms;
		until_ms = to_ms;
	}
	if (!last)
		return false;
	say_into(what, WHAT_MAX,
	    n > 1
		? N_("the service does not know task '%s' and %zu more yet; it is asked "
		     "again "
		     "before that is believed")
		: N_("the service does not know task '%s' yet; it is asked again before "
		     "that "
		     "is believed"),
	    last->id, n - 1);
	silence->id = last->id;
	silence->since_ms = session_span_ms(engine->dq, since_ms);
	silence->until_ms = session_span_ms(engine->dq, until_ms);
	return true;
}

static bool find_followed(
    const struct engine *engine, struct silence *silence, char what[WHAT_MAX])
{
	for (size_t i = 0; i < engine->n_items && i < AWAITED_ITEMS_MAX; i++) {
		const struct item *item = item_at(engine, i);

		if (!item || item->has_ended || item->role != ITEM_FOLLOWED)
			continue;
		say_into(what, WHAT_MAX,
		    "another dreamq is at task '%s'; its news are followed here",
		    item->id);
		silence->id = item->id;
		silence->since_ms = engine->begun.mono_ms;
		return true;
	}
	return false;
}

/* A watch waits all the time, and for many things at once. */
static bool find(
    const struct engine *engine, struct silence *silence, char what[WHAT_MAX])
{
	*silence = (struct silence){ .until_ms = INT64_MAX, .what = what };
	if (find_stall(engine, silence, what))
		return true;
	return !engine->goal->perseveres &&
	    (find_absent(engine, silence, what) || find_followed(engine, silence, what));
}

void awaited_step(struct engine *engine)
{
	const int64_t now_ms = engine->dq->now.mono_ms;
	struct silence silence;
	char what[WHAT_MAX];

	if (!engine->dq->on_event || now_ms < awaited_next_ms(engine))
		return;
	engine->awaited_ms = now_ms + AWAITED_STEP_MS;
	if (!find(engine, &silence, what))
		return;
	silence.until_ms = earlier(silence.until_ms, engine->deadline_ms);
	(void)silence_tell(engine->dq, &silence);
}

int64_t awaited_next_ms(const struct engine *engine)
{
	const int64_t quiet_ms = engine->dq->spoke_ms + SILENCE_MS;

	return quiet_ms > engine->awaited_ms ? quiet_ms : engine->awaited_ms;
}
