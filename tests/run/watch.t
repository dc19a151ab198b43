#!/bin/bash
# watch: sees what others add, waits out whatever stops it, hands over what it owns, and
# brings everything home through faults, a full disk, a dead cookie and kill -9.
#
#	WATCH_TASKS=500 WATCH_PHASE=20 WATCH_KILL=60   tasks; seconds of each trouble, and
#	                                               between two kills
if [ -z "${WATCH_SPACE-}" ]; then
	# Again, where a small file system of our own can be mounted, if that is allowed.
	for how in -m -rm; do
		unshare $how mount -t tmpfs tmpfs /mnt 2>/dev/null && WATCH_SPACE=yes exec unshare $how bash "$0"
	done
fi
. "$(dirname "$0")/lib.sh"
n_tasks=${WATCH_TASKS:-60}
phase_s=${WATCH_PHASE:-3}
kill_s=${WATCH_KILL:-3}
scale=10

# config NAME: settings by which the emulator's log tells who asks
config() {
	settings 'stall_seconds = 1' "lan = ${2:-$1}" >"$T/$1.ini"
	echo "$T/$1.ini"
}
# watch NAME [OPTION...]: in the background; its pid is $pid
watch() {
	local name=$1
	shift
	"$DREAMQ" --config "$(config "$name")" watch -o "$T/files" --interval 300ms "$@" \
		>"$T/$name.out" 2>"$T/$name.err" &
	pid=$!
	"$DREAMQ" list >/dev/null # its ledger is there
}
# term PID LABEL: SIGTERM ends it with status 0
term() {
	kill -TERM "$1"
	wait "$1"
	equal 0 $? "$2"
}
# task ID PROMPT: known to the ledger, but to nobody who runs
task() {
	make_tasks "{\"account\":\"tester\",\"ids\":[\"$1\"],\"prompt\":\"$2 [items=1]\"}" >/dev/null
	dreamq query "$1" >/dev/null 2>&1
}
has_file() { [ -n "$(find "$T/files" -name "$1*" ! -name '.*' 2>/dev/null)" ]; }
# asked_by NAME: requests for history that came from it
asked_by() {
	jq -s --arg who "$1" '[.[] | select(.on == "query" and any(.headers[];
		(.[0] | ascii_downcase) == "lan" and .[1] == $who))] | length' "$T/requests.log"
}
asks() { [ "$(asked_by "$1")" -gt "${2:-0}" ]; }
soon() { # SECONDS LABEL COMMAND...
	local seconds=$1 label=$2 began=$SECONDS
	shift 2
	if eventually "$seconds" "$@"; then ok "$label ($((SECONDS - began)) s)"; else
		not_ok "$label" "not within $seconds s" "$(tail -n 5 "$T"/*.err)"
	fi
}

start_emulator --time-scale $scale --clock real

# --- what others add -------------------------------------------------------------------
watch one
first=$pid
is 0 "a submit beside a watch" dreamq submit --prompt "a cat [items=1] [seconds=10]"
submitted=$(head -n 1 "$T/out")
soon 15 "  is noticed, and its file fetched" has_file "$submitted"
task adopted "a dog [seconds=10]"
soon 15 "a task that somebody else has asked for is noticed" has_file adopted
is 4 "a get that gives up" dreamq get -o "$T/files" --max-wait 1s --interval 300ms "$(
	make_tasks '{"account":"tester","ids":["left"],"prompt":"a bird [items=1] [seconds=40]"}')"
soon 15 "  leaves its task to the watch" has_file left

# --- a dead cookie ---------------------------------------------------------------------
task waits "a fox [stuck]" # whenever the login dies, there is something to ask for
account tester expired
: >"$T/one.err"
soon 60 "a dead cookie is told" grep -Eiq "cookie|login" "$T/one.err"
before=$(requests query)
sleep 2
between 0 $(($(requests query) - before)) 1 "  and nothing is asked any more"
equal 1 "$(grep -Eic "refus|expired|login" "$T/one.err")" "  which is said once"
account tester ok
sleep 1
between 0 $(($(requests query) - before)) 1 "  until there is another one"
(umask 077 && printf 'theme=dark; sessionid=tester\n' >"$T/cookie.new")
mv "$T/cookie.new" "$T/cookie"
dreamq forget waits 2>/dev/null
task wakes "a fox [seconds=10]"
soon 15 "  then it goes on by itself" has_file wakes
kill -0 $first 2>/dev/null
equal 0 $? "  without a restart"

# --- no network ------------------------------------------------------------------------
# network [PORT]: a way to the emulator that can be taken away
network() {
	/usr/bin/python3 "$SOURCE_ROOT/tests/run/forward.py" "${1:-0}" "$(cat "$T/port")" >"$T/network" &
	network_pid=$!
	eventually 10 test -s "$T/network"
	network_port=$(cat "$T/network")
}
# no_network: from here on connections are reset, then refused
no_network() {
	kill -9 $network_pid
	wait $network_pid 2>/dev/null
}
term $first "the first watch is ended in order"
: >"$T/requests.log"
network
DREAMQ_API_BASE=http://127.0.0.1:$network_port DREAMQ_SUBMIT_BASE=http://127.0.0.1:$network_port watch one
first=$pid
task away "a gull [seconds=30]"
soon 10 "another asks through a network" asks one
no_network
sleep 4
kill -0 $first 2>/dev/null
equal 0 $? "which is away for a while"
network "$network_port"
soon 40 "when it is back, it goes on by itself" has_file away
no_network
term $first "with or without a network it ends well"
watch one
first=$pid

# --- signals ---------------------------------------------------------------------------
# One that never ends: who begins anew has something to ask for, however late that is.
: >"$T/requests.log"
task stays "a hare [stuck]"
soon 15 "there is something to ask for" asks one
config one anew >/dev/null
kill -HUP $first
soon 20 "SIGHUP reads the settings anew" asks anew
task hup "a hare [seconds=10]"
soon 15 "  and goes on" has_file hup
kill -0 $first 2>/dev/null
equal 0 $? "  as the same process"
term $first "SIGTERM ends it with 0"
dreamq forget stays 2>/dev/null

for n in 1 2 3; do task "slow-$n" "a snail [seconds=1] [bytes=600k] [slow=300k]"; done
has_begun() { [ -n "$(find "$T/files" -name '.dreamq-*' -size +50k)" ]; }
sleep 0.3
: >"$T/requests.log"
watch drained --jobs 1 --drain 20s
eventually 10 has_begun
term $pid "SIGTERM in the middle of a download"
equal 1 "$(requests cdn)" "  begins nothing new"
equal 1 "$(find "$T/files" -name 'slow-*' | wc -l)" "  but brings that one home"
equal 0 "$(temporaries "$T/files")" "  whole"
watch hurried --jobs 1 --drain 0s
eventually 10 has_begun
term $pid "with --drain 0s"
equal 1 "$(temporaries "$T/files")" "  it leaves the partial file"
is 0 "which --until-idle builds upon" dreamq watch -o "$T/files" --until-idle
equal 3 "$(find "$T/files" -name 'slow-*' | wc -l)" "  to the end"
task heavy "a snail [seconds=1] [bytes=40M]"
LD_PRELOAD=$SLOW_DISK_LIBRARY SLOW_DISK_MS=20 ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
	watch behind --drain 0s
eventually 10 has_begun
term $pid "with a disk that is behind"
equal 1 "$(temporaries "$T/files")" "  it leaves the partial file, too"
is 0 "which the next one" dreamq watch -o "$T/files" --until-idle
equal 1 "$(find "$T/files" -name 'heavy*' | wc -l)" "  brings home"

# --- one owner -------------------------------------------------------------------------
for n in 1 2 3 4; do task "owned-$n" "a hermit [stuck]"; done
: >"$T/requests.log"
watch a
a=$pid
soon 10 "the first watch asks" asks a
watch b
b=$pid
sleep 2
equal 0 "$(asked_by b)" "the second keeps its hands off"
{ kill -9 $a && wait $a; } 2>/dev/null
soon 30 "and takes over when the first is killed" asks b
watch c
c=$pid
before=$(asked_by b)
soon 10 "it keeps what it has" asks b $((before + 2))
equal 0 "$(asked_by c)" "  before a third"
term $b "who goes in order"
soon 10 "  hands over at once" asks c
term $c "the last one goes"
for n in 1 2 3 4; do dreamq forget "owned-$n" 2>/dev/null; done
stop_emulator

# --- everything at once ----------------------------------------------------------------
rm -rf "$T/state" "$T/files"
mkdir "$T/files"
start_emulator --time-scale $scale --clock real
if [ -n "${WATCH_SPACE-}" ]; then
	mount -t tmpfs -o size=$((n_tasks * 80 + 4000))k,mode=755 tmpfs "$T/files" || WATCH_SPACE=
fi
trap 'status=$?; umount "$T/files" 2>/dev/null; (exit $status); finish' EXIT
export DREAMQ_CONFIG
DREAMQ_CONFIG=$(config chaos)
# Half of them are ours, half were begun elsewhere; they end one after the other.
lasts=$((phase_s * 7 * scale))
for n in $(seq $((n_tasks / 2))); do
	echo "number $n [items=1] [bytes=50k] [seconds=$((1 + n * 2 * lasts / n_tasks))]"
done >"$T/prompts"
is 0 "$((n_tasks / 2)) tasks are submitted" dreamq submit --batch "$T/prompts"
for n in $(seq $((n_tasks - n_tasks / 2))); do
	make_tasks "{\"account\":\"tester\",\"ids\":[\"else-$n\"],\"prompt\":\"[items=1] [bytes=50k] \
[seconds=$((1 + n * 2 * lasts / n_tasks))]\"}"
done >"$T/ids"
dreamq query --input "$T/ids" >/dev/null 2>&1
equal "$n_tasks" "$(count_tasks)" "and as many adopted"

supervise() {
	local pid until
	while [ -e "$T/supervised" ]; do
		"$DREAMQ" watch -o "$T/files" --interval 500ms >>"$T/chaos.out" 2>>"$T/chaos.err" &
		pid=$!
		until=$((SECONDS + kill_s))
		while [ $SECONDS -lt $until ] && [ -e "$T/supervised" ]; do sleep 0.2; done
		kill -9 $pid
		wait $pid 2>/dev/null
		echo $? >>"$T/kills"
	done
}
: >"$T/supervised"
supervise 2>/dev/null &
supervisor=$!
trouble() { # LINE...
	script "$@"
	sleep "$phase_s"
	clear_script
}
sleep 1
trouble "on=query prob=0.4 : reset" "on=cdn prob=0.4 : reset after=20k"
trouble "on=query prob=0.4 : status 503" "on=cdn prob=0.4 : status 500" "on=query prob=0.3 : status 502"
trouble "on=query prob=0.4 : html" "on=cdn prob=0.3 : html" "on=cdn prob=0.3 : expire-after 20k"
trouble "on=query prob=0.3 : cut-json" "on=query prob=0.3 : empty" "on=cdn prob=0.4 : truncate"
account tester expired
sleep "$phase_s"
account tester ok
login tester
kill -STOP "$emulator_pid" # the network is silent
sleep "$phase_s"
kill -CONT "$emulator_pid"
if [ -n "${WATCH_SPACE-}" ]; then
	head -c 4G /dev/zero >"$T/files/fill" 2>/dev/null
	sleep "$phase_s"
	rm "$T/files/fill"
	ok "the disk was full for a while"
else
	skip "the disk was full for a while" "no right to mount a small file system"
fi
rm "$T/supervised"
wait $supervisor
at_least $((phase_s * 6 / (kill_s + 1))) "$(wc -l <"$T/kills")" "it was killed again and again"

is 0 "in the end it is idle" timeout 200 "$DREAMQ" watch --until-idle --interval 500ms -o "$T/files"
equal succeeded "$(in_ledger 'map(.state) | unique[]')" \
	"every task has succeeded"
equal true "$(in_ledger '[.[].assets[].stored] | unique[]')" \
	"every file is stored, none lost"
complete "$T/files" "$n_tasks" "and there"
equal "$n_tasks" "$(find "$T/files" -type f -size 50k | wc -l)" "  whole"
equal '[1]' "$(stat_of '[.accepted_ids[]] | unique')" "no task was paid twice"
says_not "locked|assert|Sanitizer" "$T/chaos.err" "nobody saw a locked database"

# --- a full disk, and nothing else -----------------------------------------------------
if [ -n "${WATCH_SPACE-}" ]; then
	head -c 4G /dev/zero >"$T/files/fill" 2>/dev/null
	for n in 1 2 3 4; do task "disk-$n" "a whale [seconds=1] [bytes=300k]"; done
	watch full
	soon 15 "a full disk is told" grep -Eiq "full|space|room" "$T/full.err"
	sleep 2
	equal 1 "$(grep -Eic "full|space left|no room" "$T/full.err")" "  once"
	before=$(requests cdn)
	sleep 2
	between 0 $(($(requests cdn) - before)) 1 "  and nothing is fetched meanwhile"
	rm "$T/files/fill"
	soon 15 "  with room it goes on by itself" eval \
		'[ "$(find "$T/files" -name "disk-*" ! -name ".*" | wc -l)" = 4 ]'
	term $pid "  and ends well"
else
	skip "a full disk is told" "no right to mount a small file system"
fi
done_testing
