#!/bin/bash
# --limit-rate: all downloads together keep to it, large and small ones, and by the hour. With
# RATE_SECONDS=60 (tools/torture rate) within 5 % over a minute.
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 1
err=$T/err
seconds=${RATE_SECONDS:-3}
# A quarter of a second may be made up for, and a program has to start: that weighs more in 3 s.
# How much longer it may take there is the machine's affair: it may be busy.
early=$((seconds < 20 ? 20 : 5)) late=$((seconds < 20 ? 200 : 5))
start_emulator --time-scale 20

# timed COMMAND...: in ms, in $took
timed() {
	local begun=${EPOCHREALTIME/./}
	"$@" >"$T/out" 2>"$err"
	status=$?
	took=$(((${EPOCHREALTIME/./} - begun) / 1000))
}
# near WANTED-MS LABEL
near() {
	between $(($1 * (100 - early) / 100)) "$took" $(($1 * (100 + late) / 100)) "$2"
}
bytes_in() { find "$1" -type f -name '*.png' -printf '%s\n' | awk '{ n += $1 } END { print n + 0 }'; }

# --- large files, four at once -------------------------------------------------------------------
size=$((seconds * 500 / 4))
make_tasks '{"account":"tester","ids":["large"],"prompt":"a cat [items=4] [bytes='$size'k]","age_seconds":600}' >ids
timed dreamq get -q -o large --limit-rate 500k large
equal 0 $status "four large files"
near $(($(bytes_in large) * 1000 / 512000)) "  come at 500 KiB a second"

# --- many small ones ----------------------------------------------------------------------------
count=$((seconds * 3))
make_tasks '{"account":"tester","count":'$count',"prefix":"s","prompt":"a cat [items=4] [bytes=30k]","age_seconds":600}' >ids
timed dreamq get -q -o small --limit-rate 400k --input ids
equal 0 $status "$((count * 4)) small files"
near $(($(bytes_in small) * 1000 / 409600)) "  come at 400 KiB a second"

# --- by the hour, on the clock of the wall ---------------------------------------------------------
# zone HH:MM:SS: a time zone where it is that time now
zone() {
	local now wanted
	now=$(date -u +%-H:%-M:%-S | awk -F: '{ print $1 * 3600 + $2 * 60 + $3 }')
	wanted=$(awk -F: '{ print $1 * 3600 + $2 * 60 + $3 }' <<<"$1")
	printf 'WAL-%s' "$(awk -v n=$(((wanted - now + 86400) % 86400)) \
		'BEGIN { printf "%d:%02d:%02d", n / 3600, n % 3600 / 60, n % 60 }')"
}
for id in day night change; do
	make_tasks '{"account":"tester","ids":["'$id'"],"prompt":"a cat [items=4] [bytes=250k]","age_seconds":600}' >>ids
done
timed env TZ="$(zone 23:30:00)" "$DREAMQ" get -q -o night --limit-rate 100k,22:00-07:00=off night
equal 0 $status "at night"
between 0 "$took" 4500 "  there is no limit"
timed env TZ="$(zone 12:00:00)" timeout 1 "$DREAMQ" get -q -o day --limit-rate 100k,22:00-07:00=off day
equal 124 $status "by day there is one"
# The limit falls two seconds from now: a second of 1 MB would take ten.
timed env TZ="$(zone 21:59:58)" "$DREAMQ" get -q -o change --limit-rate 100k,22:00-07:00=off change
equal 0 $status "when the night begins"
between 1000 "$took" 9000 "  the limit falls, for what is under way, too"

# --- nonsense ------------------------------------------------------------------------------------
for rate in fast 0 -1 2MB 2M,22:00=off 2M,22:00-22:00=off '2M,' 2M,22:00-07:00=; do
	is 2 "--limit-rate $rate" dreamq get --limit-rate="$rate" large
	says "'[^']*'" "$err" "  is named"
done
done_testing
