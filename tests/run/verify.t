#!/bin/bash
# verify: the ledger against the disk, both ways; and putting it right again.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 100

F=$T/files
sums() { (cd "$1" && find . -type f -exec sha256sum {} + | sort -k 2); }
verify() { is "$1" "$2" dreamq verify "${@:3}"; }
# found WHAT FILE LABEL: a line of plain output names this finding.
found() { says "^$1 +$2  \(" "$T/out" "$3"; }
json() { jq -r "$1" "$T/out"; }

# --- all is well

make_tasks '{"account":"tester","count":5,"prefix":"p","prompt":"a cat [items=2] [bytes=30k]","age_seconds":600}' >"$T/ids"
make_tasks '{"account":"tester","count":1,"prefix":"v","kind":"video","prompt":"a film","age_seconds":900}' >>"$T/ids"
verify 0 "a ledger without files is fine"
says '^verified 0 files' "$T/err" "and says so"
is 0 "eleven files come home" dreamq get --sidecar -o "$F" --input "$T/ids"
equal 11 "$(find "$F" -name '*_?.???' | wc -l)" "they are eleven"
verify 0 "all is as the ledger says"
equal "" "$(cat "$T/out")" "there is nothing to tell, sidecars are none of it"
says '^verified 11 files, [0-9.]+ [kM]B$' "$T/err" "the summary counts"
verify 0 "-q" -q
equal "" "$(cat "$T/out" "$T/err")" "is silent"
sums "$F" >"$T/wanted"
find "$F" -name '*_?.???' -printf '%f\n' | sort >"$T/names"

# --- everything that can go wrong, named rightly, and nothing is changed

damage() {
	rm "$F/p-0_0.png"
	truncate -s 1204 "$F/p-0_1.png"
	printf more >>"$F/p-1_0.png"
	printf '\377' | dd of="$F/p-1_1.png" bs=1 seek=20000 conv=notrunc status=none
	rm "$F/p-2_0.png" && mkdir "$F/p-2_0.png"
	mv "$F/p-2_1.png" "$T/elsewhere.png" && ln -s "$T/elsewhere.png" "$F/p-2_1.png"
	mv "$F/p-3_0.png" "$F/my cat.png"
	dd if="$F/v-0_0.mp4" of="$T/half" bs=1000 count=50 status=none && cp "$T/half" "$F/v-0_0.mp4"
	mkdir -p "$F/deep/er"
	echo foreign >"$F/deep/er/text"
	printf 'odd' >"$F/$(printf 'evil\033[31m\nname\377')"
	echo secret >"$F/.hidden"
	head -c 5000 /dev/zero >"$F/.dreamq-p-4.0.part"
	head -c 5000 /dev/zero >"$F/.dreamq-gone.3.part"
	echo half >"$F/.dreamq-aB3dE6" && touch -d '1 hour ago' "$F/.dreamq-aB3dE6"
	echo half >"$F/.dreamq-fresh1"
}
damage
printf '\377' | cmp -s - <(dd if="$F/p-1_1.png" bs=1 skip=20000 count=1 status=none) &&
	ok "one byte is another" || not_ok "one byte is another"
sums "$F" >"$T/before"
lab_dump >"$T/dump.before"
verify 6 "what is wrong ends with 6"
found missing "$F/p-0_0.png" "a deleted file"
found altered "$F/p-0_1.png" "a cut one"
says "p-0_1.png  \(p-0, file 1: truncated: 1204 of [0-9]+ bytes\)" "$T/out" "and where it ends"
found altered "$F/p-1_0.png" "a longer one"
says "p-1_0.png .*longer: [0-9]+ bytes instead of [0-9]+" "$T/out" "and by how much"
found altered "$F/p-1_1.png" "a flipped byte"
found altered "$F/p-2_0.png" "a folder in its place"
found altered "$F/p-2_1.png" "a link in its place, even to the right bytes"
found missing "$F/p-3_0.png" "one under another name"
found unknown "$F/my cat.png" "which is unknown"
found altered "$F/v-0_0.mp4" "half a video"
found unknown "$F/evil.*name.*" "a name with control characters"
equal 0 "$(grep -c "$(printf '\033')" "$T/out")" "that do not reach the terminal"
found leftover "$F/.dreamq-p-4.0.part" "a partial of what is home"
found leftover "$F/.dreamq-gone.3.part" "a partial of nobody"
found leftover "$F/.dreamq-aB3dE6" "a temporary file of an hour ago"
says_not 'dreamq-fresh1|hidden|deep' "$T/out" "fresh, hidden and deeper ones are not looked at"
equal 13 "$(wc -l <"$T/out")" "and nothing else is told"
says '^verified 11 files, .*: 2 missing, 6 altered, 2 unknown, 3 leftover$' "$T/err" "the summary"
says '^dreamq: 2 missing and 6 altered of 11 files' "$T/err" "and the error"

verify 6 "-o looks deeper" -o "$F"
found unknown "$F/deep/er/text" "a file further down"
equal 14 "$(wc -l <"$T/out")" "each is told once"
ln -s "$F" "$T/way"
verify 6 "-o by way of a link" -o "$T/way"
equal 14 "$(wc -l <"$T/out")" "knows its own files"

verify 6 "the same in JSON" --json -o "$F"
valid "$T/out" "follows the schema"
equal 16 "$(wc -l <"$T/out")" "14 findings, the end, and the error"
equal "verified 11 2 6 3 3 0" "$(json 'select(.event == "verified") |
	"\(.event) \(.files) \(.missing) \(.altered) \(.unknown) \(.leftover) \(.repaired)"')" "its counts"
equal "altered p-0 1 1204 false" "$(json 'select(.path // "" | endswith("/p-0_1.png")) |
	"\(.what) \(.submit_id) \(.index) \(.bytes) \(.repaired)"')" "a finding"
equal "unknown null null" "$(json 'select(.path // "" | endswith("/my cat.png")) |
	"\(.what) \(.submit_id) \(.index)"')" "an unknown one has no task"
equal 0 "$(grep -ac 'sessionid\|x-signature' "$T/out" "$T/err" | awk -F: '{n += $2} END {print n}')" \
	"no secret is told"
sums "$F" | cmp -s - "$T/before" && ok "no file was changed" || not_ok "no file was changed"
lab_dump | cmp -s - "$T/dump.before" && ok "nor the ledger" || not_ok "nor the ledger"
is 0 "a partial that is locked is no leftover" bash -c \
	'exec 9<"$1/.dreamq-gone.3.part"; flock 9; "$DREAMQ" verify >"$1/../locked"; ! grep gone "$1/../locked"' - "$F"

# --- repair

# recorded LABEL: every stored file has the sum that the ledger has.
recorded() {
	stored_sums >"$T/recorded"
	is 0 "$1" sha256sum --check --strict --quiet "$T/recorded"
}

verify 3 "without a cookie nothing is repaired" --repair --cookie-file "$T/none"
says 'not repaired: .*none' "$T/out" "each says why"
says 'p-3_0.png .*put back from .*my cat.png' "$T/out" "but for what lies there under another name"
says_not 'put aside' "$T/out" "no altered file is touched"

cut_before=$(requests cdn)
verify 0 "a repair" --repair
equal 7 $(($(requests cdn) - cut_before)) "fetches what is needed"
equal 7 "$(grep -c 'fetched again' "$T/out")" "and tells what it did"
says "p-0_1.png .*put aside as '.*/p-0_1.png.altered', and fetched again" "$T/out" "with a cut one"
says ', 7 repaired$' "$T/err" "and counts it"
(cd "$F" && sha256sum --check --quiet "$T/wanted") >/dev/null 2>&1 && ok "every file is as it was" ||
	not_ok "every file is as it was"
recorded "and as the ledger says"
equal 1204 "$(stat -c %s "$F/p-0_1.png.altered")" "the cut one is kept"
equal 50000 "$(stat -c %s "$F/v-0_0.mp4.altered")" "the half video, too"
[ -L "$F/p-2_1.png.altered" ] && [ -d "$F/p-2_0.png.altered" ] && ok "and link and folder" ||
	not_ok "and link and folder"
equal 1 "$(temporaries "$F")" "leftovers are gone, but for the fresh one"
verify 0 "a second look"
says_not '^(missing|altered|unfinished|leftover)' "$T/out" "finds only unknown files"
lab_dump >"$T/dump.before"
verify 0 "a second repair" --repair
lab_dump | cmp -s - "$T/dump.before" && ok "changes nothing" || not_ok "changes nothing"

printf '\376' | dd of="$F/p-1_1.png" bs=1 seek=20000 conv=notrunc status=none
verify 0 "once more the same file" --repair --json
valid "$T/out" "in JSON"
equal "altered true" "$(json 'select(.path // "" | endswith("/p-1_1.png")) | "\(.what) \(.repaired)"')" \
	"is repaired"
[ -e "$F/p-1_1.png.altered" ] && [ -e "$F/p-1_1.png.altered-2" ] && ok "both old ones are kept" ||
	not_ok "both old ones are kept"

# --- folders

make_tasks '{"account":"tester","count":6,"prefix":"d","prompt":"a dog [items=2] [bytes=30k]","age_seconds":600}' >"$T/dogs"
is 0 "files in folders of their own" dreamq get -o "$T/many" --name '{id}/{index}/x.{ext}' --input "$T/dogs"
sums "$T/many" >"$T/wanted.many"
rm -r "$T/many/d-1" "$T/many/d-2/0" "$T/many/d-3/1/x.png" "$T/many/d-4" "$T/many/d-5" "$T/many/d-0/0"
verify 6 "folders are gone"
says 'd-1/0/x.png .*the folder it was in is gone' "$T/out" "and it is said"
queries=$(requests query)
verify 0 "they come back" --repair
sums "$T/many" | cmp -s - "$T/wanted.many" && ok "each to its place" || not_ok "each to its place"
recorded "as the ledger says"
[ $(($(requests query) - queries)) -le 6 ] && ok "with few requests" ||
	not_ok "with few requests" "$(($(requests query) - queries))"
rm -r "$T/many"
verify 0 "the whole folder" --repair
sums "$T/many" | cmp -s - "$T/wanted.many" && ok "comes back as it was" || not_ok "comes back as it was"

# --- what stands in the way

rm "$F/p-0_0.png"
script 'on=cdn : status 403'
verify 1 "links that never work" --repair --max-wait 20s
clear_script
# is_lost ID INDEX LABEL: so says the newest event of this file
is_lost() {
	dreamq show "$1" | grep "  asset  $2 " | tail -n 1 >"$T/event"
	says "  asset  $2 lost" "$T/event" "$3"
}
is_lost p-0 0 "make it a loss"

rm "$F/p-1_0.png" "$F/p-1_1.png"
script 'on=query : status 503'
verify 5 "the service is away" --repair --max-wait 2s
says 'p-1_0.png .*not repaired' "$T/out" "and that is why"
clear_script
verify 0 "it is back" --repair
recorded "and all is well"

rm "$F/p-2_0.png"
script 'on=query : omit *'
verify 1 "the service has forgotten the task" --repair
says "p-2_0.png .*can't be had any more" "$T/out" "it is said"
is_lost p-2 0 "and noted"
clear_script
verify 0 "what is lost is nobody's fault any more"
recorded "the rest is well"

chmod 500 "$F" && rm -f "$F/p-3_0.png" 2>/dev/null
if [ -w "$F" ]; then
	chmod 700 "$F"
	rm -f "$F/p-3_0.png"
	skip "a folder that can't be written" "the superuser can"
else
	chmod 700 "$F" && rm "$F/p-3_0.png" "$F/my cat.png" && chmod 500 "$F"
	verify 6 "a folder that can't be written" --repair
	chmod 700 "$F"
fi
verify 0 "and that is the end of it" --repair

# A partial of the task lies in the folder that was its sink, above its files.
: >"$T/many/.dreamq-d-0.0.part"
verify 0 "a partial above the files that it is of"
says "^leftover .*many/.dreamq-d-0.0.part" "$T/out" "  is a leftover"
verify 0 "  which a repair" --repair
equal 0 "$(temporaries "$T/many")" "  removes"

# --- killed, and two at once

RANDOM=4711
bad=0
for round in $(seq 12); do
	for n in 0 1 2 3 4 5; do
		rm -f "$T/many/d-$n/0/x.png"
		printf '\%o' "$((round + 64))" | dd of="$T/many/d-$n/1/x.png" bs=1 seek=20000 conv=notrunc \
			status=none
	done
	"$DREAMQ" verify --repair >/dev/null 2>&1 &
	pid=$!
	sleep "0.$(printf '%03d' $((RANDOM % 300)))"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	dreamq verify --repair >"$T/out" 2>"$T/err"
	status=$?
	(cd "$T/many" && sha256sum --check --quiet "$T/wanted.many") >"$T/got" 2>&1 || status="$status, other bytes"
	[ "$(temporaries "$T/many")" -eq 0 ] || status="$status, temporaries"
	dreamq verify >"$T/again" 2>&1 || status="$status, a second look disagrees"
	[ "$status" = 0 ] && continue
	bad=$((bad + 1))
	echo "# round $round: $status"
	head -5 "$T/got" "$T/out" "$T/err" | sed 's/^/# /'
done
equal 0 $bad "12 times killed and run again: all as recorded"

for n in 0 1 2 3 4 5; do
	printf '\001' | dd of="$T/many/d-$n/1/x.png" bs=1 seek=20000 conv=notrunc status=none
	rm "$T/many/d-$n/0/x.png"
done
aside=$(find "$T/many" -name '*.altered*' | wc -l)
cut_before=$(requests cdn)
"$DREAMQ" verify --repair >"$T/a.out" 2>"$T/a.err" &
a=$!
"$DREAMQ" verify --repair >"$T/b.out" 2>"$T/b.err" &
b=$!
wait $a
equal 0 $? "two repairs at once: the first succeeds"
wait $b
equal 0 $? "two repairs at once: the second succeeds"
equal 12 $(($(requests cdn) - cut_before)) "each file was fetched once"
equal 6 $(($(find "$T/many" -name '*.altered*' | wc -l) - aside)) "each was put aside once"
(cd "$T/many" && sha256sum --check --quiet "$T/wanted.many") >/dev/null 2>&1 && ok "all is there" ||
	not_ok "all is there"
recorded "as the ledger says"

# A watch beside it: whoever has a task finishes it.
for n in 0 1 2 3 4 5; do rm "$T/many/d-$n/0/x.png" "$T/many/d-$n/1/x.png"; done
"$DREAMQ" watch -o "$T/watched" >/dev/null 2>"$T/watch.err" &
watch=$!
verify 0 "a repair beside a watch" --repair
kill -TERM $watch
wait $watch
equal 0 $? "and the watch ends well"
recorded "everything is as the ledger says"
equal 12 "$(in_ledger '[.[] | select(.submit_id | startswith("d-")) | .assets[] | select(.stored)] | length')" "and all is stored"
verify 0 "and stays so"

# --- what can't be read, and many files

mkdir "$T/shelf" && make_tasks '{"account":"tester","count":3,"prefix":"s","prompt":"a shelf [items=1]","age_seconds":600}' >"$T/shelves"
is 0 "three more, a folder each" dreamq get -o "$T/shelf" --name '{id}/x.{ext}' --input "$T/shelves"
mv "$T/shelf/s-1" "$T/shelf/kept" && ln -s s-1 "$T/shelf/s-1"
rm "$T/shelf/s-2/x.png"
verify 6 "a folder that leads nowhere"
says "can't look at '.*s-1/x.png'" "$T/err" "is said at the end"
found missing "$T/shelf/s-2/x.png" "and the rest goes on"
verify 6 "--repair with it" --repair
says 's-2/x.png .*fetched again' "$T/out" "repairs what it can"
rm "$T/shelf/s-1" && mv "$T/shelf/kept" "$T/shelf/s-1"
verify 0 "when it is right again"

mkdir "$T/crowd" && (cd "$T/crowd" && for n in $(seq 5000); do : >"file-$n"; done)
begin=$(date +%s%N)
verify 0 "thousands of unknown files" -o "$T/crowd"
equal 5000 "$(grep -c "^unknown .*$T/crowd/" "$T/out")" "are told"
took=$((($(date +%s%N) - begin) / 1000000))
[ $took -lt 10000 ] && ok "quickly" || not_ok "quickly" "$took ms"

# --- goes on with what is unfinished

make_tasks '{"account":"tester","count":1,"prefix":"u","prompt":"a bird [items=4] [bytes=1M] [slow=400k]","age_seconds":600}' >"$T/bird"
mkdir "$T/birds"
"$DREAMQ" get -o "$T/birds" --input "$T/bird" >/dev/null 2>&1 &
pid=$!
for _ in $(seq 100); do
	[ "$(temporaries "$T/birds")" -ge 4 ] && break
	sleep 0.05
done
kill -9 $pid
wait $pid 2>/dev/null
verify 0 "a get was killed"
equal 4 "$(grep -c '^unfinished' "$T/out")" "its files are unfinished"
verify 0 "a repair fetches them" --repair -o "$T/birds"
complete "$T/birds" 4 "and whole"
recorded "as the ledger says"

# --- moved by somebody, and told where to

mkdir "$T/new home"
cp -a "$T/shelf" "$T/new home/shelf"
find "$T/shelf" -type f | sort >"$T/were"
n=$(wc -l <"$T/were")
echo '{}' >"$T/new home/shelf/s-0/x.png.json"
mv "$T/shelf" "$T/away"
verify 0 "files that were moved, and the folder where they are" -o "$T/new home"
equal "$n" "$(grep -c '^moved .*/new home/shelf/.*it was .*/shelf/' "$T/out")" "are told as moved"
equal 0 "$(grep -cE '^(missing|unknown) .*/shelf/' "$T/out")" "none is missing, none unknown"
equal "$n" "$(in_ledger "[.[].assets[].path // \"\" | select(startswith(\"$T/new home/\"))] | length")" "the ledger has them there"
verify 0 "once more, without the folder"
equal 0 "$(grep -c '/shelf/' "$T/out")" "all is well"
rm "$T/new home/shelf/s-0/x.png"
verify 6 "one of them is removed"
is 0 "and forgotten" dreamq forget --file 0 s-0
verify 0 "nobody misses it"
is 1 "a file that the task does not have" dreamq forget --file 7 s-0
is 1 "a task that nobody knows" dreamq forget --file 0 nobody-knows
is 0 "got again" dreamq get -q -o "$T/new home/shelf" --name '{id}/x.{ext}' s-0
mv "$T/new home/shelf" "$T/shelf"
verify 0 "moved back" -o "$T/shelf"
rm -r "$T/away" "$T/new home"

# --- what nothing can judge: it does not tell where it ends, and nobody promised a length

make_tasks '{"account":"tester","count":1,"prefix":"u","prompt":"a cat [items=4]","age_seconds":600}' >"$T/ids"
is 0 "four files" dreamq get -q -o "$T/ends" u-0
# becomes INDEX FIXTURE [CUT]: that file of the task is one of another kind, as far as the
# ledger knows.
becomes() {
	local to=$T/ends/u-0_$1.${2##*.}

	rm "$T/ends/u-0_$1.png"
	head -c "${3:--0}" "$SOURCE_ROOT/tests/fixtures/media/$2" >"$to"
	lab_becomes u-0 "$1" "$to"
}
becomes 0 no_xing.mp3
becomes 1 live.webm
becomes 3 piped.wav
becomes 2 film.webm -100
lab_promised u-0 3
verify 0 "files that do not tell where they end"
found unjudged "$T/ends/u-0_0.mp3" "an mp3 without a count"
says "this mp3 does not tell where it ends" "$T/out" "and why"
found unjudged "$T/ends/u-0_1.webm" "a film that was streamed"
says "^unjudged .*u-0_2.webm .*cut off" "$T/out" "what was stored although it was cut"
equal 3 "$(grep -c ^unjudged "$T/out")" "but not what tells it, nor what had a length promised"
says ", 3 unjudged$" "$T/err" "they are counted"
verify 0 "--json" --json
valid "$T/out" "follows the schema"
equal "3 3" "$(jq -s -r '"\(map(select(.what == "unjudged")) | length) \(.[-1].unjudged)"' "$T/out")" "and says the same"
rm "$T/ends/u-0_0.mp3"
verify 6 "one that is missing, too, is missing only"
equal "2 1" "$(grep -c ^unjudged "$T/out") $(grep -c ^missing "$T/out")" "  and told so"
is 0 "away with them" dreamq forget u-0
rm -r "$T/ends"

# --- interrupted, and talkative

rm "$T/shelf/s-0/x.png" "$T/shelf/s-1/x.png"
script 'on=cdn : stall 30s after=1000'
"$DREAMQ" verify --repair >"$T/out" 2>"$T/err" &
pid=$!
for _ in $(seq 100); do
	[ "$(temporaries "$T/shelf")" -ge 2 ] && break
	sleep 0.05
done
kill -TERM $pid
wait $pid
equal 130 $? "an interrupt ends it at once"
says 'interrupted' "$T/err" "and it says so"
clear_script
verify 0 "the next one goes on" --repair -v
recorded "as the ledger says"
equal 3 "$(find "$T/shelf" -name x.png | wc -l)" "with every file in its place"
jq -r 'select(.on == "cdn") | .query // empty' "$T/requests.log" | grep -o 'x-signature=[^&]*' |
	cut -d = -f 2 | sort -u >"$T/signatures"
[ -s "$T/signatures" ] && ok "links have signatures" || not_ok "links have signatures"
equal "" "$(cat "$T/out" "$T/err" <(dump) | grep -aFf "$T/signatures")" "which nobody gets to see"
says_not 'sessionid=tester' "$T/err" "nor the cookie"

# --- wrong usage

is 2 "verify takes no ids" dreamq verify p-1
is 2 "no folder of that name" dreamq verify -o "$T/nowhere"
is 2 "--jobs 0" dreamq verify --jobs 0
is 2 "an unknown option" dreamq verify --fix
is 2 "--repair=maybe" dreamq verify --repair=maybe
(umask 077 && mkdir -p "$XDG_CONFIG_HOME/dreamq/cookies" && echo sessionid=other >"$XDG_CONFIG_HOME/dreamq/cookies/other.cookie")
verify 0 "an empty ledger of another profile" --profile other
says 'verified 0 files' "$T/err" "has nothing to verify"
equal "" "$(violations)" "the service has seen nothing odd"
done_testing
