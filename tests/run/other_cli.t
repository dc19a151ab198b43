#!/bin/bash
# query_result and list_task, as the service's own command line has them: flags, names of
# files, and every field that its documents show (tests/fixtures/other_cli).
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 100
fixtures=$SOURCE_ROOT/tests/fixtures/other_cli
cd "$T" || exit 1
image=11111111-2222-4333-8444-555555555601
film=3f6eb41f425d23a3
bad=11111111-2222-4333-8444-555555555603
running=11111111-2222-4333-8444-555555555604
make_tasks "{\"account\":\"tester\",\"ids\":[\"$image\"],\"prompt\":\"a \\\"cat\\\" [items=2]\",\"age_seconds\":600}" >/dev/null
make_tasks "{\"account\":\"tester\",\"ids\":[\"$film\"],\"kind\":\"video\",\"prompt\":\"waves\",\"age_seconds\":6000}" >/dev/null
make_tasks "{\"account\":\"tester\",\"ids\":[\"$bad\"],\"prompt\":\"x [reject-text]\",\"age_seconds\":600}" >/dev/null
make_tasks "{\"account\":\"tester\",\"ids\":[\"$running\"],\"prompt\":\"slow [stuck]\"}" >/dev/null

# shape FILE: the paths of all members and the types of their values; of lists the elements
shape() { jq -r '[paths(type != "object" and type != "array") as $p | [$p[] | select(type == "string")] | join(".")] | unique[]' "$1"; }
# has_all FILE FIXTURE LABEL [BUT...]: what the fixture has, FILE has too, but for these
has_all() {
	local file=$1 fixture=$2 label=$3
	shift 3
	equal "" "$(comm -13 <(shape "$file" | sort -u) <(shape "$fixture" | sort -u) | grep -vxF "$(printf '%s\n' - "$@")")" "$label"
}

# query_result
is 0 "an image that is done" dreamq query_result --submit_id="$image"
cp out done.json
equal "success 2 0 Finish" "$(jq -r '"\(.gen_status) \(.result_json.images | length) \(.result_json.videos | length) \(.queue_info.queue_status)"' done.json)" "  says so"
equal "image_url width height" "$(jq -r '.result_json.images[0] | keys_unsorted | join(" ")' done.json)" "  its files have links"
equal "submit_id prompt gen_status result_json queue_info" "$(jq -r 'keys_unsorted | map(select(. != "credit_count")) | join(" ")' done.json)" "  in the order of theirs"
equal '  "gen_status": "success",' "$(grep gen_status done.json)" "  and with their blanks"
is 0 "with --download_dir" dreamq query_result --submit_id "$image" --download_dir "$T/got"
equal "${image}_image_1 ${image}_image_2" "$(cd got && ls | sed 's/\..*//' | xargs)" "  the files have their names"
complete got 2 "  and are whole"
equal "$T/got/${image}_image_1 $T/got/${image}_image_2" "$(jq -r '.result_json.images[].path' out | sed 's/\.[a-z]*$//' | xargs)" "  and are told"
says_not '_url|http' out "  without a link"
is 0 "a film" dreamq query_result --submit_id=$film --download_dir=got
cp out film.json
complete got 3 "  is fetched"
equal "$T/got/${film}_video_1.mp4" "$(jq -r '.result_json.videos[0].path' film.json)" "  as ID_video_1.mp4"
has_all film.json "$fixtures/cli_query_success_video_downloaded.json" "  with every field of the document but those it can't know" \
	result_json.videos.fps result_json.videos.video_url credit_count
is 1 "one that failed" dreamq query_result --submit_id=$bad
equal "fail" "$(jq -r .gen_status out)" "  says so"
says '"fail_reason": ".+"' out "  and why"
is 4 "one that runs" dreamq query_result --submit_id=$running --download_dir=got
cp out running.json
equal "querying null" "$(jq -r '"\(.gen_status) \(.result_json)"' running.json)" "  is querying"
complete got 3 "  and not waited for"
is 4 "with --poll" dreamq query_result --submit_id=$running --poll=1
equal "querying" "$(jq -r .gen_status out)" "  it is waited for so long"
is 1 "an id that nobody knows" dreamq query_result --submit_id=00000000-0000-4000-8000-00000000dead
equal "" "$(cat out)" "  has no JSON"
says "does not know|not found|unknown" err "  and a sentence"
is 0 "--poll until the end" dreamq query_result --submit_id="$(dreamq submit --prompt 'soon [items=1]')" --poll=60 --download_dir=soon
complete soon 1 "  fetches"
make_tasks "{\"account\":\"tester\",\"ids\":[\"queued-1\"],\"prompt\":\"q [queue=90000]\"}" >/dev/null
is 4 "one in the queue" dreamq query_result --submit_id=queued-1
cp out queued.json
has_all queued.json "$fixtures/cli_query_queueing_healthy.json" "  has every field of the document but those it can't know" \
	logid queue_info.priority credit_count
equal Queueing "$(jq -r .queue_info.queue_status queued.json)" "  and is Queueing"
is 0 "--json" dreamq query_result --submit_id="$image" --json
valid out "  is dreamq's"
is 2 "no id" dreamq query_result
is 2 "a flag of nobody" dreamq query_result --submit_id=x --force

# list_task
ids() { jq -r '.[].submit_id' "$T/out" | xargs; }
is 0 "list_task" dreamq list_task
cp out list.json
equal "true" "$(jq 'type == "array" and (map(.submit_id) | index("3f6eb41f425d23a3") != null)' list.json)" "  is an array of all"
has_all list.json "$fixtures/cli_list_task_success_sizes_only.json" "  with every field of the document but those it can't know" \
	commerce_info.credit_count commerce_info.triplet.resource_type commerce_info.triplet.resource_id \
	commerce_info.triplet.benefit_type commerce_info.triplets.resource_type commerce_info.triplets.resource_id \
	commerce_info.triplets.benefit_type
says_not '_url|http|"path"' list.json "  sizes only, no link"
says '^  \{$' list.json "  indented as theirs"
is 0 "--gen_status=success" dreamq list_task --gen_status=success --gen_task_type=text2video
equal "$film" "$(ids)" "  of one type"
is 0 "--gen_status=fail" dreamq list_task --gen_status=fail
says "$bad" out "  the failed one"
is 0 "--gen_status=querying" dreamq list_task --gen_status querying
says "$running" out "  what runs"
all=$(jq -r '.[].submit_id' list.json | xargs)
is 0 "--limit=2 --offset=1" dreamq list_task --limit=2 --offset=1
equal "$(echo "$all" | cut -d' ' -f2-3)" "$(ids)" "  is the second page"
is 0 "--submit_id" dreamq list_task --submit_id=$film
equal "$film" "$(ids)" "  is that one"
is 0 "--submit_id of none" dreamq list_task --submit_id=none
equal "[]" "$(cat out)" "  is an empty list"
is 0 "behind the last" dreamq list_task --offset=1000
equal "[]" "$(cat out)" "  is an empty list"
is 2 "an unknown status" dreamq list_task --gen_status=done
is 0 "--json" dreamq list_task --json --limit 1
valid out "  is dreamq's"
equal 1 "$(wc -l <out)" "  as many"
is 0 "what is printed is adopted again" dreamq adopt list.json
says " known " out "  as known"
equal "" "$(violations)" "the emulator has nothing to complain of"
done_testing
