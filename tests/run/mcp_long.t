#!/bin/bash
# mcp_long.t - the official MCP clients wait for a video of ten minutes, though they cut each
# call at 60 s, and though their server is killed twice: it is found and fetched, and paid
# once. It takes as long as it says, so 'tools/torture mcp_long' has it: MCP_LONG_SECONDS.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mcp.sh"

[ -n "${MCP_LONG_SECONDS:-}" ] || {
	skip "a video of ten minutes" "'tools/torture mcp_long' waits for it"
	done_testing
}
[ -d "$SOURCE_ROOT/tests/clients/node_modules/@modelcontextprotocol/ext-tasks" ] || {
	skip "a video of ten minutes" "'tools/setup clients' has not been run"
	done_testing
}
login canary
start_emulator
export FOLDER=$T/files LONG=$MCP_LONG_SECONDS
ways=(legacy modern cut tasks legacy-killed modern-killed cut-killed tasks-killed)
words=()
for way in "${ways[@]}"; do
	is 0 "$way: one submit" dreamq submit -q --kind video --prompt "a cat [seconds=$MCP_LONG_SECONDS] [queue=0]"
	words+=("$way=$(cat "$T/out")")
done
said_by timeout $((MCP_LONG_SECONDS * 2 + 240)) node "$SOURCE_ROOT/tests/clients/long.mjs" "${words[@]}"
equal ${#ways[@]} "$(requests submit)" "each was submitted once"
equal ${#ways[@]} "$(find "$FOLDER" -name '*.mp4' | wc -l)" "each file is there once"
equal 0 "$(violations | wc -l)" "the service saw nothing odd"
done_testing
