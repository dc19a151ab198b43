#!/bin/bash
# A group of 16 files that end together, killed at each step that the disk sees of it, and
# the power cut there: the next run brings all 16 home, none of them twice, and no file is
# damaged of which the ledger says that it is stored (docs/architecture.md says why).
. "$(dirname "$0")/lib.sh"
: "${KILL_AT_LIBRARY:?}"
start_emulator --time-scale 100

F=$T/files
make_tasks '{"account":"tester","count":4,"prefix":"g","prompt":"a cat [items=4] [bytes=20k]","age_seconds":600}' >"$T/ids"
sums() { (cd "$F" && find . -type f ! -name '.dreamq-*' -exec sha256sum {} + | sort -k 2); }
# group NAME=VALUE...: get, under the library that kills
group() {
	env "$@" KILL_LOG="$T/steps" LD_PRELOAD="$KILL_AT_LIBRARY" \
		ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		"$DREAMQ" get --jobs 16 -o "$F" --name "${template:-{id\}_{index\}.{ext\}}" --input "$T/ids"
}

# --- nobody disturbs it

group A=b >"$T/out" 2>"$T/err"
equal 0 $? "a run that nobody disturbs"
equal 16 "$(count_stored)" "stores 16 files"
sums >"$T/wanted"
steps=$(wc -l <"$T/steps")
syncs=$(grep -c sync "$T/steps")
echo "# $steps steps: $(cut -d ' ' -f 2 "$T/steps" | sort | uniq -c | tr -s ' \n' ' ')"
equal 16 "$(grep -c rename "$T/steps")" "each of them is renamed once"
# One by one it would be 16 times bytes, folder, intent and fact.
is 0 "and they share their waits for the disk: $syncs syncs" test "$syncs" -lt 48

# --- killed at each step

# killed_at N [NAME=VALUE...]: 0 when it was killed there, and all was well afterwards
killed_at() {
	local status n=$1
	shift

	rm -rf "$F" "$T/state" "$T/steps"
	group KILL_AT="$n" "$@" >"$T/out" 2>"$T/err"
	status=$?
	[ $status -eq 137 ] || {
		[ $status -eq 0 ] || echo "# step $n: status $status"
		return 1
	}
	killed=$((killed + 1))
	: >"$T/lies"
	if [ $# -gt 0 ]; then # of what is called stored, the power cut has taken nothing
		dreamq verify >"$T/verified" 2>&1
		grep -E '^(missing|altered)' "$T/verified" >"$T/lies"
	fi
	dreamq get --jobs 16 -o "$F" --name "${template:-{id\}_{index\}.{ext\}}" --input "$T/ids" >"$T/out" 2>"$T/err" ||
		echo "run again: $?" >>"$T/lies"
	sums | diff "$T/wanted" - >>"$T/lies"
	dreamq verify >"$T/verified" 2>&1 || cat "$T/verified" >>"$T/lies"
	grep -q '^verified 16 files' "$T/verified" || cat "$T/verified" >>"$T/lies"
	[ "$(temporaries "$F")" -eq 0 ] || ls -A "$F" >>"$T/lies"
	[ ! -s "$T/lies" ] || {
		bad=$((bad + 1))
		echo "# step $n, $(tail -n 1 "$T/steps"), $*"
		head -n 5 "$T/lies" "$T/err" | sed 's/^/# /'
	}
}

# at_steps STRIDE LABEL [NAME=VALUE...]
at_steps() {
	local stride=$1 label=$2 n=1
	shift 2

	killed=0 bad=0
	while killed_at "$n" "$@"; do n=$((n + stride)); done
	equal 0 $bad "$label: killed at $killed steps, and run again"
	is 0 "there were about as many as undisturbed" test $((2 * stride * killed)) -gt "$steps"
}

at_steps 1 "a process"
at_steps 1 "the power" KILL_POWER="$F/"
template='{id}/{index}.{ext}'
rm -rf "$F" "$T/state" "$T/steps"
group A=b >"$T/out" 2>"$T/err"
equal 0 $? "16 files in folders of their own"
sums >"$T/wanted"
at_steps 3 "the power, and new folders" KILL_POWER="$F/"
done_testing
