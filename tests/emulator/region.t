#!/bin/bash
# region.t - clusters: what belongs to each, and what each says to the others' requests.
. "$(dirname "$0")/lib.sh"

# sign_for PATH [FORM]: the headers of a sign, in the array `signed`
sign_for() {
	local now text
	now=$(date +%s)
	case ${2:-11ac} in
	11ac) text="9e2c|${1: -7}|7|8.4.0|$now||11ac" ;;
	1e67) text="9e2c|$1|web|8.4.0|$now||1e67" ;;
	esac
	signed=(-H "sign: $(printf %s "$text" | md5sum | cut -d' ' -f1)" -H "device-time: $now" -H 'sign-ver: 1')
}

# ask_as ROW [CURL OPTION…]: a query as a client of this cluster sends it; ROW is JSON of the table
ask_as() {
	local site loc region aid
	site=$(jq -r .site <<<"$1") aid=$(jq -r .aid <<<"$1")
	region=$(jq -r .region <<<"$1") loc=$(jq -r '.loc // "vn"' <<<"$1")
	curl -s -m 20 -X POST "$api/mweb/v1/get_history_by_ids?aid=$aid&device_platform=web&region=$region" \
		-H 'Content-Type: application/json' -H 'accept: application/json, text/plain, */*' \
		-H "appid: $aid" -H 'appvr: 8.4.0' -H 'pf: 7' -H 'lan: en' -H "loc: $loc" \
		-H "origin: $site" -H "referer: $site/ai-tool/generate?type=image" \
		-H 'Cookie: sessionid=u1' -d '{"submit_ids":["x"]}' "${@:2}"
}

is 'no such region' "$("$emulator" --region MOON 2>err; echo $?) $(grep -c "'--region MOON': bad value" err)" '2 1'
start
curl -s "$api/_emulator/regions" >table
is 'the table' "$(jq -c '[.[].name]' table)" '["CN","US","US-ttp2","SG","SG-ttp2","JP","JP-ttp2","EU"]'
is 'its hosts' "$(jq -r '.[].api' table | sort -u | wc -l) $(jq -c '.[0] | [.api, .submit, .aid, .region, .loc, .sign]' table)" \
	'8 ["jimeng.jianying.com","dreamina-agent-operation.bytedance.net","513695","CN","cn",["11ac"]]'
is 'overseas there are two signs' "$(jq -c '[.[1:][] | [.aid, .loc, .sign]] | unique' table)" '[["513641",null,["11ac","1e67"]]]'
is 'without a region all are answered' "$(jq -c '.[]' table | while read -r row; do ask_as "$row" | jq -r .ret; done | xargs)" \
	'0 0 0 0 0 0 0 0'
sign_for /mweb/v1/get_history_by_ids 1e67
is 'with either sign' "$(ask_as "$(jq -c '.[0]' table)" "${signed[@]}" | jq -r .ret; last_log .cluster.sign)" $'0\n"1e67"'
is 'not with a wrong one' "$(ask_as "$(jq -c '.[0]' table)" -H 'sign: 00' | jq -r .ret; last_log '[.cluster.sign, .violations]')" \
	$'1014\n["wrong",["wrong sign"]]'
stop

for name in $(jq -r '.[].name' table); do
	row=$(jq -c --arg n "$name" '.[] | select(.name == $n)' table)
	host=$(jq -r .api <<<"$row")
	start --region "$name"
	is "$name: its own request" "$(ask_as "$row" -H "Host: $host" | jq -r .ret; last_log .violations)" $'0\n[]'
	is '  is logged as it says of itself' "$(last_log .cluster | jq -S -c 'del(.lan, .referer)')" \
		"$(jq -S -c '{Host: .api, aid, appid: .aid, loc: (.loc // "vn"), origin: .site, region, sign: null}' <<<"$row")"
	is '  on loopback, too' "$(ask_as "$row" | jq -r .ret)" 0
	# Two clusters of one region differ by their host alone.
	is '  another cluster: 1015' "$(jq -c --arg n "$name" '.[] | select(.name != $n)' table | while read -r other; do
		ask_as "$other" -H "Host: $(jq -r .api <<<"$other")" | jq -r .ret; done | sort | uniq -c | xargs)" '7 1015'
	stop
done

start --region JP
make '{"account":"u1","ids":["x"],"kind":"video","prompt":"waves","age_seconds":9999}'
is 'in Asia a video is linked in common_attr' "$(ask_as "$(jq -c '.[] | select(.name == "JP")' table)" |
	jq -c '.data.x.item_list[0] | [.video.transcoded_video, .common_attr.transcoded_video.origin.definition,
	.common_attr.transcoded_video.origin.size > 60000]')" '[null,"origin",true]'
sign_for /commerce/v1/benefits/user_credit
is 'and commerce tells milliseconds' "$(curl -s -X POST "$api/commerce/v1/benefits/user_credit" -H 'appvr: 8.4.0' \
	-H 'Content-Type: application/json' -H 'Cookie: sessionid=u1' -d '{}' "${signed[@]}" |
	jq -c '[.svr_time, (.systime | length), .data.credit.gift_credit]')" '[null,13,100000]'
stop

start --region SG
row=$(jq -c '.[] | select(.name == "SG")' table)
is 'a host alone' "$(ask_as "$row" -H 'Host: mweb-api-jp.capcut.com' | jq -c '[.ret, .errmsg]'; last_log .violations)" \
	$'["1015","login error"]\n["host \'mweb-api-jp.capcut.com\' is not of cluster SG"]'
is 'an aid alone' "$(ask_as "$(jq -c '.aid = "513695"' <<<"$row")" | jq -r .ret; last_log '.violations | length')" $'1015\n2'
is 'a region alone' "$(ask_as "$(jq -c '.region = "US"' <<<"$row")" | jq -r .ret; last_log .violations)" \
	$'1015\n["region \'US\' is not of cluster SG"]'
is 'its case does not matter' "$(ask_as "$(jq -c '.region = "sg"' <<<"$row")" | jq -r .ret)" 0
is 'another site is told, not refused' "$(ask_as "$(jq -c '.site = "https://jimeng.jianying.com"' <<<"$row")" | jq -r .ret
	last_log '.violations | length')" $'0\n2'
is 'a submit to another cluster' "$(curl -s -X POST "$api/dreamina/mcp/v1/image_generate" -H 'appid: 513695' \
	-H 'Content-Type: application/json' -H 'cookie: sessionid=u1' -d '{"prompt":"cat"}' | jq -r .ret; stats .accepted)" $'1015\n0'
sign_for /mweb/v1/get_history_by_ids 1e67
is 'the other sign' "$(ask_as "$row" "${signed[@]}" | jq -r .ret)" 0
stop

start --region CN
row=$(jq -c '.[0]' table)
is 'which CN does not know' "$(ask_as "$row" "${signed[@]}" | jq -r .ret; last_log .violations)" \
	$'1015\n["sign \'1e67\' is not of cluster CN"]'
# credit [CURL OPTION…]: ret of the credit request
credit() {
	curl -s -X POST "$api/commerce/v1/benefits/user_credit$query" -H 'Content-Type: application/json' -H 'appvr: 8.4.0' \
		-H 'Cookie: sessionid=u1' -d '{}' "$@" | jq -r .ret
}
query=
sign_for /commerce/v1/benefits/user_credit
is 'credit wants a sign' "$(credit; credit "${signed[@]}")" $'1014\n0'
is 'from the page for images' "$(credit "${signed[@]}" -H 'Referer: https://jimeng.jianying.com/ai-tool/image/generate'
	credit "${signed[@]}" -H 'Referer: https://jimeng.jianying.com/ai-tool/generate?type=image')" $'0\n1014'
is 'and says what was wrong' "$(last_log '.violations[-1]')" '"commerce with another referer"'
query='?aid=513695'
is 'no query' "$(credit "${signed[@]}"; last_log '.violations[-1]')" $'1014\n"commerce with a query"'
stop
is 'nothing on stderr' "$(cat err)" ''

done_testing
