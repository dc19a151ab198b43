/*
 * ledger_keyed.h - a ledger with idempotency keys, and what it refuses when some of it
 * seems to be missing. After cmocka.h.
 */
#pragma once

#include "ledger_fixture.h"

static inline struct intent keyed(const char *id, const char *key)
{
	struct intent intent = intent_of(id);

	intent.idempotency_key = key;
	intent.content_hash = SHA;
	return intent;
}

static inline void intend_keyed(struct fixture *f, const char *id, const char *key)
{
	const struct intent intent = keyed(id, key);

	ok(wait_one(f->ledger, &intent, &f->err));
}

/* One in the file, three in the log. */
static inline void fill(struct fixture *f)
{
	intend_keyed(f, "old", "k-old");
	close_it(f);
	poke(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	f->ledger = open_ledger(f->path);
	intend_keyed(f, "a", "k-a");
	intend_keyed(f, "b", "k-b");
	intend_keyed(f, "c", "k-c");
}

static inline void refuses_to_pay(struct fixture *f, const char *key)
{
	const struct intent intent = keyed("again", key);
	struct err err = { 0 };

	assert_non_null(ledger_doubt(f->ledger));
	assert_int_equal(wait_one(f->ledger, &intent, &err), ERR_LEDGER);
	assert_non_null(strstr(err.msg, "ledger accept"));
	assert_int_equal(begin(f->ledger, ME, "old", &err), ERR_LEDGER);
}

static inline void refuses_to_open(struct fixture *f, const char *part)
{
	struct err err = { 0 };

	assert_int_equal(ledger_open(f->path, &f->ledger, &err), ERR_LEDGER);
	if (!strstr(err.msg, part))
		fail_msg("no '%s': %s", part, err.msg);
}
