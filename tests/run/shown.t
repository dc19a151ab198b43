#!/usr/bin/env bash
# What is kept and shown of a task: prompt, model, ratio, seed of those made elsewhere; ids
# that were typed and nobody knows; rows that people can read.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 20

# --- made elsewhere
made=$(make_tasks '{"account":"tester","prefix":"t1-","count":1,"prompt":"一只猫, a cat \"quoted\" [seconds=0.1] [items=1]"}')
is 0 "a task made elsewhere" dreamq get --json --sidecar -o "$T/o" "$made"
valid "$T/out" "  in lines of the schema"
last=$(jq -c 'select(.event == "task")' "$T/out")
equal '一只猫, a cat "quoted" [seconds=0.1] [items=1]' "$(jq -r .prompt <<<"$last")" "  its prompt"
equal "high_aes_general_v40 1:1 default" "$(jq -r '"\(.model) \(.ratio) \(.profile)"' <<<"$last")" "  model, ratio, profile"
seed=$(jq -r .seed <<<"$last")
at_least 1 "$seed" "  seed"
says '^20[0-9][0-9]-' <(jq -r .first_seen_at <<<"$last") "  when it was first seen"
equal "profile prompt model ratio seed first_seen_at credits idempotency_key reroll_of looks requests mode tags note rating" \
	"$(jq -r 'keys_unsorted | .[index("assets") + 1:] | join(" ")' <<<"$last")" "  behind all that was there before"
equal "$(jq -c '[.prompt, .model, .ratio, .seed]' <<<"$last")" \
	"$(jq -c '[.prompt, .model, .ratio, .seed]' "$T"/o/*.json)" "the sidecar has them"
is 0 "list" dreamq list
says "一只猫" "$T/out" "  shows the prompt"
is 0 "show" dreamq show "$made"
says "seed +$seed" "$T/out" "  shows the seed"
says "ratio +1:1" "$T/out" "  and the ratio"
says "model +high_aes_general_v40" "$T/out" "  and the model"
says '^prompt +一只猫, a cat "quoted"' "$T/out" "  and the prompt"
is 0 "export" dreamq export --format csv
says "first_seen_at,credits,credits_source,mode,tags,note,rating.?$" "$T/out" "  has the columns at its end"
says "1:1,$seed,20" "$T/out" "  and the values"
says 'high_aes_general_v40,"一只猫, a cat ""quoted""' "$T/out" "  also model and prompt"
is 0 "names" dreamq get -o "$T/n" --name '{ratio}-{seed}-{model}.{ext}' "$made"
says "1x1-$seed-high_aes_general_v40" "$T/out" "  take them"
is 0 "by its prompt" dreamq get -o "$T/p" --name '{prompt}.{ext}' "$made"
says "^$T/p/一只猫, a cat _quoted_ .*\.png$" "$T/out" "  too"
video=$(make_tasks '{"account":"tester","prefix":"t2-","count":1,"age_seconds":600,"kind":"video","prompt":"waves [seconds=0.1]"}')
is 0 "a video" dreamq wait --json "$video"
equal "waves [seconds=0.1] 16:9" "$(tail -1 "$T/out" | jq -r '"\(.prompt) \(.ratio)"')" "  its prompt and shape"
still=$(make_tasks '{"account":"tester","prefix":"t3-","count":1,"prompt":"still [seconds=9000]"}')
is 4 "one that runs" dreamq query --json "$still"
equal "still [seconds=9000]" "$(jq -r .prompt "$T/out")" "  has its prompt already"
is 0 "one of ours" dreamq submit --prompt "ours [seconds=0.1] [items=1]" --ratio 16:9
ours=$(cat "$T/out")
is 0 "  made" dreamq wait --json "$ours"
equal "ours [seconds=0.1] [items=1] 16:9" "$(tail -1 "$T/out" | jq -r '"\(.prompt) \(.ratio)"')" "  keeps what was wished"
differ null "$(tail -1 "$T/out" | jq -r .seed)" "  and has the seed"

# --- ids that nobody knows
is 1 "a typed id" dreamq query typed-wrong-once
is 0 "list" dreamq list
says_not typed-wrong "$T/out" "  does not show it"
is 0 "stats" dreamq stats --json
says_not 'unfinished":[2-9]' "$T/out" "  do not count it"
is 1 "another, waited for" timeout 120 "$DREAMQ" wait typed-wrong-twice
is 0 "list, of what was not found" dreamq list --state not_found
says typed-wrong-once "$T/out" "  has the first"
says typed-wrong-twice "$T/out" "  and the second"
completed() { # WORD...: what bash offers for the last one
	PATH=$T/bin:$PATH bash -c 'eval "$(dreamq completion bash)"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) && _dreamq && printf "%s\n" "${COMPREPLY[@]}"' - "$@" 2>&1
}
mkdir "$T/bin" && ln -s "$DREAMQ" "$T/bin/dreamq"
completed dreamq show "" >"$T/out"
says "^$made$" "$T/out" "the shell completes ids that are known"
says_not typed-wrong "$T/out" "  and no other"
lab_age typed-wrong-twice 90000
is 1 "a day later somebody asks for a third" dreamq query typed-wrong-thrice
is 1 "  the second is forgotten" dreamq show typed-wrong-twice
is 0 "  the first is not yet" dreamq show typed-wrong-once
is 0 "  what was ever seen is not" dreamq show "$still"

# --- rows
script "on=cdn : status 403"
lost=$(make_tasks '{"account":"tester","prefix":"t4-","count":1,"prompt":"no file [seconds=0.1] [items=1]"}')
dreamq get --max-wait 2s -o "$T/l" "$lost" >/dev/null 2>&1
clear_script
is 0 "list" dreamq list
says "$lost +image +incomplete +0/1" "$T/out" "  tells what has no file yet"
says "$still +image +generating +0" "$T/out" "  and counts nothing as 0"
login other
is 4 "another profile" dreamq query --profile second "$(make_tasks '{"count":1,"account":"other","prefix":"o-","prompt":"theirs [seconds=9000]"}')"
is 0 "list --all-accounts" dreamq list --all-accounts
says "default +.*一只猫" "$T/out" "  names the profile"
says "second +.*theirs" "$T/out" "  each"

# --- on a terminal
# on_terminal COLUMNS COMMAND: what it prints there
on_terminal() {
	command script -qec "stty cols $1 rows 24; $2" /dev/null </dev/null | tr -d '\r'
}
for columns in 40 60 80; do
	on_terminal "$columns" "$DREAMQ list --color never" >"$T/narrow"
	equal 0 "$(python3 -c '
import sys, unicodedata
wide = lambda c: 2 if unicodedata.east_asian_width(c) in "WF" else 1
print(sum(sum(map(wide, l.rstrip("\n"))) > int(sys.argv[1]) for l in sys.stdin))' "$columns" <"$T/narrow")" \
		"no row of 'list' breaks at $columns columns"
	says "一只猫, a" "$T/narrow" "  and the prompt is there"
	says "^${made:0:4}" "$T/narrow" "  with its id"
done
# --- ids on a terminal: as short as they differ, and as other commands take them
make_tasks '{"account":"tester","age_seconds":600,"prompt":"seven swans in a row","ids":[
	"c8790d9d-8be4-4f24-8733-44aa090a3f3c","c8790d9d-8b11-4f24-8733-44aa090a3f3d","759f5212-6bc4-457e-a8de-9f7ebc72ca8c"]}' >"$T/uuids"
login tester
is 0 "ids of 36 characters" env XDG_STATE_HOME="$T/uuid-state" "$DREAMQ" query --input "$T/uuids"
for columns in 40 80; do
	on_terminal "$columns" "XDG_STATE_HOME=$T/uuid-state $DREAMQ list --color never" >"$T/narrow"
	equal "759f5212-6bc 1 c8790d9d-8b1 1 c8790d9d-8be 1" \
		"$(cut -d' ' -f1 "$T/narrow" | sort | uniq -c | awk '{ print $2, $1 }' | xargs)" "at $columns columns they are cut where they differ"
	equal 3 "$(grep -c "  seven swan" "$T/narrow")" "  and leave room for the prompt"
done
is 0 "such a beginning" env XDG_STATE_HOME="$T/uuid-state" "$DREAMQ" show --json c8790d9d-8be
equal "c8790d9d-8be4-4f24-8733-44aa090a3f3c" "$(jq -r .submit_id "$T/out")" "  is the task's"
is 0 "list into a pipe" env XDG_STATE_HOME="$T/uuid-state" "$DREAMQ" list
equal 3 "$(grep -cF -f "$T/uuids" "$T/out")" "  has them whole"
equal "" "$(violations)" "no violation"
done_testing
