#!/usr/bin/env bash
# Paths, prompts and names that are not UTF-8: each line that --json prints is JSON and
# UTF-8 nevertheless, none is lost, and the bytes on the disk are those that were asked for.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 100

odd() { printf '%b' "$1"; }

# told EVENT COUNT LABEL: so many lines of this event, and every line is of the schema,
# strictly decoded.
told() {
	valid "$T/out" "$3"
	equal "$2" "$(jq -c "select(.event == \"$1\")" "$T/out" | wc -l)" "  none is lost"
}
# shown FILTER LABEL: what it gives has U+FFFD where the byte was.
shown() { says $'\xef\xbf\xbd' <(jq -r "$1" "$T/out") "$2"; }

F=$T/$(odd 'f\xffolder \xe5\x9b')
L=$T/$(odd 'ledger\xff.db')
IDS=$T/$(odd 'ids\xfe.txt')

# --- what the service says of a prompt that was cut in the middle of a character
cut=$(make_tasks '{"account":"tester","prefix":"c-","count":1,"age_seconds":600,"prompt":"half MARK [items=2]"}')
curl -sf "$DREAMQ_API_BASE/mweb/v1/get_history_by_ids" -H 'Cookie: sessionid=tester' \
	-d "{\"submit_ids\":[\"$cut\"]}" >"$T/answer"
script "on=query : json \"$(LC_ALL=C sed 's/[\\"]/\\&/g; s/MARK/\xe5\x9b/g' "$T/answer")\""
for verb in query wait "get -o $T/plain"; do
	# shellcheck disable=SC2086 # its words
	is 0 "$verb" dreamq $verb --json "$cut"
	told task 1 "  is JSON"
	equal null "$(jq -c 'select(.event == "task").prompt' "$T/out")" "  without what can't be read"
done

is 1 "cancel" dreamq cancel --json "$cut"
told cancel 1 "  is JSON"

# --- folders, ledgers, lists of ids
printf '%s\n' "$cut" >"$IDS"
is 0 "get, into such a folder, with ids from such a file" dreamq get --json --ledger "$L" \
	--sidecar -o "$F" --input "$IDS"
told stored 2 "  is JSON"
told task 1 "  with its task"
shown 'select(.event == "stored").path' "  the byte is U+FFFD"
equal 2 "$(find "$F" -name '*.png' | wc -l)" "  the files lie where they were asked for"
cat "$F"/*.json >"$T/out"
told task 2 "  the sidecars are JSON, too"
for verb in "show $cut" list export stats credits watch\ --until-idle; do
	# shellcheck disable=SC2086 # its words
	is 0 "$verb" dreamq $verb --json --ledger "$L"
	valid "$T/out" "  is JSON"
done
is 0 "list" dreamq list --json --ledger "$L"
told task 1 "  is JSON"
shown '.assets[].path' "  the byte is U+FFFD"

# --- what verify finds
rm "$F"/"$cut"_0.png
printf more >>"$F"/"$cut"_1.png
printf odd >"$F/$(odd 'stray\xff')"
is 6 "verify" dreamq verify --json --ledger "$L" -o "$F"
told finding 3 "  is JSON"
told verified 1 "  with its sum"
shown 'select(.what == "unknown").path' "  the byte is U+FFFD"
is 0 "verify --repair" dreamq verify --repair --json --ledger "$L"
told finding 3 "  is JSON"

# --- the ledger itself
is 0 "ledger check" dreamq ledger check --json --ledger "$L"
told ledger 1 "  is JSON"
shown .path "  the byte is U+FFFD"
is 0 "ledger recover" dreamq ledger recover --json --ledger "$L"
told recovered 1 "  is JSON"
shown .path "  the byte is U+FFFD"

# --- cookies
cookie=$T/$(odd 'cookie\xff')
cp "$T/cookie" "$cookie" && chmod 600 "$cookie"
is 0 "auth status" dreamq auth status --json --cookie-file "$cookie"
told login 1 "  is JSON"
shown .path "  the byte is U+FFFD"
odd_config=$T/$(odd 'config\xff')
mkdir -p "$odd_config" && cp -r "$XDG_CONFIG_HOME/dreamq" "$odd_config"
is 0 "auth import" env -u DREAMQ_COOKIE_FILE XDG_CONFIG_HOME="$odd_config" "$DREAMQ" auth import "$cookie"
is 0 "auth list" env -u DREAMQ_COOKIE_FILE XDG_CONFIG_HOME="$odd_config" "$DREAMQ" auth list --json
told login 1 "  is JSON"
shown .path "  the byte is U+FFFD"

# --- submits
clear_script
is 0 "submit" dreamq submit --json --ledger "$L" --prompt "a cat [seconds=0.1] [items=1]"
told submitted 1 "  is JSON"
is 0 "run" dreamq run --json --ledger "$L" --prompt "a dog [seconds=0.1] [items=1]" -o "$F"
told stored 1 "  is JSON"
shown 'select(.event == "stored").path' "  the byte is U+FFFD"

# --- what is refused has its line, too
# refused STATUS LABEL COMMAND...
refused() {
	is "$1" "$2" "${@:3}"
	told error 1 "  is JSON"
}
bad=$(odd 'caf\xe9')
refused 2 "a prompt that is not UTF-8" dreamq submit --json --prompt "$bad"
refused 2 "an id" dreamq query --json "$bad"
refused 2 "a profile" dreamq list --json --profile "$bad"
refused 2 "a verb" dreamq --json "$bad"
refused 2 "an option" dreamq list --json "--$bad"
refused 2 "a template of names" dreamq get --json --name "$bad/{nothing}" "$cut"
refused 6 "a list of ids that is not there" dreamq get --json --input "$T/$bad"
refused 6 "a config file that is not there" dreamq list --json --config "$T/$bad"
refused 3 "a cookie file that is not there" dreamq query --json --cookie-file "$T/$bad" "$cut"
refused 6 "a folder that can't be made" dreamq get --json -o "$IDS/$bad" "$cut"
refused 6 "a ledger that is none" dreamq list --json --ledger "$IDS"
refused 1 "an id that nobody knows" dreamq show --json --ledger "$L" nobody-knows
refused 6 "a batch that is not there" dreamq submit --json --batch "$T/$bad"
done_testing
