#!/bin/bash
# sync.t - everything that an account ever made comes home, killed on the way or not; then
# only what is new is asked for; and what may be wrong with the pages.
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

# --- all of it, killed on the way
begin 'images=100,videos=30,audio=10,failed=12,deleted=8,elsewhere=40%'
for _ in 1 2 3 4 5; do
	before=$(requests cdn)
	# shellcheck disable=SC2119
	sync >>"$T/paths" 2>/dev/null &
	pid=$!
	for _ in $(seq 200); do
		[ "$(requests cdn)" -ge $((before + 20)) ] && break
		sleep 0.02
	done
	kill -KILL $pid
	wait $pid 2>/dev/null
done
at_least 1 "$(count_stored)" "killed five times, something is here"
is 0 "and the sixth run brings the rest" sync
n_files=$(truth "$files")
equal "$n_files" "$(count_stored)" "every file that exists"
equal "$n_files" "$(in_ledger '[.[].assets[].uri] | unique | length')" "  of its own"
equal "$(truth length)" "$(count_tasks)" "every record is a task"
equal "0" "$(stored_sums | sha256sum -c --quiet 2>&1 | wc -l)" "the files are what the ledger says"
equal "$(truth '[.[].history_id] | sort')" "$(in_ledger '[.[].history_id] | sort' | jq -c .)" "by the service's names"
equal "$(truth '[.[] | select(.submit_id == "")] | length')" \
	"$(in_ledger '[.[] | select(.submit_id == .history_id)] | length')" "who has no submit id is known by its history id"
equal "$(truth '[.[].prompt | select(. != "")] | sort | length')" \
	"$(in_ledger '[.[].prompt | select(. != null)] | length')" "prompts are kept"
equal 0 "$(temporaries "$T/files")" "nothing is left behind"
same() { # ID: the link that a query gives now brings the same bytes
	dreamq query --json "$1" | jq -r '.assets[] | "\(.index) \(.url)"' | while read -r index url; do
		[ "$(curl -s "$url" | sha256sum)" = "$(dreamq show --json "$1" |
			jq -r ".assets[$index].path" | xargs cat | sha256sum)" ] && echo same
	done | sort -u
}
for id in $(in_ledger '[.[] | select(.state == "succeeded")] | [.[0, 50, 100]][].submit_id'); do
	equal same "$(same "$id")" "  $id, byte for byte"
done

# --- again, and what is new
n=$(lists) cdn=$(requests cdn)
is 0 "again" sync
between 2 $(($(lists) - n)) 3 "three requests at most"
equal "$cdn" "$(requests cdn)" "and no download"
says "0 new tasks" "$T/err" "which it says"
records images=1
n=$(lists)
is 0 "with one record more" sync --json
between 2 $(($(lists) - n)) 3 "it is found by as few"
equal 1 "$(jq -s '[.[] | select(.event == "synced")][0].adopted' "$T/out")" "as the last line says"
valid "$T/out" "what it prints follows the schema"
equal "$(truth "$files")" "$(count_stored)" "its files are here"
is 0 "all of it once more" sync --full --json
at_least 150 "$(jq -s '[.[] | select(.event == "synced")][0].listed' "$T/out")" "is walked through"
equal 0 "$(violations | wc -l)" "nothing that the service would not have had from its site"

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
