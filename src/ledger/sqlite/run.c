/*
 * run.c - a transaction. One writer at a time, and whoever writes has waited for that
 * before the work begins: here the work is run once.
 */
#include "ledger/sqlite/handle.h"

#include <string.h>

enum err_kind ledger_run(struct sqlite_ledger *ledger, enum sql_purpose purpose,
    ledger_work *work, void *payload, struct err *err)
{
	memset(ledger->noted, 0, sizeof(ledger->noted));
	if (sql_begin(&ledger->sql, purpose, err))
		return err->kind;
	return sql_end(&ledger->sql, work(ledger, payload, err), err);
}
