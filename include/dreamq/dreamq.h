/*
 * dreamq.h - ask Dreamina / Jimeng (即梦) for the results of image and video
 * generation, wait for them, and bring every file safely home.
 *
 * The public headers are the only door: the command line, and every other front end, uses
 * nothing else of the library. Beside this one, which each of them includes, there are
 * ids.h (sets of ids, and reading them), submit.h (new tasks), sync.h (all that an
 * account has), adopt.h (tasks that other tools have made), rescue.h (files whose record
 * is gone), marks.h (tags, notes), login.h (cookies), verify.h (ledger against disk),
 * ledger.h (is it whole?), stats.h (times), credits.h (the balance), consent.h (a yes),
 * thumbs.h (small pictures), doctor.h (troubles), changes.h (others), json.h (lines).
 *
 * Calling sequence
 *
 *	struct dq_error err;
 *	struct dq *dq;
 *	struct dq_options options = { .size_bytes = sizeof(options), .on_event = print };
 *
 *	if (dq_open(&options, &dq, &err))
 *		return complain(err.message);
 *	status = dq_get(dq, ids, n_ids, &get, &err);
 *	dq_close(dq);
 *
 * Threads: a `struct dq` is one account on one ledger, and belongs to one thread, except
 * for dq_interrupt() and dq_drain(). Several of them, also in several processes, may work
 * on the same ledger and the same folder at once. The working verbs (dq_query, dq_wait,
 * dq_get, dq_sync, dq_submit, dq_submit_all, dq_cancel, dq_watch, dq_verify) return when
 * they are done; what happens meanwhile is told through on_event, from the same thread,
 * before they return.
 *
 * Errors: every function that can fail returns enum dq_status, whose values are the
 * frozen exit codes, and takes a struct dq_error that may be NULL. With a status other
 * than DQ_OK it has one sentence for people. A verb over many ids returns the status that
 * is most serious to act on (130, 3, 8, 6, 7, 5, 1, 4, 2, 0, in this order), and the
 * error tells that one; the others were told as events. Besides the statuses that a
 * comment names, every verb may return DQ_STORAGE (the ledger, the disk or the memory),
 * and each that takes a struct or an id DQ_USAGE.
 *
 * Secrets (the cookie, signed links) are in no message; a link is only in dq_asset.url.
 *
 * Promise: once a submit id has been told, that task is never forgotten, never submitted
 * twice, and every file under its final name is complete. Killing the process at any
 * point loses nothing: run the same verb again.
 *
 * Ownership: strings are UTF-8 and end with NUL. What the caller gives is borrowed until
 * the function returns; what an event shows, until on_event returns. Structs may grow at
 * their end (those that lie in others do not): let the library make those that it gives
 * you, and set size_bytes in those that you give. What lies behind it counts as 0.
 *
 * Units are in the names: _s, _ms, _bytes; _unix and _unix_ms count from 1970, UTC.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DQ_API __attribute__((visibility("default")))

enum {
	DQ_SCHEMA_VERSION = 1, /* of the JSON */
	DQ_ID_MAX = 64, /* characters of a submit id, [A-Za-z0-9_-] */
};

enum dq_status {
	DQ_OK = 0, /* every task succeeded; for dq_get, every file is stored */
	DQ_FAILED = 1, /* a task failed, or the service does not know it */
	DQ_USAGE = 2, /* the call, or what it was given, is wrong */
	DQ_AUTH = 3, /* the cookie is missing, refused or expired */
	DQ_RUNNING = 4, /* still running; nothing is lost, call again */
	DQ_NETWORK = 5, /* the network or the service can't be reached, a link has died */
	DQ_STORAGE = 6, /* disk, permission, ledger, memory */
	DQ_CONTRACT = 7, /* the answer does not follow the wire contract */
	/* The service stopped the account: rate limit, risk control, no credit. */
	DQ_ACCOUNT = 8,
	DQ_INTERRUPTED = 130, /* by dq_interrupt() */
};

struct dq_error {
	enum dq_status status;
	char message[512]; /* one sentence, no full stop, in English; "" with DQ_OK */
	char shown[512]; /* the same in the language of the program, for people */
};

struct dq; /* a session: one account on one ledger */

/* --- what is known of a task ----------------------------------------------------- */

/* One file of a task. */
struct dq_asset {
	int index; /* from 0 */
	const char *kind; /* "image", "video", "audio" */
	const char *uri; /* stable name of the object; may be NULL */
	const char *url; /* signed link, a secret; NULL when only the ledger was asked */
	int64_t expires_unix; /* of the link; 0 unknown */
	int64_t width, height; /* pixels; 0 unknown */
	const char *format; /* "png", "mp4", ...; NULL unknown */
	int64_t duration_ms; /* -1 none */
	const char *path; /* absolute; NULL when not stored */
	int64_t bytes; /* of the stored file; -1 when not stored */
	const char *sha256; /* of the stored file, hexadecimal; NULL when not stored */
	bool is_stored;
	const char *lost_reason; /* NULL unless it can't be had any more */
};

struct dq_task {
	const char *submit_id;
	const char *history_id; /* NULL unknown */
	const char *account; /* profile name */
	const char *kind; /* "image", "video", "audio"; NULL unknown */
	const char *state; /* "submitting" ... "not_found": one of dq_state_names() */
	bool is_final;
	int64_t status; /* the service's number; INT64_MIN when it never gave one */
	int64_t finished, total; /* usable and promised assets */
	bool has_queue;
	int64_t queue_position, queue_length, eta_seconds; /* -1 unknown */
	bool has_failed;
	const char *fail_code, *fail_message, *fail_class;
	bool is_retryable;
	int64_t created_unix_ms, finished_unix_ms; /* 0 unknown */
	const char *prompt, *model; /* NULL unknown */
	const struct dq_asset *assets;
	size_t n_assets;
	/*
	 * When it will be done: the middle, and a band that holds four times in five; 0
	 * unknown. It comes from the queue place, and from how long such tasks took so
	 * far.
	 */
	int64_t eta_low_unix_ms, eta_unix_ms, eta_high_unix_ms;
	const char *ratio; /* "16:9"; NULL unknown */
	int64_t seed, credits; /* -1 unknown */
	int64_t first_seen_unix_ms; /* by us; 0: just now */
	const char *credits_source; /* "reported", "measured"; NULL */
	const char *idempotency_key; /* of its submit; NULL none */
	const char *reroll_of; /* the task that it repeats; NULL none */
	/*
	 * Polls of it so far, and its share of their requests, of which each may ask for
	 * many; -1: they were not counted by this ledger, or are not yet.
	 */
	int64_t polls;
	double requests;
	/*
	 * For each asset which variant of it is stored, and what else was offered: a
	 * JSON object ("choice" in docs/schema/task.schema.json); NULL: it is not stored,
	 * or there was nothing to choose.
	 */
	const char *const *choices;
	/*
	 * How it was made, where that is more than its kind says: "edit",
	 * "super_resolution", "multi_frame", "draft", "final" (of a draft), "agent";
	 * NULL.
	 */
	const char *mode;
	/* What people say of it (marks.h). */
	const char *tags; /* sorted, between blanks; NULL none */
	const char *note; /* NULL none */
	int rating; /* -1 rejected, 1 to 5; 0 none */
	int64_t number; /* in the ledger: grows with each that is new to it; 0 none */
};

/* --- events ----------------------------------------------------------------------- */

/* How far the running verb is, over all its ids. */
struct dq_totals {
	size_t tasks, tasks_ended, tasks_failed;
	size_t files, files_stored, files_active;
	/* Of the downloads of this run; expected 0: unknown. */
	uint64_t bytes_done, bytes_expected;
	uint64_t requests; /* to the API */
	/* When the last of them will be done; 0 unknown. */
	int64_t eta_low_unix_ms, eta_unix_ms, eta_high_unix_ms;
	/* Of a dq_sync: tasks that the service has listed, each as often as it was; those
	 * that the ledger had not heard of. */
	size_t listed, adopted;
};

enum dq_event_type {
	DQ_EVENT_TASK, /* the last word on a task (dq_query: what this poll saw) */
	DQ_EVENT_STATE, /* its state, queue place or number of assets changed */
	DQ_EVENT_PROGRESS, /* a download moved; at most 4 a second per file */
	DQ_EVENT_STORED, /* a file got its final name and is in the ledger */
	DQ_EVENT_NOTE, /* a sentence for people; enum dq_note says of what kind */
	DQ_EVENT_LOG, /* redacted detail, only with options.verbose */
	DQ_EVENT_TICK, /* about 5 a second while a verb works, for redrawing */
};

/*
 * What a note is about, for a front end that acts on it or has words of its own. More may
 * come: take one that is not known for a warning.
 */
enum dq_note {
	DQ_NOTE_WARNING, /* something is wrong, odd or left out; the work goes on */
	DQ_NOTE_RETRY, /* a request failed and is tried again; told again now and then */
	DQ_NOTE_PAUSE, /* nothing more is done, or submitted, until a cause is gone */
	DQ_NOTE_RESUME, /* a cause is gone: the service answers, the disk has room */
	DQ_NOTE_RENEWAL, /* a new cookie is used from now on; ends a pause, too */
	DQ_NOTE_LOGIN, /* the cookie dies soon, or has died: a new one is wanted */
	DQ_NOTE_WAIT, /* what is waited for: an answer, another program, its turn */
	DQ_NOTE_WHY, /* when the next poll of event.task is, and why (options.explain) */
	DQ_NOTE_COST, /* what submits are expected to cost, or what one has cost */
};

struct dq_event {
	enum dq_event_type type;
	int64_t at_unix_ms;
	/* TASK, STATE, PROGRESS, STORED; NOTE: the one it is about, or NULL */
	const struct dq_task *task;
	const struct dq_asset *asset; /* PROGRESS, STORED */
	int64_t bytes_done, bytes_total; /* PROGRESS; total -1 unknown */
	int64_t bytes_per_second; /* PROGRESS; 0 unknown */
	const char *text; /* NOTE, LOG: printable, redacted */
	const struct dq_totals *totals; /* never NULL inside a verb */
	enum dq_note note; /* NOTE */
};

/* --- the session ------------------------------------------------------------------ */

struct dq_options {
	size_t size_bytes; /* sizeof(struct dq_options) */
	const char *api_base; /* NULL: the service's */
	const char *submit_base; /* NULL: the service's */
	const char *cookie_file; /* NULL: dq_default_path(DQ_PATH_COOKIE, profile) */
	const char *ledger; /* path, sqlite:PATH; NULL: the default */
	const char *profile; /* account name, 1-64 of [A-Za-z0-9_-]; NULL: "default" */
	/* Rows "name=value" in place of the wire table's; NULL-terminated, or NULL. */
	const char *const *wire;
	bool verbose; /* tell DQ_EVENT_LOG, too */
	void (*on_event)(void *payload, const struct dq_event *event); /* may be NULL */
	void *payload;
	/* Polls a minute that the account may make, all processes on the ledger together
	 * (bursts of 60); 0: 120; negative: no limit. */
	int64_t requests_per_minute;
	bool explain; /* a DQ_NOTE_WHY after each poll: when the next is, and why */
	/*
	 * Which variant of a file is fetched, of those that are offered: one of
	 * dq_quality_names(). "original": the best, and for films the service is asked
	 * for the original, since a record may link a sample; "best-listed": the best
	 * that the record itself lists; "smallest" of these. NULL: "original"; but when
	 * that is said, dq_get also fetches what is stored in a lesser quality once more,
	 * beside the old file, which stays.
	 */
	const char *quality;
	const struct dq_network *network; /* network.h; NULL: as usual */
	const struct dq_notify *notify; /* notify.h; NULL: nobody */
};

/*
 * Check the options and make a session, which the caller closes. The network is not
 * touched; ledger and cookie are opened by the first verb that needs them. DQ_USAGE: an
 * option is wrong, or none names a place and neither HOME nor an XDG folder is set.
 */
DQ_API enum dq_status dq_open(
    const struct dq_options *options, struct dq **ret_dq, struct dq_error *err);
/* Close the session and free it; not from within on_event. NULL is fine. */
DQ_API void dq_close(struct dq *dq);

/*
 * Make the running verb, or the next one when none runs, return DQ_INTERRUPTED soon. It
 * may be called from any thread and from a signal handler.
 */
DQ_API void dq_interrupt(struct dq *dq);
/* Return the service's clock by its last answer, else ours. Links die by it. */
DQ_API int64_t dq_service_unix_ms(const struct dq *dq);

/* --- asking, waiting, fetching ------------------------------------------------------ */

/* Poll each id once, and tell a TASK event for each. DQ_RUNNING: one still runs. */
DQ_API enum dq_status dq_query(
    struct dq *dq, const char *const *ids, size_t n, struct dq_error *err);

struct dq_wait {
	size_t size_bytes;
	int64_t interval_ms; /* least between two polls of an id; 0: as is advised */
	/*
	 * How long the verb may take; 0: for ever. Then it returns DQ_RUNNING, and files
	 * under way are cut: what has come is kept. A submit that nobody has answered is
	 * given up, as dreamq/submit.h has it. While another program has the ledger
	 * locked, it is DQ_STORAGE, two seconds later at most.
	 */
	int64_t max_wait_ms;
	bool any; /* return when the first of them has ended */
};
/* Poll until every task has ended. `wait` may be NULL: for ever, as is advised. */
DQ_API enum dq_status dq_wait(struct dq *dq, const char *const *ids, size_t n,
    const struct dq_wait *wait, struct dq_error *err);

enum { DQ_SIDECAR_JSON = 1, DQ_SIDECAR_TXT = 2, DQ_SIDECAR_XMP = 4 }; /* bits */

struct dq_get {
	size_t size_bytes;
	struct dq_wait wait; /* .any is ignored */
	const char *sink; /* folder; NULL: "." */
	/* NULL: "{id}_{index}.{ext}"; its fields are those of dq_name_fields(). */
	const char *name_template;
	unsigned jobs; /* downloads at once, at most: 1-64; 0: 8 */
	/*
	 * DQ_SIDECAR_...: also write these beside each file, without link and cookie,
	 * with the paths below `sink` only: before the file is stored, and complete at
	 * the task's end, then also for files that were here before.
	 */
	unsigned char sidecar;
	/*
	 * Do not wait for the disk: each file is checked and complete under its name, and
	 * killing us loses nothing, but a power cut may take what was stored last. The
	 * events of its task say so; dq_verify finds what is damaged.
	 */
	bool no_sync;
	const char *exec; /* run by /bin/sh for each stored file (dq_get); NULL none */
	bool windows_filenames, mtime; /* names.h; a file's time: of its making */
	const char *only; /* files of this kind ("image" ...); NULL: of any */
	const int *indexes; /* files at these places (from 0); NULL: at any */
	size_t n_indexes;
};
/*
 * Wait, and download every asset as it appears. `get` may be NULL. A file that was stored
 * by an earlier run and is still there is not fetched again.
 *
 * `exec` runs after a file is stored: with DREAMQ_PATH, DREAMQ_ID, DREAMQ_INDEX,
 * DREAMQ_KIND, DREAMQ_SHA256 in its environment and "{}" in it taken for "$DREAMQ_PATH",
 * stdin closed, stdout to stderr, no other descriptor, four at once; no file waits for
 * it. A failure of it is told as a NOTE and is the outcome (DQ_STORAGE) if nothing is
 * worse; a watch goes on. What still runs at an interrupt gets SIGTERM and a second.
 */
DQ_API enum dq_status dq_get(struct dq *dq, const char *const *ids, size_t n,
    const struct dq_get *get, struct dq_error *err);

/* --- a watch ---------------------------------------------------------------------- */

struct dq_watch {
	size_t size_bytes;
	struct dq_get get; /* wait.max_wait_ms: stop after this, DQ_OK; .any is ignored */
	bool until_idle; /* return DQ_OK when the ledger has nothing unfinished */
	/* Also bring home what the account has, as dq_sync() does (sync.h): at once, and
	 * again so long after each walk has begun; 0: never. */
	int64_t sync_every_ms;
	/* Files come in these hours of the local day only, "22:00-07:00"; NULL: always.
	 */
	const char *hours;
};
/*
 * Follow everything unfinished of the profile, for ever: send what waits, poll, fetch;
 * also what other processes add meanwhile. Several may run; each task has one owner, and
 * who is killed is replaced within a minute. Trouble with network, service, account or a
 * full disk is told once and waited for; a new cookie file is noticed. Returns after
 * dq_interrupt() (DQ_INTERRUPTED) or dq_drain() (DQ_OK), or when the ledger itself can't
 * be used.
 */
DQ_API enum dq_status dq_watch(
    struct dq *dq, const struct dq_watch *watch, struct dq_error *err);
/*
 * Let the running dq_watch, or the next one when none runs, end: nothing new is begun,
 * requests that have left are waited for, downloads get `grace_ms` to come home (their
 * partial files stay). It may be called from any thread and from a signal handler.
 */
DQ_API void dq_drain(struct dq *dq, int64_t grace_ms);

/* --- the ledger's tasks ----------------------------------------------------------- */

struct dq_filter {
	size_t size_bytes;
	const char *state; /* NULL: any; "unfinished": not ended, or files missing */
	int64_t since_unix_ms; /* first heard of then or later; 0: all */
	size_t limit; /* at most so many, the first of the list; 0: all */
	bool all_accounts; /* not only the profile's */
	/* Words to be found in prompt, model, tags and note, or at the front of ids;
	 * NULL: any. Each, also inside of other words; "a b" in quotes is one, and a
	 * word behind a '-' must not be there. Case and width of letters don't count. */
	const char *search;
	/*
	 * One of dq_sort_names(), with a '-' before it the other way round: the smallest,
	 * the oldest first, with the '-' the largest, the newest. What is not known comes
	 * last. NULL: "-seen".
	 */
	const char *sort;
	const char *tags; /* only tasks with each of these, between commas; NULL: any */
	int64_t behind; /* only behind the task of this number, by "seen"; 0: all */
	const char *sha256; /* only with a stored file of this sum; NULL: any */
};
/*
 * Tell a TASK event per task of the ledger, the newest first; the network is not used.
 * `filter` may be NULL. DQ_USAGE: there is no such state or order, nothing to look for.
 */
DQ_API enum dq_status dq_list(
    struct dq *dq, const struct dq_filter *filter, struct dq_error *err);
enum { DQ_PREFIX_MIN = 8 /* characters that a beginning of an id must have */ };
/*
 * Write the known id that is meant: `id` if the ledger has it, else the only one that
 * begins so, or `id` again. The network is not used. DQ_USAGE: several begin so.
 */
DQ_API enum dq_status dq_resolve(
    struct dq *dq, const char *id, char ret_id[DQ_ID_MAX + 1], struct dq_error *err);
/* Tell a TASK event for this one. DQ_FAILED: the ledger has none. */
DQ_API enum dq_status dq_show(struct dq *dq, const char *id, struct dq_error *err);
/*
 * Tell what happened to a task, oldest first: `what` is "state", "asset" or "note", and
 * both strings are borrowed until on_line returns. DQ_FAILED: the ledger has none.
 */
DQ_API enum dq_status dq_events(struct dq *dq, const char *id,
    void (*on_line)(
	void *payload, int64_t at_unix_ms, const char *what, const char *text),
    void *payload, struct dq_error *err);
/* Remove a task from the ledger; its files stay. DQ_FAILED: the ledger has none. */
DQ_API enum dq_status dq_forget(struct dq *dq, const char *id, struct dq_error *err);
/*
 * Give file `index` of a task up as lost ("forgotten"), as if the service had it no more;
 * what lies on the disk stays. DQ_FAILED: there is none.
 */
DQ_API enum dq_status dq_forget_file(
    struct dq *dq, const char *id, int index, struct dq_error *err);

/* --- what front ends say alike ------------------------------------------------------ */

/*
 * Write an event as one line of JSON (docs/schema/), without newline; malloc'ed. NULL: an
 * event without a line (NOTE, LOG, TICK), or no memory.
 */
DQ_API char *dq_event_json(const struct dq_event *event);

enum dq_path { DQ_PATH_CONFIG, DQ_PATH_LEDGER, DQ_PATH_COOKIE, DQ_PATH_THUMBS };
/* Return the place that XDG gives to it; malloc'ed; NULL without XDG_* and HOME, or
 * without memory. Only that of the cookie is the profile's. */
DQ_API char *dq_default_path(enum dq_path which, const char *profile);

/* Return the names of states, of orders (dq_filter.sort), of qualities. The list ends
 * with NULL and is never freed. */
DQ_API const char *const *dq_state_names(void);
DQ_API const char *const *dq_sort_names(void);
DQ_API const char *const *dq_quality_names(void);
/* Return the name of row i of the wire table, from 0; NULL behind the last. */
DQ_API const char *dq_wire_name_at(size_t i);
/* Read a duration ("3.0s", "1h30m", "never") as options do. DQ_USAGE: it is none. */
DQ_API enum dq_status dq_parse_duration(
    const char *text, int64_t *ret_ms, struct dq_error *err);
DQ_API const char *dq_version(void); /* "0.2.0" */
/*
 * Say, before anything else, that this process is dreamq's alone. Then it starts and ends
 * some tenths of a millisecond sooner, and reads answers a third faster: SQLite does not
 * count the memory that it has, OpenSSL does not take itself apart when the process ends,
 * and malloc keeps up to 8 MiB of what was freed. Others who use these in the same
 * process may want it otherwise, so a library never says it.
 */
DQ_API void dq_own_process(void);

#ifdef __cplusplus
}
#endif
