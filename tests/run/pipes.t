#!/bin/bash
# Files that a user names and that are pipes: nobody writes, or late, or never to the end.
# A signal ends us; after two seconds a line says what is waited for.
. "$(dirname "$0")/lib.sh"
start_emulator
mkfifo "$T/pipe"

# ended_by SIGNAL LABEL COMMAND...: while it opens the pipe, and while it reads
ended_by() {
	local signal=$1 label=$2 at pid status
	shift 2
	for at in open read; do
		: >"$T/err" # else the line of the command before may be found
		# In the background a shell has SIGINT ignored. What never ends is killed: 137.
		env --default-signal=INT,TERM timeout -k 1 30 "$@" >"$T/out" 2>"$T/err" </dev/null &
		pid=$!
		if [ $at = read ]; then
			exec 8>"$T/pipe"
			printf ' ' >&8
		fi
		eventually 20 grep -q "waiting for.*pipe" "$T/err"
		kill -"$signal" $pid
		wait $pid
		status=$?
		[ $at = open ] || exec 8>&-
		case $status in
		130 | 143) ok "$label: SIG$signal ends it in the $at" ;;
		*) not_ok "$label: SIG$signal ends it in the $at" "got: $status" ;;
		esac
		equal 1 "$(grep -c 'waiting for' "$T/err")" "  and it said what it waited for, once"
	done
}
ended_by TERM "--input" "$DREAMQ" get --input "$T/pipe"
ended_by INT "--input of wait" "$DREAMQ" wait --input "$T/pipe"
ended_by TERM "--batch" "$DREAMQ" submit --batch "$T/pipe"
ended_by TERM "--prompt @FILE" "$DREAMQ" submit -p "@$T/pipe"
ended_by INT "--body" "$DREAMQ" submit --kind image --body "$T/pipe"
ended_by TERM "auth import" "$DREAMQ" auth import "$T/pipe"

id=$(make_tasks '{"account":"tester","ids":["p1"],"prompt":"a cat [items=1]","age_seconds":600}')
(sleep 3 && echo "$id" >"$T/pipe") &
is 0 "a late writer" dreamq query --input "$T/pipe"
wait $!
equal 1 "$(grep -c p1 "$T/out")" "  is heard"
is 0 "a process substitution" dreamq query --input <(echo "$id")
(sleep 3 && echo "$id" >"$T/pipe") &
is 0 "with -q" dreamq query -q --input "$T/pipe"
equal 0 "$(grep -c 'waiting for' "$T/err")" "  nothing is told"

# --- where a file is needed, a pipe that has a name is refused at once --------------------------
chmod 600 "$T/pipe"
# at_once STATUS SENTENCE COMMAND...
at_once() {
	local status=$1 sentence=$2
	shift 2
	timeout -k 1 20 "$@" >"$T/out" 2>"$T/err" </dev/null
	equal "$status" $? "at once: $(printf '%s ' "${@/#$DREAMQ/dreamq}" | sed "s,$T/,,g")"
	says "$sentence" "$T/err" "  and it says why"
}
at_once 2 "pipe' is a pipe, not a file" "$DREAMQ" list --config "$T/pipe"
at_once 2 "pipe' is a pipe, not a file" "$DREAMQ" config set --config "$T/pipe" color never
at_once 2 "pipe' is a pipe, not a file" "$DREAMQ" config check --config "$T/pipe"
at_once 2 "CA file '.*pipe' is a pipe, not a file" "$DREAMQ" query --cacert "$T/pipe" "$id"
at_once 3 "is a pipe or a device" "$DREAMQ" query --cookie-file "$T/pipe" "$id"
at_once 2 "log file '.*pipe' is a pipe that nobody reads" "$DREAMQ" list --log-file "$T/pipe"
at_once 6 "no regular file" "$DREAMQ" list --ledger "$T/pipe"
mkdir -p "$T/conf/dreamq/cookies"
mkfifo -m 600 "$T/conf/dreamq/cookies/piped.cookie"
at_once 6 "piped.cookie' is a pipe or a device" \
	env -u DREAMQ_COOKIE_FILE XDG_CONFIG_HOME="$T/conf" "$DREAMQ" auth remove --profile piped
test -p "$T/conf/dreamq/cookies/piped.cookie"
equal 0 $? "  which stays"

# --- and what the shell makes of a command is read ------------------------------------------------
printf '[default]\ncolor = never\n' >"$T/some.ini"
is 0 "a config file" dreamq config get color --config <(sleep 1; cat "$T/some.ini")
equal never "$(cat "$T/out")" "  is read to its end"
is 0 "no config file" dreamq list --config /dev/null
is 0 "a log" dreamq list --log-file /dev/null
is 0 "a log that a program reads" dreamq query -q --log-file >(cat >"$T/logged") "$id"
eventually 10 grep -q 'dreamq\[' "$T/logged"
done_testing
