#!/bin/bash
# Where files shall go: a place that is taken, a folder that is gone, a limit on files.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 100
make_tasks '{"account":"tester","count":20,"prefix":"p","prompt":"a cat [items=1]","age_seconds":600}' >"$T/ids"

# Of 20 files five have a place that is taken: they fail, and the other 15 come.
mapfile -t id <"$T/ids"
mkdir -p "$T/taken/${id[3]}" "$T/elsewhere"
touch "$T/target" "$T/taken/${id[1]}"
ln -s "$T/elsewhere" "$T/taken/${id[2]}"
ln -s "$T/target" "$T/taken/.dreamq-${id[4]}.0.part"
mkdir "$T/taken/.dreamq-${id[5]}.0.part"
mkfifo "$T/taken/.dreamq-${id[6]}.0.part"
is 6 "20 files, of which 5 have a place that is taken" dreamq get -o "$T/taken" \
	--name '{submit_id}/{index}.{ext}' --input "$T/ids"
equal 15 "$(find "$T/taken" -type f -name '0.png' | wc -l)" "the other 15 come"
equal 15 "$(count_stored)" "and the ledger knows"
for n in 1 2 4 5 6; do
	says "${id[n]}.*in the way" "$T/err" "what is in the way of ${id[n]} is told"
done
equal "" "$(find "$T/elsewhere" -type f)$(cat "$T/target")" "no link was followed"
rm -r "$T/taken/${id[1]}" "$T/taken/${id[2]}" "$T/taken/.dreamq-${id[4]}.0.part" \
	"$T/taken/.dreamq-${id[5]}.0.part" "$T/taken/.dreamq-${id[6]}.0.part"
is 0 "with the places free they come, too" dreamq get -q -o "$T/taken" \
	--name '{submit_id}/{index}.{ext}' --input "$T/ids"
complete "$T/taken" 20 "all 20"

# A link where a stored file was, to the same bytes: it is no stored file.
name=$T/taken/${id[0]}/0.png
mv "$name" "$T/moved.png" && ln -s "$T/moved.png" "$name"
is 0 "a stored file was replaced by a link to it" dreamq get -q -o "$T/taken" \
	--name '{submit_id}/{index}.{ext}' "${id[0]}"
path=$(dreamq show --json "${id[0]}" | jq -r '.assets[].path')
is 0 "it is stored again, as a file" test -f "$path" -a ! -L "$path"

# A folder that is gone.
mkdir "$T/gone"
is 6 "get in a folder that was removed" bash -c 'cd "$1" && rmdir "$1" && "$2" get '"${id[0]}" - "$T/gone" "$DREAMQ"
says "folder .*(removed|gone)" "$T/err" "says so"
says_not "memory" "$T/err" "and nothing of memory"

# Limits of the process.
big=$(make_tasks '{"account":"tester","ids":["limited"],"prompt":"a sea [items=1] [bytes=3M]","age_seconds":600}')
dreamq list >/dev/null
is 6 "a limit on the size of files" bash -c 'ulimit -f 2000; exec "$1" get --max-wait 3 -o "$2" "$3"' - "$DREAMQ" "$T/limited" "$big"
says "limit.*(ulimit -f|size of files)" "$T/err" "is told as such"
cp "$T/err" "$T/limited.err"
is 0 "without it the file comes" dreamq get -q -o "$T/limited" "$big"
complete "$T/limited" 1 "whole"
is 6 "a limit on open files" bash -c 'ulimit -n 12; exec "$1" get --max-wait 20 -o "$2" "$3"' - "$DREAMQ" "$T/few" "${id[1]}"
says "ulimit -n" "$T/err" "is told as such"

# A full disk, or what is as good as one: said at once, and --max-wait is obeyed.
says 'everything pauses until there is room' "$T/limited.err" "a full disk is told at once"

# Files that are in another folder are copied, whatever the time, the login and the network.
is 0 "get --max-wait 0 into a new folder" dreamq get --max-wait 0 -o "$T/second" "${id[2]}"
equal "$(find "$T/second" -type f)" "$(cat "$T/out")" "prints what is there, and nothing else"
complete "$T/second" 1 "a copy"
chmod a-w "$T/second"
if [ "$(id -u)" != 0 ]; then
	is 6 "and where nothing can be written" dreamq get --max-wait 0 -o "$T/second" "${id[7]}"
	equal "" "$(cat "$T/out")" "no path of another folder is printed"
fi
stop_emulator
is 0 "get without the service, into a new folder" dreamq get --max-wait 1 -o "$T/third" "${id[2]}"
equal "$(find "$T/third" -type f)" "$(cat "$T/out")" "prints what is there, and nothing else"

# Control characters of the folder's name.
odd=$T/$(printf 'a\033[31mred\302\233x')
is 0 "a folder with control characters" dreamq get --max-wait 0 -o "$odd" "${id[2]}"
says_not "$(printf '\033')|$(printf '\302\233')" "$T/err" "they do not reach the terminal from stderr"
equal "$odd/${id[2]}_0.png" "$(cat "$T/out")" "a pipe gets the path as it is"
if type -P script >/dev/null; then
	env -u NO_COLOR TERM=xterm SHELL=/bin/bash script -qec \
		"$(printf %q "$DREAMQ") get -q --max-wait 0 -o $(printf %q "$odd") ${id[2]}" /dev/null \
		</dev/null >"$T/screen" 2>&1
	says "red" "$T/screen" "on a terminal it is shown"
	says_not "$(printf '\033')|$(printf '\302\233')" "$T/screen" "without them"
fi
done_testing
