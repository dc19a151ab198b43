#!/bin/bash
# --dry-run: it tells what would be done, and nothing is asked, sent or written.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 50
quick='[seconds=1] [items=1]'

# remember; asleep LABEL: nothing has left since, and the ledger is as it was
remember() {
	sent=$(wc -l <"$T/requests.log")
	listed=$(dreamq export -q --ledger "$LEDGER" 2>/dev/null)
}
asleep() {
	equal "$sent" "$(wc -l <"$T/requests.log")" "$1: no request"
	equal "$listed" "$(dreamq export -q --ledger "$LEDGER" 2>/dev/null)" "  the same ledger"
}

# --- submit, without ledger and cookie
is 0 "submit --dry-run without a cookie" \
	env -u DREAMQ_COOKIE_FILE "$DREAMQ" submit --dry-run --json --prompt "a cat" --ratio 16:9 --submit-id mine
valid "$T/out" "  a line of the schema"
equal '["mine",false,"image",null,"mine"]' "$(jq -c '[.submit_id, .known, .kind, .credits, .body.submit_id]' "$T/out")" "  with id and body"
says "would send 1 task, and keep out 0 known" "$T/err" "  told"
[ ! -e "$LEDGER" ] && ok "  no ledger is made" || not_ok "  no ledger is made"
equal 0 "$(wc -l <"$T/requests.log")" "  nothing is sent"
is 2 "a repeat of what is not there" dreamq submit --dry-run --reroll nowhere
says "has no task 'nowhere'" "$T/err" "  is refused as ever"
is 2 "a limit that nobody can judge" dreamq submit --dry-run --prompt x --max-credits 5
says "nobody knows what an image" "$T/err" "  is refused as ever"
is 2 "no prompt" dreamq submit --dry-run
[ ! -e "$LEDGER" ] && ok "  still no ledger" || not_ok "  still no ledger"

# --- with a ledger
is 0 "a task" dreamq run --prompt "a cat $quick" --idempotency-key K -o "$T/files" --interval 100ms
one=$(in_ledger '.[0].submit_id')
remember
printf '%s\n' "a cat $quick" "a dog" >"$T/w"
is 0 "the key's task is kept out" dreamq submit --dry-run --json --prompt "a cat $quick" --idempotency-key K
valid "$T/out" "  a line of the schema"
equal "[\"$one\",true,null,\"K\"]" "$(jq -c '[.submit_id, .known, .body, .idempotency_key]' "$T/out")" "  by its id"
is 2 "the key with another request" dreamq submit --dry-run --prompt "a dog" --idempotency-key K
says "'K' belongs to the task '$one'" "$T/err" "  is refused as ever"
is 2 "an id that is taken" dreamq submit --dry-run --prompt x --submit-id "$one"
is 0 "a repeat" dreamq submit --dry-run --json --reroll "$one"
equal "[\"$one\",false,true]" "$(jq -c '[.reroll_of, .known, .body != null]' "$T/out")" "  is a new task"
is 0 "a repeat by its key" dreamq submit --dry-run --json --prompt "a cat $quick" --idempotency-key K --reroll
equal "[\"$one\",false]" "$(jq -c '[.reroll_of, .known]' "$T/out")" "  is a new task, too"
is 0 "a batch" dreamq submit --dry-run --batch "$T/w" --idempotency-key B
equal 2 "$(grep -c ' new ' "$T/out")" "  a row for each"
is 0 "run --dry-run" dreamq run --dry-run --prompt "a bird" --json -o "$T/other"
equal planned "$(jq -r .event "$T/out")" "  tells the same"
[ ! -e "$T/other" ] && ok "  and makes no folder" || not_ok "  and makes no folder"
asleep "all these"
says_not "tester|sessionid" "$T/out" "  the cookie is not in the body"
is 0 "what was told is what is sent" dreamq submit --dry-run --json --prompt "a fox $quick" --submit-id fox
planned=$(jq -cS .body "$T/out")
is 0 "  then" dreamq submit --prompt "a fox $quick" --submit-id fox
equal "$planned" "$(lab_body_of fox | jq -cS .)" "  to the byte"

# --- get, watch, cancel: by the ledger alone
make_tasks '{"account":"tester","count":1,"prefix":"slow","prompt":"[stuck]","age_seconds":5}' >/dev/null
is 4 "a task that runs" dreamq wait slow-0 --max-wait 1s
is 0 "one that is not home" dreamq wait fox --interval 100ms
remember
is 0 "get --dry-run" env -u DREAMQ_COOKIE_FILE "$DREAMQ" get --dry-run -o "$T/other" "$one" fox slow-0 never-seen
equal 2 "$(wc -l <"$T/out")" "  names the files that are known"
says "$one, file 0; is here as $T/files/" "$T/out" "  tells what is here"
says "\(fox, file 0\)" "$T/out" "  what would come"
says "slow-0: .*no file is known yet" "$T/err" "  what has none yet"
says "never-seen: the ledger does not know it" "$T/err" "  what is not known"
says "^known files: 1 would come, 1 are here already" "$T/err" "  and how many"
is 0 "get --dry-run --json" dreamq get --dry-run --json "$one" fox
valid "$T/out" "  lines of the schema"
equal "named named task task" "$(jq -r .event "$T/out" | sort | xargs)" "  tasks and names"
is 2 "a part of them" dreamq get --dry-run --only image fox
is 2 "a bad template" dreamq get --dry-run --name '{nothing}' fox
is 0 "watch --dry-run" dreamq watch --dry-run
equal "fox slow-0" "$(awk '{ print $1 }' "$T/out" | sort | xargs)" "  names what is not finished"
says "^would go on with 2 tasks" "$T/err" "  and how many"
is 0 "watch --dry-run --json" dreamq watch --dry-run --json
valid "$T/out" "  lines of the schema"
is 0 "cancel --dry-run" dreamq cancel --dry-run --json fox slow-0 never-seen
valid "$T/out" "  lines of the schema"
equal "ended unknown" "$(jq -r 'select(.submit_id != "slow-0").outcome' "$T/out" | xargs)" "  what came of each"
is 2 "no id" dreamq cancel --dry-run
asleep "get, watch and cancel"
[ ! -e "$T/other" ] && ok "  no folder is made" || not_ok "  no folder is made"
is 0 "without a ledger" env XDG_STATE_HOME="$T/empty" "$DREAMQ" watch --dry-run
is 0 "  get" env XDG_STATE_HOME="$T/empty" "$DREAMQ" get --dry-run fox
is 0 "  cancel" env XDG_STATE_HOME="$T/empty" "$DREAMQ" cancel --dry-run fox
[ ! -e "$T/empty" ] && ok "  none is made" || not_ok "  none is made" "$(find "$T/empty")"

# --- verify, rescue, ledger
gone=$(in_ledger ".[] | select(.submit_id == \"$one\").assets[0].path")
mv "$gone" "$T/away.png"
remember
is 6 "verify --repair --dry-run" dreamq verify --repair --dry-run
says "^missing +$gone" "$T/out" "  tells what is missing"
says "^would fetch 2 files; leftovers to be removed: 0" "$T/err" "  and what it would do"
[ ! -e "$gone" ] && ok "  and does not" || not_ok "  and does not"
is 6 "verify --dry-run of a folder" dreamq verify --dry-run -o "$T"
says_not "^moved" "$T/out" "  adopts nothing"
is 0 "rescue --dry-run" dreamq rescue --dry-run
equal 2 "$(grep -c "file 0" "$T/out")" "  names what is missed"
is 0 "rescue --dry-run --json of a stranger" dreamq rescue --dry-run --json tos-cn-i-tb4s082cfz/0123456789abcdef
valid "$T/out" "  a line of the schema"
equal '["unfinished","tos-cn-i-tb4s082cfz/0123456789abcdef"]' "$(jq -c '[.what, .text]' "$T/out")" "  with its name"
is 2 "rescue of no name" dreamq rescue --dry-run 'no name'
is 0 "ledger recover --dry-run" dreamq ledger recover --dry-run "$T/new.db"
is 2 "  into what is there" dreamq ledger recover --dry-run "$T/away.png"
is 0 "ledger backup --dry-run" dreamq ledger backup --dry-run "$T/new.db"
is 0 "ledger accept --dry-run" dreamq ledger accept --dry-run "$LEDGER"
is 2 "  of nothing" dreamq ledger accept --dry-run "$T/new.db"
is 0 "  as it lies there" dreamq ledger accept --dry-run --json
valid "$T/out" "  a line of the schema"
[ ! -e "$T/new.db" ] && ok "  nothing is written" || not_ok "  nothing is written"
asleep "verify, rescue and ledger"

# --- where it is shown
for locale in C zh_CN.UTF-8 xx_YY.UTF-8; do
	is 0 "in $locale, 20 columns" env LC_ALL=$locale COLUMNS=20 "$DREAMQ" submit --dry-run --prompt "a bird" --ratio 16:9 </dev/null
done
is 2 "--dry-run takes no value" dreamq submit --dry-run=x --prompt "a bird"
equal "" "$(violations)" "no violation"
done_testing
