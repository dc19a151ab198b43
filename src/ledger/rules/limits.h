/*
 * limits.h - how much of a task is kept.
 */
#pragma once

#include "model/choice.h"

enum {
	/* A task that flaps for ever keeps its first event and the newest of these. */
	LEDGER_EVENTS_MAX = 250,
	/* New assets behind this many are noted and not taken. */
	LEDGER_ASSETS_MAX = 1000,
	/* What the rows of one task may take in memory; the two above keep it below. */
	LEDGER_TASK_BYTES_MAX = 16 << 20,
	/* Longer validators are not kept: the file begins anew then. */
	LEDGER_ETAG_MAX = 500,
	/* Nor are longer choices: of which variant a file is, is not known then. */
	LEDGER_CHOICE_MAX = CHOICE_MAX,
};
