#!/bin/bash
# mcp_listen.t - 'dreamq mcp' tells of changes: subscriptions of both eras, what another
# process changed, bounds, a subscriber that never reads, and what it costs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mcp.sh"

login canary
start_emulator --time-scale 20
SLOW=$(make_tasks '{"account":"canary","prefix":"s-","count":1,"prompt":"[seconds=90000]"}')
NEXT=$(make_tasks '{"account":"canary","prefix":"x-","count":1,"prompt":"[seconds=90000]"}')
export SLOW NEXT
mcp_at_once mcp_listen modern legacy bounds deaf idle
done_testing
