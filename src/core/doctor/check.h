/*
 * check.h - one check: what it is given, and what it says. Each runs on a thread of its
 * own, and may be left behind there when it is late; so all that it touches is either its
 * own, or belongs to the scene, which nobody changes and whoever is last frees.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "dreamq/dreamq.h"
#include "dreamq/network.h"

struct scene {
	struct dq_options options; /* its texts are copies; no event is told */
	struct dq_network network; /* what it points to */
	const char *folder;
	const char *ledger; /* URL; NULL: there is no place for it */
	int64_t max_wait_ms;
	struct arena arena; /* owns the texts */
};

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_BAD, VERDICT_SKIPPED };

struct finding {
	enum verdict verdict;
	struct err said, todo; /* their kinds say nothing; todo.msg "": nothing to do */
};

/* What a check has learnt that a later one can use: handed on from one to the next. */
struct facts {
	bool was_reached; /* the service has answered */
	int64_t date_unix_ms, our_unix_ms; /* its clock then, -1: not told; and ours */
	bool has_cookie;
};

struct check {
	const char *name;
	void (*run)(
	    const struct scene *scene, struct facts *facts, struct finding *finding);
};

/* In the order in which they are made. */
extern const struct check checks_local[], checks_net[], checks_account[]; /* end: {0} */

/*
 * A session for a check that asks somebody; NULL: *finding says why there is none. Where
 * no place for ledger and cookie is known, a check that needs neither gets one all the
 * same.
 */
/*
 * Adds until when a certificate holds (-1: nobody knows), with a warning when that is
 * soon, by the service's clock where it is known.
 */
void check_certificate(
    const struct facts *facts, int64_t end_unix_ms, struct finding *finding);

enum check_needs { NEEDS_PLACES, NEEDS_NETWORK_ONLY };
struct dq *check_open(
    const struct scene *scene, enum check_needs needs, struct finding *finding);
