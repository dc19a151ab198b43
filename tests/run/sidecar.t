#!/usr/bin/env bash
# --sidecar: each is there before the ledger calls its file stored, all of a task are complete
# at its end, none names another folder; what an earlier run left is made good.
# SIDECAR_ROUNDS (6) times killed.
. "$(dirname "$0")/lib.sh"
rounds=${SIDECAR_ROUNDS:-6}
RANDOM=${SIDECAR_SEED:-815}
start_emulator --time-scale 100
make_tasks '{"account":"tester","count":6,"prefix":"s","prompt":"a cat [items=4] [bytes=100k]","age_seconds":600}' >"$T/ids"

# wrong FOLDER FILES: what is not as it should be, of the sidecars of so many files
wrong() {
	python3 - "$1" "$2" <<'END'
import hashlib, json, os, sys
root, wanted = sys.argv[1], int(sys.argv[2])
files = sorted(os.path.join(at, name) for at, _, names in os.walk(root) for name in names)
media = [f for f in files if not f.endswith(".json") and "/.dreamq-" not in f]
if len(media) != wanted:
    print(f"{len(media)} files")
for file in media:
    try:
        task = json.load(open(file + ".json"))
    except (OSError, ValueError) as why:
        print(f"{file}: {why}")
        continue
    if task["state"] != "succeeded":
        print(f"{file}: {task['state']}")
    if file not in [asset["path"] for asset in task["assets"]]:
        print(f"{file}: does not name its file")
    for asset in task["assets"]:
        path = asset["path"]
        if not asset["stored"] or not path or os.path.commonpath([root, path]) != root:
            print(f"{file}: {asset['index']} is {path}, stored {asset['stored']}")
            continue
        data = open(path, "rb").read()
        if len(data) != asset["bytes"] or hashlib.sha256(data).hexdigest() != asset["sha256"]:
            print(f"{file}: {asset['index']} is another file")
for file in files:
    if file.endswith(".json") and not os.path.exists(file[:-5]):
        print(f"{file}: beside nothing")
END
}

is 0 "get --sidecar" dreamq get --sidecar -o "$T/one" --input "$T/ids"
equal "" "$(wrong "$T/one" 24)" "each sidecar is complete"
cat "$T"/one/s-0_*.json >"$T/lines"
valid "$T/lines" "  and follows the schema"
equal 1 "$(sort -u "$T/lines" | wc -l)" "  those of one task say the same"
before=$(stat -c '%i %y' "$T"/one/*.json)
is 0 "again" dreamq get --sidecar -o "$T/one" --input "$T/ids"
equal "$before" "$(stat -c '%i %y' "$T"/one/*.json)" "  leaves alone what is right"

is 0 "the same into another folder" dreamq get --sidecar -o "$T/two" --input "$T/ids"
equal "" "$(wrong "$T/two" 24)" "none names the older folder"
is 0 "and into one below" dreamq get --sidecar -o "$T/two/below" --input "$T/ids"
equal "" "$(wrong "$T/two/below" 24)" "nor the one above"

# --- what an earlier run left
is 0 "files without sidecars" dreamq get -o "$T/three" --input "$T/ids"
is 0 "now with" dreamq get --sidecar -o "$T/three" --input "$T/ids"
equal "" "$(wrong "$T/three" 24)" "  they are made"
jq -c '.assets[1:] |= map(.path = null | .stored = false | .sha256 = null)' "$T/three/s-2_0.png.json" >"$T/stale"
cp "$T/stale" "$T/three/s-2_0.png.json"
jq -c '.assets[2].path = "/of/an/older/folder.png"' "$T/three/s-2_1.png.json" >"$T/stale"
cp "$T/stale" "$T/three/s-2_1.png.json"
head -c 100 "$T/three/s-2_2.png.json" >"$T/stale"
cp "$T/stale" "$T/three/s-2_2.png.json"
rm "$T/three/s-2_3.png.json"
is 0 "stale, cut and missing ones" dreamq get --sidecar -o "$T/three" s-2
equal "" "$(wrong "$T/three" 24)" "  are made good"
echo "my own notes" >"$T/three/s-3_0.png.json"
is 0 "one that is somebody's" dreamq get --sidecar -o "$T/three" s-3
equal "my own notes" "$(cat "$T/three/s-3_0.png.json")" "  is left alone"
equal 1 "$(grep -c "s-3_0.png.json' is another file" "$T/err")" "  and told, once"
rm "$T/three/s-3_0.png.json" && mkfifo "$T/three/s-3_0.png.json"
is 0 "a pipe in its place" timeout 60 "$DREAMQ" get --sidecar -o "$T/three" s-3
says "s-3_0.png.json' is another file" "$T/err" "  is told, too"
rm "$T/three/s-3_0.png.json" && mkdir "$T/three/s-3_0.png.json"
is 0 "a folder in its place" timeout 60 "$DREAMQ" get --sidecar -o "$T/three" s-3
says "s-3_0.png.json' is another file" "$T/err" "  is told, too"

# --- the command comes after the sidecar of its file
is 0 "--exec" dreamq get --sidecar -o "$T/four" --input "$T/ids" \
	--exec 'jq -e --arg p "$DREAMQ_PATH" --argjson i "$DREAMQ_INDEX" ".assets[\$i] | .path == \$p and .stored" {}.json'
equal "" "$(wrong "$T/four" 24)" "  finds its file in its sidecar, each time"

# --- a disk with room for the file only: its sidecar has a long prompt
make_tasks "{\"account\":\"tester\",\"count\":1,\"prefix\":\"f\",\"age_seconds\":600,
	\"prompt\":\"a cat [items=1] [bytes=140k] $(printf '%016000d' 0)\"}" >/dev/null
how=
for of in --mount "--mount --map-root-user"; do
	unshare $of mount -t tmpfs tmpfs /mnt 2>/dev/null && how=$of && break
done
mkdir -p "$T/small"
# on_small_disk WRONG: what is left wrong goes to that file
on_small_disk() {
	mount -t tmpfs -o size=152k tmpfs "$T/small" || return 99
	timeout 120 "$DREAMQ" get --sidecar -o "$T/small/out" f-0 >"$T/paths" 2>"$T/err.kept" &
	eventually 60 grep 'sidecar: .*everything pauses until there is room' "$T/err.kept"
	in_ledger "[.[].assets[] | select(.stored) | .path | select(startswith(\"$T/small/\"))] | length" >"$T/stored"
	# All is named: what mount would add of its own, the owner's id, is unknown in this namespace.
	mount -t tmpfs -o remount,size=4m tmpfs "$T/small"
	wait $!
	local status=$?
	wrong "$T/small/out" 1 >"$1"
	return $status
}
if [ "$how" ]; then
	export -f on_small_disk eventually wrong in_ledger
	export T LEDGER
	is 0 "a disk that is full" unshare $how bash -c 'on_small_disk "$T/wrong"'
	says 'sidecar: .*everything pauses until there is room' "$T/err.kept" "  is told"
	equal "" "$(cat "$T/wrong")" "  with room again, all is complete"
	equal 0 "$(cat "$T/stored")" "  and the file was not called stored before"
else
	skip "a disk that is full" "mounting is not allowed"
fi

# --- killed in between, and run again
bad=0
for round in $(seq "$rounds"); do
	rm -rf "$T/files" "$T/state"
	"$DREAMQ" get --sidecar -o "$T/files" --input "$T/ids" >/dev/null 2>&1 &
	pid=$!
	sleep "0.$(printf '%03d' $((RANDOM % 400)))"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	"$DREAMQ" get --sidecar -o "$T/files" --input "$T/ids" >/dev/null 2>"$T/err"
	status=$?
	found=$(wrong "$T/files" 24)
	[ $status -eq 0 ] && [ -z "$found" ] && continue
	bad=$((bad + 1))
	echo "# round $round: status $status"
	printf '%s\n' "$found" "$(cat "$T/err")" | head -5 | sed 's/^/# /'
done
equal 0 $bad "$rounds times killed and run again: all are complete"
bad=0
for round in $(seq "$rounds"); do
	rm -rf "$T/files" "$T/state"
	"$DREAMQ" query --input "$T/ids" >/dev/null 2>&1
	"$DREAMQ" watch --until-idle --sidecar -o "$T/files" >/dev/null 2>&1 &
	pid=$!
	sleep "0.$(printf '%03d' $((RANDOM % 400)))"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	timeout 120 "$DREAMQ" watch --until-idle --sidecar -o "$T/files" >/dev/null 2>"$T/err"
	status=$?
	found=$(wrong "$T/files" 24)
	[ $status -eq 0 ] && [ -z "$found" ] && continue
	bad=$((bad + 1))
	echo "# round $round: status $status"
	printf '%s\n' "$found" "$(cat "$T/err")" | head -5 | sed 's/^/# /'
done
equal 0 $bad "$rounds times a watch was killed and run again: all are complete"
equal "" "$(violations)" "no violation"
done_testing
