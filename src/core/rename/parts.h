/*
 * parts.h - what the files behind dq_rename() and dq_name_preview() share: the verbs
 * (rename.c), what the ledger says (collect.c), which name each file gets (plan.c), which
 * may go now (move.c), a batch of them on its way (batch.c), that nobody else is at work
 * on them (hold.c), what lies beside them (beside.c), and what a killed run has left
 * (tidy.c).
 *
 *	collect ──► plan ──► told, and in a dry run that is all
 *	                │
 *	                └──► batches: those whose new names are free now, under the leases
 *	                     of their tasks
 *
 *	ledger: intent ──► the file has both names ──► ledger: fact ──► the old name goes
 *
 * So at each moment the file lies where the ledger says. Who is killed leaves a second
 * name at most, which the next run finds by the events of its task, and takes away.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/account/session.h"
#include "core/common/texts.h"
#include "dreamq/names.h"
#include "model/task.h"
#include "model/taskid.h"
#include "store/name.h"
#include "store/sink.h"

enum rename_state {
	RENAME_STAYS, /* it has its name already */
	RENAME_OPEN, /* or planned */
	RENAME_DONE,
	RENAME_FAILED, /* `err` says why */
};

/* A file of one asset, or of several with the same bytes, place and wish. */
struct rename_file {
	char id[TASKID_MAX + 1]; /* of its task */
	int index;
	char *from; /* where it is; NULL: not stored (a preview) */
	char *wish; /* the name that the template makes, below the root */
	char *to; /* where it goes; NULL before it is planned */
	char *away; /* where it is for a while, out of a circle; NULL: at `from` */
	int64_t bytes;
	char sha256[65];
	int64_t created_unix_ms;
	unsigned number; /* 1: has the wish itself, or had it; 2: "wish-2"; 0: neither */
	enum { RANK_HAS_WISH, RANK_HAS_NUMBER, RANK_HAD_NUMBER, RANK_NEW } rank;
	enum rename_state state;
	struct err err;
};

struct rename {
	struct dq *dq;
	const struct dq_naming *options;
	struct naming naming;
	bool is_preview;
	struct sinks *sinks;
	char *root; /* the sink's place */
	struct rename_file *files; /* after the plan: by `from` */
	size_t n_files, room;
	struct texts froms; /* of the files */
	struct texts tos; /* where they go; after the plan */
	struct texts others; /* where files of rows are that stay out of this */
	size_t n_elsewhere; /* stored, not below the root */
	char *elsewhere; /* the folder of one of them; NULL */
	struct err trouble; /* the most serious so far */
};

enum err_kind rename_no_memory(struct err *err);
enum err_kind rename_interrupted(struct err *err);
/* Keep the most serious. */
void rename_note(struct rename *rename, const struct err *err);
void rename_release(struct rename *rename);

/* collect.c */

/* Rows of the ledger become files with wishes; the others are known by their places. */
enum err_kind rename_collect(struct rename *rename, struct err *err);
/* Which of them have had their wish, or a number of it, before: by the events. */
enum err_kind rename_remember(struct rename *rename, struct err *err);

/* How near it is to its wish, where it is. */
void rename_rank(const struct rename *rename, struct rename_file *file);

/* plan.c */

/* Each gets a `to` that no other has: the lowest number of its wish that is free. */
enum err_kind rename_plan(struct rename *rename, struct err *err);

/* tidy.c */

/*
 * What an earlier run has left that was killed: a second name goes, and a file that could
 * have one only is known where it is. Before the plan. A task that others are at work on
 * is left to them.
 */
enum err_kind rename_tidy(struct rename *rename, struct err *err);

/* move.c */

/* All that are open. ERR_CANCELLED, ERR_LEDGER ...: the rest stays open. */
enum err_kind rename_move_all(struct rename *rename, struct err *err);
/* Is a file there that is to go, or stays? */
bool rename_is_from(const struct rename *rename, const char *path);

/* hold.c */

enum { RENAME_BATCH_MAX = 256 };
/* A file on its way, or looked at where it is. */
struct rename_step {
	struct rename_file *file;
	const char *from, *to; /* NULL: it stays */
};
/* Why a file can't be touched: kind ERR_OK, it is ours, and lies at `from`. */
struct rename_hold {
	struct err why[RENAME_BATCH_MAX];
	struct asset_known known[RENAME_BATCH_MAX];
	struct arena arena; /* of `known` */
};
/* Take the leases of their tasks, and look where the ledger has them now. */
enum err_kind rename_hold(const struct rename *rename, const struct rename_step *steps,
    size_t n, struct rename_hold *hold, struct err *err);
/* What was held, and nothing that could not be. */
void rename_let_go(const struct rename *rename, const struct rename_step *steps, size_t n,
    struct rename_hold *hold);

/* batch.c */

/* Moves these, whose new names are free, together. */
enum err_kind rename_run_batch(
    struct rename *rename, struct rename_step *steps, size_t n, struct err *err);

/* beside.c */

/* Does something lie beside a file that was, or is, at this place? */
bool rename_has_beside(const struct rename *rename, const char *path);
/* What lies beside a file that has got another name follows it. */
void rename_move_beside(struct rename *rename, const char *from, const char *to);
/* The same of an earlier run: what has taken the place meanwhile is the right one. */
void rename_follow_beside(struct rename *rename, const char *from, const char *to);
/* Sidecars say where the files are now. */
enum err_kind rename_renew_beside(struct rename *rename, struct err *err);
