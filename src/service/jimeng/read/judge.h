/*
 * judge.h - a record becomes a task: what it says (record.h), and what is to be thought
 * of that (verdict.h, failure.h), with a warning for what is odd and harms nobody.
 */
#pragma once

#include "service/jimeng/read/record.h"
#include "service/jimeng/read/verdict.h"

/*
 * `memory` is updated for this poll, at `now_ms` on any clock that goes with the
 * service's; *odd is counted up. ERR_CONTRACT: the record can't be read.
 */
enum err_kind record_judge(const struct record *record, int64_t now_ms,
    struct poll_memory *memory, struct task *task, unsigned *odd, struct err *err);
