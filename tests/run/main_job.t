#!/bin/bash
# The main job: submit, wait, download, and do it again.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 50

is 0 "submit an image" dreamq submit --prompt "一只可爱的小猫坐在阳光下"
image=$(cat "$T/out")
says '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-' "$T/out" "its id is a UUID, alone on stdout"
is 0 "submit a video" dreamq submit --kind video --prompt "waves at night [seconds=20] [queue=0]"
video=$(cat "$T/out")
still=$(dreamq submit --prompt "a snail [stuck]")
is 4 "query of what still runs" dreamq query --json "$image" "$video" "$still"
valid "$T/out" "query's lines follow the schema"
equal 3 "$(wc -l <"$T/out")" "one line per task"
is 4 "the same for people" dreamq query "$still"
says 'about [^(]* left \([^)]* to [^)]*\)' "$T/out" "says when it will be done, with a band"
is 0 "that one is forgotten" dreamq forget "$still"

is 0 "get both" dreamq get --json -o "$T/files" --interval 100ms "$image" "$video"
valid "$T/out" "get's lines follow the schema"
equal "succeeded succeeded" \
	"$(jq -r 'select(.event == "task") | .state' "$T/out" | xargs)" "both succeeded"
equal "" "$(jq -r 'select(.event == "task") | .assets[] | select(.stored | not)' "$T/out")" \
	"every asset is stored"
files=$(find "$T/files" -type f | wc -l)
complete "$T/files" "$files" "no temporary file is left"
equal "$files" "$(count_stored)" "the ledger agrees"
jq -r 'select(.event == "stored") | "\(.sha256)  \(.path)"' "$T/out" >"$T/sums"
is 0 "the sums are right" sha256sum --quiet -c "$T/sums"

before=$(requests cdn)
is 0 "get again" dreamq get --json -o "$T/files" "$image" "$video"
equal "$before" "$(requests cdn)" "nothing is downloaded again"

is 0 "run does both in one" dreamq run --prompt "a lighthouse" -o "$T/run" --interval 100ms
complete "$T/run" "$(wc -l <"$T/out")" "run printed a path for each file"
is 0 "list" dreamq list --json
valid "$T/out" "list's lines follow the schema"
equal 3 "$(wc -l <"$T/out")" "list has three tasks"
is 0 "show" dreamq show --json "$image"
valid "$T/out" "show's line follows the schema"
is 0 "export" dreamq export
equal 3 "$(wc -l <"$T/out")" "export has three tasks"
is 0 "forget" dreamq forget "$video"
is 1 "a forgotten task is not in the ledger" dreamq show "$video"
equal "$files" "$(find "$T/files" -type f | wc -l)" "its files stay"
is 0 "wait on what has ended" dreamq wait --json "$image"
valid "$T/out" "wait's lines follow the schema"
equal "" "$(violations)" "the emulator has nothing to complain of"

is 0 "the names of the service's own CLI: query_result" \
	dreamq query_result --submit_id="$image" --download_dir="$T/own"
complete "$T/own" "$(find "$T/own" -type f | wc -l)" "it downloads"
is 0 "list_task" dreamq list_task
for readme in README.md README.zh-CN.md; do
	says '^\| .*exit 0|^\| 成功时退出状态为 0' "$SOURCE_ROOT/$readme" \
		"$readme says what of them is the same and what is not"
	for name in HTTPS_PROXY NO_PROXY socks5h DREAMQ_CA_FILE 'file:///' '{prompt:20' names.md '^\| 141 ' \
		'^`--exec (CMD|命令)`' DREAMQ_PATH DREAMQ_ID DREAMQ_INDEX DREAMQ_KIND DREAMQ_SHA256 \
		'`--max-wait` (bounds a submit|对提交)'; do
		says "$name" "$SOURCE_ROOT/$readme" "  $name is in it"
	done
done
for name in '{index1}' YYYYMMDD '{prompt}'; do
	says "$name" "$SOURCE_ROOT/docs/names.md" "docs/names.md says what $name is"
done

is 0 "the example program" env DREAMQ_LEDGER="$LEDGER" "$FETCH_ONE" "$image" "$T/example"
done_testing
