#!/bin/bash
# Our own output is input: whatever a verb prints about tasks, another takes for their ids.
# And a known id may be told by how it begins.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 100
cd "$T" || exit 1
one=c8790d9d-8be4-4f24-8733-44aa090a3f3c
two=c8790d9d-1111-4f24-8733-44aa090a3f3d
make_tasks "{\"account\":\"tester\",\"ids\":[\"$one\",\"$two\",\"t-0\"],\"prompt\":\"a cat, a dog [items=1]\",\"age_seconds\":600}" >made
is 0 "three tasks" dreamq get -o files "$one" "$two" t-0
cp out paths
all=$(printf '%s\n' "$one" "$two" t-0 | sort | xargs)
asked() { jq -r 'select(.event == "task") | .submit_id' "$T/out" | sort -u | xargs; }

# takes LABEL FILE [WANTED]: show and query take the ids out of it
takes() {
	is 0 "show takes $1" dreamq show --json --input "$2"
	equal "${3:-$all}" "$(asked)" "  all of them"
	is 0 "query, too" dreamq query --json - <"$2"
	equal "${3:-$all}" "$(asked)" "  all of them"
}
dreamq list >rows 2>/dev/null
takes "list" rows
dreamq list --json >lines 2>/dev/null
takes "list --json" lines
jq . lines >pretty
takes "the same, pretty" pretty
jq -s . lines >array
takes "the same as an array" array
dreamq query --json "$one" "$two" t-0 >looks 2>/dev/null
takes "query --json" looks
dreamq get --json -o files "$one" "$two" t-0 >events 2>/dev/null
takes "get --json" events
for format in csv jsonl; do
	dreamq export --format $format >"export.$format" 2>/dev/null
	takes "export --format $format" "export.$format"
done
takes "the paths that get prints" paths
printf '"%s",\n'"'%s'"',\n"t-0"\n' "$one" "$two" >quoted
takes "ids in quotes" quoted
echo "$one,$two, t-0" >list
takes "a list with commas" list
echo "https://jimeng.jianying.com/ai-tool/detail/$one?type=image" >pages
takes "the address of a page" pages "$one"
is 0 "arguments" dreamq show --json "'$one',$two" files/t-0_0.png
equal "$all" "$(asked)" "  are read the same way"
is 0 "so is what a shell pastes" dreamq query --json "$(dreamq list 2>/dev/null)"
equal "$all" "$(asked)" "  all of it"
is 2 "what has no id" dreamq query "no id in here"
says "argument 1: 'no id in here' is no task id" err "  is told"

# Beginnings.
is 0 "a beginning of one known id" dreamq show --json "${one:0:11}"
equal "$one" "$(asked)" "  is that id"
is 2 "a beginning of two" dreamq show "${one:0:8}"
says "beginning of '.*', '.*': write more" err "  is told"
is 1 "seven characters" dreamq show "${one:0:7}"
is 0 "query takes it" dreamq query --json "${one:0:13}"
equal "$one" "$(asked)" "  as that id"
is 0 "and get" dreamq get -o files "${one:0:20}"
says "files/${one}_0" out "  as that id"
is 0 "and wait" dreamq wait --json "${two:0:13}"
equal "$two" "$(asked)" "  as that id"
make_tasks '{"account":"tester","ids":["my-first-cat","my-first"],"prompt":"a cat [items=1]","age_seconds":600}' >/dev/null
is 0 "a name of one's own" dreamq query --json my-first-cat
: >requests.log
is 0 "  that begins like another task's" dreamq query --json my-first
equal "my-first" "$(asked)" "  is not taken for it where the service may know it"
is 0 "the ledger knows both" dreamq show --json my-first
equal "my-first" "$(asked)" "  and the whole one wins"
is 0 "forget takes a beginning" dreamq forget "${two:0:13}"
equal "0" "$(dreamq list --json 2>/dev/null | grep -c "$two")" "  of that task"
equal "1" "$(dreamq list --json 2>/dev/null | grep -c "$one")" "  and of no other"
equal "" "$(violations)" "the emulator has nothing to complain of"
done_testing
