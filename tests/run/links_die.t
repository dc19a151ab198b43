#!/bin/bash
# Links that die: under one big file again and again, under a batch that takes longer than
# any of them lives, and by a clock that is not ours.
#
#	BIG_BYTES=200M BIG_LIFE=3M..20M   the big file, and how much each link brings
#	LINK_ASSETS=400 LINK_LIFE=60      so many files, by links of so many seconds, in
#	                                  four times that
. "$(dirname "$0")/lib.sh"
big_bytes=${BIG_BYTES:-24M}
big_life=${BIG_LIFE:-1M..3M}
assets=${LINK_ASSETS:-60}
life=${LINK_LIFE:-7}
settings 'stall_seconds = 5' >"$T/config.ini"
export DREAMQ_CONFIG=$T/config.ini

# task NAME PROMPT [KIND]
task() {
	make_tasks "{\"account\":\"tester\",\"ids\":[\"$1\"],\"kind\":\"${3:-image}\",
		\"prompt\":\"$2 [items=1]\",\"age_seconds\":9999}"
}
sum_of() { sha256sum <"$1" | cut -c 1-64; }
# by_curl ID: the file's sum, by the link of a look, with neither ledger nor folder of ours
by_curl() {
	curl -s "$(XDG_STATE_HOME=$T/look dreamq query --json "$1" | jq -r '.assets[0].url')" | sha256sum |
		cut -c 1-64
}
# looks ID, brought ID: queries for it since `begin`; bytes that the CDN sent of it
begin() { : >"$T/requests.log"; }
looks() { jq -s --arg id "$1" '[.[] | select(.on == "query" and (.ids | index($id)))] | length' "$T/requests.log"; }
brought() { jq -s --arg id "$1" '[.[] | select(.on == "cdn" and .ids == [$id]) | .bytes_sent] | add' "$T/requests.log"; }
refused() { jq -s '[.[] | select(.on == "cdn" and .status == 403)] | length' "$T/requests.log"; }

start_emulator
one_big_file() { # NAME PROMPT [KIND]
	local id sum died size
	id=$(task "$@")
	sum=$(by_curl "$id")
	died=$(stat_of .links_died)
	begin
	script "on=cdn : expire-after $big_life"
	is 0 "$big_bytes ($1) over links that each bring $big_life" dreamq get -q --json -o "$T/files" "$id"
	clear_script
	equal "$sum" "$(jq -r 'select(.event == "task") | .assets[0].sha256' "$T/out")" "  is the same to the byte"
	equal "$sum" "$(sum_of "$(find "$T/files" -name "$1*")")" "  on the disk, too"
	size=$(stat -c %s "$(find "$T/files" -name "$1*")")
	died=$(($(stat_of .links_died) - died))
	at_least 5 "$died" "  several links died ($died)"
	between 2 "$(looks "$id")" $((died + 1)) "  with no more renewals than that"
	between "$size" "$(brought "$id")" $((size + size / 50 + 65536)) "  and hardly a byte was sent twice"
}
one_big_file picture "a mountain [bytes=$big_bytes]"
one_big_file film "a mountain [bytes=$big_bytes]" video

# The object changes between two links: what was brought of the old one is worthless.
id=$(task changes "a river [bytes=6M]")
before=$(by_curl "$id")
begin
script "on=cdn : expire-after 2M" "on=cdn nth=3 : new-etag"
is 0 "an object that changes between two links" dreamq get -q -o "$T/files" "$id"
clear_script
after=$(by_curl "$id")
differ "$before" "$after" "  (it did)"
equal "$after" "$(sum_of "$T/files/changes_0.png")" "  is begun anew, and right"
complete "$T/files" 3 "nothing but these files is left"
stop_emulator

# A batch that takes longer than its links live.
# A link is not begun with in its last 5 s; one request renews up to 50.
# dying_batch LABEL COUNT LIFE SECONDS [EMULATOR OPTION...]: what SECONDS of transfer bring
dying_batch() {
	local label=$1 count=$2 seconds=$3 took=$4
	shift 4
	rm -rf "$T/state" "$T/batch"
	begin
	start_emulator --link-life "${seconds}s" "$@"
	make_tasks "{\"account\":\"tester\",\"count\":$count,\"prefix\":\"b\",\"age_seconds\":9999,
		\"prompt\":\"a leaf [items=1] [bytes=40k] [slow=$((count * 40 / 4 / took))k]\"}" >"$T/ids"
	began=$SECONDS
	is 0 "$label" dreamq get -q --jobs 4 -o "$T/batch" --input "$T/ids"
	took=$((SECONDS - began))
	complete "$T/batch" "$count" "  all arrive (in $took s)"
	at_least "$seconds" "$took" "  though it took longer than a link lives"
	at_least "$count" "$(find "$T/batch" -size -41k -size +39k | wc -l)" "  whole"
	jq -r 'select(.on == "cdn") | "\(.ids[0]) \(.query | capture("x-expires=(?<e>[0-9]+)").e)"' \
		"$T/requests.log" | awk '!seen[$1]++ { print $2 }' >"$T/expiry"
	equal "$count" "$(wc -l <"$T/expiry")" "  each was asked for"
	# Of two answers the later may come first: by a second or two.
	is 0 "  the links that die first before the others" awk '
		$1 > latest { latest = $1 }
		$1 < latest - 2 { print "line " NR ": " $1 " after " latest; bad = 1 }
		END { exit bad }' "$T/expiry"
	between 0 "$(refused)" $((count / 20)) "  by links that still lived"
	between "$((count * 40960))" "$(stat_of .cdn_bytes)" "$((count * 40960 * 21 / 20))" "  and once"
	# One request each time all links in stock have died, and one for each fifty files.
	between 2 "$(requests query)" $(((took / (seconds - 5) + count / 50 + 2) * 3 / 2)) "  renewed in batches"
	stop_emulator
}
# Nobody is given up because his link died in our queue, however often.
dying_batch "$assets files whose links live $life s" "$assets" "$life" $((life * 4))
dying_batch "the same by a clock that is 10 minutes ahead" 30 8 10 --clock-skew 10m
dying_batch "the same by a clock that is 10 minutes behind" 30 8 10 --clock-skew -10m
done_testing
