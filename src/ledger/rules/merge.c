#include "ledger/rules/merge.h"

#include <string.h>

#include "ledger/rules/clean.h"
#include "ledger/rules/limits.h"
#include "model/taskid.h"

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory for what a poll showed");
}

static int64_t at_least(int64_t value, int64_t floor)
{
	return value < floor ? floor : value;
}

/* --- the task ----------------------------------------------------------------- */

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static const char *text_or(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static int64_t known_or(int64_t value, int64_t unknown, int64_t otherwise)
{
	return value == unknown ? otherwise : value;
}

static bool says_nothing(enum task_state state)
{
	return state == TASK_UNKNOWN || state == TASK_SUBMITTING;
}

static bool has_ended_badly(enum task_state state)
{
	return state == TASK_FAILED || state == TASK_CANCELLED;
}

static void merge_counts(
    struct task *after, const struct task *seen, enum task_state before)
{
	const bool is_record = seen->total > 0 || seen->finished > 0;

	if (is_record && before != TASK_SUCCEEDED) {
		after->finished = at_least(seen->finished, 0);
		after->total = at_least(seen->total, 0);
	} else {
		after->finished = at_least(seen->finished, after->finished);
		after->total = at_least(seen->total, after->total);
	}
}

static void merge_queue(struct task *after, const struct task *seen)
{
	after->has_queue = seen->has_queue && !task_state_is_final(after->state);
	after->queue = (struct task_queue){ -1, -1, -1 };
	if (!after->has_queue)
		return;
	after->queue.position = at_least(seen->queue.position, -1);
	after->queue.length = at_least(seen->queue.length, -1);
	after->queue.eta_seconds = at_least(seen->queue.eta_seconds, -1);
}

static enum err_kind merge_fail(
    struct task *after, const struct task *seen, struct arena *arena, struct err *err)
{
	if (seen->fail.class != FAIL_NONE && has_ended_badly(after->state))
		return clean_fail(&seen->fail, arena, &after->fail, err);
	if (!has_ended_badly(after->state))
		after->fail = (struct task_fail){ 0 };
	return ERR_OK;
}

/*
 * What we have wished ourselves, we know better; the rest the service knows, and the
 * later the better: the items of a finished task say what was made.
 */
static void merge_origin(struct task *after, const struct task *seen)
{
	const char *ratio = clean_word(seen->ratio);

	after->prompt = after->is_ours ? text_or(after->prompt, seen->prompt)
				       : text_or(seen->prompt, after->prompt);
	after->ratio =
	    after->is_ours ? text_or(after->ratio, ratio) : text_or(ratio, after->ratio);
	if (seen->mode != MODE_NONE && !(after->is_ours && after->mode != MODE_NONE))
		after->mode = seen->mode;
	if (seen->has_seed) {
		after->has_seed = true;
		after->seed = seen->seed;
	}
	if (seen->has_credits)
		merge_credits(after, seen->credits, seen->credits_are_measured);
}

/* Takes the facts of a poll whose state was taken; *after is as known before. */
static enum err_kind merge_facts(
    struct task *after, const struct task *seen, struct arena *arena, struct err *err)
{
	const enum task_state before = after->state;

	if (!says_nothing(seen->state))
		after->state = seen->state;
	if (taskid_is_valid(seen->history_id))
		after->history_id = seen->history_id;
	if (taskid_is_valid(seen->alias_id))
		after->alias_id = seen->alias_id;
	after->is_waiting = after->is_waiting && after->state == TASK_SUBMITTING;
	if (seen->kind != MEDIA_UNKNOWN)
		after->kind = seen->kind;
	after->status = known_or(seen->status, INT64_MIN, after->status);
	after->created_unix_ms =
	    known_or(at_least(seen->created_unix_ms, 0), 0, after->created_unix_ms);
	after->finished_unix_ms =
	    known_or(at_least(seen->finished_unix_ms, 0), 0, after->finished_unix_ms);
	after->model = text_or(clean_word(seen->model), after->model);
	merge_origin(after, seen);
	merge_counts(after, seen, before);
	merge_queue(after, seen);
	return merge_fail(after, seen, arena, err);
}

static bool is_same_queue(const struct task *a, const struct task *b)
{
	return a->has_queue == b->has_queue &&
	    (!a->has_queue ||
		(a->queue.position == b->queue.position &&
		    a->queue.length == b->queue.length &&
		    a->queue.eta_seconds == b->queue.eta_seconds));
}

static bool is_same_fail(const struct task_fail *a, const struct task_fail *b)
{
	return a->class == b->class &&
	    (a->class == FAIL_NONE ||
		(is_same_text(a->code, b->code) && is_same_text(a->message, b->message) &&
		    a->is_retryable == b->is_retryable));
}

static bool is_same_origin(const struct task *a, const struct task *b)
{
	return a->mode == b->mode && is_same_text(a->prompt, b->prompt) &&
	    is_same_text(a->ratio, b->ratio) && a->has_seed == b->has_seed &&
	    (!a->has_seed || a->seed == b->seed) && a->has_credits == b->has_credits &&
	    (!a->has_credits ||
		(a->credits == b->credits &&
		    a->credits_are_measured == b->credits_are_measured));
}

static bool is_same_task(const struct task *a, const struct task *b)
{
	return a->state == b->state && a->kind == b->kind && a->status == b->status &&
	    a->finished == b->finished && a->total == b->total &&
	    a->created_unix_ms == b->created_unix_ms &&
	    a->finished_unix_ms == b->finished_unix_ms &&
	    is_same_text(a->history_id, b->history_id) &&
	    is_same_text(a->alias_id, b->alias_id) && is_same_text(a->model, b->model) &&
	    is_same_origin(a, b) && is_same_queue(a, b) &&
	    is_same_fail(&a->fail, &b->fail);
}

/* --- the assets ------------------------------------------------------------- */

/* The assets while they are being matched. */
struct matching {
	const struct task *seen;
	struct asset *assets; /* the known ones, then the new ones */
	enum merge_outcome *outcomes;
	bool *is_taken; /* by an asset of this poll */
	size_t n, room;
	bool has_too_many;
};

static bool is_held(const struct asset *asset)
{
	return asset->state == ASSET_FETCHED || asset->state == ASSET_STORED;
}

static struct asset *find_uri(struct asset *assets, size_t n, const char *uri)
{
	for (size_t i = 0; uri && i < n; i++)
		if (is_same_text(assets[i].uri, uri))
			return &assets[i];
	return NULL;
}

static struct asset *find_index(struct asset *assets, size_t n, int64_t index)
{
	for (size_t i = 0; i < n; i++)
		if (assets[i].index == index)
			return &assets[i];
	return NULL;
}

/* Rules 3 and 4: may the known asset of that index be the one that was shown? */
static bool may_be_the_same(const struct matching *m, const struct asset *known)
{
	if (m->is_taken[known - m->assets])
		return false;
	if (!known->uri)
		return true;
	return known->state == ASSET_WANTED &&
	    !find_uri(m->seen->assets, m->seen->n_assets, known->uri);
}

/* Without a uri the index is all there is, so one index twice is one asset. */
static struct asset *match(struct matching *m, const struct asset *shown, const char *uri)
{
	struct asset *known = find_uri(m->assets, m->n, uri);

	if (known)
		return known;
	known = find_index(m->assets, m->n, shown->index);
	return known && (!uri || may_be_the_same(m, known)) ? known : NULL;
}

static int64_t choose_index(const struct matching *m, int64_t wanted)
{
	int64_t behind = 0;

	if (wanted >= 0 && wanted < LEDGER_ASSETS_MAX &&
	    !find_index(m->assets, m->n, wanted))
		return wanted;
	for (size_t i = 0; i < m->n; i++)
		behind = at_least(behind, (int64_t)m->assets[i].index + 1);
	return behind;
}

static struct asset *add(struct matching *m, const struct asset *shown)
{
	struct asset *fresh = &m->assets[m->n];

	if (m->n >= LEDGER_ASSETS_MAX) {
		m->has_too_many = true;
		return NULL;
	}
	*fresh = (struct asset){ .index = (int)choose_index(m, shown->index),
		.state = ASSET_WANTED,
		.duration_ms = -1,
		.size_bytes = -1,
		.stored_bytes = -1 };
	m->outcomes[m->n++] = MERGE_NEW;
	return fresh;
}

/* A fact of an asset we hold is only filled in; of the others it follows the polls. */
static int64_t fact(bool is_fixed, int64_t known, int64_t shown, int64_t unknown)
{
	if (shown <= unknown || (is_fixed && known != unknown))
		return known;
	return shown;
}

static const char *fact_text(bool is_fixed, const char *known, const char *shown)
{
	return !shown || (is_fixed && known) ? known : shown;
}

static bool is_same_claims(const struct asset *a, const struct asset *b)
{
	return a->kind == b->kind && a->width == b->width && a->height == b->height &&
	    a->duration_ms == b->duration_ms && a->size_bytes == b->size_bytes &&
	    is_same_text(a->uri, b->uri) && is_same_text(a->format, b->format) &&
	    is_same_text(a->md5, b->md5);
}

/* There is another object under the same index: what was known of the old one goes. */
static void rename_asset(struct asset *asset, const char *uri)
{
	*asset = (struct asset){ .index = asset->index,
		.kind = asset->kind,
		.state = asset->state,
		.uri = uri,
		.duration_ms = -1,
		.size_bytes = -1,
		.stored_bytes = -1 };
}

static void take_claims(struct asset *asset, const struct asset *shown, const char *uri)
{
	const bool is_fixed = is_held(asset) || asset->state == ASSET_LOST;

	if (uri && asset->uri && strcmp(uri, asset->uri) != 0)
		rename_asset(asset, uri);
	asset->uri = text_or(asset->uri, uri);
	asset->kind =
	    (enum media_kind)fact(is_fixed, asset->kind, shown->kind, MEDIA_UNKNOWN);
	asset->width = fact(is_fixed, asset->width, shown->width, 0);
	asset->height = fact(is_fixed, asset->height, shown->height, 0);
	asset->duration_ms = fact(is_fixed, asset->duration_ms, shown->duration_ms, -1);
	asset->format = fact_text(is_fixed, asset->format, clean_word(shown->format));
	/* What the bytes are held against is of the answer that gives their link: one
	 * that told a wrong size would have the file refused for ever. */
	if (shown->url && !is_held(asset)) {
		asset->size_bytes = -1;
		asset->md5 = NULL;
	}
	asset->size_bytes = fact(true, asset->size_bytes, shown->size_bytes, -1);
	asset->md5 = fact_text(true, asset->md5, clean_md5(shown->md5));
}

static void take_link(struct asset *asset, const struct asset *shown)
{
	asset->url = shown->url;
	asset->expires_unix = shown->expires_unix;
	asset->offer = shown->offer;
}

static void take_shown(struct matching *m, const struct asset *shown)
{
	const char *uri = clean_uri(shown->uri);
	struct asset *asset = match(m, shown, uri), before;
	size_t place;

	if (!asset)
		asset = add(m, shown);
	if (!asset || m->is_taken[asset - m->assets])
		return;
	place = (size_t)(asset - m->assets);
	m->is_taken[place] = true;
	before = *asset;
	take_claims(asset, shown, uri);
	take_link(asset, shown);
	if (m->outcomes[place] == MERGE_SAME && !is_same_claims(&before, asset))
		m->outcomes[place] = MERGE_CHANGED;
}

/*
 * Takes of a poll that changes nothing only the links of what is known under that name.
 */
static void take_only_link(struct matching *m, const struct asset *shown)
{
	struct asset *asset = find_uri(m->assets, m->n, clean_uri(shown->uri));

	if (asset)
		take_link(asset, shown);
}

/* Few, and nearly sorted: the new ones come behind. */
static void sort_by_index(struct matching *m)
{
	for (size_t i = 1; i < m->n; i++) {
		const struct asset asset = m->assets[i];
		const enum merge_outcome outcome = m->outcomes[i];
		size_t at = i;

		for (; at > 0 && m->assets[at - 1].index > asset.index; at--) {
			m->assets[at] = m->assets[at - 1];
			m->outcomes[at] = m->outcomes[at - 1];
		}
		m->assets[at] = asset;
		m->outcomes[at] = outcome;
	}
}

static bool make_matching(struct matching *m, const struct task *known,
    const struct task *seen, struct arena *arena)
{
	const size_t room = known->n_assets + seen->n_assets;

	*m = (struct matching){ .seen = seen,
		.assets = arena_alloc(arena, room * sizeof(*m->assets)),
		.outcomes = arena_alloc(arena, room * sizeof(*m->outcomes)),
		.is_taken = arena_alloc(arena, room * sizeof(*m->is_taken)),
		.n = known->n_assets,
		.room = room };
	if (!m->assets || !m->outcomes || !m->is_taken)
		return false;
	if (known->n_assets)
		memcpy(m->assets, known->assets, known->n_assets * sizeof(*m->assets));
	return true;
}

static int64_t count_held(const struct task *task)
{
	int64_t n = 0;

	for (size_t i = 0; i < task->n_assets; i++)
		n += is_held(&task->assets[i]);
	return n;
}

/* --- together ----------------------------------------------------------------- */

static void merge_assets(struct matching *m, const struct task *seen, bool may_change)
{
	for (size_t i = 0; i < seen->n_assets; i++) {
		if (may_change)
			take_shown(m, &seen->assets[i]);
		else
			take_only_link(m, &seen->assets[i]);
	}
	sort_by_index(m);
}

enum err_kind merge_poll(const struct task *known, const struct task *seen,
    struct arena *arena, struct merge *ret_merge, struct err *err)
{
	const bool is_legal = says_nothing(seen->state) ||
	    merge_is_refuted(known, seen) ||
	    task_state_may_become(known->state, seen->state);
	struct merge merge = { .after = *known, .is_move_illegal = !is_legal };
	struct task *after = &merge.after;
	struct matching m;

	if (!make_matching(&m, known, seen, arena))
		return no_memory(err);
	if (is_legal && merge_facts(after, seen, arena, err))
		return err->kind;
	merge_assets(&m, seen, is_legal || known->state == TASK_SUCCEEDED);
	after->assets = m.assets;
	after->n_assets = m.n;
	after->finished = at_least(after->finished, count_held(after));
	after->total = at_least(after->total, after->finished);
	merge.outcomes = m.outcomes;
	merge.has_too_many = m.has_too_many;
	merge.is_task_changed = !is_same_task(known, after);
	*ret_merge = merge;
	return ERR_OK;
}

enum err_kind merge_only_links(const struct task *known, const struct task *seen,
    struct arena *arena, struct task *ret_after, struct err *err)
{
	struct matching m;

	if (!make_matching(&m, known, seen, arena))
		return no_memory(err);
	merge_assets(&m, seen, false);
	*ret_after = *known;
	ret_after->assets = m.assets;
	ret_after->n_assets = m.n;
	return ERR_OK;
}

bool merge_is_change(const struct merge *merge)
{
	for (size_t i = 0; i < merge->after.n_assets; i++)
		if (merge->outcomes[i] != MERGE_SAME)
			return true;
	return merge->is_task_changed;
}
