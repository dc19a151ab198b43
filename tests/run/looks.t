#!/bin/bash
# No single look writes an end: what is absent, called failed or called done without a file
# is looked at again, and a file that can be had overrules every verdict.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 60

# looks_at ID: requests that asked for it; span_of ID: service time from the first to the last,
# by the clock of who answers: off from ours by the way of a request
looks_at() { jq -s "[.[] | select(.on == \"query\" and any(.ids[]; . == \"$1\"))] | length" "$T/requests.log"; }
span_of() {
	jq -s "[.[] | select(.on == \"query\" and any(.ids[]; . == \"$1\")) | .time] |
		((last - first) | floor)" "$T/requests.log"
}
# list_of ID KIND: requests that asked for it among the ids of this kind
list_of() {
	jq -s "[.[] | select(.on == \"query\") | .body | fromjson | select(.$2 and any(.$2[]; . == \"$1\"))] |
		length" "$T/requests.log"
}
# submit PROMPT: its id
submit() { dreamq submit --prompt "$1" 2>"$T/err" | head -n 1; }

# --- absent --------------------------------------------------------------------------
late=$(submit "a cat [items=1] [absent=200] [seconds=10]")
is 1 "a look right after a submit" dreamq query --json "$late"
equal not_found "$(jq -r .state "$T/out")" "  tells what it saw"
equal 2 "$(looks_at "$late")" "  under both kinds of id"
equal queued "$(state_of "$late")" "  and the ledger keeps what it had"
is 0 "get waits for it" dreamq get -o "$T/files" "$late"
complete "$T/files" 1 "  and brings its file home"

: >"$T/requests.log"
is 1 "an id that nobody knows" dreamq wait --json nobody-knows-it
equal not_found "$(tail -n 1 "$T/out" | jq -r .state)" "  is not found"
at_least 3 "$(looks_at nobody-knows-it)" "  after three looks"
at_least 118 "$(span_of nobody-knows-it)" "  over two minutes"
at_least 1 "$(list_of nobody-knows-it submit_ids)" "  as a submit id"
at_least 1 "$(list_of nobody-knows-it history_ids)" "  and as a history id"
equal not_found "$(state_of nobody-knows-it)" "  which is written down"

: >"$T/requests.log"
lost=$(submit "a phantom [items=1] [seconds=10]")
script "on=query id=$lost : omit $lost"
is 1 "one that was accepted, and is not there" dreamq wait --json "$lost"
at_least 10 "$(looks_at "$lost")" "  is missed for ten looks"
at_least 595 "$(span_of "$lost")" "  over ten minutes"
between 10 "$(looks_at "$lost")" 25 "  which are not many"
equal not_found "$(state_of "$lost")" "  before it is called not found"
clear_script
is 0 "a later look finds it" dreamq get -o "$T/files" "$lost"
equal succeeded "$(state_of "$lost")" "  and it lives again"

shown=$(make_tasks '{"account":"tester","ids":["shown"],"prompt":"a dog [items=1] [seconds=500]"}')
is 4 "one that is generating" dreamq query "$shown"
script "on=query times=2 : omit *" # under its history id, too
is 1 "is missing from one answer" dreamq query "$shown"
equal generating "$(state_of "$shown")" "  which changes nothing"
clear_script
is 0 "a watch has it still" timeout 60 "$DREAMQ" watch --until-idle -o "$T/files"
equal succeeded "$(state_of "$shown")" "  and brings it home"

# --- failed, without a reason ------------------------------------------------------------
: >"$T/requests.log"
first=$(make_tasks '{"account":"tester","ids":["bare-first"],"prompt":"a bird [items=1] [seconds=400]"}')
script "on=query id=$first within=50s : state 30"
is 4 "a failure without code and time" dreamq query "$first"
says "no reason" "$T/err" "  is told"
is 0 "  and not believed" dreamq get -o "$T/files" "$first"
clear_script
stays=$(make_tasks '{"account":"tester","ids":["bare-stays"],"prompt":"a fish [items=1] [seconds=300]"}')
script "on=query id=$stays : state 30"
is 1 "when it stays" dreamq wait "$stays"
at_least 3 "$(looks_at "$stays")" "  three looks"
at_least 58 "$(span_of "$stays")" "  over a minute confirm it"
equal failed "$(state_of "$stays")" "  and it is an end"
clear_script
is 0 "but that it runs on refutes it" dreamq get -o "$T/files" "$stays"

# --- a later file ------------------------------------------------------------------------
make_tasks '{"account":"tester","ids":["was-failed","was-cancelled","was-lost"],"age_seconds":600,
	"prompt":"a fox [items=1]"}' >/dev/null
for id in was-failed was-cancelled was-lost; do dreamq query $id >/dev/null; done
lab_end was-failed failed content 2038
lab_end was-cancelled cancelled
lab_end was-lost not_found
for id in was-failed was-cancelled was-lost; do
	is 0 "$id: a file that can be had" dreamq get -o "$T/later" $id
	equal succeeded "$(state_of $id)" "  overrules it"
done
complete "$T/later" 3 "all three are home"
# --- a watch goes on ---------------------------------------------------------------------
has_state() { [ "$(state_of "$1")" = "$2" ]; }
late=$(make_tasks '{"account":"tester","ids":["fills-later"],"prompt":"a hen [items=1] [seconds=300]"}')
script "on=query id=$late within=200s : state 50"
dreamq query "$late" >/dev/null
"$DREAMQ" watch -o "$T/watched" >"$T/watch.out" 2>"$T/watch.err" &
watch=$!
eventually 30 has_state "$late" failed
equal 0 $? "what is done without a file has failed, after some looks"
equal "" "$(dreamq list --json --state unfinished | jq -r .submit_id | grep "$late")" "  and is listed so"
: >"$T/requests.log"
eventually 60 has_state "$late" succeeded
equal 0 $? "  yet a watch looks on, and a later file wins"
between 1 "$(looks_at "$late")" 12 "  slowly"
clear_script
never=$(make_tasks '{"account":"tester","ids":["fills-never"],"prompt":"a hen [stuck]"}')
script "on=query id=$never : state 50"
dreamq query "$never" >/dev/null
eventually 30 has_state "$never" failed
lab_is_open "$never"
equal 0 $? "what never fills is looked at"
lab_age "$never" 181
is_believed() { ! lab_is_open "$never"; }
eventually 20 is_believed
equal 0 $? "  for three hours, and then it is over"
kill -TERM $watch
wait $watch
equal 0 $? "the watch ends well"
clear_script

# --- one record under another's key --------------------------------------------------------
# notes: how often the two were told to be mixed up
notes() { grep -c "mixes up" "$T/err"; }
# alone ID: requests for it and nothing else
alone() { jq -s "[.[] | select(.on == \"query\" and .ids == [\"$1\"])] | length" "$T/requests.log"; }
# same_files FOLDER LABEL ID...: each of these is what the task of its name made
same_files() {
	local folder=$1 label=$2 id

	shift 2
	for id; do
		cmp "$T/true/${id}_0.png" "$folder/${id}_0.png" >"$T/cmp" 2>&1 || {
			not_ok "$label" "$(cat "$T/cmp")"
			return
		}
	done
	ok "$label"
}
make_tasks '{"account":"tester","ids":["mixed-1","mixed-2","mixed-3"],"age_seconds":600,
	"prompt":"a cat [items=1]"}' >/dev/null
mixed="mixed-1 mixed-2 mixed-3"
# shellcheck disable=SC2086
is 0 "three tasks" dreamq --ledger "$T/true.db" get -o "$T/true" $mixed
script "on=query : swap mixed-[12]"
: >"$T/requests.log"
# shellcheck disable=SC2086
is 0 "two records in each other's place" dreamq get -o "$T/mixed" $mixed
equal 1 "$(notes)" "  are told of once"
says "'mixed-1' and 'mixed-2'" "$T/err" "  by both ids"
at_least 1 "$(alone mixed-1)" "  one is asked for alone"
at_least 1 "$(alone mixed-2)" "  and so is the other"
equal 0 "$(alone mixed-3)" "  but not the third"
# shellcheck disable=SC2086
same_files "$T/mixed" "  and each name has its own file" $mixed
: >"$T/requests.log"
# shellcheck disable=SC2086
is 0 "one look" dreamq --ledger "$T/look.db" query --json $mixed
equal "3 1 1" "$(jq -r .state "$T/out" | grep -c succeeded) $(alone mixed-1) $(alone mixed-2)" \
	"  believes them when each was looked at alone"
clear_script

history() { curl -sf "$DREAMQ_API_BASE/_emulator/tasks" | jq -r ".[] | select(.submit_id == \"$1\") | .history_id"; }
first=$(history mixed-1) second=$(history mixed-2)
is 0 "one task, by both of its ids" dreamq --ledger "$T/both.db" query mixed-1 "$first"
equal "0 0" "$(notes) $(alone "$first")" "  is mixed up with nothing"
script "on=query : swap [0-9]*"
is 0 "swapped among the history ids" dreamq --ledger "$T/history.db" query --json "$first" "$second"
equal "1 1" "$(notes) $(alone "$second")" "  they are told of, and asked for alone"
equal "$(printf '%s\n' "$first" "$second" | sort)" "$(jq -r .history_id "$T/out" | sort)" "  and found"
clear_script

script "on=query id=mixed-1 : record-of mixed-2"
is 7 "when a look alone does not agree" dreamq --ledger "$T/never.db" query mixed-1 mixed-2
says "task 'mixed-1': .*'mixed-2'" "$T/err" "  it is told whose it may be"
is 7 "get does not take it" dreamq --ledger "$T/never.db" get -o "$T/never" --max-wait 3s mixed-1 mixed-2
same_files "$T/never" "  the other one comes home" mixed-2
complete "$T/never" 1 "  and nothing under the name of this one"
differ succeeded "$(LEDGER=$T/never.db state_of mixed-1)" \
	"  which the ledger does not call done"
is 7 "nor does one that asks for it alone" dreamq --ledger "$T/never.db" get -o "$T/never" --max-wait 3s mixed-1
complete "$T/never" 1 "  with no file"
: >"$T/requests.log"
is 7 "without a limit it ends, too" dreamq --ledger "$T/never.db" get -o "$T/never" mixed-1
between 5 "$(looks_at mixed-1)" 9 "  after some looks"
at_least 120 "$(span_of mixed-1)" "  which are slow"
clear_script
is 0 "and later it is had" dreamq --ledger "$T/never.db" get -o "$T/never" mixed-1
same_files "$T/never" "  the right one" mixed-1 mixed-2

# --- a row that is there twice -------------------------------------------------------------
# The ledger is damaged, and no verb goes on with it: what its other pages say is not known.
# What can be read is saved into a new one, with every task once, and that goes on.
make_tasks '{"account":"tester","ids":["twice"],"age_seconds":600,"prompt":"a cow [items=1]"}' >/dev/null
dreamq query twice >/dev/null
tasks=$(checked tasks)
equal 2 "$(lab_double twice)" "a row that is there twice"
: >"$T/requests.log"
for verb in "watch --until-idle" "get twice" "query twice" "list" "submit --prompt x"; do
	folder=
	case $verb in watch* | get*) folder="-o $T/doubled" ;; esac
	# shellcheck disable=SC2086
	is 6 "$verb: is refused" timeout 60 "$DREAMQ" $verb $folder
	says "is damaged, and left as it is.*'dreamq ledger recover' saves what can be read" "$T/err" \
		"  with what to do"
	says_not "ssertion|Sanitizer|runtime error|\?" "$T/err" "  in plain words"
done
equal 0 "$(wc -l <"$T/requests.log")" "nothing was asked, nothing paid"
[ ! -e "$T/doubled" ] && ok "and no folder made" || not_ok "and no folder made" "$(ls "$T/doubled")"
is 0 "recover saves the tasks" dreamq ledger recover
says "^saved: tasks $tasks, keys 0, files [0-9]+; no task is known to be lost" "$T/err" "  each of them once"
is 0 "the saved ledger is taken" dreamq ledger accept "$(cat "$T/out")"
is 0 "and is good" dreamq ledger check
is 0 "get brings the file home" dreamq get -o "$T/doubled" twice
complete "$T/doubled" 1 "  once"
is 0 "a watch has nothing left" timeout 60 "$DREAMQ" watch --until-idle -o "$T/doubled"
is 0 "and it is asked for again" dreamq get -o "$T/doubled" twice
complete "$T/doubled" 1 "  which changes nothing"
equal 1 "$(in_ledger 'map(select(.submit_id == "twice")) | length')" "its row is there once"
equal 1 "$(find "$(dirname "$LEDGER")" -name 'ledger.db.old-*[0-9]' | wc -l)" "the damaged ledger was kept"
equal 0 "$(requests submit)" "and nothing was sent"
equal "" "$(violations)" "the emulator has nothing to complain of"
done_testing
