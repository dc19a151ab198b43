#!/bin/bash
# --exec: what the command is told, what it inherits, that nobody waits for it, and that its
# failure is the run's.
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 1
export T
err=$T/err
start_emulator --time-scale 100
login
make_tasks '{"account":"tester","count":40,"prefix":"t","prompt":"a cat [items=1]","age_seconds":600}' >ids

# --- failures ----------------------------------------------------------------------------
is 6 "a command that fails" dreamq get -o failing --exec 'exit 7' t-0
says "t-0_0.png' is stored, but --exec 'exit 7' ended with status 7" "$err" "  is told, with the file"
complete failing 1 "  and the file is stored"
is 0 "again" dreamq get -o failing --exec 'exit 7' t-0
is 6 "one that is none" dreamq get -o failing --exec ./nowhere t-1
says "t-1_0.png.*'./nowhere' ended with status 127" "$err" "  is named"
is 6 "one that is killed" dreamq get -o failing --exec 'kill -9 $$' t-2
says "was killed by signal 9" "$err" "  is told"
# Each {} becomes a longer word: together with the environment it is more than the system
# gives to a program.
pad=$(head -c 90000 /dev/zero | tr '\0' x)
is 6 "one that can't even be begun" env PAD="$pad" PAD2="$pad" bash -c 'ulimit -s 1024; exec "$@"' - \
	"$DREAMQ" get -o failing --exec "echo $(yes '{}' | head -n 7500 | tr '\n' ' ')" t-36
says "t-36_0.png' is stored, but --exec 'echo \{\} .*can't be run: Argument list too long" "$err" "  is named, and why"
complete failing 4 "  and the file is stored"
is 6 "one of three" dreamq get -o failing --exec 'case $DREAMQ_ID in t-4) exit 3 ;; esac' t-3 t-4 t-5
says "t-4_0.png' is stored, but" "$err" "  is named"
says_not "t-[35]_0.png' is stored, but" "$err" "  the others are not"
is 6 "one beside a sidecar" dreamq get -o failing --sidecar --exec 'test -s "$DREAMQ_PATH.json" && exit 9' t-6
says "ended with status 9" "$err" "  (the sidecar was there before the command)"

# --- {} ----------------------------------------------------------------------------------
is 0 "{} is the path" dreamq get -o "a b" --name "{id} \$(touch pwned) {index}.{ext}" \
	--exec 'test -f {} && test {} = "$DREAMQ_PATH" && test "{}" = "$DREAMQ_PATH" && echo {} >>said' t-7
equal 1 "$(grep -c 't-7 .* 0.png$' said)" "  as one word"
equal "" "$(find . -name pwned)" "  and no shell reads what is in it"

# --- what it inherits ----------------------------------------------------------------------
is 0 "a command that lists its descriptors" dreamq get -o files --exec 'ls -l /proc/self/fd >fds' t-8
# ls opens the folder itself: the fourth
equal 4 "$(grep -c -- '->' fds)" "  has three"
equal "" "$(grep -E 'socket|ledger|\.part|anon' fds | grep -v '^.* [012] ->')" "  and nothing of ours"
is 0 "a command that looks at its signals" dreamq get -o files --exec 'grep Sig[BI] /proc/self/status >signals' t-9
equal "0000000000000000" "$(awk '$1 == "SigBlk:" { print $2 }' signals)" "  has none blocked"

# --- nobody waits for it -----------------------------------------------------------------
files_in() { find "$1" -name 't-*.png' 2>/dev/null | wc -l; }
stored_are() { test "$1" -eq "$(dreamq list --json --state succeeded | jq -s '[.[].assets[] | select(.stored)] | length')"; }
lines_are() { test "$1" -eq "$(wc -l <"$2")"; }
gone() { ! kill -0 "$1" 2>/dev/null; }
mkfifo gate
before=$(dreamq list --json --state succeeded | jq -s '[.[].assets[] | select(.stored)] | length')
"$DREAMQ" get -o many --exec 'echo x >>begun; read -r _ <gate' $(seq -f 't-%g' 10 29) >"$T/many.out" 2>&1 &
pid=$!
eventually 60 stored_are $((before + 20))
equal "20 4" "$(files_in many) $(wc -l <begun)" "20 files are stored while the first four commands still run"
exec 7<>gate
yes '' | head -n 20 >&7
wait "$pid"
equal "0 20" "$? $(wc -l <begun)" "  and each gets its command in the end"
exec 7>&-

# --- --max-wait does not end it ----------------------------------------------------------
make_tasks '{"account":"tester","count":12,"prefix":"u","prompt":"a cat [items=1]","age_seconds":600}' >ids
is 0 "six more" dreamq query $(seq -f 'u-%g' 0 5)
mkfifo late.gate
"$DREAMQ" watch -o late --max-wait 5s --exec 'echo x >>late.begun; read -r _ <late.gate' >"$T/late.out" 2>&1 &
pid=$!
eventually 60 lines_are 4 late.begun
eventually 8 gone "$pid" && not_ok "a watch whose time is over waits for its commands" "$(cat "$T/late.out")" ||
	ok "a watch whose time is over waits for its commands"
exec 7<>late.gate
yes '' | head -n 6 >&7
wait "$pid"
equal "0 6" "$? $(wc -l <late.begun)" "  and for those that had to wait"
exec 7>&-
"$DREAMQ" get -o cut --exec 'echo x >>cut.begun; read -r _ <late.gate' $(seq -f 'u-%g' 6 11) >"$T/cut.out" 2>&1 &
pid=$!
six_are_there() { test 6 -eq "$(find cut -name 'u-*.png' | wc -l)" && lines_are 4 cut.begun; }
eventually 60 six_are_there
kill -TERM "$pid"
wait "$pid"
says "commands of --exec that were not run: 2; their files are stored" "$T/cut.out" \
	"an interrupt tells how many commands were never begun"

# --- what ends it ------------------------------------------------------------------------
: >asleep
"$DREAMQ" get -o asleep.d --exec 'trap "echo told >>asleep; exit" TERM; echo x >>asleep; while :; do sleep 0.1; done' t-30 t-31 >"$T/asleep.out" 2>&1 &
pid=$!
eventually 30 lines_are 2 asleep
kill -TERM "$pid"
eventually 15 gone "$pid" || kill -9 "$pid"
wait "$pid"
equal 130 $? "SIGTERM ends it while commands sleep"
eventually 5 lines_are 4 asleep
equal 2 "$(grep -c told asleep)" "  which are told"
complete asleep.d 2 "  and the files are there"
: >deaf
"$DREAMQ" get -o deaf.d --exec 'trap "" TERM; echo $$ >>deaf; while :; do sleep 0.1; done' t-32 >"$T/deaf.out" 2>&1 &
pid=$!
eventually 30 lines_are 1 deaf
kill -TERM "$pid"
eventually 15 gone "$pid" || kill -9 "$pid"
wait "$pid"
equal 130 $? "  also while one does not listen"
kill -9 "$(cat deaf)"

equal "" "$(violations)" "the emulator has nothing to complain of"
done_testing
