#!/bin/bash
# The account's cookie: warned about before it dies, one a profile, in a file or in the
# desktop's keyring (a real one: gnome-keyring on a bus of its own).
. "$(dirname "$0")/lib.sh"

children=()
clean_up() {
	status=$?
	[ ${#children[@]} -eq 0 ] || kill "${children[@]}" 2>/dev/null
	(exit $status)
	finish
}
trap clean_up EXIT

start_emulator --time-scale 50
unset DREAMQ_COOKIE_FILE DBUS_SESSION_BUS_ADDRESS
export XDG_RUNTIME_DIR=$T/run XDG_DATA_HOME=$T/data XDG_CACHE_HOME=$T/cache
mkdir -p "$T/run" "$T/data" && chmod 700 "$T/run"
cookies=$XDG_CONFIG_HOME/dreamq/cookies
canary=canary0keyring0d3adb33f

# cookie LEFT_SECONDS: one of this age, on standard output.
cookie() { printf 'sessionid=%s; sid_guard=x%%7C%d%%7C%d%%7Cz\n' "$canary" $(($(date +%s) - 10000)) $((10000 + $1)); }
import() {
	left=$1
	shift
	cookie "$left" | "$DREAMQ" auth import "$@" >"$T/out" 2>"$T/err"
}
warnings() { grep -c 'the cookie of profile' "$1"; }

# --- a bus that accepts and is silent; its verdict is at the end ---

/usr/bin/python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(8)
time.sleep(200)' "$T/silent" &
children+=($!)
mkdir -p "$cookies" && chmod 700 "$cookies"
echo expires_unix=0 >"$cookies/silent.cookie.keyring"
eventually 5 test -S "$T/silent"
(
	started=$SECONDS
	DBUS_SESSION_BUS_ADDRESS=unix:path=$T/silent timeout 40 \
		"$DREAMQ" --profile silent query abc >"$T/silent.out" 2>"$T/silent.err"
	echo "$? $((SECONDS - started))" >"$T/silent.status"
) &
silent=$!

# --- the date it dies ---

task=$(make_tasks "{\"account\":\"$canary\",\"count\":1,\"prefix\":\"s\",\"prompt\":\"a cat\",\"age_seconds\":600}")
import $((80 * 3600))
is 0 "a cookie with days to live" "$DREAMQ" get -o "$T/files" "$task"
equal 0 "$(warnings "$T/err")" "is not talked about"
for age in "70 in.70.hours" "20 in.20.hours" "-1 may.refuse.it"; do
	import $((${age% *} * 3600))
	is 0 "list with ${age% *} hours left" "$DREAMQ" list --json
	says "profile 'default' .*${age#* }.*auth import" "$T/err" "says so"
	valid "$T/out" "on standard error alone"
done
import 1800
for verb in "query $task" "wait $task" "get -o $T/files $task" "list" "show $task" "export" \
	"submit --prompt cat" "run --prompt cat -o $T/files" "verify" "watch --until-idle -o $T/files" \
	"auth status" "forget $task"; do
	# shellcheck disable=SC2086
	timeout 60 "$DREAMQ" $verb >"$T/out" 2>"$T/err"
	equal 1 "$(grep -c "in 30 minutes" "$T/err")" "${verb%% *} ${verb##*auth} warns, once"
	# shellcheck disable=SC2086
	timeout 60 "$DREAMQ" -q $verb >"$T/out" 2>"$T/err"
	equal 0 "$(warnings "$T/err")" "not with -q"
done
is 0 "status, for programs" "$DREAMQ" auth status --json
valid "$T/out" "follows its schema"
left=$(jq .expires_in_seconds "$T/out")
if [ "$left" -gt 1700 ] && [ "$left" -le 1800 ]; then
	ok "and counts the seconds"
else
	not_ok "and counts the seconds" "$left"
fi
is 0 "status, for people" "$DREAMQ" auth status
says "^expires: .*\(in 30 min\)" "$T/out" "counts minutes"

# --- one a profile ---

import 90000 --profile second
cookie 5 >"$cookies/open.cookie" && chmod 644 "$cookies/open.cookie"
is 0 "all of them" "$DREAMQ" auth list --json
equal "default true,open false,second true,silent true" \
	"$(jq -r '"\(.profile) \(.exists)"' "$T/out" | paste -sd,)" "by name"
valid "$T/out" "follow the schema"
is 0 "for people" "$DREAMQ" auth list
says "^second +in a file +.*\(in [0-9]+ h\)" "$T/out" "with where and when"
says_not "$canary" "$T/out" "without the cookie"
is 0 "one is removed" "$DREAMQ" --profile second auth remove
is 2 "and only that one" "$DREAMQ" --profile second query "$task"
is 0 "the other still serves" "$DREAMQ" query "$task"
rm "$cookies/open.cookie"

# --- without a keyring ---

import 90000 --keyring
equal 3 $? "no bus: no keyring"
says "no D-Bus session.*in a file" "$T/err" "in one sentence"
equal 1 "$(wc -l <"$T/err")" "and no more"
is 0 "the file's cookie is still there" "$DREAMQ" query "$task"
import 90000 --keyring --cookie-file "$T/x"
equal 2 $? "a named file and the keyring exclude each other"
is 2 "--keyring is for import" "$DREAMQ" auth status --keyring
mkdir "$T/broken" && echo "no library" >"$T/broken/libsecret-1.so.0"
cookie 90000 | DBUS_SESSION_BUS_ADDRESS=unix:path=$T/silent LD_LIBRARY_PATH=$T/broken \
	"$DREAMQ" auth import --keyring >"$T/out" 2>"$T/err"
equal 3 $? "no libsecret: no keyring"
says "libsecret, which is not installed.*; 'dreamq auth import' without --keyring keeps the cookie in a file" "$T/err" "says what to install, or do"
import 90000
equal 0 $? "  it does"
is 0 "  and that serves" "$DREAMQ" query "$task"

# --- a real one ---

start_bus() {
	dbus-daemon --session --nofork --print-address=1 >"$T/bus" 2>/dev/null &
	children+=($!)
	eventually 10 test -s "$T/bus"
	DBUS_SESSION_BUS_ADDRESS=$(head -n 1 "$T/bus")
	export DBUS_SESSION_BUS_ADDRESS
}
# start_keyring [--unlock]: ready when it owns its name on the bus.
start_keyring() {
	printf password | gnome-keyring-daemon --foreground --components=secrets "$@" >"$T/ring.out" 2>&1 &
	keyring=$!
	children+=("$keyring")
	eventually 10 owns_name
}
owns_name() {
	dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
		org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q 'boolean true'
}

start_bus
start_keyring --unlock || not_ok "the keyring starts" "$(cat "$T/ring.out")"
import 3000 --keyring
equal 0 $? "the cookie goes into the keyring"
if [ -e "$cookies/default.cookie" ]; then
	not_ok "and its file is removed"
else
	ok "and its file is removed"
fi
equal "" "$(grep -rl "$canary" "$T/config" "$T/data" "$T/state" "$T/cache" 2>/dev/null)" "no file has it"
is 0 "a verb gets it from there" "$DREAMQ" query "$task"
is 0 "list does not ask the keyring, but knows the date" env -u DBUS_SESSION_BUS_ADDRESS "$DREAMQ" list
equal 1 "$(warnings "$T/err")" "and warns"
is 0 "status tells the place" "$DREAMQ" auth status --json
equal "true true true" "$(jq -r '"\(.keyring) \(.exists) \(.valid)"' "$T/out")" "as data"
valid "$T/out" "by the schema"
import 95000 --keyring
is 0 "a newer one replaces it" "$DREAMQ" auth status --json
equal 1 "$(jq '.expires_in_seconds > 90000 | if . then 1 else 0 end' "$T/out")" "with its date"
canary=other0account import 3000 --keyring --profile second
is 1 "another profile has another account" "$DREAMQ" --profile second query "$task"
is 0 "which changes nothing for the first" "$DREAMQ" query "$task"
import 90000
is 0 "a cookie in the file comes first" "$DREAMQ" auth status --json
equal "false" "$(jq .keyring "$T/out")" "and leaves the keyring"
import 90000 --keyring
rm "$cookies/default.cookie.keyring"
is 3 "without its note the keyring is not asked" "$DREAMQ" query "$task"
import 90000 --keyring

# Its keyring is still on disk; nobody has typed the password this time.
kill "$keyring" && wait "$keyring" 2>/dev/null
start_keyring
is 3 "a locked keyring" timeout 20 "$DREAMQ" query "$task"
says "keyring is locked" "$T/err" "is named"
is 3 "nothing is removed from it" timeout 20 "$DREAMQ" auth remove
is 0 "nor is it asked by a list" "$DREAMQ" list
kill "$keyring" && wait "$keyring" 2>/dev/null
start_keyring --unlock
is 0 "unlocked again it serves" "$DREAMQ" query "$task"
cp "$cookies/default.cookie.keyring" "$T/note"
"$DREAMQ" auth remove >"$T/out" 2>&1
cp "$T/note" "$cookies/default.cookie.keyring"
is 3 "somebody else has removed it from there" "$DREAMQ" query "$task"
says "the keyring has no cookie of profile 'default' any more; run 'dreamq auth import --keyring'" "$T/err" "  says what to do"
import 90000 --keyring
is 0 "  and then it serves" "$DREAMQ" query "$task"
is 0 "remove" "$DREAMQ" auth remove
is 3 "takes it out of the keyring" "$DREAMQ" query "$task"
if [ -e "$cookies/default.cookie.keyring" ]; then
	not_ok "with its note"
else
	ok "with its note"
fi

# --- what it costs who does not use it ---

import 90000
LD_DEBUG=libs LD_DEBUG_OUTPUT=$T/loaded "$DREAMQ" query "$task" >/dev/null 2>&1
equal 0 "$(cat "$T"/loaded.* | grep -cE 'libsecret|libglib')" "a cookie in a file loads no libsecret"
at_least 1 "$(cat "$T"/loaded.* | grep -c libcurl)" "(the log of the loader would show it)"

# --- interrupted, and the silent bus ---

holds_a_socket() { find "/proc/$1/fd" -lname 'socket:*' | grep -q .; }
(
	trap - INT
	DBUS_SESSION_BUS_ADDRESS=unix:path=$T/silent exec "$DREAMQ" --profile silent query abc
) >"$T/out" 2>"$T/err" &
interrupted=$!
eventually 20 holds_a_socket $interrupted
kill -TERM $interrupted
started=$SECONDS
wait $interrupted
equal 130 $? "a silent bus can be interrupted"
between 0 $((SECONDS - started)) 4 "at once"
wait $silent
equal 3 "$(cut -d' ' -f1 "$T/silent.status")" "a silent bus ends the verb"
between 9 "$(cut -d' ' -f2 "$T/silent.status")" 20 "after ten seconds, and no later"
says "does not answer within 10 seconds" "$T/silent.err" "saying so"
done_testing
