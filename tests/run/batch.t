#!/usr/bin/env bash
# A batch under one key, run again after its file has changed: what was paid is not paid
# again, whatever stands above it now, and a refusal says which lines are paid.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 20

accepted_all() { stat_of '[.accepted_ids[]] | add // 0'; }
# send WANTED NEW LABEL OPTION...: submit $T/w; so many are accepted
send() {
	local wanted=$1 new=$2 label=$3 before
	shift 3
	before=$(accepted_all)
	is "$wanted" "$label" dreamq submit --batch "$T/w" "$@"
	equal $((before + new)) "$(accepted_all)" "  $new of it are sent"
}
wishes() { printf '%s [seconds=1] [items=1]\n' "$@" >"$T/w"; }

wishes one two three
send 0 3 "three lines" --idempotency-key A
says "^3 new, 0 known" "$T/err" "  told as new"
cp "$T/out" "$T/first"
send 0 0 "the same file again" --idempotency-key A
says "^0 new, 3 known" "$T/err" "  told as known"
says_not "3 submitted" "$T/err" "  and not as submitted"
equal "$(cat "$T/first")" "$(cat "$T/out")" "  with their ids"
wishes zero one two three
send 0 1 "a line on top" --idempotency-key A
says "^1 new, 3 known" "$T/err" "  counted"
equal "$(cat "$T/first")" "$(tail -3 "$T/out")" "  the others keep their tasks"
wishes three zero two one
send 0 0 "in another order" --idempotency-key A
printf '%s\n' '# a comment' '' '{ "prompt" : "two [seconds=1] [items=1]" }' >>"$T/w"
sed -i '3d' "$T/w"
send 0 0 "a line written as JSON now" --idempotency-key A

# --- the same line more than once is as many tasks
wishes cat cat
send 0 2 "a line twice" --idempotency-key D
send 0 0 "  again" --idempotency-key D
wishes cat dog cat cat
send 0 2 "  once more, and another between" --idempotency-key D
equal 4 "$(sort -u "$T/out" | wc -l)" "  four tasks"
wishes cat
send 0 0 "  fewer" --idempotency-key D

# --- the same lines, another request
wishes one two three four
send 2 0 "other options for the same lines" --idempotency-key A --ratio 16:9
says "w, line 1: the idempotency key 'A/" "$T/err" "  names file and line"
says "lines 1-3 are paid, line 4 is new" "$T/err" "  and which are paid"
send 0 1 "as before" --idempotency-key A

# --- keys by line
wishes l1 l2 l3
send 0 3 "by line" --idempotency-key L --key-by line
equal "L/1 L/2 L/3" "$(keys '^L/' | xargs)" \
	"  keys are the numbers"
wishes l0 l1 l2 l3
send 2 0 "a line on top is refused" --idempotency-key L --key-by line
says "w, line 1: .*'L/1'" "$T/err" "  names file and line"
says "lines 2-4 are paid, line 1 is new" "$T/err" "  and which are paid"
says "--key-by content" "$T/err" "  and the way out"
send 0 1 "by content after by line" --idempotency-key L
says "^1 new, 3 known" "$T/err" "  the old keys protect"
send 0 0 "  again" --idempotency-key L
wishes l1 l1 l2
send 0 1 "one of them twice" --idempotency-key L
wishes one two
send 0 0 "by line, where content was the key" --idempotency-key A --key-by line
wishes x x y
send 0 3 "the same line twice, by line" --idempotency-key X --key-by line
wishes new x y x
send 0 1 "  then by content, with a line on top" --idempotency-key X
wishes x x y
send 2 0 "old keys, other options" --idempotency-key X --ratio 16:9
send 2 0 "  by line, too" --idempotency-key X --ratio 16:9 --key-by line

# --- two at once
for n in $(seq 8); do echo "race $n [seconds=1] [items=1]"; done >"$T/w"
before=$(accepted_all)
for n in 1 2 3; do
	"$DREAMQ" submit --batch "$T/w" --idempotency-key R >"$T/r.$n" 2>/dev/null &
	pids[n]=$!
done
wait "${pids[@]}"
equal $((before + 8)) "$(accepted_all)" "three programs with one batch pay once"
equal 1 "$(sort -u <(for n in 1 2 3; do sort "$T/r.$n" | sha256sum; done) | wc -l)" "  and name the same tasks"

# --- a repeat
send 0 8 "--reroll repeats each" --idempotency-key R --reroll
send 0 0 "  and the keys name the repeats" --idempotency-key R
wishes l1 l2
send 0 2 "a repeat of what had a key by line" --idempotency-key L --reroll
wishes l1 l2 l2
send 0 1 "  one task a line, not two" --idempotency-key L
is 2 "--key-by without a batch" dreamq submit --prompt x --key-by line --idempotency-key Z
equal "" "$(violations)" "no violation"
done_testing
