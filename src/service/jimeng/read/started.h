/*
 * started.h - may an answer to a submit mean that a task was started? Pure.
 *
 * A refusal is only believed when it is bare. One that names a task, whichever and
 * however deep, or that tells of credits taken, may have been written by something
 * behind which the submit went through.
 */
#pragma once

#include <stdbool.h>

#include "base/json.h"

/*
 * `answer` is the whole of a JSON object, accepted by json_scan(). True when it names a
 * task or a charge anywhere: a key that is an id's or a record's with something in it,
 * or `submit_id` (NULL: not known) as a text or, if it is long enough to be no word,
 * within one. True also when it can't be read to its end.
 */
bool started_is_hinted(struct json_slice answer, const char *submit_id);
