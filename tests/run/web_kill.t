#!/bin/bash
# A submit as the web page makes it, killed at each step that the disk sees of it, and
# twice while it waits for the answer; the same command again: accepted at most once, and
# what was accepted is found, and its file comes home.
. "$(dirname "$0")/lib.sh"
: "${KILL_AT_LIBRARY:?}"
start_emulator --time-scale 100
export XDG_STATE_HOME=$T/state

# picture N: the arguments of the n-th
picture() { printf '%s\n' --submit-via web -p "picture $1 [size=64x64]" --set generate_num=1 --idempotency-key "key-$1"; }
accepted_of() { stat_of ".accepted_ids[\"$1\"] // 0"; }
# submit N NAME=VALUE...: the n-th, under the library that kills
submit() {
	local n=$1 words
	shift
	mapfile -t words < <(picture "$n")
	env "$@" KILL_LOG="$T/steps" LD_PRELOAD="$KILL_AT_LIBRARY" ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		"$DREAMQ" submit --submit-id "web-$n" "${words[@]}" >"$T/out" 2>"$T/err"
}
# settled N: run again; once it was accepted and is home, or it never arrived
settled() {
	local n=$1 words status
	mapfile -t words < <(picture "$n")
	timeout 60 "$DREAMQ" run -q --submit-id "web-$n" "${words[@]}" -o "$T/files" >"$T/out" 2>"$T/err"
	status=$?
	case $(accepted_of "web-$n") in
	1) [ $status -eq 0 ] && [ -s "$T/files/web-${n}_0.png" ] && home=$((home + 1)) ;;
	0) [ $status -eq 1 ] && [ "$(state_of "web-$n")" = not_found ] && lost=$((lost + 1)) ;;
	*) false ;;
	esac || {
		bad=$((bad + 1))
		echo "# $n: status $status, accepted $(accepted_of "web-$n"), $(state_of "web-$n")"
		head -n 3 "$T/err" | sed 's/^/# /'
	}
}

submit calm A=b
equal 0 $? "one that nobody disturbs"
steps=$(wc -l <"$T/steps")
home=0 lost=0 bad=0 killed=0
for n in $(seq "$((steps + 20))"); do
	rm -rf "$T/state"
	submit "$n" KILL_AT="$n"
	[ $? -eq 137 ] || break
	killed=$((killed + 1))
	settled "$n"
done
equal 0 $bad "killed at $killed steps, and run again: $home are home, $lost never arrived"
is 0 "there were about as many as undisturbed ($steps)" test $((2 * killed)) -gt "$steps"
at_least 2 "$home" "  some of them had been accepted, or were still to be sent"
at_least 1 "$lost" "  some may have left, and had not: they are not sent again"

home=0 lost=0 bad=0
for form in 'accept-then stall 60s' 'stall 60s'; do
	n=waits-${form%% *}
	script "on=submit id=web-$n times=1 : $form"
	submit "$n" A=b &
	eventually 10 eval "[ \"\$(jq -r 'select(.on == \"submit\") | .ids[0]' $T/requests.log | grep -c web-$n)\" -gt 0 ] ||
		[ \"\$(stat_of '.accepted_ids[\"web-$n\"]')\" = 1 ] || [ \"\$(dreamq show --json web-$n | jq -r .state)\" = submitting ]"
	sleep 0.5
	kill -9 "$(pgrep -P $!)" 2>/dev/null
	wait $! 2>/dev/null
	clear_script
	settled "$n"
done
equal "0 1 1" "$bad $home $lost" "killed while it waits for the answer: what was accepted is home, the other is not sent again"
equal '[1]' "$(stat_of '[.accepted_ids[]] | unique')" "each was accepted at most once"
equal "" "$(violations)" "the emulator has nothing to complain of"
done_testing
