/*
 * uri.h - the names of resources:
 *
 *	dreamq://task/{id}
 *	dreamq://file/{id}/{index}
 *	dreamq://file/{sha256}		the same bytes for ever
 */
#pragma once

#include <stdint.h>

#include "dreamq/dreamq.h"

#define URI_TASK "dreamq://task/"
#define URI_FILE "dreamq://file/"

enum { URI_BYTES = 128 /* the longest, with its end */ };

enum uri_kind { URI_NONE, URI_OF_TASK, URI_OF_FILE, URI_OF_SUM };

struct uri {
	enum uri_kind kind;
	char id[DQ_ID_MAX + 1]; /* of the task; URI_OF_SUM: the sum */
	int64_t index; /* URI_OF_FILE */
};

/* Returns the name of a file; the id is one. */
struct uri uri_of_file(const char *id, int64_t index);
/* What does it name? (There may be no such thing.) */
struct uri uri_read(const char *text);
