/*
 * json.h - the frozen lines of JSON (docs/schema/) that are of no event: every front end
 * says the same. dq_event_json() and dq_stats_json() make the others.
 *
 * Each function returns one object, without newline, malloc'ed; NULL: no memory. Keys
 * have a fixed order, new ones come behind all others, and what is absent is null. A line
 * is UTF-8 whatever it is made from: a byte that belongs to no character becomes U+FFFD,
 * and what a terminal would obey or hide is written as \uXXXX. The arguments are borrowed
 * until return.
 */
#pragma once

#include "dreamq/adopt.h"
#include "dreamq/cancel.h"
#include "dreamq/credits.h"
#include "dreamq/doctor.h"
#include "dreamq/dreamq.h"
#include "dreamq/embed.h"
#include "dreamq/ledger.h"
#include "dreamq/login.h"
#include "dreamq/names.h"
#include "dreamq/prune.h"
#include "dreamq/rescue.h"
#include "dreamq/submit.h"
#include "dreamq/sync.h"
#include "dreamq/verify.h"
#include "dreamq/webhook.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Return the name of field i, from 0, of a task's line of JSON, or of one of its
 * "assets"; NULL behind the last.
 */
DQ_API const char *dq_task_field_at(size_t i);
DQ_API const char *dq_asset_field_at(size_t i);
/* Write an object of these fields only; malloc'ed. NULL: no memory. */
DQ_API char *dq_task_json(const struct dq_task *task, const char *const *fields);
/*
 * Write the value of one field for people and scripts: a text as it is, "" for what is
 * absent, JSON for what has parts; malloc'ed. NULL: there is no such field, or no memory.
 */
DQ_API char *dq_task_text(const struct dq_task *task, const char *field);
DQ_API char *dq_asset_text(const struct dq_asset *asset, const char *field);

/* Write the version, and what is in the library: languages, and other libraries. */
DQ_API char *dq_version_json(void);
/* Write a tag, and on how many tasks it is. */
DQ_API char *dq_tag_json(const char *tag, int64_t n_tasks);
DQ_API char *dq_login_json(const struct dq_login *login);
DQ_API char *dq_credits_json(const struct dq_credits *credits);
DQ_API char *dq_credit_entry_json(const struct dq_credit_entry *entry);
DQ_API char *dq_check_json(const struct dq_check *check);
DQ_API char *dq_finding_json(const struct dq_finding *finding);
/* Write the counts; `n_unjudged` of the findings were "unjudged". */
DQ_API char *dq_verified_json(const struct dq_verified *counts, size_t n_unjudged);
DQ_API char *dq_ledger_health_json(const struct dq_ledger_health *health);
/* Write what was saved; `path` is that of the ledger that was made. */
DQ_API char *dq_ledger_saved_json(const char *path, const struct dq_ledger_saved *saved);
/* Write what came of it. */
DQ_API char *dq_synced_json(const struct dq_synced *synced);
DQ_API char *dq_pruned_json(const struct dq_pruned *pruned, bool is_dry_run);
DQ_API char *dq_rescued_json(const struct dq_rescued *rescued);
/* Write how a submit ended, or where it stands: `state`, one of dq_state_names(). */
DQ_API char *dq_submitted_json(const char *submit_id, const char *state);
/* Write what would be submitted. */
DQ_API char *dq_planned_json(const struct dq_planned *planned);
/* Write what became of a task that was to be taken back. */
DQ_API char *dq_cancelled_json(const struct dq_cancelled *cancelled);
DQ_API char *dq_embedded_json(const struct dq_embedded *embedded);
/* Write which name a file gets, or has got. */
DQ_API char *dq_named_json(const struct dq_named *named);
DQ_API char *dq_found_json(const struct dq_found *found);
DQ_API char *dq_skipped_json(const struct dq_skipped *skipped);
/* Write what became of a source. */
DQ_API char *dq_adopted_json(
    const char *source, const struct dq_adopted *counts, bool is_dry_run);
DQ_API char *dq_delivery_json(const struct dq_delivery *delivery);
/* Write what a command of --on hears when no event tells it: "login", "disk"; and what a
 * webhook is tried with: "test". */
DQ_API char *dq_alert_json(
    const char *what, const char *profile, int64_t at_unix_ms, const char *message);
/*
 * Write a failure: the exit status that it leads to, what is wrong, and what to do about
 * it, a sentence each. It is NULL, too, for a status that is no failure (DQ_OK,
 * DQ_RUNNING, and what is no dq_status).
 */
DQ_API char *dq_error_json(int status, const char *message, const char *todo);

#ifdef __cplusplus
}
#endif
