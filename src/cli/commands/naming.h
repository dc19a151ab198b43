/*
 * naming.h - what verbs that name files share: the template and the folder, and a look at
 * the names that they give.
 */
#pragma once

#include "cli/app/app.h"
#include "cli/app/input.h"
#include "dreamq/names.h"

struct dq_naming naming_options(const struct app *app);
/*
 * The tasks that the arguments name, for naming->ids, which *known owns; none: all. The
 * ledger is open then. Returns 0, or the exit status, with everything said.
 */
int naming_take_ids(struct app *app, struct dq_naming *naming, struct known_ids *known);
/* Says what is wrong with the template; 0, or the exit status. */
int naming_check(struct app *app);
/* `get --name-preview`: prints them, and fetches nothing. Returns the exit status. */
int naming_preview(struct app *app);
/*
 * `get --dry-run`: by what the ledger knows of these tasks, which files would come, and
 * which are here. Returns the exit status, with everything said.
 */
int naming_rehearse(struct app *app);
