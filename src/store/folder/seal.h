/*
 * seal.h - how bytes and names of a folder sink reach the disk. For store/folder/ only.
 *
 * Of few files each is synced by itself (fsync). Many share one sync of the whole file
 * system (syncfs), which also takes with it what other programs have written there: that
 * is the price of one wait in place of many. It is done
 * - on file systems of which it is known that it waits for the disk, and tells of what
 *   could not be written (FUSE's does neither, overlayfs hides errors);
 * - by kernels that tell of it at all (5.8 and later);
 * - until it has failed once. The kernel tells such an error once, and it may be one of a
 *   file that is not ready yet and whose turn would find nothing: fsync knows what became
 *   of each.
 *
 * In a folder that never syncs all share one sync, and that is none.
 */
#pragma once

#include <stdbool.h>

#include "store/folder/sink_impl.h"

/* So many syncs are worth one of all. */
enum { SEAL_SHARED_MIN = 3 };

/* May files in this folder share a sync? */
bool seal_may_share(int folder_fd);
/* Do so many, that come together, share one? */
bool seal_shares(const struct folder *folder, size_t n_syncs);
/*
 * What was written and named in the folder until now, all of it. Counts for those only
 * that ask after this: no sync of theirs may have failed before.
 */
enum err_kind seal_shared(struct folder *folder, struct err *err);
/* Give those their times that want one; what does not take it has the time it came. */
void seal_set_times(const struct seal *seals, size_t n);
/* The bytes of this one. When it fails, nobody may build upon them any more. */
enum err_kind seal_bytes(struct folder_partial *partial, struct err *err);
/* The same is said of several, whose shared sync has failed because of *why. */
void seal_spoil(struct seal *seals, size_t n, const struct err *why);
/* The bytes of each by itself. */
void seal_each(struct seal *seals, size_t n);
