/* submit_scene.h - one wish in a scene, and what became of it. After cmocka.h. */
#pragma once

#include "base/cleanup.h"
#include "dreamq/submit.h"
#include "ledger_lab.h"
#include "scene.h"

static inline enum dq_status submit(struct scene *scene, char id[DQ_ID_MAX + 1])
{
	const struct dq_submit wish = { .size_bytes = sizeof(wish), .prompt = "一只猫" };

	return dq_submit(scene->dq, &wish, id, &scene->err);
}

static inline void assert_state(const struct scene *scene, const char *expected)
{
	lab_assert_state(scene->ledger, NULL, expected);
}
