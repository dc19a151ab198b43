/*
 * jimeng.h - what the endpoints of the service need; made by the program, which keeps
 * what it points to until the ports are closed.
 */
#pragma once

#include "common/clock.h"
#include "state/link.h"
#include "state/store.h"

struct record_maker;
struct region_row;

struct jimeng {
	struct store *store;
	struct studio *studio;
	const struct record_maker *records;
	const struct clock *clock;
	const struct link_key *key;
	const struct region_row *region; /* the cluster that it is; NULL: all of them */
	const char *cdn; /* "http://127.0.0.1:PORT" or another: where links point to */
	double link_life_s; /* on the shown clock; 0: as measured */
};
