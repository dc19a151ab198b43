/*
 * goal.h - what a run is asked to do, and the goals that it may have, as rows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "dreamq/dreamq.h"

struct browse_wanted;
struct hours_list;

enum goal {
	GOAL_QUERY,
	GOAL_SUBMIT,
	GOAL_WAIT,
	GOAL_GET,
	GOAL_WATCH,
	GOAL_SYNC,
	GOAL_LIST_NEW,
	GOAL_RESCUE,
};

/* When is an id done? */
enum goal_end {
	GOAL_ENDS_SEEN, /* one poll has shown it */
	GOAL_ENDS_ARRIVED, /* the service has it, has refused it, or denies it */
	GOAL_ENDS_FINAL, /* its task has ended */
	GOAL_ENDS_STORED, /* and its files are stored */
};

struct goal_row {
	enum goal_end end;
	bool owns; /* takes leases, follows what others own, sends what waits */
	bool fetches; /* brings files */
	/*
	 * Walks through what the service lists of the account, and takes in what it
	 * finds; that one of these has failed is no failure of the run.
	 */
	bool browses;
	bool by_name; /* files are asked for by their names, and tasks not at all */
	/* A watch: takes in what others add; trouble is waited out, and is no end. */
	bool perseveres;
};
const struct goal_row *goal_row(enum goal goal);

/* What a run is asked to do. Everything is borrowed until engine_run() returns. */
struct run_spec {
	const struct hours_list *hours; /* of a watch: when it downloads; NULL: always */
	enum goal goal;
	const char *const *ids; /* of a watch, and of one that browses: none */
	size_t n;
	const struct dq_get *get; /* may be NULL for QUERY, SUBMIT and WAIT */
	const struct browse_wanted
	    *wanted; /* of what is listed; NULL: it does not browse */
	int64_t browse_every_ms; /* WATCH: browse again and again; 0: do not */
	bool until_idle; /* WATCH: end when nothing is unfinished */
	/* RESCUE: is this file wanted? */
	bool (*wants)(void *payload, const char *submit_id, int index);
	/* The service does not have it any more. */
	void (*is_gone)(void *payload, const char *submit_id, int index);
	/* A file's name below the sink in place of the template's, malloc'ed; NULL: no
	 * other name. Itself NULL: the template. */
	char *(*name_of)(void *payload, const char *submit_id, int index);
	void *payload;
};
