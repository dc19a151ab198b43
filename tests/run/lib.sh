# lib.sh - what the whole-program tests share. Source it first:
#
#	. "$(dirname "$0")/lib.sh"
#	start_emulator --time-scale 50
#	is 0 "it works" dreamq query "$id"
#	done_testing
#
# Each script gets a folder of its own ($T, removed at the end), its own home,
# ledger and cookie, a config file that takes the limit off the requests, and its own
# emulator on a free port. Where time runs faster there, the config file says so: it is
# the service's clock by which dreamq waits. DREAMQ and DREAMQ_EMULATOR name the
# programs, RELEASE_EMULATOR one that is to be taken instead, if it is there (it costs a
# quarter less than one with sanitizers, which tests/emulator tries); VALIDATE the schema
# checker. Output is TAP.

# What nohup, or a shell's "&", has us ignore, every program here would ignore, too, and
# bash can't take it back: begin again with the signals as they are by default.
if [ -z "${SIGNALS_ARE_DEFAULT-}" ] && [ -n "$(trap -p HUP INT TERM QUIT PIPE)" ]; then
	SIGNALS_ARE_DEFAULT=1 exec env --default-signal=HUP,INT,TERM,QUIT,PIPE bash "$0" "$@"
fi
unset SIGNALS_ARE_DEFAULT

set -u
: "${DREAMQ:?}" "${DREAMQ_EMULATOR:?}" "${SOURCE_ROOT:?}"
[ ! -x "${RELEASE_EMULATOR:-}" ] || DREAMQ_EMULATOR=$RELEASE_EMULATOR
T=$(mktemp -d "${TMPDIR:-/tmp}/dreamq-test.XXXXXX")
# What a test reads is what dreamq has written; find.t has its pagers.
export DREAMQ_PAGER=cat
export HOME=$T/home XDG_CONFIG_HOME=$T/config XDG_STATE_HOME=$T/state LC_ALL=C.UTF-8
mkdir -p "$HOME" "$XDG_CONFIG_HOME/dreamq" "$XDG_STATE_HOME"
unset DREAMQ_API_BASE DREAMQ_SUBMIT_BASE DREAMQ_COOKIE_FILE DREAMQ_LEDGER DREAMQ_CONFIG \
	DREAMQ_PROFILE NO_COLOR http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY \
	no_proxy NO_PROXY DREAMQ_CA_FILE CURL_CA_BUNDLE SSL_CERT_FILE
LEDGER=$T/state/dreamq/ledger.db
. "$SOURCE_ROOT/tests/kit/ledger_lab.sh"
emulator_pid=
time_scale=1
tests=0
failures=0

dreamq() { "$DREAMQ" "$@"; }

finish() {
	status=$?
	stop_emulator
	rm -rf "$T"
	exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

is_instrumented() { grep -qaE '__(asan|tsan|msan)_init' "$1"; }

# use_release_build REASON: the programs under test, if they are one, or else what `make`
# has left in build/. Before anything is started. Without a release build: skip it all.
use_release_build() {
	local built=$SOURCE_ROOT/build

	is_instrumented "$DREAMQ" || return 0
	[ -x "$built/dreamq" ] && [ -x "$built/dreamq-emulator" ] && ! is_instrumented "$built/dreamq" || {
		echo "1..0 # SKIP $1, and there is no release build in build/"
		exit 0
	}
	DREAMQ=$built/dreamq DREAMQ_EMULATOR=$built/dreamq-emulator
	BENCH_POLLING=$built/tools/polling/bench-polling
}

# time_scale_of [OPTION...]: how many times as fast as ours the emulator's clock runs
time_scale_of() {
	local scale=1 clock=scaled

	while [ $# -gt 1 ]; do
		case $1 in
		--time-scale) scale=$2 ;;
		--clock) clock=$2 ;;
		esac
		shift
	done
	[ "$clock" = scaled ] || scale=1
	echo "$scale"
}

# settings [ROW...]: a config file for the emulator that runs, with more rows of [wire]
# shellcheck disable=SC2120 # they come from the tests
settings() {
	printf '[default]\nrequests-per-minute = off\n[wire]\ntime_scale = %s\n' "$time_scale"
	[ $# -eq 0 ] || printf '%s\n' "$@"
}
settings >"$XDG_CONFIG_HOME/dreamq/config.ini"

# start_emulator [OPTION...]: wait until it is ready, and point dreamq at it.
start_emulator() {
	rm -f "$T/port"
	time_scale=$(time_scale_of "$@")
	settings >"$XDG_CONFIG_HOME/dreamq/config.ini"
	"$DREAMQ_EMULATOR" --port 0 --port-file "$T/port" --log "$T/requests.log" --seed 1 "$@" \
		>"$T/emulator.out" 2>&1 &
	emulator_pid=$!
	for _ in $(seq 200); do
		[ -s "$T/port" ] && break
		sleep 0.05
	done
	[ -s "$T/port" ] || {
		echo "Bail out! the emulator did not start: $(cat "$T/emulator.out")"
		exit 1
	}
	export DREAMQ_API_BASE="http://127.0.0.1:$(cat "$T/port")"
	export DREAMQ_SUBMIT_BASE=$DREAMQ_API_BASE
	[ -e "$T/cookie" ] || login tester
}

stop_emulator() {
	[ -z "$emulator_pid" ] && return
	kill "$emulator_pid" 2>/dev/null
	wait "$emulator_pid" 2>/dev/null
	emulator_pid=
}

# beside NAME COMMAND...: run it beside the others, in a folder, home, ledger, account and emulator
# (OPTIONS_BESIDE) of its own; joined: wait for all of them, and tell what they have told, in order.
parts=()
declare -A part_pids=()
beside() {
	local name=$1
	shift
	parts+=("$name")
	(
		trap stop_emulator EXIT
		LEDGER=$T/$name/state/dreamq/ledger.db T=$T/$name emulator_pid='' tests=0 failures=0
		export HOME=$T/home XDG_CONFIG_HOME=$T/config XDG_STATE_HOME=$T/state
		mkdir -p "$HOME" "$XDG_CONFIG_HOME/dreamq" "$XDG_STATE_HOME"
		cd "$T" || exit
		# shellcheck disable=SC2086 # they are words
		start_emulator ${OPTIONS_BESIDE-}
		"$@"
		echo "# $name is over"
	) >"$T/$name.tap" 2>&1 &
	part_pids[$name]=$!
}
joined() {
	local name line

	for name in "${parts[@]}"; do
		wait "${part_pids[$name]}"
		while IFS= read -r line; do
			case $line in
			'ok '*) ok "${line#ok * - }" ;;
			'not ok '*) not_ok "${line#not ok * - }" ;;
			"# $name is over") ;;
			*) echo "$line" ;;
			esac
		done <"$T/$name.tap"
		grep -qx "# $name is over" "$T/$name.tap" || not_ok "$name has come to its end"
	done
	parts=()
}

# login NAME: be this account.
login() {
	(umask 077 && printf 'sessionid=%s\n' "$1" >"$T/cookie")
	export DREAMQ_COOKIE_FILE=$T/cookie
}

# script LINE...: give the emulator lines of fault script.
script() {
	printf '%s\n' "$@" | curl -sf --data-binary @- "$DREAMQ_API_BASE/_emulator/script" \
		>/dev/null || echo "# the emulator refused: $*"
}

clear_script() { curl -sf -X DELETE "$DREAMQ_API_BASE/_emulator/script" >/dev/null; }

# make_tasks JSON: tasks without submitting, as docs/emulator.md says; prints their ids.
make_tasks() {
	curl -sf -d "$1" "$DREAMQ_API_BASE/_emulator/tasks" | grep -oE '[A-Za-z0-9_-]+'
}

# unscript LINE...: take these lines out of the script again.
unscript() {
	printf '%s\n' "$@" | curl -sf -X DELETE --data-binary @- "$DREAMQ_API_BASE/_emulator/script" \
		>/dev/null || echo "# the emulator has no such line: $*"
}

# account NAME STATE: ok, expired, expired-empty.
account() {
	curl -sf "$DREAMQ_API_BASE/_emulator/accounts" -d "{\"account\":\"$1\",\"state\":\"$2\"}" >/dev/null
}

# stat_of FILTER: of the emulator's counters (docs/emulator.md).
stat_of() { curl -sf "$DREAMQ_API_BASE/_emulator/stats" | jq -c "$1"; }

# requests ON: how many requests of this kind (query, submit, cdn ...) the emulator saw.
# (Of grep: jq takes ten times as long, and many ask again and again.)
requests() { grep -c "\"on\":\"$1\"" "$T/requests.log"; }
violations() { jq -r '.violations[]?' "$T/requests.log" | sort | uniq -c; }

# in_ledger JQ: what jq makes of the array of all tasks, as 'dreamq export' tells them. (Ids
# that the service has never known are no tasks.)
in_ledger() { "$DREAMQ" export -q --ledger "$LEDGER" | jq -rs "$1"; }
# state_of ID: as the ledger has it
state_of() { "$DREAMQ" show -q --json --ledger "$LEDGER" "$1" | jq -r .state; }
# count_tasks [STATE]: how many tasks the ledger has, in this state
count_tasks() { in_ledger "map(select(.state | test(\"^${1-.*}\$\"))) | length"; }
# keys REGEX: the idempotency keys of this form, in the order of their tasks
keys() { in_ledger "[reverse[].idempotency_key | select(. != null and test(\"$1\"))][]"; }
# count_stored: how many files it calls stored; stored_sums: these, for sha256sum -c
count_stored() { in_ledger '[.[].assets[] | select(.stored)] | length'; }
stored_sums() { in_ledger '.[].assets[] | select(.stored) | "\(.sha256)  \(.path)"'; }
# checked FIELD: what 'dreamq ledger check' finds: verdict, tasks, keys, files (rows of them)
checked() { "$DREAMQ" ledger check --json --ledger "$LEDGER" 2>/dev/null | jq -r "select(.event == \"ledger\").$1"; }
temporaries() { find "$1" -name '.dreamq-*' | wc -l; }

ok() {
	tests=$((tests + 1))
	echo "ok $tests - $1"
}

not_ok() {
	tests=$((tests + 1))
	failures=$((failures + 1))
	echo "not ok $tests - $1"
	shift
	for line; do printf '%s\n' "$line" | head -40 | sed 's/^/# /'; done
}

# equal WANTED GOT LABEL
equal() {
	if [ "$1" = "$2" ]; then ok "$3"; else not_ok "$3" "wanted: $1" "got:    $2"; fi
}

# is STATUS LABEL COMMAND...: run it; stdout in $T/out, stderr in $T/err, status in $status.
is() {
	wanted=$1
	label=$2
	shift 2
	"$@" >"$T/out" 2>"$T/err"
	status=$?
	if [ "$status" -eq "$wanted" ]; then
		ok "$label"
	else
		not_ok "$label" "wanted exit status $wanted, got $status: $*" \
			"$(head -c 2000 "$T/out")" "$(head -c 2000 "$T/err")"
	fi
}

# says PATTERN FILE LABEL (an extended regular expression)
says() {
	if grep -Eq -- "$1" "$2"; then ok "$3"; else not_ok "$3" "no '$1' in:" "$(cat "$2")"; fi
}

# says_not PATTERN FILE LABEL
says_not() {
	if grep -Eq -- "$1" "$2"; then not_ok "$3" "'$1' is in:" "$(grep -E -- "$1" "$2")"; else ok "$3"; fi
}

# valid FILE LABEL: every line of JSON follows the schema.
valid() {
	if /usr/bin/python3 "$SOURCE_ROOT/tools/validate.py" <"$1" >"$T/validate.out" 2>&1; then
		ok "$2"
	else
		not_ok "$2" "$(cat "$T/validate.out")"
	fi
}

# differ A B LABEL
differ() {
	if [ "$1" != "$2" ]; then ok "$3"; else not_ok "$3" "both are: $1"; fi
}

# between LOW GOT HIGH LABEL, at_least LOW GOT LABEL
between() {
	if [ "${2:-x}" -ge "$1" ] 2>/dev/null && [ "$2" -le "$3" ]; then
		ok "$4"
	else
		not_ok "$4" "$2 is not in $1 to $3"
	fi
}
at_least() {
	if [ "${2:-x}" -ge "$1" ] 2>/dev/null; then ok "$3"; else not_ok "$3" "$2 is less than $1"; fi
}

# eventually SECONDS COMMAND...: true as soon as the command is, within that time. Asks
# less often the longer it takes.
eventually() {
	local until=$((SECONDS + $1 + 1)) pause_ms=50 pause
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -ge $until ] && return 1
		printf -v pause %03d $pause_ms
		sleep "0.$pause"
		pause_ms=$((pause_ms < 250 ? pause_ms + 10 : 250))
	done
}

skip() {
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

# complete FOLDER COUNT LABEL: so many files, all media to their end, nothing temporary.
complete() {
	found=$(find "$1" -type f ! -name '.dreamq-*' ! -name '*.json' | wc -l)
	if [ "$found" -eq "$2" ] && [ "$(temporaries "$1")" -eq 0 ]; then
		ok "$3"
	else
		not_ok "$3" "$found files (wanted $2), $(temporaries "$1") temporary ones"
	fi
}

done_testing() {
	echo "1..$tests"
	[ "$failures" -eq 0 ] && exit 0
	exit 1
}
