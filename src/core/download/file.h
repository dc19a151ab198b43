/*
 * file.h - what the files behind downloads.h share: one file and the states it may be in
 * (file.c), what becomes of one that did not come (failed.c), the claim (claim.c), the
 * transfer (transfer.c) and what of it is on the disk (checkpoint.c), the way home
 * (finish.c) and into the ledger (write_down.c). None of them calls downloads.c.
 * Between transfer and disk: writer.c.
 */
#pragma once

#include <sys/queue.h>

#include "core/account/session.h"
#include "core/common/heap.h"
#include "core/common/workers.h"
#include "core/download/backlog.h"
#include "core/download/splice.h"
#include "core/download/stage.h"
#include "core/policy/parallel.h"
#include "core/policy/retry.h"
#include "store/name.h"
#include "store/sink.h"

enum {
	DOWNLOAD_RESUME_MIN = 256
	    << 10, /* below, starting over is as cheap as resuming */
	DOWNLOAD_PROGRESS_MS = 250, /* between two PROGRESS events of a file */
	DOWNLOAD_FINISHING_MAX = 256, /* files beyond `jobs` that are being finished */
	DOWNLOAD_AHEAD_MAX = 1000, /* files that may wait before polls wait for them */
	DOWNLOAD_LINK_MARGIN_S = 5, /* a link that dies so soon is not begun with */
	DOWNLOAD_SLOW_BYTES = 1024, /* a second: less gives way to files that wait */
	CLAIMS_MAX = 32, /* of which the ledger is asked at once */
	DOWNLOAD_RENEW_TASKS = 50, /* whose links are renewed together: one request */
};

/* The first four wait, each in its queue. */
enum download_state {
	DOWNLOAD_READY, /* by the death of its link */
	DOWNLOAD_LATER, /* by time */
	DOWNLOAD_OLD_LINK, /* it died here, waiting: renewed when its turn is near */
	DOWNLOAD_NO_LINK, /* a poll must bring one */
	DOWNLOAD_QUEUES,
	DOWNLOAD_CLAIMED = DOWNLOAD_QUEUES, /* partial open, the ledger is asked */
	DOWNLOAD_FETCHING, /* partial open, request under way */
	DOWNLOAD_FINISHING, /* partial open, a job under way */
	DOWNLOAD_STORED,
	DOWNLOAD_GIVEN_UP,
	DOWNLOAD_LET_GO, /* another process owns the task; no link: a poll of ours */
};

/* checkpoint.c */
struct checkpoint {
	struct job job; /* first */
	struct synced synced; /* the last that went well */
	uint64_t size_bytes; /* up to where the one under way goes */
	int64_t at_ms; /* when it began */
	bool is_trusted; /* what was there is looked through */
	bool is_under_way;
	bool has_ended; /* the transfer has, because of `why` (ERR_OK: all is here) */
	struct err why, trouble;
};

/* writer.c */
struct writer {
	struct job job; /* first */
	int64_t left_ms; /* when the last job began */
	bool is_under_way, is_paused;
	bool has_ended; /* the transfer has, because of `why` (ERR_OK: all is here) */
	struct err why;
};

/* What a visit to the disk is for (finish.c). */
enum download_errand {
	ERRAND_BYTES, /* to make them durable; then a name is chosen */
	ERRAND_CHOICE, /* of another name */
	ERRAND_NAME, /* to get the one that is chosen */
};

struct downloads;

/* Of one task; kept as long as the run has its key. */
struct task_files {
	size_t key;
	const char *id; /* the user's name of it */
	struct task *task; /* the last that a poll brought; there while a file is open */
	struct download *first; /* a list */
	size_t n_open; /* neither stored nor given up */
	struct err *no_links; /* why no poll will bring any; NULL: one will */
	struct err *trouble; /* the most serious; NULL: none */
	bool is_let_go; /* another process owns it */
	bool wants_link, has_moved; /* to be told */
	bool is_listed; /* among those that have something to tell */
	TAILQ_ENTRY(task_files) others;
};

struct download {
	struct job job; /* of claim.c; first: a job is its download */
	struct downloads *downloads;
	struct task_files *files;
	struct download *next; /* of the same task */
	size_t place; /* in downloads.all and its queue */
	int index; /* of the asset */
	enum download_state state;
	enum download_errand errand; /* while it is finished: of its visit to the disk */
	unsigned dead_arrivals; /* links in a row that were dead as they came */
	struct retry_counts counts;
	unsigned busy_elsewhere; /* in a row */
	struct err last_failure;

	struct partial *partial; /* NULL: not ours now */
	struct net_request *request; /* NULL: none under way */
	uint64_t have_bytes, mark_bytes; /* that came so far; the most there ever was */
	int64_t total_bytes; /* -1 unknown */
	char *validator; /* of the partial's bytes, as in splice.h; NULL none */
	bool is_noted; /* the ledger has a validator */
	bool waits_for_link; /* DOWNLOAD_LATER: then a new one is asked for */
	int64_t object_bytes; /* length of the object they are of, -1 unknown */

	/* This transfer, and what this run has learnt for the next: splice.h. */
	struct splice splice;
	enum splice_way way;
	struct backlog *backlog; /* that came and is not in the partial; NULL: nothing */
	struct writer writer; /* of a transfer, and its end */
	char *window; /* way OVERLAP, until it has been compared */
	size_t compared_bytes;
	char *next_validator; /* of the answer that is being compared */
	char *pinned_md5; /* joined by MD5: the seal must find this one */
	bool tag_is_kept_back;
	unsigned begun_afresh; /* since what came was of another object */

	char *uri; /* of the object that is being fetched; NULL unknown */
	char *object; /* the same: its variant; NULL: that of the record */
	char *choice; /* while it is finished: what its bytes are; NULL: nothing was
			 chosen */
	bool is_expected; /* counted in the totals */
	bool is_complete; /* the peer says that we have it all */
	bool is_copy; /* from our own file elsewhere, not from a link */
	bool may_not_copy; /* that file was found to be spoilt */
	/* Why a callback stopped the transfer; kind ERR_OK: it did not. */
	struct err trouble;
	int64_t begun_ms; /* the transfer that is under way */
	int64_t progress_ms, rate_ms;
	uint64_t rate_bytes;
	int64_t bytes_per_second;
	int64_t slow_ms; /* since when `slow_bytes` are counted */
	uint64_t slow_bytes; /* came by this transfer, also those that came again */

	struct checkpoint checkpoint;

	bool is_fetched; /* an earlier run has sealed it, and was about to rename it */
	bool is_resealed; /* those are the bytes in the partial: they must be the same */
	bool is_stored; /* it came so far, and the file is durable now */
	struct sealed sealed; /* for the claim: what that run found */
	struct staged staged; /* while it is finished: in `sums`, or in `disk` */
	char *name, *path; /* chosen while finishing */
	struct writing *writing; /* into the ledger, under way; NULL none */
	bool is_taken;
	unsigned choices;
};

TAILQ_HEAD(task_files_list, task_files);

struct downloads {
	struct dq *dq;
	struct sink *sink; /* of this run */
	struct sinks *sinks; /* to look at files wherever they are */
	struct workers *workers; /* these and the next: NULL at the end of the run */
	struct workers *writing_workers; /* of writer.c: they wait for no sync */
	struct blocks *blocks;
	struct stage *sums, *disk; /* of finish.c */
	struct group_commit *commits;
	struct hooks *hooks; /* NULL: no --exec */
	struct sidecars *sidecars; /* NULL: no --sidecar */
	struct naming naming;
	unsigned jobs;
	bool perseveres, is_time_up;
	bool never_syncs; /* what it stores is not promised to be durable */
	bool dates; /* a file's time is that of its making */
	enum media_kind only; /* MEDIA_UNKNOWN: of every kind */
	const int *indexes; /* only these; NULL: all */
	size_t n_indexes;
	bool is_held; /* nothing is to be begun now */
	char *(*name_of)(void *payload, const char *submit_id, int index);
	void *payload;
	uint64_t random;

	struct download **all; /* NULL: a free place */
	size_t n, room;
	size_t *free_places, n_free;
	struct heap queues[DOWNLOAD_QUEUES];
	struct download *claimed[CLAIMS_MAX]; /* within a step */
	unsigned n_claimed, n_fetching, n_finishing;
	struct parallel parallel; /* of `jobs`, how many are fetched at once */
	uint64_t came_bytes, n_transfers,
	    took_ms; /* of transfers that ended; bytes of all */
	unsigned n_writing; /* what the ledger's thread has of them */
	struct task_files **by_key; /* NULL: nothing of it was given */
	size_t n_keys;

	/* To be told; kind ERR_OK: nothing. */
	struct task_files_list moved;
	struct err no_room, worst, in_the_way, cant_go_on;
	int64_t missing_bytes; /* with no_room */
	bool has_told_end; /* of cant_go_on: nothing is begun after it */
};

/* Returns the asset in its present task; NULL: this poll did not show it. */
struct asset *download_asset(const struct download *d);
void download_set_validator(struct download *d, char *take);
/* Returns what the ledger shall have of it (variant_note.h), malloc'ed; NULL: nothing, or
 * the file is too small to be resumed. */
char *download_notable_validator(const struct download *d);

/* file.c */
/* The only way into a state; `key` is its place in the queue, of states that have one. */
void download_enter(struct download *d, enum download_state state, int64_t key);
/* For the next free place among those that are fetched. */
void download_ready(struct download *d);
/* Open once more, for a link. */
void download_reopen(struct download *d);
/* It is open no more, and that is told. */
void download_close(struct download *d, enum download_state state);
void download_stored(struct download *d); /* stored, and the asset says so */
/* Close the partial; an empty one goes. */
void download_release(struct download *d);

/* For a place among those that are fetched? */
bool download_others_wait(const struct downloads *downloads);
/* Try again after a while. */
void download_later(struct download *d, int64_t delay_ms);
/* Does this run want it at all, whether it is here or not? */
bool download_is_wanted(const struct downloads *downloads, const struct task *task,
    const struct asset *asset);
/* Is it stored, and still there with its size? */
bool download_is_stored(const struct downloads *downloads, const struct asset *asset);
/* Below the folder that the user named, so that he finds it there? */
bool download_is_below_sink(const struct downloads *downloads, const struct asset *asset);
/* Is it both? */
bool download_is_here(const struct downloads *downloads, const struct asset *asset);

/* To be told. */
void task_files_tell(struct downloads *downloads, struct task_files *files);
/* Makes it the trouble from now on, if it is more serious than what it has. */
void task_files_note(
    struct downloads *downloads, struct task_files *files, const struct err *why);
/* Everything waits until there is room: for so many bytes, -1 unknown. */
void downloads_no_room(
    struct downloads *downloads, const struct err *why, int64_t missing_bytes);
void downloads_worsen(struct downloads *downloads, const struct err *why);
void downloads_abort(struct downloads *downloads, const struct err *why);
/* Trouble that passes when there is room, or when a lock is gone? */
bool downloads_wait_for(const struct downloads *downloads, const struct err *why);

/* write_down.c */
/*
 * Have the ledger write the intent (to ASSET_FETCHED: path, `sealed`) or the fact (to
 * ASSET_STORED). done(), later or at once, finds the outcome in d->trouble.
 */
void download_write_down(
    struct download *d, enum asset_state to, void (*done)(struct download *d));

/* failed.c: retry.h decides what follows. */
/* The waiting time ended before the file was home. */
extern const struct err download_out_of_time;
void download_failed(struct download *d, const struct err *why);
/* Have a poll bring one; give up when there are no polls any more. */
void download_want_link(struct download *d);
/* Its reason goes to the task. */
void download_give_up(struct download *d, const struct err *why);

/* What of d->have_bytes is in the partial. */
uint64_t download_written(const struct download *d);
/* What came and was not written is forgotten. No job of it is under way. */
void download_drop_backlog(struct download *d);

/* writer.c */
/* A transfer begins. ERR_NOMEM. */
enum err_kind writer_begin(struct download *d, struct err *err);
/* Takes a copy of what came, and counts it. ERR_NOMEM. */
enum err_kind writer_add(
    struct download *d, const void *bytes, size_t len, struct err *err);
/*
 * The transfer has ended, because of *why, or with all bytes (ERR_OK): goes on to
 * checkpoint_end(). Of a file that is whole the last bytes may still be in the backlog.
 */
void writer_end(struct download *d, const struct err *why);

/* checkpoint.c */
/* The partial has d->have_bytes that are trusted; a transfer will bring more. */
void checkpoint_begin(struct download *d);
/* More bytes came. */
void checkpoint_if_due(struct download *d);
/* The transfer has ended, because of *why, or with all bytes (ERR_OK): goes on to
 * download_failed() or finish_start() when the disk has them. */
void checkpoint_end(struct download *d, const struct err *why);
/* The run ends, without workers: what came so far is kept. Blocks. */
void checkpoint_last(struct download *d);

/* claim.c: from ready to a transfer, to the way home, or to a later try. */
/* Takes the lock; at most CLAIMS_MAX, then ... */
void claim_start(struct download *d);
/* ... asks the ledger, and they go on. */
void claims_go_on(struct downloads *downloads);
/* By the service's clock its link has died, or will before much is fetched by it. */
bool download_link_is_old(const struct download *d, const struct asset *asset);

/* transfer.c: the partial is open and has d->have_bytes. */
enum err_kind transfer_start(struct download *d, struct err *err);

/* transfer_head.c: what an answer makes of the bytes that are here, as splice.h says. */
#define TRANSFER_FILE_MAX (INT64_C(256) << 30)
/* Every byte is here, and was told to be of one object? */
bool transfer_has_all(const struct download *d);
/* Decides which way, from where; reads the window when that is compared. */
enum err_kind transfer_plan(struct download *d, struct err *err);
/* These three: false ends the transfer, d->trouble says why. */
bool transfer_head(struct download *d, const struct net_head *head);
/* d->window is to come first: take it from the front of the bytes. */
bool transfer_compare(struct download *d, const char **bytes, size_t *len);
bool transfer_begin_afresh(struct download *d);
void transfer_end_comparing(struct download *d);

/* finish.c: every byte is in the partial (is_copy: they will be, from the old path). */
enum { FINISH_SUMS_WEIGHT = 1 << 20 /* bytes that are worth a thread of their own */ };
void finish_start(struct download *d);
/* Its two stages: */
void finish_run_sums(struct staged *const *group, size_t n);
void finish_done_sums(struct staged *one);
void finish_run_disk(struct staged *const *group, size_t n);
void finish_done_disk(struct staged *one);
/*
 * It is durable under the name that the ledger has as its intent, and counted as
 * finishing: the sidecar, the ledger, the word, the user's command.
 */
void finish_named(struct download *d);
