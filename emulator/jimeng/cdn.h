/*
 * cdn.h - serves what links point to: signature, expiry, ranges.
 */
#pragma once

#include "jimeng/jimeng.h"
#include "wire/request.h"

void cdn_serve(const struct jimeng *jimeng, struct request *r);

/* Find the task behind the link, so that faults may ask for its id. */
void cdn_resolve(const struct jimeng *jimeng, struct request *r);
