#!/bin/bash
# credit.t - what an account has, what tasks cost, and how that is told.
. "$(dirname "$0")/lib.sh"

# benefits PATH BODY
benefits() {
	curl -s -m 20 -X POST "$api/commerce/v1/benefits/$1" -H 'Content-Type: application/json' \
		-H "Cookie: sessionid=${account:-u1}" -d "$2"
}
credit() { benefits user_credit '{}' | jq -c ".data | ${1:-.credit}"; }
entries() { benefits user_credit_history "{\"count\":${2:-100},\"cursor\":\"${3:-0}\"}" | jq -c "${1:-.data}"; }
set_account() { curl -s "$api/_emulator/accounts" -d "$1" | jq -c '[.credits, .gift, .vip, .purchase]'; }

is 'a switch that is none' "$("$emulator" --failed-credits maybe 2>err; echo $?)" 2

start --time-scale 100 --seed 6
is 'gifts at first' "$(credit)" '{"vip_credit":0,"gift_credit":100000,"purchase_credit":0}'
is 'as a text, too' "$(benefits user_credit '{}' | jq -c '(.response | fromjson) == .data')" true
is 'gifts expire today' "$(credit '[.expiring_credits[0].credit_amount, (.expiring_credits[0].expire_time + 1) % 86400]')" '[100000,0]'
is 'no history yet' "$(entries)" '{"total_credit":100000,"records":[],"has_more":false,"new_cursor":"0"}'

### Purses
is 'three purses' "$(set_account '{"account":"u1","gift":3,"vip":4,"purchase":10}')" '[17,3,4,10]'
is 'each with its details' "$(credit '.credits_detail | map_values(.[0].residual_credits)')" \
	'{"vip_credits":4,"gift_credits":3,"purchase_credits":10}'
submit c1 cat >/dev/null
is 'an image costs one, of what expires first' "$(credit '.credit | [.gift_credit, .vip_credit, .purchase_credit]')" '[2,4,10]'
submit c2 'wave [queue=30000]' video >/dev/null
is 'a video ten, of all purses' "$(credit '.credit | [.gift_credit, .vip_credit, .purchase_credit]')" '[0,0,6]'
is 'the record says so' "$(query c1 | jq -c '.data.c1.commerce_info | [.credit_count, .triplets[0].resource_id]'
	query c2 | jq -c '.data.c2.commerce_info | [.credit_count, .triplets[0].resource_id]')" \
	$'[1,"generate_img"]\n[10,"generate_video"]'
submit c3 'cat [items=1][seconds=1]' >/dev/null
for _ in $(seq 100); do [ "$(query c3 | jq .data.c3.status)" = 50 ] && break; sleep 0.05; done
is 'and the item of one' "$(query c3 | jq -c '.data.c3.item_list[0].extra.credits_consume')" 1
make '{"account":"u1","ids":["free"],"prompt":"cat","age_seconds":999}'
is 'what was free does not' "$(query free | jq -c '.data.free | [has("commerce_info"), (.item_list[0].extra | has("credits_consume"))]')" '[false,false]'
is 'the history of it' "$(entries '.data | [.total_credit, (.records | map([.amount, .history_type, .title, .submit_id, .status]))]')" \
	'[5,[[1,2,"图片生成","c3","Checked"],[10,2,"视频生成","c2","Checked"],[1,2,"图片生成","c1","Checked"]]]'
is 'with the history id' "$(entries .data.records[1].history_id)" "\"$(query c2 | jq -r .data.c2.history_record_id)\""
submit ghost '[phantom]' >/dev/null
is 'a phantom costs nothing, and does not queue' "$(query ghost | jq -c '.data.ghost | [.status, has("queue_info"), has("commerce_info")]'
	credit .credit.purchase_credit)" $'[20,false,false]\n5'
is 'not enough: 1006, and nothing is taken' "$(submit c4 wave video | jq -c '[.ret, .data.fail_code]'; credit '.credit.purchase_credit'
	query c4 | jq -c .data)" $'["1006","1006"]\n5\n{}'
is 'accepted again, charged again' "$(submit c3 cat | jq -r .ret; credit '.credit.purchase_credit'
	query c3 | jq .data.c3.commerce_info.credit_count)" $'0\n4\n2'
is 'a purchase' "$(set_account '{"account":"u1","top_up":20}'; entries '.data.records[0] | [.amount, .history_type, .title]')" \
	$'[24,0,0,24]\n[20,1,"积分充值"]'
is 'all of them, as before' "$(set_account '{"account":"u1","credits":7}')" '[7,7,0,0]'
is 'no number: 400' "$(status_of "$api/_emulator/accounts" -d '{"account":"u1","vip":"x"}') $(
	status_of "$api/_emulator/accounts" -d '{"account":"u1","top_up":-1}')" '400 400'

### Thirty of fifty
account=credits-30
is 'thirty of fifty are accepted' "$(for i in $(seq 50); do submit "b$i" cat | jq -r .ret; done | sort | uniq -c | xargs)" '30 0 20 1006'
is 'a script lets it buy more' "$(curl -s "$api/_emulator/script" -d 'on=query account=credits-30 times=1 : top-up 15' >/dev/null
	query b1 >/dev/null; query b1 >/dev/null; credit '.credit.purchase_credit')" 15
is 'for fifteen more' "$(for i in $(seq 31 50); do submit "b$i" cat | jq -r .ret; done | sort | uniq -c | xargs)" '15 0 5 1006'

### Pages
walk() {
	local cursor=0 page

	for _ in $(seq 30); do
		page=$(entries .data "$1" "$cursor")
		jq -r '.records[].submit_id' <<<"$page"
		[ "$(jq .has_more <<<"$page")" = true ] || return 0
		cursor=$(jq -r .new_cursor <<<"$page")
	done
	echo endless
}
is 'all pages of the history' "$(walk 7 | wc -l) $(walk 7 | cmp - <(walk 100) && echo same)" '46 same'
is 'twenty, without a count' "$(benefits user_credit_history '{}' | jq -c '.data | [(.records | length), .has_more, .new_cursor]')" '[20,true,"20"]'
is 'what came alone' "$(benefits user_credit_history '{"count":50,"cursor":"0","history_type":1}' | jq -c '[.data.records[].amount]')" '[15]'
is 'of another type: 1000; no body: 2008' "$(for b in '{"count":"x"}' '{"cursor":"x"}' '{"count":0}' ''; do
	benefits user_credit_history "$b" | jq -r .ret; done | xargs)" '1000 1000 1000 2008'
is 'a dead login' "$(account=expired entries .ret)" '"1015"'
is 'logged' "$(entries >/dev/null; last_log '[.on, .violations]'; stats '.credit_history > 10')" $'["credit-history",[]]\ntrue'
is 'a script finds it' "$(curl -s "$api/_emulator/script" -d 'on=credit-history : ret 1014' >/dev/null; entries .ret; credit .credit.vip_credit)" $'"1014"\n0'
faults ''
account=u3
is 'a failure keeps its credits' "$(submit bad '[fail][seconds=1]' | jq -r .ret; sleep 0.3; query bad | jq -c '.data.bad | [.status, .commerce_info.credit_count]'
	credit .credit.gift_credit)" $'0\n[30,1]\n99999'
stop
is 'nothing on stderr' "$(cat err)" ''

start --failed-credits returned --time-scale 100
submit bad '[fail][seconds=1]' >/dev/null
submit good '[seconds=1][items=1]' >/dev/null
submit half '[fail-with-items][items=2][seconds=1]' >/dev/null
sleep 0.3
is 'or gives them back, once' "$(credit .credit.gift_credit; credit .credit.gift_credit
	entries '.data.records | map([.history_type, .submit_id]) | sort')" \
	$'99998\n99998\n[[1,"bad"],[2,"bad"],[2,"good"],[2,"half"]]'
stop
start --account-records account=u3,images=6,videos=4
is 'the past has cost, too, and nothing is missing' "$(entries '.data | [.total_credit, (.records | map(.amount) | add)]'
	curl -s "$api/mweb/v1/get_history?$where" "${headers[@]}" -H 'Cookie: sessionid=u3' -d '{"count":50}' |
	jq -c '[.data.records_list[].commerce_info.credit_count] | add')" $'[100000,46]\n46'
stop

done_testing
