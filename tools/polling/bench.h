/*
 * bench.h - the tables of `make bench-polling`. Each compares policies on the same
 * lives, and judges the figures that issue 4 and POLLING.md ask for.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "report.h"

struct bench {
	struct report report;
	size_t tasks; /* of a case; cases that need more work take a share of it */
	uint64_t seed;
};

void table_single(struct bench *bench); /* one task, no queue */
void table_queue(struct bench *bench); /* one task behind a queue */
void table_fleet(struct bench *bench); /* many tasks, few requests */
void table_shift(struct bench *bench); /* the service changes without notice */
void table_crowd(struct bench *bench); /* 100 000 ids behind the queue */
