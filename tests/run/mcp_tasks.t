#!/bin/bash
# mcp_tasks.t - long work of 'dreamq mcp' by the tasks extension: a call that does not end at
# once gets a handle, which every server on the ledger knows, also after a kill.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mcp.sh"

a_finished_task
SLOW=$(make_tasks '{"account":"canary","prefix":"s-","count":1,"prompt":"[seconds=90000]"}')
SOON=$(make_tasks '{"account":"canary","prefix":"n-","count":1,"prompt":"[seconds=60] [items=2]"}')
export DONE SLOW SOON
mcp_parts mcp_tasks tasks cancel
LATER=$(make_tasks '{"account":"canary","prefix":"l-","count":1,"prompt":"[seconds=100] [items=1]"}')
export LATER
mcp_parts mcp_tasks restart
equal 1 "$(requests submit)" "nothing was submitted"
equal 0 "$(violations | wc -l)" "the service saw nothing odd"
done_testing
