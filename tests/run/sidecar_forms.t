#!/usr/bin/env bash
# --sidecar=json,txt,xmp: what other programs read in them, whatever a prompt holds; they go
# where their files go.
. "$(dirname "$0")/lib.sh"
here=$SOURCE_ROOT/tests/run
F=$T/files
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

is 0 "ten prompts, in all forms" dreamq get -q --sidecar json,txt,xmp -o "$F" --input "$T/ids"
equal 40 "$(ls "$F" | wc -l)" "  three beside each file"
equal "" "$(python3 "$here/sidecar_forms.py" "$F" <"$T/clean" 2>&1)" "  readers find in them what they should"
says_not 'sign=|x-expires|sessionid' <(cat "$F"/*.txt "$F"/*.xmp) "  and no link"
before=$(stat -c '%i %y' "$F"/*)
is 0 "again" dreamq get -q --sidecar=xmp,txt -o "$F" --input "$T/ids"
equal "$before" "$(stat -c '%i %y' "$F"/*)" "  leaves them as they are"
if type -P exiftool >/dev/null; then
	exiftool -q -j -XMP:all "$F/nasty-3_0.png.xmp" "$F/nasty-4_0.png.xmp" >"$T/read"
	equal "$(jq -c 'select(.id == "nasty-3" or .id == "nasty-4") | .prompt' "$T/clean")" \
		"$(jq -c '.[].Description' "$T/read")" "exiftool reads them, in any writing"
	equal "nasty-3 https" "$(jq -r '.[0] | "\(.SubmitID) \(.DigitalSourceType[:5])"' "$T/read" | sed s/http:/https/)" \
		"  and their names"
	exiftool -q -overwrite_original -XMP:Rating=4 "$F/nasty-3_0.png.xmp"
	is 0 "what a photo manager has changed" dreamq get --sidecar=xmp -o "$F" nasty-3
	says "nasty-3_0.png.xmp' is another file" "$T/err" "  is left alone, and told"
	equal 4 "$(exiftool -s3 -XMP:Rating "$F/nasty-3_0.png.xmp")" "  with its rating"
	rm "$F/nasty-3_0.png.xmp"
else
	skip "exiftool reads them, in any writing" "there is no exiftool"
fi
dreamq tag -q nasty-3 +good +猫 --rating 5
dreamq note -q nasty-3 "mine & <only>"
is 0 "with tags and a rating" dreamq get -q --sidecar=xmp -o "$F" nasty-3
says '<rdf:li>good</rdf:li><rdf:li>猫</rdf:li>' "$F/nasty-3_0.png.xmp" "  they are keywords"
says '<xmp:Rating>5</xmp:Rating>' "$F/nasty-3_0.png.xmp" "  and stars"
says '<dreamq:Note>mine &amp; &lt;only&gt;<' "$F/nasty-3_0.png.xmp" "  and the note is there"

# --- they go where their files go
echo mine >"$F/nasty-0_0.png.txt"
is 0 "rename" dreamq rename -q -o "$F" --name 'n/{id}.{ext}' --yes
equal 40 "$(ls "$F/n" | wc -l)" "  all of them follow"
equal mine "$(cat "$F/n/nasty-0.png.txt")" "  whoever's they are"
is 0 "verify" dreamq verify -o "$F"
equal "" "$(cat "$T/out")" "  calls none of them unknown"
mkdir "$T/moved" && mv "$F"/n/nasty-1.png* "$T/moved"
is 0 "moved by hand" dreamq verify --repair -o "$T/moved"
says_not unknown "$T/out" "  they are known in their new place"
rm "$F/n/nasty-2.png"
is 6 "one that lacks" dreamq verify
says 'missing .*nasty-2.png' "$T/out" "  is missing, and its sidecars are no files"

# --- and go with them
lab_finished_longer 864000
dreamq tag -q nasty-3 -good -猫 --rating 0
dreamq note -q nasty-3 ""
is 0 "prune, and only tell" dreamq prune --older-than 9d --files
equal 36 "$(find "$F/n" "$T/moved" -type f | grep -vc nasty-2)" "  takes none"
is 0 "prune with files" dreamq prune --older-than 9d --files --yes
says 'removed 10 tasks and 9 files' "$T/err" "  counts files only"
equal "nasty-0.png.txt" "$(find "$F" "$T/moved" -type f -printf '%f\n')" "  and leaves what is not ours"

# --- words
is 2 "a form that is none" dreamq get --sidecar=html x
says "'html' is not one of: json, txt, xmp" "$T/err" "  is told"
is 2 "an empty one" dreamq get --sidecar=json, x
is 2 "none" dreamq get --sidecar= x
dreamq submit -q --submit-id last --prompt "a cat [items=1]" >/dev/null
sed -i 's/^\[default\]/[default]\nsidecar = txt,xmp/' "$XDG_CONFIG_HOME/dreamq/config.ini"
is 0 "in the config file" env LC_ALL=none.such "$DREAMQ" get -q -o "$T/conf" last
equal "last_0.png last_0.png.txt last_0.png.xmp" "$(ls "$T/conf" | xargs)" "  it holds"
is 0 "  and may be switched off" env LC_ALL=C "$DREAMQ" get -q -o "$T/off" --sidecar=no last
equal "last_0.png" "$(ls "$T/off" | xargs)" "  by the option"
is 0 "a word that is none of them" dreamq get -q -o "$T/word" --sidecar last
equal "last_0.png last_0.png.json" "$(ls "$T/word" | xargs)" "  is an id"
equal "" "$(violations)" "no violation"
done_testing
