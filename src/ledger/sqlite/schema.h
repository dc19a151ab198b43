/*
 * schema.h - the shape of the tables, and how an older shape becomes
 * the present one.
 *
 * A file is ours when its application_id says so; its user_version counts the steps
 * that have been made. All steps that a file lacks are made in one transaction: after a
 * crash it is old or new, never between. Several processes may do it at once:
 * one does, the others wait and find it done.
 */
#pragma once

#include <stddef.h>

#include "ledger/sqlite/sql.h"

enum { LEDGER_APPLICATION_ID = 0x44524d51 }; /* "DRMQ" */

/* steps[v] leads from version v to v + 1. */
extern const char *const ledger_schema_steps[];

struct schema_stamp {
	int64_t application_id, version, n_objects; /* 0 each: a blank file */
};
enum err_kind schema_read(
    struct sql *sql, struct schema_stamp *ret_stamp, struct err *err);
/* Check whose it is. ERR_LEDGER: it is of another program, or of a newer dreamq. */
enum err_kind schema_check(const struct sql *sql, const struct schema_stamp *stamp,
    size_t n_steps, struct err *err);

/*
 * Bring the file to version n_steps. ERR_LEDGER: it belongs to another program,
 * or to a newer dreamq, or its file system can't do what we need. An empty file is a new
 * ledger. A file of others is not touched.
 */
enum err_kind schema_bring(
    struct sql *sql, const char *const *steps, size_t n_steps, struct err *err);
