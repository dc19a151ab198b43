/*
 * adopt_impl.h - what adopt.c, the verb, and adopt_read.c, which goes through a source,
 * share.
 */
#pragma once

#include "core/account/session.h"
#include "core/verbs/finds.h"
#include "dreamq/adopt.h"

struct adoption {
	struct dq *dq;
	struct dq_adopt given;
	struct dq_adopt_source source;
	struct finds finds;
	struct idjson *json; /* of this source; NULL: it is no JSON */
	struct dq_adopted counts;
	const char *unit;
	size_t n_told; /* tasks, each time that one was told of */
};

/*
 * Finds the tasks of the source, and tells what was skipped. What was found before an
 * error is good; counts.form says of what form the source is.
 */
enum err_kind adopt_read(struct adoption *adoption, struct err *err);
