#!/usr/bin/env bash
# embed: copies with prompt and parameters in them, of every kind of file and with any prompt;
# what is decoded is the same, what is stored stays as it is, nothing is replaced.
. "$(dirname "$0")/lib.sh"
here=$SOURCE_ROOT/tests/run
F=$T/files C=$T/copies
start_emulator --time-scale 200
python3 "$here/nasty.py" lines >"$T/prompts"
python3 "$here/nasty.py" clean >"$T/clean"
n=0
while read -r line; do
	jq -rj .prompt <<<"$line" >"$T/prompt"
	dreamq submit -q --submit-id "nasty-$n" --prompt "$(cat "$T/prompt")" >/dev/null
	echo "nasty-$n" >>"$T/ids"
	n=$((n + 1))
done <"$T/prompts"
for kind in jpeg webp; do
	dreamq submit -q --submit-id "$kind" --prompt "竹林里的 $kind, <熊猫> & 👩‍👩‍👧 [items=1] [$kind]" >/dev/null
done
film=$(make_tasks '{"account":"tester","count":1,"prefix":"film","kind":"video","prompt":"a film, 一只猫","age_seconds":600}')
is 0 "twelve pictures and a film" dreamq get -q -o "$F" --input "$T/ids" jpeg webp "$film"
(cd "$F" && sha256sum -- *) >"$T/sums"

is 0 "copies" dreamq embed -o "$C" --input "$T/ids" jpeg webp "$film"
equal 13 "$(wc -l <"$T/out")" "  their paths are told"
equal "$(ls "$F")" "$(ls "$C")" "  they are called as the files are"
(cd "$F" && sha256sum --quiet -c "$T/sums")
equal 0 $? "  which are as they were"
is 0 "  for the ledger, too" dreamq verify
decoded() { ffmpeg -v error -i "$1" -map 0 -f framemd5 - 2>&1 | grep -v '^#'; }
trouble=
for file in "$F"/*; do
	copy=$C/${file##*/}
	[ "$(decoded "$file")" ] && [ "$(decoded "$file")" = "$(decoded "$copy")" ] || trouble+=" ${file##*/}"
	cmp -s "$file" "$copy" && trouble+=" same:${file##*/}"
done
equal "" "$trouble" "what is decoded is the same, of each of them"
equal "" "$(cmp -n "$(stat -c %s "$F/${film}_0.mp4")" "$F/${film}_0.mp4" "$C/${film}_0.mp4" 2>&1)" "  a film only has more behind it"

# --- what other programs read
if type -P exiftool >/dev/null; then
	exiftool -q -j -struct -G1 -api struct=1 "$C"/* >"$T/read" 2>"$T/read.err"
	equal "" "$(cat "$T/read.err")" "exiftool has nothing to complain about"
	equal "$(jq -c .prompt "$T/clean")" \
		"$(jq -c '.[] | select(.SourceFile | test("nasty")) | ."XMP-dc:Description"' "$T/read")" \
		"  it reads each prompt"
	equal 13 "$(jq '[.[]."XMP-iptcExt:DigitalSourceType" | select(test("trainedAlgorithmicMedia$"))] | length' "$T/read")" \
		"  how they were made"
	equal "$(cut -d' ' -f1 "$T/sums" | sort)" \
		"$(jq -r '.[] | to_entries[] | select(.key | test("OriginalSHA256$")) | .value' "$T/read" | sort)" \
		"  and of which files they are copies"
	for kind in jpeg webp; do
		exiftool -q -b -UserComment "$C/${kind}_0".*
	done >"$T/comments"
	equal "竹林里的 jpeg, <熊猫> & 👩‍👩‍👧 [items=1] [jpeg]" "$(head -1 "$T/comments")" "  JPEG has it as a comment, too"
	equal 2 "$(grep -c 'Submit id: \(jpeg\|webp\), ' "$T/comments")" "  and WebP"
else
	skip "exiftool has nothing to complain about" "there is no exiftool"
fi
python3 - "$C" 3<"$T/clean" >"$T/wrong" <<'END'
import json, os, struct, sys
for line in os.fdopen(3):
    task = json.loads(line)
    data = open(f"{sys.argv[1]}/{task['id']}_0.png", "rb").read()
    at, found = 8, None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"tEXt" and body.startswith(b"parameters\0"):
            found = body[11:].decode("ascii")
        if kind == b"iTXt" and body.startswith(b"parameters\0\0\0\0\0"):
            found = body[15:].decode("utf-8")
        if kind == b"IDAT" and found is None:
            break
        at += length + 12
    if found is None or found.rpartition("\n")[0] != task["prompt"]:
        print(task["id"], repr(found))
END
equal "" "$(cat "$T/wrong")" "a PNG has them as 'parameters' in front of its data"

# --- once more, and in the way of others
before=$(cd "$C" && stat -c '%n %i %Y' *)
is 0 "again" dreamq embed -q -o "$C" --input "$T/ids" jpeg webp "$film"
equal "$before" "$(cd "$C" && stat -c '%n %i %Y' *)" "  makes nothing new"
is 0 "as JSON" dreamq embed --json -o "$C" nasty-0
valid "$T/out" "  lines of the schema"
equal '["nasty-0","there"]' "$(jq -c '[.submit_id, .state]' "$T/out")" "  it is there"
echo mine >"$C/nasty-0_0.png"
is 0 "a file of mine in its place" dreamq embed -o "$C" nasty-0
equal "$C/nasty-0_0-2.png mine" "$(cat "$T/out") $(cat "$C/nasty-0_0.png")" "  stays"
is 0 "into the folder of the files" dreamq embed -o "$F" nasty-1
equal "$F/nasty-1_0-2.png" "$(cat "$T/out")" "  it gets another name"
(cd "$F" && sha256sum --quiet -c "$T/sums")
equal 0 $? "  and they are as they were"
is 0 "by a template" dreamq embed -o "$C" --name '{kind}/{prompt:4}.{ext}' "$film" nasty-3
equal "image/家庭.png video/a fi.mp4" "$(cd "$C" && ls -d image/* video/* | sed 's/-[0-9a-f]\{8\}\././; s/家庭.*\./家庭./' | xargs -d '\n')" \
	"  in folders"
dreamq tag -q nasty-5 +secret --rating 5
is 0 "of one that has tags" dreamq embed -q -o "$T/tagged" nasty-5
says_not 'secret|Rating' "$T/tagged/nasty-5_0.png" "  they stay at home"

# --- somebody renames them meanwhile
is 0 "a task of two files" dreamq get -q -o "$T/two" --input <(make_tasks '{"account":"tester","ids":["two"],"prompt":"a cat [items=2]","age_seconds":600}')
LD_PRELOAD=$KILL_AT_LIBRARY KILL_AT=rename KILL_STOPS=1 KILL_LOG=$T/steps ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
	"$DREAMQ" embed -o "$T/renamed" two >"$T/out" 2>"$T/err" &
embed=$!
eventually 10 grep -q '^State:.T' "/proc/$embed/status"
equal 0 $? "embed is stopped at the first"
dreamq rename -q --yes -o "$T/two" --name 'new/{id}-{index}.{ext}' >/dev/null
kill -CONT $embed
wait $embed
equal 0 $? "  and finds the other where it is now"
equal "two-1.png two_0.png" "$(ls "$T/renamed" | xargs)" "  both are made"

# --- what can't be
printf x >>"$F/nasty-6_0.png"
is 6 "a file that was changed" dreamq embed -o "$T/bad" nasty-6 nasty-7
says "nasty-6_0.png': it is not what was stored there" "$T/err" "  is told"
equal "nasty-7_0.png" "$(ls -A "$T/bad")" "  the others are made, and nothing else is there"
is 1 "an id that nobody knows" dreamq embed -o "$T/bad" 5cf3790f-5adb-42d6-adad-ba06071b18be
is 1 "a file that it has not" dreamq embed -o "$T/bad" --index 7 nasty-7
says "'dreamq get nasty-7' brings" "$T/err" "  is told"
is 2 "no folder" dreamq embed nasty-7
says "dreamq embed -o DIR ID" "$T/err" "  is told"
is 2 "no id" dreamq embed -o "$T/bad"
is 2 "no template" dreamq embed -o "$T/bad" --name '{nothing}' nasty-7
: >"$T/file"
is 6 "a file for a folder" dreamq embed -o "$T/file/x" nasty-7
(ulimit -f 4 && trap '' XFSZ && dreamq embed -o "$T/small" nasty-7) >"$T/out" 2>"$T/err"
equal 6 $? "a disk that takes no more"
equal "" "$(find "$T/small" -type f)" "  has nothing of it"
is 0 "a locale that is not there" env LC_ALL=xx_XX.UTF-8 COLUMNS=20 "$DREAMQ" embed -o "$T/l" nasty-7
is 0 "none" env LC_ALL=C "$DREAMQ" embed -o "$T/l" nasty-7
is 0 "Chinese" env LC_ALL=zh_CN.UTF-8 "$DREAMQ" embed -o "$T/l" nasty-7
equal 1 "$(ls -A "$T/l" | wc -l)" "  all make one"
equal "" "$(violations)" "no violation"
done_testing
