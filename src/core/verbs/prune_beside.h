/*
 * prune_beside.h - sidecars of a file that goes, go with it: those that are still as they
 * were written (core/sidecar/forms.h), and no files of the ledger themselves.
 */
#pragma once

#include "core/verbs/shares.h"

/* `path` is that of the file, `location` what the ledger calls it. */
enum err_kind prune_beside(struct shares *shares, const char *location, const char *path,
    const char *submit_id, struct err *err);
