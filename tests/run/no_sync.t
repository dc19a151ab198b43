#!/bin/bash
# --no-sync: the files are checked and whole, nothing waits until the disk has them, and
# the ledger knows which they are.
. "$(dirname "$0")/lib.sh"
: "${KILL_AT_LIBRARY:?}"
start_emulator --time-scale 100

F=$T/files
make_tasks '{"account":"tester","count":4,"prefix":"s","prompt":"a cat [items=4] [bytes=20k]","age_seconds":600}' >"$T/ids"
sums() { (cd "$F" && find . -type f ! -name '.dreamq-*' -exec sha256sum {} + | sort -k 2); }
# watched OPTION...: get, with its steps to the disk in $T/steps
watched() {
	rm -f "$T/steps"
	env ${at:+KILL_AT=$at} ${power:+KILL_POWER=$F/} KILL_LOG="$T/steps" LD_PRELOAD="$KILL_AT_LIBRARY" \
		ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		"$DREAMQ" get --jobs 16 -o "$F" --input "$T/ids" "$@" >"$T/out" 2>"$T/err"
}
# Of files, and of the file system that they are on.
file_syncs() { grep -cE " (fsync|fdatasync) $F/| syncfs $F" "$T/steps"; }

watched
equal 0 $? "a run that waits for the disk"
is 0 "does so" test "$(file_syncs)" -gt 0
sums >"$T/wanted"
"$DREAMQ" show s-0 >"$T/out" 2>&1
says "stored" "$T/out" "an event tells that a file is stored"
says_not "no-sync" "$T/out" "and nothing of a promise that was not given"

again() { rm -rf "$F" "$T/state"; }
again
watched --no-sync
equal 0 $? "--no-sync"
equal 0 "$(file_syncs)" "waits for no file"
sums >"$T/got"
is 0 "the files are the same" cmp "$T/wanted" "$T/got"
equal 16 "$(count_stored)" "the ledger has them as stored"
is 0 "show" "$DREAMQ" show s-0
says "stored: .*--no-sync" "$T/out" "the events say that nobody promised more"
is 0 "verify takes them as any other" dreamq verify
is 0 "the ledger is well" test "$(checked verdict)" = good
truncate -s 0 "$F/s-0_0.png"
is 6 "what a power cut took is found" dreamq verify
is 0 "and fetched again" dreamq verify --repair
is 0 "as it was" bash -c "cd '$F' && sha256sum --quiet -c '$T/wanted'"

bad=0
for at in 3 6 9 12 15 18; do
	again
	{ watched --no-sync; } 2>/dev/null
	[ $? -eq 137 ] || echo "# not killed at $at"
	at='' watched --no-sync || bad=$((bad + 1))
	sums | cmp -s - "$T/wanted" || bad=$((bad + 1))
	dreamq verify >"$T/out" 2>&1 || bad=$((bad + 1))
done
equal 0 $bad "killing it loses nothing"

# So it is no promise, and the kit of kill_steps.t does cut the power.
again
{ at=end power=yes watched --no-sync; } 2>/dev/null
equal 137 $? "the power is cut when all of it is done"
is 6 "it has taken files that were called stored" dreamq verify
is 0 "all that is missing is fetched again" dreamq verify --repair
at='' watched --no-sync
equal 0 $? "the rest, too"
is 0 "they are whole now" bash -c "cd '$F' && sha256sum --quiet -c '$T/wanted'"

again
printf 'no-sync = yes\n' | cat - "$XDG_CONFIG_HOME/dreamq/config.ini" >"$T/with"
sed '/no-sync/d; s/^\[default\]/[default]\nno-sync = yes/' "$T/with" >"$XDG_CONFIG_HOME/dreamq/config.ini"
at='' watched
equal 0 "$(file_syncs)" "it may stand in the config file"
again
at='' watched --no-sync=no
is 0 "and be taken back for once" test "$(file_syncs)" -gt 0
done_testing
