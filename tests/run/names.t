#!/usr/bin/env bash
# Names of files: templates, the names they would give, and `rename`: files, sidecars and
# ledger together, killed at each step, in circles, and back again.
. "$(dirname "$0")/lib.sh"
: "${KILL_AT_LIBRARY:?}"
export TZ=UTC
start_emulator --time-scale 100
F=$T/files
make_tasks '{"account":"tester","count":3,"prefix":"n","prompt":"a cat: on/a mat [items=2] [bytes=20k]","age_seconds":600}' >"$T/ids"

sums() { (cd "$F" && find . -type f ! -name '.dreamq-*' ! -name '*.json' -exec sha256sum {} + | sort); }
names() { (cd "$F" && find . -type f ! -name '.dreamq-*' ! -name '*.json' | sort); }
# agrees LABEL: ledger and disk, and nothing is left over
agrees() {
	dreamq verify -o "$F" >"$T/out" 2>"$T/err"
	equal "0 " "$? $(cat "$T/out")" "$1"
}
ren() { dreamq rename -o "$F" "$@"; }

# --- before anything is fetched
is 2 "a field that is none" dreamq get --name '{promt:20}.{ext}' --input "$T/ids" -o "$F"
says "did you mean '\{prompt\}'.*\{duration\}" "$T/err" "  is told with the nearest and the list"
is 0 "names without tasks" dreamq get --name-preview --name '{prompt}'
is 2 "  but no wrong template" dreamq get --name-preview --name '{'
is 0 "tasks" dreamq query --input "$T/ids"
is 0 "names of the last tasks" dreamq get --name-preview --name '{kind}/{prompt:5|id}_{index1:02}.{ext}'
equal 6 "$(grep -c '^image/a cat-[0-9a-f]\{8\}_0[12]\(-[23]\)\?\.[a-z]*  (n-[0-2], file [01])$' "$T/out")" "  a line each"
equal 6 "$(cut -d ' ' -f 1-2 "$T/out" | sort -u | wc -l)" "  all different"
is 0 "of one" dreamq get --name-preview --limit 1 --json
valid "$T/out" "  as JSON"
equal 2 "$(wc -l <"$T/out")" "  its two files"
is 1 "of an id that nobody knows" dreamq get --name-preview nobody
test ! -e "$F"
equal 0 $? "nothing was fetched"

# --- renamed
is 0 "files, all of one name" dreamq get --sidecar --name '{prompt:5}.{ext}' --input "$T/ids" -o "$F"
equal 6 "$(names | wc -l)" "  none is lost"
sums >"$T/first"
agrees "  ledger and disk agree"
is 0 "a look" ren --name '{kind}/{id}/{index:02}.{ext}'
equal 6 "$(grep -c ' -> .*/image/n-[0-2]/0[01]\.' "$T/out")" "  each is told"
says '6 files would be renamed; with --yes' "$T/err" "  and what to do"
is 0 "a dry run" ren --name '{kind}/{id}/{index:02}.{ext}' --dry-run --yes --json
valid "$T/out" "  as JSON"
equal planned "$(jq -r .state "$T/out" | sort -u)" "  planned"
sums | cmp - "$T/first"
equal 0 $? "  nothing has changed"
is 0 "now" ren --name '{kind}/{id}/{index:02}.{ext}' --yes
says '6 files renamed; 0 had' "$T/err" "  all of them"
equal "$(printf './image/n-%s/0%s\n' 0 0 0 1 1 0 1 1 2 0 2 1)" "$(names | sed 's/\.[a-z]*$//')" "  have their names"
equal "$(cut -c 1-64 "$T/first" | sort)" "$(sums | cut -c 1-64 | sort)" "  and their bytes"
agrees "  and the ledger has them there"
equal 6 "$(find "$F" -name '*.json' | wc -l)" "  with their sidecars"
bad=0
while read -r name; do
	jq -e --arg p "$F/${name#./}" '[.assets[].path] | index($p)' "$F/$name.json" >/dev/null || bad=$((bad + 1))
done < <(names)
equal 0 $bad "  that say where they are"
is 0 "again" ren --name '{kind}/{id}/{index:02}.{ext}' --yes
says '^0 files renamed; 6 had' "$T/err" "  changes nothing"
is 0 "back" ren --name '{prompt:5}.{ext}' --yes
sums | cmp - "$T/first"
equal 0 $? "  each has the very name that it had"
equal 0 "$(find "$F" -mindepth 1 -type d | wc -l)" "  no empty folder is left"
agrees "  and the ledger agrees"
is 0 "another get" dreamq get --sidecar --name '{prompt:5}.{ext}' --input "$T/ids" -o "$F"
sums | cmp - "$T/first"
equal 0 $? "  finds them all"

# --- some, elsewhere, in the way
is 0 "one task only" ren --name '{id}_{index}.{ext}' --yes n-1
equal 2 "$(names | grep -c 'n-1_')" "  has other names"
is 1 "an id that nobody knows" ren --name '{id}.{ext}' --yes nobody
is 2 "another folder" dreamq rename -o "$T" --name x --yes --bogus
is 2 "a folder without files" dreamq rename -o "$T/home" --name '{id}.{ext}' --yes
says "name their folder with -o" "$T/err" "  is told where they are"
one=$(names | grep 'n-1_0' | sed 's/.*\.//')
echo "somebody's" >"$F/mine.$one"
is 0 "names that are somebody's" ren --name 'mine.{ext}' --yes
equal "somebody's" "$(cat "$F/mine.$one")" "  are left alone"
equal 1 "$(names | grep -c "mine-2.$one")" "  and get numbers"
rm "$F/mine.$one"
is 0 "when it is gone" ren --name 'mine.{ext}' --yes
equal 1 "$(names | grep -c "/mine.$one")" "  the numbers close up"
agrees "  and the ledger agrees"
ln -s "$T" "$F/n-0"
is 6 "a link in the way" ren --name '{id}/{index}.{ext}' --yes n-0
says "links below the output folder are not followed" "$T/err" "  is not followed"
rm "$F/n-0"
is 0 "without it" ren --name '{id}/{index}.{ext}' --yes
agrees "  all is well"
rm "$(in_ledger '.[] | select(.submit_id == "n-0") | .assets[0].path')"
is 6 "a file that is gone" ren --name '{id}_{index}.{ext}' --yes
says "there is no file" "$T/err" "  is told"
equal 1 "$(grep -c "there is no file" "$T/err")" "  once"
says "1 of 6 files could not be renamed" "$T/err" "  with the sum"
is 0 "  and comes back" dreamq verify --repair

# --- in circles: 0 wants what 1 has, and 1 what 0 has
is 0 "a fresh start" ren --name '{id}_{index}.{ext}' --yes
sums >"$T/before"
lab_swap n-0
lab_swap n-1
is 0 "a circle" ren --name '{id}_{index}.{ext}' --yes
says '4 files renamed' "$T/err" "  is walked"
equal "$(sed -E 's/(n-[01])_0/\1_x/; s/(n-[01])_1/\1_0/; s/_x/_1/' "$T/before" | sort)" "$(sums)" "  all have changed places"
agrees "  and the ledger agrees"

# --- somebody to ask, and other tongues
# answer COLUMNS TEXT COMMAND: a terminal, where somebody types this
answer() { printf '%s\n' "$2" | command script -qec "stty cols $1; $3" /dev/null | tr -d '\r'; }
sums >"$T/before"
answer 20 n "$DREAMQ rename -o $F --name 'x{id}_{index}.{ext}'" >"$T/out"
says 'rename these 6 files\? \[y/N\]' "$T/out" "a terminal is asked"
sums | cmp - "$T/before"
equal 0 $? "  'n' changes nothing"
answer 20 '' "$DREAMQ rename -o $F --name 'x{id}_{index}.{ext}'" >"$T/out"
sums | cmp - "$T/before"
equal 0 $? "  nor does an empty line"
answer 80 y "$DREAMQ rename -o $F --name 'x{id}_{index}.{ext}'" >"$T/out"
says '6 files renamed' "$T/out" "  'y' goes ahead"
equal 6 "$(names | grep -c '/xn-')" "  with all of them"
for locale in C zh_CN.UTF-8 none.such; do
	is 0 "LC_ALL=$locale" env LC_ALL=$locale COLUMNS=20 "$DREAMQ" rename -o "$F" --name '图/{prompt}.{ext}' --yes
	equal 6 "$(names | grep -c '^./图/a cat')" "  the names are the same"
	is 0 "  and back" env LC_ALL=$locale "$DREAMQ" rename -o "$F" --name '{id}_{index}.{ext}' --yes
	is 2 "  nonsense" env LC_ALL=$locale "$DREAMQ" rename -o "$F" --name '{一}' --yes
done
says "没有字段“\{一\}”" <(env LC_ALL=zh_CN.UTF-8 "$DREAMQ" rename --name '{一}' 2>&1) "told in Chinese"
agrees "all is well"

# --- only some of a task's files, and their times
C=$T/chosen
make_tasks '{"account":"tester","count":1,"prefix":"c","prompt":"a dog [items=4] [bytes=20k]","age_seconds":86400}' >"$T/dogs"
is 2 "an index that is none" dreamq get --index 1-0 --input "$T/dogs" -o "$C"
says "--index: '1-0' is no list of files; write '0,2' or '1-3'" "$T/err" "  is told"
for list in '' , 0, x -1 0--1 99999999 0-9999; do
	dreamq get --index="$list" --input "$T/dogs" -o "$C" >"$T/out" 2>&1
	equal 2 $? "  and so is '$list'"
done
is 2 "a kind that is none" dreamq get --only movie --input "$T/dogs" -o "$C"
is 0 "two of four" dreamq get --index 0,2-2 --mtime --input "$T/dogs" -o "$C"
equal "c-0_0 c-0_2" "$(ls "$C" | sed 's/\..*//' | tr '\n' ' ' | sed 's/ $//')" "  come"
made=$(in_ledger '.[] | select(.submit_id == "c-0") | .finished_at | sub("\\.[0-9]+"; "") | fromdate')
equal "$made $made" "$(stat -c %Y "$C"/c-0_* | tr '\n' ' ' | sed 's/ $//')" "  with the time of their making"
is 0 "the same again" dreamq get --index 0,2 --input "$T/dogs" -o "$C"
is 1 "films of a picture" dreamq get --only video --input "$T/dogs" -o "$C"
equal 2 "$(ls "$C" | wc -l)" "  are none"
is 0 "pictures" dreamq get --only image --input "$T/dogs" -o "$C"
equal 4 "$(ls "$C" | wc -l)" "  are all"
is 1 "another file into another folder" dreamq get --index 9 --input "$T/dogs" -o "$T/apart"
says_not "another folder" "$T/err" "  those that were not asked for are no trouble"
says "task 'c-0' has no file of those that are asked for; its files are '0-3 \(image\)'" "$T/err" "  what there is is told"
is 1 "  nor are those of another kind" dreamq get --only video --input "$T/dogs" -o "$T/apart"
says_not "another folder" "$T/err" "  not a word of them"
make_tasks '{"account":"tester","ids":["film"],"kind":"video","prompt":"a film","age_seconds":600}' >"$T/film"
is 0 "one of two kinds" dreamq get --only image c-0 film -o "$C"
says "task 'film' has no file .* '0 \(video\)'" "$T/err" "  the other is told"
is 1 "of one that has none" dreamq get --index 7 film -o "$C" --json
says "no task has a file of those that are asked for" "$T/err" "  is an error"
dreamq forget -q film
is 0 "verify does not mind" dreamq verify
is 2 "a template that is wrong" dreamq run --name '{nope}' --prompt x --measure=no
equal 0 "$(requests submit)" "  is told before anything is paid"

# --- killed at each step, and the power cut there
is 0 "as it was" ren --name '{prompt:5}.{ext}' --yes
sums >"$T/before"
ren --name '{id}/{index}.{ext}' --yes >/dev/null 2>&1
sums >"$T/wanted"
killing() {
	env "$@" KILL_LOG="$T/steps" LD_PRELOAD="$KILL_AT_LIBRARY" \
		ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		"$DREAMQ" rename -o "$F" --name '{id}/{index}.{ext}' --yes >"$T/out" 2>"$T/err"
}
# killed_at N [NAME=VALUE...]
killed_at() {
	local n=$1 status
	shift

	ren --name '{prompt:5}.{ext}' --yes >"$T/out" 2>"$T/err" || cat "$T/err"
	sums | cmp -s - "$T/before" || { bad=$((bad + 1)) && sums | diff "$T/before" - | sed "s/^/# before $n: /"; }
	rm -f "$T/steps"
	killing KILL_AT="$n" "$@"
	status=$?
	[ $status -eq 137 ] || return 1
	killed=$((killed + 1))
	: >"$T/lies"
	# Each file is where the ledger says, whatever the step; where it can have but one
	# name, it may be one step ahead.
	[ $# -gt 0 ] || stored_sums | sha256sum --quiet -c >>"$T/lies" 2>&1
	killing "$@" || echo "again: $? $(cat "$T/err")" >>"$T/lies"
	sums | diff "$T/wanted" - >>"$T/lies"
	dreamq verify -o "$F" >>"$T/lies" 2>&1 || echo "verify" >>"$T/lies"
	sed -i '/^dreamq: verified/d; /^verified/d' "$T/lies"
	[ ! -s "$T/lies" ] || {
		bad=$((bad + 1))
		echo "# step $n: $(sed -n "${n}p" "$T/steps")"
		head -n 6 "$T/lies" | sed 's/^/# /'
	}
}
# at_steps STRIDE LABEL [NAME=VALUE...]
at_steps() {
	local stride=$1 label=$2 n=1
	shift 2

	killed=0 bad=0
	while killed_at "$n" "$@"; do n=$((n + stride)); done
	equal 0 $bad "$label: killed at $killed steps, and run again"
	at_least 10 $((killed * stride)) "  of as many as there are"
}
at_steps "${NAMES_STRIDE:-9}" "rename"
at_steps "${NAMES_STRIDE:-9}" "rename where a file has one name only" KILL_NO_LINKS=1

# --- two at once: one is stopped where it takes away a name that a killed run has left, and
# the other would give just that name to the file
is_stopped() { grep -q '^State:.T' "/proc/$(pgrep -P "$1")/status"; }
is 0 "as it was" ren --name '{prompt:5}.{ext}' --yes
killing KILL_AT=unlink
equal "137 12" "$? $(names | wc -l)" "a killed run leaves second names"
killing KILL_AT=unlink KILL_STOPS=1 &
first=$!
eventually 10 is_stopped $first
equal 0 $? "the next one is stopped at the first of them"
ren --name '{prompt:5}.{ext}' --yes >"$T/out" 2>"$T/err"
says "another process is at work on task '(n-0|n-1|n-2)'" "$T/err" "  which leaves that task alone"
kill -CONT "$(pgrep -P $first)"
wait $first
is 0 "renamed again" ren --name '{prompt:5}.{ext}' --yes
equal "$(cut -c 1-64 "$T/before" | sort)" "$(sums | cut -c 1-64 | sort)" "  no file is lost"
agrees "  and the ledger has each where it lies"
# --- a file that is called like the sidecar of another
make_tasks '{"account":"tester","count":2,"prefix":"like","prompt":"like","age_seconds":600}' >"$T/likes"
is 0 "two tasks" dreamq get -q --input "$T/likes" -o "$T/like"
dreamq tag like-0 +v >/dev/null 2>&1
dreamq tag like-1 +v.json >/dev/null 2>&1
is 0 "one called like the other's sidecar" dreamq rename -q -o "$T/like" --name '{tags}' --yes like-0 like-1
equal "v v.json" "$(ls "$T/like" | xargs)" "  has that name"
is 0 "the other is renamed" dreamq rename -q -o "$T/like" --name '{id}' --yes like-0
equal "like-0 v.json" "$(ls "$T/like" | xargs)" "  alone"
is 0 "both" dreamq rename -q -o "$T/like" --name '{tags}' --yes like-0 like-1
is 0 "  at once" dreamq rename -q -o "$T/like" --name 'x-{id}' --yes like-0 like-1
equal "x-like-0 x-like-1" "$(ls "$T/like" | xargs)" "  leave nothing behind"
dreamq forget -q like-0 like-1

# --- a file system that counts no capitals, and gives a file one name
caseless() {
	local disk=$T/exfat.img loop

	truncate -s 16M "$disk" && mkfs.exfat "$disk" >/dev/null 2>&1 && mkdir "$T/exfat" || return
	loop=$(losetup -f --show "$disk" 2>/dev/null) || return
	trap 'status=$?; umount "$T/exfat" 2>/dev/null; losetup -d '"$loop"'; (exit $status); finish' EXIT
	mount.exfat-fuse "$loop" "$T/exfat" 2>/dev/null
}
if caseless; then
	make_tasks '{"account":"tester","count":1,"prefix":"caps","prompt":"caps [items=2]","age_seconds":600}' >"$T/caps"
	is 0 "files on exFAT" dreamq get -q --sidecar --name '{id}_{index}.{ext}' --input "$T/caps" -o "$T/exfat"
	is 0 "renamed by capitals alone" dreamq rename -o "$T/exfat" --name 'CAPS-0_{index}.{ext}' --yes caps-0
	says '2 files renamed' "$T/err" "  in one run"
	equal "CAPS-0_0.png CAPS-0_0.png.json CAPS-0_1.png CAPS-0_1.png.json" "$(ls "$T/exfat" | xargs)" "  and listed so, sidecars too"
	is 0 "  once more" dreamq rename -o "$T/exfat" --name 'CAPS-0_{index}.{ext}' --yes caps-0
	says '0 files renamed; 2 had' "$T/err" "  changes nothing"
	is 0 "  and into folders" dreamq rename -q -o "$T/exfat" --name '{id}/{index}.{ext}' --yes caps-0
	equal "0.png 0.png.json 1.png 1.png.json" "$(ls "$T/exfat/caps-0" | xargs)" "  with all"
	dreamq forget -q caps-0
else
	skip "renamed by capitals alone" "exFAT can't be mounted here (root, exfat-fuse)"
fi

# --- numbers, and projects
G=$T/numbers
make_tasks '{"account":"tester","count":6,"prefix":"num","prompt":"counted [items=1] [bytes=2k]","age_seconds":600}' >"$T/counted"
is 2 "folders that are counted" dreamq get --name '{counter}/{id}.{ext}' -o "$G" num-0
says "counts files, so no '/' may stand behind it" "$T/err" "  are told"
is 0 "a counter" dreamq get -q --sidecar=txt --name '{counter:03}.{ext}' -o "$G" num-0 num-1
dreamq get -q --name '{counter:03}.{ext}' -o "$G" num-2 num-3 >/dev/null &
dreamq get -q --name '{counter:03}.{ext}' -o "$G" num-4 >/dev/null
wait $!
equal "001 002 003 004 005" "$(cd "$G" && ls *.png | sed 's/\..*//' | xargs)" "  goes on, whoever asks"
equal "001 002" "$(cd "$G" && ls *.txt | sed 's/\..*//' | xargs)" "  and sidecars have it, too"
is 0 "once more" dreamq get -q --name '{counter:03}.{ext}' -o "$G" num-0 num-1 num-2 num-3 num-4
equal 5 "$(ls "$G"/*.png | wc -l)" "  brings nothing"
is 0 "the same template" dreamq rename -o "$G" --name '{counter:03}.{ext}' --yes
says 'every file has its name already|0 files renamed' "$T/err" "  changes nothing"
is 0 "wider" dreamq rename -q -o "$G" --name '{counter:04}_{counter}.{ext}' --yes
equal "0001_1 0002_2 0003_3 0004_4 0005_5" "$(cd "$G" && ls *.png | sed 's/\..*//' | xargs)" "  each gets one"
(cd "$G" && rm 0002_2.png)
is 0 "another where one is gone" dreamq get -q --name '{counter:04}_{counter}.{ext}' -o "$G" num-5
equal "0001_1 0002_2 0003_3 0004_4 0005_5" "$(cd "$G" && ls *.png | sed 's/\..*//' | xargs)" "  takes the lowest that is free"
is 0 "names to come" dreamq get --name-preview --name '{project|kind}/{counter:02}.{ext}' num-0 num-1
equal "image/01.png image/02.png" "$(sed 's/  (.*//' "$T/out" | xargs)" "  are counted"
dreamq tag -q num-0 +project:Zoo +other
is 0 "by project" dreamq rename -q -o "$G" --name '{project|}/{counter:02}.{ext}' --yes num-0 num-3
equal "$G/zoo/01.png $G/01.png" "$(in_ledger '[.[] | select(.submit_id == "num-0" or .submit_id == "num-3")] | sort_by(.submit_id)[] | .assets[0].path' | xargs)" "  they have folders, and numbers in each"

# --- a disk without room for another folder
how=
for of in --mount "--mount --map-root-user"; do
	unshare $of mount -t tmpfs tmpfs /mnt 2>/dev/null && how=$of && break
done
on_full_disk() {
	mount -t tmpfs -o size=4m,nr_inodes=40 tmpfs "$T/small" || return 99
	"$DREAMQ" get -q -o "$T/small/out" n-0 n-1 || return 98
	for i in $(seq 60); do : >"$T/small/$i" || break; done 2>/dev/null
	"$DREAMQ" rename -o "$T/small/out" --name '{id}/{index}.{ext}' --yes 2>"$T/full"
	echo $? >"$T/full.status"
	in_ledger '.[].assets[] | select(.stored) | "\(.sha256)  \(.path)"' | grep "/small/" | sha256sum --quiet -c || return 97
	rm "$T"/small/[0-9]*
	"$DREAMQ" rename -o "$T/small/out" --name '{id}/{index}.{ext}' --yes || return 96
	"$DREAMQ" forget -q n-0 n-1
}
mkdir "$T/small"
if [ "$how" ]; then
	export -f on_full_disk in_ledger
	export T LEDGER
	is 0 "a full disk" unshare $how bash -c on_full_disk
	equal 6 "$(cat "$T/full.status")" "  is trouble with the disk"
	says "can't make the folder" "$T/full" "  and told"
else
	skip "a full disk" "mounting is not allowed"
fi

equal "" "$(violations)" "no violation"
done_testing
