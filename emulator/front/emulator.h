/*
 * emulator.h - the whole program; for front/ only, which hands each room what it needs.
 */
#pragma once

#include <stdatomic.h>

#include "front/options.h"
#include "jimeng/jimeng.h"
#include "script/script.h"
#include "wire/host.h"

/* What /_emulator/stats counts; the names are in control.c. */
struct counters {
	atomic_ullong query, submit, queue, credit, credit_history, history, assets,
	    items, images, videos, cancel, cdn, other;
	atomic_ullong violations, accepted, duplicate_submits, faults;
	atomic_ullong cdn_bytes, links_died, cookies_on_cdn;
};

struct emulator {
	struct options options;
	struct clock clock;
	struct store store;
	struct script script;
	struct reqlog log;
	struct link_key key;
	struct counters counters;
	char cdn_base[64]; /* of our own: "http://127.0.0.1:PORT" */
	struct jimeng jimeng; /* what the endpoints see of it, */
	struct http_host host; /* and the ports */
};
