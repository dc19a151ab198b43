/*
 * cdn.h - serves what links point to: signature, expiry, ranges.
 */
#pragma once

#include "wire/request.h"

void cdn_serve(struct request *r);

/* Find the task behind the link, so that faults may ask for its id. */
void cdn_resolve(struct request *r);
