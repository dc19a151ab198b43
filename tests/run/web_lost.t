#!/bin/bash
# Pictures submitted as the web page does: accepted, and the answer is lost in one of ten
# forms. Each is paid for once, found by asking for our own id, and its file comes home. So
# is what was accepted of batches that are killed on the way.
#
#	WEB_LOST_SUBMITS=1000     in all, spread over the forms
. "$(dirname "$0")/lib.sh"
total=${WEB_LOST_SUBMITS:-200}
processes=4
start_emulator --time-scale 100
settings 'stall_seconds = 1' 'submit_via = web' >"$T/config.ini"
export DREAMQ_CONFIG=$T/config.ini

forms='accept-then reset
accept-then reset after=25
accept-then stall 60s
accept-then stall 60s after=25
accept-then status 502
accept-then html
accept-then empty
accept-then cut-json
accept-then truncate
accept-then json "{\"ret\":[],\"data\":7}"'
n_forms=$(wc -l <<<"$forms")
equal 10 "$n_forms" "there are ten forms"

credits() { curl -sf "$DREAMQ_API_BASE/_emulator/accounts" -d '{"account":"tester"}' | jq .credits; }
before=$(credits)

# Each submit meets the form that its number draws, whoever sends it. The last ones go into
# batches that are killed.
many=8
awk -v n="$total" -v more=$((many * processes)) -v many=$many -v forms="$forms" 'BEGIN {
	n_forms = split(forms, form, "\n")
	for (i = 0; i < n + more; i++) {
		part = i < n ? "batch." int(i / n_forms) % '"$processes"' : "killed." int((i - n) / many)
		id = sprintf("web-%s-%06d", i < n ? "lost" : "killed", i)
		printf "on=submit uri=*aigc_draft* id=%s times=1 : %s\n", id, form[i % n_forms + 1] >"'"$T"'/lines"
		printf "{\"prompt\":\"%s [size=64x64]\",\"submit_id\":\"%s\",\"set\":{\"generate_num\":1}}\n", id, id \
			>("'"$T"'/" part ".jsonl")
	}
}'
curl -sf --data-binary @"$T/lines" "$DREAMQ_API_BASE/_emulator/script" >"$T/out" ||
	not_ok "the emulator takes the lines" "$(cat "$T/out")"

# send PART: of them
send() {
	timeout 200 "$DREAMQ" submit --batch "$T/$1.jsonl" --idempotency-key "$1" >"$T/ids.$1" 2>>"$T/err.$1"
}
has_been_accepted() { [ "$(stat_of .accepted)" -gt "$accepted" ]; }

# As soon as one of it has been accepted; and then it is run again, beside the others.
killed=0
for k in $(seq 0 $((processes - 1))); do
	accepted=$(stat_of .accepted)
	"$DREAMQ" submit --batch "$T/killed.$k.jsonl" --idempotency-key "killed.$k" >"$T/ids.killed.$k" 2>"$T/err.killed.$k" &
	pid=$!
	eventually 20 has_been_accepted
	kill -9 $pid && killed=$((killed + 1))
	wait $pid 2>/dev/null
done
equal $processes $killed "$processes batches are killed"
pids=
for k in $(seq 0 $((processes - 1))); do
	send "batch.$k" &
	pids="$pids $!"
	send "killed.$k" &
	pids="$pids $!"
done
wait $pids
echo "# sent after $SECONDS s"
equal $((total + many * processes)) "$(count_tasks)" "the ledger has all wishes"

is 0 "a watch settles all and ends" timeout 300 "$DREAMQ" watch --until-idle -o "$T/files"
echo "# settled after $SECONDS s"
stat_of .accepted_ids >"$T/accepted"
jq -r 'keys[]' "$T/accepted" | sort >"$T/accepted.ids"
accepted=$(wc -l <"$T/accepted.ids")
equal "$total" "$(grep -c '^web-lost-' "$T/accepted.ids")" "all $total were accepted"
between $processes "$(grep -c '^web-killed-' "$T/accepted.ids")" $((many * processes)) "  and of the killed batches what had left, or was still to be sent"
equal '[1]' "$(jq -c '[.[]] | unique' "$T/accepted")" "  each once"
equal "$accepted" "$(stat_of .accepted)" "  as the emulator counts"
equal "$accepted" $((before - $(credits))) "  and charged once, of one credit"
equal "$accepted" "$(requests submit)" "each left once"
equal "aigc_draft/generate" "$(jq -r 'select(.on == "submit").path | split("/")[-2:] | join("/")' "$T/requests.log" | sort -u)" \
	"  as the web page does"
equal "$accepted" "$(jq -rs 'map(select(.on == "submit" and (.faults | length > 0))) | length' "$T/requests.log")" \
	"  and lost its answer"
in_ledger '.[] | select(.state == "succeeded") | .submit_id' | sort >"$T/succeeded"
is 0 "each is found, and nothing else" cmp "$T/accepted.ids" "$T/succeeded"
equal "$accepted" "$(count_stored)" "  its file is stored"
complete "$T/files" "$accepted" "  and there"
is 0 "  as it was" sha256sum --quiet -c <(stored_sums)
equal "" "$(violations)" "the emulator has nothing to complain of"
cat "$T"/err.* >"$T/all.err"
says_not "locked|assert|Sanitizer|runtime error" "$T/all.err" "no trouble of our own"
done_testing
