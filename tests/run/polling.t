#!/bin/bash
# The real program against the bench: tasks of all sorts, watched by one `wait`, cost as
# many polls and requests, and are seen as soon, as when bench-polling has the same
# schedule poll the same lives on its virtual clock.
#
#	POLLING_TASKS=200 POLLING_SCALE=10   how many; how many times as fast as ours. From
#	                                     1 000 on they live as long as real ones.
[ -w /dev/shm ] && TMPDIR=/dev/shm # no disk shall make it late
. "$(dirname "$0")/lib.sh"
: "${BENCH_POLLING:?}"
use_release_build "sanitizers make every poll late"
tasks=${POLLING_TASKS:-200}
scale=${POLLING_SCALE:-10}
batch=50 per_minute=6000
start_emulator --time-scale "$scale"
settings | sed "s/= off/= $per_minute/" >"$T/config.ini"
export DREAMQ_CONFIG=$T/config.ini
script 'on=query : interval 0' # the floors are the program's own

# 60 % images, 25 % videos, 15 % videos far back in a queue; not all of one moment. Few
# calls, since time runs meanwhile, and the short-lived last.
groups=5
make_group() { # NAME KIND PERCENT AGE PROMPT
	make_tasks "{\"account\":\"tester\",\"prefix\":\"$1\",\"count\":$((tasks * $3 / 100 / groups)),
		\"kind\":\"$2\",\"prompt\":\"$5\",\"age_seconds\":$4}"
}
queue=600
[ "$tasks" -ge 1000 ] || queue=120
length() { [ "$tasks" -ge 1000 ] || echo "[seconds=$1]"; }
for n in $(seq $groups); do
	make_group "queue-$n" video 15 $((n * 4)) "waves [queue=$((n * queue))] $(length $((30 + n * 8)))"
	make_group "video-$n" video 25 $((n * 4)) "waves $(length $((40 + n * 20)))"
done >"$T/made"
for n in $(seq $groups); do
	make_group "image-$n" image 60 $((n * 2)) "a cat [items=1]"
done >>"$T/made"
curl -sf "$DREAMQ_API_BASE/_emulator/tasks?account=tester" >"$T/truth"
jq -r 'sort_by(.created)[].submit_id' "$T/truth" >"$T/ids"
is 0 "a wait for $(wc -l <"$T/ids") tasks" timeout 900 "$DREAMQ" wait --explain --input "$T/ids"
says 'next poll' "$T/err" "--explain says why the next poll is when it is"

# The same lives, from the whole second on in which the first began. When the watch
# began, and how long emulator and program are busy with an id, is seen in its first
# requests, which follow each other without a pause, two at a time.
base=$(jq '[.[].created] | min | floor' "$T/truth")
jq -r --argjson base "$base" '.[] | "\(.kind) \(.created - $base) \(.place) \(.begins - .created) \(
	.ends - .begins) \(if .first_item then .first_item - .begins else 0 end) \(.forecast)"' \
	"$T/truth" >"$T/lives"
read -r start lag < <(jq -rs --argjson base "$base" --argjson n $(((tasks + batch - 1) / batch)) '
	map(select(.on == "query"))[:$n] | "\(.[0].time - $base) \(
	(.[-1].time - .[0].time) / (.[:-1] | map(.ids | length) | add) * 2)"' "$T/requests.log")
for seed in $(seq 20); do
	"$BENCH_POLLING" --replay "$T/lives" --emulated --start "$start" --lag "$lag" --rate $per_minute \
		--batch $batch --seed "$seed"
done | jq -r '"\(.polls) \(.requests) \(.delay_mean_s)"' >"$T/bench"
lab_polls >"$T/real"
echo "# the watch began after $start s; an id takes $lag s"

# agrees COLUMN LABEL [LATE]: within a tenth of the bench's mean, and of few tasks within
# what chance (the jitter of the polls) does to the bench four times in a hundred thousand,
# and LATE more, which a machine is that does a lot beside this.
agrees() {
	local told verdict=ok
	told=$(awk -v c="$1" -v few=$((tasks < 1000)) -v late="${3:-0}" '
		FNR == NR { real = $c; next }
		{ n++; sum += $c; squares += $c * $c }
		END { mean = sum / n
		      sd = sqrt((squares - n * mean * mean) / (n - 1))
		      limit = 0.1 * mean + (few ? 4 * sd + late : 0)
		      far = real - mean
		      printf "real %.3f, bench %.3f with a spread of %.3f: %+.1f %% of at most %.1f %%",
		      	real, mean, sd, 100 * far / mean, 100 * limit / mean
		      exit !(far <= limit && far >= -limit) }' "$T/real" "$T/bench") || verdict=not_ok
	$verdict "$2: $told"
}
agrees 1 "polls"
agrees 2 "requests"
agrees 3 "delay, s" "$(awk -v scale="$scale" 'BEGIN { print scale * 0.2 }')"
done_testing
