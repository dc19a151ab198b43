#!/bin/bash
# agents.t - an agent finds the right tool for what somebody wants, and its mistakes end well: the
# descriptions told apart (mcp_wishes.py), and the short run of tools/evaluate. All of its
# conversations: tools/torture agents.
. "$(dirname "$0")/lib.sh"
timeout 60 /usr/bin/python3 "$SOURCE_ROOT/tests/run/mcp_wishes.py" >"$T/parts" 2>"$T/trouble" ||
	not_ok "mcp_wishes.py came to its end" "$(tail -5 "$T/trouble")"
while IFS= read -r line; do
	case $line in
	"ok "*) ok "${line#ok }" ;;
	*) not_ok "${line#not ok }" ;;
	esac
done <"$T/parts"
at_least 8 "$(wc -l <"$T/parts")" "all was looked at"

timeout 300 /usr/bin/python3 "$SOURCE_ROOT/tools/evaluate" --short >"$T/table" 2>"$T/trouble"
status=$?
while IFS= read -r line; do
	case $line in
	"ok "*) ok "$(echo "${line#ok * }" | xargs)" ;;
	"skipped "*) skip "$(echo "$line" | xargs)" "not here" ;;
	"WRONG "*) not_ok "$line" ;;
	esac
done <"$T/table"
if [ $status -eq 0 ]; then ok "the table ends well"; else not_ok "the table ends well" "$(grep -v '^ok' "$T/table")" "$(cat "$T/trouble")"; fi
says "^[0-9]+ of [0-9]+ conversations end as they must" "$T/table" "  and says how many"
at_least 21 "$(grep -cE '^(ok|skipped|WRONG)' "$T/table")" "  a row for each"
is 2 "conversations that there are not" "$SOURCE_ROOT/tools/evaluate" "no such words anywhere"
done_testing
