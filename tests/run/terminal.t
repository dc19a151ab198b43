#!/bin/bash
# What a person sees: lines that are redrawn on a terminal and plain ones elsewhere, an
# interrupt that says how to go on, a cookie that is typed unseen, Chinese, closed pipes.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 20

# on_terminal COMMAND: run a shell command on a terminal; what it showed is in $T/screen.
on_terminal() {
	env -u NO_COLOR TERM=xterm SHELL=/bin/bash script -qec "$1" /dev/null \
		</dev/null >"$T/screen" 2>&1
	status=$?
}
dq=$(printf %q "$DREAMQ")

type -P script >/dev/null || {
	echo "1..0 # SKIP there is no script(1)"
	exit 0
}

id=$(dreamq submit --prompt 'a red panda')
on_terminal "$dq get -o $T/one $id"
equal 0 "$status" "get on a terminal"
says $'\033\\[[0-9]+A' "$T/screen" "its lines are redrawn"
says '0 of 1 task' "$T/screen" "with a total"
says '1 task, [0-9]+ files?, .* in .*, into ' "$T/screen" "and a summary at the end"
says_not 'x-signature|sessionid' "$T/screen" "without secrets"

id=$(dreamq submit --prompt 'a red panda')
is 0 "get into a pipe" dreamq get -o "$T/two" "$id"
says_not $'\033' "$T/err" "no escape sequences on stderr"
says_not $'\033' "$T/out" "nor on stdout"
says "^$id: succeeded" "$T/err" "a plain line when the state changes"
says "^$T/two/${id}_0" "$T/out" "paths are data"
is 0 "again, quietly" dreamq get -q -o "$T/two" "$id"
equal "" "$(cat "$T/err")" "-q says nothing"

on_terminal "$dq list"
says $'\033\\[32msucceeded' "$T/screen" "colours on a terminal"
on_terminal "NO_COLOR=1 $dq list"
says_not $'\033' "$T/screen" "none with NO_COLOR"
is 0 "colours into a pipe" dreamq list --color always
says $'\033\\[32m' "$T/out" "when they are asked for"
on_terminal "$dq get --json -q -o $T/one $id"
says_not $'\033' "$T/screen" "no drawing with --json"

# --- interrupts: an id the service does not know is waited for ---
set -m
"$DREAMQ" get -o "$T/my out" nobody -- -dash >"$T/out" 2>"$T/err" &
pid=$!
sleep 0.7
kill -INT "$pid"
wait "$pid"
equal 130 "$?" "an interrupt has its exit status"
says "^  dreamq get --output-dir='$T/my out' -- nobody -dash\$" "$T/err" \
	"and the command to go on, as a shell reads it"
for i in $(seq 30); do echo "id-$i"; done >"$T/ids"
"$DREAMQ" wait - <"$T/ids" >"$T/out" 2>"$T/err" &
pid=$!
sleep 0.7
kill -TERM "$pid"
wait "$pid"
equal 130 "$?" "SIGTERM does the same"
says '^  dreamq wait -$' "$T/err" "many ids are not repeated"
says 'same ids on standard input' "$T/err" "but said where they came from"
set +m
on_terminal "timeout --foreground --preserve-status -s INT 0.7 $dq wait nobody; echo status=\$?"
says 'status=130' "$T/screen" "an interrupt on a terminal"
says 'go on with:' "$T/screen" "says how to go on"

# --- ways out ---
is 6 "a full disk behind stdout" sh -c "exec $dq list >/dev/full"
says 'standard output' "$T/err" "is named"
is 6 "a closed stdout" sh -c "exec $dq list >&-"
dreamq list --json --limit 1 | head -c 1 >/dev/null
equal 0 "${PIPESTATUS[0]}" "a pipe that has read enough"
"$DREAMQ" wait --json --max-wait 3 nobody nobody2 2>"$T/err" | head -c 0 >/dev/null
equal 141 "${PIPESTATUS[0]}" "a reader that went away ends it"
equal "" "$(cat "$T/err")" "without a word"

# --- the cookie ---
unset DREAMQ_COOKIE_FILE
long=sessionid=$(printf 'c%.0s' $(seq 5000))
{
	sleep 0.7
	printf '%s\n' "$long"
	sleep 0.3
} | env TERM=xterm SHELL=/bin/bash script -qec "$dq auth import" /dev/null >"$T/screen" 2>&1
says 'cookie \(it is not shown\)' "$T/screen" "a cookie is asked for"
says_not 'cccc' "$T/screen" "and not shown, also when it is longer than a terminal's line"
is 2 "a cookie on the command line is refused" dreamq auth import "sessionid=SECRET"
says_not SECRET "$T/err" "and not repeated"

# --- Chinese ---
is 2 "a mistake in Chinese" env LC_ALL=zh_CN.UTF-8 "$DREAMQ" get --jobz 3
if [ -e "$(dirname "$DREAMQ")/po/zh_CN/LC_MESSAGES/dreamq.mo" ]; then
	says '没有选项“--jobz”' "$T/err" "is told in Chinese"
else
	skip "is told in Chinese" "the catalogue is not built"
fi
# --- what strangers have written takes over no terminal ------------------------------------------
lab_hostile_words image
for command in list "list --format csv" "export --format csv" "list --format jsonl" "list --print model" \
	"list --columns id,model" "show $id" "stats"; do
	on_terminal "NO_COLOR=1 $dq $command"
	equal 0 "$status" "$command of hostile words"
	says_not $'\033' "$T/screen" "  has no escape sequence"
done
is 0 "csv in a file" dreamq export --format csv -o "$T/exact.csv"
says $'evil\033\\[31m' "$T/exact.csv" "  is exact"
is 0 "  in a pipe, too" dreamq list --format csv
says $'evil\033\\[31m' "$T/out" "  it is"
done_testing
