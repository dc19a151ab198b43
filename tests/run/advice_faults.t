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

# --- what takes its time ----------------------------------------------------------------------
# says_soon PATTERN FILE LABEL
says_soon() {
	eventually 20 grep -Eq -- "$1" "$2"
	says "$@"
}

waiting() {
	local ids pid
	# a watch that has no login to begin with
	dreamq submit -q --prompt "[seconds=0] [items=1]" >out 2>&1
	export DREAMQ_COOKIE_FILE=$places/none
	dreamq watch --until-idle -o one >out 2>err &
	pid=$!
	says_soon "pauses until its cookie changes \('dreamq auth import'\), and" err "a watch without a login"
	follow 0
	wait $pid
	equal "0 1" "$? $(find one -type f | wc -l)" "  goes on with it, to the end"
	export DREAMQ_COOKIE_FILE=$T/cookie

	ids=$(make_tasks '{"account":"tester","prefix":"v-","count":1,"prompt":"[items=1]","age_seconds":600}')
	dreamq get -q -o two "$ids" >out 2>&1
	rm two/*
	script 'on=any : stall 60s'
	told 4 "still running when the waiting time ended; nothing is lost, run it again" dreamq verify --repair --max-wait 1s
	clear_script
	again 0
	complete two 1 "  the file is back"
	ids=$(make_tasks '{"account":"tester","prefix":"so-many-that-no-line-could-ever-have-all-of-them-at-once-","count":75,"prompt":"[seconds=150] [items=1]"}')
	# shellcheck disable=SC2086
	told 4 "still running, and nothing is lost; run the same command again" dreamq wait --max-wait 1s $ids
	is 0 "  again" eventually 20 "${command[@]}"
}

cancelling() {
	mishap connect '' "DOES=until [ -e sent ]; do sleep 0.1; done" \
		dreamq submit -q --kind video --prompt "waves [queue=50000]" --submit-id slowly >out 2>&1 &
	eventually 20 eval '[ "$(state_of slowly)" = submitting ]'
	told 4 "is just being submitted; run this again" dreamq cancel slowly
	touch sent
	wait $!
	again 0
	script 'on=cancel : stall 60s'
	dreamq submit -q --kind video --prompt "waves [queue=50000]" --submit-id doubtful >out 2>&1
	env --default-signal=INT dreamq -v cancel doubtful >out 2>err &
	eventually 20 grep -q "> POST .*cancel_generate" err
	kill -INT $!
	wait $!
	equal 130 $? "a cancel that is interrupted"
	says "whether task 'doubtful' is cancelled is not known yet; run this again" err "  says what is known"
	clear_script
	is 0 "  again" dreamq cancel doubtful
}

# --- files that somebody else has, too ---------------------------------------------------------
moving() {
	local ids other pid home=$PWD/home
	# shellcheck disable=SC2207
	ids=($(make_tasks '{"account":"tester","prefix":"m-","count":3,"prompt":"[seconds=0] [items=1]"}'))
	amid fsync "$home" "DOES=mv $home/${ids[0]}_0.png $home/elsewhere.png" \
		told 6 "was moved away while it got its name; run this again" dreamq get -o home "${ids[0]}"
	again 0
	complete home 2 "  all is here"
	is 0 "two more" dreamq get -q -o home "${ids[@]}"
	amid open "$LEDGER-live" "DOES=[ -e moved ] || { touch moved; dreamq rename -o home --name '{id}-moved.{ext}' --yes ${ids[1]}; }" \
		told 4 "has been moved or is being fetched again; run this again" dreamq rename -o home --name 'x-{id}.{ext}' --yes "${ids[1]}"
	again 0
	dreamq rename -q -o home --name '{id}.{ext}' --yes "${ids[@]}" >out
	# each wants the name of the next one, which somebody takes
	dreamq tag "${ids[0]}" "+${ids[1]}" >out 2>&1
	dreamq tag "${ids[1]}" +last >out 2>&1
	amid link last.png "DOES=echo mine >$home/last.png" \
		told 6 "'$home/last.png' is taken; run this again" dreamq rename -o home --name '{tags}.{ext}' --yes "${ids[0]}" "${ids[1]}"
	says "'$home/${ids[1]}.png' is still taken by a file that could not be renamed; run this again" err "  and who waits for it"
	again 0
	equal "elsewhere.png last-2.png last.png ${ids[1]}.png ${ids[2]}.png" "$(ls home | xargs)" "  each has a name"

	other=$(make_tasks '{"account":"tester","prefix":"o-","count":2,"prompt":"[items=1]","age_seconds":600}')
	# shellcheck disable=SC2086
	amid fsync "$PWD/three" "DOES=[ -e gone ] || { mv three gone; mkdir three; }" \
		told 6 "was moved or replaced while files came; they are where it went, run this again for the rest" dreamq get -o three $other
	again 0
	complete three 2 "  all is here"
	other=$(make_tasks '{"account":"tester","prefix":"n-","count":1,"prompt":"[items=1]","age_seconds":600}')
	amid fdatasync "$PWD/four" "DOES=LEDGER=$LEDGER bash $SOURCE_ROOT/tests/kit/ledger_lab.sh lab_made_anew $other" \
		told 6 "was made anew while it was fetched: run this again" dreamq get -o four "$other"
	lab_made_anew "$other"
	again 0
	complete four 1 "  it is here"
	mkdir two && echo mine >"two/${ids[2]}" # where a folder is to be
	told 6 "is in another folder, as '.*/home/.*'; run this again to copy it" dreamq get -o two --name '{id}/{index}.{ext}' "${ids[2]}"
	rm "two/${ids[2]}"
	again 0
	complete two 1 "  it is here"
}

# is_quick COMMAND...: it finds nothing slow (now: others may be at work beside us)
is_quick() { "$@" >quick.out && ! grep -q ' slow' quick.out; }

# --- what is slow, or not within reach ---------------------------------------------------------
reaching() {
	local fox=$HOME/.mozilla/firefox/abc.default-release id n=0 lab
	amid getaddrinfo 127.0.0.1 MS=1100 told 0 "names are slow: try another name server" bash -c 'dreamq doctor >&2'
	is 0 "  by another they are not" eventually 20 is_quick dreamq doctor
	mkdir slow
	amid fdatasync "$PWD/slow" MS=300 told 0 "this disk is slow to be sure: choose another one, or --no-sync for files" bash -c 'dreamq doctor -o slow >&2'
	is 0 "  another is not" eventually 20 is_quick dreamq doctor -o quick
	amid fsync "$PWD/slow" "DOES=echo waits >>$PWD/waits" told 0 "stored '.*slow" dreamq get -o slow --no-sync "$task"
	is 1 "  --no-sync does not wait for it" test -e waits
	amid fsync "$PWD/slow" "DOES=echo waits >>$PWD/waits" told 0 "stored '.*slow" dreamq get -o slow/er "$task"
	is 0 "  who says nothing does" test -e waits

	python3 "$SOURCE_ROOT/tests/kit/browsers.py" firefox "$fox" tester wal
	printf '[Profile0]\nName=default-release\nIsRelative=1\nPath=%s\nDefault=1\n' "${fox##*/}" >"${fox%/*}/profiles.ini"
	amid open "$fox/cookies.sqlite" "DOES=touch '$fox/cookies.sqlite'" \
		told 6 "the browser writes to '.*' all the time; close it and try again" dreamq auth import --from-browser firefox --cookie-file "$places/c"
	again 0

	lab=$(make_tasks '{"account":"tester","prefix":"s-","count":22,"prompt":"[seconds=0] [fail]","age_seconds":60}')
	# shellcheck disable=SC2086
	dreamq query -q $lab >out 2>&1
	for id in $lab; do lab_end "$id" failed content "code-$((n += 1))"; done
	told 0 "and 2 more: --json has them" bash -c 'dreamq stats >&2'
	is 0 "  so" dreamq stats --json
	equal 22 "$(jq -r 'select(.event == "stats_failure") | .code' out | wc -l)" "  it has"
	lab_end "$id" failed content code-1
	told 0 "and 1 more: --json has it" bash -c 'dreamq stats >&2'
	is 0 "  so" dreamq stats --json
	equal 21 "$(jq -r 'select(.event == "stats_failure") | .code' out | wc -l)" "  it has"
}

# --- what one may not do, who is not root ------------------------------------------------------
# be_nobody: 'dreamq' is run by an ordinary user, whose all of this is
be_nobody() {
	[ "$(id -u)" -eq 0 ] || return 0
	chmod 711 "${T%/*}"
	mkdir bin
	cp "$DREAMQ" bin/program # the checkout may lie where he may not look
	printf '#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups "%s" "$@"\n' "$PWD/bin/program" >bin/dreamq
	chmod 755 bin/dreamq
	chown -R 65534:65534 "$T"
	DREAMQ=$PWD/bin/dreamq PATH=$PWD/bin:$PATH
}

rights() {
	db="$places/l.db"
	be_nobody
	dreamq get -q -o one --ledger "$db" "$task" >out 2>&1 || cat out
	chmod 0 "$db"
	told 6 "can't be opened, Permission denied: check that you may write it and its folder, or name another with --ledger" \
		dreamq query --ledger "$db" "$task"
	is 0 "  another" dreamq query --ledger "$db-2" "$task"
	chmod 600 "$db"
	again 0
	chmod 400 "$db"
	told 6 "may not be written: check its permissions and those of its folder" dreamq query --ledger "$db" "$task"
	is 0 "  another" dreamq query --ledger "$db-2" "$task"
	chmod 600 "$db"
	again 0
	told 1 "end other programs, or raise 'ulimit -u'" bash -c 'ulimit -S -u 1; ASAN_OPTIONS=detect_leaks=0 exec dreamq doctor >&2'
	is 0 "  so" dreamq doctor
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
	amid open l.db-live "DOES=[ -e away ] || { mkdir away && mv '$db' away && cp '$whole/l.db' '$places'; }" \
		told 6 "was removed or replaced while it was in use, .*: end every dreamq, then run 'dreamq ledger check" \
		dreamq get --ledger "$db" -o files "$task"
	follow 0
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

beside cancelling begin cancelling
beside ledger begin ledger
beside moving begin moving
beside paying begin paying
beside waiting begin waiting
# Doctor looks at the service's clock: its time is ours.
OPTIONS_BESIDE='' beside reaching begin reaching
OPTIONS_BESIDE='' beside rights begin rights
joined
done_testing
