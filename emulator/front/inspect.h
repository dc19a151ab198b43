/*
 * inspect.h - what a request says, and what is wrong with it: session, ids, violations.
 */
#pragma once

#include "wire/request.h"

/* The headers and query arguments that every client of an endpoint sends. */
struct expected;
extern const struct expected expected_query, expected_submit;

/* Read session, body and ids of a request to the API; note what is missing or wrong. */
void inspect_api(struct request *r, const struct expected *expected);

/* Note what must not be sent to the CDN. */
void inspect_cdn(struct request *r);
