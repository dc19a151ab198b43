/*
 * parts.h - what the files behind offers.h share: offers.c has the tasks, request.c asks
 * and follows what comes of it, pick.h picks.
 */
#pragma once

#include "core/account/allow.h"
#include <sys/queue.h>

#include "core/offers/offers.h"
#include "core/offers/pick.h"
#include "service/service.h"

enum { OFFERS_NAMES_MAX = 4 << 20 /* bytes of the names in a request */ };

/* A task whose files wait for an answer, or which is to be told. */
struct waiting {
	TAILQ_ENTRY(waiting) others;
	size_t key;
	const char *id;
	struct task *task;
	size_t n_open; /* files that have no answer yet */
	struct err why; /* the original of one could not be had; ERR_OK: all were */
	size_t without; /* that one's place among the assets */
};

/* One file of a request; `of` NULL: nobody waits for it any more. */
struct asked {
	struct waiting *of;
	size_t asset;
	enum asset_ask ask; /* as it was asked for */
};

TAILQ_HEAD(waiting_list, waiting);

struct offers {
	struct dq *dq;
	struct waiting_list waiting, ready;
	size_t n_waiting;
	struct err over; /* no request will be made any more: why */
	uint64_t random;
	size_t count; /* files in the next request, at most */
	unsigned failures; /* in a row */
	int64_t next_ms; /* not before, on the clock of the schedule */
	struct allow allow;

	struct asked *asked; /* of the request under way; NULL: none is */
	size_t n_asked;
	struct arena names; /* of these files */
	int64_t asked_ms; /* steady clock */
};

/* offers.c: among what the service has it is to be asked for. */
enum service_files offers_which(const struct asset *asset);
/* What became of one file; of the last one the task is ready. */
void offers_answered(
    struct offers *offers, const struct asked *asked, const struct asset *offered);
void offers_refused(
    struct offers *offers, const struct asked *asked, const struct err *why);
/* request.c: asks for as many as may be asked for at once. */
void offers_ask(struct offers *offers);
