/*
 * failure.h - why did a task fail, and would the same request fare better next
 * time (PROTOCOL B4.4)? Judged by code, key and text together, because the
 * service leaves each of them empty now and then.
 *
 * Only a failure that is known to be the service's own is called retryable:
 * one that gives no reason may be moderation, and a retry may be billed.
 */
#pragma once

#include "service/jimeng/read/record.h"

/* The strings are those of `facts`, or static. */
struct task_fail failure_of(const struct facts *facts);
/*
 * What it is when "done" comes again and again, with nothing to download: class contract.
 */
struct task_fail failure_of_nothing(void);
