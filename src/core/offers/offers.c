#include "core/offers/offers.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "core/offers/parts.h"

/* --- its life -------------------------------------------------------------------- */

enum err_kind offers_new(
    struct dq *dq, uint64_t seed, struct offers **ret_offers, struct err *err)
{
	struct offers *offers = calloc(1, sizeof(*offers));

	if (!offers)
		return err_set(err, ERR_NOMEM, "out of memory");
	offers->dq = dq;
	offers->random = seed;
	offers->count = dq->traits.files_max;
	offers->names = arena_make(OFFERS_NAMES_MAX);
	TAILQ_INIT(&offers->waiting);
	TAILQ_INIT(&offers->ready);
	*ret_offers = offers;
	return ERR_OK;
}

static void waiting_free(struct waiting *waiting)
{
	task_free(waiting->task);
	free(waiting);
}

static void free_all(struct waiting_list *list)
{
	struct waiting *waiting;

	while ((waiting = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, waiting, others);
		waiting_free(waiting);
	}
}

void offers_free(struct offers *offers)
{
	if (!offers)
		return;
	if (offers->asked)
		session_close_service(offers->dq);
	free(offers->asked);
	arena_release(&offers->names);
	free_all(&offers->waiting);
	free_all(&offers->ready);
	free(offers);
}

/* --- tasks ----------------------------------------------------------------------- */

bool offers_has_original(const struct offers *offers, const struct asset *asset)
{
	return offers->dq->quality == QUALITY_ORIGINAL && asset->kind == MEDIA_VIDEO &&
	    asset->offer.item && asset->url &&
	    service_has_files(offers->dq->ops, SERVICE_ORIGINALS);
}

enum service_files offers_which(const struct asset *asset)
{
	if (asset->ask == ASK_ORIGINAL)
		return SERVICE_ORIGINALS;
	return asset->kind == MEDIA_VIDEO ? SERVICE_FILMS : SERVICE_IMAGES;
}

bool offers_knows_names(const struct offers *offers, enum media_kind kind)
{
	const struct asset asset = { .kind = kind, .ask = ASK_NAME };

	return (kind == MEDIA_IMAGE || kind == MEDIA_VIDEO) &&
	    service_has_files(offers->dq->ops, offers_which(&asset));
}

static void pick(const struct offers *offers, struct task *task, struct asset *asset,
    const struct asset *offered)
{
	/* Without memory the link of the record is as good as ever. */
	(void)pick_variant(task, asset, offered, offers->dq->quality);
}

static struct waiting *find(const struct waiting_list *list, size_t key)
{
	struct waiting *waiting;

	TAILQ_FOREACH(waiting, list, others)
		if (waiting->key == key)
			return waiting;
	return NULL;
}

bool offers_holds(const struct offers *offers, size_t key)
{
	return find(&offers->waiting, key) || find(&offers->ready, key);
}

bool offers_have_enough(const struct offers *offers)
{
	return offers->n_waiting >= OFFERS_AHEAD_MAX;
}

static void drop_from(struct offers *offers, struct waiting_list *list, size_t key)
{
	struct waiting *waiting = find(list, key);

	if (!waiting)
		return;
	for (size_t i = 0; i < offers->n_asked; i++)
		if (offers->asked[i].of == waiting)
			offers->asked[i].of = NULL;
	TAILQ_REMOVE(list, waiting, others);
	offers->n_waiting -= list == &offers->waiting;
	waiting_free(waiting);
}

void offers_drop(struct offers *offers, size_t key)
{
	drop_from(offers, &offers->waiting, key);
	drop_from(offers, &offers->ready, key);
}

/* Returns how many of its files the service has to be asked about. */
static size_t count_asked(const struct offers *offers, struct task *task)
{
	size_t n = 0;

	for (size_t i = 0; i < task->n_assets; i++) {
		struct asset *asset = &task->assets[i];

		if (offers->over.kind)
			asset->ask = ASK_NOTHING;
		n += asset->ask != ASK_NOTHING;
	}
	return n;
}

/* A film whose record does not name what its original could be asked for by. */
static void tell_nameless(
    const struct offers *offers, const char *id, const struct task *task)
{
	const bool could_ask = offers->dq->quality == QUALITY_ORIGINAL &&
	    service_has_files(offers->dq->ops, SERVICE_ORIGINALS);
	char words[PICK_WORDS_MAX];

	for (size_t i = 0; could_ask && i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];

		if (asset->kind != MEDIA_VIDEO || asset->wish != WISH_FETCH ||
		    !asset->url || asset->offer.item)
			continue;
		session_note(offers->dq,
		    "task '%s': its record does not say how to ask for its original; the "
		    "best that it lists is taken: %s",
		    id, pick_words(asset, words));
		return;
	}
}

ANALYZER_LOSES_SIGHT
bool offers_take(struct offers *offers, size_t key, const char *id, struct task *task)
{
	const size_t n = count_asked(offers, task);
	struct waiting *waiting = n > 0 ? calloc(1, sizeof(*waiting)) : NULL;

	offers_drop(offers, key);
	for (size_t i = 0; i < task->n_assets; i++)
		if (!waiting || !task->assets[i].ask)
			pick(offers, task, &task->assets[i], NULL);
	tell_nameless(offers, id, task);
	if (!waiting)
		return false;
	waiting->key = key;
	waiting->id = id;
	waiting->task = task;
	waiting->n_open = n;
	TAILQ_INSERT_TAIL(&offers->waiting, waiting, others);
	offers->n_waiting++;
	return true;
}

ANALYZER_SEES_AGAIN

/* --- what becomes of them ---------------------------------------------------------- */

static void tell_without(const struct offers *offers, const struct waiting *waiting)
{
	const struct asset *asset = &waiting->task->assets[waiting->without];
	char words[PICK_WORDS_MAX];

	if (!asset->url)
		return; /* it was asked for by its name: who wanted it will say so */
	if (asset->wish == WISH_BETTER)
		session_note(offers->dq,
		    "task '%s': its original can't be had (%s); what is stored stays",
		    waiting->id, err_shown(&waiting->why));
	else
		session_note(offers->dq,
		    "task '%s': its original can't be had (%s); the best that the record "
		    "lists is taken instead: %s",
		    waiting->id, err_shown(&waiting->why), pick_words(asset, words));
}

/* Another of its files has its answer. */
static void close_one(struct offers *offers, struct waiting *waiting)
{
	if (--waiting->n_open > 0)
		return;
	if (waiting->why.kind)
		tell_without(offers, waiting);
	TAILQ_REMOVE(&offers->waiting, waiting, others);
	offers->n_waiting--;
	TAILQ_INSERT_TAIL(&offers->ready, waiting, others);
}

void offers_answered(
    struct offers *offers, const struct asked *asked, const struct asset *offered)
{
	struct waiting *waiting = asked->of;

	if (!waiting)
		return;
	pick(offers, waiting->task, &waiting->task->assets[asked->asset], offered);
	close_one(offers, waiting);
}

void offers_refused(
    struct offers *offers, const struct asked *asked, const struct err *why)
{
	struct waiting *waiting = asked->of;

	if (!waiting)
		return;
	if (!waiting->why.kind || err_is_worse(why, &waiting->why)) {
		waiting->why = *why;
		waiting->without = asked->asset;
	}
	pick(offers, waiting->task, &waiting->task->assets[asked->asset], NULL);
	close_one(offers, waiting);
}

/* Its files that are not in the request under way. */
static void give_up(struct offers *offers, struct waiting *waiting)
{
	for (size_t i = 0; i < waiting->task->n_assets; i++) {
		const struct asked file = { .of = waiting, .asset = i };
		struct asset *asset = &waiting->task->assets[i];

		if (!asset->ask)
			continue;
		asset->ask = ASK_NOTHING;
		offers_refused(offers, &file, &offers->over);
	}
}

void offers_give_up(struct offers *offers, const struct err *why)
{
	struct waiting *waiting;

	if (!offers->over.kind)
		offers->over = *why;
	for (size_t i = 0; i < offers->n_asked; i++) {
		const struct asked file = offers->asked[i];

		offers->asked[i].of = NULL;
		offers_refused(offers, &file, &offers->over);
	}
	while ((waiting = TAILQ_FIRST(&offers->waiting)))
		give_up(offers, waiting);
}

bool offers_told(struct offers *offers, struct offers_told *ret_told)
{
	struct waiting *waiting = TAILQ_FIRST(&offers->ready);

	if (!waiting)
		return false;
	TAILQ_REMOVE(&offers->ready, waiting, others);
	*ret_told = (struct offers_told){ .key = waiting->key, .why = waiting->why };
	ret_told->task = TAKE_PTR(waiting->task);
	waiting_free(waiting);
	return true;
}

/* --- its steps --------------------------------------------------------------------- */

static bool is_to_ask(const struct offers *offers)
{
	return !offers->asked && !offers->over.kind && !TAILQ_EMPTY(&offers->waiting);
}

void offers_step(struct offers *offers, bool may_send)
{
	if (may_send && is_to_ask(offers) &&
	    session_plan_ms(offers->dq) >= offers->next_ms)
		offers_ask(offers);
}

int64_t offers_next_ms(const struct offers *offers)
{
	return is_to_ask(offers) ? session_span_ms(offers->dq, offers->next_ms)
				 : INT64_MAX;
}

int64_t offers_wait_since_ms(const struct offers *offers)
{
	return offers->asked ? offers->asked_ms : INT64_MAX;
}
