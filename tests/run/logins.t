#!/bin/bash
# A login that a read refuses: once is no proof, what passes is waited out, what stays ends
# with both causes named, and a watch comes back by itself. And "not yet", which is no
# refusal at all.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 60

# task ID [WORDS]: made elsewhere, and long done
task() {
	make_tasks "{\"account\":\"tester\",\"ids\":[\"$1\"],\"age_seconds\":600,\"prompt\":\"a cat [items=1] ${2-}\"}"
}
span() { jq -s '[.[] | select(.on == "query") | .time] | ((last - first) | floor)' "$T/requests.log"; }

# --- refused, and alive ----------------------------------------------------------------
script "on=query times=1 : ret 1015"
is 0 "a login that is refused once" dreamq get -o "$T/files" "$(task once)"
equal 1 "$(requests credit)" "  is asked about"
clear_script
script "on=query times=1 : ret 1015"
is 0 "  also by a single look" dreamq query "$(task look)"
clear_script
script "on=query within=30s : ret 1015"
is 0 "one that is refused for half a minute" dreamq get -o "$T/files" "$(task half)"
says "may pass" "$T/err" "  is told"
clear_script
complete "$T/files" 2 "their files are home"

# --- refused for good ------------------------------------------------------------------
task gone >/dev/null
script "on=query : ret 1015"
: >"$T/requests.log"
is 3 "reads that are refused though the login lives" dreamq get -o "$T/files" gone
at_least 3 "$(requests query)" "  are tried three times"
between 30 "$(span)" 120 "  over half a minute or more"
says "login is dead.*another region" "$T/err" "  and both causes are named"
equal unknown "$(state_of gone)" "  the task stays as it was"
clear_script
script "on=query : ret 1015" "on=credit : ret 1015"
: >"$T/requests.log"
is 3 "a login that the balance refuses, too" dreamq get -o "$T/files" gone
equal "1 1" "$(requests query) $(requests credit)" "  is not tried again"
says "login is dead.*another region" "$T/err" "  and both causes are named"
clear_script

# --- a watch ---------------------------------------------------------------------------
has_file() { [ -n "$(find "$T/watched" -name "$1*" ! -name '.*' 2>/dev/null)" ]; }
account tester expired
"$DREAMQ" watch -o "$T/watched" >"$T/watch.out" 2>"$T/watch.err" &
watch=$!
eventually 20 grep -q "pauses" "$T/watch.err"
equal 0 $? "a watch pauses"
: >"$T/requests.log"
account tester ok
eventually 30 has_file gone
equal 0 $? "  and goes on by itself, with the same cookie"
says "accepted again" "$T/watch.err" "  which is told"
at_least 1 "$(requests credit)" "  after it has asked for the balance"
kill -TERM $watch
wait $watch
equal 0 $? "  in the same process"

# --- not yet -----------------------------------------------------------------------------
script "on=query within=90s : ret 2008"
is 0 "a service that is behind for a minute and a half" dreamq get -o "$T/files" "$(task behind)"
says "can't tell yet" "$T/err" "  is told in these words"
says_not "lacks a field" "$T/err" "  and not in others"
clear_script
script "on=query : ret 2008"
is 8 "one that stays behind" dreamq get --max-wait 8s -o "$T/files" "$(task never)"
says "can't tell yet" "$T/err" "  is waited for until --max-wait"
clear_script

# --- nothing to wait for ---------------------------------------------------------------
is 0 "watch --until-idle of an empty ledger, without a cookie" env -u DREAMQ_COOKIE_FILE \
	XDG_STATE_HOME="$T/empty" timeout 20 "$DREAMQ" watch --until-idle -o "$T/none"
equal "" "$(violations)" "the emulator has nothing to complain of"
# --- where the cookie lies, when that could steer a terminal, and is no UTF-8 ---
odd="$T/a"$'\033]0;x\007\377'
env TERM=xterm script -qec "$DREAMQ auth status --cookie-file '$odd'" /dev/null >"$T/out" 2>&1
says 'a\?\]0;x' "$T/out" "it is shown"
equal 0 "$(grep -ac $'\033]0;' "$T/out")" "and steers nothing"
"$DREAMQ" auth status --json --cookie-file "$odd" >"$T/out" 2>"$T/err"
equal yes "$(iconv -f UTF-8 -t UTF-8 "$T/out" >/dev/null && grep -q '"path"' "$T/out" && echo yes)" "in JSON it is UTF-8"

done_testing
