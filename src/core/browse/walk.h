/*
 * walk.h - the way of one run through one listing: which page is next, when is it over,
 * and is this still paging? Pure: pages are described to it, and what the ledger shall
 * keep (ledger/walk.h) is made here.
 *
 *    AGAIN  a walk from the top that was broken off goes on where it was
 *      |
 *    TOP    from the newest down to what the last one has seen
 *      |
 *    DEEP   the first walk goes on, down to the oldest
 *      |
 *    OVER
 *
 * What is not there from before is left out: the very first run is DEEP from the
 * newest on, and one that follows a complete walk is TOP only, mostly of one page.
 *
 * A service shows some tasks late, so a walk from the top does not end with the first
 * task that is known: it ends behind WALK_RELOOK_TASKS known ones in a row that were
 * there at the mark, or one that is WALK_RELOOK_MS older than that.
 *
 * Paging may be broken: a page comes again, a place leads backwards or in a circle, there
 * is more but nobody says where. A page of old acquaintances, or an empty one that is not
 * the last, is passed WALK_STUCK_MAX times in a row; anything else ends the way with a
 * sentence, and the next run goes on from the last good place.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/walk.h"

enum {
	WALK_RELOOK_TASKS = 40, /* fewer than a page has: some may be new */
	WALK_RELOOK_MS = 24 * 60 * 60 * 1000,
	WALK_STUCK_MAX = 3,
};

/* Numbers that were there before. */
struct walk_set {
	uint64_t *at; /* 0: free */
	size_t n, room;
};
uint64_t walk_hash(const char *text); /* never 0 */
bool walk_set_has(const struct walk_set *set, uint64_t hash);
bool walk_set_add(struct walk_set *set, uint64_t hash); /* false: no memory */
void walk_set_release(struct walk_set *set); /* it is empty then */

enum walk_stage { WALK_AGAIN, WALK_TOP, WALK_DEEP, WALK_OVER };

struct walk {
	struct ledger_walk at; /* what the ledger shall have behind the last page */
	enum walk_stage stage;
	struct walk_set tasks, places; /* of this stage */
	size_t in_a_row; /* known tasks from before the mark */
	unsigned stuck; /* pages in a row that brought nobody on */
	int direction; /* of places that are numbers: -1, 1; 0 not known yet */
};

/* One task of a page, in its order. */
struct walk_task {
	uint64_t hash; /* of its name; not 0 */
	int64_t at_unix_ms; /* when it was made; 0 unknown */
	bool is_known; /* the ledger has had it, or this run has no use for it */
};
struct walk_page {
	const struct walk_task *tasks;
	size_t n;
	const char *next; /* place behind it; NULL: none was told */
	bool has_more;
	int64_t server_unix_ms; /* when it was asked for */
	/* Something of it was left for another run, or all behind it is too old for this
	 * one: the way ends before it. */
	bool is_last_wanted;
};

/* `at` is what the ledger has; zeroed: nobody has walked yet. */
void walk_begin(struct walk *walk, const struct ledger_walk *at);
void walk_release(struct walk *walk); /* a zeroed one owns nothing */
/* Place of the page that is wanted next; NULL: the first page. Not when it is over. */
const char *walk_place(const struct walk *walk);

/*
 * The page at walk_place() has come. With ERR_OK walk->at says how far it is then, to be
 * written together with the page's tasks. ERR_CONTRACT: the paging is broken, and the way
 * is over; the page's tasks stand, and walk->at stays. ERR_NOMEM.
 */
enum err_kind walk_turn(struct walk *walk, const struct walk_page *page, struct err *err);
