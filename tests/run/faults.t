#!/bin/bash
# The faults of the emulator's table (those that give one task another one's record are in
# looks.t, accept-then is in lost_answers.t and submit.t). One that ends leaves the same files as a calm run;
# one that stays ends with its documented exit status, nothing half-written, and is
# forgotten by the next run.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 20
scale=20
settings 'stall_seconds = 1' >"$T/short.ini"
export DREAMQ_CONFIG=$T/short.ini

# Name, requests to the CDN, and a fault of the CDN that ends; ";" joins two. Where the
# service told the size, nothing is left to ask for after a length that was too long.
cdn_faults='
reset          2 times=1 : reset
reset-after    2 times=1 : reset after=300k
reset-twice    3 times=2 : reset after=200k
stall          2 times=1 : stall 60s
stall-after    2 times=1 : stall 60s after=300k
slow           1 times=1 : slow 500k
truncate       2 times=1 : truncate
truncate-after 2 times=1 : truncate after=300k
truncate-small 2 times=1 : truncate after=10
too-long       1-2 times=1 : length +10
too-short      2 times=1 : length -10
short-by-half  2 times=1 : length -350000
status-500     2 times=1 : status 500
status-503     2 times=1 : status 503 retry-after=2
status-429     2 times=1 : status 429 retry-after=2
status-408     2 times=1 : status 408
status-403     2 times=1 : status 403
status-404     2 times=1 : status 404
status-410     2 times=1 : status 410
status-418     2 times=1 : status 418
html           2 times=1 : html
html-403       2 times=1 : html status=403
json           2 times=1 : json
text           2 times=1 : not-json
empty          2 times=1 : empty
no-range       2 times=1 : truncate after=300k;after=1 times=1 : no-range
no-validators  2-3 times=1 : truncate after=300k no-validators;after=1 : no-validators
switching      2 times=1 : switching
chunk-ext      1-2 times=1 : chunk-extension 300k
bad-range      3 times=1 : truncate after=300k;after=1 times=1 : bad-range
page-midway    3 times=1 : truncate after=300k;after=1 times=1 : html status=206
expire         3 times=1 : expire-after 300k
retry-after    1 times=1 : retry-after 7
redirect-dead  2 times=1 : redirect http://127.0.0.1:1/x.png
redirect-file  2 times=1 : redirect file:///etc/hostname
redirect-ftp   2 times=1 : redirect ftp://127.0.0.1/x.png
redirect-plain 2 times=1 : redirect http://example.com/x.png
redirect-user  2 times=1 : redirect http://me:secret@127.0.0.1/x.png
'
# Name, and a fault of the API that ends.
query_faults='
q-500        times=1 : status 500
q-503        times=1 : status 503 retry-after=2
q-429        times=1 : status 429 retry-after=2
q-408        times=1 : status 408
q-html       times=1 : html
q-html-502   times=1 : html status=502
q-empty      times=1 : empty
q-not-json   times=1 : not-json
q-deep       times=1 : deep 100000
q-big        times=1 : big 20M
q-cut-json   times=1 : cut-json
q-cut-100    times=1 : cut-json 100
q-duplicate  times=1 : duplicate-keys
q-reset      times=1 : reset
q-reset-mid  times=1 : reset after=500
q-stall      times=1 : stall 60s
q-stall-mid  times=1 : stall 60s after=500
q-truncate   times=1 : truncate
q-too-long   times=1 : length +10
q-too-short  times=1 : length -10
q-slow       times=1 : slow 20k
q-busy       times=1 : ret 1010
q-odd-ret    times=1 : ret 98765
q-types      times=1 : wrong-types fields
q-types-rec  times=1 : wrong-types record
q-types-data times=1 : wrong-types data
q-omit       times=2 : omit *
q-state      times=2 : state 77
q-interval   times=1 : interval 2
q-retry      times=1 : retry-after 5
q-skew-back  times=9 : skew -10m
q-link-file  times=1 : link file:///etc/hostname
q-link-ftp   times=1 : link ftp://127.0.0.1/x.png
q-link-js    times=1 : link javascript:alert(1)
q-link-plain times=1 : link http://10.0.0.1/x.png
q-switching  times=1 : switching
q-chunk-ext  times=1 : chunk-extension 20M
q-ahead      times=1 : omit * ahead
'

lines_of() { printf '%s\n' "$1" | grep -v '^$'; }
make_tasks "{\"account\":\"tester\",\"age_seconds\":600,\"prompt\":\"a cat [items=1] [bytes=700k]\",
	\"ids\":$(lines_of "$cdn_faults$query_faults" | awk '{print $1}' | jq -R . | jq -sc .)}" >"$T/ids"

# sums_of NAME FOLDER: of its files
sums_of() { (cd "$2" && sha256sum "$1"_* 2>/dev/null); }

is 0 "a calm run" dreamq get -q -o "$T/calm" --input "$T/ids"
complete "$T/calm" "$(wc -l <"$T/ids")" "has a file of each task"
: >"$T/requests.log"

# attempt NAME [OPTION...]: get it with a ledger and a folder of its own
attempt() {
	XDG_STATE_HOME=$T/states/$1 timeout 60 "$DREAMQ" get -o "$T/files/$1" --interval 300ms \
		"$@" >"$T/$1.out" 2>"$T/$1.err"
	echo $? >"$T/$1.status"
}

wait_for_all() {
	for pid in $(jobs -rp); do [ "$pid" = "$emulator_pid" ] || wait "$pid"; done
}

# attempt_all TABLE SKIP ON: all rows, several at a time
attempt_all() {
	while read -r name rest; do
		[ "$2" = 0 ] || rest=${rest#* }
		while IFS= read -r line; do
			script "on=$3 id=$name $line"
		done <<<"${rest//;/$'\n'}"
		attempt "$name" &
		while [ "$(jobs -rp | wc -l)" -gt 20 ]; do sleep 0.05; done
	done < <(lines_of "$1")
	wait_for_all
	clear_script
	digest_log
}

# digest_log: what was asked for, as lines "on id time", for in_log
digest_log() { jq -r '"\(.on) \(.ids[0]?) \(.time)"' "$T/requests.log" >"$T/digest"; }
in_log() { grep -c "^$1 $2 " "$T/digest"; }

# healed NAME REQUESTS: the same file as in the calm run, and nothing else
healed() {
	local found n
	n=$(in_log cdn "$1")
	found="status $(cat "$T/$1.status"), $n requests, $(temporaries "$T/files/$1") temporary"
	if [ "${found/ $n requests/}" = "status 0,, 0 temporary" ] &&
		[ "$n" -ge "${2%-*}" ] && [ "$n" -le "${2#*-}" ] &&
		[ -n "$(sums_of "$1" "$T/calm")" ] &&
		[ "$(sums_of "$1" "$T/calm")" = "$(sums_of "$1" "$T/files/$1")" ]; then
		ok "$1: $2 requests to the CDN, and the right file"
	else
		not_ok "$1" "$found, wanted $2 requests" "$(ls -la "$T/files/$1")" \
			"$(head -c 1500 "$T/$1.err")"
	fi
}

attempt_all "$cdn_faults" 1 cdn
while read -r name requests _; do healed "$name" "$requests"; done < <(lines_of "$cdn_faults")
for name in status-403 status-404 status-410; do
	equal 2 "$(in_log query $name)" "$name: the link was renewed by asking again"
done
equal 1 "$(in_log query status-500)" "status-500: the link was not at fault, and kept"
attempt_all "$query_faults" 0 query
while read -r name _; do healed "$name" 1; done < <(lines_of "$query_faults")
equal 2 "$(jq -r 'select(.on == "query" and .ids == ["q-ahead"]) | .peer' "$T/requests.log" | sort -u | wc -l)" \
	"q-ahead: what was sent ahead ends its connection"

# obeyed ON ID: two real seconds between its first two requests
obeyed() {
	local gap
	gap=$(awk -v on="$1" -v id="$2" -v scale=$scale '$1 == on && $2 == id { t[++n] = $3 }
		END { printf "%.2f", (t[2] - t[1]) / scale }' "$T/digest")
	if jq -en "$gap >= 1.95 and $gap < 8" >/dev/null; then
		ok "$2: Retry-After is obeyed"
	else
		not_ok "$2: Retry-After is obeyed" "the gap was $gap s"
	fi
}
obeyed query q-429
obeyed query q-503
obeyed cdn status-429
obeyed cdn status-503
# Name, exit status, --max-wait (or "-"), what is said, and a fault that stays.
lasting_faults='
reset          5 9s file_0_of_task cdn reset
status-500     5 9s status_500 cdn status 500
status-403     5 -  link_is_dead cdn status 403
html           7 -  no_picture cdn html
json           7 -  no_picture cdn json
too-short      7 -  png|promised cdn length -10
redirect-file  7 -  redirect|http cdn redirect file:///etc/hostname
redirect-plain 7 -  redirect|http cdn redirect http://example.com/x.png
redirect-user  7 -  redirect|user cdn redirect http://me:secret@127.0.0.1/x.png
redirect-dead  5 -  link_is_dead cdn redirect /x.png
q-cut-json     7 -  JSON query cut-json
q-types-rec    7 -  q-types-rec query wrong-types record
q-reset        5 9s 127.0.0.1 query reset
q-html         5 9s web_page query html
q-omit         4 5s still_running query omit *
q-types-data   4 5s still_running query wrong-types data
q-link-file    1 -  failed query link file:///etc/hostname
q-link-ftp     1 -  failed query link ftp://127.0.0.1/x.png
q-link-js      1 -  failed query link javascript:alert(1)
q-link-plain   7 -  plain_http query link http://10.0.0.1/x.png
'
rm -rf "$T/states" "$T/files"
mkdir "$T/files"
while read -r name _ wait _ on fault; do
	script "on=$on id=$name : $fault"
	[ "$wait" = - ] && wait=1m
	attempt "$name" --max-wait "$wait" &
done < <(lines_of "$lasting_faults")
wait_for_all
clear_script
while read -r name wanted _ said on fault; do
	equal "$wanted" "$(cat "$T/$name.status")" "$on: $fault that stays"
	says "${said//_/ }" "$T/$name.err" "  is told"
	complete "$T/files/$name" 0 "  and nothing is stored"
done < <(lines_of "$lasting_faults")
says_not "secret" "$T/redirect-user.err" "a password in a link is not repeated"

# Without the fault the same command succeeds, also for what was called done three times
# without a usable link: that it failed was our verdict, and it is put right.
while read -r name _; do attempt "$name" & done < <(lines_of "$lasting_faults")
wait_for_all
digest_log
while read -r name _; do healed "$name" 1-99; done < <(lines_of "$lasting_faults")

# query looks once. (wrong-types data reads as no data, so as an unknown id.)
looks() { # STATUS STATE FAULT
	rm -rf "$T/states/look"
	script "on=query : $3"
	is "$1" "query with $3" env XDG_STATE_HOME="$T/states/look" "$DREAMQ" query --json q-state
	equal "$2" "$(jq -r 'select(.event == "task").state' "$T/out")" "  shows '$2'"
	cat "$T/out" >>"$T/lines"
	clear_script
}
looks 1 not_found "omit *"
looks 1 not_found "wrong-types data"
looks 7 unknown "wrong-types record"
looks 4 generating "link file:///etc/hostname"
looks 0 succeeded "skew 300s"
looks 0 succeeded "interval 5"
looks 0 succeeded "slow 30k"
valid "$T/lines" "all of these lines follow the schema"
running=$(make_tasks '{"account":"tester","count":1,"prefix":"odd","prompt":"[stuck] [status=77]"}')
is 4 "an unknown status code means still running" dreamq query --json "$running"
equal "generating 77" "$(jq -r '"\(.state) \(.status)"' "$T/out")" "  in state and number"
says "warning.*77" "$T/err" "  with a warning"
is 4 "several looks at it" dreamq wait --interval 200ms --max-wait 1s "$running"
equal 1 "$(grep -c "warning.*77" "$T/err")" "  warn once"

# The service's clock decides whether a link still lives: by this one it died long ago, so
# it is renewed first. If the new one is dead by that clock, too, the clock is what is wrong.
: >"$T/requests.log"
rm -rf "$T/state" "$T/files"
script "on=api : skew 9h"
dreamq query q-state >"$T/dead"
says "links have expired" "$T/dead" "query, too, tells time by the server's clock"
: >"$T/requests.log"
is 0 "links that are dead by the server's clock" dreamq get -o "$T/files" q-skew-back
equal 2 "$(requests query)" "  are renewed"
equal 1 "$(requests cdn)" "  and then tried all the same"
clear_script

# A redirect to a place that is allowed is followed, with neither cookie nor Referer.
url=$(dreamq query --json q-state | jq -r '.assets[0].url')
: >"$T/requests.log"
rm -rf "$T/state" "$T/files"
script "on=cdn id=redirect-dead times=1 : redirect ${url/127.0.0.1/localhost}"
is 0 "a redirect to another name of this host" dreamq get -o "$T/files" redirect-dead
equal 2 "$(requests cdn)" "  is followed"
equal "$(sums_of q-state "$T/calm" | cut -c 1-64)" \
	"$(sums_of redirect-dead "$T/files" | cut -c 1-64)" "  to where it points"
clear_script
equal "" "$(jq -r 'select(.on == "cdn") | .headers[] | select(.[0] | test("cookie|referer"; "i"))[0]' \
	"$T/requests.log")" "  and shows neither cookie nor Referer"

# The object changes while half of it is here: the two halves are never joined.
: >"$T/requests.log"
script "on=cdn id=no-range times=1 : truncate after=300k" \
	"on=cdn id=no-range after=1 times=1 : new-etag"
is 0 "an object that changes midway" dreamq get -o "$T/changed" no-range
clear_script
is 0 "  and a calm run" env XDG_STATE_HOME="$T/states/calm" "$DREAMQ" get -o "$T/changed-calm" no-range
equal "$(sums_of no-range "$T/changed-calm")" "$(sums_of no-range "$T/changed")" \
	"  gives the new one, whole"
if [ "$(sums_of no-range "$T/changed")" != "$(sums_of no-range "$T/calm")" ]; then
	ok "  which is not the old one"
else
	not_ok "  which is not the old one"
fi
equal 0 "$(temporaries "$T")" "no temporary file is left anywhere"
equal "" "$(violations | grep -v 'If-Range')" "the emulator has nothing to complain of"
done_testing
