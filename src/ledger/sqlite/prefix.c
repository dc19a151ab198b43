/*
 * prefix.c - which tasks have an id that begins so?
 */
#include "ledger/sqlite/ops.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/sqlite/handle.h"
#include "model/taskid.h"

/* The key's own order finds them: no row is looked at that does not begin so. */
enum err_kind sqlite_prefix(struct ledger *base, const char *account, const char *prefix,
    struct ledger_found *ret_found, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	static const char text[] =
	    "SELECT submit_id FROM tasks WHERE account = ?1 AND submit_id >= ?2 AND "
	    "submit_id < ?3 ORDER BY submit_id LIMIT ?4";
	_cleanup_(query_done) struct query query = { 0 };
	char behind[TASKID_MAX + 2];
	struct ledger_found found = { .n = 0 };
	bool has_row = false;

	/* '~' is behind every character of an id. */
	(void)snprintf(behind, sizeof(behind), "%.*s~", TASKID_MAX, prefix);
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, account);
	bind_text(&query, prefix);
	bind_text(&query, behind);
	bind_int(&query, LEDGER_FOUND_MAX);
	while (found.n < LEDGER_FOUND_MAX) {
		const char *id;

		if (query_step(&query, &has_row, err))
			return err->kind;
		if (!has_row)
			break;
		id = (const char *)sqlite3_column_text(query.stmt, 0);
		if (id && taskid_is_valid(id))
			(void)snprintf(found.ids[found.n++], TASKID_MAX + 1, "%s", id);
	}
	*ret_found = found;
	return ERR_OK;
}
