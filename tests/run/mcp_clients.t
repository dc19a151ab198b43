#!/bin/bash
# mcp_clients.t - the official MCP clients drive 'dreamq mcp': every tool, in every way that
# they connect. 'tools/setup clients' installs them; without, it is skipped.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mcp.sh"

[ -d "$SOURCE_ROOT/tests/clients/node_modules/@modelcontextprotocol" ] || {
	skip "the official clients" "'tools/setup clients' has not been run"
	done_testing
}
login canary
start_emulator --time-scale 20
export FOLDER=$T/files
is 0 "a task" dreamq submit -q --prompt "a cat [seconds=0] [items=2]"
DONE=$(cat "$T/out")
is 0 "that has ended" dreamq wait -q "$DONE"
FAILED=$(make_tasks '{"account":"canary","prefix":"f-","count":1,"prompt":"[seconds=0] [fail]","age_seconds":600}')
SLOW=$(make_tasks '{"account":"canary","prefix":"s-","count":1,"prompt":"[seconds=90000]"}')
export DONE FAILED SLOW
said_by timeout 120 node "$SOURCE_ROOT/tests/clients/drive.mjs"
at_least 68 "$(wc -l <"$T/parts")" "all of them were heard"
equal 1 "$(requests submit)" "nothing was submitted"
said_by timeout 120 node "$SOURCE_ROOT/tests/clients/paid.mjs"
at_least 36 "$(wc -l <"$T/parts")" "all of them were asked"
equal 13 "$(requests submit)" "and each has submitted what it had a yes for"
done_testing
