#!/bin/bash
# stats: what it says agrees with the ledger, in every form.
. "$(dirname "$0")/lib.sh"
export TZ=JST-9
start_emulator --time-scale 100
make() { make_tasks "{\"account\":\"tester\",\"count\":$1,\"prefix\":\"$2\",\"kind\":\"$3\",\"prompt\":\"$4\",\"age_seconds\":${5:-900}}"; }
json() { jq -c "$@" "$T/out"; }

# --- an empty ledger

is 0 "nothing yet, and no cookie needed" env -u DREAMQ_COOKIE_FILE "$DREAMQ" stats
equal "" "$(cat "$T/out")" "nothing on stdout"
says "no tasks yet.*dreamq submit" "$T/err" "and how to begin"
is 0 "-q" dreamq stats -q
equal "" "$(cat "$T/out" "$T/err")" "is silent"
is 0 "--json" dreamq stats --json
valid "$T/out" "follows the schema"
equal '[true,0,null,null]' "$(json '[.all,.tasks,.quantiles_ms,.delay_mean_ms]')" "one line of nothing"
is 2 "a day that is none" dreamq stats --since 2026-02-30
says "option '--since'" "$T/err" "is named"

# --- images, videos, failures; some the day before

{
	make 9 p image 'a cat [items=2] [bytes=5k]'
	make 4 v video 'a film [seconds=100]'
	make 2 r image '[reject-text]'
	make 1 o video '[reject-output]'
	make 1 c image '[cancel]'
} >"$T/ids"
is 1 "tasks, and some that fail" dreamq get -o "$T/f" --input "$T/ids"
is 1 "one that nobody knows" dreamq wait nobody-knows-it
is 4 "one that never ends" dreamq query "$(make 1 s image '[stuck]')"
equal 0 "$(lab_seen_in_queue)" "none was seen in a queue"
lab_known_longer 'v-*' 86400
# What polls would have left: delays of 1 to 9 s, two polls a result, four ids a request.
lab_seen_late p
lab_polled 2 500000
requests_before=$(requests query)
is 0 "stats --json" dreamq stats --json
cp "$T/out" "$T/json"
valid "$T/out" "follows the schema"
equal "$requests_before" "$(requests query)" "and asks nobody"

equal "$(in_ledger 'group_by([.kind, .model])[] | [.[0].kind // 0, .[0].model // 0, length,
	(map(select(.state == "succeeded")) | length), (map(select(.state == "failed")) | length),
	(map(select(.state == "generating" or .state == "queued")) | length), length * 2, length / 2] | tojson' | sort)" \
	"$(json 'select(.event == "stats_lane" and (.all | not)) |
		[.kind // 0, .model // 0, .tasks, .succeeded, .failed, .unfinished, .looks, .requests]' |
		sort)" "lanes as in the ledger"
equal "[18,13,3,1]" "$(json 'select(.all) | [.tasks, .succeeded, .failed, .unfinished]')" "and all together"

# The quantiles of the durations, type 7.
ms='def ms: capture("^(?<s>[^.Z]*)([.](?<ms>[0-9]{3}))?Z$") |
	(.s + "Z" | fromdateiso8601) * 1000 + (.ms // "0" | tonumber); ' # of a time
in_ledger "$ms"'map(select(.state == "succeeded" and .kind == "image") | (.finished_at | ms) - (.created_at | ms))' |
	jq -c 'sort as $d | [.05, .1, .25, .5, .75, .9, .95] | map(. * (($d | length) - 1) | . as $p |
		($p | floor) as $i | $d[$i] + ($p - $i) * (($d[$i + 1] // $d[$i]) - $d[$i]) | round)' >"$T/wanted"
equal "$(cat "$T/wanted")" \
	"$(json 'select(.kind == "image" and .durations > 0) | .quantiles_ms | [.p5, .p10, .p25, .p50, .p75, .p90, .p95]')" \
	"quantiles of the images"
equal "9 9" "$(json 'select(.kind == "image" and .durations > 0) | .durations, (.bars.counts | add)' | xargs)" \
	"every image is in a bar"
equal "9 5000 8600" "$(json 'select(.kind == "image" and .durations > 0) | .detected, .delay_mean_ms, .delay_p95_ms' | xargs)" \
	"how late they were seen"
equal "0 null" "$(json 'select(.kind == "video" and .durations > 0) | .detected, .delay_mean_ms' | xargs)" \
	"who came too late tells nothing"
equal true "$(json 'select(.kind == "video" and .durations > 0) | .expected.median_ms | . > 95000 and . < 130000')" \
	"the next video takes as long as these"

equal '["cancelled",null,1] ["content","2038",2]' \
	"$(json 'select(.event == "stats_failure" and .code != "2041") | [.class, .code, .tasks]' | sort | xargs -d '\n')" \
	"failures by class and code"
equal "$(in_ledger 'map(select(.fail.code == "2041")) | [.[0].fail.class, .[0].fail.code, length] | tojson')" \
	"$(json 'select(.code == "2041") | [.class, .code, .tasks]')" "of videos, too"

day='((.first_seen_at | ms) / 1000 + 9 * 3600 | floor | strftime("%Y-%m-%d"))' # in Japan
equal "$(in_ledger "$ms group_by($day)[] | [(.[0] | $day), length,"'
	(map(select(.state == "succeeded")) | length), (map(select(.state == "failed")) | length),
	([.[].assets[] | select(.stored)] | length), ([.[].assets[] | select(.stored) | .bytes] | add // 0)] | tojson')" \
	"$(json 'select(.event == "stats_day") | [.day, .tasks, .succeeded, .failed, .files, .bytes]')" "days as in the ledger"

is 0 "--since" dreamq stats --json --since 12h
equal 0 "$(json 'select(.kind == "video") | .succeeded')" "leaves out what is older"
is 0 "from now on" dreamq stats --since 0
says "no task was first heard of since then" "$T/err" "there is nothing"
(umask 077 && mkdir -p "$XDG_CONFIG_HOME/dreamq/cookies" && echo sessionid=other >"$XDG_CONFIG_HOME/dreamq/cookies/other.cookie")
is 0 "another profile" dreamq --profile other stats
says "no tasks yet" "$T/err" "has tasks of its own"

# --- for people

is 0 "stats" dreamq stats
says '^How long a generation takes$' "$T/out" "a heading"
says '^image [a-z0-9_]+ +9 +[0-9]' "$T/out" "the images"
says '^ +[0-9.ms]+ [▁▂▃▄▅▆▇█ ]{24} [0-9.ms]+ +the next: [0-9.ms]+ \([0-9.ms]+ to [0-9.ms]+\)$' "$T/out" "and their picture"
says '^image [a-z0-9_]+ +9 +[0-9.]+ +[0-9.]+ +9 +5.0s +8.6s$' "$T/out" "what they cost"
says '^failed +content 2038 +2 +11 %' "$T/out" "a failure and its share"
says_not '^not found' "$T/out" "an id that was typed, and nobody knows, is no task"
between 1 "$(wc -L <"$T/out")" 80 "not wider than 80 columns"
is 0 "in plain ASCII" env LC_ALL=C "$DREAMQ" stats
equal 0 "$(tr -d '\000-\177' <"$T/out" | wc -c)" "not one byte that is not"
is 0 "in Chinese" env LC_ALL=zh_CN.UTF-8 "$DREAMQ" stats
if [ -e "$(dirname "$DREAMQ")/po/zh_CN/LC_MESSAGES/dreamq.mo" ]; then
	says '^生成要多久$' "$T/out" "every heading"
	between 1 "$(LC_ALL=C.UTF-8 wc -L <"$T/out")" 80 "not wider than 80 columns"
fi
lab_hostile_words image
is 0 "with a model that takes over terminals" dreamq stats
equal 0 "$(tr -cd '\033' <"$T/out" | wc -c)" "it does not"
is 0 "and --json" dreamq stats --json
valid "$T/out" "stays JSON"

# --- one that is waited for

awaited=$(make 1 w image 'a dog [seconds=150]' 0)
is 0 "waiting for one" dreamq wait --interval 200ms "$awaited"
is 0 "its stats" dreamq stats --json --since 1h
read -r polls asked late < <(dreamq show -q --json "$awaited" | jq -r '"\(.looks) \(.requests)"' | paste -d' ' - <(lab_delay_of "$awaited"))
at_least 2 "$polls" "its polls were counted"
equal "1 $late $polls $asked" \
	"$(jq -r --arg model "$(dreamq show --json "$awaited" | jq -r .model)" 'select(.kind == "image" and .model == $model) |
		"\(.detected) \(.delay_mean_ms) \(.looks) \(.requests)"' \
		"$T/out")" "and how late it was seen"
done_testing
