#include "ledger/foreign/cookies.h"

#include <stdbool.h>
#include <string.h>

#include <sqlite3.h>

#include "base/cleanup.h"

/* Microseconds since 1601, as Chromium counts; milliseconds, as Firefox does since 142.
 */
#define CHROMIUM_EPOCH_S INT64_C(11644473600)
#define LEAST_MS INT64_C(100000000000)

enum { VALUE_MAX = 1 << 20 };

struct jar {
	sqlite3 *db;
	const char *shown;
};

/* The columns of each are in the same order: host, name, path, value, sealed, expiry,
 * container. */
static const struct kind {
	const char *table, *rows, *version;
	bool is_chromium;
} kinds[] = {
	{ "moz_cookies",
	    "SELECT host, name, path, value, NULL, expiry, "
	    "CAST(substr(originAttributes, 16) AS INTEGER) FROM moz_cookies WHERE "
	    "(originAttributes = '' OR (originAttributes GLOB '^userContextId=[0-9]*' "
	    "AND instr(originAttributes, '&') = 0)) AND (host = ?1 OR host = '.' || ?1 "
	    "OR "
	    "substr(host, -length(?1) - 1) = '.' || ?1) ORDER BY length(host), name",
	    "PRAGMA user_version", false },
	{ "cookies",
	    "SELECT host_key, name, path, value, encrypted_value, expires_utc, 0 FROM "
	    "cookies WHERE host_key = ?1 OR host_key = '.' || ?1 OR "
	    "substr(host_key, -length(?1) - 1) = '.' || ?1 ORDER BY length(host_key), "
	    "name",
	    "SELECT value FROM meta WHERE key = 'version'", true },
};

static enum err_kind fail(const struct jar *jar, int rc, struct err *err)
{
	switch (rc & 0xff) {
	case SQLITE_NOTADB:
		return err_set(
		    err, ERR_USAGE, "'%s' is no database of cookies", jar->shown);
	case SQLITE_CORRUPT:
	case SQLITE_ERROR: /* a column that is not there */
		return err_set(err, ERR_CONTRACT,
		    "the cookies in '%s' can't be read: it is damaged, or of a browser "
		    "that keeps them in another way",
		    jar->shown);
	case SQLITE_NOMEM:
		return err_set(err, ERR_NOMEM, "out of memory for '%s'", jar->shown);
	default:
		return err_set(
		    err, ERR_IO, "can't read '%s': %s", jar->shown, sqlite3_errstr(rc));
	}
}

static void statement_done(sqlite3_stmt **stmt)
{
	(void)sqlite3_finalize(*stmt);
}

/* It may have to be recovered by its log, so it is opened for writing; it is a copy. */
static enum err_kind open_it(struct jar *jar, const char *path, struct err *err)
{
	int rc = sqlite3_open_v2(
	    path, &jar->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc)
		return fail(jar, rc, err);
	(void)sqlite3_db_config(jar->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(jar->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_limit(jar->db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	(void)sqlite3_limit(jar->db, SQLITE_LIMIT_ATTACHED, 0);
	return ERR_OK;
}

/* NULL: *err. */
static const struct kind *find_kind(const struct jar *jar, struct err *err)
{
	_cleanup_(statement_done) sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(jar->db,
	    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", -1, &stmt,
	    NULL);

	for (size_t i = 0; !rc && i < sizeof(kinds) / sizeof(*kinds); i++) {
		(void)sqlite3_reset(stmt);
		(void)sqlite3_bind_text(stmt, 1, kinds[i].table, -1, SQLITE_STATIC);
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			return &kinds[i];
		rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
	}
	(void)fail(jar, rc ? rc : SQLITE_NOTADB, err);
	return NULL;
}

/* 0 when it can't be told. */
static int64_t read_version(const struct jar *jar, const struct kind *kind)
{
	_cleanup_(statement_done) sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(jar->db, kind->version, -1, &stmt, NULL) ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		return 0;
	return sqlite3_column_int64(stmt, 0);
}

static int64_t expiry_of(const struct kind *kind, int64_t told)
{
	if (told <= 0)
		return 0;
	if (kind->is_chromium)
		return told / 1000000 - CHROMIUM_EPOCH_S;
	return told >= LEAST_MS ? told / 1000 : told;
}

static const char *text_at(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text ? text : "";
}

static enum err_kind tell_row(const struct kind *kind, int64_t version,
    sqlite3_stmt *stmt, const struct foreign_cookie_reader *reader, struct err *err)
{
	const struct foreign_cookie cookie = {
		.host = text_at(stmt, 0),
		.name = text_at(stmt, 1),
		.path = text_at(stmt, 2),
		.value = text_at(stmt, 3),
		.sealed = sqlite3_column_blob(stmt, 4),
		.sealed_len = (size_t)sqlite3_column_bytes(stmt, 4),
		.expires_unix = expiry_of(kind, sqlite3_column_int64(stmt, 5)),
		.container = sqlite3_column_int(stmt, 6),
		.version = version,
	};

	return reader->on_cookie(reader->payload, &cookie, err);
}

static enum err_kind read_rows(const struct jar *jar, const struct kind *kind,
    const struct foreign_cookie_reader *reader, struct err *err)
{
	_cleanup_(statement_done) sqlite3_stmt *stmt = NULL;
	const int64_t version = read_version(jar, kind);
	int rc = sqlite3_prepare_v2(jar->db, kind->rows, -1, &stmt, NULL);

	if (rc)
		return fail(jar, rc, err);
	(void)sqlite3_bind_text(stmt, 1, reader->domain, -1, SQLITE_STATIC);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		if (tell_row(kind, version, stmt, reader, err))
			return err->kind;
	return rc == SQLITE_DONE ? ERR_OK : fail(jar, rc, err);
}

enum err_kind foreign_cookies_read(
    const char *path, const struct foreign_cookie_reader *reader, struct err *err)
{
	struct jar jar = { .shown = reader->shown };
	enum err_kind kind = open_it(&jar, path, err);

	if (!kind) {
		const struct kind *found = find_kind(&jar, err);

		kind = found ? read_rows(&jar, found, reader, err) : err->kind;
	}
	(void)sqlite3_close(jar.db);
	return kind;
}
