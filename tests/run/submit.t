#!/bin/bash
# Submitting: nothing is paid twice, nothing is lost, whatever happens to request, answer,
# account and process. The emulator counts what it has accepted.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 50
accepted_most() { stat_of '[.accepted_ids[]] | max // 0'; }
accepted_all() { stat_of '[.accepted_ids[]] | add // 0'; }
accepted() { stat_of ".accepted_ids[\"$1\"] // 0"; }
asked() { dreamq show --json "$1" | jq -c '[.prompt, .kind]'; }
quick='[seconds=1] [items=1]'

# --- one key, one task
is 0 "with an idempotency key" dreamq submit --prompt "a cat $quick" --idempotency-key order-1
one=$(cat "$T/out")
is 0 "the same again" dreamq submit --prompt "a cat $quick" --idempotency-key order-1
equal "$one" "$(cat "$T/out")" "  is the same task"
says "$one.*used before" "$T/err" "  and is told so"
equal 1 "$(accepted_all)" "  which was accepted once"
is 2 "another wish with that key is refused" dreamq submit --prompt "a dog" --idempotency-key order-1
says "order-1.*$one|$one.*order-1" "$T/err" "  naming the key and its task"
equal "" "$(cat "$T/out")" "  without an id"
is 2 "so is another ratio" dreamq submit --prompt "a cat $quick" --ratio 16:9 --idempotency-key order-1
is 0 "with --json" dreamq submit --json --prompt "a cat $quick" --idempotency-key order-1
valid "$T/out" "  a line of the schema"
equal "$one" "$(jq -r .submit_id "$T/out")" "  with its id"
is 0 "run with that key sends nothing either" \
	dreamq run --prompt "a cat $quick" --idempotency-key order-1 -o "$T/files" --interval 100ms
complete "$T/files" 1 "  and brings its file home"
equal 1 "$(accepted_all)" "all that was one submit"

pids=()
for n in 1 2 3; do
	"$DREAMQ" submit --prompt "three at once" --idempotency-key race >"$T/race.$n" 2>"$T/race.$n.err" &
	pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do wait "$pid" || failed=$((failed + 1)); done
equal 0 $failed "three processes with one key at once"
equal 1 "$(cat "$T"/race.[123] | sort -u | wc -l)" "  tell one id"
equal 1 "$(accepted "$(cat "$T/race.1")")" "  which was accepted once"

# --- once more, on request only
is 0 "a repeat" dreamq submit --reroll "$one"
again=$(cat "$T/out")
differ "$one" "$again" "  is another task"
says "paid once more" "$T/err" "  and says that it costs"
equal "$(asked "$one")" "$(asked "$again")" "  of the same wish"
equal "$one" "$(dreamq show -q --json "$again" | jq -r .reroll_of)" "  and the ledger knows whose"
equal 1 "$(accepted "$again")" "  accepted once"
is 0 "a repeat with a key of its own" dreamq submit --reroll "$one" --idempotency-key once-more
once=$(cat "$T/out")
sent=$(requests submit)
is 0 "  the same command" dreamq submit --reroll "$one" --idempotency-key once-more
equal "$once" "$(cat "$T/out")" "  gives that repeat again"
equal "$sent" "$(requests submit)" "  and sends nothing"
is 2 "  of two tasks" dreamq submit --reroll "$one" "$once" --idempotency-key both
is 0 "a repeat by key" dreamq submit --prompt "a cat $quick" --idempotency-key order-1 --reroll
third=$(cat "$T/out")
differ "$again" "$third" "  is a third task"
is 0 "the key without --reroll" dreamq submit --prompt "a cat $quick" --idempotency-key order-1
equal "$third" "$(cat "$T/out")" "  names the newest"
is 2 "a repeat of nothing" dreamq submit --reroll
is 2 "a repeat without a key" dreamq submit --reroll --prompt x
is 2 "a repeat of what is not ours" dreamq submit --reroll not-here
is 2 "a repeat takes no prompt" dreamq submit --reroll "$one" --prompt x
is 2 "ids without --reroll" dreamq submit --prompt x "$one"
is 1 "what was refused for its content has failed" dreamq submit --prompt "[ret=2038]" --idempotency-key bad
refused=$(cat "$T/out")
equal failed "$(state_of "$refused")" "  for good"
is 1 "its key does not send it again" dreamq submit --prompt "[ret=2038]" --idempotency-key bad
equal 1 "$(jq -s "[.[] | select(.on == \"submit\" and .ids[0] == \"$refused\")] | length" "$T/requests.log")" \
	"  but once"

# --- a file of wishes
cat >"$T/wishes" <<'END'
# two prompts, then objects
a red panda [seconds=1] [items=1]

   一只小猫 [seconds=1] [items=1]
{"prompt": "waves [seconds=1]", "kind": "video", "duration": 5}
{"prompt": "wide [seconds=1] [items=1]", "ratio": "16:9", "set": {"seed": 1234567890123456789}}
{"prompt": "x", "ration": "16:9"}
{"prompt": "x", "ratio": "5:4"}
{"prompt": "x", "duration": 5}
{"prompt": "x",
{"ratio": "1:1"}
{"prompt": "named [seconds=1]", "submit_id": "batch-named", "idempotency_key": "mine"}
{"prompt": "x", "submit_id": "batch-named"}
{"prompt": "x", "submit_id": "a b"}
{"prompt": "x", "set": {"submit_id": "y"}}
{"prompt": 7}
{"prompt": " \u3000"}
END
before=$(accepted_all)
is 2 "a batch with bad lines" dreamq submit --batch "$T/wishes" --idempotency-key B --model m1
equal 5 "$(wc -l <"$T/out")" "the good lines have an id each"
equal "batch-named" "$(tail -1 "$T/out")" "  in the order of the file"
equal $((before + 5)) "$(accepted_all)" "  and are accepted"
for line in 7 8 9 10 11 13 14 15 16 17; do
	says "wishes, line $line: " "$T/err" "line $line is reported"
done
says "did you mean 'ratio'" "$T/err" "an unknown key with the nearest one"
says_not "line ([1-6]|12):" "$T/err" "no other line is"
equal 1 "$(grep -c '\\"seed\\":1234567890123456789[,}]' "$T/requests.log")" "a long number is not rounded"
equal m1 "$(dreamq show --json batch-named | jq -r .model)" "options are the defaults"
equal "4 mine" \
	"$(keys '^B/[0-9a-f]' | wc -l) $(keys '^mine$')" \
	"each line has its key"
cp "$T/out" "$T/first"
is 2 "the same batch again" dreamq submit --batch - --idempotency-key B --model m1 --json <"$T/wishes"
valid "$T/out" "  in lines of the schema"
equal "$(sort "$T/first")" "$(jq -r "select(.event == \"submitted\").submit_id" "$T/out" | sort)" "  names the same tasks"
equal $((before + 5)) "$(accepted_all)" "  and sends nothing"
is 2 "lines with another model are refused, and nothing is sent" \
	dreamq submit --batch - --idempotency-key B < <(sed 's/red/blue/' "$T/wishes")
equal $((before + 5)) "$(accepted_all)" "  nothing of it"
printf '%s\n' '["a cat", "a dog"]' '[' '  {"prompt": "x"},' ']' '[in brackets] [seconds=1]' >"$T/array"
is 2 "a JSON array is no batch" dreamq submit --batch "$T/array"
equal "1 2 3 4" "$(grep -o 'line [0-9]*' "$T/err" | cut -c6- | xargs)" "  none of it is sent as a prompt"
equal 1 "$(wc -l <"$T/out")" "  but what merely begins with a bracket is"
is 2 "an empty batch" dreamq submit --batch /dev/null
is 6 "a batch that is not there" dreamq submit --batch "$T/not-there"
is 2 "a batch and a prompt" dreamq submit --batch "$T/wishes" --prompt x

# --- killed in the middle, run again
for n in $(seq 40); do echo "wish $n $quick"; done >"$T/forty"
before=$(accepted_all)
script "on=submit : accept-then stall 200ms"
"$DREAMQ" submit --batch "$T/forty" --idempotency-key killed >"$T/killed" 2>/dev/null &
pid=$!
has_begun() { [ "$(accepted_all)" -ge $((before + 9)) ]; }
eventually 10 has_begun || echo "# it does not begin"
kill -9 $pid
wait $pid 2>/dev/null
between 9 $(($(accepted_all) - before)) 30 "kill -9 hits a batch in the middle"
clear_script
equal 40 "$(wc -l <"$T/killed")" "all ids are told before the batch is through"
dreamq submit --batch "$T/forty" --idempotency-key killed --max-wait 10s >"$T/out" 2>"$T/err"
status=$?
# What was begun and did not arrive is nobody's to send again: `unknown` for two minutes of
# the service's clock, `not_found` then.
lost=$(in_ledger 'map(select(.prompt // "" | startswith("wish ")) | select(.state == "unknown" or .state == "not_found")) | length')
between 0 "$lost" 4 "at most what was under way is unknown ($lost)"
[ "$lost" -eq 0 ] || [ "$status" -ne 1 ] || status=4
equal $((lost > 0 ? 4 : 0)) $status "a batch killed in the middle is run again"
equal "$(cat "$T/killed")" "$(cat "$T/out")" "  with the same ids"
equal $((before + 40 - lost)) "$(accepted_all)" "  and every other line is accepted"
equal 1 "$(accepted_most)" "  none twice"

# --- too many are running
script "on=submit times=2 : ret 1310 retry-after=1"
is 0 "too many are running: it waits for room" dreamq submit --prompt "patient $quick"
equal 1 "$(accepted "$(cat "$T/out")")" "  and is accepted then"
says "too many tasks are running; 1 waits in the local queue" "$T/err" "  and says so"
clear_script
script "on=submit : ret 1310"
is 4 "it waits no longer than --max-wait" dreamq submit --prompt "full $quick" --max-wait 1s
full=$(cat "$T/out")
equal submitting "$(state_of "$full")" "  and stays in the queue"
says "dreamq get .*$full" "$T/err" "  with the way on"
clear_script
is 0 "get sends it" dreamq get -o "$T/full" --interval 100ms "$full"
equal 1 "$(accepted "$full")" "  once"
complete "$T/full" 1 "  and brings its file home"

# --- trouble with the account
script "on=submit : ret 1006"
is 8 "no credit" dreamq submit --prompt "poor $quick"
poor=$(cat "$T/out")
equal submitting "$(state_of "$poor")" "  touches the task not"
says "dreamq get .*$poor" "$T/err" "  and says what to do"
clear_script
is 0 "later get sends it" dreamq get -o "$T/poor" --interval 100ms "$poor"
equal 1 "$(accepted "$poor")" "  once"
account tester expired
is 3 "a dead cookie" dreamq submit --prompt "night $quick"
night=$(cat "$T/out")
equal submitting "$(state_of "$night")" "  touches the task not"
is 3 "get with it" dreamq get -o "$T/night" "$night"
equal submitting "$(state_of "$night")" "  neither"
account tester ok
is 0 "with a good one get sends it" dreamq get -o "$T/night" --interval 100ms "$night"
equal 1 "$(accepted "$night")" "  once"
for n in 1 2 3 4 5 6 7 8 9 10; do echo "poor $n"; done >"$T/ten"
script "on=submit : ret 1006"
sent=$(requests submit)
is 8 "a batch without credit" dreamq submit --batch "$T/ten"
between 1 $(($(requests submit) - sent)) 4 "  does not ask for each"
equal 10 "$(in_ledger 'map(select(.prompt // "" | test("^poor [0-9]+$")) | select(.state == "submitting")) | length')" "  and all wait"
clear_script

# --- nobody listens
is 5 "nobody listens" dreamq submit --submit-base http://127.0.0.1:1 --prompt "alone $quick"
alone=$(cat "$T/out")
equal submitting "$(state_of "$alone")" "  it is not sent"
is 5 "nor by get" dreamq get --submit-base http://127.0.0.1:1 --max-wait 20s "$alone" -o "$T/alone"
is 0 "but when somebody does" dreamq get --interval 100ms "$alone" -o "$T/alone"
equal 1 "$(accepted "$alone")" "  once"

# --- nobody knows
for fault in reset "html status=502" "status 500" empty "cut-json 20" "truncate after=10" \
	"ret 4711" "status 429"; do
	script "on=submit times=1 : accept-then $fault"
	is 0 "accepted, then '$fault'" dreamq submit --prompt "lost $quick"
	lost=$(cat "$T/out")
	equal 1 "$(accepted "$lost")" "  accepted once"
	says "asking whether task '$lost' has arrived" "$T/err" "  and settled by asking"
	clear_script
done
script "on=submit times=1 : accept-then stall 3s"
env --default-signal=INT "$DREAMQ" submit --prompt "interrupted $quick" >"$T/out" 2>"$T/err" &
pid=$!
has_arrived() { [ -s "$T/out" ] && [ "$(accepted "$(cat "$T/out")")" -eq 1 ]; }
eventually 10 has_arrived
kill -INT $pid
wait $pid
equal 130 $? "interrupted while the answer is under way"
says "interrupt again to end at once" "$T/err" "  it says what it waits for"
equal queued "$(state_of "$(cat "$T/out")")" "  and takes the answer"
clear_script
script "on=submit times=1 : reset"
is 4 "never arrived, but who knows" dreamq submit --prompt "gone $quick" --max-wait 700ms
gone=$(cat "$T/out")
equal unknown "$(state_of "$gone")" "  it is not sent again"
says "dreamq get .*$gone" "$T/err" "  the way on is told"
equal 0 "$(accepted "$gone")" "  indeed"
clear_script

# --- nobody answers: --max-wait is the end of it (stall_seconds, 30 of them, is later)
script "on=submit times=1 : accept-then stall 1h"
is 4 "a service that takes it and is silent" timeout 20 "$DREAMQ" submit --prompt "silent $quick" --max-wait 1s
silent=$(cat "$T/out")
equal unknown "$(state_of "$silent")" "  it may have been accepted"
says "waiting time ended before the service answered the submit of task '$silent'; it is never sent again: the next get, wait or query of it" \
	"$T/err" "  and the way to find out is told"
says "dreamq get .*$silent" "$T/err" "  with the command"
is 0 "get finds it" dreamq get -o "$T/silent" --interval 100ms "$silent"
equal 1 "$(accepted "$silent")" "  accepted once"
complete "$T/silent" 1 "  with its file"
script "on=submit times=1 : stall 1h"
is 4 "one that never read it" timeout 20 "$DREAMQ" submit --prompt "unread $quick" --max-wait 1s
unread=$(cat "$T/out")
sent=$(requests submit)
is 1 "query asks" dreamq query "$unread"
is 4 "and get, until its time is over" dreamq get -o "$T/unread" --interval 100ms --max-wait 500ms "$unread"
equal "$sent unknown" "$(requests submit) $(state_of "$unread")" "  neither sends it again"
clear_script
script "on=submit : accept-then stall 1h"
"$DREAMQ" submit --prompt "mute watch $quick" --submit-base http://127.0.0.1:1 >"$T/out" 2>"$T/err"
before=$(accepted_all)
is 0 "a watch" timeout 20 "$DREAMQ" watch --max-wait 1s -o "$T/mute.watch"
at_least 1 $(($(accepted_all) - before)) "  has sent what waited, and waits for no answer"
printf 'mute %s\n' 1 2 3 4 5 6 >"$T/mute"
is 4 "a batch" timeout 20 "$DREAMQ" submit --batch "$T/mute" --idempotency-key mute --max-wait 1s
equal 6 "$(wc -l <"$T/out")" "  all ids are told"
is 4 "run" timeout 20 "$DREAMQ" run --prompt "mute run $quick" -o "$T/mute.run" --max-wait 1s
clear_script
is 0 "what was not sent goes then" dreamq submit --batch "$T/mute" --idempotency-key mute
equal 6 "$(in_ledger 'map(select(.prompt // "" | startswith("mute ")) | select(.prompt | test("^mute [0-9]$")) | select(.state != "unknown" and .state != "submitting")) | length')" \
	"  and all six have arrived"
equal 1 "$(accepted_most)" "  none twice"

# --- the disk fills up between request and answer
small() { # COMMAND: run with a file system of 3 MB at $T/small
	mkdir -p "$T/small"
	unshare "$unshare" sh -c 'mount -t tmpfs -o size=3m,mode=755 tmpfs "$1" && shift && exec bash -c "$@"' sh "$T/small" "$@"
}
unshare=-m
small true 2>/dev/null || unshare=-rm
if small true 2>/dev/null; then
	export DREAMQ T
	script "on=submit times=1 : accept-then stall 1500ms"
	is 0 "an answer that finds no room in the ledger" small '
		"$DREAMQ" --ledger "$T/small/l.db" submit --prompt "full disk" &
		pid=$!
		until grep -q "full disk" "$T/small/l.db-wal" 2>/dev/null; do sleep 0.05; done
		sleep 0.5
		head -c 3M /dev/zero >"$T/small/fill" 2>/dev/null
		sleep 3
		kill -0 $pid && rm "$T/small/fill" && wait $pid || exit
		"$DREAMQ" --ledger "$T/small/l.db" list --json >&2'
	small_id=$(cat "$T/out")
	says "until there is room" "$T/err" "  waits for room"
	says "\"submit_id\":\"$small_id\".*\"state\":\"queued\"" "$T/err" "  and is written then"
	equal 1 "$(accepted "$small_id")" "  it was sent once"
	clear_script
else
	skip "a full disk" "no right to mount a small file system"
fi

equal 1 "$(accepted_most)" "in all this nothing was accepted twice"
equal 0 "$(jq -r '.violations[]?' "$T/requests.log" | grep -c duplicate)" "and nothing was sent twice that had been accepted"
done_testing
