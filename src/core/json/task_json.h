/*
 * task_json.h - what is known of a task, a field at a time: the names are those of the
 * frozen line, and stand in one table.
 */
#pragma once

#include "core/json/json_line.h"
#include "dreamq/json.h"

/* Adds a field; `name` is one of dq_task_field_at(). */
void task_json_add(struct json_line *line, const struct dq_task *task, const char *name);
