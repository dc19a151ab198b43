#!/bin/bash
# Big files whose links die, whose readers are killed, or whose bytes change: what is here
# is built upon, and never mixed with something else.
. "$(dirname "$0")/lib.sh"
start_emulator

# task NAME PROMPT [KIND]
task() {
	make_tasks "{\"account\":\"tester\",\"ids\":[\"$1\"],\"kind\":\"${3:-image}\",
		\"prompt\":\"$2 [items=1]\",\"age_seconds\":600}"
}
sum_of() { sha256sum <"$1" | cut -c 1-64; }
# asked ID: what the CDN was asked for: "status range bytes" a line
asked() {
	jq -r --arg id "$1" 'select(.on == "cdn" and .ids == [$id]) | [.status, (.headers |
		map(select(.[0] | ascii_downcase == "range"))[0][1] // "-"), .bytes_sent] | join(" ")' \
		"$T/requests.log"
}
# between LOW GOT HIGH LABEL
between() {
	if [ "$1" -le "$2" ] && [ "$2" -le "$3" ]; then
		ok "$4"
	else
		not_ok "$4" "$2 is not in $1 to $3"
	fi
}
# killed ID FOLDER BYTES [OPTION...]: get it, and kill -9 when so many bytes are here
killed() {
	"$DREAMQ" get -q -o "$2" "$1" >/dev/null 2>&1 &
	pid=$!
	for _ in $(seq 200); do
		partial=$(find "$2" -name '.dreamq-*' -size +"$3"c 2>/dev/null)
		[ -n "$partial" ] && break
		sleep 0.02
	done
	kill -9 $pid
	wait $pid 2>/dev/null
	equal 1 "$(find "$2" -type f | wc -l)" "killed midway, only the partial file of $1 is there"
}

# Links that die under a download.
big=$(task dying "a mountain [bytes=30M]")
is 0 "30 MB, calmly" env XDG_STATE_HOME="$T/calm-state" "$DREAMQ" get -q -o "$T/calm" "$big"
: >"$T/requests.log"
script "on=cdn nth=1 : expire-after 3M" "on=cdn nth=3 : expire-after 8M" \
	"on=cdn nth=5 : expire-after 4M" "on=cdn nth=7 : expire-after 6M"
is 0 "30 MB behind links that die after 3 to 8 MB" dreamq get -v -o "$T/files" "$big"
clear_script
equal "$(sum_of "$T/calm/dying_0.png")" "$(sum_of "$T/files/dying_0.png")" "is the same file"
complete "$T/files" 1 "and alone"
sent=$(asked dying | awk '{ n += $3 } END { print n }')
size=$(stat -c %s "$T/files/dying_0.png")
between "$size" "$sent" $((size + size / 20)) "the CDN sent it once"
between 4 "$(($(requests query) - 1))" 5 "four links died, so four were asked for"
says_not 'x-signature|x-expires' "$T/err" "-v shows no signed link"

# Killed and run again.
long=$(task long "a river [bytes=20M] [slow=10M]")
killed "$long" "$T/killed" 4000000
: >"$T/requests.log"
is 0 "run again" dreamq get -o "$T/killed" "$long"
says '^206 bytes=[0-9]{7,}-' <(asked long) "goes on where it stopped"
equal 1 "$(asked long | wc -l)" "with one request"
is 0 "calmly" env XDG_STATE_HOME="$T/calm-state" "$DREAMQ" get -q -o "$T/calm" "$long"
equal "$(sum_of "$T/calm/long_0.png")" "$(sum_of "$T/killed/long_0.png")" "and it is the same file"

# Killed, and then it is another object.
other=$(task other "a lake [bytes=12M] [slow=10M]")
killed "$other" "$T/changed" 2000000
: >"$T/requests.log"
script "on=cdn id=other times=1 : new-etag"
is 0 "the object has changed meanwhile" dreamq get -o "$T/changed" "$other"
clear_script
says '^200 bytes=[0-9]{7,}-' <(asked other) "If-Range made the CDN send all of it"
is 0 "calmly" env XDG_STATE_HOME="$T/calm-state" "$DREAMQ" get -q -o "$T/calm" "$other"
equal "$(sum_of "$T/calm/other_0.png")" "$(sum_of "$T/changed/other_0.png")" "the old bytes are gone"

# Killed, and then somebody touches the partial file.
film=$(task film "a storm [bytes=6M] [slow=10M]" video)
is 0 "a film, calmly" env XDG_STATE_HOME="$T/calm-state" "$DREAMQ" get -q -o "$T/calm" "$film"
killed "$film" "$T/longer" 1000000
partial=$(find "$T/longer" -name '.dreamq-*')
truncate -s 9M "$partial"
is 0 "a partial file that is longer than the film" dreamq get -o "$T/longer" "$film"
equal "$(sum_of "$T/calm/film_0.mp4")" "$(sum_of "$T/longer/film_0.mp4")" "is not built upon"
dreamq forget "$film" 2>/dev/null
killed "$film" "$T/damaged" 1000000
partial=$(find "$T/damaged" -name '.dreamq-*')
printf 'other bytes' | dd of="$partial" bs=1 seek=500000 conv=notrunc 2>/dev/null
is 0 "a partial file with other bytes in it" dreamq get -o "$T/damaged" "$film"
equal "$(sum_of "$T/calm/film_0.mp4")" "$(sum_of "$T/damaged/film_0.mp4")" \
	"is found out by its md5, and fetched again"
complete "$T/damaged" 1 "nothing else is left"

# Two at once on one big file.
both=$(task both "a valley [bytes=10M] [slow=10M]")
: >"$T/requests.log"
"$DREAMQ" get -o "$T/both" "$both" >"$T/a.out" 2>"$T/a.err" &
a=$!
"$DREAMQ" get -o "$T/both" "$both" >"$T/b.out" 2>"$T/b.err" &
b=$!
wait $a
equal 0 $? "two at once on one file: the first succeeds"
wait $b
equal 0 $? "two at once on one file: the second succeeds"
equal 1 "$(asked both | wc -l)" "it was fetched once"
equal "$T/both/both_0.png" "$(sort -u "$T/a.out" "$T/b.out")" "both tell where it is"
complete "$T/both" 1 "and it is there once"

# The link that dies first is used first.
for n in 1 2 3; do task "p$n" "a cat" && task "v$n" "a wave" video; done >"$T/ids"
: >"$T/requests.log"
is 0 "six files, one at a time" dreamq get --json --quality best-listed --jobs 1 -o "$T/order" --input "$T/ids"
jq -r 'select(.event == "task") | "\(.submit_id) \(.assets[0].expires_at)"' "$T/out" >"$T/expiry"
jq -r 'select(.on == "cdn") | .ids[0]' "$T/requests.log" | while read -r id; do
	grep "^$id " "$T/expiry"
done | cut -d ' ' -f 2 >"$T/order-of-expiry"
equal 6 "$(wc -l <"$T/order-of-expiry")" "each was asked for once"
is 0 "in the order in which their links die" sort -c "$T/order-of-expiry"
between 2 "$(sort -u "$T/order-of-expiry" | wc -l)" 6 "(which differ)"
equal "" "$(violations)" "the emulator has nothing to complain of"
done_testing
