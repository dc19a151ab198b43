/*
 * steps.c - the tables, as each version of the schema has made them of the one before.
 */
#include "ledger/ledger.h"
#include "ledger/sqlite/schema.h"

/*
 * Words for states, so that people with sqlite3 at hand can read the tables. A number
 * the service did not tell is NULL. Times are unix milliseconds. docs/ledger.md
 * explains every column.
 */
static const char step_1[] =
    "CREATE TABLE tasks ("
    " id INTEGER PRIMARY KEY,"
    " account TEXT NOT NULL,"
    " submit_id TEXT NOT NULL,"
    " history_id TEXT,"
    " state TEXT NOT NULL CHECK (state IN ('submitting', 'unknown', 'queued',"
    "  'generating', 'partial', 'succeeded', 'failed', 'cancelled', 'not_found')),"
    " is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),"
    " owner INTEGER," /* whose lock says that the submit is still being sent */
    " kind TEXT CHECK (kind IN ('image', 'video', 'audio')),"
    " status INTEGER,"
    " finished INTEGER NOT NULL DEFAULT 0 CHECK (finished >= 0),"
    " total INTEGER NOT NULL DEFAULT 0 CHECK (total >= 0),"
    " has_queue INTEGER NOT NULL DEFAULT 0 CHECK (has_queue IN (0, 1)),"
    " queue_position INTEGER,"
    " queue_length INTEGER,"
    " queue_eta_s INTEGER,"
    " fail_class TEXT,"
    " fail_code TEXT,"
    " fail_message TEXT,"
    " fail_is_retryable INTEGER NOT NULL DEFAULT 0"
    "  CHECK (fail_is_retryable IN (0, 1)),"
    " created_unix_ms INTEGER,"
    " finished_unix_ms INTEGER,"
    " first_seen_unix_ms INTEGER NOT NULL,"
    " updated_unix_ms INTEGER NOT NULL,"
    " model TEXT,"
    " ratio TEXT,"
    " rerolls TEXT,"
    " request_hash TEXT,"
    " prompt TEXT,"
    " body TEXT,"
    " UNIQUE (account, submit_id),"
    " CHECK ((state = 'submitting') = (owner IS NOT NULL))"
    ") STRICT;"
    "CREATE INDEX tasks_history ON tasks (account, history_id)"
    " WHERE history_id IS NOT NULL;"
    "CREATE INDEX tasks_open ON tasks (id) WHERE is_open = 1;"
    "CREATE INDEX tasks_state ON tasks (state);"
    "CREATE TABLE assets ("
    " task INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,"
    " idx INTEGER NOT NULL CHECK (idx >= 0),"
    " state TEXT NOT NULL CHECK (state IN ('wanted', 'fetched', 'stored', 'lost')),"
    " kind TEXT CHECK (kind IN ('image', 'video', 'audio')),"
    " uri TEXT,"
    " format TEXT,"
    " width INTEGER,"
    " height INTEGER,"
    " duration_ms INTEGER,"
    " size_bytes INTEGER,"
    " md5 TEXT,"
    " etag TEXT,"
    /* where it lies */
    " path TEXT,"
    " stored_bytes INTEGER,"
    " sha256 TEXT,"
    " stored_unix_ms INTEGER,"
    /* where somebody is about to put it; the fact takes its place */
    " intent_path TEXT,"
    " intent_bytes INTEGER,"
    " intent_sha256 TEXT,"
    " intent_format TEXT,"
    " lost_reason TEXT,"
    " PRIMARY KEY (task, idx),"
    " UNIQUE (task, uri),"
    " CHECK ((state = 'stored') = (path IS NOT NULL)),"
    " CHECK ((path IS NULL) = (stored_bytes IS NULL) AND"
    "  (path IS NULL) = (sha256 IS NULL)),"
    " CHECK (state <> 'fetched' OR intent_path IS NOT NULL),"
    " CHECK ((intent_path IS NULL) = (intent_bytes IS NULL) AND"
    "  (intent_path IS NULL) = (intent_sha256 IS NULL))"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE events ("
    " task INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,"
    " seq INTEGER NOT NULL,"
    " at_unix_ms INTEGER NOT NULL,"
    " what TEXT NOT NULL CHECK (what IN ('state', 'asset', 'note')),"
    " text TEXT NOT NULL,"
    " PRIMARY KEY (task, seq)"
    ") STRICT, WITHOUT ROWID;";

/*
 * Since 2: a submitting task whose owner is 0 waits to be sent (a lock's number is
 * never 0). lease_owner names a row of owners; without that row the lease is free.
 */
static const char step_2[] =
    "ALTER TABLE tasks ADD COLUMN alias_id TEXT;"
    "ALTER TABLE tasks ADD COLUMN wish_hash TEXT;"
    "ALTER TABLE tasks ADD COLUMN idempotency_key TEXT;"
    "ALTER TABLE tasks ADD COLUMN lease_owner INTEGER;"
    "ALTER TABLE tasks ADD COLUMN lease_token INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE tasks ADD COLUMN version INTEGER NOT NULL DEFAULT 1;"
    "CREATE INDEX tasks_alias ON tasks (account, alias_id)"
    " WHERE alias_id IS NOT NULL;"
    "CREATE UNIQUE INDEX tasks_key ON tasks (account, idempotency_key)"
    " WHERE idempotency_key IS NOT NULL;"
    "CREATE INDEX tasks_sent ON tasks (owner) WHERE owner > 0;"
    /* a handle that holds leases, and when it last said that it is there */
    "CREATE TABLE owners ("
    " owner INTEGER PRIMARY KEY CHECK (owner > 0),"
    " renewed_unix_ms INTEGER NOT NULL"
    ") STRICT;"
    /* what must grow for ever, whatever rows go: 'lease_token' */
    "CREATE TABLE counters ("
    " name TEXT PRIMARY KEY,"
    " value INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE accounts ("
    " account TEXT PRIMARY KEY,"
    " pause_kind TEXT,"
    " paused_until_unix_ms INTEGER,"
    " pause_text TEXT,"
    " CHECK ((pause_kind IS NULL) = (paused_until_unix_ms IS NULL))"
    ") STRICT, WITHOUT ROWID;";

/*
 * Since 3: what the polls of a task cost and taught, and how full the account's bucket
 * is (NULL: full). The indexes give the tasks newest first, of one account or all, and
 * those of an account that are open.
 */
static const char step_3[] =
    "ALTER TABLE tasks ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE tasks ADD COLUMN requests_micro INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE tasks ADD COLUMN queued_until_unix_ms INTEGER;"
    "ALTER TABLE tasks ADD COLUMN generating_by_unix_ms INTEGER;"
    "ALTER TABLE tasks ADD COLUMN detected_unix_ms INTEGER;"
    "CREATE INDEX tasks_past ON tasks (first_seen_unix_ms);"
    "CREATE INDEX tasks_account_past ON tasks (account, first_seen_unix_ms);"
    "CREATE INDEX tasks_account_open ON tasks (account) WHERE is_open = 1;"
    "ALTER TABLE accounts ADD COLUMN bucket_used_micro INTEGER"
    " CHECK (bucket_used_micro >= 0);"
    "ALTER TABLE accounts ADD COLUMN bucket_at_unix_ms INTEGER"
    " CHECK ((bucket_at_unix_ms IS NULL) = (bucket_used_micro IS NULL));";

/* Since 4: how much of the partial file is known to be on the disk, and its sum. */
static const char step_4[] =
    "ALTER TABLE assets ADD COLUMN synced_bytes INTEGER CHECK (synced_bytes > 0);"
    "ALTER TABLE assets ADD COLUMN synced_sha256 TEXT"
    " CHECK ((synced_bytes IS NULL) = (synced_sha256 IS NULL));";

/*
 * Since 5: what must be there (books.h). `keys` says the same as the index
 * tasks_key, in pages of its own.
 */
static const char step_5[] =
    "CREATE TABLE keys ("
    " account TEXT NOT NULL,"
    " idempotency_key TEXT NOT NULL,"
    " task INTEGER NOT NULL,"
    " PRIMARY KEY (account, idempotency_key)"
    ") STRICT, WITHOUT ROWID;"
    "INSERT INTO keys SELECT account, idempotency_key, id FROM tasks"
    " WHERE idempotency_key IS NOT NULL;"
    "CREATE TABLE books ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " name TEXT NOT NULL,"
    " generation INTEGER NOT NULL CHECK (generation > 0),"
    " tasks INTEGER NOT NULL CHECK (tasks >= 0),"
    " keys INTEGER NOT NULL CHECK (keys >= 0),"
    " assets INTEGER NOT NULL CHECK (assets >= 0)"
    ") STRICT;"
    "INSERT INTO books SELECT 1, hex(randomblob(8)), 1,"
    " (SELECT count(*) FROM tasks), (SELECT count(*) FROM keys),"
    " (SELECT count(*) FROM assets);"
    "CREATE TRIGGER tasks_come AFTER INSERT ON tasks BEGIN"
    " UPDATE books SET generation = generation + 1, tasks = tasks + 1;"
    "END;"
    "CREATE TRIGGER tasks_go AFTER DELETE ON tasks BEGIN"
    " UPDATE books SET generation = generation + 1, tasks = tasks - 1;"
    "END;"
    "CREATE TRIGGER assets_come AFTER INSERT ON assets BEGIN"
    " UPDATE books SET generation = generation + 1, assets = assets + 1;"
    "END;"
    "CREATE TRIGGER assets_go AFTER DELETE ON assets BEGIN"
    " UPDATE books SET generation = generation + 1, assets = assets - 1;"
    "END;"
    "CREATE TRIGGER keys_come AFTER INSERT ON tasks"
    " WHEN NEW.idempotency_key IS NOT NULL BEGIN"
    " INSERT OR REPLACE INTO keys VALUES (NEW.account, NEW.idempotency_key, NEW.id);"
    " UPDATE books SET keys = keys + 1;"
    "END;"
    "CREATE TRIGGER keys_go AFTER DELETE ON tasks"
    " WHEN OLD.idempotency_key IS NOT NULL BEGIN"
    " DELETE FROM keys WHERE account = OLD.account"
    "  AND idempotency_key = OLD.idempotency_key;"
    " UPDATE books SET keys = keys - 1;"
    "END;"
    "CREATE TRIGGER keys_change AFTER UPDATE OF account, idempotency_key ON tasks BEGIN"
    " DELETE FROM keys WHERE account = OLD.account"
    "  AND idempotency_key = OLD.idempotency_key;"
    " INSERT OR REPLACE INTO keys SELECT NEW.account, NEW.idempotency_key, NEW.id"
    "  WHERE NEW.idempotency_key IS NOT NULL;"
    " UPDATE books SET generation = generation + 1, keys = keys"
    "  + (NEW.idempotency_key IS NOT NULL) - (OLD.idempotency_key IS NOT NULL);"
    "END;";

/*
 * Since 6: what the service tells of tasks that were made elsewhere, and the tasks of a
 * content that have a key, for a batch that is keyed in another way than before.
 */
static const char step_6[] =
    "ALTER TABLE tasks ADD COLUMN seed INTEGER;"
    "ALTER TABLE tasks ADD COLUMN credits INTEGER CHECK (credits >= 0);"
    "ALTER TABLE tasks ADD COLUMN credits_source TEXT"
    " CHECK (credits_source IN ('measured', 'reported'));"
    "CREATE INDEX tasks_wish ON tasks (account, wish_hash)"
    " WHERE idempotency_key IS NOT NULL;";

/*
 * Since 7: the same words are allowed, but a word is compared with each. For a list of
 * more than two SQLite builds a table of them, for each row that is written. In the text
 * of the schema, as its documentation says for a check: no row changes, and a text that
 * somebody has made otherwise stays as it is. It is read anew behind that, because a
 * later step that adds a column puts it where the text ended that SQLite has read.
 */
static const char step_7[] =
    "PRAGMA writable_schema = ON;"
    "UPDATE sqlite_schema SET sql = replace(replace(replace(replace(sql,"
    " 'CHECK (kind IN (''image'', ''video'', ''audio''))',"
    " 'CHECK (kind = ''image'' OR kind = ''video'' OR kind = ''audio'')'),"
    " 'CHECK (state IN (''wanted'', ''fetched'', ''stored'', ''lost''))',"
    " 'CHECK (state = ''wanted'' OR state = ''fetched'' OR state = ''stored'' OR"
    " state = ''lost'')'),"
    " 'CHECK (what IN (''state'', ''asset'', ''note''))',"
    " 'CHECK (what = ''state'' OR what = ''asset'' OR what = ''note'')'),"
    " 'CHECK (state IN (''submitting'', ''unknown'', ''queued'',"
    "  ''generating'', ''partial'', ''succeeded'', ''failed'', ''cancelled'',"
    " ''not_found''))',"
    " 'CHECK (state = ''unknown'' OR state = ''succeeded'' OR state = ''queued'' OR"
    " state = ''generating'' OR state = ''partial'' OR state = ''submitting'' OR"
    " state = ''failed'' OR state = ''cancelled'' OR state = ''not_found'')')"
    " WHERE type = 'table' AND name IN ('tasks', 'assets', 'events');"
    "PRAGMA writable_schema = RESET;";

/* Since 8: how far the walks through the service's listings are (ledger.h). */
static const char step_8[] =
    "CREATE TABLE walks ("
    " account TEXT NOT NULL,"
    " listing TEXT NOT NULL,"
    " mark_unix_ms INTEGER NOT NULL,"
    " began_unix_ms INTEGER NOT NULL,"
    " top TEXT NOT NULL,"
    " deep TEXT NOT NULL,"
    " is_complete INTEGER NOT NULL CHECK (is_complete IN (0, 1)),"
    " PRIMARY KEY (account, listing)"
    ") STRICT, WITHOUT ROWID;";

/*
 * Since 9: which variant of a file was stored, or is about to be (model/choice.h); how a
 * task was made, where a word that a newer dreamq has written is none.
 */
static const char step_9[] = "ALTER TABLE assets ADD COLUMN choice TEXT;"
			     "ALTER TABLE assets ADD COLUMN intent_choice TEXT;"
			     "ALTER TABLE tasks ADD COLUMN mode TEXT;";

/*
 * Since 10: what people say of a task (idx -1) or of one of its files, for themselves
 * (marks.h).
 */
static const char step_10[] =
    "CREATE TABLE marks ("
    " task INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,"
    " idx INTEGER NOT NULL CHECK (idx >= -1),"
    " rating INTEGER CHECK (rating BETWEEN -1 AND 5),"
    " note TEXT,"
    " updated_unix_ms INTEGER NOT NULL,"
    " PRIMARY KEY (task, idx)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE tags ("
    " task INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,"
    " idx INTEGER NOT NULL CHECK (idx >= -1),"
    " tag TEXT NOT NULL,"
    " PRIMARY KEY (task, idx, tag)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX tags_tag ON tags (tag, task);";

/*
 * Since 11: what is to be told to webhooks (deliveries.h). `owner` is the lock of who is
 * sending it.
 */
static const char step_11[] =
    "CREATE TABLE deliveries ("
    " id INTEGER PRIMARY KEY,"
    " message TEXT NOT NULL UNIQUE,"
    " hook TEXT NOT NULL,"
    " account TEXT NOT NULL,"
    " submit_id TEXT NOT NULL,"
    " event TEXT NOT NULL,"
    " idx INTEGER NOT NULL CHECK (idx >= -1),"
    " state TEXT NOT NULL CHECK (state = 'waiting' OR state = 'sent' OR"
    "  state = 'dead' OR state = 'dropped'),"
    " tries INTEGER NOT NULL CHECK (tries >= 0),"
    " made_unix_ms INTEGER NOT NULL,"
    " due_unix_ms INTEGER NOT NULL,"
    " changed_unix_ms INTEGER NOT NULL,"
    " owner INTEGER,"
    " claimed_until_unix_ms INTEGER,"
    " why TEXT,"
    " body TEXT,"
    " CHECK ((owner IS NULL) = (claimed_until_unix_ms IS NULL)),"
    " CHECK (body IS NOT NULL OR (state <> 'waiting' AND state <> 'dead'))"
    ") STRICT;"
    "CREATE INDEX deliveries_due ON deliveries (hook, due_unix_ms)"
    " WHERE state = 'waiting';"
    "CREATE INDEX deliveries_over ON deliveries (changed_unix_ms)"
    " WHERE state <> 'waiting';"
    "CREATE INDEX deliveries_task ON deliveries (account, submit_id);";

/* Since 12: what programs will come back for (errands.h); files are found by their sum.
 */
static const char step_12[] =
    "CREATE TABLE errands ("
    " number INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " account TEXT NOT NULL,"
    " what TEXT NOT NULL,"
    " arguments TEXT NOT NULL,"
    " state TEXT NOT NULL CHECK (state = 'working' OR state = 'done' OR"
    "  state = 'failed' OR state = 'cancelled'),"
    " outcome TEXT,"
    " made_unix_ms INTEGER NOT NULL,"
    " changed_unix_ms INTEGER NOT NULL,"
    " expires_unix_ms INTEGER NOT NULL,"
    " CHECK ((outcome IS NOT NULL) = (state = 'done' OR state = 'failed'))"
    ") STRICT;"
    "CREATE INDEX errands_over ON errands (expires_unix_ms);"
    "CREATE INDEX assets_sha256 ON assets (sha256) WHERE sha256 IS NOT NULL;";

/*
 * Since 13: what was submitted on somebody's word, or without asking (permits.h), and
 * what only those who have the ledger know.
 */
static const char step_13[] = "CREATE TABLE permits ("
			      " account TEXT NOT NULL,"
			      " word TEXT NOT NULL,"
			      " is_asked INTEGER NOT NULL CHECK (is_asked IN (0, 1)),"
			      " made_unix_ms INTEGER NOT NULL,"
			      " PRIMARY KEY (account, word)"
			      ") STRICT, WITHOUT ROWID;"
			      "CREATE TABLE secrets ("
			      " name TEXT PRIMARY KEY,"
			      " value TEXT NOT NULL"
			      ") STRICT, WITHOUT ROWID;";

const char *const ledger_schema_steps[] = { step_1, step_2, step_3, step_4, step_5,
	step_6, step_7, step_8, step_9, step_10, step_11, step_12, step_13 };
_Static_assert(
    sizeof(ledger_schema_steps) / sizeof(*ledger_schema_steps) == LEDGER_SCHEMA_VERSION,
    "a step for each version");
