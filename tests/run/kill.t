#!/bin/bash
# kill -9 of get at random moments, then rerun: the same files each time. 60 rounds and
# more are in tools/torture.
. "$(dirname "$0")/lib.sh"
rounds=${KILL_ROUNDS:-10}
RANDOM=${KILL_SEED:-4711}
start_emulator --time-scale 100

make_tasks '{"account":"tester","count":10,"prefix":"k","prompt":"a cat [items=4] [bytes=300k]","age_seconds":600}' >"$T/ids"
is 0 "a run that nobody disturbs" dreamq get -o "$T/calm" --input "$T/ids"
(cd "$T/calm" && find . -type f -exec sha256sum {} + | sort -k 2) >"$T/wanted"
equal 40 "$(wc -l <"$T/wanted")" "makes 40 files"

bad=0
for round in $(seq "$rounds"); do
	rm -rf "$T/files" "$T/state"
	"$DREAMQ" get -o "$T/files" --input "$T/ids" >/dev/null 2>&1 &
	pid=$!
	sleep "0.$(printf '%03d' $((RANDOM % 400)))"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	dreamq get -o "$T/files" --input "$T/ids" >/dev/null 2>"$T/err"
	status=$?
	(cd "$T/files" && find . -type f -exec sha256sum {} + | sort -k 2) >"$T/got"
	stored=$(count_stored)
	check=$(checked verdict)
	if [ $status -ne 0 ] || ! cmp -s "$T/wanted" "$T/got" || [ "$stored" -ne 40 ] ||
		[ "$check" != good ]; then
		bad=$((bad + 1))
		echo "# round $round: status $status, $(wc -l <"$T/got") files, $stored stored, $check"
		diff "$T/wanted" "$T/got" | head -5 | sed 's/^/# /'
		head -3 "$T/err" | sed 's/^/# /'
	fi
done
equal 0 $bad "$rounds times killed and run again: the same 40 files and ledger"

rm -rf "$T/files" "$T/state"
cut_before=$(requests cdn)
"$DREAMQ" get -o "$T/files" --input "$T/ids" >"$T/a.out" 2>"$T/a.err" &
a=$!
"$DREAMQ" get -o "$T/files" --input "$T/ids" >"$T/b.out" 2>"$T/b.err" &
b=$!
wait $a
equal 0 $? "two at once: the first succeeds"
wait $b
equal 0 $? "two at once: the second succeeds"
(cd "$T/files" && find . -type f -exec sha256sum {} + | sort -k 2) >"$T/got"
is 0 "each file is there once" cmp "$T/wanted" "$T/got"
equal 40 $(($(requests cdn) - cut_before)) "each file was fetched once"
says_not "locked|error" "$T/a.err" "no error is shown"
says_not "locked|error" "$T/b.err" "by either"
done_testing
