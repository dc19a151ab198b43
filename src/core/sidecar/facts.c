#include "core/sidecar/facts.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "core/common/view.h"

_Static_assert((int)FACT_MAX >= (int)CLOCK_ISO_MAX, "a date is a fact");

static const char *number(int64_t value, bool is_known, char into[FACT_MAX])
{
	(void)snprintf(into, FACT_MAX, "%" PRId64, value);
	return is_known ? into : NULL;
}

/* Of the variant that is stored, which may be smaller than what was offered. */
static const char *size(const struct dq_asset *asset, char into[FACT_MAX])
{
	(void)snprintf(
	    into, FACT_MAX, "%" PRId64 "x%" PRId64, asset->width, asset->height);
	return asset->width > 0 && asset->height > 0 ? into : NULL;
}

static const char *duration(const struct asset *asset, char into[FACT_MAX])
{
	(void)snprintf(into, FACT_MAX, "%" PRId64 ".%02" PRId64,
	    asset->duration_ms / 1000, asset->duration_ms % 1000 / 10);
	return asset->duration_ms > 0 ? into : NULL;
}

const char *sidecar_fact(
    const struct sidecar_of *of, enum sidecar_fact fact, char into[FACT_MAX])
{
	const struct task *task = of->task;
	const struct dq_asset asset = view_asset(of->asset);

	switch (fact) {
	case FACT_SEED:
		return number(task->seed, task->has_seed, into);
	case FACT_SIZE:
		return size(&asset, into);
	case FACT_WIDTH:
		return number(asset.width, asset.width > 0, into);
	case FACT_HEIGHT:
		return number(asset.height, asset.height > 0, into);
	case FACT_DURATION:
		return duration(of->asset, into);
	case FACT_MODEL:
		return task->model;
	case FACT_KIND:
		return asset.kind ? asset.kind : media_kind_name(task->kind);
	case FACT_MODE:
		return task_mode_name(task->mode);
	case FACT_RATIO:
		return task->ratio;
	case FACT_CREATED:
		return task->created_unix_ms > 0 ? clock_iso(task->created_unix_ms, into)
						 : NULL;
	case FACT_SUBMIT_ID:
		return task->submit_id;
	case FACT_HISTORY_ID:
		return task->history_id;
	case FACT_INDEX:
		return number(of->asset->index, true, into);
	case FACT_SHA256:
		return of->asset->sha256;
	}
	return NULL;
}
