#!/bin/bash
# What waiting costs in memory. Sanitizers multiply it, so this needs a release build.
#
#	COST_IDS=10000     waiting in one process; tools/torture has 100 000
#	FRESH_IDS=100000   of which nobody has heard before; tools/torture has 300 000
. "$(dirname "$0")/lib.sh"
use_release_build "sanitizers multiply memory"
ids=${COST_IDS:-10000}
fresh=${FRESH_IDS:-100000}
limit_mib=$((20 + ids / 1250)) # 100 000: 100 MiB
fresh_mib=$((30 + fresh / 3750)) # 300 000: 110 MiB
start_emulator --time-scale 20
for n in $(seq 0 $((ids / 10000 - 1))); do
	make_tasks '{"account":"tester","count":10000,"prefix":"stuck'$n'","prompt":"[stuck]","age_seconds":60}'
done >"$T/ids"
make_tasks '{"account":"tester","count":50,"prefix":"big","prompt":"a cat [items=4]","age_seconds":600}' >"$T/fifty"

# peak N COMMAND...: run it until it has asked for N ids, stop it; its largest resident
# size in KiB is in $peak
peak() {
	local wanted=$1 pid
	shift
	: >"$T/requests.log"
	rm -rf "$T/state"
	env -u MALLOC_PERTURB_ "$DREAMQ" "$@" --interval 2h >"$T/out" 2>"$T/err" &
	pid=$!
	for _ in $(seq $((150 + ids / 100))); do
		sleep 0.2
		asked=$(grep '"on":"query"' "$T/requests.log" | grep -oE '"(stuck[0-9]|big)-[0-9]+"' | sort -u | wc -l)
		[ "$asked" -lt "$wanted" ] || break
	done
	sleep 0.5
	peak=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status")
	kill -TERM $pid
	wait $pid
	equal "$wanted ids, 130" "$asked ids, $?" "$1 asked for $wanted ids, then was stopped"
}
# below LIMIT LABEL
below() {
	if [ "$peak" -lt "$1" ]; then ok "$2: $peak KiB"; else not_ok "$2" "$peak KiB, not below $1"; fi
}

peak "$ids" wait --input "$T/ids"
below $((limit_mib << 10)) "  $ids waiting ids are under $limit_mib MiB"
# As export tells them, with long prompts: 80 MB of text, of which only the ids are kept.
awk -v pad="$(head -c 8192 /dev/zero | tr '\0' x)" 'NR <= 10240 {
	printf "{\"event\":\"task\",\"submit_id\":\"%s\",\"prompt\":\"%s\"}\n", $1, pad }' "$T/ids" >"$T/exported"
at_least 80000000 "$(stat -c %s "$T/exported")" "an export of 80 MB"
ids_in_export=$(wc -l <"$T/exported")
peak "$ids_in_export" wait --input "$T/exported"
below $((limit_mib << 10)) "  costs no more than its $ids_in_export ids"
peak "$ids" get -o "$T/files" --input "$T/ids"
below $((limit_mib << 10)) "  with get, too"

# What an id costs before it was asked for: with the first answer nobody waits for.
awk -v n="$fresh" 'BEGIN { for (i = 0; i < n; i++)
	printf "%08x-feed-4bad-9ace-%012x\n", i * 2654435761 % 4294967296, i }' >"$T/fresh"
script "on=query : stall 1h"
has_asked() { [ "$(stat_of .query)" -gt "$asked" ]; }
for verb in wait "get -o $T/files"; do
	rm -rf "$T/state"
	asked=$(stat_of .query)
	# shellcheck disable=SC2086 # a verb and its options
	env -u MALLOC_PERTURB_ "$DREAMQ" $verb --input "$T/fresh" >"$T/out" 2>"$T/err" &
	pid=$!
	eventually $((60 + fresh / 2000)) has_asked || not_ok "${verb%% *} asks for fresh ids" "$(cat "$T/err")"
	peak=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status")
	kill -TERM $pid
	wait $pid
	below $((fresh_mib << 10)) "${verb%% *}: $fresh fresh ids are under $fresh_mib MiB when the first are asked for"
done
clear_script

peak 2 wait stuck0-0 big-0
one=$peak
equal 1 "$(requests query)" "  in one request"
peak 51 wait stuck0-0 --input "$T/fifty"
equal 2 "$(requests query)" "  in two requests, of which one has 50"
peak=$((peak - one))
below 6144 "  50 real records more need a few MiB more"
done_testing
