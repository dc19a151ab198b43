#!/bin/bash
# Which variant of a file is fetched: a film's original, though its record links a sample;
# what is taken when that can't be had; and that bytes of one never get into another.
. "$(dirname "$0")/lib.sh"
# The service's time runs faster, and with it the pauses between two tries.
start_emulator --time-scale 20 --account-records account=past,images=2,videos=3,samples=100%
settings 'stall_seconds = 5' >"$T/config.ini"
export DREAMQ_CONFIG=$T/config.ini

# film NAME [WORDS] [KIND]: a task that has ended
film() {
	make_tasks "{\"account\":\"tester\",\"ids\":[\"$1\"],\"kind\":\"${3:-video}\",
		\"prompt\":\"a river ${2-[sample]}\",\"age_seconds\":9999}" >/dev/null
}
begin() { : >"$T/requests.log"; }
# chosen ID [FIELD]: of its first file, as the ledger has it
chosen() { dreamq show --json "$1" | jq -r ".assets[0].choice.${2-quality}"; }
# size_of ID: of its first file, where the ledger says that it is
size_of() { stat -c %s "$(dreamq show --json "$1" | jq -r '.assets[0].path')"; }
# warnings ID: how many of them name it
warnings() { grep -c "warning: .*'$1'" "$T/err"; }

# --- the original ------------------------------------------------------------------------
film one
is 0 "a film whose record links 120 kB is fetched" dreamq get --json --sidecar -o "$T/a" one
equal 4194304 "$(size_of one)" "  its original is: 4 MB"
says_not warning "$T/err" "  without a word of warning"
valid "$T/out" "  and what is told follows the schema"
equal '"original" "original" 1920 1080 11564000 4194304 ""' \
	"$(jq -c 'select(.event == "task") | .assets[0].choice | .quality, .wanted, .width, .height, .bitrate, .size, .logo' \
		"$T/out" | xargs -d '\n')" "  what was chosen, of what quality"
equal '[1280,720,"display_watermark_aigc",false] [1920,1080,"",true] [640,360,"display_watermark_aigc",false]' \
	"$(chosen one 'variants[] | [.width, .height, .logo, .chosen] | tojson' | LC_ALL=C sort | xargs -d '\n')" \
	"  and all that was offered, with their marks"
equal original "$(jq -r '.assets[0].choice.quality' "$T/a/one_0.mp4.json")" "  the sidecar says so, too"
equal '1920x1080' "$(jq -r '.assets[0] | "\(.width)x\(.height)"' "$T/a/one_0.mp4.json")" "  and how large it is"
says_not 'http' "$T/a/one_0.mp4.json" "  without a link"
begin
is 0 "once it is here" dreamq get -q -o "$T/a" one
equal 0 "$(requests items)" "  it is not asked for again"

for i in $(seq 12); do film "many-$i"; done
film "picture" "[items=1]" image
begin
is 0 "twelve films and a picture" dreamq get -q -o "$T/a" $(seq -f 'many-%g' 12) picture
equal 1 "$(requests items)" "  take one request more"
equal 12 "$(in_ledger '[.[].assets[] | select(.choice.quality == "original")] | length - 1')" "  and all of them are originals"
equal null "$(chosen picture)" "  of the picture there was nothing to choose"
begin
is 0 "a query" dreamq query -q many-1
equal 0 "$(requests items)" "  asks for no original"
equal "" "$(violations)" "and nothing was asked in a way that the service would not like"

# --- when it can't be had -------------------------------------------------------------
refused() { # NAME LINE REQUESTS
	film "$1"
	begin
	script "$2"
	is 0 "with the original refused ($2)" dreamq get -o "$T/b" "$1"
	clear_script
	equal 122880 "$(size_of "$1")" "  the sample is stored"
	equal best-listed/original "$(chosen "$1")/$(chosen "$1" wanted)" "  and the ledger knows that it is one"
	equal 1 "$(warnings "$1")" "  one warning names the task"
	says "'$1'.*640x360, 122.9 kB" "$T/err" "  and what is taken"
	equal "$3" "$(requests items)" "  after $3 requests"
}
refused gone 'on=items : ret 3005' 1
refused risk 'on=items : ret 4013' 1
refused other 'on=items : item other' 1
refused empty 'on=items : item none' 1
refused blank 'on=items : item no-video' 1
refused login 'on=items : ret 1015' 3
refused trouble 'on=items : status 503' 3
refused page 'on=items : html' 3
refused garbage 'on=items : not-json' 3
refused huge 'on=items : big 100M' 3
refused later 'on=items : status 429 retry-after=3600' 1

film hiccup
script 'on=items times=2 : status 502'
is 0 "trouble that passes" dreamq get -q -o "$T/b" hiccup
clear_script
equal original "$(chosen hiccup)" "  does not cost the original"

for i in 1 2 3; do film "batch-$i"; done
script "on=items : omit $(curl -sf -H "Cookie: sessionid=tester" -H 'Content-Type: application/json' \
	-d '{"submit_ids":["batch-2"]}' "$DREAMQ_API_BASE/mweb/v1/get_history_by_ids" |
	jq -r '.data[].item_list[0].common_attr.id')"
is 0 "of three one is not answered" dreamq get -o "$T/b" batch-1 batch-2 batch-3
clear_script
equal "original best-listed original" "$(echo $(for i in 1 2 3; do chosen "batch-$i"; done))" "  which costs the others nothing"
equal 1 "$(grep -c warning "$T/err")" "  one warning"

film stall
script 'on=items : stall 60s'
SECONDS=0
is 4 "an answer that does not come" dreamq get -q --max-wait 2s -o "$T/b" stall
between 1 $SECONDS 10 "  holds nobody up beyond --max-wait"
clear_script
is 0 "and the next time" dreamq get -q -o "$T/b" stall
equal original "$(chosen stall)" "  it is the original"

# --- as the user likes it ----------------------------------------------------------------
film listed
begin
is 0 "--quality best-listed" dreamq get -q --quality best-listed -o "$T/c" listed
equal "best-listed 0" "$(chosen listed) $(requests items)" "  takes what the record lists, and asks for nothing"
film all '[sample] [all-definitions]'
is 0 "of a record that lists all" dreamq get -q --quality best-listed -o "$T/c" all
equal "best-listed 1920 4194304" "$(chosen all) $(chosen all width) $(size_of all)" "  it is the best of them"
film small '[sample] [all-definitions]'
is 0 "--quality smallest" dreamq get -q --quality smallest -o "$T/c" small
equal "smallest 640 122880" "$(chosen small) $(chosen small width) $(size_of small)" "  takes the smallest"
settings | sed 's/^requests-per-minute/quality = smallest\n&/' >"$T/small.ini"
film config '[sample] [all-definitions]'
is 0 "the config file says it, too" dreamq get -q --config "$T/small.ini" -o "$T/c" config
equal smallest "$(chosen config)" "  and is heard"
is 2 "a quality that there is not" dreamq get --quality best one
says "original, best-listed, smallest" "$T/err" "  is refused with those that there are"
is 0 "run takes it" dreamq run -q --kind video --quality best-listed -p 'x [sample] [seconds=1]' -o "$T/c" --submit-id ran
equal best-listed "$(chosen ran)" "  as get does"
dreamq submit -q --kind video -p 'x [sample] [seconds=1]' --submit-id watched >/dev/null
is 0 "watch brings originals" timeout 60 "$DREAMQ" watch -q --until-idle -o "$T/c"
equal original "$(chosen watched)" "  too"
dreamq submit -q --kind video -p 'x [sample] [seconds=1]' --submit-id refused >/dev/null
script 'on=items : ret 1015'
is 0 "and does not stop where it can't have one" timeout 60 "$DREAMQ" watch --until-idle -o "$T/c"
clear_script
equal "best-listed 1" "$(chosen refused) $(warnings refused)" "  of which it says so, once"
login past
is 0 "sync brings originals of films that were made elsewhere" dreamq sync -q --ledger "$T/past.db" -o "$T/past"
equal 3 "$(dreamq export -q --ledger "$T/past.db" | jq -s '[.[].assets[].choice | select(.quality == "original" and .size == 327680)] | length')" \
	"  all three of them"
login tester

# --- a better one, later ------------------------------------------------------------------
sum=$(sha256sum <"$T/b/gone_0.mp4")
begin
is 0 "a sample that is stored stays" dreamq get -q -o "$T/b" gone
equal "0 best-listed" "$(requests items) $(chosen gone)" "  and nobody asks"
is 0 "with --quality original" dreamq get -q --sidecar --quality original -o "$T/b" gone
equal "original 4194304" "$(chosen gone) $(size_of gone)" "  the original is fetched"
equal "true original $T/b/gone_0-2.mp4" \
	"$(jq -r '.assets[0] | "\(.stored) \(.choice.quality) \(.path)"' "$T/b/gone_0-2.mp4.json")" "  its sidecar says so"
equal "$sum" "$(sha256sum <"$T/b/gone_0.mp4")" "  beside the sample, which stays as it was"
begin
is 0 "once more" dreamq get -q --quality original -o "$T/b" gone
equal "0 0" "$(requests items) $(requests cdn)" "  nothing is asked, and nothing fetched"
script 'on=items : ret 3005'
is 0 "while it can't be had" dreamq get --quality original -o "$T/b" risk
clear_script
says "'risk'.*what is stored stays" "$T/err" "  what is stored stays"
equal "best-listed 122880" "$(chosen risk) $(size_of risk)" "  and is what it was"

rm "$T/a/one_0.mp4"
is 0 "an original that was removed" dreamq verify -q --repair -o "$T/a"
equal "original 4194304" "$(chosen one) $(size_of one)" "  is repaired as one"

# --- bytes of two are never joined --------------------------------------------------------
# half NAME: 2 MB of a sample of 3 MB are here, of which the ledger knows
half() {
	film "$1" '[sample=3M] [bytes=6M]'
	script 'on=items : ret 3005' 'on=cdn : slow 700k' "${2-}"
	dreamq get -q --max-wait 3s -o "$T/d" "$1" >/dev/null 2>&1
	clear_script
	equal 1 "$(temporaries "$T/d")" "a part of a sample is here"
}
whole() { # NAME
	local sum
	equal "6291456 original" "$(size_of "$1") $(chosen "$1")" "  the original is all original"
	rm -rf "$T/fresh"
	dreamq get -q --ledger "$T/fresh.db" -o "$T/fresh" "$1" >/dev/null
	sum=$(sha256sum <"$T/fresh/$1_0.mp4")
	equal "$sum" "$(sha256sum <"$(dreamq show --json "$1" | jq -r '.assets[0].path')")" "  to the byte"
	equal 0 "$(temporaries "$T/d")" "  and nothing is left of the sample"
}
half joined
is 0 "what comes then is the original" dreamq get -q -o "$T/d" joined
whole joined
half silent 'on=cdn : no-validators'
script 'on=cdn : no-validators'
is 0 "also of a server that tells nothing of its files" dreamq get -q -o "$T/d" silent
clear_script
whole silent

film dying '[sample] [bytes=8M]'
begin
script 'on=cdn : expire-after 3M'
is 0 "an original whose link dies again and again" dreamq get -q -o "$T/d" dying
clear_script
equal "8388608 original" "$(size_of dying) $(chosen dying)" "  is all original"
between 8388608 "$(jq -s '[.[] | select(.on == "cdn") | .bytes_sent] | add' "$T/requests.log")" 8700000 \
	"  and hardly a byte of it came twice"

film killed '[sample] [bytes=8M] [slow=2M]'
begin
"$DREAMQ" get -q -o "$T/d" killed >/dev/null 2>&1 &
killed=$!
sleep 3
kill -9 $killed
wait $killed 2>/dev/null
is 0 "killed in the middle of an original" dreamq get -q -o "$T/d" killed
equal "8388608 original" "$(size_of killed) $(chosen killed)" "  the next run goes on with it"
between 8388608 "$(jq -s '[.[] | select(.on == "cdn") | .bytes_sent] | add' "$T/requests.log")" 12000000 \
	"  from where it was"
done_testing
