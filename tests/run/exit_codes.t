#!/bin/bash
# Every exit status of the table, produced on the emulator (DESIGN 1).
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 50
task() { make_tasks "{\"account\":\"tester\",\"count\":1,\"prefix\":\"$1\",\"prompt\":\"$2\",\"age_seconds\":${3:-600}}"; }

good=$(task good "a cat")
fails=$(task fails "[reject-text]")
gone=$(task gone "[deleted]")
cancelled=$(task cancelled "[cancel]")
stuck=$(task stuck "[stuck]")

is 0 "0: every task succeeded (query)" dreamq query "$good"
is 0 "0: every file is stored (get)" dreamq get -o "$T/f" "$good"
is 1 "1: a task failed" dreamq query --json "$fails"
equal '"2038" "content" false' \
	"$(jq -r '.fail | "\(.code | @json) \(.class | @json) \(.retryable)"' "$T/out")" \
	"  and says why"
is 1 "1: get of a failed task" dreamq get -o "$T/f" "$fails"
is 1 "1: a cancelled task" dreamq query --json "$cancelled"
equal cancelled "$(jq -r .state "$T/out")" "  is cancelled, not failed"
is 1 "1: a deleted task" dreamq query "$gone"
is 1 "1: the service does not know it" dreamq query --json no-such-task
equal not_found "$(jq -r .state "$T/out")" "  and query says not_found"
is 1 "1: the ledger does not know it" dreamq show never-asked-for

is 2 "2: no ids" dreamq query
is 2 "2: a malformed id" dreamq query 'bad id!'
is 2 "2: an unknown option" dreamq get --intervall 3s "$good"
says "did you mean '--interval'" "$T/err" "  with the nearest known one"

is 3 "3: no cookie" env -u DREAMQ_COOKIE_FILE "$DREAMQ" query "$good"
says "dreamq auth import" "$T/err" "  and what to do"
login expired
is 3 "3: a dead login (query)" dreamq query "$good"
is 3 "3: a dead login (get)" dreamq get -o "$T/f" "$stuck"
is 3 "3: a dead login (submit)" dreamq submit --prompt "x"
is 3 "3: a dead login (auth status)" dreamq auth status
login tester
script "on=query times=1 : empty" "on=credit times=1 : ret 1015"
is 3 "3: an empty answer, and the login probe says it is dead" dreamq query "$good"
clear_script

is 4 "4: still running (query)" dreamq query "$stuck"
is 4 "4: still running when --max-wait ended (get)" \
	dreamq get -o "$T/f" --max-wait 1s --interval 200ms "$stuck"
is 4 "4: and wait" dreamq wait --max-wait 1s --interval 200ms "$stuck"
# The waiting time ends what would never end by itself, whatever is under way.
settings 'stall_seconds = 600' >"$T/patient.ini"
patient() { DREAMQ_CONFIG=$T/patient.ini timeout 60 "$DREAMQ" "$@"; }
script "on=query : stall 600s"
is 4 "4: and while the service is silent (get)" patient get -o "$T/f" --max-wait 1s "$stuck"
is 4 "4: and wait" patient wait --max-wait 1s "$stuck"
is 0 "0: a watch ends with its time, as it was told" patient watch -o "$T/f" --max-wait 1s
clear_script
big=$(task big "a cat [items=1] [bytes=300k]")
script "on=cdn : stall 600s after=100k"
is 4 "4: and in the middle of a file" patient get -o "$T/big" --max-wait 1s "$big"
equal 1 "$(temporaries "$T/big")" "  of which the beginning is kept"
clear_script

script "on=query : status 503"
is 5 "5: the service is unreachable (503)" dreamq query "$good"
clear_script
script "on=query : html status=502"
is 5 "5: HTML instead of JSON" dreamq query "$good"
clear_script
is 5 "5: nobody listens" dreamq --api-base http://127.0.0.1:1 query "$good"

echo "not a folder" >"$T/file"
is 6 "6: the output folder is a file" dreamq get -o "$T/file" "$good"
printf 'this is no database, it only pretends to be one for a while' >"$T/no.db"
is 6 "6: the ledger is not a database" dreamq --ledger "$T/no.db" query "$good"

script "on=query : not-json"
is 7 "7: not JSON" dreamq query "$good"
clear_script
script "on=query : deep"
is 7 "7: nested too deep" dreamq query "$good"
clear_script
script "on=query : duplicate-keys"
is 7 "7: duplicate keys" dreamq query "$good"
clear_script
script "on=query : cut-json"
is 7 "7: cut JSON" dreamq query "$good"
clear_script
script "on=query : big 40M"
is 7 "7: a body without end" dreamq query "$good"
clear_script
script "on=cdn : html"
is 7 "7: HTML served as a picture" dreamq get -o "$T/html" "$(task html "a dog")"
equal 0 "$(find "$T/html" -type f ! -name '.dreamq-*' | wc -l)" "  and nothing of it is kept"
clear_script

is 8 "8: no credit" dreamq submit --prompt "[ret=1006]"
is 8 "8: the account is blocked" dreamq submit --prompt "[ret=1018]"
is 8 "8: risk control" dreamq submit --prompt "[ret=1019]"
script "on=query : ret 1019"
is 8 "8: risk control on a query" dreamq query "$good"
clear_script
script "on=query : status 429 retry-after=600"
is 8 "8: rate limit with a long Retry-After" dreamq query "$good"
clear_script

# A shell without job control starts this with SIGINT ignored, which dreamq respects.
env --default-signal=INT "$DREAMQ" get -o "$T/f" "$stuck" >"$T/out" 2>"$T/err" &
pid=$!
sleep 1
kill -INT $pid
wait $pid
equal 130 $? "130: interrupted"
says "dreamq get .*$stuck" "$T/err" "  and how to go on is printed"

# watch, too: it was interrupted, not ended.
env --default-signal=INT "$DREAMQ" watch -o "$T/w" >"$T/out" 2>"$T/err" &
pid=$!
sleep 1
kill -INT $pid
wait $pid
equal 130 $? "130: watch"
says "dreamq watch --output-dir=$T/w" "$T/err" "  says how to go on"

# What stands between us and the service is named, without its password.
is 5 "5: a proxy that is not there" env -u DREAMQ_API_BASE HTTPS_PROXY=http://someone:canary@127.0.0.1:1/ \
	"$DREAMQ" query --api-base https://jimeng.example.com "$good"
says "jimeng.example.com.*through the proxy '127.0.0.1:1'" "$T/err" "  which is named"
says_not "canary|someone" "$T/err" "  alone"

# The most serious to act on wins: 3, 8, 6, 7, 5, 1, 4, 0.
is 1 "1 beats 4 beats 0" dreamq query "$good" "$stuck" "$fails"
is 4 "4 beats 0" dreamq query "$stuck" "$good"
done_testing
