/*
 * mode.h - how a task was made, beyond its kind (model/task.h): by its record, or by the
 * body that asks for it. Pure.
 */
#pragma once

#include "base/json.h"
#include "model/task.h"

/* `generate_type`: the record's number, 0 none. */
enum task_mode mode_of_record(const cJSON *record, int64_t generate_type);
/* Of a body's generate_type; NULL is fine. */
enum task_mode mode_of_request(const char *generate_type);
