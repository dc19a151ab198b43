#!/bin/bash
# Advice that is given only when something goes wrong that no user can bring about at will: the
# disk, the system, another program. Each is made to happen here, and what is advised is done, as in
# advice.t. The parts run beside each other; most of their time they wait.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/advice.sh"

# --- what is paid for -------------------------------------------------------------------------
# not_again LABEL: what the line of JSON advises is done, and no second task is made
not_again() {
	jq -r 'select(.event == "error") | .do' out >err
	says "do not submit again; then go on with: dreamq get " err "$1"
	follow 0
	equal "$((paid += 1))" "$(stat_of ".accepted_ids | add")" "  and that is paid once"
}

paying() {
	local paid=0
	account tester expired
	is 3 "a submit without a login" dreamq submit --json --prompt "[seconds=0] [items=1]"
	account tester ok
	not_again "  is told what to do"
	account tester expired
	is 3 "a run without a login" dreamq run --json -o "$places" --prompt "[seconds=0] [items=1]"
	account tester ok
	not_again "  is told what to do"
	script 'on=query : ret 1015'
	is 3 "a login that ends in between" dreamq run --json -o "$places" --prompt "[seconds=0] [items=1]"
	clear_script
	not_again "  is told what to do"
	complete "$places" 2 "  the files are here"
	script 'on=submit : ret 4013'
	is 8 "an account that is stopped" dreamq submit --json --prompt "[seconds=0] [items=1]"
	clear_script
	not_again "  is told what to do"

	script 'on=submit : accept-then reset' 'on=query : stall 60s'
	told 4 "do not submit it again, this finds out whether it has arrived; go on with" dreamq submit --max-wait 3s --prompt "[seconds=0] [items=1]"
	says_not "run it again" err "  and nothing else"
	clear_script
	follow 0
	script 'on=submit : ret 1310'
	told 4 "still running, and nothing is lost; go on with" dreamq run --exec "true $(head -c 5000 /dev/zero | tr '\0' x)" --max-wait 1s --prompt "[seconds=0] [items=1]"
	clear_script
	follow 0
	equal 6 "$(stat_of ".accepted_ids | add")" "  all are paid once"
}

beside paying begin paying
joined
done_testing
