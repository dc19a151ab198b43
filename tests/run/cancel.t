#!/bin/bash
# A queued video is taken back. What the service does decides, not what it answers: an
# answer that was lost, a refusal and a second cancel are settled by asking.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 20

credits() { curl -sf "$DREAMQ_API_BASE/_emulator/accounts" -d '{"account":"tester"}' | jq .credits; }
# film ID WORDS...: a video that queues
film() { dreamq submit -q --kind video -p "waves ${*:2}" --submit-id "$1" >"$T/out" 2>&1; }
queued() {
	film "$1" "[queue=5000]"
	eventually 5 eval "[ \"\$(dreamq query --json $1 | jq -r .state)\" = queued ]"
}

# --- it is ----------------------------------------------------------------------------
before=$(credits)
queued v1
is 0 "a queued video" dreamq cancel v1
equal "v1  cancelled" "$(cat "$T/out")" "  is cancelled, and told so"
equal "" "$(cat "$T/err")" "  without a word more"
equal cancelled "$(state_of v1)" "  the ledger has it"
equal "$before" "$(credits)" "  and the service has given its credits back"
equal 1 "$(requests cancel)" "  asked for once"
equal '["POST","/mweb/v1/aigc_draft/cancel_generate",[]]' \
	"$(jq -sc 'map(select(.on == "cancel")) | last | [.method, .path, .violations]' "$T/requests.log")" "  as the page does"
is 0 "again" dreamq cancel v1
equal "v1  cancelled" "$(cat "$T/out")" "  is the same"
equal 1 "$(requests cancel)" "  and nothing is asked for"

# --- it is not --------------------------------------------------------------------------
film v2 "[queue=0] [seconds=4000]"
is 4 "what is being generated" dreamq cancel v2
equal "v2  generating" "$(cat "$T/out")" "  stays"
says "'v2' is being generated already; only what still queues" "$T/err" "  and that is said"
done=$(make_tasks '{"account":"tester","ids":["v3"],"age_seconds":6000,"kind":"video","prompt":"waves"}')
is 1 "what has succeeded" dreamq cancel "$done"
says "'v3' has succeeded; there is nothing left to cancel" "$T/err" "  is told"
make_tasks '{"account":"tester","ids":["v4"],"age_seconds":6000,"kind":"video","prompt":"[fail]"}' >"$T/made"
is 1 "what has failed" dreamq cancel v4
says "'v4' has failed" "$T/err" "  is told"
is 1 "an id that nobody knows" dreamq cancel nobody
equal "nobody  unknown" "$(cat "$T/out")" "  is told"
says "'nobody' is not known to the service" "$T/err" "  too"
script 'on=submit : ret 1310'
dreamq submit -q --kind video -p waves --submit-id v5 --max-wait 1s >"$T/out" 2>&1
clear_script
is 1 "what was never sent" dreamq cancel v5
says "'v5' was never sent; 'dreamq forget v5'" "$T/err" "  is told, with what takes it out"
is 0 "  which does" dreamq forget v5
is 2 "no id" dreamq cancel
equal 1 "$(requests cancel)" "for none of them anything was asked for"

# --- several ------------------------------------------------------------------------------
queued v6
queued v7
is 4 "several, of which one is late" dreamq cancel --json v6 v2 v1 v7
valid "$T/out" "  the lines are as the schema says"
equal 'v6:cancelled v2:running v1:cancelled v7:cancelled' \
	"$(jq -r 'select(.event == "cancel") | "\(.submit_id):\(.outcome)"' "$T/out" | xargs)" "  each in its place"
equal 'generating null' "$(jq -r 'select(.submit_id == "v2") | .state' "$T/out") $(jq -r 'select(.submit_id == "v6") | .text' "$T/out")" "  with its state"
is 1 "of two, one that nobody knows is worse" dreamq cancel v2 nobody

# --- answers that say nothing ---------------------------------------------------------------
for form in 'accept-then reset' 'accept-then status 502' 'accept-then html' 'accept-then empty' 'accept-then cut-json' \
	'accept-then truncate' 'accept-then not-json'; do
	asked=$(requests cancel)
	queued "lost-${form##* }"
	script "on=cancel times=1 : $form"
	is 0 "done, and the answer is lost: $form" dreamq cancel "lost-${form##* }"
	equal $((asked + 1)) "$(requests cancel)" "  it is asked for once"
	clear_script
done
for form in reset 'status 502' 'ret 1002' 'ret 4711' 'ret 1310' empty; do
	asked=$(requests cancel)
	queued "missed-${form##* }"
	script "on=cancel times=1 : $form"
	is 0 "not done, this time: $form" dreamq cancel "missed-${form##* }"
	equal $((asked + 2)) "$(requests cancel)" "  it is asked for again"
	clear_script
done
queued v8
asked=$(requests cancel)
script 'on=cancel : reset'
is 5 "the service is not to be reached" dreamq cancel v8
equal "v8  queued" "$(cat "$T/out")" "  it still queues"
equal $((asked + 3)) "$(requests cancel)" "  three times is enough"
says "'v8' was not taken back" "$T/err" "  and that is said"
clear_script
asked=$(requests cancel)
script 'on=cancel : ret 1000'
is 1 "the service refuses" dreamq cancel v8
says "'v8' was not taken back: .*ret '1000'" "$T/err" "  in its own words"
equal $((asked + 1)) "$(requests cancel)" "  once is enough"
clear_script
asked=$(requests cancel)
script 'on=cancel : ret 0'
is 4 "the service agrees, and does not do it" dreamq cancel v8
says "has agreed to take task 'v8' back, and does not show it yet" "$T/err" "  is told so"
equal $((asked + 1)) "$(requests cancel)" "  and waited for, not asked for again"
clear_script
film v9 "[queue=5000] [absent=9999]"
asked=$(requests cancel)
is 4 "accepted, and not shown yet" dreamq cancel v9
says "has not told its own id of task 'v9' yet" "$T/err" "  is told so"
equal "$asked" "$(requests cancel)" "  and can't be asked for"
script 'on=cancel : ret 4013'
asked=$(requests cancel)
is 8 "risk control" dreamq cancel v8 k0
says "do by hand what it asks for" "$T/err" "  only a person can go on"
equal $((asked + 1)) "$(requests cancel)" "  nothing more is tried"
clear_script
is 0 "and when all is well again" dreamq cancel v8

# --- ends on the way --------------------------------------------------------------------------
queued k1
script 'on=cancel times=1 : accept-then stall 60s'
"$DREAMQ" cancel k1 >"$T/out" 2>"$T/err" &
pid=$!
is_cancelled() { [ "$(dreamq query --json k1 | jq -r .state)" = cancelled ]; }
eventually 10 is_cancelled
kill -9 $pid
wait $pid 2>/dev/null
is 0 "killed when it was done: once more" dreamq cancel k1
equal 1 "$(jq -s '[.[] | select(.on == "cancel" and (.ids | index($id)))] | length' --arg id "$(dreamq show --json k1 | jq -r .history_id)" "$T/requests.log")" \
	"  and it was asked for once"
account tester expired
is 3 "a dead login" dreamq cancel k1
account tester ok

# A watch that owns the task sees what came of it.
queued w1
"$DREAMQ" watch --until-idle -o "$T/files" >"$T/watch.out" 2>"$T/watch.err" &
watch=$!
eventually 10 grep -q w1 "$T/requests.log"
is 0 "beside a watch that owns it" dreamq cancel w1
curl -sf -X DELETE "$DREAMQ_API_BASE/_emulator/tasks" -d '{"account":"tester","ids":["v2"],"what":"both"}' >/dev/null
dreamq forget -q v2
eventually 30 eval "! kill -0 $watch 2>/dev/null" || kill $watch
wait $watch
equal cancelled "$(state_of w1)" "  it is cancelled"
equal "" "$(violations | grep -v 'cancelled what does not queue')" "the emulator has nothing to complain of"
done_testing
