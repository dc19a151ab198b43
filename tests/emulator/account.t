#!/bin/bash
# account.t - an account with a past: its lists, their pages, and what goes wrong with them.
. "$(dirname "$0")/lib.sh"

# list OFFSET COUNT [CURL OPTION…]: a page of get_history as the site asks for it
list() {
	curl -s -m 20 -X POST "$api/mweb/v1/get_history?$where" "${headers[@]}" \
		-H "Cookie: sessionid=${account:-test}" "${@:3}" -d "{\"count\":$2,\"offset\":$1,
		\"history_type_list\":[1,2,4,3,5,6,7,8,10],\"mode\":\"workbench\",
		\"history_option\":{},\"image_info\":{\"width\":2048,\"height\":2048}}"
}

# assets OFFSET COUNT: the same of get_asset_list
assets() {
	curl -s -m 20 -X POST "$api/mweb/v1/get_asset_list?$where" "${headers[@]}" \
		-H "Cookie: sessionid=${account:-test}" -d "{\"count\":$2,\"offset\":$1,\"direction\":1,
		\"mode\":\"workbench\",\"option\":{},\"asset_type_list\":[1,2,5,6,7,8,9,10,12],
		\"workspace_id\":0}"
}

# walk LIST COUNT: the history ids of all pages, in order; at most 60 pages
walk() {
	local offset=0 page

	for _ in $(seq 60); do
		page=$("$1" "$offset" "$2")
		jq -r '.data | (.records_list // [.asset_list[] | .image // .video // .audio])[] |
			.history_record_id' <<<"$page"
		[ "$(jq .data.has_more <<<"$page")" = true ] || return 0
		offset=$(jq -r .data.next_offset <<<"$page")
	done
	echo endless
}

control() { curl -s "$api/_emulator/$1" -d "$2"; }
tasks() { curl -s "$api/_emulator/tasks?account=${account:-test}"; }

### Options
is 'a past that is none exits 2' "$("$emulator" --account-records cats=3 2>err; echo $?)" 2
is 'nor is this' "$("$emulator" --account-records elsewhere=40 2>err; echo $?)" 2

### The list
start --account-records 200 --seed 3
is 'so many records' "$(tasks | jq length)" 200
is 'of all kinds' "$(tasks | jq -c '[group_by(.kind)[] | {key: .[0].kind, value: length}] | from_entries |
	[.audio == 10, .video > 40, .image > 130]')" '[true,true,true]'
is 'some run, some were deleted, some failed' "$(tasks | jq -c '[.[] | select(.ended | not)] | length' )$(
	tasks | jq -c '[.[] | .status] | unique')" '2[20,30,50,100]'
is 'two in five were made elsewhere' "$(tasks | jq '[.[] | .submit_id] |
	[map(select(length == 36)), map(select(length == 16)), map(select(. == ""))] |
	map(length) | (.[0] > 100 and .[1] > 20 and .[2] > 20)')" true
walk list 30 >listed
is 'the list has each once' "$(sort -u listed | wc -l) $(wc -l <listed)" '200 200'
is 'the newest first' "$(list 0 100 | jq '[.data.records_list[].created_time] | . == (sort | reverse)')" true
walk assets 30 >assets
is 'and so has the other' "$(cmp listed assets && echo same)" same
is 'a page is as long as was asked' "$(list 0 7 | jq -c '[(.data.records_list | length), .data.has_more]')" '[7,true]'
is 'and no longer than a hundred' "$(list 0 500 | jq '.data.records_list | length')" 100
is 'the cursor is a moment in milliseconds' "$(list 0 7 | jq '.data.next_offset > 1000000000000')" true
is 'it may come back as a text' "$(list "\"$(list 0 7 | jq .data.next_offset)\"" 1 |
	jq -r '.data.records_list[0].history_record_id')" "$(sed -n 8p listed)"
is 'records are those of a query' "$(h=$(sed -n 20p listed)
	list "$(list 0 19 | jq .data.next_offset)" 1 | jq -S '.data.records_list[0] | keys' >a
	account=test ask "{\"history_ids\":[\"$h\"]}" | jq -S --arg h "$h" '.data[$h] | keys' >b
	cmp a b && grep -c '"history_record_id' a)" 1
is 'one without submit id is asked by its history id alone' "$(
	h=$(list 0 100 | jq -r 'first(.data.records_list[] | select(.submit_id == "")) | .history_record_id')
	account=test ask "{\"submit_ids\":[\"$h\"]}" | jq -c .data
	account=test ask "{\"history_ids\":[\"$h\"]}" | jq -c --arg h "$h" '.data[$h] | [.submit_id, .task.submit_id]')" \
	$'{}\n["",""]'
is 'another account has none of it' "$(account=other list 0 10 | jq -c .data)" \
	'{"records_list":[],"has_more":false,"next_offset":0}'
is 'logged without violation' "$(list 0 5 >/dev/null; last_log '[.on, .status, .violations]'
	assets 0 5 >/dev/null; last_log '[.on, .status, .violations]')" \
	$'["history",200,[]]\n["assets",200,[]]'
is 'no body, no count: 2008' "$(for b in '' '{}' '{"offset":0}'; do curl -s -X POST "$api/mweb/v1/get_history?$where" \
	"${headers[@]}" -H 'Cookie: sessionid=test' -d "$b" | jq -r .ret; done | xargs)" '2008 2008 2008'
is 'of another type: 1000' "$(for b in '{"count":"x"}' '{"count":5,"mode":7}' '{"count":0}' '{"count":5,"offset":-1}'; do
	curl -s -X POST "$api/mweb/v1/get_history?$where" "${headers[@]}" -H 'Cookie: sessionid=test' -d "$b" |
	jq -r .ret; done | xargs)" '1000 1000 1000 1000'
is 'a dead login: 1015' "$(account=expired list 0 5 | jq -r .ret) $(account=expired assets 0 5 | jq -r .ret)" '1015 1015'

### What records hold
list 0 100 >page
every() {
	jq -r ".data.records_list[] | select(.status == 50) | .item_list[] | $1" page | grep .
}
is 'audio has generate_type 44 and two sounds' "$(jq -c '[.data.records_list[] | select(.generate_type == 44) |
	[.total_image_count, (.item_list | length)]] | unique' page)" '[[2,2]]'
every '[.audio.origin_audio.url, .common_attr.file.file_url] + .common_attr.item_urls | map(select(. and . != ""))[] |
	select(test("mime_type=audio_mp3"))' >sounds
is 'each sound has one link' "$(jq '[.data.records_list[] | select(.generate_type == 44) | .item_list[]] | length' page)" \
	"$(wc -l <sounds)"
ok 'in three places' [ "$(list "$(jq .data.next_offset page)" 100 >page2; jq -s '[.[].data.records_list[] |
	select(.generate_type == 44) | .item_list[0] | [(.audio.origin_audio != null), (.common_attr.file != null)]] |
	unique | length' page page2)" = 3 ]
is 'a sound is an MP3' "$(status_of "$(head -n 1 sounds)") $(head -c 3 body) $(file -b --mime-type body)" '200 ID3 audio/mpeg'
ok 'of its own' [ "$(md5sum <body)" != "$(curl -s "$(sed -n 2p sounds)" | md5sum)" ]
tasks | jq -c '[.[] | .history_id] | sort' >first
control tasks '{"account":"test","ids":["loud"],"kind":"audio","prompt":"[bytes=300k]","age_seconds":999}' >/dev/null
loud() { # where its links are
	account=test query loud | jq -r '.data.loud.item_list[0] | [.audio.origin_audio.url, .common_attr.file.file_url] +
		.common_attr.item_urls | map(select(. and . != ""))[]'
}
curl -s -o loud.mp3 "$(loud)"
is 'padded to the byte' "$(wc -c <loud.mp3)" 307200
if command -v ffmpeg >/dev/null; then
	ok 'and it plays' ffmpeg -v error -xerror -i loud.mp3 -f null -
else
	skip 'and it plays' 'no ffmpeg'
fi
is 'every link of a page is served' "$(every '.image.large_images[0].image_url // .video.transcoded_video.origin.video_url //
	empty' | shuf -n 12 --random-source=<(yes) | while read -r u; do status_of "$u"; echo; done | sort | uniq -c |
	xargs)" '12 200'
stop

### The same seed, the same past
start --account-records 200 --seed 3
is 'the same seed makes the same records' "$(tasks | jq -c '[.[] | .history_id] | sort')" \
	"$(cat first)"
stop
start --account-records 'images=3,videos=2,account=me,step=1h,age=30m'
account=me
is 'kind by kind' "$(tasks | jq -c '[.[].kind] | sort')" '["image","image","image","video","video"]'
is 'an hour apart, the newest half an hour old' "$(stats .now >now; tasks | jq -c --argjson now "$(cat now)" \
	'[.[] | ($now - .created) / 60 | round] | sort')" '[30,90,150,210,270]'
is 'one more, by the control' "$(control records 'images=1,account=me' ; tasks | jq length)" '{"records":1}6'
is 'it is the newest' "$(list 0 1 | jq -r '.data.records_list[0].history_record_id')" \
	"$(tasks | jq -r 'max_by(.created) | .history_id')"
is 'one more, by a submit' "$(submit mine cat | jq -r .ret; list 0 1 | jq -r '.data.records_list[0].submit_id')" $'0\nmine'
is 'no records: 400' "$(status_of "$api/_emulator/records" -d 'images=x')" 400
faults 'on=list nth=2 : add-records images=2'
is 'two more, by a script, while pages are asked' "$(list 0 3 >/dev/null; list 0 100 | jq '.data.records_list | length'
	list 0 100 | jq '.data.records_list | length')" $'9\n9'
is 'a script with no records is refused' "$(curl -s "$api/_emulator/script" -d 'on=list : add-records cats' | jq -r .error)" \
	"line 1: 'add-records cats': bad argument"
stop

### Pages that a script spoils
start --account-records 'images=20,account=me'
walk list 100 >whole
# spoiled LINE: what a walk by fours brings then: how many lines, how many records
spoiled() {
	faults "$1"
	walk list 4 >got
	echo "$(wc -l <got) $(sort -u got | grep -c '^[0-9]')"
}
is 'unspoiled' "$(spoiled '') $(cmp got whole && echo same)" '20 20 same'
is 'a page twice' "$(spoiled 'on=history nth=3 : page repeat') $(sed -n 9,12p got | cmp - <(sed -n 5,8p whole) && echo same)" \
	'20 16 same'
is 'one is skipped' "$(spoiled 'on=list nth=3 : page skip') $(comm -13 <(sort got) <(sort whole))" \
	"19 19 $(sed -n 9p whole)"
is 'the cursor goes back' "$(spoiled 'on=history nth=3 : page back')" '28 20'
is 'a page for ever' "$(spoiled 'on=history after=2 : page stuck'; tail -n 1 got)" $'241 12\nendless'
is 'an empty page, and more' "$(spoiled 'on=history nth=2 : page empty') $(cmp got whole && echo same)" '20 20 same'
is 'always empty' "$(spoiled 'on=history : page none') $(walk assets 4 | wc -l)" '0 0 20'
is 'a cursor that is a text' "$(spoiled 'on=history : page text') $(list 0 4 | jq '.data.next_offset | type')" '20 20 "string"'
is 'a ret on the third page' "$(for ret in 1015 2008 1018; do faults "on=history nth=3 : ret $ret"
	o=0; for _ in 1 2 3; do p=$(list $o 4); jq -r .ret <<<"$p"; o=$(jq -r '.data.next_offset // 0' <<<"$p"); done; done | xargs)" \
	'0 0 1015 0 0 2008 0 0 1018'
is 'a page that is none' "$(curl -s "$api/_emulator/script" -d 'on=list : page over' | jq -r .error)" \
	"line 1: 'page over': bad argument"
faults 'on=list : unlisted 1h'
is 'records that are listed late' "$(walk list 100 | cmp - <(tail -n 15 whole) && echo same) $(
	h=$(head -n 1 whole); ask "{\"history_ids\":[\"$h\"]}" | jq -r '.data | length')" 'same 1'
faults "on=list : omit $(tasks | jq -r '.[3].submit_id')"
is 'one that is left out' "$(walk list 100 | wc -l)" 19
stop
is 'nothing on stderr' "$(cat err)" ''

### Many at one moment
start --seed 2
control tasks '{"account":"me","count":500,"prompt":"cat","age_seconds":60}' >/dev/null
is 'each is in one page' "$(walk list 30 | sort -u | wc -l)" 500
stop

done_testing
