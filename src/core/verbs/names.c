/*
 * names.c - the lists of names that front ends show, and what they parse.
 */
#include "dreamq/names.h"
#include "base/duration.h"
#include "core/account/session.h"
#include "dreamq/dreamq.h"
#include "ledger/list.h"
#include "service/service.h"
#include "store/name.h"

enum dq_status dq_parse_duration(
    const char *text, int64_t *ret_ms, struct dq_error *ret_error)
{
	struct err err;

	if (duration_parse(text, ret_ms, &err))
		return session_fail(&err, ret_error);
	return DQ_OK;
}

const char *const *dq_name_fields(void)
{
	return name_fields();
}

const char *dq_wire_name_at(size_t i)
{
	return service_setting_name_at(service_find(NULL), i);
}

const char *const *dq_state_names(void)
{
	static const char *const names[] = {
#define X(name, text, is_final) text,
		TASK_STATES(X)
#undef X
		    NULL,
	};

	return names;
}

const char *const *dq_sort_names(void)
{
	return ledger_sort_names;
}

const char *const *dq_quality_names(void)
{
	return quality_names;
}
