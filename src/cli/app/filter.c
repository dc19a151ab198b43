#include "cli/app/filter.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/duration.h"
#include "cli/term/i18n.h"

/* -1 when it is not a day, or the day does not exist. */
static int64_t parse_day(const char *text)
{
	struct tm tm = { .tm_isdst = -1 };
	const char *end;
	struct tm asked;
	time_t at;

	if (strlen(text) != strlen("2026-01-31"))
		return -1;
	end = strptime(text, "%Y-%m-%d", &tm);
	if (!end || *end)
		return -1;
	asked = tm;
	at = mktime(&tm);
	if (at < 0 || tm.tm_mday != asked.tm_mday || tm.tm_mon != asked.tm_mon)
		return -1;
	return (int64_t)at * 1000;
}

enum err_kind filter_since(
    const char *text, int64_t now_unix_ms, int64_t *ret_unix_ms, struct err *err)
{
	int64_t at_ms = clock_parse_iso(text);
	int64_t ago_ms;

	if (at_ms < 0)
		at_ms = parse_day(text);
	if (at_ms < 0 && !duration_parse(text, &ago_ms, err))
		at_ms = ago_ms < now_unix_ms ? now_unix_ms - ago_ms : 0;
	if (at_ms < 0)
		return err_set(err, ERR_USAGE,
		    "option '--since': '%s' is neither like '2d' nor like "
		    "'2026-01-31'",
		    text);
	*ret_unix_ms = at_ms;
	return ERR_OK;
}

enum err_kind filter_make(
    const struct app *app, struct dq_filter *ret_filter, struct err *err)
{
	const struct args *args = &app->args;
	const char *since = args_text(args, OPT_SINCE);
	struct dq_filter filter = {
		.size_bytes = sizeof(filter),
		.state = args_text(args, OPT_STATE),
		.limit = (size_t)args_number(args, OPT_LIMIT, 0),
		.all_accounts = args_is_on(args, OPT_ALL_ACCOUNTS),
		.search = args_text(args, OPT_SEARCH),
		.sort = args_text(args, OPT_SORT),
		.tags = args_text(args, OPT_TAG),
	};

	if (since && filter_since(since, clock_unix_ms(), &filter.since_unix_ms, err))
		return err->kind;
	*ret_filter = filter;
	return ERR_OK;
}
