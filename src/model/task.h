/*
 * task.h - a job at the service, and the assets it made.
 *
 *                       ┌────────────► not_found ─┐ (may come back: a poll that
 *                       │                          │  finds it corrects us; so do
 *                       │                          │  files of what failed)
 *   submitting ──► unknown ──► queued ──► generating ──► partial ──► succeeded
 *        │            │          │            │             │
 *        └──► failed  └──────────┴────────────┴─────────────┴──► failed | cancelled
 *
 * submitting: the intent is on disk; it waits in the local queue (is_waiting), or
 *             the request may or may not have left.
 * unknown:    nobody has told us yet (an id from elsewhere, or a lost answer).
 * queued, generating, partial: the service is at it; partial has files ready.
 * succeeded, failed, cancelled: final. not_found: the service denies it. Files that can
 * be had overrule any verdict.
 *
 * Only ledger/ changes a stored state, and asserts task_state_may_become().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/variant.h"

/* name for JSON, is it final? */
#define TASK_STATES(X)                     \
	X(SUBMITTING, "submitting", false) \
	X(UNKNOWN, "unknown", false)       \
	X(QUEUED, "queued", false)         \
	X(GENERATING, "generating", false) \
	X(PARTIAL, "partial", false)       \
	X(SUCCEEDED, "succeeded", true)    \
	X(FAILED, "failed", true)          \
	X(CANCELLED, "cancelled", true)    \
	X(NOT_FOUND, "not_found", true)

enum task_state {
#define X(name, text, is_final) TASK_##name,
	TASK_STATES(X)
#undef X
};
enum { TASK_STATE_COUNT = TASK_NOT_FOUND + 1 };

enum media_kind { MEDIA_UNKNOWN, MEDIA_IMAGE, MEDIA_VIDEO, MEDIA_AUDIO };

/*
 * How it was made, where that is more than its kind says. One of each task: what was done
 * counts more than by whom.
 */
enum task_mode {
	MODE_NONE, /* nothing special, or nobody knows */
	MODE_EDIT, /* out of other pictures */
	MODE_SUPER_RESOLUTION, /* a picture, larger */
	MODE_MULTI_FRAME, /* a video along several pictures */
	MODE_DRAFT, /* a video to look at, before it is made in full */
	MODE_FINAL, /* of a draft */
	MODE_AGENT, /* by the service's agent */
};

/*
 * wanted:  the service named it, we want it.
 * fetched: every byte is in the temporary file and checked; `path` is the
 *          final name we are about to give it (the intent before the rename).
 * stored:  it lies complete under `path`.
 * lost:    it can't be had any more; `lost_reason` says why.
 */
enum asset_state { ASSET_WANTED, ASSET_FETCHED, ASSET_STORED, ASSET_LOST };

/* What a run wants of a file; that of the ledger is nobody's wish. */
enum asset_wish {
	WISH_NOTHING, /* it is here, or nobody fetches */
	WISH_FETCH,
	WISH_BETTER, /* it is here, and a better variant of it is wanted beside it */
};

enum fail_class {
	FAIL_NONE,
	FAIL_CONTENT, /* moderation, copyright: not retryable as it stands */
	FAIL_SERVICE, /* the generation broke */
	FAIL_QUOTA,
	FAIL_RISK,
	FAIL_CONTRACT, /* "done" with nothing to download */
	FAIL_LOGIN,
	FAIL_CALLER, /* the service says the request itself is wrong */
	FAIL_DELETED,
};

/* Why a file is lost that the user has given up. */
#define LOST_FORGOTTEN "forgotten"

struct task_queue {
	int64_t position, length; /* 0 to 1e9; -1 unknown */
	int64_t eta_seconds; /* up to a year; -1 unknown */
};

struct task_fail {
	enum fail_class class; /* FAIL_NONE: has not failed */
	const char *code; /* may be NULL or "" */
	const char *message; /* may be NULL */
	bool is_retryable;
};

/* What the service has yet to be asked for of a file. */
enum asset_ask {
	ASK_NOTHING,
	ASK_ORIGINAL, /* by its item */
	ASK_NAME, /* for a link, by its uri: its record is gone */
};

/* What a service offers of a file, beyond its link. */
struct asset_offer {
	const char *item; /* what it is called when more is asked; NULL */
	const struct variant *variants; /* all that there are; that of the link first */
	size_t n; /* 0: that of the link is all */
};

struct asset {
	int index; /* place among the task's assets, from 0, stable once known */
	enum media_kind kind;
	enum asset_state state;
	const char *uri; /* the object's stable name; the identity of an asset */
	const char *url; /* signed, a secret, NULL when only the ledger knows it */
	int64_t expires_unix; /* s, the server's clock; 0 unknown */
	int64_t width, height; /* 1 to 1e6; 0 unknown */
	int64_t duration_ms; /* 1 to 1e9; -1 not applicable or unknown */
	/* As claimed by the service, until stored; then from the bytes. */
	const char *format;
	const char *md5; /* of the file, lower-case hex, as claimed; NULL unknown */
	int64_t size_bytes; /* as claimed, 1 to 1 PiB; -1 unknown */
	const char *path; /* fetched, stored */
	int64_t stored_bytes; /* fetched, stored; -1 else */
	const char *sha256; /* fetched, stored */
	const char *choice; /* fetched, stored: of which variant, choice.h; NULL none */
	const char *lost_reason;
	const char *etag; /* validator of the partial file, NULL none */
	int64_t synced_bytes; /* of the partial file, on the disk for sure; 0 none */
	const char *synced_sha256; /* of these; NULL none */

	struct asset_offer offer; /* of the last poll, and never kept */
	/* Which of them is to be fetched; `url` and the claims above are its own then. */
	const char *object; /* its name; NULL: that of the record */
	const char *picked; /* what `choice` will say; NULL: nothing was to choose */
	enum asset_wish wish;
	enum asset_ask ask;
	bool is_outdone; /* it is stored, and this one is better */
};

struct task {
	struct arena arena; /* owns every string and array below */
	const char *account; /* profile name */
	const char *submit_id; /* the id asked for; never NULL in the ledger */
	const char *history_id; /* NULL unknown */
	const char *alias_id; /* another submit id that the service gave it; NULL none */
	enum media_kind kind;
	enum task_mode mode;
	enum task_state state;
	bool is_waiting; /* submitting: in the local queue, not sent yet */
	int64_t status; /* the service's own number; INT64_MIN when it never gave one */
	int64_t finished, total; /* usable assets, promised assets; 0 to 1e9 */
	bool has_queue;
	struct task_queue queue;
	struct task_fail fail;
	int64_t created_unix_ms, finished_unix_ms; /* the service's; 0 unknown */
	int64_t poll_interval_ms; /* the service's advice; 0 none */
	int64_t forecast_generate_s, forecast_queue_s; /* 0 to a year; -1 none */
	const char *model; /* model_req_key, NULL unknown */
	const char *prompt; /* ours when submitted, else the service's last; NULL */
	struct asset *assets;
	size_t n_assets;
	/* By the last poll, which is not believed yet; the state says that it runs. */
	bool may_have_ended;
	/* The last poll did not find it, which is not believed yet: it tells nothing. */
	bool is_missed;
	/* It has ended with less than was promised, and that is new: more may follow. */
	bool is_hasty;
	/* Assets that the last poll showed and that are too many to take. */
	int64_t left_out;
	const char *warning; /* odd but harmless, e.g. an unknown status; NULL none */
	/* When it will be done, as far as we can tell; 0 unknown. Never stored. */
	int64_t eta_low_unix_ms, eta_unix_ms, eta_high_unix_ms;
	const char *ratio; /* "16:9"; NULL unknown */
	bool has_seed, has_credits;
	int64_t seed; /* 0 to TASK_NUMBER_MAX */
	int64_t credits; /* what it cost, the same range */
	bool credits_are_measured; /* else the service has reported them */
	bool is_ours; /* the ledger has what we asked for when we submitted it */
	int64_t first_seen_unix_ms; /* by us; 0: not in the ledger */
	const char *idempotency_key; /* of our submit; NULL none */
	const char *rerolls; /* submit_id of the task it repeats; NULL none */
	/* As far as the ledger has counted; -1: it is not from there. */
	int64_t polls, requests_micro;
	/* What people say of it; no poll does. */
	const char *tags; /* sorted, between blanks; NULL none */
	const char *note; /* NULL none */
	int rating; /* -1 rejected, 1 to 5; 0 none */
	int64_t number; /* in the ledger: grows with each that it has heard of; 0 none */
};

/* The largest that every reader of JSON takes exactly. */
#define TASK_NUMBER_MAX ((int64_t)9007199254740991)

const char *task_state_name(enum task_state state);
bool task_state_parse(const char *name, enum task_state *ret_state);
bool task_state_is_final(enum task_state state);
/* The table of legal moves; a state may always become itself. */
bool task_state_may_become(enum task_state from, enum task_state to);

const char *media_kind_name(enum media_kind kind); /* "image"; MEDIA_UNKNOWN gives NULL */
enum media_kind media_kind_parse(const char *name); /* MEDIA_UNKNOWN when it is none */
const char *task_mode_name(enum task_mode mode); /* "multi_frame"; MODE_NONE gives NULL */
enum task_mode task_mode_parse(const char *name); /* MODE_NONE when it is none */
const char *asset_state_name(enum asset_state state);
bool asset_state_parse(const char *name, enum asset_state *ret_state);
bool asset_state_may_become(enum asset_state from, enum asset_state to);
const char *fail_class_name(enum fail_class class); /* "content"; FAIL_NONE gives NULL */
enum fail_class fail_class_parse(const char *name);

/*
 * Has it failed without a proof: by our own verdict ("done" with nothing to download), or
 * without code and time? It was once the first state of a task that ended well.
 */
bool task_end_is_doubtful(const struct task *task);
/*
 * May the service still refute it, so that a watch looks on for a while? One that is
 * doubtful, or not found; and a success with less than was promised, with a file that was
 * refused, or that the service never gave a time: what is there was taken for all there
 * is.
 */
bool task_end_may_change(const struct task *task);

struct task *task_new(
    void); /* empty, state unknown, -1/NULL where unknown; NULL: no memory */
/* The one of this index; NULL: it has none. */
struct asset *task_asset(const struct task *task, int index);
void task_free(struct task *task);
void task_freep(struct task **task);
