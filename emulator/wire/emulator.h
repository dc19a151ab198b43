/*
 * emulator.h - what every request handler can reach.
 */
#pragma once

#include <stdatomic.h>

#include "common/clock.h"
#include "common/reqlog.h"
#include "front/options.h"
#include "jimeng/record.h"
#include "media/asset.h"
#include "script/script.h"
#include "state/link.h"
#include "state/store.h"

/* What /_emulator/stats counts; the names are in control.c. */
struct counters {
	atomic_ullong query, submit, queue, credit, cdn, other;
	atomic_ullong violations, accepted, duplicate_submits, faults;
	atomic_ullong cdn_bytes, links_died, cookies_on_cdn;
};

struct emulator {
	struct options options;
	struct clock clock;
	struct store store;
	struct studio *studio;
	struct record_maker *records;
	struct script script;
	struct reqlog log;
	struct link_key key;
	struct counters counters;
	atomic_ullong serial; /* of requests: log ids and other noise */
	char cdn_base[64]; /* "http://127.0.0.1:PORT" */
	int stop_fd; /* readable when the program ends */
};
