/*
 * download_parts.h - what the files behind download.h share: the queue
 * (download.c), the claim (claim.c), the transfer (transfer.c), the way home (finish.c).
 */
#pragma once

#include "core/download.h"
#include "core/heap.h"
#include "core/retry.h"
#include "store/sink.h"

enum {
	DOWNLOAD_RESUME_MIN = 256
	    << 10, /* below, starting over is as cheap as resuming */
	DOWNLOAD_PROGRESS_MS = 250, /* between two PROGRESS events of a file */
	DOWNLOAD_FINISHING_MAX = 16, /* files beyond `jobs` that are being sealed */
	DOWNLOAD_LINK_MARGIN_S = 5, /* a link that dies so soon is not begun with */
	DOWNLOAD_RENEW_TASKS = 50, /* whose links are renewed together: one request */
};

/* The first four wait, each in its queue. */
enum download_state {
	DOWNLOAD_READY, /* by the death of its link */
	DOWNLOAD_LATER, /* by time */
	DOWNLOAD_OLD_LINK, /* it died here, waiting: renewed when its turn is near */
	DOWNLOAD_NO_LINK, /* a look must bring one */
	DOWNLOAD_QUEUES,
	DOWNLOAD_FETCHING = DOWNLOAD_QUEUES, /* partial open, request under way */
	DOWNLOAD_FINISHING, /* partial open, a job under way */
	DOWNLOAD_HOME,
	DOWNLOAD_GIVEN_UP,
	DOWNLOAD_LET_GO, /* another process owns the task; no link: a look of ours */
};

struct download {
	struct job job; /* first: a job is its download */
	struct engine *engine;
	struct item *item;
	struct download *next; /* of the same item */
	size_t place; /* in downloads.all and its queue */
	int index; /* of the asset */
	enum download_state state;
	unsigned dead_arrivals; /* links in a row that were dead as they came */
	struct retry_counts counts;
	unsigned busy_elsewhere; /* in a row */
	struct err last_failure;

	struct partial *partial; /* NULL: not ours now */
	struct net_request *request; /* NULL: none under way */
	uint64_t have_bytes, mark_bytes; /* in the partial now; at the last failure */
	int64_t total_bytes; /* -1 unknown */
	char *validator; /* of the partial's bytes: an ETag, or "length=… modified=…";
			    NULL none */
	char *uri; /* of the object that is being fetched; NULL unknown */
	bool is_expected; /* counted in the totals */
	bool is_complete; /* the peer says that we have it all */
	bool is_copy; /* from our own file elsewhere, not from a link */
	bool may_not_copy; /* that file was found to be spoilt */
	struct err
	    trouble; /* why a callback stopped the transfer; kind ERR_OK: it did not */
	int64_t progress_ms, rate_ms;
	uint64_t rate_bytes;
	int64_t bytes_per_second;

	struct sealed sealed;
	char *name, *path; /* chosen while finishing */
	bool is_taken;
	unsigned choices;
};

struct downloads {
	struct sink *sink;
	struct download **all; /* NULL: a free place */
	size_t n, room;
	size_t *free_places, n_free;
	struct heap queues[DOWNLOAD_QUEUES];
	unsigned n_fetching, n_finishing;
	const char *template;
	unsigned jobs;
};

/* The asset in the item's present task; NULL: this look did not show it. */
struct asset *download_asset(const struct download *d);
void download_set_validator(struct download *d, char *take);

/* download.c */
/* The only way into a state; `key` is its place in the queue, of states that have one. */
void download_enter(struct download *d, enum download_state state, int64_t key);
/* It is open no more; its item may end with it. */
void download_close(struct download *d, enum download_state state);
void download_home(struct download *d); /* stored, and the asset says so */
/* Close the partial; an empty one goes. */
void download_release(struct download *d);

/* Try again after a while. */
void download_later(struct download *d, int64_t delay_ms);
/* Stored, and still there with its size? */
bool download_is_at_home(const struct asset *asset);
/* Below the folder that the user named, so that he finds it there? */
bool download_is_below_sink(const struct downloads *downloads, const struct asset *asset);

/* download_end.c: retry.h decides what follows. */
void download_failed(struct download *d, const struct err *why);
/* Have a look bring one; give up when there are no looks any more. */
void download_want_link(struct download *d);

/* claim.c: from ready to a transfer, to the way home, or to a later try. */
void claim_start(struct download *d);
/* By the service's clock its link has died, or will before much is fetched by it. */
bool download_link_is_old(const struct download *d, const struct asset *asset);

/* transfer.c: the partial is open and has d->have_bytes. */
enum err_kind transfer_start(struct download *d, struct err *err);

/* finish.c: every byte is in the partial (is_copy: they will be, from the old path). */
void finish_start(struct download *d);
/* Say so, and run what the user wants beside a stored file. */
void finish_tell(struct download *d);
