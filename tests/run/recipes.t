#!/bin/bash
# The recipes of docs/recipes.md, and what start and guide show, do what they say: each is run as it stands there, in a folder, a
# home and an account of its own, with three tasks that have ended (ids.txt). Four at once.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 100
mkdir "$T/bin" "$T/recipes" && ln -s "$DREAMQ" "$T/bin/dreamq" && ln -s "$DREAMQ_EMULATOR" "$T/bin/dreamq-emulator"
export PATH=$T/bin:$PATH REQUESTS=$T/requests.log NTFY=$DREAMQ_API_BASE/ntfy FETCH_ONE SOURCE_ROOT DREAMQ
config=$XDG_CONFIG_HOME/dreamq/config.ini
unset DREAMQ_COOKIE_FILE XDG_CONFIG_HOME XDG_STATE_HOME

# cook NN: its status in NN.status, what it said in NN.said
cook() {
	local home=$T/home-$1 work=$T/work-$1

	mkdir -p "$home/.config/dreamq" "$work"
	cp "$config" "$home/.config/dreamq"
	cd "$work" || exit
	export HOME=$home
	echo "sessionid=cook$1" | dreamq auth import >"$T/$1.said" 2>&1
	ln -s "$home/.config/dreamq/cookies/default.cookie" cookie
	make_tasks "{\"account\":\"cook$1\",\"prefix\":\"recipe-$1-\",\"count\":2,\"prompt\":\"a cat [items=1]\",\"age_seconds\":600}" >ids.txt
	make_tasks "{\"account\":\"cook$1\",\"ids\":[\"recipe-$1-film\"],\"kind\":\"video\",\"prompt\":\"waves\",\"age_seconds\":6000}" >>ids.txt
	rm -f cookie
	timeout -k 5 120 bash "$T/recipes/$1.sh" >>"$T/$1.said" 2>&1 </dev/null
	echo $? >"$T/$1.status"
}

python3 "$SOURCE_ROOT/tests/run/recipes.py" "$T/recipes" "$SOURCE_ROOT"/docs/{recipes,start,guide}.md >"$T/titles"
while read -r number title; do
	[ "$number" != - ] || continue
	cook "$number" &
	[ "$(jobs -rp | wc -l)" -lt 5 ] || wait -n # the emulator is one of them
done <"$T/titles"
for job in $(jobs -rp); do
	[ "$job" = "$emulator_pid" ] || wait "$job"
done
while read -r number title; do
	if [ "$number" = - ]; then
		skip "${title%%: *}" "${title#*: }"
		continue
	fi
	case $(cat "$T/$number.status") in
	0) ok "$title" ;;
	97) not_ok "$title: what comes first fails" "$(cat "$T/$number.said")" ;;
	98) not_ok "$title: a command ends otherwise" "$(cat "$T/$number.said")" ;;
	99) not_ok "$title: what it promises is not so" "$(cat "$T/$number.said")" "$(ls -R "$T/work-$number")" ;;
	*) not_ok "$title: status $(cat "$T/$number.status")" "$(cat "$T/$number.said")" ;;
	esac
done <"$T/titles"
at_least 20 "$(grep -c '^[0-9]' "$T/titles")" "there are twenty and more"
done_testing
