/*
 * facts.h - what an object says of the file that it describes: measures, md5, format, how
 * long its link lives.
 */
#pragma once

#include "service/jimeng/read/fields.h"

/* What no picture, film or file has; the number is then taken for no measure at all. */
#define FACT_SIDE_MAX INT64_C(1000000) /* pixels */
#define FACT_DURATION_MAX_MS INT64_C(1000000000) /* eleven days */
#define FACT_BITRATE_MAX INT64_C(1000000000000) /* bits a second */
#define FACT_SIZE_MAX_BYTES (INT64_C(1) << 50)

/* Reads a measure from 1 to `most`; 0 when there is none. */
int64_t fact_measure(
    struct fields *fields, const cJSON *object, const char *path, int64_t most);
/* Reads "png": short, lower case, letters and digits; else NULL. */
const char *fact_format(struct fields *fields, const cJSON *object);
const char *fact_md5(struct fields *fields, const cJSON *object);
/* Of the link, else told beside it, else `assumed_unix`. */
int64_t fact_expiry(
    struct fields *fields, const cJSON *holder, const char *link, int64_t assumed_unix);
