#!/bin/bash
# file.t - files by their own names, when their record is gone, and when they are.
. "$(dirname "$0")/lib.sh"

# files PATH BODY
files() {
	curl -s -m 20 -X POST "$api/mweb/v1/$1?$where" "${headers[@]}" \
		-H "Cookie: sessionid=${account:-u1}" -d "$2"
}
images() { files get_image_by_uri "{\"uris\":$1}"; }
videos() { files get_video_by_vid "{\"vids\":$1}"; }
remove() { curl -s -X DELETE "$api/_emulator/tasks" -d "$1"; }
tasks() { curl -s "$api/_emulator/tasks?account=${account:-u1}"; }

start --seed 9
make '{"account":"u1","ids":["picture"],"prompt":"cat [items=2]","age_seconds":9999}'
make '{"account":"u1","ids":["film"],"kind":"video","prompt":"waves","age_seconds":9999}'
make '{"account":"u1","ids":["sampled"],"kind":"video","prompt":"[sample=80k][bytes=1M]","age_seconds":9999}'
make '{"account":"u1","ids":["gone"],"prompt":"[gone][items=1]","age_seconds":9999}'
make '{"account":"u1","ids":["lost"],"prompt":"[file-gone][items=1]","age_seconds":9999}'
make '{"account":"u1","ids":["young"],"prompt":"[stuck]"}'
uris=$(query picture | jq -c '[.data[].item_list[].image.large_images[0].image_uri]')
vid=$(query film | jq -r '.data[].item_list[0].video.video_id')

is 'images by uri' "$(images "$uris" | jq -c '.data.uri2image | keys')" "$(jq -c sort <<<"$uris")"
is 'each as in its item' "$(images "$uris" | jq -c '.data.uri2image[] | [.width, .height, .format, (.image_uri | length)]' |
	sort -u)" '[512,512,"png",52]'
is 'with the same bytes as by the record' "$(images "$uris" | jq -r --argjson u "$uris" '.data.uri2image[$u[0]].image_url' >url
	curl -s "$(cat url)" | cmp - <(curl -s "$(image_url picture)") && echo same)" same
is 'the control names them, too' "$(tasks | jq -c '.[] | select(.submit_id == "picture") | .uris')" "$uris"
is 'a video by vid' "$(videos "[\"$vid\"]" | jq -c --arg v "$vid" '.data.vid2video[$v] |
	[.origin_video.vid, (.transcoded_video | keys)]')" "[\"$vid\",[\"origin\"]]"
videos "[\"$vid\"]" | jq -r '.data.vid2video[].origin_video | .video_url, .md5, .size' >film
curl -s -o film.mp4 "$(sed -n 1p film)"
is 'is what it says' "$(md5sum <film.mp4 | cut -d' ' -f1) $(wc -c <film.mp4)" "$(sed -n 2p film) $(sed -n 3p film)"
is 'a sampled one has its original' "$(v=$(query sampled | jq '.data[].item_list[0].video.video_id')
	videos "[$v]" | jq -c '.data.vid2video[] | [.origin_video.size, (.transcoded_video | keys)]')" \
	'[1048576,["1080p","360p","720p"]]'
is 'the record is gone' "$(query gone | jq -c .data) $(curl -s "$api/mweb/v1/get_history?$where" "${headers[@]}" \
	-H 'Cookie: sessionid=u1' -d '{"count":50}' | jq -c '[.data.records_list[].submit_id] | sort')" \
	'{} ["film","lost","picture","sampled","young"]'
is 'its file is not' "$(status_of "$(images "$(tasks | jq -c '.[] | select(.submit_id == "gone") | .uris')" |
	jq -r '.data.uri2image[].image_url')")" 200
is 'the file is gone, and its record is not' "$(query lost | jq .data.lost.status) $(status_of "$(image_url lost)") $(
	images "$(tasks | jq -c '.[] | select(.submit_id == "lost") | .uris')" | jq -c .data)" '50 404 {"uri2image":{}}'
is 'what is not made yet is not there' "$(images "$(tasks | jq -c '.[] | select(.submit_id == "young") | .uris')" |
	jq -c .data.uri2image)" '{}'
is 'another account has none of it' "$(account=u2 images "$uris" | jq -c .data.uri2image) $(
	account=u2 videos "[\"$vid\"]" | jq -c .data.vid2video)" '{} {}'
is 'an unknown name is absent' "$(images "$(jq -c '. + ["tos-cn-i-tb4s082cfz/00", "x", .[0]]' <<<"$uris")" |
	jq -c '.data.uri2image | length') $(videos '["v0"]' | jq -c .data)" '2 {"vid2video":{}}'
is 'one alone: 1000' "$(for b in '{"uri":"x"}' '{"uris":"x"}' '{"uris":[]}' '{"uris":[7]}'; do
	files get_image_by_uri "$b" | jq -r .ret; done | xargs) $(files get_video_by_vid '{"vid":"v0"}' | jq -r .ret)" \
	'1000 1000 1000 1000 1000'
is 'no body: 2008' "$(files get_image_by_uri '' | jq -r .ret)" 2008
is 'dead login' "$(account=expired images "$uris" | jq -r .ret)" 1015
is 'logged' "$(videos "[\"$vid\"]" >/dev/null; last_log '[.on, .ids, .violations]'; stats '[.images > 5, .videos > 3]')" \
	"[\"videos\",[\"$vid\"],[]]
[true,true]"
is 'links live as others do' "$(($(sed 's/.*x-expires=//; s/&.*//' url) % 3600))" 0

### Records and files go while it runs
url=$(image_url picture)
is 'a record is removed' "$(remove '{"account":"u1","ids":["picture"]}'; query picture | jq -c .data) $(status_of "$url")" \
	'{"removed":1}{} 200'
is 'its images are still had by uri' "$(images "$uris" | jq '.data.uri2image | length')" 2
is 'by its history id, a file' "$(h=$(query film | jq .data.film.history_record_id)
	remove "{\"account\":\"u1\",\"ids\":[$h],\"what\":\"file\"}"; query film | jq .data.film.status
	videos "[\"$vid\"]" | jq -c .data)" $'{"removed":1}50\n{"vid2video":{}}'
is 'both' "$(remove '{"account":"u1","ids":["picture"],"what":"both"}'; images "$uris" | jq -c .data) $(status_of "$url")" \
	'{"removed":1}{"uri2image":{}} 404'
is 'nobody: 400' "$(status_of -X DELETE "$api/_emulator/tasks" -d '{"account":"u1","ids":["nobody"]}')" 400
is 'the control says so' "$(tasks | jq -c '[.[] | [.record_gone, .file_gone]]')" \
	'[[true,true],[false,true],[false,false],[true,false],[false,true],[false,false]]'
faults 'on=images : ret 1014'
is 'refused' "$(images "$uris" | jq -r .ret)" 1014
stop
is 'nothing on stderr' "$(cat err)" ''

start --account-records account=u1,images=4,gone=6
is 'a past with records that are gone' "$(tasks | jq -c '[length, (map(select(.record_gone)) | length)]')" '[10,6]'
is 'whose files are there' "$(images "$(tasks | jq -c '[.[] | select(.record_gone) | .uris // [] | .[]]')" |
	jq '.data.uri2image | length') $(videos "$(tasks | jq -c '[.[] | select(.record_gone) | .vid // empty]')" |
	jq '.data.vid2video | length')" "$(tasks | jq '[.[] | select(.record_gone) | .uris // [] | .[]] | length') $(
	tasks | jq '[.[] | select(.record_gone) | .vid // empty] | length')"
stop

done_testing
