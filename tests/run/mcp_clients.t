#!/bin/bash
# mcp_clients.t - the official MCP clients drive 'dreamq mcp': every tool, in every way that
# they connect. 'tools/setup clients' installs them; without, it is skipped.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mcp.sh"

[ -d "$SOURCE_ROOT/tests/clients/node_modules/@modelcontextprotocol" ] || {
	skip "the official clients" "'tools/setup clients' has not been run"
	done_testing
}
a_finished_task
FAILED=$(make_tasks '{"account":"canary","prefix":"f-","count":1,"prompt":"[seconds=0] [fail]","age_seconds":600}')
SLOW=$(make_tasks '{"account":"canary","prefix":"s-","count":1,"prompt":"[seconds=90000]"}')
export DONE FAILED SLOW
said_by timeout 120 node "$SOURCE_ROOT/tests/clients/drive.mjs"
at_least 68 "$(wc -l <"$T/parts")" "all of them were heard"
equal 1 "$(requests submit)" "nothing was submitted"
TOKEN=a-token-of-this-test-0123456789abcdef
export TOKEN
DREAMQ_MCP_TOKEN=$TOKEN "$DREAMQ" mcp --http 127.0.0.1:0 -o "$FOLDER" --allow-submit --allow-delete 2>"$T/http.err" &
server=$!
asked=4
if eventually 10 grep -Eq "serving MCP|no --http" "$T/http.err" && grep -q "serving MCP" "$T/http.err"; then
	URL=$(grep -o 'http://[^ ]*' "$T/http.err")
	export URL
	asked=6
fi
said_by timeout 120 node "$SOURCE_ROOT/tests/clients/paid.mjs"
at_least $((9 * asked)) "$(wc -l <"$T/parts")" "all of them were asked"
kill $server 2>/dev/null
wait $server
equal $((1 + 3 * asked)) "$(requests submit)" "and each has submitted what it had a yes for"
done_testing
