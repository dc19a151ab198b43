/*
 * facts.h - what is known of a stored file, as texts, for the forms that are no JSON. The
 * names and their order are here, once.
 */
#pragma once

#include "core/sidecar/forms.h"

enum sidecar_fact {
	FACT_SEED,
	FACT_SIZE, /* 2048x1152 */
	FACT_WIDTH,
	FACT_HEIGHT,
	FACT_DURATION, /* in seconds, "5.04" */
	FACT_MODEL,
	FACT_KIND,
	FACT_MODE,
	FACT_RATIO,
	FACT_CREATED, /* when the service made the task; RFC 3339 */
	FACT_SUBMIT_ID,
	FACT_HISTORY_ID,
	FACT_INDEX, /* from 0 */
	FACT_SHA256, /* of the file as it came */
};

enum { FACT_MAX = 512 };

/* Writes the fact; NULL: it is not known. Returns what the task owns, or `into`. */
const char *sidecar_fact(
    const struct sidecar_of *of, enum sidecar_fact fact, char into[FACT_MAX]);
