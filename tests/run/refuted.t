#!/bin/bash
# What looked like an end and was none: a watch brings home what comes after it.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 200
# A fault hits all records of a request.
settings 'batch_max = 1' >"$XDG_CONFIG_HOME/dreamq/config.ini"
# task NAME PROMPT
task() {
	make_tasks "{\"account\":\"tester\",\"ids\":[\"$1\"],\"prompt\":\"a cat $2\"}" >/dev/null
}
count_is() { [ "$(find "$T/files" -name "$1_*.png" 2>/dev/null | wc -l)" = "$2" ]; }
has_lost() { dreamq show -q --json "$1" | jq -e '.assets[] | select(.lost)'; }
has_state() { [ "$(state_of "$1")" = "$2" ]; }

task said-failed "[items=1] [seconds=1100]"
task not-there "[items=1] [seconds=30]"
task ahead "[items=4] [seconds=10]"
task too-few "[items=4] [seconds=1500]"
task refused "[items=2] [seconds=1]"
faults=("on=query id=said-failed : state 30" "on=query id=not-there : omit not-there"
	"on=query id=ahead : items 1" "on=cdn id=refused : status 403")
script "${faults[@]}" "on=query id=too-few : total 1"
dreamq query said-failed not-there ahead too-few refused >/dev/null 2>&1
"$DREAMQ" watch -q --json -o "$T/files" >"$T/watched" 2>&1 &
watch=$!

eventually 30 has_state not-there not_found
equal 0 $? "a task that is absent for long is not found"
eventually 30 has_state said-failed failed
equal 0 $? "one that is said to have failed has"
eventually 30 has_state too-few succeeded
equal 0 $? "one that shows all that it promises is done"
eventually 30 count_is ahead 1
equal 0 $? "so is one that shows one file"
eventually 30 has_lost refused
equal 0 $? "what the file server refuses is lost"
unscript "${faults[@]}"
eventually 30 count_is too-few 4
equal 0 $? "  yet the others that it makes come home"
eventually 30 count_is ahead 4
equal 0 $? "so do those of a record that is done, and behind with them"
eventually 30 count_is refused 2
equal 0 $? "and those that the file server has refused for minutes"
eventually 30 count_is not-there 1
equal 0 $? "and that of the one that was not there"
eventually 30 count_is said-failed 1
equal 0 $? "and that of the one that had failed"
kill -TERM $watch
wait $watch
equal 0 $? "the watch ends well"
clear_script
for id in said-failed not-there ahead too-few refused; do
	equal succeeded "$(state_of $id)" "$id: has succeeded"
done
told() { jq -c "select(.event == \"task\" and .submit_id == \"$1\").state" "$T/watched" | tr -d '"' | xargs; }
equal "failed succeeded" "$(told said-failed)" "an end that is looked at again is told once"

# A record that is missed while a file wants another link is a lag.
task lags "[items=1] [seconds=1]"
sleep 0.1
script "on=cdn id=lags times=1 : status 403" "on=query id=lags after=1 times=4 : omit lags"
is 0 "a new link that is late" timeout 60 "$DREAMQ" get -q -o "$T/files" lags
count_is lags 1
equal 0 $? "  brings the file"
clear_script

# One look says that all is done, the next shows the rest.
task hasty "[items=4] [seconds=1]"
script "on=query id=hasty times=2 : items 1" "on=query id=hasty : total 4"
is 0 "get, of a record that is behind with its files" timeout 60 "$DREAMQ" get -q -o "$T/files" hasty
count_is hasty 4
equal 0 $? "  brings all of them"
done_testing
