/*
 * request.c - one request for the originals, or the links, of many files, and what
 * follows from how it went.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "core/account/totals.h"
#include "core/common/random.h"
#include "core/offers/parts.h"
#include "core/policy/backoff.h"
#include "core/policy/retry.h"

/* --- how it went ------------------------------------------------------------------- */

/* Is there reason to hope that the same, asked again soon, fares better? */
static bool may_pass(const struct offers *offers, const struct err *why)
{
	const bool passes = why->kind == ERR_NET || why->kind == ERR_BUSY ||
	    why->kind == ERR_CONTRACT ||
	    why->kind == ERR_AUTH; /* refused to logins that live, and once (A4) */

	return passes && offers->failures < OFFERS_TRIES_MAX &&
	    retry_obeyed_ms(why->retry_after_ms) <= OFFERS_PATIENCE_MS;
}

/* So long nothing is asked; what the service orders is obeyed, on our clock. */
static void rest(struct offers *offers, const struct err *why)
{
	int64_t for_ms =
	    retry_obeyed_ms(why->retry_after_ms) * offers->dq->traits.time_scale;

	if (for_ms == 0)
		for_ms = backoff_ms(
		    BACKOFF_POLL, offers->failures, random_next(&offers->random));
	offers->next_ms = session_plan_ms(offers->dq) + for_ms;
}

/* They wait as before. */
static void put_back(const struct asked *asked, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (asked[i].of)
			asked[i].of->task->assets[asked[i].asset].ask = asked[i].ask;
}

static void failed(struct offers *offers, const struct asked *asked, size_t n,
    const struct service_offered *answer)
{
	const bool gets_smaller = answer->could_be_size && n > 1;

	offers->failures++;
	if (gets_smaller)
		offers->count = n / 2;
	if (gets_smaller || may_pass(offers, &answer->err)) {
		rest(offers, &answer->err);
		put_back(asked, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		offers_refused(offers, &asked[i], &answer->err);
}

static void went_well(struct offers *offers, const struct asked *asked, size_t n,
    const struct service_offered *answer)
{
	const struct err missing = { .kind = ERR_GONE,
		.msg = N_("the service has no answer for it") };

	offers->failures = 0;
	offers->next_ms = 0;
	assert(answer->offers && answer->n == n);
	for (size_t i = 0; i < n; i++)
		if (answer->offers[i].asset)
			offers_answered(offers, &asked[i], answer->offers[i].asset);
		else
			offers_refused(offers, &asked[i], &missing);
}

static void on_offered(void *payload, const struct service_offered *answer)
{
	struct offers *offers = payload;
	_cleanup_free_ struct asked *asked = TAKE_PTR(offers->asked);
	const size_t n = offers->n_asked;

	offers->n_asked = 0;
	arena_release(&offers->names);
	if (answer->server_unix_ms > 0)
		session_set_server_clock(offers->dq, answer->server_unix_ms);
	if (answer->err.kind)
		failed(offers, asked, n, answer);
	else
		went_well(offers, asked, n, answer);
}

/* --- asking ---------------------------------------------------------------------- */

static void add(struct offers *offers, struct waiting *waiting, size_t i,
    struct service_file *ret_file)
{
	struct asset *asset = &waiting->task->assets[i];
	const bool is_named = asset->ask == ASK_NAME;

	offers->asked[offers->n_asked++] = (struct asked){ waiting, i, asset->ask };
	ret_file->name =
	    arena_strdup(&offers->names, is_named ? asset->uri : asset->offer.item);
	ret_file->uri = is_named ? NULL : arena_strdup(&offers->names, asset->uri);
	asset->ask = ASK_NOTHING;
}

/*
 * Those that are next, the oldest first, which are asked for in the same words. Their
 * tasks may go before the answer comes.
 */
static enum service_files gather(struct offers *offers, struct service_file *files)
{
	enum service_files which = SERVICE_ORIGINALS;
	struct waiting *waiting;

	TAILQ_FOREACH(waiting, &offers->waiting, others)
		for (size_t i = 0; i < waiting->task->n_assets; i++) {
			const struct asset *asset = &waiting->task->assets[i];

			if (!asset->ask)
				continue;
			if (offers->n_asked == 0)
				which = offers_which(asset);
			if (offers->n_asked == offers->count)
				return which;
			if (offers_which(asset) == which)
				add(offers, waiting, i, &files[offers->n_asked]);
		}
	return which;
}

/* Nothing has left. */
static void could_not(struct offers *offers, const struct err *why)
{
	const struct service_offered answer = { .err = *why, .server_unix_ms = -1 };

	on_offered(offers, &answer);
}

void offers_ask(struct offers *offers)
{
	struct dq *dq = offers->dq;
	_cleanup_free_ struct service_file *files = NULL;
	enum service_files which;
	struct err err;

	if (!allow_request(dq, &offers->allow, &offers->next_ms, &err))
		return;
	files = calloc(offers->count, sizeof(*files));
	offers->asked = calloc(offers->count, sizeof(*offers->asked));
	if (!files || !offers->asked) {
		free(TAKE_PTR(offers->asked));
		err_set(&err, ERR_NOMEM, "out of memory for a request");
		offers_give_up(offers, &err);
		return;
	}
	which = gather(offers, files);
	offers->asked_ms = dq->now.mono_ms;
	totals_request(dq);
	if (service_files(
		dq->service, which, files, offers->n_asked, on_offered, offers, &err))
		could_not(offers, &err);
}
