#!/bin/bash
# mcp_submits.t - wishes through four servers of 'dreamq mcp', whose calls are repeated, doubled
# and cut at random, and which are killed, while the service loses answers: each is accepted
# once at most.
#
#	MCP_SUBMITS=500 MCP_SUBMITS_SEED=7     how many, and which chances
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mcp.sh"

login canary
start_emulator --time-scale 50
settings 'stall_seconds = 1' >"$XDG_CONFIG_HOME/dreamq/config.ini"
export LEDGER REQUESTS=$T/requests.log
cd "$T" || exit
curl -sf "$DREAMQ_API_BASE/_emulator/accounts" -d '{"account":"canary","gift":100000}' >/dev/null
said_by timeout 3000 /usr/bin/python3 -B "$SOURCE_ROOT/tests/run/mcp_submits.py" "${MCP_SUBMITS:-12}" "${MCP_SUBMITS_SEED:-1}"
grep '^#' "$T/trouble"
equal 0 "$(violations | wc -l)" "the service saw nothing odd"
done_testing
