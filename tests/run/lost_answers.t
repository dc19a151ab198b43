#!/bin/bash
# Accepted, answer lost: whatever becomes of the answer to a submit, or of the process that
# waits for it, the task is paid for once, and its files come home.
#
#	LOST_SUBMITS=500     in all, spread over the forms
. "$(dirname "$0")/lib.sh"
total=${LOST_SUBMITS:-60}
processes=3
start_emulator --time-scale 50
settings 'stall_seconds = 1' >"$T/config.ini"
export DREAMQ_CONFIG=$T/config.ini

# What becomes of an answer. Each form is hit by several processes at once.
forms='
reset        accept-then reset
reset-within accept-then reset after=25
stall        accept-then stall 60s
stall-within accept-then stall 60s after=25
status-502   accept-then status 502
html         accept-then html
empty        accept-then empty
cut-json     accept-then cut-json
truncated    accept-then truncate
garbage      accept-then json {"ret":[],"data":7}
text         accept-then not-json
lost-before  reset
'
kills='before during-unread during-accepted after'
n_forms=$(($(printf '%s' "$forms" | grep -c .) + 4))
each=$(((total + n_forms * processes - 1) / (n_forms * processes)))
many=$((each > 6 ? each : 6)) # more than are sent at once: some are still to be sent
lines=0
killed=0

# prompts FORM K COUNT: a file with so many prompts, each its own
prompts() {
	for i in $(seq "$3"); do echo "[$1 $2 $i] a cat [items=1]"; done >"$T/$1.$2.txt"
	lines=$((lines + $3))
}
# batch FORM K MAX_WAIT: submit that file; asking for the same twice must not pay twice
batch() {
	timeout 230 "$DREAMQ" submit --batch "$T/$1.$2.txt" --idempotency-key "$1.$2" --max-wait "$3" \
		>"$T/$1.$2.ids" 2>"$T/$1.$2.err"
}

# Somebody follows everything all the while, so that there is not one process only
# that could settle what is unknown.
"$DREAMQ" watch -o "$T/files" --interval 500ms >"$T/watch.out" 2>"$T/watch.err" &
watch=$!

# killed WHEN K FAULT CONDITION: kill -9 of a batch as soon as the condition holds
killed() {
	local when=$1 k=$2 fault=$3
	shift 3
	prompts "$when" "$k" "$many"
	script "on=submit : $fault"
	submitted=$(stat_of .submit)
	accepted=$(stat_of .accepted)
	"$DREAMQ" submit --batch "$T/$when.$k.txt" --idempotency-key "$when.$k" \
		>"$T/$when.$k.ids" 2>"$T/$when.$k.err" &
	pid=$!
	eventually 20 "$@" || not_ok "$when: it came so far"
	kill -9 $pid 2>/dev/null && killed=$((killed + 1))
	wait $pid 2>/dev/null
	unscript "on=submit : $fault"
}
# What is told is in the ledger.
has_told() { [ -s "$T/$when.$k.ids" ]; }
was_answered() { lab_was_answered "[$when $k "; }
has_sent() { [ "$(stat_of .submit)" -gt "$submitted" ]; }
has_been_accepted() { [ "$(stat_of .accepted)" -gt "$accepted" ]; }

for k in $(seq "$processes"); do
	killed during-unread "$k" "stall 60s" has_sent
	killed before "$k" "slow 20" has_told
	killed during-accepted "$k" "accept-then stall 60s" has_been_accepted
	killed after "$k" "slow 200" was_answered
done
equal $((4 * processes)) $killed "batches are killed before, during and after the sending"

while read -r form fault; do
	for k in $(seq "$processes"); do prompts "$form" "$k" "$each"; done
	script "on=submit : ${fault//\{*/\"$(sed 's/.*json //; s/"/\\"/g' <<<"$fault")\"}"
	pids=
	for k in $(seq "$processes"); do
		batch "$form" "$k" 2s &
		pids="$pids $!"
	done
	wait $pids
	clear_script
done < <(printf '%s' "$forms" | grep .)

# The same commands again, all at once, also those that were killed: nothing is paid twice,
# and what was killed before it was on disk is now. One disk serves them all, and two
# seconds are soon over on a slow one: each has time.
pids=
for form in $kills $(awk 'NF { print $1 }' <<<"$forms"); do
	for k in $(seq "$processes"); do
		cp "$T/$form.$k.ids" "$T/$form.$k.first"
		batch "$form" "$k" 100s &
		pids="$pids $!"
	done
done
wait $pids
changed=
for form in $kills $(awk 'NF { print $1 }' <<<"$forms"); do
	for k in $(seq "$processes"); do
		[ "$(wc -l <"$T/$form.$k.ids")" = "$(wc -l <"$T/$form.$k.txt")" ] &&
			[ "$(head -n "$(wc -l <"$T/$form.$k.first")" "$T/$form.$k.ids")" = "$(cat "$T/$form.$k.first")" ] ||
			changed+=" $form.$k: $(xargs <"$T/$form.$k.first") | $(xargs <"$T/$form.$k.ids") | $(cat "$T/$form.$k.err")"
	done
done
equal "" "$changed" "the same command again gives the same ids, and all of them"
equal "$lines" "$(count_tasks)" "the ledger has the $lines wishes, once"

# What never arrived is only believed after two minutes.
idle() {
	sleep 1
	[ "$(dreamq list --json --state unfinished | wc -l)" -eq 0 ]
}
if eventually 200 idle; then ok "all of them end"; else
	not_ok "all of them end" "$(dreamq list --state unfinished)"
fi
kill -TERM $watch
wait $watch
equal 0 $? "the watch that was there all the time ends well"
is 0 "another has nothing left to do" dreamq watch --until-idle -o "$T/files"

stat_of '.accepted_ids' >"$T/accepted"
equal '[1]' "$(jq -c '[.[]] | unique' "$T/accepted")" "each id was accepted at most once"
jq -r 'keys[]' "$T/accepted" | sort >"$T/accepted.ids"
in_ledger '.[] | select(.state == "succeeded") | .submit_id' | sort >"$T/succeeded"
is 0 "what was accepted has succeeded, and nothing else" cmp "$T/accepted.ids" "$T/succeeded"
in_ledger '.[] | .submit_id as $id | .assets[] | select(.stored) | $id' | sort >"$T/stored"
is 0 "  and its file is stored" cmp "$T/accepted.ids" "$T/stored"
complete "$T/files" "$(wc -l <"$T/accepted.ids")" "  and there"
equal "not_found" "$(in_ledger 'map(.state) | unique - ["succeeded"] | .[]')" \
	"the others never arrived, and are called so"
# Only a readable refusal allows a second request for one id; there was none.
jq -r 'select(.on == "submit") | .ids[0]' "$T/requests.log" | sort | uniq -d >"$T/twice"
equal "" "$(cat "$T/twice")" "no id was sent twice, whatever came back"
between $((processes * 2)) "$(count_tasks not_found)" \
	$((lines / 2)) "  (some were lost on the way)"
equal "" "$(violations)" "the emulator has nothing to complain of"
cat "$T"/*.err >"$T/all.err"
says_not "is locked|assert|Sanitizer" "$T/all.err" "nobody saw a locked database"
done_testing
