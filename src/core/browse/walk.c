#include "core/browse/walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number so large is a time in ms: the service's go back, the newest comes first. */
static const int64_t TIME_MIN = INT64_C(1000000000000);

/* --- what was there before -------------------------------------------------------- */

uint64_t walk_hash(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash ? hash : 1;
}

static void put(struct walk_set *set, uint64_t hash)
{
	size_t i = hash & (set->room - 1);

	while (set->at[i])
		i = (i + 1) & (set->room - 1);
	set->at[i] = hash;
	set->n++;
}

bool walk_set_has(const struct walk_set *set, uint64_t hash)
{
	if (!set->room)
		return false;
	for (size_t i = hash & (set->room - 1); set->at[i]; i = (i + 1) & (set->room - 1))
		if (set->at[i] == hash)
			return true;
	return false;
}

/* Makes room for so many more. False: no memory. */
static bool reserve(struct walk_set *set, size_t more)
{
	struct walk_set wider = { .room = set->room ? set->room : 64 };

	while (wider.room / 2 < set->n + more)
		wider.room *= 2;
	if (wider.room == set->room)
		return true;
	wider.at = calloc(wider.room, sizeof(*wider.at));
	if (!wider.at)
		return false;
	for (size_t i = 0; i < set->room; i++)
		if (set->at[i])
			put(&wider, set->at[i]);
	free(set->at);
	*set = wider;
	return true;
}

bool walk_set_add(struct walk_set *set, uint64_t hash)
{
	if (walk_set_has(set, hash))
		return true;
	if (!reserve(set, 1))
		return false;
	put(set, hash);
	return true;
}

void walk_set_release(struct walk_set *set)
{
	free(set->at);
	*set = (struct walk_set){ 0 };
}

/* --- stages ---------------------------------------------------------------------- */

static void enter(struct walk *walk, enum walk_stage stage)
{
	walk->stage = stage;
	walk_set_release(&walk->tasks);
	walk_set_release(&walk->places);
	walk->in_a_row = 0;
	walk->stuck = 0;
	walk->direction = 0;
}

static enum walk_stage behind_top(const struct walk *walk)
{
	return walk->at.is_complete ? WALK_OVER : WALK_DEEP;
}

void walk_begin(struct walk *walk, const struct ledger_walk *at)
{
	*walk = (struct walk){ .at = *at };
	if (at->mark_unix_ms == 0)
		enter(walk, WALK_DEEP);
	else
		enter(walk, at->top[0] ? WALK_AGAIN : WALK_TOP);
}

void walk_release(struct walk *walk)
{
	enter(walk, WALK_OVER);
}

const char *walk_place(const struct walk *walk)
{
	const char *place = walk->stage == WALK_DEEP ? walk->at.deep : walk->at.top;

	return place[0] ? place : NULL;
}

/* --- is this paging? ------------------------------------------------------------- */

static bool read_number(const char *place, int64_t *ret_number)
{
	char *end;

	if (place[0] == '"')
		place++;
	errno = 0;
	*ret_number = strtoll(place, &end, 10);
	return end != place && !errno && (*end == '\0' || !strcmp(end, "\""));
}

/* Does the next place lie behind this one? *ret_direction is what is known then. */
static bool leads_on(const struct walk *walk, const char *next, int *ret_direction)
{
	const char *here = walk_place(walk);
	int64_t from, to;
	int direction;

	*ret_direction = walk->direction;
	if (!here || !read_number(here, &from) || !read_number(next, &to))
		return true;
	direction = to > from ? 1 : -1;
	if (to == from || (from >= TIME_MIN && direction > 0) ||
	    (walk->direction && direction != walk->direction))
		return false;
	*ret_direction = direction;
	return true;
}

static enum err_kind check_next(
    const struct walk *walk, const struct walk_page *page, struct err *err)
{
	int direction;

	if (!page->has_more)
		return ERR_OK;
	if (!page->next)
		return err_set(err, ERR_CONTRACT,
		    "the service has more of the account's history and does not say "
		    "where");
	if (walk_set_has(&walk->places, walk_hash(page->next)))
		return err_set(err, ERR_CONTRACT,
		    "the pages of the account's history go round in a circle");
	if (!leads_on(walk, page->next, &direction))
		return err_set(err, ERR_CONTRACT,
		    "the pages of the account's history go backwards, from '%.40s' to "
		    "'%.40s'",
		    walk_place(walk), page->next);
	return ERR_OK;
}

/* Did it bring anybody on? */
static bool is_stuck(const struct walk *walk, const struct walk_page *page)
{
	for (size_t i = 0; i < page->n; i++)
		if (!walk_set_has(&walk->tasks, page->tasks[i].hash))
			return false;
	return page->has_more;
}

static enum err_kind check_page(
    const struct walk *walk, const struct walk_page *page, struct err *err)
{
	if (check_next(walk, page, err))
		return err->kind;
	if (is_stuck(walk, page) && walk->stuck + 1 >= WALK_STUCK_MAX)
		return err_set(err, ERR_CONTRACT,
		    page->n ? N_("the service shows the same page of the account's "
				 "history again and again")
			    : N_("the service shows empty pages of the account's "
				 "history and has more, again and again"));
	return ERR_OK;
}

/* --- a page ---------------------------------------------------------------------- */

static enum err_kind remember(
    struct walk *walk, const struct walk_page *page, struct err *err)
{
	if (!reserve(&walk->tasks, page->n) || !reserve(&walk->places, 1))
		return err_set(
		    err, ERR_NOMEM, "no memory for a walk through the history");
	walk->stuck = is_stuck(walk, page) ? walk->stuck + 1 : 0;
	for (size_t i = 0; i < page->n; i++)
		if (!walk_set_has(&walk->tasks, page->tasks[i].hash))
			put(&walk->tasks, page->tasks[i].hash);
	if (page->next && !walk_set_has(&walk->places, walk_hash(page->next))) {
		(void)leads_on(walk, page->next, &walk->direction);
		put(&walk->places, walk_hash(page->next));
	}
	return ERR_OK;
}

/* Is it certain enough that all behind this page has been seen? */
static bool has_met_the_mark(struct walk *walk, const struct walk_page *page)
{
	const int64_t mark_ms = walk->at.mark_unix_ms;
	bool is_old = false;

	for (size_t i = 0; i < page->n; i++) {
		const struct walk_task *task = &page->tasks[i];

		if (!task->is_known) {
			walk->in_a_row = 0;
			is_old = false;
		} else if (task->at_unix_ms <= mark_ms) {
			walk->in_a_row++;
			is_old = task->at_unix_ms > 0 &&
			    task->at_unix_ms <= mark_ms - WALK_RELOOK_MS;
		}
	}
	return is_old || walk->in_a_row >= WALK_RELOOK_TASKS;
}

static void copy_place(char into[LEDGER_CURSOR_MAX + 1], const char *place)
{
	(void)snprintf(into, LEDGER_CURSOR_MAX + 1, "%s", place);
}

static void go_down_from_top(struct walk *walk, const struct walk_page *page)
{
	const bool is_end = !page->has_more;

	if (!walk->at.began_unix_ms)
		walk->at.began_unix_ms = page->server_unix_ms;
	if (!is_end && !has_met_the_mark(walk, page)) {
		copy_place(walk->at.top, page->next);
		return;
	}
	walk->at.mark_unix_ms = walk->at.began_unix_ms;
	walk->at.began_unix_ms = 0;
	walk->at.top[0] = '\0';
	walk->at.is_complete |= is_end;
	enter(walk, walk->stage == WALK_AGAIN ? WALK_TOP : behind_top(walk));
}

static void go_deeper(struct walk *walk, const struct walk_page *page)
{
	if (!walk->at.mark_unix_ms)
		walk->at.mark_unix_ms = page->server_unix_ms;
	if (page->has_more) {
		copy_place(walk->at.deep, page->next);
		return;
	}
	walk->at.deep[0] = '\0';
	walk->at.is_complete = true;
	enter(walk, WALK_OVER);
}

enum err_kind walk_turn(struct walk *walk, const struct walk_page *page, struct err *err)
{
	if (page->is_last_wanted) {
		enter(walk, WALK_OVER);
		return ERR_OK;
	}
	if (check_page(walk, page, err)) {
		enter(walk, WALK_OVER);
		return err->kind;
	}
	if (remember(walk, page, err))
		return err->kind;
	if (walk->stage == WALK_DEEP)
		go_deeper(walk, page);
	else
		go_down_from_top(walk, page);
	return ERR_OK;
}
