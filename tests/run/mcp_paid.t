#!/bin/bash
# mcp_paid.t - what costs credits, and what removes, over 'dreamq mcp': only with a flag, only
# with a person's yes or below a limit, and each wish once, whatever is cut, repeated or killed.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mcp.sh"

login canary
start_emulator --time-scale 50
export LEDGER REQUESTS=$T/requests.log
cd "$T" || exit
mcp_parts mcp_paid listed asked question papers keys remove legacy race killed
rm -rf "$T/state"
mcp_parts mcp_paid limit
is 2 "not asking without being allowed to" dreamq mcp --submit-without-asking
says "needs --allow-submit" "$T/err" "  is told"
is 2 "a limit that is none" dreamq mcp --allow-submit --submit-limit 0
for locale in C zh_CN.UTF-8 xx_YY.UTF-8; do
	is 0 "on a terminal of 20 columns, in $locale" sh -c "printf '\\004' | env LC_ALL=$locale TERM=xterm script -qec \"stty cols 20; '$DREAMQ' mcp --allow-submit\" /dev/null"
done
equal 0 "$(violations | wc -l)" "the service saw nothing odd"
account canary expired
mcp_parts mcp_paid trouble
done_testing
