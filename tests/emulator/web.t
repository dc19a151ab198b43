#!/bin/bash
# web.t - submits as the web page makes them, and taking them back.
. "$(dirname "$0")/lib.sh"

# sign_for PATH: the headers of a sign, in the array `signed`
sign_for() {
	local now
	now=$(date +%s)
	signed=(-H "sign: $(printf '9e2c|%s|7|8.4.0|%s||11ac' "${1: -7}" "$now" | md5sum | cut -d' ' -f1)"
		-H "device-time: $now" -H 'sign-ver: 1')
}

# draft PROMPT [ABILITIES [COMPONENT]]: the text of a draft; JSON that goes into these two
draft() {
	local more=${2:-} beside=${3:-}

	jq -nc --arg prompt "$1" --argjson more "${more:-{\}}" --argjson beside "${beside:-{\}}" '{type: "draft",
		main_component_id: "c1", component_list: [{type: "image_base_component", id: "c1",
		aigc_mode: "workbench", generate_type: "generate", abilities: ({type: "", generate: {type: "",
		core_param: {type: "", model: "high_aes_general_v40", prompt: $prompt, seed: 7, image_ratio: 1,
		large_image_info: {height: 1440, width: 2560, resolution_type: "2k"}}}} + $more)} + $beside]}'
}

film() {
	jq -nc --arg prompt "$1" '{type: "draft", component_list: [{type: "video_base_component", abilities:
		{gen_video: {text_to_video_params: {video_gen_inputs: [{prompt: $prompt, duration_ms: 5000}],
		model_req_key: "dreamina_seedance_40"}}}}]}'
}

# web ID DRAFT [CURL OPTION…]
web() {
	jq -nc --arg id "$1" --arg draft "$2" '{extend: {root_model: "high_aes_general_v40", workspace_id: 0},
		submit_id: $id, metrics_extra: "{}", draft_content: $draft, http_common_info: {aid: 513695}}' |
		curl -s -m "${patience:-20}" -X POST "$api/mweb/v1/aigc_draft/generate?$where${marks:-}" "${headers[@]}" \
			"${signed[@]}" -H "Cookie: sessionid=${account:-u1}" --data-binary @- "${@:3}"
}

credits() {
	curl -s "$api/_emulator/accounts" -d "{\"account\":\"${account:-u1}\"}" | jq .credits
}

cancel() {
	curl -s -X POST "$api/mweb/v1/aigc_draft/cancel_generate" -H 'Content-Type: application/json' \
		-H "Cookie: sessionid=${account:-u1}" -d "$1"
}

history_of() {
	query "$1" | jq -r '.data[].history_record_id'
}

start --time-scale 100 --seed 4
sign_for /mweb/v1/aigc_draft/generate
web w1 "$(draft '一只猫 [seconds=60]')" >body
is 'a submit answers a whole record' "$(jq -c '[.ret, .data.aigc_data.submit_id, .data.aigc_data.task.submit_id,
	.data.aigc_data.status, .data.aigc_data.item_list, .data.fail_code]' body)" '["0","w1","w1",20,[],""]'
is 'with its history id' "$(jq -r .data.aigc_data.history_record_id body)" "$(history_of w1)"
is 'with the fields of the captured one' "$(jq -c '.data.aigc_data | keys' body | jq -c '[.[] | select(IN("generate_type",
	"created_time", "draft_content", "queue_info", "forecast_generate_cost", "metrics_extra", "uid"))] | length')" 7
is 'logged as a submit, without violation' "$(last_log '[.on, .path, .violations]')" \
	'["query","/mweb/v1/get_history_by_ids",[]]'
is '  of its own' "$(jq -c 'select(.on == "submit") | [.path, .accepted, .ids, .violations]' log | tail -n 1)" \
	'["/mweb/v1/aigc_draft/generate",true,["w1"],[]]'
is 'four images, and four credits' "$(credits)" 99996
for _ in $(seq 200); do [ "$(query w1 | jq .data.w1.status)" = 50 ] && break; sleep 0.05; done
is 'which come' "$(query w1 | jq -c '.data.w1 | [.status, .total_image_count, (.item_list | length),
	.item_list[0].image.large_images[0].width, .item_list[0].image.large_images[0].height]')" '[50,4,4,512,288]'
is 'a number under abilities counts' "$(web w2 "$(draft cat '{"gen_option":{"gen_count":1}}')" | jq -r .ret; credits
	curl -s "$api/_emulator/tasks?account=u1" | jq '.[] | select(.submit_id == "w2") | .total')" $'0\n99995\n1'
is 'by its other name, too' "$(web w3 "$(draft cat '{"gen_option":{"generate_num":2}}')" | jq -r .ret; credits)" $'0\n99993'
is 'beside them it does not' "$(web w4 "$(draft cat '' '{"gen_option":{"gen_count":1}}')" | jq -r .ret; credits)" $'0\n99989'

### What is refused
is 'no sign: 3018' "$(signed=(); web x1 "$(draft cat)" | jq -c '[.ret, .data.fail_code, .data.aigc_data]'; last_log .violations)" \
	$'["3018","1017",null]\n["web submit without a sign"]'
is 'a wrong one: 1014' "$(signed=(-H 'sign: 00'); web x1 "$(draft cat)" | jq -r .ret)" 1014
is 'a stale appvr: 3018' "$(now=$(date +%s); headers=("${headers[@]/appvr: 8.4.0/appvr: 5.8.0}")
	signed=(-H "sign: $(printf '9e2c|enerate|7|5.8.0|%s||11ac' "$now" | md5sum | cut -d' ' -f1)" -H "device-time: $now")
	web x1 "$(draft cat)" | jq -r .ret)" 3018
is 'no draft, or none that is one: 1000' "$(for d in '' '{}' 'x' '{"component_list":[{"type":"image_base_component"}]}'; do
	web x1 "$d" | jq -r .ret; done | xargs)" '1000 1000 1000 1000'
is 'an id that is none: 1000' "$(web 'x y' "$(draft cat)" | jq -r .ret)" 1000
is 'no body: 2008' "$(curl -s -X POST "$api/mweb/v1/aigc_draft/generate?$where" "${headers[@]}" "${signed[@]}" \
	-H 'Cookie: sessionid=u1' -d '' | jq -r .ret)" 2008
is 'dead login: 1015' "$(account=expired web x1 "$(draft cat)" | jq -r .ret)" 1015
is 'no credit for four: 1006' "$(account=credits-3 web x1 "$(draft cat)" | jq -c '[.ret, .data.fail_starling_key]'
	account=credits-3 web x1 "$(draft cat '{"gen_option":{"gen_count":3}}')" | jq -r .ret)" \
	$'["1006","web_dre_m10n_generate_popup_credit_ininsufficient_title"]\n0'
is 'risk control, by a word' "$(web x2 "$(draft 'cat [ret=4013]')" | jq -c '[.ret, .data.fail_code, .data.fail_starling_key]')" \
	'["4013","4013","web_risk_control_message_reject_generation"]'
faults 'on=submit uri=*aigc_draft* : ret -6'
is 'the shark, whose text says something else' "$(web x3 "$(draft cat)" | jq -c '[.ret, .errmsg, .data.fail_code,
	.data.fail_starling_message]'; submit seed cat | jq -r .ret)" $'["-6","shark not pass reject","4013","生成的图片未通过审核"]\n0'
faults ''
is 'none of these was accepted' "$(stats '[.accepted_ids | keys[] | select(startswith("x"))]')" '["x1"]'
is 'a film wants the marks of a browser' "$(web f1 "$(film wave)" | jq -r .ret
	marks='&msToken=a&a_bogus=b' web f1 "$(film 'wave [queue=30000]')" | jq -c '[.ret, .data.aigc_data.generate_type]')" \
	$'4013\n["0",10]'
is 'a second submit of one id' "$(web w4 "$(draft cat)" | jq -r .ret; last_log .violations; stats .accepted_ids.w4)" \
	$'0\n["duplicate submit of w4"]\n2'

### Accepted, and the answer is lost, in every way
lost() {
	faults "on=submit : $2"
	web "$1" "$(draft cat)" >body
	echo "$?,$(stats ".accepted_ids[\"$1\"]")"
}
is 'a reset' "$(lost a-reset 'accept-then reset')" 56,1
is 'a reset within the answer' "$(lost a-mid 'accept-then reset after=200')" 56,1
is '502' "$(lost a-502 'accept-then status 502') $(head -c 6 body)" '0,1 <html>'
is 'HTML' "$(lost a-html 'accept-then html') $(head -c 6 body)" '0,1 <html>'
is 'nothing' "$(lost a-empty 'accept-then empty') $(wc -c <body)" '0,1 0'
is 'cut JSON' "$(lost a-cut 'accept-then cut-json 300') $(wc -c <body)" '0,1 300'
is 'cut short' "$(lost a-short 'accept-then truncate')" 18,1
is 'garbage' "$(lost a-junk 'accept-then json "{\"ret\":{}}"') $(cat body)" '0,1 {"ret":{}}'
is 'plain text' "$(lost a-text 'accept-then not-json') $(head -c 8 body)" '0,1 upstream'
is 'a refusal' "$(lost a-ret 'accept-then ret 1014') $(jq -r .ret body)" '0,1 1014'
is 'a refusal that names it' "$(lost a-own 'accept-then ret 1310 names=own') $(jq -r .data.submit_id body)" '0,1 a-own'
is 'a refusal that names another' "$(lost a-other 'accept-then ret 0 names=other') $(jq -r .data.submit_id body)" '0,1 of-another-a-other'
faults 'on=submit : accept-then stall 60s'
is 'a stall' "$(patience=0.5 web a-stall "$(draft cat)"; stats '.accepted_ids["a-stall"]')" 1
faults 'on=submit : reset'
is 'and a reset alone is before' "$(web a-gone "$(draft cat)"; echo $?; stats '.accepted_ids["a-gone"]')" $'56\nnull'
faults ''
is 'all of them once' "$(stats '[.accepted_ids | to_entries[] | select(.key | startswith("a-")) | .value] | [length, unique]')" '[13,[1]]'
stop

### Taking back
start --seed 4
marks='&msToken=a&a_bogus=b'
sign_for /mweb/v1/aigc_draft/generate
web f1 "$(film 'wave [queue=30000]')" >/dev/null
web f2 "$(film 'wave [queue=0]')" >/dev/null
web p1 "$(draft cat '{"gen_option":{"gen_count":1}}')" >/dev/null
is 'what was charged' "$(credits)" 99979
is 'a film that queues' "$(cancel "{\"history_id\":\"$(history_of f1)\"}" | jq -c '[.ret, .data]'; last_log '[.on, .ids, .violations]' |
	sed "s/$(history_of f1)/H/")" $'["0",{}]\n["cancel",["H"],[]]'
is 'is cancelled' "$(query f1 | jq -c '.data[] | [.status, .task.status, .queue_info.queue_status, .fail_code,
	.fail_starling_key, .finish_time > 0]')" '[30,30,3,null,"",true]'
is 'and its credits are back' "$(credits)" 99989
is 'not twice' "$(cancel "{\"history_id\":\"$(history_of f1)\"}" | jq -r .ret; credits)" $'1000\n99989'
is 'a film that is made, an image, an unknown one: 1000' "$(for h in "$(history_of f2)" "$(history_of p1)" 77; do
	cancel "{\"history_id\":\"$h\"}" | jq -r .ret; done | xargs)" '1000 1000 1000'
is 'that of another account' "$(web f3 "$(film 'wave [queue=30000]')" >/dev/null
	h=$(history_of f3); account=u2 cancel "{\"history_id\":\"$h\"}" | jq -r .ret; query f3 | jq .data.f3.status)" $'1000\n20'
is 'no id, no body' "$(cancel '{"history_id":7}' | jq -r .ret; cancel '' | jq -r .ret)" $'1000\n2008'
faults 'on=cancel times=1 : accept-then reset'
is 'cancelled, and the answer is lost' "$(cancel "{\"history_id\":\"$(history_of f3)\"}"; echo $?; query f3 | jq .data.f3.status)" $'56\n30'
stop
is 'nothing on stderr' "$(cat err)" ''

done_testing
