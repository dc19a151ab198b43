#!/usr/bin/env bash
# Failures under --json: each is a line of the schema on standard output, with its exit
# status, its kind, a sentence and what to do. And progress that can be switched off.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 20

# fails STATUS KIND LABEL COMMAND...: its last line is that error
fails() {
	local wanted=$1 kind=$2 label=$3
	shift 3
	is "$wanted" "$label" "$@"
	equal "error $wanted $kind" "$(tail -1 "$T/out" | jq -r '"\(.event) \(.code) \(.kind)"')" "  as JSON"
	valid "$T/out" "  of the schema"
	differ "" "$(tail -1 "$T/out" | jq -r .do)" "  with what to do"
}

fails 2 usage "an unknown verb" dreamq --json gte x
fails 2 usage "an unknown option" dreamq get --json --nonsense x
fails 2 usage "a bad id" dreamq query --json 'a b'
fails 2 usage "an argument too many" dreamq list --json x
fails 2 usage "no prompt" dreamq submit --json
says "did you mean|unknown option" <(dreamq get --json --jsno x 2>/dev/null | jq -r .message) "the sentence is the one for people"
fails 1 failed "an id that the ledger lacks" dreamq show --json nobody-knows
fails 1 failed "to forget it" dreamq forget --json nobody-knows
fails 3 auth "no cookie" dreamq query --json --cookie-file "$T/none" x
mkdir "$T/folder"
fails 6 storage "a ledger that is a folder" dreamq list --json --ledger "$T/folder"
fails 5 network "no service" dreamq query --json --api-base http://127.0.0.1:9 x
for verb in get wait; do
	fails 3 auth "$verb without a cookie" dreamq $verb --json --cookie-file "$T/none" x
done
echo 'not a line' >"$T/bad.ini"
fails 2 usage "a broken config file" dreamq list --json --config "$T/bad.ini"
script "on=query : not-json"
fails 7 contract "no JSON from the service" dreamq query --json some-id
clear_script
is 2 "without --json" dreamq query 'a b'
equal "" "$(cat "$T/out")" "  standard output stays empty"

# --- a failed task has its own line
bad=$(make_tasks '{"account":"tester","prefix":"t5-","count":1,"prompt":"[fail] [seconds=0.1]"}')
is 1 "a failed task" dreamq wait --json "$bad"
equal "task" "$(jq -r .event "$T/out" | sort -u | grep -v state)" "  is told by its task line"

# --- interrupted: the command that goes on
slow=$(make_tasks '{"account":"tester","prefix":"t6-","count":1,"prompt":"[seconds=9000]"}')
is 130 "interrupted" timeout --preserve-status -s INT 5 "$DREAMQ" get --json -o "$T/o" "$slow"
says "\"kind\":\"interrupted\".*dreamq get .*$slow" "$T/out" "  the command to go on with is in it"
valid "$T/out" "  in the schema"

# --- progress
drawn='\[K'
big=$(make_tasks '{"account":"tester","prefix":"t7-","count":1,"prompt":"[seconds=0.1] [items=1]"}')
is 0 "--progress=always draws where no terminal is" dreamq get --progress=always -o "$T/p1" "$big"
says "$drawn" "$T/err" "  it does"
quiet=$(make_tasks '{"account":"tester","prefix":"t8-","count":1,"prompt":"[seconds=0.1] [items=1]"}')
is 0 "--progress=never" env TERM=xterm script -qec "$DREAMQ get --progress=never -o $T/p2 $quiet" /dev/null
says_not "$drawn" "$T/out" "  draws nothing on a terminal"
events=$(make_tasks '{"account":"tester","prefix":"t9-","count":1,"prompt":"[seconds=0.1] [items=1]"}')
is 0 "--json --progress=never" dreamq get --json --progress=never -o "$T/p3" "$events"
equal 0 "$(jq -r .event "$T/out" | grep -c progress)" "  has no progress events"
none=$(make_tasks '{"account":"tester","prefix":"ta-","count":1,"prompt":"[seconds=0.1] [items=1]"}')
is 0 "--progress=none" env TERM=xterm script -qec "$DREAMQ get --progress=none -o $T/p4 $none" /dev/null
says_not "$drawn" "$T/out" "  is never"
plain=$(make_tasks '{"account":"tester","prefix":"tb-","count":1,"prompt":"[seconds=0.1] [items=1]"}')
is 0 "--progress=plain" env TERM=xterm script -qec "$DREAMQ get --progress=plain -o $T/p5 $plain" /dev/null
says_not "$drawn" "$T/out" "  draws nothing on a terminal"
says "$plain: stored" "$T/out" "  and tells in lines"
is 4 "  and the total" dreamq get --progress=plain --max-wait 13s -o "$T/p6" "$slow"
says "^0 of 1 task, .*10s" "$T/err" "  after ten seconds"
lines=$(make_tasks '{"account":"tester","prefix":"tc-","count":1,"prompt":"[seconds=0.1] [items=1]"}')
is 0 "--progress=json" dreamq get --progress=json -o "$T/p7" "$lines"
equal "$T/p7/${lines}_0.png" "$(cat "$T/out")" "  leaves stdout alone"
grep '^{' "$T/err" >"$T/events"
valid "$T/events" "  and has events on stderr, by the schema"
says '"event":"stored"' "$T/events" "  with what was stored"
is 0 "--progress=bar" env COLUMNS=20 TERM=xterm script -qec "stty cols 20; $DREAMQ get --progress=bar -o $T/p8 $lines" /dev/null
is 2 "a wrong word" dreamq get --progress=perhaps x
equal "" "$(violations)" "no violation"
done_testing
