/*
 * kind.h - the kinds of tasks, and all that differs by kind alone: a row each.
 */
#pragma once

#include <stdbool.h>

enum task_kind { KIND_IMAGE, KIND_VIDEO, KIND_AUDIO, TASK_KINDS };

struct kind_row {
	const char *name;
	const char *model_key; /* of a task that names none */
	const char *model_name, *title_key, *tip_key;
	int generate_type;
	unsigned width, height;
	int price; /* credits a task */
	const char *credit_title; /* what the history of credits calls it */
	const char *resource, *benefit; /* what it is charged for */
	int items; /* how many a task promises; 0: the seed decides */
	double median_s, sigma; /* of the generation, log-normal */
	bool queues; /* behind others, before it is made */
};

const struct kind_row *kind_row(enum task_kind kind);

/* False when no kind has this name. */
bool kind_find(const char *name, enum task_kind *ret);
