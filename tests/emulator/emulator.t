#!/bin/bash
# emulator.t - the whole emulator over the wire.
. "$(dirname "$0")/lib.sh"

### Options and errors
is 'help exits 0' "$("$emulator" --help >out; echo $?)" 0
ok 'help names every option' grep -q -- '--link-life' out
is 'the manual page exits 0' "$("$emulator" --man >man; echo $?)" 0
is '  and has the options of the help' "$(sed -n 's/^\.B \(\\-\\-[^ ]*\).*/\1/p' man | tr -d '\\')" \
	"$(sed -n 's/^  \(--[^ ]*\).*/\1/p' out)"
ok 'version' "$emulator" --version
is 'an unknown option exits 2' "$("$emulator" --prot 1 2>err; echo $?)" 2
ok 'and names the nearest' grep -q "did you mean '--port'" err
is 'a bad value exits 2' "$("$emulator" --time-scale fast 2>err; echo $?)" 2
printf '# note\non=query : explode\n' >bad.script
for base in ftp://a.test http:// https:///x http://a.test/ 'http://a.test/?q'; do
	is "no base of links: $base" "$("$emulator" --cdn-base "$base" 2>err; echo $?)" 2
done
is 'a bad script exits 2' "$("$emulator" --script bad.script 2>err; echo $?)" 2
ok 'and names the line' grep -q "line 2: 'explode'" err
is 'a missing script exits 6' "$("$emulator" --script none 2>err; echo $?)" 6

### The main path
start --time-scale 100 --seed 7
ok 'it tells where it listens' grep -qx "listening on $api" out
is 'a used port exits 5' "$("$emulator" --port "$(cat port)" 2>err.port; echo $?)" 5
ok 'and names the port' grep -q "port $(cat port)" err.port
is 'submit' "$(submit i1 'cat [items=4][seconds=200]')" \
	'{"ret":"0","errmsg":"success","data":{"submit_id":"i1"}}'
ok 'the record is there at once' grep -Eqx '20|42|45' <(query i1 | jq -c '.data.i1.status')
is 'video queues' "$(submit v1 'film [queue=300]' video | jq -r .ret; query v1 |
	jq -c '.data.v1 | [.status, .queue_info.queue_status, .generate_type]')" $'0\n[20,1,10]'
seen=
for _ in $(seq 1000); do
	look=$(query i1 | jq -r '.data.i1 | "\(.status):\(.item_list | length)"')
	case "$seen" in *" $look") ;; *) seen="$seen $look" ;; esac
	[ "$look" = 50:4 ] && break
	sleep 0.01
done
ok "it ends with four items:$seen" [ "$look" = 50:4 ]
query i1 >i1.json
is 'history id answers, keyed by itself' \
	"$(h=$(jq -r .data.i1.history_record_id i1.json); ask "{\"history_ids\":[\"$h\"]}" |
		jq -r --arg h "$h" '.data[$h].submit_id')" i1
is 'a history id that is also asked as a submit id' \
	"$(h=$(jq -r .data.i1.history_record_id i1.json)
		ask "{\"submit_ids\":[\"$h\"],\"history_ids\":[\"$h\"]}" | jq -c '[.data[].submit_id]')" '["i1"]'
is 'an unknown id is absent' "$(query nobody | jq -c '[.ret, .data]')" '["0",{}]'
is 'another account does not see it' "$(account=u2 query i1 | jq -c .data)" '{}'
is 'a batch answers what it knows' \
	"$(ask '{"submit_ids":["i1","x","v1","i1"],"history_ids":null}' | jq -c '.data|keys')" '["i1","v1"]'
ok 'the record is as big as real ones' [ "$(wc -c <i1.json)" -gt 30000 ]
jq -c '.data[] | [paths | map(if type == "number" then 0 else . end)] | unique | .[]' \
	"$here/fixtures/history_success_image_web_full.json" | sort -u >wanted
query i1 | jq -c '.data[] | [paths | map(if type == "number" then 0 else . end)] | unique | .[]' |
	sort -u >got
is 'every field of the captured record is there' "$(comm -23 wanted got)" ''
is 'created_time is a float, ids are strings' \
	"$(jq -c '.data[] | [(.created_time | type), (.history_record_id | test("^[0-9]{14,16}$"))]' \
		i1.json)" '["number",true]'
is 'draft_content is JSON text' "$(jq -r '.data[].draft_content' i1.json | jq -r .type)" draft
sleep 0.5
is 'gzip is spoken' "$(query i1 -H 'Accept-Encoding: gzip' | gunzip | jq -r .ret)" 0
is 'logged without violation' "$(last_log '[.on, .status, .violations, .ids]')" \
	'["query",200,[],["i1"]]'

### The original skill's commands
is 'the old commands work' "$(curl -s -X POST "$api/mweb/v1/get_history_by_ids?$where" \
	-H 'Content-Type: application/json' -H 'pf: 3' -H 'appvr: 8.4.0' -H 'appid: 513695' \
	-H 'Cookie: sessionid=u1' -d '{"submit_ids":["i1"]}' | jq -r .data.i1.status)" 50
ok 'and missing headers are violations' \
	grep -q 'missing header lan' <(last_log .violations)
is 'the later commands too' "$(curl -s -X POST \
	"$api/mweb/v1/get_history_by_ids?aid=513695&device_platform=web&region=CN" \
	-H 'Content-Type: application/json' -H 'Pf: 7' -H 'Appvr: 8.4.0' -H 'appid: 513695' \
	-H 'Device-Time: 1771893831' -H 'Sign: 656c1e00cf94dfd5bcfaf031e32493e4' -H 'Sign-Ver: 1' \
	-H 'Cookie: sessionid=u1' -d '{"history_ids":["1"],"http_common_info":{"aid":513695}}' |
	jq -c '[.ret,.data]')" '["0",{}]'
is 'a wrong sign is refused' "$(query i1 -H 'sign: 00' | jq -r .ret)" 1014

### Strictness
is 'no cookie: 1015' "$(curl -s -X POST "$api/mweb/v1/get_history_by_ids?$where" \
	"${headers[@]}" -d '{"submit_ids":["i1"]}' | jq -r .ret)" 1015
is 'dead login: 1015' "$(account=expired query i1 | jq -c '[.ret,.errmsg]')" '["1015","login error"]'
is 'dead login at submit: 10002' "$(account=expired submit z cat | jq -r .ret)" 10002
is 'unknown key: 1000' "$(ask '{"historyIds":["1"]}' | jq -r .ret)" 1000
is 'broken body: 1000' "$(ask '{"submit_ids":["1"' | jq -r .ret)" 1000
is 'empty body: 2008' "$(ask '' | jq -r .ret)" 2008
is 'numbers as ids: 1000' "$(ask '{"history_ids":[1]}' | jq -r .ret)" 1000
is 'unknown path: 404' "$(status_of "$api/mweb/v1/nothing")" 404
is 'GET: 405' "$(status_of "$api/mweb/v1/get_history_by_ids")" 405
is 'a second submit is counted' "$(submit i1 cat | jq -r .ret; stats '[.accepted_ids.i1, .duplicate_submits]')" \
	$'0\n[2,1]'
is 'and is a violation' "$(last_log '[.accepted, .violations]')" '[true,["duplicate submit of i1"]]'
is 'submit without id makes one' "$(curl -s -X POST "$api/dreamina/mcp/v1/image_generate" \
	-H 'Content-Type: application/json' -H 'cookie: sessionid=u1' -d '{"prompt":"cat"}' |
	jq -r '.data.submit_id | length')" 36
is 'a bad ratio: 1000' "$(curl -s -X POST "$api/dreamina/mcp/v1/image_generate" \
	-H 'Content-Type: application/json' -H 'cookie: sessionid=u1' \
	-d '{"prompt":"cat","ratio":"5:1"}' | jq -r .ret)" 1000
is 'refused by the prompt' "$(submit r1 '[ret=1310]' | jq -r .ret; query r1 | jq -c .data)" $'1310\n{}'
is 'no data for 1018' "$(submit r2 '[ret=1018]' | jq -c '[.ret,.data]')" '["1018",null]'
is 'credit runs out' "$(for i in 1 2 3; do account=credits-2 submit "c$i" cat | jq -r .ret; done | xargs)" \
	'0 0 1006'
is 'credit is shown' "$(curl -s -X POST "$api/commerce/v1/benefits/user_credit" \
	-H 'Content-Type: application/json' -H 'Cookie: sessionid=credits-50' -d '{}' |
	jq -c '[.data.credit.gift_credit, (.response | fromjson).credit.gift_credit]')" '[50,50]'
is 'queue information' "$(h=$(jq -r .data.i1.history_record_id i1.json)
	curl -s -X POST "$api/mweb/v1/get_history_queue_info?$where" "${headers[@]}" \
	-H 'Cookie: sessionid=u1' -d "{\"history_ids\":[\"$h\"]}" |
	jq -c --arg h "$h" '.data[$h] | [.status, .queue_info.queue_status]')" '[0,3]'

### Prompt words
make '{"account":"u1","ids":["w-text"],"prompt":"[reject-text]","age_seconds":999}'
is 'text reject' "$(query w-text | jq -c '.data[] | [.status, .task.status, .fail_code, .fail_starling_key]')" \
	'[30,10,"2038","web_text_violates_community_guidelines_toast"]'
make '{"account":"u1","ids":["w-cancel"],"prompt":"[cancel]","age_seconds":999}'
is 'cancel' "$(query w-cancel | jq -c '.data[] | [.status, .task.status, .queue_info.queue_status, .fail_code]')" \
	'[30,30,3,null]'
make '{"account":"u1","ids":["w-one"],"prompt":"[items=4][one-missing]","age_seconds":999}'
is 'one missing' "$(query w-one | jq -c '.data[] | [.status, .finished_image_count, .total_image_count,
	(.failed_item_list | length)]')" '[50,3,4,1]'
make '{"account":"u1","ids":["w-none"],"prompt":"[items=1][no-assets]","age_seconds":999}'
is 'no assets' "$(query w-none | jq -c '.data[] | [.status, (.item_list[0].image.large_images)]')" '[50,[]]'
make '{"account":"u1","ids":["w-dup"],"prompt":"[items=4][duplicates]","age_seconds":999}'
is 'duplicates' "$(query w-dup | jq -c '[.data[].item_list[].image.large_images[0].image_uri] |
	[length, (unique | length)]')" '[6,4]'
make '{"account":"u1","ids":["w-hist"],"prompt":"[history-only]","age_seconds":999}'
is 'history only' "$(query w-hist | jq -c .data)" '{}'
make '{"account":"u1","count":1000,"prefix":"many","prompt":"a [items=4]","age_seconds":999}'
is 'a thousand tasks at once' "$(ask "$(jq -nc '{submit_ids: [range(50) | "many-\(.)"]}')" |
	jq -c '[.data[] | select(.status == 50)] | length')" 50

### What only the emulator knows
make '{"account":"fate","ids":["f-queue"],"prompt":"[items=4][seconds=100][queue=1200]"}'
make '{"account":"fate","ids":["f-film"],"kind":"video","prompt":"[queue=0][stuck]"}'
make '{"account":"fate","ids":["f-old"],"prompt":"[items=1][seconds=20]","age_seconds":999}'
fate() {
	curl -s "$api/_emulator/tasks?account=fate" | jq -c "[.[] | $1]"
}
is 'tasks of one account' "$(fate .submit_id)" '["f-queue","f-film","f-old"]'
is 'their first places' "$(fate .place)" '[1200,0,0]'
is 'how long they stand in the queue' "$(fate '.begins - .created | round')" '[100,0,0]'
is 'and are made' "$(fate '.ends and (.ends - .begins | round)')" '[true,false,true]'
is 'for so long' "$(fate 'select(.ends) | .ends - .begins | round')" '[100,20]'
is 'a film shows no items before its end' "$(fate 'select(.kind == "video") | .first_item')" '[null]'
is 'an image shows the first between' \
	"$(fate 'select(.first_item) | .begins < .first_item and .first_item < .ends' | jq -c unique)" '[true]'
is 'the record says the same of the end' "$(account=fate query f-old | jq '.data[].finish_time')" \
	"$(fate 'select(.submit_id == "f-old") | .ends | floor' | jq '.[]')"

### Media
url=$(image_url i1)
is 'an image is served' "$(status_of "$url")" 200
cp body whole.png
ok 'it is a PNG of the claimed size' grep -q '512 x 512' <(file whole.png)
ok 'images differ' [ "$(query i1 | jq -r '.data[].item_list[].image.large_images[0].image_url' |
	while read -r u; do curl -s "$u" | md5sum; done | sort -u | wc -l)" = 4 ]
for word in webp jpeg; do
	make "{\"account\":\"u1\",\"ids\":[\"m-$word\"],\"prompt\":\"[$word][size=300x200]\",\"age_seconds\":999}"
	curl -s -o "m.$word" "$(image_url "m-$word")"
done
ok 'WebP under a .png name' grep -q 'Web/P' <(file m.webp)
ok 'JPEG under a .png name' grep -q 'JPEG' <(file m.jpeg)
make '{"account":"u1","ids":["m-big"],"prompt":"[bytes=3M]","age_seconds":999}'
curl -s -o big.png "$(image_url m-big)"
is 'padded to the byte' "$(wc -c <big.png)" 3145728
make '{"account":"u1","ids":["m-film"],"kind":"video","prompt":"[bytes=2M]","age_seconds":9999}'
query m-film | jq -r '.data[].item_list[0].video.transcoded_video.origin | .video_url, .md5, .size' >film
curl -s -o film.mp4 "$(sed -n 1p film)"
is 'md5 and size of the video hold' "$(md5sum <film.mp4 | cut -d' ' -f1) $(wc -c <film.mp4)" \
	"$(sed -n 2p film) $(sed -n 3p film)"
make '{"account":"u1","ids":["m-bare"],"kind":"video","prompt":"[no-md5]","age_seconds":9999}'
is 'a video whose md5 nobody tells' \
	"$(query m-bare | jq -c '.data[].item_list[0].video.transcoded_video.origin | .md5, .size > 0')" \
	'""
true'
if command -v ffprobe >/dev/null && command -v ffmpeg >/dev/null; then
	is 'the video plays' "$(ffprobe -v error -show_entries stream=width,height -of csv=p=0 film.mp4)" 640,360
	for f in whole.png big.png m.webp m.jpeg film.mp4; do
		ok "$f decodes" ffmpeg -v error -xerror -i "$f" -f null -
	done
else
	for _ in 1 2 3 4 5 6; do skip 'media decode' 'no ffmpeg'; done
fi

### CDN manners
is 'a range' "$(status_of -r 10-19 "$url") $(wc -c <body)" '206 10'
ok 'of the right bytes' cmp body <(tail -c +11 whole.png | head -c 10)
is 'a suffix' "$(status_of -r -4 "$url") $(xxd -p body)" '206 ae426082'
is 'beyond the end' "$(status_of -r 99999999- "$url")" 416
etag=$(curl -sI "$url" | tr -d '\r' | sed -n 's/^ETag: //p')
is 'If-Range that holds' "$(status_of -r 0-0 -H "If-Range: $etag" "$url")" 206
is 'If-Range that does not' "$(status_of -r 0-0 -H 'If-Range: "x"' "$url")" 200
is 'HEAD tells the length' "$(curl -sI "$url" | tr -d '\r' | sed -n 's/^Content-Length: //p')" \
	"$(wc -c <whole.png)"
is 'an altered link: 403' "$(status_of "${url/x-expires=1/x-expires=2}")" 403
ok 'with the CDN headers' grep -qi 'byte-error-code: 00068' <(curl -sI "${url/x-expires=1/x-expires=2}")
is 'a cookie is served' "$(status_of -H 'Cookie: sessionid=u1' "$url")" 200
is 'and told on' "$(last_log .violations; stats .cookies_on_cdn)" $'["cookie sent to the CDN"]\n1'
ok 'every URL of an answer stays here' [ -z "$(query i1 | grep -o 'https*://[^/"]*' | grep -v "^$cdn$")" ]

### Faults: answers
faults 'on=query nth=2 : status 503 retry-after=2'
is 'the second is 503' "$(for _ in 1 2 3; do query i1 -o body -D head -w '%{http_code} '; cat head >>heads; done)" \
	'200 503 200 '
ok 'with Retry-After' grep -q '^Retry-After: 2' heads
faults 'on=query : ret 1014 msg="not now"'
is 'ret with a message' "$(query i1 | jq -c '[.ret,.errmsg]')" '["1014","not now"]'
faults 'on=query : html status=502'
is 'HTML with 502' "$(query i1 -w '%{http_code}' | tr -d '\r\n' | sed 's/<.*>//')" 502
faults 'on=query : empty'
is 'empty' "$(query i1 -w '%{http_code}')" 200
faults 'on=query : not-json'
ok 'not JSON' [ "$(query i1 | head -c 8)" = upstream ]
faults 'on=query : json "{\"ret\":0,\"data\":[]}"'
is 'any JSON' "$(query i1)" '{"ret":0,"data":[]}'
faults 'on=query : deep 300'
is 'deep' "$(query i1 | tr -cd '[{' | wc -c)" 301
faults 'on=query : big 3M'
is 'big' "$(query i1 | wc -c)" 3145728
faults 'on=query : cut-json 100'
is 'cut JSON' "$(query i1 | wc -c)" 100
faults 'on=query : duplicate-keys'
is 'duplicate keys' "$(query i1 | grep -o '"ret":"[0-9]' | wc -l)" 2
faults 'on=query : wrong-types'
is 'wrong types' "$(query i1 | jq -c '.data.i1 | [.status, .item_list]')" '["fifty",{}]'
faults 'on=query : wrong-types record'
is 'a record that is none' "$(query i1 | jq -c '.data.i1')" '"none"'
faults 'on=query : state 77'
is 'unknown state' "$(query i1 | jq -c '.data.i1 | [.status, .task.status]')" '[77,77]'
faults 'on=query : omit i*'
is 'omitted' "$(query i1 | jq -c .data)" '{}'
submit swap-a '[seconds=1]' >/dev/null
submit swap-b '[seconds=1]' >/dev/null
faults 'on=query : swap swap-*'
is 'two records are swapped' "$(ask '{"submit_ids":["swap-a","i1","swap-b"]}' |
	jq -c '.data | map_values(.submit_id)')" \
	'{"swap-a":"swap-b","i1":"i1","swap-b":"swap-a"}'
is '  and one alone is not' "$(query swap-a | jq -c '.data | map_values(.submit_id)')" '{"swap-a":"swap-a"}'
faults 'on=query id=swap-a : record-of i1'
is 'the record of another' "$(query swap-a | jq -c '.data | map_values(.submit_id)')" '{"swap-a":"i1"}'
is '  under this key only' "$(query swap-b | jq -c '.data | map_values(.submit_id)')" '{"swap-b":"swap-b"}'
faults 'on=query : interval 7'
is 'interval' "$(query i1 | jq '.data.i1.queue_info.polling_config.interval_seconds')" 7
faults 'on=query : interval 0'
is 'no advice' "$(query i1 | jq '.data.i1.queue_info.polling_config.interval_seconds')" 0
faults 'on=query : link http://10.0.0.1/x.png'
is 'another link' "$(image_url i1)" http://10.0.0.1/x.png
faults 'on=query : redirect http://127.0.0.1:1/x status=307'
is 'redirect' "$(query i1 -o body -w '%{http_code} %{redirect_url}')" '307 http://127.0.0.1:1/x'
faults 'on=query id=i1 within=300s : omit i*'
is 'omitted for a while' "$(query i1 | jq -c .data)" '{}'
for _ in $(seq 900); do [ "$(query i1 | jq -c .data)" = '{}' ] || break; done
is '  and then no more' "$(query i1 | jq -r '.data | keys[]')" i1
faults ''
submit late '[absent=300][seconds=1]' >/dev/null
is 'known late' "$(query late | jq -c .data)" '{}'
for _ in $(seq 900); do [ "$(query late | jq -c .data)" = '{}' ] || break; done
is '  but then it is' "$(query late | jq -r '.data | keys[]')" late
faults 'on=query : skew 1h'
ok 'skew' [ "$(($(query i1 | jq -r .systime) - $(stats '.now | floor')))" -gt 3500 ]

### Faults: the wire
faults 'on=query : reset'
is 'reset' "$(query i1; echo $?)" 56
faults 'on=query : reset after=1000'
is 'reset after bytes' "$(query i1 -o body; echo $? $(wc -c <body))" '56 1000'
faults 'on=query : truncate after=1000'
is 'truncated' "$(query i1 -o body; echo $? $(wc -c <body))" '18 1000'
faults 'on=query : length +10'
is 'length too large' "$(query i1 -o body; echo $?)" 18
faults 'on=query : length -10'
is 'length too small' "$(body='{"submit_ids":["i1"]}'; raw "$(printf '%s\r\n' \
	"POST /mweb/v1/get_history_by_ids?$where HTTP/1.1" 'Host: x' 'Cookie: sessionid=u1' \
	'Content-Type: application/json' "Content-Length: ${#body}" '' "$body")" >answer
	sed '1,/^\r$/d' answer >body
	echo $(($(wc -c <body) - $(tr -d '\r' <answer | sed -n 's/^Content-Length: //p'))))" 10
# Links die while a busy machine comes this far.
faults ''
url=$(image_url i1)
faults 'on=query : stall 60s'
is 'stall' "$(query i1 -m 0.5 -o body; echo $?)" 28
faults 'on=query : stall 60s after=500'
is 'stall after bytes' "$(query i1 -m 0.5 -o body; echo $? $(wc -c <body))" '28 500'
query i1 -m 20 >/dev/null &
stalled=$!
is 'a stall holds up nobody' "$(stats .stalls; status_of -m 5 "$url")" $'null\n200'
faults 'on=cdn : slow 4k'
began=$(date +%s%N)
curl -s -o body -r 0-4095 "$url"
ok 'slow' [ $(($(date +%s%N) - began)) -gt 800000000 ]
kill $stalled 2>/dev/null

### Faults: what no server sends
# raw: what one query is answered, and what comes behind it within a moment
raw() {
	local body='{"submit_ids":["i1"]}'

	exec 5<>"/dev/tcp/127.0.0.1/$(cat port)"
	printf 'POST /mweb/v1/get_history_by_ids HTTP/1.1\r\nHost: x\r\nCookie: sessionid=u1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
		${#body} "$body" >&5
	timeout 0.7 cat <&5 | tr -d '\r'
	exec 5>&-
}
faults 'on=query : switching'
is 'another protocol' "$(raw | head -n 1)" 'HTTP/1.1 101 Switching Protocols'
faults 'on=query : chunk-extension 20k'
ok 'a chunk with an extension' [ "$(raw | grep -aoE '^[0-9a-f]+;x+$' | wc -c)" -gt 20000 ]
is '  and the body behind it' "$(query i1 | jq -r .data.i1.submit_id)" i1
faults 'on=query : ahead'
is 'an answer ahead of the next request' "$(raw | grep -acE '^HTTP/1.1 200 OK|"data":\{\}\}')" 2
is '  which says that nothing is known' "$(raw | tail -n 1 | grep -o '"data":{}}$')" '"data":{}}'
faults 'on=query : ahead "{\"ret\":\"1015\"}"'
is '  or what it was told to' "$(raw | tail -c 14)" '{"ret":"1015"}'
faults ''

### Faults: submit and CDN
faults 'on=submit times=1 : accept-then reset'
is 'a lost answer' "$(submit lost cat; echo $?)" 56
is 'was accepted all the same' "$(stats '.accepted_ids.lost'; query lost | jq -c '.data|keys')" $'1\n["lost"]'
faults 'on=submit : reset'
is 'a lost request' "$(submit gone cat; echo $?; stats '.accepted_ids.gone')" $'56\nnull'
faults ''
url=$(image_url i1)
faults 'on=cdn uri=*0.png* times=1 : expire-after 100'
is 'a link that dies half-way' "$(curl -s -o body "$url"; echo $? $(wc -c <body)) $(status_of "$url")" '18 100 403'
is 'a new one goes on' "$(url=$(image_url i1); status_of -r 100- -H "If-Range: $etag" "$url")" 206
ok 'with the same bytes' cmp body <(tail -c +101 whole.png)
url=$(image_url i1)
faults 'on=cdn : no-range'
is 'ignored range' "$(status_of -r 3-5 "$url")" 200
faults 'on=cdn : bad-range'
ok 'wrong Content-Range' grep -q 'Content-Range: bytes 10-12/' <(curl -s -r 3-5 -o body -D - "$url")
faults 'on=cdn : no-validators'
is 'neither ETag nor Last-Modified' "$(curl -sI "$url" | grep -ciE '^(etag|last-modified):')" 0
is '  and If-Range is not minded' "$(status_of -r 3-5 -H 'If-Range: "another"' "$url")" 206
faults 'on=cdn times=1 : new-etag'
status_of "$url" >/dev/null
ok 'the object changed' [ "$(curl -sI "$url" | tr -d '\r' | sed -n 's/^ETag: //p')" != "$etag" ]
is 'so the old range is refused' "$(status_of -r 0-0 -H "If-Range: $etag" "$url")" 200
faults 'on=cdn : html'
is 'HTML as media' "$(status_of "$url") $(head -c 6 body)" '200 <html>'
faults 'on=cdn id=i1 : status 410'
is '410 for one task' "$(status_of "$url")" 410
is 'a bad line is refused whole' "$(curl -s -X POST "$api/_emulator/script" \
	--data-binary $'on=cdn : reset\nboom' | jq -r .error)" "line 2: 'boom': unknown matcher"

### Faults: a submit that is accepted before its answer is lost, in every way
# lost ID FAULT: what curl says of it, how often it was accepted, how often again
lost() {
	faults "on=submit : $2"
	submit "$1" 'a cat' >body
	echo "$?,$(stats ".accepted_ids[\"$1\"]")"
}
is 'accepted, then reset' "$(lost a-reset 'accept-then reset')" 56,1
is 'accepted, then reset within the answer' "$(lost a-mid 'accept-then reset after=20')" 56,1
is 'accepted, then 502' "$(lost a-502 'accept-then status 502') $(head -c 6 body)" '0,1 <html>'
is 'accepted, then HTML' "$(lost a-html 'accept-then html') $(head -c 6 body)" '0,1 <html>'
is 'accepted, then nothing' "$(lost a-empty 'accept-then empty') $(wc -c <body)" '0,1 0'
is 'accepted, then cut JSON' "$(lost a-cut 'accept-then cut-json') $(wc -c <body)" '0,1 29'
is 'accepted, then cut short' "$(lost a-short 'accept-then truncate')" 18,1
is 'accepted, then garbage' "$(lost a-junk 'accept-then json "{\"ret\":{}}"') $(cat body)" \
	'0,1 {"ret":{}}'
is 'accepted, then plain text' "$(lost a-text 'accept-then not-json') $(head -c 8 body)" \
	'0,1 upstream'
is 'accepted, then a refusal' "$(lost a-ret 'accept-then ret 1014') $(jq -r .ret body)" '0,1 1014'
is 'accepted, then a refusal that names it' "$(lost a-own 'accept-then ret 1310 names=own status=502')$(
	jq -c '[.ret, .data]' body) $(last_log .status)" '0,1["1310",{"submit_id":"a-own"}] 502'
is 'or another' "$(lost a-other 'accept-then ret 0 names=other') $(jq -r .data.submit_id body)" \
	'0,1 of-another-a-other'
is 'deep, or not, or by its price' "$(for n in task history charge none; do
	lost "a-$n" "accept-then ret 1015 names=$n"; jq -c .data body; done)" \
	'0,1
{"aigc_data":{"task":{"submit_id":"a-task"}}}
0,1
{"history_record_id":"25666395318786"}
0,1
{"commerce_info":{"credit_count":1}}
0,1
{}'
is 'names= takes known words only' "$(curl -s -X POST "$api/_emulator/script" \
	--data-binary 'on=submit : ret 1 names=x' | jq -r .error)" "line 1: 'names=x': bad value"
is 'accepted, then slow' "$(lost a-slow 'accept-then slow 200') $(jq -r .ret body)" 0,1\ 0
faults 'on=submit : accept-then stall 60s'
is 'accepted, then a stall' "$(patience=0.3 submit a-stall 'a cat'
	stats '.accepted_ids["a-stall"]')" 1
faults 'on=submit : stall 60s'
patience=0.3 submit a-unread 'a cat'
sleep 0.2
is 'a stall alone comes before' "$(stats '.accepted_ids["a-unread"]'; last_log '[.ids[0], .status]')" \
	$'null\n["a-unread",0]'
faults 'on=submit : stall 100ms'
is 'and who waits is accepted' "$(submit a-wait 'a cat' | jq -r .ret; stats '.accepted_ids["a-wait"]')" \
	$'0\n1'
is 'all of them once, and all are known' "$(curl -s -X DELETE "$api/_emulator/script" >/dev/null
	stats '[.accepted_ids | to_entries[] | select(.key | startswith("a-")) | .value] | unique'
	for id in reset mid 502 html empty cut short junk text ret own other task history charge none slow stall wait; do
		query "a-$id" | jq -r '.data | keys[]'; done | wc -l)" $'[1]\n19'

### Links that die again and again
make '{"account":"u1","ids":["m-dies"],"prompt":"[bytes=3M][items=1]","age_seconds":999}'
curl -s -o whole.big "$(image_url m-dies)"
died=$(stats .links_died)
faults 'on=cdn : expire-after 200k..800k'
: >log
curl -s -o part "$(image_url m-dies)"
first=$(wc -c <part)
ok 'a link lives for a while' [ "$first" -ge 204800 -a "$first" -le 819200 ]
for _ in $(seq 30); do
	[ "$(wc -c <part)" -lt 3145728 ] || break
	url=$(image_url m-dies)
	curl -s -r "$(wc -c <part)-$(($(wc -c <part) + 99999))" "$url" >>part # two requests,
	curl -s -r "$(wc -c <part)-" "$url" >>part # one life
done
ok 'the next goes on, to the end' cmp part whole.big
lives=$(jq -s '[.[] | select(.on == "cdn") | {link: "\(.path)?\(.query)", bytes: .bytes_sent}] |
	group_by(.link) | map(map(.bytes) | add)' log | jq -c '[length, min, max]')
links=$(echo "$lives" | jq '.[0]')
is 'as many died as were needed' "$(($(stats .links_died) - died))" $((links - 1))
ok "within the lives that were drawn: $lives" jq -e '.[2] <= 819200 and .[0] > 4' <<<"$lives"
ok 'not a byte twice' [ "$(jq -s '[.[] | select(.on == "cdn") | .bytes_sent] | add' log)" = 3145728 ]

### Accounts that die and come back, lines that come and go
set_account() { curl -s "$api/_emulator/accounts" -d "$1" | jq -c '[.state, .credits]'; }
account=u7
is 'an account' "$(set_account '{"account":"u7","credits":2}'; submit acc cat | jq -r .ret)" \
	$'["ok",2]\n0'
is 'that dies' "$(set_account '{"account":"u7","state":"expired"}'; query acc | jq -r .ret
	submit no cat | jq -r .ret)" $'["expired",1]\n1015\n10002'
is 'and says nothing at all' "$(set_account '{"account":"u7","state":"expired-empty"}'
	query acc -w '%{http_code}')" $'["expired-empty",1]\n200'
is 'comes back' "$(set_account '{"account":"u7","state":"ok"}'; query acc | jq -c '.data | keys')" \
	$'["ok",1]\n["acc"]'
is 'with what it had' "$(set_account '{"account":"u7","credits":0}'; submit no cat | jq -r .ret)" \
	$'["ok",0]\n1006'
is 'a state that is none is refused' "$(status_of "$api/_emulator/accounts" \
	-d '{"account":"u7","state":"dead"}')" 400
is 'even the dead one can be brought back' "$(set_account '{"account":"expired","state":"ok"}'
	account=expired query acc | jq -r .ret)" $'["ok",100000]\n0'
account=u1
faults $'on=query account=u7 : status 500\non=query account=u1 : status 501\non=cdn : status 502'
is 'one line is taken out' "$(curl -s -X DELETE "$api/_emulator/script" \
	--data-binary $' on=query account=u1 : status 501\n' | jq -c '[.[].line]')" \
	'["on=query account=u7 : status 500","on=cdn : status 502"]'
is 'and hits nobody any more' "$(query i1 | jq -r .ret; account=u7 query acc -o body -w '%{http_code}')" \
	$'0\n500'
is 'a line that is not there' "$(status_of -X DELETE "$api/_emulator/script" -d 'on=any : reset')" 400
# Late lines of requests that were given up may still come: only these four count.
is 'the log tells connections apart' "$(: >log; query i1-p >/dev/null; query i1-p >/dev/null
	curl -s "$url&p" -o body "$url&p" -o body
	jq -sc '[.[] | select(.ids == ["i1-p"] or ((.query // "") | endswith("&p"))) | .peer] |
		[length, (unique | length)]' log)" '[4,3]'

faults 'on=any : stall 60s'
query i1 -m 20 >/dev/null &
sleep 0.2
began=$(date +%s%N)
stop
is 'SIGTERM exits 0' "$stopped" 0
ok 'at once, stalls or not' [ $(($(date +%s%N) - began)) -lt 3000000000 ]
ok 'the log is JSON lines' jq -e 'select(.time and .headers)' log
is 'nothing on stderr' "$(cat err)" ''

### Expiry, script files, the same seed, real clock, TLS
echo 'on=credit : status 500' >a.script
start --link-life 2s --script a.script --seed 7
make '{"account":"u1","ids":["i1"],"prompt":"cat [items=4][seconds=30]","age_seconds":999}'
url=$(image_url i1)
is 'a young link' "$(status_of "$url")" 200
ok 'the same seed makes the same bytes' cmp body whole.png
sleep 2.2
is 'an old link' "$(status_of "$url")" 403
is 'faults from a file' "$(status_of -X POST "$api/commerce/v1/benefits/user_credit")" 500
stop
start --max-running 3 --max-running-videos 1 --time-scale 10
is 'as many as there is room for' "$(for i in 1 2; do submit "x$i" '[seconds=30]' | jq -r .ret; done
	submit v1 '[queue=1][seconds=100]' video | jq -r .ret
	submit x3 '[seconds=30]' | jq -c '[.ret, .data.fail_code, .errmsg[0:6]]')" \
	$'0\n0\n0\n["1310","1310","Exceed"]'
is 'the refusal is logged, and is no acceptance' "$(last_log '[.ret, .accepted]'; stats .accepted)" \
	$'[1310,null]\n3'
is 'another account has room of its own' "$(account=u2 submit x3 cat | jq -r .ret)" 0
for _ in $(seq 100); do
	[ "$(query x2 | jq .data.x2.status)" = 50 ] && break
	sleep 0.05
done
is 'who has ended makes room' "$(submit x3 '[seconds=30]' | jq -r .ret)" 0
is 'but not for a second video' "$(submit v2 '[seconds=5]' video | jq -r .ret)" 1310
port=$(cat port)
stop
start --time-scale 100 --port "$port"
is 'the same port again, at once' "$(cat port)" "$port"
stop
start --cdn-base https://files.test:8443/media
make '{"account":"u1","ids":["elsewhere"],"prompt":"cat [items=1]","age_seconds":60}'
ok 'links point to the base that was given' \
	test "$(image_url elsewhere | grep -o '^https://files.test:8443/media/tos-cn-i-')"
url=$(image_url elsewhere)
is 'and the CDN of its own serves them' "$(status_of "$cdn${url#https://files.test:8443/media}")" 200
stop
start --clock-skew -10m
make '{"account":"u1","ids":["i1"],"age_seconds":999}'
ok 'a clock that is behind' [ "$(stats "(.now - $(date +%s) + 600) | fabs < 3")" = true ]
url=$(image_url i1)
is 'and the links with it' "$(status_of "$url") $(($(sed 's/.*x-expires=//; s/&.*//' <<<"$url") % 3600))" '200 0'
stop
start --time-scale 100 --clock real
submit i1 '[seconds=50]' >/dev/null
ok 'the real clock stays true' [ "$(stats "(.now - $(date +%s)) | fabs < 3")" = true ]
sleep 0.7
is 'while tasks are fast' "$(query i1 | jq .data.i1.status)" 50
stop
start --tls --cert-file cert.pem
export CURL_CA_BUNDLE=$dir/cert.pem
make '{"account":"u1","ids":["i1"],"age_seconds":999}'
is 'TLS' "$(status_of "$(image_url i1)")" 200
is 'also as localhost' "$(status_of "${api/127.0.0.1/localhost}/_emulator/stats")" 200
faults 'on=query : reset after=100'
is 'resets under TLS' "$(query i1 -o body; echo $?)" 56
stop
is 'exit 0 again' "$stopped" 0

done_testing
