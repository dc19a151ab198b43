#!/bin/bash
# The three curl commands of the original skill, as documented but for the host, work on
# the emulator: submit, query with the documented headers, download.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 100
cd "$T" || exit 1
api=$DREAMQ_API_BASE

is 0 "submit" curl -sf -X POST "$api/dreamina/mcp/v1/image_generate" \
	-H 'Content-Type: application/json' -H 'cookie: sessionid=tester' \
	-d '{"generate_type":"text2imageV2","agent_scene":"creation_agent_v40","prompt":"一只可爱的小猫 [items=4] [seconds=1]","ratio":"1:1","model_key":"high_aes_general_v40","subject_id":"default","submit_id":"6f2d3b1c-9a51-4e2e-8f43-0b6f2d9d1a77"}'
equal '"0" 6f2d3b1c-9a51-4e2e-8f43-0b6f2d9d1a77' "$(jq -r '"\(.ret | @json) \(.data.submit_id)"' out)" \
	"  is accepted under our id"
id=$(jq -r .data.submit_id out)
sleep 0.3

is 0 "query" curl -sf -X POST "$api/mweb/v1/get_history_by_ids?aid=513695&device_platform=web&region=cn" \
	-H 'Content-Type: application/json' \
	-H 'accept: application/json, text/plain, */*' \
	-H 'appid: 513695' \
	-H 'appvr: 8.4.0' \
	-H 'pf: 3' \
	-H 'lan: zh-Hans' \
	-H 'loc: cn' \
	-H 'origin: https://jimeng.jianying.com' \
	-H 'referer: https://jimeng.jianying.com/ai-tool/generate?type=image' \
	-H 'Cookie: sessionid=tester' \
	-d "{\"submit_ids\":[\"$id\"]}"
equal "0 50 4" "$(jq -r --arg id "$id" '"\(.ret) \(.data[$id].status) \(.data[$id].item_list | length)"' out)" \
	"  shows four pictures under the id that was asked for"
equal "$id" "$(jq -r --arg id "$id" '.data[$id].submit_id' out)" "  and repeats it"
jq -r --arg id "$id" '.data[$id].item_list[].image.large_images[0].image_url' out >links
history=$(jq -r --arg id "$id" '.data[$id].history_record_id' out)

number=0
while read -r link; do
	is 0 "download" curl -sf -o "$number.png" "$link"
	number=$((number + 1))
done <links
equal 4 "$(file ./*.png | grep -c 'PNG image data')" "four PNG files are here"
equal "" "$(violations)" "the emulator has nothing to complain of"

# The older ways of asking, for the same answer.
for variant in 'region=CN|{"history_ids":["HISTORY"],"http_common_info":{"aid":513695}}' \
	'x=y|{"submit_ids":["ID"],"need_batch":true,"history_ids":[]}' \
	'from=dreamina_cli|{"submit_ids":["ID"],"history_ids":null,"need_batch":false}'; do
	body=${variant#*|}
	body=${body/HISTORY/$history}
	curl -sf "$api/mweb/v1/get_history_by_ids?aid=513695&${variant%%|*}" -H 'Content-Type: application/json' \
		-H 'Cookie: sessionid=tester' -d "${body/ID/$id}" >other
	equal "0 50 4" "$(jq -r '"\(.ret) \(.data[].status) \(.data[].item_list | length)"' other)" "asked with ${variant%%|*}"
done
is 0 "dreamq takes over where curl began" dreamq get -q -o taken "$id"
for n in 0 1 2 3; do cmp -s "$n.png" "taken/${id}_$n.png" || echo "$n differs"; done >out
equal "" "$(cat out)" "with the same bytes"
done_testing
