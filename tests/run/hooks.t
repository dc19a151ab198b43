#!/bin/bash
# --on EVENT=CMD: what each command hears, in which order, and that nothing waits for one, nor
# fails with it. --notify: a real notification daemon on a real session bus hears, too.
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 1
export T
err=$T/err
start_emulator --time-scale 100
make_tasks '{"account":"tester","count":30,"prefix":"t","prompt":"a cat [items=2]","age_seconds":600}' >ids
make_tasks '{"account":"tester","ids":["bad"],"prompt":"a cat [reject-text]","age_seconds":600}' >>ids
not_there() { [[ $(ps -o stat= -p "$1") = @(|Z*) ]]; } # or nobody has looked at its end yet
lines() { wc -l <"$1" | tr -d ' '; }

# --- what they hear --------------------------------------------------------------------------
is 1 "done, failed and stored" dreamq get -q -o files --on 'done=cat >>done' --on 'failed=cat >>failed' \
	--on 'stored=cat >>stored' --on 'stored=echo $DREAMQ_EVENT $DREAMQ_ID $DREAMQ_PROFILE >>who' t-0 t-1 bad
equal "2 1 4 4" "$(lines done) $(lines failed) $(lines stored) $(lines who)" "  one line each"
cat done failed stored >heard
valid heard "  as the schema has them"
equal '"t-0""t-1"' "$(jq .submit_id done | sort | tr -d '\n')" "  of their tasks"
equal '"failed"' "$(jq .state failed)" "  and what they are"
equal 4 "$(jq -r .path stored | xargs -d '\n' ls | grep -c png)" "  with files that are there"
equal "2 stored t-0 default" "$(sort who | uniq -c | head -1 | xargs)" "  and their variables"
equal "" "$(grep -Eho 'https?://[^"]*' heard)" "  without a link"
says_not 'sessionid|tester' heard "  and no cookie"
export DREAMQ_WEBHOOK_SECRET=whsec_canary DREAMQ_WEBHOOK='https://hooks.invalid/?key=canary' MINE=mine
is 0 "secrets of ours" env DREAMQ_WEBHOOK= "$DREAMQ" get -q -o bare --exec 'env >>exec.env' --on 'done=env >>on.env' t-29
equal "1 2" "$(grep -c ^MINE= on.env) $(grep -c ^MINE= exec.env)" "  what is the user's is inherited"
says_not 'canary|DREAMQ_WEBHOOK=' on.env "  they are not, by --on"
says_not 'canary|DREAMQ_WEBHOOK=' exec.env "  nor by --exec"
printf '#!/bin/sh\nenv >editor.env\n' >editor && chmod +x editor
EDITOR=./editor dreamq config edit --config made.ini >/dev/null 2>&1
equal "1 0" "$(grep -c ^MINE= editor.env) $(grep -c canary editor.env)" "  nor by an editor"
unset DREAMQ_WEBHOOK_SECRET DREAMQ_WEBHOOK MINE
is 0 "a task that is here already" dreamq get -q -o files --on 'done=cat >again' t-0
equal 1 "$(lines again)" "  is told as done, since it is the verb's last word"

# --- order, and nobody waits -------------------------------------------------------------------
is 0 "a slow one" dreamq get -q -o order --on 'stored=sleep 0.3; echo stored $DREAMQ_ID >>order.txt' \
	--on 'done=echo done $DREAMQ_ID >>order.txt' t-2 t-3
for id in t-2 t-3; do
	equal "stored stored done" "$(awk -v id=$id '$2 == id { print $1 }' order.txt | xargs)" "  keeps the order of $id"
done
is 0 "at most four at once" dreamq get -q -o many --on 'stored=echo + >>n; sleep 0.1; echo - >>n' $(seq -f 't-%g' 4 13)
equal "20 20" "$(grep -c + n) $(grep -c -- - n)" "  all of them run"
between 2 "$(awk '/[+]/ { n++ } /-/ { n-- } n > m { m = n } END { print m }' n)" 4 "  a few at once"

# --- what goes wrong ---------------------------------------------------------------------------
is 0 "a command that fails" dreamq get -o bad --on 'stored=exit 7' t-14 t-15
equal 1 "$(grep -c "'exit 7' ended with status 7" "$err")" "  is told once"
says "'exit 7' failed 4 times in all" "$err" "  and counted at the end"
is 0 "one that is killed" dreamq get -o bad --on 'done=kill -9 $$' t-16
says "was killed by signal 9" "$err" "  is told"
is 0 "one that reads nothing" dreamq get -q -o bad --on 'done=true' t-17
is 0 "one that leaves a child" dreamq get -q -o bad --on 'done=sleep 0.2 & exit 0' t-18
env --default-signal=INT "$DREAMQ" get -o bad --on 'done=exec sleep 600' t-19 >out 2>err &
pid=$!
eventually 20 pgrep -P $pid -x sleep
sleeper=$(pgrep -P $pid -x sleep)
began=$SECONDS
kill -INT $pid
wait $pid
equal 0 $? "interrupted while a command runs, and all is done"
between 0 $((SECONDS - began)) 40 "  long before the command's minute is over"
is 0 "  which is ended" eventually 10 not_there "$sleeper"
# What does not listen: the command itself, or what it has begun.
for deaf in 'trap "" TERM; echo $$ >deaf; while :; do sleep 0.1; done' \
	'sh -c '"'"'trap "" TERM; echo $$ >deaf; while :; do sleep 0.1; done'"'"' & wait'; do
	rm -f deaf
	env --default-signal=INT "$DREAMQ" get -o bad --on "done=$deaf" t-19 >out 2>err &
	pid=$!
	eventually 20 test -s deaf
	kill -INT $pid
	wait $pid
	equal 0 $? "interrupted while a command does not listen"
	not_there "$(cat deaf)" && ok "  it does not outlive dreamq" || not_ok "  it does not outlive dreamq" "$(ps -fp "$(cat deaf)")"
done
is 0 "what it inherits" dreamq get -q -o bad --on 'done=ls -l /proc/self/fd >fds' t-20
equal 4 "$(grep -c -- '->' fds)" "  are three descriptors"
for on in 'x' '=x' 'later=x' 'done=' 'DONE=x'; do
	is 2 "--on '$on'" dreamq get --on "$on" t-0
done
says "stored, failed, done, login and disk" <(dreamq get --on 'later=x' t-0 2>&1) "  says which there are"

# --- a cookie that is refused ---------------------------------------------------------------------
(umask 077 && printf 'sessionid=expired\n' >old)
is 3 "a refused login" dreamq get -q --cookie-file old --on 'login=cat >>login' t-21
equal '"alert" "login" "default"' "$(jq -r '"\"\(.event)\" \"\(.what)\" \"\(.profile)\""' login)" "  is told"
valid login "  as the schema has it"

# --- the config file ------------------------------------------------------------------------------
settings >conf.ini
sed -i 's|^\[wire\]|on-done = cat >>by-config\non-stored = cat >>by-config\n[wire]|' conf.ini
is 0 "in the config file" dreamq get -q --config conf.ini -o conf --on 'done=cat >>by-both' t-22
equal "3 1" "$(lines by-config) $(lines by-both)" "  beside the command line"
is 0 "a watch, too" dreamq watch -q --until-idle --config conf.ini -o conf

# --- the desktop ------------------------------------------------------------------------------------
cat >desktop.sh <<-'END'
	/usr/bin/python3 "$SOURCE_ROOT/tests/run/notifications.py" >"$T/notices" 2>"$T/notices.err" &
	daemon=$!
	for _ in $(seq 50); do
		grep -q ready "$T/notices" && break
		sleep 0.1
	done
	"$DREAMQ" get -o desk --notify t-23 t-24 "$T/bad-one" >"$T/out" 2>"$T/err"
	echo $? >"$T/desktop.status"
	kill $daemon
END
sed -i 's|"$T/bad-one"|bad|' desktop.sh
if type -P notify-send dbus-run-session >/dev/null && /usr/bin/python3 -c 'import dbus, gi' 2>/dev/null; then
	timeout 60 dbus-run-session -- bash desktop.sh >/dev/null 2>&1
	equal 1 "$(cat desktop.status)" "--notify, on a desktop"
	equal "3 dreamq" "$(tail -n +2 notices | jq -r .app | sort | uniq -c | xargs)" "  tells it of each task"
	equal "1 A task has failed,2 A task is done" "$(tail -n +2 notices | jq -r .summary | sort | uniq -c | sed 's/^ *//' | paste -sd, -)" \
		"  and what of it"
	says '"body": "a cat \[items=2\]"' notices "  with its prompt"
fi
is 0 "without notify-send" env PATH=/nowhere "$DREAMQ" get -o desk --notify t-25
says "not installed \(Debian: libnotify-bin\)" "$err" "  it is named, once"
done_testing
