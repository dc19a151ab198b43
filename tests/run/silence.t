#!/bin/bash
# Who waits in silence says what for, and until when, after two seconds; and once.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 20
settings 'stall_seconds = 4' >"$T/stall.ini"
export DREAMQ_CONFIG=$T/stall.ini
clock='[0-9]{2}:[0-9]{2}:[0-9]{2}'

# told PATTERN COUNT LABEL: so many lines of the last command's talk
told() { equal "$2" "$(grep -cE -- "$1" "$T/err")" "$3"; }
ids=$(make_tasks '{"account":"tester","count":4,"prefix":"t","age_seconds":600,"prompt":"a cat [items=1] [bytes=300k]"}')
set -- $ids

is 0 "what takes no time" dreamq get -o "$T/files" "$1"
told "until" 0 "  is not talked about"
is 1 "an id that nobody knows" dreamq get -o "$T/files" nobody-knows-it
told "does not know task 'nobody-knows-it' yet.*until $clock" 1 "  is waited for, which is told once"
is 1 "with -q" dreamq get -q -o "$T/files" nobody-knows-this
told "until" 0 "  nothing is told"
script "on=query id=$2 times=1 : stall 60s"
is 0 "a service that does not answer" dreamq get -o "$T/files" "$2"
told "no answer from '$DREAMQ_API_BASE' yet.*until $clock" 1 "  is told"
script "on=cdn id=$3 times=1 : stall 60s after=100k"
is 0 "a file that stops half-way" dreamq get -o "$T/files" "$3"
told "no bytes of 1 file .*until $clock" 1 "  is told"
complete "$T/files" 3 "all of them come home"

busy=$(make_tasks '{"account":"tester","ids":["busy"],"prompt":"a cat [stuck]"}')
"$DREAMQ" get -o "$T/other" "$busy" >/dev/null 2>&1 &
other=$!
eventually 20 lab_is_owned busy
is 4 "a task that another process is at" dreamq wait --max-wait 4s "$busy"
told "another dreamq is at task 'busy'.*until $clock" 1 "  is told"
kill -TERM $other
wait $other
done_testing
