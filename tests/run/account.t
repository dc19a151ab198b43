#!/bin/bash
# account.t - everything that an account ever made comes home in the best quality there is,
# killed on the way or not; then only what is new is asked for. ACCOUNT_RECORDS: how many
# (tools/torture has more).
. "$(dirname "$0")/lib.sh"
records=${ACCOUNT_RECORDS:-150}

# truth JQ: what the emulator knows of the account's tasks
truth() { curl -sf "$DREAMQ_API_BASE/_emulator/tasks?account=tester" | jq -c "$1"; }
asked() { jq -s '[.[] | select(.port == "api")] | length' "$T/requests.log"; }
sync() { dreamq sync -o "$T/files" "$@"; }
# How many files there are: a record's pictures, one film, two sounds.
files='[.[] | select(.status == 50) | if .kind == "image" then (.uris | length) elif .kind == "video" then 1 else 2 end] | add'
# all_is_there WHAT: byte for byte, the originals; and nothing else
all_is_there() {
	python3 "$SOURCE_ROOT/tests/run/account.py" "$DREAMQ_API_BASE" tester "$T/files" >"$T/truth" 2>&1
	equal "$(truth "$files") files, $(truth "$files") as they should be, 0 missing, 0 of nobody" \
		"$(cat "$T/truth")" "$1"
}

start_emulator --account-records "account=tester,$records"
mkdir "$T/files"
n_files=$(truth "$files")
echo "# $(truth length) records, $n_files files"

# --- all of it, killed on the way, which is made longer
script 'on=cdn : stall 250ms'
for _ in 1 2 3 4 5; do
	before=$(requests cdn)
	sync --max-wait 10m >>"$T/paths" 2>/dev/null &
	pid=$!
	for _ in $(seq 1000); do
		[ "$(requests cdn)" -ge $((before + n_files / 10)) ] && break
		sleep 0.02
	done
	kill -KILL $pid
	wait $pid 2>/dev/null
done
clear_script
between 1 "$(count_stored)" $((n_files - 1)) "killed five times, something is here"
# What runs goes on for a day.
for _ in $(seq 100); do
	sync --max-wait 3s >"$T/out" 2>"$T/err"
	status=$?
	[ "$(count_stored)" -ge "$n_files" ] && break
done
equal 4 $status "and the sixth run brings the rest, but for what still runs"
equal "$n_files" "$(count_stored)" "every file that exists"
all_is_there "byte for byte, and in original quality"
equal 0 "$(stored_sums | sha256sum -c --quiet 2>&1 | wc -l)" "the files are what the ledger says"
equal "$n_files" "$(in_ledger '[.[].assets[] | select(.stored).uri] | unique | length')" "  each of its own"
equal "$(truth length)" "$(count_tasks)" "every record is a task"
equal "$(truth '[.[] | select(.ended | not)] | length')" "$(count_tasks '(queued|generating)')" "  those that run, too"
equal "$(truth '[.[].history_id] | sort')" "$(in_ledger '[.[].history_id] | sort' | jq -c .)" "by the service's names"
equal "$(truth '[.[] | select(.submit_id == "")] | length')" \
	"$(in_ledger '[.[] | select(.submit_id == .history_id)] | length')" "who has no submit id is known by its history id"
equal "$(truth '[.[].prompt | select(. != "")] | sort | length')" \
	"$(in_ledger '[.[].prompt | select(. != null)] | length')" "prompts are kept"
equal 0 "$(temporaries "$T/files")" "nothing is left behind"

# --- again, and what is new
n=$(asked) cdn=$(requests cdn)
is 4 "again" sync --max-wait 3s
between 2 $(($(asked) - n)) 3 "three requests at most"
equal "$cdn" "$(requests cdn)" "and no download"
says "0 new tasks" "$T/err" "which it says"
curl -sf "$DREAMQ_API_BASE/_emulator/records" -d "account=tester,images=1" >/dev/null
n=$(($(requests history) + $(requests assets)))
is 4 "with one record more" sync --json --max-wait 3s
between 2 $(($(requests history) + $(requests assets) - n)) 3 "it is found by as few"
equal 1 "$(jq -s '[.[] | select(.event == "synced")][0].adopted' "$T/out")" "as the last line says"
valid "$T/out" "what it prints follows the schema"
all_is_there "its files are here"
is 4 "all of it once more" sync --full --json --max-wait $((3 + n_files / 100))s
at_least "$(truth length)" "$(jq -s '[.[] | select(.event == "synced")][0].listed' "$T/out")" "is walked through"
all_is_there "and as it was"
equal 0 "$(violations | wc -l)" "nothing that the service would not have had from its site"
done_testing
