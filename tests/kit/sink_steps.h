/*
 * sink_steps.h - two steps of a single file, which sink_flush() else takes for many.
 */
#pragma once

#include "store/sink_ops.h"

/* Sums it up, md5 too, and makes it durable. */
static inline enum err_kind steps_seal(
    struct partial *partial, struct sealed *ret_sealed, struct err *err)
{
	struct seal seal = { .partial = partial };

	partial_want_md5(partial);
	if (partial_sum(partial, ret_sealed, err))
		return err->kind;
	sink_flush(partial->sink, &(struct flush){ .seals = &seal, .n_seals = 1 });
	if (seal.err.kind)
		*err = seal.err;
	return seal.err.kind;
}

static inline enum err_kind steps_commit(struct partial *partial, const char *location,
    const struct sealed *sealed, bool *ret_taken, struct err *err)
{
	struct commit commit = {
		.partial = partial, .location = location, .sealed = sealed
	};

	sink_flush(partial->sink, &(struct flush){ .commits = &commit, .n_commits = 1 });
	if (commit.err.kind)
		*err = commit.err;
	else
		*ret_taken = commit.is_taken;
	return commit.err.kind;
}
