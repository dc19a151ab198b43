#!/bin/bash
# mcp_crowd.t - eight servers and three commands work on one ledger at once, servers are killed
# and begun again, calls are cut: nobody is shown an error, and no file is there twice.
#
#	MCP_CROWD_SECONDS=3 MCP_CROWD_SEED=1      (tools/torture: 600)
. "$(dirname "$0")/lib.sh"
seconds=${MCP_CROWD_SECONDS:-3}
start_emulator --time-scale 10
export FOLDER=$T/files MCP_CROWD_SECONDS=$seconds
# They ask often, and so they find much to disagree about.
settings >"$XDG_CONFIG_HOME/dreamq/config.ini"

# a command again and again, until the file 'over' is there; what it said is kept when it was wrong
again() {
	local name=$1 status
	shift
	while [ ! -e "$T/over" ]; do
		timeout 60 "$DREAMQ" "$@" >"$T/$name.out" 2>"$T/$name.err" </dev/null
		status=$?
		case $status in
		0 | 4) ;;
		*) printf 'status %s: %s\n%s\n' "$status" "$*" "$(cat "$T/$name.err")" >>"$T/$name.trouble" ;;
		esac
		grep -v 'warning: waiting for the ledger .*, which another program has locked, until' "$T/$name.err" |
			grep -E "locked|error|cannot|can't|Sanitizer|assert" >>"$T/$name.trouble"
		sleep 0.2
	done
}
echo crowd-0 >"$T/ids.now"
again get get -q --max-wait 2s -o "$FOLDER" --input "$T/ids.now" &
commands=$!
again list list -q --json --limit 200 &
commands="$commands $!"
again stats stats -q --json &
commands="$commands $!"

timeout $((seconds + 200)) /usr/bin/python3 "$SOURCE_ROOT/tests/run/mcp_crowd.py" "$T" >"$T/parts" 2>"$T/trouble" ||
	not_ok "the servers came to their end" "$(tail -20 "$T/trouble")"
touch "$T/over"
# shellcheck disable=SC2086 # they are words
wait $commands
while IFS= read -r line; do
	case $line in
	"ok "*) ok "${line#ok }" ;;
	"#"*) echo "$line" ;;
	*) not_ok "${line#not ok }" ;;
	esac
done <"$T/parts"
at_least 5 "$(grep -c . "$T/parts")" "all was looked at"
for name in get list stats; do
	equal "" "$(head -c 3000 "$T/$name.trouble" 2>/dev/null)" "'dreamq $name' was shown no trouble"
done

# What was made has come home, once.
is 0 "what is left comes home" dreamq get -q -o "$FOLDER" --input "$T/ids"
tasks=$(grep -c . "$T/ids")
files=$((tasks * 2))
complete "$FOLDER" $files "$tasks tasks: each file is there, once"
equal "$files" "$(count_stored)" "and in the ledger"
equal "$files" "$(stored_sums | sort -u -k2 | wc -l)" "each under a name of its own"
stored_sums | sha256sum --quiet -c >"$T/sums" 2>&1
equal "" "$(cat "$T/sums")" "and whole"
# Whole files that left twice: each killed server, cut call, and call whose time was over while it
# fetched may have cost one. On the disk none is there twice, above; here it must stay the exception.
jq -r 'select(.on == "cdn" and .status == 200) | "\(.path) \(.bytes_sent)"' "$T/requests.log" | sort | uniq -d >"$T/twice"
twice=$(grep -c . "$T/twice")
kills=$(sed -n 's/^# killed: //p' "$T/parts")
cut=$(sed -n 's/^# cut: //p' "$T/parts")
between 0 "$twice" $((files / 4 + 8 * kills + cut)) "sent twice: $twice of $files, with $kills kills and $cut calls cut"
equal "" "$(violations)" "the emulator has nothing to complain of"
is 0 "the ledger is whole" dreamq ledger check
done_testing
