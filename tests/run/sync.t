#!/bin/bash
# sync.t - a part of what an account ever made, what still runs, and what may be wrong with
# the pages. (All of it, killed on the way, is in account.t.)
. "$(dirname "$0")/lib.sh"

# truth JQ: what the emulator knows of the account's tasks
truth() { curl -sf "$DREAMQ_API_BASE/_emulator/tasks?account=tester" | jq -c "$1"; }
records() { curl -sf "$DREAMQ_API_BASE/_emulator/records" -d "account=tester,$1" >/dev/null; }
lists() { echo $(($(requests history) + $(requests assets))); }
# shellcheck disable=SC2120 # they come from the tests
sync() { dreamq sync -o "$T/files" --max-wait 60s "$@"; }
# How many files there are: a record's pictures, one film, two sounds.
files='[.[] | select(.status == 50) | if .kind == "image" then (.uris | length) elif .kind == "video" then 1 else 2 end] | add'
# begin MIX [OPTION…]: another emulator, ledger and folder
begin() {
	stop_emulator
	rm -rf "$T/files" "${LEDGER%/*}" "$T/requests.log"
	mkdir -p "$T/files" "${LEDGER%/*}"
	start_emulator --account-records "account=tester,$1" "${@:2}"
}

# --- a part of it
begin 'images=60,videos=20,step=1h'
is 0 "--dry-run" sync --dry-run
equal 80 "$(wc -l <"$T/out")" "prints a row for each"
equal 0 "$(count_tasks)" "and takes in none"
equal 0 "$(find "$T/files" -type f | wc -l)" "nor a file"
is 0 "--limit" sync --limit 7
equal 7 "$(count_tasks)" "takes in as many"
is 0 "again" sync --limit 7
equal 14 "$(count_tasks)" "the next ones"
images() { in_ledger '[.[] | select(.kind == "image")] | length'; }
n=$(images)
is 0 "--kind" sync --kind video
equal 20 "$(in_ledger '[.[] | select(.kind == "video")] | length')" "of one kind, all"
equal "$n" "$(images)" "and no other"
is 0 "--since" sync --since 1d
equal "$(truth "[.[] | select(.created > $(date +%s) - 86400) | .history_id] | sort")" "$(in_ledger "[.[] |
	select((.created_at | sub(\"[.][0-9]+Z\"; \"Z\") | fromdate) > $(date +%s) - 86400) | .history_id] | sort" | jq -c .)" "takes in what is younger"
differ 80 "$(count_tasks)" "and no more"
is 0 "all the rest" sync
equal 80 "$(count_tasks)" "comes in the end"
equal "$(truth "$files")" "$(count_stored)" "with every file"
is 2 "a kind that is none" sync --kind sculpture
is 2 "a time that is none" sync --since yesterdayish

# --- what still runs
begin 'images=5,running=2'
is 4 "what runs is waited for, as long as --max-wait says" dreamq sync -o "$T/files" --max-wait 10s
says "dreamq sync " "$T/err" "and the way on is this command"
equal "$(truth "$files")" "$(count_stored)" "the rest is here"
equal 2 "$(count_tasks '(queued|generating)')" "the ledger knows them"

# --- in a watch
begin 'images=12'
is 0 "a watch may do it, too" dreamq watch --until-idle --sync 1h -o "$T/files"
equal "$(truth "$files")" "$(count_stored)" "every file is here"
between 2 "$(lists)" 2 "by one walk"

# --- pages that are none
spoiled() { # STATUS SENTENCE LINE…: what a walk makes of them, in pages of ten
	local wanted=$1 sentence=$2
	begin 'images=40,step=1h'
	settings 'page_max = 10' >"$XDG_CONFIG_HOME/dreamq/config.ini"
	script "${@:3}"
	is "$wanted" "${*:3}" sync
	[ -z "$sentence" ] || says "$sentence" "$T/err" "  is said"
	between 5 "$(lists)" 24 "  within bounds"
	clear_script
	is 0 "  and when the pages are sound again" sync --full
	equal 40 "$(count_tasks)" "  nothing is missing"
	equal "$(truth "$files")" "$(count_stored)" "  nor any file"
}
spoiled 0 '' 'on=assets nth=3 : page repeat'
equal 40 "$(count_tasks)" "  nothing was missing before"
spoiled 0 '' 'on=assets nth=3 : page skip'
spoiled 7 'go round in a circle|go backwards' 'on=assets nth=3 : page back'
spoiled 7 'does not say where' 'on=assets : page stuck'
spoiled 0 '' 'on=assets nth=2 : page empty'
spoiled 0 '' 'on=assets : page none'
spoiled 0 '' 'on=list : page text'
spoiled 0 '' 'on=list : unlisted 5h'

# --- the account
begin 'images=30'
account tester expired
is 3 "a dead login" sync
says 'auth import' "$T/err" "  says what to do"
account tester ok
script 'on=list : ret 1018'
n=$(lists)
is 8 "risk control" sync
equal 1 "$(($(lists) - n))" "  stops at once"
clear_script
script 'on=list nth=1 : ret 1015'
is 0 "a refusal once, from a login that lives" sync
equal 30 "$(count_tasks)" "  and all is here"
done_testing
