#!/bin/bash
# Answers to submits, drawn at random: a ret, what `data` names, and how it arrives. What
# was accepted is paid once and found; only a bare refusal allows a second request.
#
#	ANSWER_SUBMITS=1000     in all; from 200 on it waits until the last one is settled
#	ANSWER_SEED=7           of the draws
#	ANSWER_VIA=web          by which way
. "$(dirname "$0")/lib.sh"
total=${ANSWER_SUBMITS:-40}
seed=${ANSWER_SEED:-$((RANDOM + 1))}
processes=4
start_emulator --time-scale 100
via=${ANSWER_VIA:-agent}
settings 'stall_seconds = 2' "submit_via = $via" >"$T/config.ini"
export DREAMQ_CONFIG=$T/config.ini
echo "# $total submits by way of $via, seed $seed"

# One line of script a submit: `id ret names way accepted`, then the line itself. A bare
# refusal that can be read is believed, so that the service must mean it.
more=
[ "$via" = agent ] || more=',"set":{"generate_num":1}'
awk -v n="$total" -v seed="$seed" -v more="$more" 'BEGIN {
	srand(seed)
	rets = split("0 1310 1057 1015 10002 1006 1019 2038 1000 1002 4711", ret, " ")
	own = split("own task history charge", owns, " ")
	for (i = 0; i < n; i++) {
		id = sprintf("drawn-answer-%06d", i)
		code = ret[int(rand() * rets) + 1]
		what = int(rand() * 3)
		names = what == 0 ? owns[int(rand() * own) + 1] : what == 1 ? "other" : "none"
		way = int(rand() * 3)
		travels = way == 0 ? "" : way == 1 ? " status=502" : rand() < 0.5 ? " cut-json" : " truncate"
		is_bare = names == "none" && way == 0 && code != "0" && code != "1002" && code != "4711"
		accepted = !is_bare && rand() < 0.6
		print id, code, names, way, accepted, is_bare >"'"$T"'/draws"
		printf "on=submit id=%s times=1 : %sret %s names=%s retry-after=1%s\n", id,
			accepted ? "accept-then " : "", code, names, travels >"'"$T"'/lines"
		printf "{\"prompt\":\"%s [items=1] [size=64x64]\",\"submit_id\":\"%s\"%s}\n", id, id, more \
			>("'"$T"'/batch." (i % '"$processes"') ".jsonl")
	}
}'
curl -sf --data-binary @"$T/lines" "$DREAMQ_API_BASE/_emulator/script" >"$T/out" ||
	not_ok "the emulator takes the lines" "$(cat "$T/out")"

# One process for each part, again and again: an account in trouble ends a run.
part() {
	for _ in $(seq $((total + 20))); do
		timeout 120 "$DREAMQ" submit --batch "$T/batch.$1.jsonl" --idempotency-key "part.$1" \
			--max-wait 1s >"$T/ids.$1" 2>>"$T/err.$1"
		[ "$(count_tasks submitting)" = 0 ] && break
	done
}
pids=
for k in $(seq 0 $((processes - 1))); do
	part "$k" &
	pids="$pids $!"
done
wait $pids
echo "# sent after $SECONDS s"
equal "$total" "$(count_tasks)" "the ledger has the $total wishes"

# What never arrived is only believed after two minutes: a small run does not wait so long.
"$DREAMQ" watch --until-idle -o "$T/files" >"$T/watch.out" 2>"$T/err.watch" &
watch=$!
all_are_home() {
	[ "$(count_stored)" -eq "$(stat_of '.accepted_ids | length')" ]
}
if eventually 120 all_are_home; then ok "a watch brings home what was accepted"; else
	not_ok "a watch brings home what was accepted" "$(dreamq list)"
fi
if [ "$total" -ge 200 ]; then
	eventually 600 eval "! kill -0 $watch"
else
	kill -TERM $watch
fi
wait $watch
equal 0 $? "  and ends well"

echo "# settled after $SECONDS s"
stat_of '.accepted_ids' >"$T/accepted"
equal '[1]' "$(jq -c '[.[]] | unique' "$T/accepted")" "each id was accepted at most once"
awk '$5 { print $1 }' "$T/draws" | sort >"$T/drawn"
jq -r 'keys[]' "$T/accepted" | sort >"$T/accepted.ids"
equal "" "$(comm -23 "$T/drawn" "$T/accepted.ids")" "  those among them that were drawn to be"
in_ledger '.[] | select(.state == "succeeded") | .submit_id' | sort >"$T/succeeded"
is 0 "what was accepted is found, and nothing else" cmp "$T/accepted.ids" "$T/succeeded"
complete "$T/files" "$(wc -l <"$T/accepted.ids")" "  its file is there"
awk '!$6 { print $1 }' "$T/draws" | sort >"$T/unclear"
jq -r 'select(.on == "submit") | .ids[0]' "$T/requests.log" | sort | uniq -d >"$T/twice"
equal "" "$(comm -12 "$T/twice" "$T/unclear")" "what names a task, or is no refusal, is not sent again"
# In a small run what is missed is still waited for: what was told to be accepted and is
# not there is `queued` for ten minutes, everything else `unknown` for two.
awk '$2 == 0 && $4 == 0 && !$5 { print $1 ":queued" }' "$T/draws" | sort >"$T/waiting"
[ "$total" -lt 200 ] || : >"$T/waiting"
in_ledger '.[] | "\(.submit_id):\(.state)"' | grep -vE ":(succeeded|failed|not_found$(
	[ "$total" -ge 200 ] || echo "|unknown"))\$" | sort >"$T/open"
equal "" "$(comm -23 "$T/open" "$T/waiting")" "nothing is left open"
equal "$via" "$(jq -r 'select(.on == "submit") | if .path | contains("aigc_draft") then "web" else "agent" end' \
	"$T/requests.log" | sort -u)" "all went by way of $via"
equal "" "$(violations)" "the emulator has nothing to complain of"
cat "$T"/err.* >"$T/all.err"
says_not "locked|assert|Sanitizer|runtime error" "$T/all.err" "no trouble of our own"
echo "# $(jq -s 'map(select(.on == "submit")) | length' "$T/requests.log") submits, $(wc -l <"$T/accepted.ids") accepted ids, $(wc -l <"$T/twice") sent again"
done_testing
