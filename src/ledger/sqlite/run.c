/*
 * run.c - a transaction. One writer at a time, and whoever writes has waited for that
 * before the work begins: here the work is run once.
 */
#include "ledger/sqlite/handle.h"

enum err_kind ledger_run(struct sqlite_ledger *ledger, enum sql_purpose purpose,
    ledger_work *work, void *payload, struct err *err)
{
	ledger->noted.seq = 0;
	if (sql_begin(&ledger->sql, purpose, err))
		return err->kind;
	return sql_end(&ledger->sql, work(ledger, payload, err), err);
}
