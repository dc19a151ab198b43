#!/bin/bash
# Credits: what an account has, what tasks cost and how that is known, a limit to what a
# batch may cost, and an account that can pay for thirty of fifty.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 50 --failed-credits returned

wallet() { curl -sf "$DREAMQ_API_BASE/_emulator/accounts" -d "$1" >/dev/null; }
cost_of() { dreamq show --json -q "$1" | jq -c .credits; }
asked() { echo "$(requests credit) $(requests credit-history)"; }
# The last line of `credits --json`, and its entries.
balance() { dreamq credits --json -q "$@" | jq -c 'select(.event == "credits")'; }
entries() { dreamq credits --json -q | jq -c 'select(.event == "credit_entry")'; }
accepted() { stat_of '.accepted_ids | [length, ([.[]] | max // 0)]'; }
all_end() { dreamq list --state unfinished --json | jq -r .submit_id | dreamq wait - >/dev/null 2>&1; }
# submit_one OPTION...: its id is in $id
submit_one() {
	id=$(dreamq submit "$@" 2>"$T/err")
}

# --- what the account has ---

wallet '{"account":"tester","gift":3,"vip":60,"purchase":200}'
is 0 "credits of an account without tasks" dreamq credits
says "^credits: 263 \(subscription 60, gifts 3, bought 200\)" "$T/out" "  now"
equal 3 "$(grep -c ' end at ' "$T/out")" "  and what ends, each with its time"
says "^  3 end at " <(grep ' end at ' "$T/out" | head -1) "  the soonest first"
equal no "$([ -e "$LEDGER" ] && echo yes || echo no)" "  no ledger is made for it"
equal "1 1" "$(asked)" "  with two requests"
equal "[263,60,3,200,3,0,false]" "$(balance | jq -c '[.total, .subscription, .gift, .purchase,
	(.expiring | length), .entries, .has_more]')" "  as JSON"
is 3 "a dead login" env DREAMQ_COOKIE_FILE=<(:) "$DREAMQ" credits
account tester expired
is 3 "a login that is refused" dreamq credits --json
valid "$T/out" "  an error line, too"
equal error "$(jq -r .event "$T/out")" "  and nothing else"
account tester ok
script 'on=credit times=1 : status 503'
is 5 "a service in trouble" dreamq credits
script 'on=credit-history times=1 : status 503'
is 5 "  also when it is the history's" dreamq credits
says "^credits: 263" "$T/out" "  then the balance is told all the same"
is 2 "an account is no argument" dreamq credits tester
is 2 "more entries than can be added up" dreamq credits --limit 2001

# --- what a task costs ---

submit_one --prompt 'a cat [items=1] [seconds=1]'
equal null "$(cost_of "$id")" "what nobody has told is unknown"
says "^credits +unknown$" <(dreamq show "$id") "  also in words"
dreamq wait "$id" >/dev/null 2>&1
equal '{"amount":1,"source":"reported"}' "$(cost_of "$id")" "the record reports it"
says "^credits +1 \(reported\)$" <(dreamq show "$id") "  in words"
is 0 "credits with a task" dreamq credits --json
valid "$T/out" "  every line follows the schema"
equal "[-1,\"$id\",true]" "$(entries | jq -c '[.amount, .submit_id, .known]')" "the history names it"
equal '{"amount":1,"source":"measured"}' "$(cost_of "$id")" "  and that is measured"
dreamq query "$id" >/dev/null 2>&1
equal '{"amount":1,"source":"measured"}' "$(cost_of "$id")" "  whatever the record reports later"
says "1 cr measured" <(dreamq list) "list says so"
equal '{"amount":1,"tasks":1,"measured":1}' "$(dreamq stats --json | jq -c 'select(.all) | .credits')" "stats, too"
says "What tasks cost in credits" <(dreamq stats) "  with a table of its own"

submit_one --prompt 'a failure [fail] [seconds=1]'
dreamq wait "$id" >/dev/null 2>&1
equal reported "$(cost_of "$id" | jq -r .source)" "a failure, and what its record says"
is 0 "  its credits came back" dreamq credits
equal '{"amount":0,"source":"measured"}' "$(cost_of "$id")" "  so it has cost nothing"

# --- measured by the balance ---

before=$(asked)
submit_one --prompt 'a wave' --kind video --measure
equal '{"amount":10,"source":"measured"}' "$(cost_of "$id")" "a submit is measured"
says "costs 10, by the balance before and after" "$T/err" "  and told"
equal "$((${before% *} + 2)) ${before#* }" "$(asked)" "  with two requests"
submit_one --prompt 'another cat' --measure
equal null "$(cost_of "$id")" "not while another task is unfinished"
says "not measured: the account has other unfinished tasks \(1\)" "$T/err" "  it says why"
equal "$((${before% *} + 2)) ${before#* }" "$(asked)" "  and asks for nothing"
all_end
equal 1 "$(cost_of "$id" | jq .amount)" "its record tells later"
script 'on=credit nth=+2 times=1 : top-up 5'
submit_one --prompt 'a bird [seconds=1]' --measure
equal null "$(cost_of "$id")" "not when credits came meanwhile"
says "something else has changed the balance" "$T/err" "  it says why"
all_end
clear_script
script 'on=credit times=1 : status 503'
is 0 "no balance is no reason not to submit" dreamq submit --prompt 'a fish [seconds=1]' --measure
says "is not measured: .*503" "$T/err" "  it says why"
printf '%s\n' one two >"$T/two"
is 2 "two are not measured" dreamq submit --batch "$T/two" --measure

# --- a limit ---

dreamq watch --until-idle -o "$T/files" >/dev/null 2>&1
dreamq credits -q --limit 100 >/dev/null
n=$(count_tasks)
wishes() { for i in $(seq "$1"); do echo "wish $i [items=1] [seconds=1]"; done; }
wishes 5 >"$T/five"
before=$(accepted)
is 2 "five images for four credits" dreamq submit --batch "$T/five" --max-credits 4 --idempotency-key five
says "5 to be paid would cost about 5 credits, and --max-credits allows 4; that rests on the dearest such task whose cost is known" \
	"$T/err" "  it says what, and on what that rests"
equal "$n $before" "$(count_tasks) $(accepted)" "  and none is recorded or sent"
is 2 "a video of another length" dreamq submit --prompt 'a long wave' --kind video --duration 10 --max-credits 1000
says "nobody knows what a video of model 'seedance2.0fast' with these settings costs" "$T/err" "  is no guess"
is 2 "  nor is one in a batch" dreamq submit --batch - --max-credits 1000 <<<'{"prompt":"w","kind":"video","duration":10}'
is 2 "a run, too" dreamq run --prompt 'a wave' --kind video --max-credits 9 -o "$T/files"
equal "$n $before" "$(count_tasks) $(accepted)" "  nothing was sent"
is 0 "five for five" dreamq submit --batch "$T/five" --max-credits 5 --idempotency-key five
says "5 to be paid, expected to cost 5 credits" "$T/err" "  it says what it expects"
is 0 "what is known already costs nothing" dreamq submit --batch "$T/five" --max-credits 1 --idempotency-key five
wishes 7 >"$T/seven"
is 2 "two more, and one credit" dreamq submit --batch "$T/seven" --max-credits 1 --idempotency-key five
says "2 to be paid would cost about 2 credits" "$T/err" "  only the new ones count"
is 2 "0 is no limit" dreamq submit --prompt x --max-credits 0

# --- credit for thirty of fifty ---

stop_emulator
rm -rf "$T/state" "$T/requests.log"
start_emulator --time-scale 50
login credits-30-of-50
wishes 50 >"$T/fifty"
is 8 "fifty on an account with credit for thirty" dreamq submit --batch "$T/fifty" --idempotency-key fifty
equal "[30,1]" "$(accepted)" "  thirty are accepted, each once"
equal 20 "$(count_tasks submitting)" "  twenty wait, unsent"
equal 50 "$(wc -l <"$T/out")" "  and all have their ids"
says "not enough credits" "$T/err" "  it says why"
equal "0 true" "$(balance --limit 100 | jq -r '"\(.total) \(.priced == 30)"')" "the account is empty, the thirty have their price"
is 8 "again, without new credit" dreamq submit --batch "$T/fifty" --idempotency-key fifty
equal "[30,1]" "$(accepted)" "  nothing is paid twice"
is 2 "those that wait count for a limit" dreamq submit --batch "$T/fifty" --idempotency-key fifty --max-credits 19
says "20 to be paid would cost about 20 credits" "$T/err" "  they are what is left to pay"
timeout 150 "$DREAMQ" watch --until-idle -o "$T/fetched" >"$T/watch.out" 2>"$T/watch.err" &
watch=$!
has_stored_thirty() { [ "$(count_stored)" -ge 30 ]; }
eventually 60 has_stored_thirty && ok "a watch brings the thirty home" || not_ok "files are missing" "$(tail -5 "$T/watch.err")"
equal "[30,1]" "$(accepted)" "  and waits with the others"
wallet '{"account":"credits-30-of-50","top_up":100}'
wait $watch
equal 0 $? "after a top-up the same watch sends the rest, and ends"
says "has more credits, 100; going on submitting" "$T/watch.err" "  because it has seen the balance grow"
equal "[50,1]" "$(accepted)" "  all fifty, each once"
complete "$T/fetched" 50 "  and all files are home"
equal "80 50" "$(balance --limit 100 | jq -r '"\(.total) \(.entries - 1)"')" "fifty credits are gone, for fifty tasks"
equal '{"amount":50,"tasks":50,"measured":50}' "$(dreamq stats --json | jq -c 'select(.all) | .credits')" "  and all prices are measured"
done_testing
