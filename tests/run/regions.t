#!/bin/bash
# Where an account lives: each cluster is asked as its row of the table says, and what
# belongs to another one is told apart from a dead login as far as it can be.
. "$(dirname "$0")/lib.sh"
start_emulator
curl -sf "$DREAMQ_API_BASE/_emulator/regions" >"$T/table"
stop_emulator

# row NAME FILTER: of the emulator's table
row() { jq -r --arg n "$1" ".[] | select(.name == \$n) | $2" "$T/table"; }
# claims ON: what the last request of this kind said of its cluster
claims() { jq -sc "map(select(.on == \"$1\")) | last.cluster | [.aid, .appid, .region, .origin]" "$T/requests.log"; }

for name in $(jq -r '.[].name' "$T/table"); do
	: >"$T/requests.log"
	start_emulator --region "$name"
	region=${name,,}
	id=$(make_tasks "{\"account\":\"tester\",\"ids\":[\"at-$region\"],\"age_seconds\":600,\"prompt\":\"a cat [items=1]\"}")
	is 0 "$region: what was made there" dreamq --region "$region" get -q -o "$T/$region" "$id"
	complete "$T/$region" 1 "  is home"
	asked=$(claims query)
	equal "$(row "$name" '[.aid, .aid, .region, .site] | @json' | tr '[:upper:]' '[:lower:]')" "${asked,,}" "  asked for as the table says"
	is 0 "  its balance" dreamq --region "$region" auth status
	says "[0-9]" "$T/out" "  is told"
	equal "" "$(violations)" "  and nothing belongs elsewhere"
	other=sg
	[ "$region" != sg ] || other=jp
	if [ "$(row "$name" .aid)" != 513695 ]; then other=cn; fi
	is 3 "  by way of '$other'" env XDG_STATE_HOME="$T/elsewhere" "$DREAMQ" --region "$other" query "$id"
	says "login is dead.*another region than '$other' .--region" "$T/err" "  it is refused, and both causes are named"
	stop_emulator
done

# --- chosen by the profile ------------------------------------------------------------
start_emulator --region SG
cat >>"$XDG_CONFIG_HOME/dreamq/config.ini" <<-END
	[profile abroad]
	region = sg
END
id=$(make_tasks '{"account":"tester","ids":["by-profile"],"age_seconds":600,"prompt":"a cat [items=1]"}')
unset DREAMQ_COOKIE_FILE
printf '.capcut.com\tTRUE\t/\tTRUE\t0\tsessionid\ttester\n.jianying.com\tTRUE\t/\tTRUE\t0\tsessionid\tother\n' >"$T/cookies.txt"
is 0 "its login is taken from a browser's jar" dreamq --profile abroad auth import "$T/cookies.txt"
is 0 "and its tasks are asked for there" dreamq --profile abroad query "$id"
unset DREAMQ_SUBMIT_BASE
is 0 "a picture is submitted there as the web page does" dreamq --profile abroad submit -p "a cat"
equal '["/mweb/v1/aigc_draft/generate","513641","SG"]' \
	"$(jq -sc 'map(select(.on == "submit")) | last | [.path, .cluster.aid, .cluster.region]' "$T/requests.log")" "  to the cluster"
equal '[]' "$(jq -sc 'map(select(.on == "submit")) | last.violations' "$T/requests.log")" "  which takes it as its own"
is 2 "a video is not" dreamq --profile abroad submit --kind video -p "a cat"
says "make it on the site of region 'sg'" "$T/err" "  and that is said"
is 2 "nor is anything by way of the agent" dreamq --profile abroad submit --submit-via agent -p "a cat"
says "nobody knows how tasks are submitted by way of 'agent' in region 'sg'" "$T/err" "  as nobody knows how"
equal 1 "$(requests submit)" "  nothing is sent"
is 2 "a region that is not there" dreamq --region mars query "$id"
says "mars" "$T/err" "  is named, with those that are"
says "us-ttp2" "$T/err" "  (us-ttp2)"
done_testing
