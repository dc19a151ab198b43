#!/bin/bash
# Many ids: shared requests, many files, and a second run that does nothing.
#
#	MANY_TASKS=300     with four files each
. "$(dirname "$0")/lib.sh"
tasks=${MANY_TASKS:-100}
files=$((tasks * 4))
start_emulator --time-scale 100

make_tasks '{"account":"tester","count":1000,"prefix":"q","prompt":"a cat","age_seconds":600}' >"$T/q"
equal 1000 "$(wc -l <"$T/q")" "1 000 tasks are there"
is 0 "query of 1 000 ids" dreamq query --json --input "$T/q"
equal 1000 "$(wc -l <"$T/out")" "1 000 lines"
valid "$T/out" "all follow the schema"
equal 20 "$(requests query)" "in 20 requests"

make_tasks '{"account":"tester","count":'"$tasks"',"prefix":"g","prompt":"a dog [items=4]","age_seconds":600}' >"$T/g"
is 0 "get of $tasks tasks with 4 images each" dreamq get --json -o "$T/files" --input "$T/g"
complete "$T/files" $files "$files complete files, 0 temporary ones"
equal $files "$(count_stored)" "the ledger has them all"
jq -r 'select(.event == "stored") | "\(.sha256)  \(.path)"' "$T/out" >"$T/sums"
equal $files "$(wc -l <"$T/sums")" "all were told"
is 0 "every file has its sum" sha256sum --quiet -c "$T/sums"
stored_sums >"$T/ledger-sums"
equal $files "$(wc -l <"$T/ledger-sums")" "the ledger has all sums"
is 0 "every file has the ledger's sum" sha256sum --quiet -c "$T/ledger-sums"
before=$(requests cdn)
is 0 "once more" dreamq get --json -o "$T/files" --input "$T/g"
equal "$before" "$(requests cdn)" "downloads nothing"
complete "$T/files" $files "and leaves all in place"
equal "" "$(violations)" "the emulator has nothing to complain of"
done_testing
