#include "ledger/sqlite/owners.h"

#include <stdlib.h>

#include "base/cleanup.h"

enum { OWNERS_BYTES_MAX = 16 << 20 };

struct owners owners_make(struct sqlite_ledger *ledger, int64_t now_unix_ms)
{
	return (struct owners){ .ledger = ledger,
		.rows = buf_make(OWNERS_BYTES_MAX),
		.now_unix_ms = now_unix_ms };
}

void owners_release(struct owners *owners)
{
	buf_release(&owners->rows);
	owners->rows = buf_make(OWNERS_BYTES_MAX);
}

static struct owner *owners_all(struct owners *owners, size_t *ret_n)
{
	*ret_n = owners->rows.len / sizeof(struct owner);
	return (struct owner *)(void *)owners->rows.data;
}

/* The kernel is asked once for each, however many leases it has. */
static enum err_kind ask_locks(struct owners *owners, struct err *err)
{
	const struct sqlite_ledger *ledger = owners->ledger;
	size_t n;
	struct owner *all = owners_all(owners, &n);
	_cleanup_free_ int64_t *numbers = calloc(n + 1, sizeof(*numbers));
	_cleanup_free_ bool *are_alive = calloc(n + 1, sizeof(*are_alive));

	if (!numbers || !are_alive)
		return ledger_no_memory(ledger, err);
	for (size_t i = 0; i < n; i++)
		numbers[i] = all[i].number;
	if (live_are_alive(&ledger->live, ledger->sql.path, numbers, n, are_alive, err))
		return err->kind;
	for (size_t i = 0; i < n; i++)
		all[i].is_alive = are_alive[i];
	return ERR_OK;
}

enum err_kind owners_load(struct owners *owners, struct err *err)
{
	static const char text[] =
	    "SELECT owner, renewed_unix_ms FROM owners ORDER BY owner";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (sql_query(&owners->ledger->sql, text, &query, err))
		return err->kind;
	for (;;) {
		struct owner owner = { .is_alive = false };

		if (query_step(&query, &has_row, err))
			return err->kind;
		if (!has_row)
			break;
		owner.number = sqlite3_column_int64(query.stmt, 0);
		owner.renewed_unix_ms = sqlite3_column_int64(query.stmt, 1);
		buf_add(&owners->rows, &owner, sizeof(owner));
	}
	return buf_failed(&owners->rows) ? ledger_no_memory(owners->ledger, err)
					 : ask_locks(owners, err);
}

static int compare_owners(const void *a, const void *b)
{
	const struct owner *left = a, *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

static struct owner *owners_find(struct owners *owners, int64_t number)
{
	const struct owner wanted = { .number = number };
	size_t n;
	struct owner *all = owners_all(owners, &n);

	return n ? bsearch(&wanted, all, n, sizeof(wanted), compare_owners) : NULL;
}

static bool is_stopped(const struct owner *owner, int64_t now_unix_ms)
{
	return owner->renewed_unix_ms < now_unix_ms - LEDGER_LEASE_MS ||
	    owner->renewed_unix_ms > now_unix_ms + LEDGER_LEASE_MS;
}

bool owners_let_go(struct owners *owners, int64_t number)
{
	const struct owner *owner = number ? owners_find(owners, number) : NULL;

	return !owner || !owner->is_alive || is_stopped(owner, owners->now_unix_ms);
}

enum err_kind owner_delete(struct sqlite_ledger *ledger, int64_t number, struct err *err)
{
	static const char text[] = "DELETE FROM owners WHERE owner = ?1";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, number);
	return query_run(&query, err);
}

enum err_kind owners_remove_dead(struct owners *owners, struct err *err)
{
	size_t n;
	struct owner *all = owners_all(owners, &n);

	for (size_t i = 0; i < n; i++)
		if (!all[i].is_alive && owner_delete(owners->ledger, all[i].number, err))
			return err->kind;
	return ERR_OK;
}

enum err_kind owner_write(
    struct sqlite_ledger *ledger, int64_t now_unix_ms, struct err *err)
{
	static const char text[] =
	    "INSERT INTO owners (owner, renewed_unix_ms) VALUES (?1, ?2) "
	    "ON CONFLICT (owner) DO UPDATE SET renewed_unix_ms = ?2";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, ledger->live.owner);
	bind_int(&query, now_unix_ms);
	return query_run(&query, err);
}
