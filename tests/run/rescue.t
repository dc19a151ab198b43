#!/bin/bash
# Files whose record at the service is gone, by their own names: those that the ledger
# knows, and any other of the account.
. "$(dirname "$0")/lib.sh"
settings 'stall_seconds = 5' >"$T/config.ini"
export DREAMQ_CONFIG=$T/config.ini
start_emulator

# tasks KIND WORDS NAME...: that have ended
tasks() {
	local kind=$1 words=$2
	shift 2
	make_tasks "{\"account\":\"tester\",\"ids\":$(printf '%s\n' "$@" | jq -R . | jq -sc .),
		\"kind\":\"$kind\",\"prompt\":\"a river $words\",\"age_seconds\":9999}" >/dev/null
}
# remove WHAT NAME...: record, file, both
remove() {
	local what=$1
	shift
	curl -sf -X DELETE "$DREAMQ_API_BASE/_emulator/tasks" -d "{\"account\":\"tester\",\"what\":\"$what\",
		\"ids\":$(printf '%s\n' "$@" | jq -R . | jq -sc .)}" >/dev/null
}
# name_of ID [N]: of its file, at the service
name_of() {
	curl -sf "$DREAMQ_API_BASE/_emulator/tasks?account=tester" |
		jq -r --arg id "$1" --argjson n "${2-0}" '.[] | select(.submit_id == $id) | .vid // .uris[$n]'
}
begin() { : >"$T/requests.log"; }
last() { tail -n 1 "$T/out" | jq -c 'del(.schema_version, .bytes, .requests)'; }

is 0 "with an empty ledger" dreamq rescue
says "nothing is missing" "$T/err" "  nothing is missing"
equal "" "$(violations)" "  and nobody is asked"

# --- what the ledger knows -----------------------------------------------------------------
tasks image '[items=2]' pictures others
tasks video '[sample]' film
tasks image '[items=1]' whole
is 0 "files come home" dreamq get -q -o "$T/a" pictures film whole
cat "$T/a"/* | sha256sum >"$T/sum"
rm "$T/a"/pictures_* "$T/a"/film_*
remove record pictures film others
begin
is 0 "what has gone from the disk and from the history" dreamq rescue --json --sidecar -o "$T/a"
cat "$T/a"/*.png "$T/a"/*.mp4 | sha256sum >/dev/null
equal '{"event":"rescued","files":3,"stored":3,"gone":0}' "$(last)" "  is rescued"
valid "$T/out" "  and what is told follows the schema"
equal "$(cat "$T/sum")" "$(cat "$T/a/film_0.mp4" "$T/a/pictures_0.png" "$T/a/pictures_1.png" "$T/a/whole_0.png" | sha256sum)" \
	"  to the byte"
equal "1 1 0" "$(requests images) $(requests videos) $(requests query)" "  by one request for all pictures, one for the film, and no query"
equal 4194304 "$(dreamq show --json film | jq '.assets[0].choice.size')" "  the film is the original"
equal film "$(jq -r .submit_id "$T/a/film_0.mp4.json")" "  the sidecar says whose it is"
equal "succeeded" "$(state_of film)" "  no state has changed"
equal "" "$(violations)" "  and nothing was asked in a way that the service would not like"
begin
is 0 "once more" dreamq rescue -q -o "$T/a"
equal 0 "$(wc -l <"$T/requests.log")" "  nothing is asked"

rm "$T/a/pictures_0.png" "$T/a/whole_0.png"
remove file pictures
is 1 "what the service does not have any more" dreamq rescue --json -o "$T/a"
equal '{"event":"rescued","files":2,"stored":1,"gone":1}' "$(last)" "  costs the others nothing"
says "'$(name_of pictures)', file 0 of task 'pictures': the service does not have it any more" "$T/err" "  and is named"
valid "$T/out" "  what is told follows the schema"
is 1 "told to people" dreamq rescue -q -o "$T/a"
equal "$T/a/pictures_1.png" "$(cat "$T/out")" "  it is only what is here"
dreamq forget -q pictures

# A file that was lost, and can be had after all.
tasks image '[items=1]' lost
is 0 "a file comes home" dreamq get -q -o "$T/a" lost
rm "$T/a/lost_0.png"
is 0 "it is given up" dreamq forget -q --file 0 lost
begin
is 0 "which is not undone" dreamq rescue -q -o "$T/a"
equal 0 "$(wc -l <"$T/requests.log")" "  by looking for what is missing"
is 0 "but by its name" dreamq rescue -q -o "$T/a" "$(name_of lost)"
equal true "$(dreamq show --json lost | jq '.assets[0].stored')" "  it is stored again"

# --- by their names --------------------------------------------------------------------
picture=$(name_of others) second=$(name_of others 1)
is 0 "a picture of a task that nobody knows" dreamq rescue -o "$T/b" "$picture"
equal "$T/b/$(basename "$(cat "$T/out")")" "$(cat "$T/out")" "  its path is printed"
says '^rescued-[0-9a-f]{16}_0.png$' <(basename "$(cat "$T/out")") "  named by a task of its own"
id=$(basename "$(cat "$T/out")" _0.png)
equal "succeeded $picture" "$(dreamq show --json "$id" | jq -r '"\(.state) \(.assets[0].uri)"')" "  which the ledger has"
complete "$T/b" 1 "  it is complete"
begin
is 0 "once more" dreamq rescue -q -o "$T/b" "$picture"
equal 0 "$(wc -l <"$T/requests.log")" "  nothing is asked"
is 0 "dreamq verify" dreamq verify -q

tasks video '[sample]' clip
remove record clip
printf '# names\n%s\n  %s  # again\n\nno name at all\n%s\n' "$second" "$second" "$(name_of clip)" >"$T/names"
is 2 "names from a file, of which one can't be one" dreamq rescue -q --input "$T/names" -o "$T/c"
says "$T/names:5: 'no name at all' is neither" "$T/err" "  which is told with its line"
complete "$T/c" 2 "  the others are here"
jq -nc --arg a "$second" --arg b "$(name_of clip)" '[$a, $b]' >"$T/names.json"
is 0 "a JSON array on standard input" sh -c "'$DREAMQ' rescue --json - <'$T/names.json'"
equal '{"event":"rescued","files":2,"stored":2,"gone":0}' "$(last)" "  names what is here already"
is 0 "the smallest of a film" dreamq rescue -q --ledger "$T/small.db" --quality smallest -o "$T/d" "$(name_of clip)"
equal 122880 "$(stat -c %s "$T/d"/*.mp4)" "  is its sample"
: >"$T/none"
is 2 "an empty list of names" dreamq rescue --input "$T/none"
says "no names came in" "$T/err" "  is not all that is missing"

before=$(count_tasks)
is 1 "names that there are not" dreamq rescue --json -o "$T/e" tos-cn-i-x/0123 v02870g10004d0000000
equal '{"event":"rescued","files":2,"stored":0,"gone":2}' "$(last)" "  are told as such"
equal "$before" "$(count_tasks)" "  and leave nothing in the ledger"
is 1 "the same for people" dreamq rescue -o "$T/e" tos-cn-i-x/0123
says_not succeeded "$T/err" "  calls nothing a success"

# --- trouble --------------------------------------------------------------------------
tasks image '[items=1]' trouble
remove record trouble
name=$(name_of trouble)
script 'on=images times=2 : status 503'
is 0 "trouble that passes" dreamq rescue -q -o "$T/f" "$name"
clear_script
tasks image '[items=1]' away
remove record away
name=$(name_of away)
script 'on=images : status 503'
is 5 "trouble that stays" dreamq rescue -q -o "$T/f" "$name"
clear_script
script 'on=images : ret 4013'
is 8 "a refusal of the account" dreamq rescue -q -o "$T/f" "$name"
clear_script
account tester expired
is 3 "a dead login" dreamq rescue -q -o "$T/f" "$name"
account tester ok
script 'on=images : stall 60s'
SECONDS=0
is 4 "an answer that does not come" dreamq rescue -q --max-wait 2s -o "$T/f" "$name"
between 1 $SECONDS 10 "  is not waited for beyond --max-wait"
clear_script
is 0 "and without names it is known what was wanted" dreamq rescue -q -o "$T/f"
equal 1 "$(dreamq export -q | grep -c "$name")" "  it is here"
is 2 "without a cookie file that is one" dreamq rescue --cookie-file "$T/names" --jobs 0 "$name"

tasks video '[bytes=8M] [slow=2M]' killed
remove record killed
name=$(name_of killed)
begin
"$DREAMQ" rescue -q -o "$T/g" "$name" >/dev/null 2>&1 &
killed=$!
sleep 3
kill -9 $killed
wait $killed 2>/dev/null
is 0 "killed in the middle" dreamq rescue -q -o "$T/g"
complete "$T/g" 1 "  the next run brings it home"
between 8388608 "$(jq -s '[.[] | select(.on == "cdn") | .bytes_sent] | add' "$T/requests.log")" 12000000 \
	"  from where it was"
done_testing
