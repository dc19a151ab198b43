#!/bin/bash
# The ways of submitting: chosen by option, profile or [wire]; what waits leaves by the way
# it was made for; what one can't say is refused before anything is written down.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 100
cat >>"$XDG_CONFIG_HOME/dreamq/config.ini" <<-END
	[profile page]
	submit-via = web
END

# paths: of the submits since then, and how many
paths() { jq -r 'select(.on == "submit") | .path' "$T/requests.log" | tail -n "${1:-1}" | sed 's,.*/,,' | xargs; }
# draft JQ: of the last draft
draft() {
	jq -r 'select(.path == "/mweb/v1/aigc_draft/generate") | .body' "$T/requests.log" | tail -1 |
		jq -r .draft_content | jq -c "$1"
}

# --- which one ------------------------------------------------------------------------
is 0 "without a word" dreamq submit -p "a cat"
equal image_generate "$(paths)" "  the agent takes it"
is 0 "--submit-via web" dreamq submit -p "a cat" --submit-via web
equal generate "$(paths)" "  goes as the page's"
is 0 "a profile's" dreamq --profile page submit -p "a cat"
equal generate "$(paths)" "  says so, too"
is 0 "and the command line" dreamq --profile page submit -p "a cat" --submit-via agent
equal image_generate "$(paths)" "  has the last word"
is 2 "another way" dreamq submit -p "a cat" --submit-via cli
says "agent" "$T/err" "  is named, with those that are"

# --- what is asked for ----------------------------------------------------------------
is 0 "a picture with all that has a place" dreamq run -q --submit-via web -p "一只猫 \"quoted\"" --ratio 16:9 \
	--model high_aes_general_v41 --set seed=7 --set negative_prompt=dogs --set generate_num=2 \
	--set resolution_type=2k -o "$T/files"
complete "$T/files" 2 "  the number counts"
equal '["一只猫 \"quoted\"","high_aes_general_v41",7,"dogs",2560,1440,3]' "$(draft '.component_list[0].abilities.generate.core_param |
	[.prompt, .model, .seed, .negative_prompt, .large_image_info.width, .large_image_info.height, .image_ratio]')" \
	"  and the draft says it"
before=$(count_tasks) sent=$(requests submit)
is 2 "a field without a place" dreamq submit --submit-via web -p "a cat" --set subject_id=x
says "'subject_id'; it has .*seed.*--submit-via agent" "$T/err" "  is named, and another way"
is 2 "a video" dreamq submit --submit-via web -p "a cat" --kind video
says "marks that only a browser makes.*--submit-via agent" "$T/err" "  goes another way"
is 2 "a line of a batch" dreamq submit --submit-via web --batch - <<<'{"prompt":"a cat","set":{"seed":"x"}}'
says "line 1.*seed" "$T/err" "  by its number"
equal "$before $sent" "$(count_tasks) $(requests submit)" "nothing of it is written down or sent"
echo '{"draft_content":"{\"component_list\":[{\"type\":\"image_base_component\",\"abilities\":{\"generate\":{\"core_param\":{\"prompt\":\"mine\"}}}}]}"}' >"$T/body.json"
is 0 "a draft of one's own" dreamq submit --submit-via web -p mine --body "$T/body.json"
equal '"mine"' "$(draft '.component_list[0].abilities.generate.core_param.prompt')" "  is sent as it is"

# --- once -----------------------------------------------------------------------------
before=$(count_tasks) sent=$(requests submit)
is 0 "with a key" dreamq submit --submit-via web -p "a key" --idempotency-key k1
first=$(cat "$T/out")
sleep 0.1
is 0 "  again" dreamq submit --submit-via web -p "a key" --idempotency-key k1
equal "$first $((before + 1)) $((sent + 1))" "$(cat "$T/out") $(count_tasks) $(requests submit)" "  it is one task, sent once"
is 2 "another prompt under it" dreamq submit --submit-via web -p "another" --idempotency-key k1
is 0 "the same file twice" dreamq submit --submit-via web --batch <(printf 'one\ntwo\ntwo\n') --idempotency-key f
is 0 "  (again)" dreamq submit --submit-via web --batch <(printf 'two\none\ntwo\nthree\n') --idempotency-key f
equal "$((sent + 5))" "$(requests submit)" "  sends what is new"
made=$(draft '[.id, .main_component_id, .component_list[0].abilities.generate.core_param.seed]')
is 0 "a repeat of the page's" dreamq submit --reroll "$first"
equal generate "$(paths)" "  goes as the page's, whatever is set"
again=$(draft '[.id, .main_component_id, .component_list[0].abilities.generate.core_param.seed]')
equal 3 "$(jq -n --argjson a "$made" --argjson b "$again" '[range(3) | select($a[.] != $b[.])] | length')" "  with names and a seed of its own"
equal "a key" "$(dreamq show --json "$(cat "$T/out")" | jq -r .prompt)" "  and the books know its prompt"

# --- what waits leaves as it was made ---------------------------------------------------
script 'on=submit times=1 : ret 1310'
is 4 "too many are running" dreamq submit --submit-via web -p "later" --max-wait 1s --submit-id waits-1
equal submitting "$(state_of waits-1)" "  it waits"
is 0 "and is sent by a command that says nothing" dreamq get -q -o "$T/later" waits-1
equal "generate generate" "$(paths 2)" "  as it was made"

# --- risk control: only a person can go on ----------------------------------------------
for ret in 4013 1019 -4; do
	sent=$(requests submit)
	clear_script
	script "on=submit : ret $ret"
	is 8 "ret $ret stops" dreamq submit --submit-via web --batch <(printf 'p%s\n' 1 2 3 4 5 6 7 8)
	says "open the site with this account, do by hand what it asks for" "$T/err" "  and says what only a person can do"
	between 1 $(($(requests submit) - sent)) 4 "  nothing more is tried than was under way"
done
clear_script
equal "" "$(violations)" "the emulator has nothing to complain of"
equal '[1]' "$(stat_of '[.accepted_ids[]] | unique')" "nothing was accepted twice"
done_testing
