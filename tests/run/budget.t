#!/bin/bash
# Eight programs on one ledger share the requests of one account: in no time t do more
# than burst and rate·t of them arrive, whoever sends them.
. "$(dirname "$0")/lib.sh"
start_emulator
settings 'batch_max = 10' | sed 's/= off/= 600/' >"$T/config.ini"
export DREAMQ_CONFIG=$T/config.ini
per_second=10 burst=60
travel=10 # requests: taken out of the budget in time, and under way for up to a second

# Sixteen ids each, which end one after the other, 6 to 13 s from now. Who may, asks for
# all of them three times a second: five times of what the account has.
programs=8
each=16
for n in $(seq $((each / 2))); do
	make_tasks "{\"account\":\"tester\",\"prefix\":\"b-$n\",\"count\":$((programs * 2)),
		\"prompt\":\"a cat [items=1] [seconds=$((5 + n))]\"}"
done >"$T/ids"
pids=()
for n in $(seq $programs); do
	awk -v n="$n" -v of=$programs 'NR % of == n % of' "$T/ids" >"$T/ids.$n"
	timeout 100 "$DREAMQ" wait -q --interval 300ms --input "$T/ids.$n" >"$T/out.$n" 2>"$T/err.$n" &
	pids+=($!)
done
statuses=
for pid in "${pids[@]}"; do
	wait "$pid"
	statuses+="$? "
done
equal "0 0 0 0 0 0 0 0 " "$statuses" "$programs waits, $each ids each, end well"
equal "$((programs * each))" "$(count_tasks succeeded)" "all tasks have"

# So much more than `rate·t` came within some time at most; and how much of the budget
# was used: without a want of requests nothing is shown. (They want five times of it; a
# busy machine begins them late, and the burst is not used up then.)
jq -r 'select(.on == "query") | .time' "$T/requests.log" | sort -g >"$T/times"
read -r worst used < <(awk -v rate=$per_second -v burst=$burst '
	{ least = NR == 1 || NR - rate * $1 < least ? NR - rate * $1 : least
	  over = NR - rate * $1 - least + 1
	  worst = over > worst ? over : worst
	  if (NR == 1) first = $1
	  last = $1 }
	END { printf "%d %d\n", worst, 100 * NR / (burst + rate * (last - first)) }' "$T/times")
echo "# $(wc -l <"$T/times") requests, at most $worst above $per_second a second, $used % of what was allowed"
between 1 "$worst" $((burst + travel)) "never more than $burst above $per_second requests a second"
at_least 25 "$used" "  though they would have liked to"
done_testing
