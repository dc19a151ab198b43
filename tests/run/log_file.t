#!/bin/bash
# --log-file: what is said and what -v would say, with times; rotated, shared, on a full disk.
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 1
err=$T/err
start_emulator --time-scale 100
make_tasks '{"account":"tester","count":10,"prefix":"t","prompt":"a cat [items=1]","age_seconds":600}' >ids

umask 022
is 0 "--log-file" dreamq get --log-file log -o files t-0
equal 600 "$(stat -c %a log)" "  is nobody else's"
says '^20[0-9-]*T[0-9:.]*Z dreamq\[[0-9]+\]: #[0-9]+ > GET http' log "  has what -v says, and when"
says "t-0: stored '" log "  and what is said"
says_not 'debug' "$err" "  which is not on the terminal"
says_not 'sessionid|tester|x-signature|sign=' log "  without cookie and signed link"
equal "" "$(grep -vE '^20[0-9-]+T[0-9:.]+Z dreamq\[[0-9]+\]: .' log)" "  a line each"
before=$(wc -l <log)
is 5 "an error" dreamq query -q --log-file log --api-base http://127.0.0.1:1 t-0
at_least $((before + 1)) "$(wc -l <log)" "  is added"
says "can't connect" log "  as it was said"
is 0 "-v as well" dreamq get -v --log-file log -o files t-1
says 'debug: #' "$err" "  says it on the terminal, too"

# --- rotation, and two at once -----------------------------------------------------------------
make_tasks '{"account":"tester","ids":["stuck"],"prompt":"a cat [stuck]"}' >>ids
is 4 "a task that is polled again and again" dreamq query -q stuck
"$DREAMQ" watch --log-file rotated -o files >out 2>"$err" &
pid=$!
trap 'status=$?; kill $pid 2>/dev/null; (exit $status); finish' EXIT
there() { grep -q '> POST' "$1" 2>/dev/null; }
eventually 20 there rotated
mv rotated rotated.1
eventually 20 there rotated
at_least 1 "$(wc -l <rotated)" "a file that was moved away is begun anew"
equal 600 "$(stat -c %a rotated)" "  nobody else's either"
kill -TERM $pid
wait $pid
for i in 2 3 4 5; do "$DREAMQ" get -q --log-file both -o files "t-$i" & done
wait $(jobs -p | grep -v "^$emulator_pid$")
equal "" "$(grep -vE '^20[0-9-]+T[0-9:.]+Z dreamq\[[0-9]+\]: .' both)" "of several programs each line is whole"

# --- what goes wrong ---------------------------------------------------------------------------
is 0 "a full disk" dreamq get --log-file /dev/full -o files t-6
equal 1 "$(grep -c "can't write the log file '/dev/full' any more" "$err")" "  is told once, and the work goes on"
is 6 "no such folder" dreamq get --log-file nowhere/log -o files t-7
says "nowhere/log" "$err" "  is named"
is 6 "a folder" dreamq get --log-file files t-7
is 2 "no name" dreamq get --log-file= t-7
settings >conf.ini
sed -i "s|^\[wire\]|log-file = $T/by-config\n[wire]|" conf.ini
is 0 "in the config file" dreamq query -q --config conf.ini t-0
at_least 2 "$(wc -l <by-config)" "  it counts"
done_testing
