/*
 * origin.h - what a record says of how its task was made: prompt, model, ratio, seed and
 * cost (PROTOCOL B3, B5), wherever it stands.
 *
 * The first place that says something wins: the items' parameters, those of the task, the
 * draft (JSON in a text), and for the prompt the record's group key. A number out of 0 to
 * TASK_NUMBER_MAX is none. Whatever is odd here costs nothing but itself.
 */
#pragma once

#include "model/task.h"
#include "service/jimeng/read/fields.h"

/* Fill prompt, model, ratio, seed and credits of the task; the texts live in its arena.
 */
void origin_read(struct fields *fields, const cJSON *record, struct task *task);
