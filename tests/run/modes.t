#!/usr/bin/env bash
# Whatever was made, and however: each has its name, and its file the right ending.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 50

# made NAME KIND PROMPT: a task made elsewhere; its id is in $id
made() { id=$(make_tasks "{\"account\":\"tester\",\"prefix\":\"$1-\",\"count\":1,\"kind\":\"$2\",\"age_seconds\":600,\"prompt\":\"$3\"}"); }
# begins: which ending do bytes that begin so have?
begins() {
	case $(od -An -tx1 -N8 | tr -d ' ') in
	89504e47*) echo png ;;
	????????66747970) echo mp4 ;;
	fff* | 494433*) echo mp3 ;;
	esac
}
# fetched LABEL KIND MODE WORDS ENDING N
fetched() {
	local label=$1 kind=$2 mode=$3 words=$4 ending=$5 n=$6
	is 0 "$label" dreamq get --json --sidecar -o "$T/$id" "$id"
	valid "$T/out" "  in lines of the schema"
	equal "$kind $mode" "$(jq -r 'select(.event == "task") | "\(.kind) \(.mode)"' "$T/out")" "  is told as $mode"
	equal "$n" "$(find "$T/$id" -name "*.$ending" | wc -l)" "  with its files, .$ending"
	equal "$mode" "$(cat "$T/$id"/*.json | jq -sr '.[0].mode')" "  the sidecar says so"
	says "^kind +$words$" <(dreamq show "$id") "  in words: $words"
	dreamq list >"$T/list"
	says "^$id +$kind$([ "$mode" = null ] || echo "/$mode") " "$T/list" "  and in the list"
	equal "$ending" "$(head -qc 8 "$T/$id"/*."$ending" | begins)" "  the bytes are of that kind"
}

made plain image 'a cat [items=1]'
fetched "an image like most" image null image png 1
made audio audio 'a voice'
fetched "sounds" audio null audio mp3 2
made multi video 'along the river [multi-frame]'
fetched "a video along several pictures" video multi_frame "video, multi-frame" mp4 1
made draft video 'waves [draft]'
fetched "a draft" video draft "video, draft" mp4 1
made final video 'waves [final]'
fetched "the final of a draft" video final "video, final of a draft" mp4 1
made agent image 'a poster [agent] [items=2]'
fetched "what the agent has made" image agent "image, made by the agent" png 2
made large image 'a cat, larger [super-resolution] [items=1] [size=1024x1024]'
fetched "super resolution" image super_resolution "image, super resolution" png 1
is 0 "export" dreamq export --format csv
equal "agent draft final multi_frame super_resolution" \
	"$(python3 -c 'import csv, sys
print(*sorted({row["mode"] for row in csv.DictReader(sys.stdin)} - {""}))' <"$T/out")" "  has the mode in a column"

is 0 "list_task" dreamq list_task
equal "image_upscale multiframe2video text2image text2video" "$(jq -r '.[].gen_task_type' "$T/out" | grep -v audio | sort -u | xargs)" \
	"  knows them by the other CLI's names"

# --- what we ask for ourselves
is 0 "a multi-frame video of ours" dreamq submit --prompt 'a walk' --kind video \
	--set 'media_resource_uri_list=["tos-cn-i-x/1","tos-cn-i-x/2"]'
equal "video multi_frame" "$(dreamq show --json -q "$(cat "$T/out")" | jq -r '"\(.kind) \(.mode)"')" "  is known as such at once"
is 0 "super resolution of ours" dreamq submit --prompt 'larger' --set generate_type=imageSuperResolution
ours=$(cat "$T/out")
equal "image super_resolution" "$(dreamq show --json -q "$ours" | jq -r '"\(.kind) \(.mode)"')" "  too"
is 0 "  made" dreamq wait "$ours"
equal "super_resolution" "$(dreamq show --json -q "$ours" | jq -r .mode)" "  and it stays so"
done_testing
