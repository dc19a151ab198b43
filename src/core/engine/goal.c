#include "core/engine/goal.h"

const struct goal_row *goal_row(enum goal goal)
{
	static const struct goal_row rows[] = {
		[GOAL_QUERY] = { .end = GOAL_ENDS_SEEN },
		[GOAL_SUBMIT] = { .end = GOAL_ENDS_ARRIVED, .owns = true },
		[GOAL_WAIT] = { .end = GOAL_ENDS_FINAL, .owns = true },
		[GOAL_GET] = { .end = GOAL_ENDS_STORED, .owns = true, .fetches = true },
		[GOAL_WATCH] = { .end = GOAL_ENDS_STORED,
		    .owns = true,
		    .fetches = true,
		    .perseveres = true },
		[GOAL_SYNC] = { .end = GOAL_ENDS_STORED,
		    .owns = true,
		    .fetches = true,
		    .browses = true },
		[GOAL_RESCUE] = { .end = GOAL_ENDS_STORED,
		    .owns = true,
		    .fetches = true,
		    .by_name = true },
		[GOAL_LIST_NEW] = { .end = GOAL_ENDS_SEEN, .browses = true },
	};

	return &rows[goal];
}
