#!/bin/bash
# original.t - videos whose record links a sample, and where their original is.
. "$(dirname "$0")/lib.sh"

download='"pack_item_opt":{"scene":1,"need_data_integrity":true},"is_for_video_download":true'

# items IDS [MORE]: get_local_item_list of these ids, a JSON list; MORE goes into the body
items() {
	curl -s -m 20 -X POST "$api/mweb/v1/get_local_item_list?$where" "${headers[@]}" \
		-H "Cookie: sessionid=${account:-u1}" -d "{\"item_id_list\":$1${2:+,$2}}"
}

# origin: width, height, definition, size and br of the origin in the item on stdin
origin() {
	jq -c '.video.transcoded_video.origin | [.width, .height, .definition, .size,
		(.video_url | capture("[?&]br=(?<n>[0-9]+)").n | tonumber)]'
}

item_of() {
	query "$1" | jq -c '.data[].item_list[0]'
}

start --seed 5
make '{"account":"u1","ids":["v-sample"],"kind":"video","prompt":"waves [sample]","age_seconds":9999}'
make '{"account":"u1","ids":["v-plain"],"kind":"video","prompt":"waves","age_seconds":9999}'
make '{"account":"u1","ids":["v-model"],"kind":"video","prompt":"[sample=80k][bytes=1M][all-definitions]","age_seconds":9999}'
make '{"account":"u1","ids":["v-late"],"kind":"video","prompt":"[stuck]"}'
make '{"account":"u1","ids":["picture"],"prompt":"cat [items=2]","age_seconds":9999}'
item_of v-sample >record
id=$(jq -r .common_attr.id record)

is 'the record links the sample' "$(origin <record)" '[640,360,"360p",122880,1273]'
is 'which is marked' "$(jq -r '.video.transcoded_video.origin | .logo_type, (.video_url | test("lr=display_watermark"))' record |
	xargs)" 'display_watermark_aigc true'
is 'its video_model has nothing better' "$(jq -c '.video.video_model | fromjson | .video_list | keys' record)" '["video_1"]'
curl -s -o sample.mp4 "$(jq -r .video.transcoded_video.origin.video_url record)"
is 'the sample is what the record says' "$(wc -c <sample.mp4) $(md5sum <sample.mp4 | cut -d' ' -f1)" \
	"122880 $(jq -r .video.transcoded_video.origin.md5 record)"
is 'the item, asked as the site does, is the same' "$(items "[\"$id\"]" | jq -c '.data.item_list[0]' | origin)" "$(origin <record)"
items "[\"$id\"]" "$download" | jq -c '.data.item_list[0]' >whole
is 'asked for a download, it is the original' "$(origin <whole)" '[1920,1080,"origin",4194304,11564]'
is 'of this very item' "$(jq -r .common_attr.id whole)" "$id"
is 'unmarked' "$(jq -r '.video.transcoded_video.origin | .logo_type, (.video_url | test("lr="))' whole | xargs)" false
curl -s -o original.mp4 "$(jq -r .video.transcoded_video.origin.video_url whole)"
is 'and is what it says' "$(wc -c <original.mp4) $(md5sum <original.mp4 | cut -d' ' -f1)" \
	"4194304 $(jq -r .video.transcoded_video.origin.md5 whole)"
is 'other bytes than the sample' "$(cmp -s sample.mp4 original.mp4; echo $?)" 1
jq -r '.video.video_model | fromjson | .video_list' whole >model
is 'the model has all three' "$(jq -c '[.[] | [.definition, .vwidth, .vheight, .bitrate, .size, .logo_type != ""]]' model)" \
	'[["360p",640,360,1273000,122880,true],["720p",1280,720,6297000,2158592,true],["1080p",1920,1080,11564000,4194304,false]]'
is 'and links to them' "$(for n in 1 2 3; do curl -s "$(jq -r ".video_$n.main_url" model | base64 -d)" | wc -c; done | xargs)" \
	'122880 2158592 4194304'
is 'the last is the original' "$(curl -s "$(jq -r .video_3.main_url model | base64 -d)" | cmp - original.mp4 && echo same)" same
is 'one of them in the record, where that was wished' "$(item_of v-model |
	jq -c '.video.video_model | fromjson | [.video_list[].size]')" '[81920,565248,1048576]'
is 'a video without a sample has one' "$(item_of v-plain >plain; origin <plain | jq -c 'del(.[3])'
	items "[$(jq .common_attr.id plain)]" "$download" | jq -c '.data.item_list[0]' | origin | jq -c 'del(.[3])')" \
	$'[640,360,"origin",6413]\n[640,360,"origin",6413]'
make '{"account":"u1","ids":["v-asia"],"kind":"video","prompt":"waves [common-video]","age_seconds":9999}'
is 'one that is linked elsewhere in its item' "$(item_of v-asia | jq -c '[.video.transcoded_video,
	(.common_attr.transcoded_video.origin | .width, .md5 != "")]')" '[null,640,true]'
is 'many at once, in their order' "$(a=$(query picture | jq -c '[.data[].item_list[].common_attr.id]')
	items "$(jq -c --arg id "$id" '. + [$id, "7000000000000000001"]' <<<"$a")" |
	jq -c --arg id "$id" --argjson a "$a" '[.data.item_list[].common_attr.id] == $a + [$id]')" true
is 'unknown: 3005' "$(items '["7000000000000000001"]' | jq -c '[.ret, .errmsg]')" '["3005","item not found"]'
is 'so is that of another account' "$(account=u2 items "[\"$id\"]" | jq -r .ret)" 3005
is 'no list, or one of numbers: 1000' "$(for b in '{}' '{"item_id_list":[]}' '{"item_id_list":[7]}'; do
	curl -s -X POST "$api/mweb/v1/get_local_item_list" -H 'Cookie: sessionid=u1' -d "$b" | jq -r .ret; done | xargs)" \
	'1000 1000 1000'
is 'logged' "$(items "[\"$id\"]" "$download" >/dev/null; last_log '[.on, .ids, .violations]')" "[\"items\",[\"$id\"],[]]"
is 'dead login' "$(account=expired items '["7"]' | jq -r .ret)" 1015

### What goes wrong
trouble() {
	faults "on=items : $1"
	items "[\"$id\"]" "$download"
}
is 'refused' "$(trouble 'ret 1014' | jq -r .ret)" 1014
is 'another item' "$(trouble 'item other' | jq -r --arg id "$id" '.data.item_list[0].common_attr.id | . != $id')" true
is 'no video' "$(trouble 'item no-video' | jq -c '.data.item_list[0] | [.video, .common_attr.id]')" "[null,\"$id\"]"
is 'the sample again' "$(trouble 'item sample' | jq -c '.data.item_list[0]' | origin)" '[640,360,"360p",122880,1273]'
is 'a list of another name' "$(trouble 'item local-list' | jq -c '.data | keys')" '["local_item_list"]'
is 'an empty list' "$(trouble 'item none' | jq -c .data)" '{"item_list":[]}'
is 'left out' "$(trouble "omit $id" | jq -r .ret)" 3005
faults ''
url=$(items "[\"$id\"]" "$download" | jq -r '.data.item_list[0].video.transcoded_video.origin.video_url')
faults 'on=cdn uri=*br=11564* times=1 : expire-after 1M'
is 'the link to the original dies alone' "$(curl -s -o part "$url"; echo $? $(wc -c <part)) $(status_of "$url") $(
	status_of "$(jq -r .video.transcoded_video.origin.video_url record)")" '18 1048576 403 200'
faults 'on=cdn uri=*br=1273* times=1 : new-etag'
curl -s -o changed.mp4 "$(jq -r .video.transcoded_video.origin.video_url record)"
is 'and its bytes change alone' "$(cmp -s changed.mp4 sample.mp4; echo $?) $(curl -s "$(items "[\"$id\"]" "$download" |
	jq -r '.data.item_list[0].video.transcoded_video.origin.video_url')" | cmp - original.mp4; echo $?)" '1 0'
stop
is 'nothing on stderr' "$(cat err)" ''

start --account-records images=5,videos=40,samples=50%
is 'samples in a past' "$(curl -s "$api/mweb/v1/get_history?$where" "${headers[@]}" -H 'Cookie: sessionid=test' \
	-d '{"count":100}' | jq '[.data.records_list[].item_list[0].video.transcoded_video.origin.size] |
	map(select(. == 65536)) | length | . > 10 and . < 30')" true
stop

done_testing
