#!/bin/bash
# A ledger that is damaged, old, locked or gone: nothing is silent, nothing is paid twice,
# and there is a way on. DAMAGES (default 3) at random, from DAMAGE_SEED on.
. "$(dirname "$0")/lib.sh"
damages=${DAMAGES:-3}
seed=${DAMAGE_SEED:-1}

start_emulator --time-scale 100

# --- reading makes nothing ---
is 6 "a ledger that is not there can't be read" dreamq list --ledger "$T/typo/l.db"
says "there is no ledger '$T/typo/l.db'" "$T/err" "it is named"
is 6 "nor shown" dreamq show some-id --ledger "$T/typo/l.db"
is 6 "nor exported" dreamq export --ledger "$T/typo/l.db"
is 6 "nor counted" dreamq stats --ledger "$T/typo/l.db"
is 6 "nor verified" dreamq verify --ledger "$T/typo/l.db"
is 6 "nor accepted" dreamq ledger accept --ledger "$T/typo/l.db"
says "there is no ledger '$T/typo/l.db'" "$T/err" "  which is named, too"
is 6 "nor forgotten in" dreamq forget some-id --ledger "$T/typo/l.db"
# An id that may be the beginning of another is looked up first.
long=4f0c7a1e-0b5d-4c7e-9a51-2f8e6d3c1b00
for id in $long "${long%%-*}" a_name_of_mine; do
	is 6 "nor is $id shown" dreamq show "$id" --ledger "$T/typo/l.db"
	is 6 "  nor forgotten in" dreamq forget "$id" --ledger "$T/typo/l.db"
	is 6 "  nor a file of it" dreamq forget "$id" --file 0 --ledger "$T/typo/l.db"
done
equal no "$([ -e "$T/typo" ] && echo yes || echo no)" "and neither folder nor file is made"
is 0 "the default ledger is empty at first" dreamq list
is 1 "shows nothing" dreamq show $long
is 1 "has nothing to forget" dreamq forget $long
is 1 "nor a file" dreamq forget $long --file 0
is 0 "has nothing to verify" dreamq verify
equal no "$([ -e "$LEDGER" ] && echo yes || echo no)" "and is not made by that"

# --- thirty tasks with keys, half of them in the log ---
is 0 "another ledger" dreamq submit --prompt other --ledger "$T/other.db"
LEDGER=$T/other.db lab_empty_log
submit_some() {
	for n in $(seq "$1" "$2"); do
		jq -nc --arg p "cat number $n" --arg k "key-$n" '{prompt: $p, idempotency_key: $k}'
	done >"$T/batch"
	is 0 "tasks $1 to $2 are submitted" dreamq submit --batch "$T/batch"
}
submit_some 1 10
lab_copy "$T/old.db"
submit_some 11 20
dreamq list --json | jq -r '.submit_id' | head -3 | dreamq get -i - -o "$T/out" >/dev/null 2>&1
lab_empty_log
submit_some 21 30
dreamq list --json >"$T/all"
equal 30 "$(wc -l <"$T/all")" "thirty are known"
mkdir "$T/whole"
cp "$LEDGER" "$LEDGER-wal" "$LEDGER-shm" "$LEDGER-mark" "$T/old.db" "$T/other.db" "$T/whole"
# An id, its key and its prompt a line, the oldest first.
jq -rs 'reverse[] | "\(.submit_id) key-\(.prompt | ltrimstr("cat number ")) \(.prompt)"' "$T/all" >"$T/lines"

# --- the log is gone ---
restore() {
	rm -rf "$T/state/dreamq"
	mkdir -p "$T/state/dreamq"
	cp "$T/whole/ledger.db" "$T/whole"/ledger.db-* "$T/state/dreamq"
}
before=$(stat_of .accepted_ids)
restore
rm "$LEDGER-wal"
is 6 "a list with missing rows ends with 6" dreamq list --json
says 'about 10 of 30 tasks' "$T/err" "and says how many are missing"
at_least 20 "$(wc -l <"$T/out")" "what is there is listed"
is 6 "a used key is not paid again" \
	dreamq submit --prompt "cat number 25" --idempotency-key key-25
says "dreamq ledger accept" "$T/err" "and the way on is named"
is 0 "results come home" dreamq get "$(sed -n 1p "$T/lines" | cut -d' ' -f1)" -o "$T/out2"
is 6 "the check finds it" dreamq ledger check --json
valid "$T/out" "the finding follows its schema"
equal behind "$(jq -r '.verdict // empty' "$T/out")" "it is behind"
asked=$(wc -l <"$T/requests.log")
is 0 "it is accepted" dreamq ledger accept
says "'dreamq watch' asks" "$T/err" "who asks for what had waited is told"
equal "$asked" "$(wc -l <"$T/requests.log")" "and accept itself asks nothing"
is 0 "and good from then on" dreamq ledger check
is 0 "listed without a word" dreamq list

# --- pages are gone ---
restore
rm "$LEDGER-wal" "$LEDGER-mark"
pages=$(($(stat -c %s "$LEDGER") / 4096))
root=$(lab_page_of_tasks)
dd if=/dev/zero of="$LEDGER" bs=4096 seek=$((${root:-$((pages / 2))} - 1)) count=1 conv=notrunc 2>/dev/null
sum=$(sha256sum <"$LEDGER")
is 6 "a damaged ledger is not listed" dreamq list
says "dreamq ledger recover" "$T/err" "the way on is named"
is 6 "a used key is not paid again there" \
	dreamq submit --prompt "cat number 5" --idempotency-key key-5
is 6 "the check finds it, too" dreamq ledger check --json
valid "$T/out" "that follows its schema"
equal damaged "$(jq -r '.verdict // empty' "$T/out")" "it is damaged"
is 0 "what can be read is saved" dreamq ledger recover --json
valid "$T/out" "what was saved follows its schema"
saved=$(jq -r .path "$T/out")
equal 20 "$(jq .keys "$T/out")" "every key is"
equal "$sum" "$(sha256sum <"$LEDGER")" "the damaged file is as it was"
is 2 "an existing file is not written over" dreamq ledger recover "$saved"
is 0 "the new one can be read" dreamq list --ledger "$saved"
is 0 "it takes the place" dreamq ledger accept "$saved"
is 0 "and is good" dreamq ledger check
equal 1 "$(find "$T/state/dreamq" -name 'ledger.db.old-*' ! -name '*-*-*-*' | wc -l)" "the old one is kept"
equal yes "$([ -e "$saved" ] && echo yes)" "so is the one that was saved"
dreamq submit --prompt "cat number 5" --idempotency-key key-5 >"$T/out" 2>"$T/err"
# Long after the service has denied what was saved by its name alone:
lab_denied_long_ago
dreamq query somebody-elses-id >"$T/out" 2>"$T/err"
equal 20 "$(checked keys)" "the keys stay"
for n in $(seq 1 20); do
	dreamq submit --prompt "cat number $n" --idempotency-key "key-$n" --max-wait 0 >"$T/out" 2>"$T/err"
done
equal "$before" "$(stat_of .accepted_ids)" "in all of it nothing was paid again"

# --- what people said of tasks is gone ---
restore
first=$(sed -n 1p "$T/lines" | cut -d' ' -f1)
dreamq tag "$first" +keep >"$T/out" 2>"$T/err"
dreamq note "$first" "the best of all" >"$T/out" 2>"$T/err"
lab_empty_log
pages=$(lab_pages_of marks)
if [ -n "$pages" ]; then
	rm -f "$LEDGER-wal" "$LEDGER-mark"
	for page in $pages; do
		dd if=/dev/zero of="$LEDGER" bs=4096 seek=$((page - 1)) count=1 conv=notrunc 2>/dev/null
	done
	is 0 "what can be read of tags and notes is saved" dreamq ledger recover "$T/less.db"
	says 'not all notes and ratings could be read' "$T/err" "what can't be is said"
	says 'notes and ratings 0, tags 1' "$T/err" "and what can"
	equal keep "$(dreamq list --ledger "$T/less.db" --json --tag keep | jq -r '.tags[0]')" "the tag is there"
	is 0 "for programs, too" dreamq ledger recover --json "$T/less2.db"
	valid "$T/out" "which follows the schema"
	equal '["notes"]' "$(jq -c .unread "$T/out")" "by its name"
else
	skip "notes that are gone" "it can't be told in which pages they are"
fi

# --- from another disk ---
if [ -w /dev/shm ] && [ "$(stat -c %d /dev/shm)" != "$(stat -c %d "$T")" ]; then
	far=$(mktemp -d /dev/shm/dreamq-test-XXXXXX)
	cp "$T/old.db" "$far/copy.db"
	restore
	is 0 "a copy on another disk is taken" dreamq ledger accept "$far/copy.db"
	equal 10 "$(dreamq list --json | wc -l)" "with all that is in it"
	equal yes "$([ -e "$far/copy.db" ] && echo yes)" "and it is there still"
	rm -rf "$far"
else
	skip "a copy on another disk" "there is only one"
fi

# --- gone ---
restore
rm "$LEDGER" "$LEDGER-wal"
is 6 "a ledger that is gone is not made anew" dreamq submit --prompt x
says "(tasks: 30)" "$T/err" "it is said what was in it"
is 6 "not by a look either" dreamq query some-id
is 0 "unless that is wanted" dreamq ledger accept
is 0 "then it begins anew" dreamq list
restore
ln "$LEDGER" "$T/second.db"
is 6 "a ledger with two names is refused" dreamq list --ledger "$T/second.db"
says "hard links" "$T/err" "and why is said"
rm "$T/second.db"

# --- a name that could steer the terminal ---
odd="$T/a"$'\033]0;x\007.db'
cp "$T/old.db" "$odd"
is 0 "into a pipe a name goes byte for byte" dreamq ledger recover --ledger "$odd"
equal "$odd.recovered" "$(cat "$T/out")" "as it is"
is 0 "on a terminal it is made harmless" \
	env TERM=xterm script -qec "$DREAMQ ledger recover --ledger '$odd'" /dev/null
equal 0 "$(grep -c $'\033]0;' "$T/out")" "and steers nothing"

# --- locked ---
restore
lab_lock
"$DREAMQ" query new-id >"$T/out" 2>"$T/err" &
waiting=$!
eventually 30 grep -q 'waiting for the ledger' "$T/err" &&
	ok "what is waited for is said" || not_ok "what is waited for is said" "$(cat "$T/err")"
says "which another program has locked, until [0-9:]{8}" "$T/err" "and until when"
# The lock outlasts them all: --max-wait counts here, too.
for verb in get wait; do
	is 6 "$verb --max-wait ends while another has the lock" timeout 20 "$DREAMQ" $verb --max-wait 1s another-new-id
	says "kept busy by other programs until the time to wait was over" "$T/err" "  and says so"
done
timeout 20 "$DREAMQ" watch --max-wait 1s -o "$T/watched" >"$T/out" 2>"$T/err"
differ 124 $? "watch --max-wait ends, too"
kill -TERM $waiting
SECONDS=0
wait $waiting
equal 130 $? "SIGTERM ends it while it waits"
at_least $SECONDS 20 "at once"
lab_unlock
is 4 "and when it is free, the same command goes on" dreamq wait --max-wait 1s another-new-id

# --- at random ---
export DREAMQ
python3 "$SOURCE_ROOT/tests/run/damage.py" "$T/whole" "$damages" "$seed" "$T/lines" >"$T/damage.out"
status=$?
tail -n 1 "$T/damage.out" | sed 's/^/# /'
[ "$status" -eq 0 ] && ok "$damages damages: no crash, no hang, no silent loss, no second payment" ||
	not_ok "$damages damages: no crash, no hang, no silent loss, no second payment" "$(cat "$T/damage.out")"

done_testing
