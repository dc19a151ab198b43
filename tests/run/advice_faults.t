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

# --- a ledger that can't be used ----------------------------------------------------------------
ledger() {
	local db="$places/l.db" whole=$T/whole
	# ledger_is_whole: three tasks, one of them stored; as it was
	ledger_is_whole() {
		rm -f "$db"*
		cp "$whole"/l.db* "$places"
	}
	# taken LABEL: what recover has saved is looked at and taken as it says, and all is well
	taken() {
		cp followed.err err
		follow 0
		is 0 "$1" dreamq ledger check --ledger "$db"
	}
	dreamq get -q --ledger "$db" -o files "$task" >out 2>&1
	dreamq submit -q --ledger "$db" --prompt "a cat" --submit-id lost >out 2>&1
	dreamq submit -q --ledger "$db" --prompt "a dog" >out 2>&1
	mkdir "$whole" && cp "$places"/l.db* "$whole"

	amid lock l.db-live ERRNO=ENOLCK told 6 "l.db-live' can't be locked: name a ledger on a local disk with --ledger" \
		dreamq get --ledger "$db" -o files "$task"
	is 0 "  so" dreamq get --ledger "$db-2" -o files "$task"
	again 0
	rm "$db-mark"
	amid posix_fallocate l.db-mark ERRNO=ENOSPC told 6 "no space left for '.*l.db-mark': free some and run it again" \
		dreamq submit --ledger "$db" --prompt "a cow"
	again 0
	equal 3 "$(stat_of ".accepted_ids | add")" "  and that is paid once"
	amid mmap l.db-shm ERRNO=ENODEV told 6 "can't share it between processes .*: name one on a local disk with --ledger" \
		dreamq list --ledger "$db"
	is 0 "  so" dreamq list --ledger "$db-2"
	again 0
	amid open l.db ERRNO=EMFILE told 6 "too many files are open: raise the limit \(ulimit -n\), then run it again" \
		dreamq list --ledger "$db"
	again 0
	amid lock l.db ERRNO=ENOLCK told 6 "can't share it between processes .*: name one on a local disk with --ledger" \
		timeout 20 dreamq list --ledger "$db"
	is 0 "  so" dreamq list --ledger "$db-2"
	again 0
	ledger_is_whole
	dreamq ledger backup --ledger "$db" "$COPY" >out 2>&1
	LEDGER=$db lab_empty_log
	dd if=/dev/zero of="$db" bs=1 seek=100 count=100 conv=notrunc 2>/dev/null # the list of its tables
	told 6 "l.db' is damaged, and left as it is: 'dreamq ledger recover" dreamq list --ledger "$db"
	follow 6 # of this nothing can be read, which is said, and what then
	taken "  and it is good again"
	ledger_is_whole
	LEDGER=$db lab_lose lost
	told 6 "damaged, and left as it is \([0-9]+ of [0-9]+ tasks, [0-9]+ of [0-9]+ keys are there\): 'dreamq ledger recover" dreamq list --ledger "$db"
	follow 0
	taken "  and it is good again"
}

beside ledger begin ledger
beside paying begin paying
joined
done_testing
