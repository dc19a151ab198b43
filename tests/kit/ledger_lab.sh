# ledger_lab.sh - the ledger below what dreamq shows and does: what no command tells, and
# what none makes (a row that is old, damaged or hostile; a lock that somebody holds). The
# one place of the scripts that speaks SQL. lib.sh sources it; LEDGER names the ledger.
#
# What a command does tell is asked with in_ledger, state_of, checked and their like (lib.sh).
#
#	bash ledger_lab.sh WORD [ARGUMENT...]    one of these, for another program

_sql() { sqlite3 -cmd '.timeout 10000' "$LEDGER" "$1"; }

# --- what it has ---------------------------------------------------------------------------

# lab_dump: all of it, as text
lab_dump() { _sql .dump; }
# lab_is_owned ID: has some process its lease?
lab_is_owned() { [ "$(_sql "SELECT count(*) FROM tasks WHERE submit_id = '$1' AND lease_owner > 0")" = 1 ]; }
# lab_is_open ID: will a watch poll it again?
lab_is_open() { [ "$(_sql "SELECT is_open FROM tasks WHERE submit_id = '$1'")" = 1 ]; }
# lab_was_answered TEXT: is it known of any task whose prompt begins so how its submit ended?
# (In some milliseconds, for who has to be quick: see lost_answers.t.)
lab_was_answered() {
	[ "$(_sql "SELECT count(*) FROM tasks WHERE substr(prompt, 1, length('$1')) = '$1'
		AND state NOT IN ('submitting', 'unknown')")" -gt 0 ]
}
# lab_synced_bytes ID: so much of the partial file is on the disk for sure
lab_synced_bytes() {
	_sql "SELECT coalesce(synced_bytes, 0) FROM assets JOIN tasks ON id = task WHERE submit_id = '$1'"
}
# lab_polls: what the polls of all tasks cost: polls, requests, mean delay in seconds
lab_polls() {
	_sql "SELECT sum(looks), sum(requests_micro) / 1e6,
		avg(detected_unix_ms - finished_unix_ms) / 1000 FROM tasks" | tr '|' ' '
}
# lab_secret NAME: what only those who have the ledger know
lab_secret() { _sql "SELECT value FROM secrets WHERE name = '$1'"; }
# lab_body_of ID: what was sent for it
lab_body_of() { _sql "SELECT body FROM tasks WHERE submit_id = '$1'"; }
# lab_delay_of ID: milliseconds from its end to the poll that saw it
lab_delay_of() { _sql "SELECT detected_unix_ms - finished_unix_ms FROM tasks WHERE submit_id = '$1'"; }
# lab_seen_in_queue: how many tasks some poll saw in the service's queue
lab_seen_in_queue() { _sql "SELECT count(*) FROM tasks WHERE queued_until_unix_ms > 0"; }
# lab_page_of_tasks: the number of a page that has rows of tasks; nothing when sqlite can't tell
lab_page_of_tasks() {
	_sql "SELECT pageno FROM dbstat WHERE name = 'tasks' AND pagetype = 'leaf' LIMIT 1" 2>/dev/null
}

# lab_pages_of TABLE: the numbers of the pages that have its rows; nothing when sqlite can't tell
lab_pages_of() { _sql "SELECT pageno FROM dbstat WHERE name = '$1' AND pagetype = 'leaf'" 2>/dev/null; }

# --- what others have ----------------------------------------------------------------------

# lab_make_foreign FILE DATABASE: the database of another program, as that file says
lab_make_foreign() { sqlite3 "$2" <"$1" >/dev/null; }

# --- time that has passed ------------------------------------------------------------------

# lab_age ID SECONDS: it was touched last so much earlier
lab_age() { _sql "UPDATE tasks SET updated_unix_ms = updated_unix_ms - $2 * 1000 WHERE submit_id = '$1'"; }
# lab_known_longer GLOB SECONDS: these were first heard of so much earlier
lab_known_longer() {
	_sql "UPDATE tasks SET first_seen_unix_ms = first_seen_unix_ms - $2 * 1000 WHERE submit_id GLOB '$1'"
}
# lab_finished_longer SECONDS: all ended so much earlier, as far as they have
lab_finished_longer() {
	_sql "UPDATE tasks SET finished_unix_ms = finished_unix_ms - $1 * 1000,
		created_unix_ms = created_unix_ms - $1 * 1000"
}
# lab_denied_long_ago: the service has denied all that was saved by its name alone
lab_denied_long_ago() {
	_sql "UPDATE tasks SET state = 'not_found', is_open = 0, updated_unix_ms = 1
		WHERE body IS NULL AND state <> 'submitting'"
}
# lab_seen_late PREFIX: task PREFIX-N was known before its end, which was seen N+1 seconds late
lab_seen_late() {
	_sql "UPDATE tasks SET first_seen_unix_ms = min(first_seen_unix_ms, finished_unix_ms - 1),
		detected_unix_ms = finished_unix_ms + 1000 * (1 + substr(submit_id, length('$1-') + 1))
		WHERE submit_id GLOB '$1-*'"
}
# lab_polled POLLS MILLIONTHS: each task was polled so often, for such a share of requests
lab_polled() { _sql "UPDATE tasks SET looks = $1, requests_micro = $2"; }

# --- what was believed, and is not so ------------------------------------------------------

# lab_end ID STATE [CLASS CODE]: it has ended so, for good
lab_end() {
	_sql "UPDATE tasks SET state = '$2', is_open = 0, fail_class = nullif('${3-}', ''),
		fail_code = nullif('${4-}', '') WHERE submit_id = '$1'"
}
# lab_becomes ID INDEX FILE: that file of the task is this one, of which nobody promised a thing
lab_becomes() {
	_sql "UPDATE assets SET path = '$3', stored_bytes = $(stat -c %s "$3"), size_bytes = NULL,
		md5 = NULL, sha256 = '$(sha256sum <"$3" | cut -c 1-64)'
		WHERE idx = $2 AND task = (SELECT id FROM tasks WHERE submit_id = '$1')"
}
# lab_made_anew ID: the service has other files of it, by other names; once more: the old ones
lab_made_anew() {
	_sql "UPDATE assets SET uri = iif(uri GLOB 'anew-*', substr(uri, 6), 'anew-' || uri)
		WHERE task = (SELECT id FROM tasks WHERE submit_id = '$1')"
}
# lab_promised ID INDEX: the service had promised the length that the file has
lab_promised() {
	_sql "UPDATE assets SET size_bytes = stored_bytes
		WHERE idx = $2 AND task = (SELECT id FROM tasks WHERE submit_id = '$1')"
}
# lab_swap ID: its files 0 and 1 change their numbers
lab_swap() {
	local of="WHERE task = (SELECT id FROM tasks WHERE submit_id = '$1')"

	_sql "UPDATE assets SET idx = 1000 + idx $of AND idx < 2; UPDATE assets SET idx = 1001 - idx $of AND idx >= 1000"
}
# lab_prompts SEED: every task has a prompt that names can be broken with; prints how many
lab_prompts() { /usr/bin/python3 "$SOURCE_ROOT/tests/kit/ledger_prompts.py" "$LEDGER" "$1"; }
# lab_hostile_words KIND: model and code of these tasks take over a terminal
lab_hostile_words() {
	_sql "UPDATE tasks SET model = 'evil' || char(27) || '[31m' || char(10) || 'x',
		fail_code = char(27) || 'c' WHERE kind = '$1'"
}

# --- the file ------------------------------------------------------------------------------

# lab_copy FILE: all of it, in a file of its own
lab_copy() { _sql "VACUUM INTO '$1'"; }
# lab_empty_log: what its log holds goes into the file itself
lab_empty_log() { _sql 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null; }
# lab_newer FILE: a dreamq of the future has written it
lab_newer() { sqlite3 "$1" 'PRAGMA user_version = 99' >/dev/null; }
# lab_foreign FILE: a database of another program
lab_foreign() { sqlite3 "$1" 'CREATE TABLE notes (text); INSERT INTO notes VALUES (1)'; }
# lab_double ID: its row is there twice, which the table forbids; prints how often it is
lab_double() {
	sqlite3 "$LEDGER" ".dbconfig defensive off" "PRAGMA writable_schema = ON" \
		"UPDATE sqlite_schema SET sql = replace(sql, 'UNIQUE (account, submit_id),', '')
			WHERE name = 'tasks'" \
		"DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_tasks_1'" >/dev/null
	sqlite3 "$LEDGER" ".dbconfig enable_trigger off" \
		"CREATE TEMP TABLE double AS SELECT * FROM tasks WHERE submit_id = '$1';
		UPDATE double SET id = (SELECT max(id) + 1 FROM tasks);
		INSERT INTO tasks SELECT * FROM double" >/dev/null
	_sql "SELECT count(*) FROM tasks WHERE submit_id = '$1'"
}
# lab_lose ID: its row is gone, and nothing knows of that
lab_lose() { sqlite3 "$LEDGER" '.dbconfig enable_trigger off' "DELETE FROM tasks WHERE submit_id = '$1'" >/dev/null; }

# lab_lock, lab_unlock: another program writes into it meanwhile, and nobody else can
lab_lock() {
	mkfifo "$T/lab.lock"
	sqlite3 "$LEDGER" <"$T/lab.lock" >"$T/lab.locked" &
	lab_locker=$!
	exec 7>"$T/lab.lock"
	printf '%s\n' '.timeout 10000' 'BEGIN IMMEDIATE;' "SELECT 'locked';" >&7
	eventually 20 grep -q locked "$T/lab.locked"
}
lab_unlock() {
	exec 7>&-
	wait "$lab_locker"
	rm "$T/lab.lock" "$T/lab.locked"
}

[ "${BASH_SOURCE[0]}" != "$0" ] || "$@"
