#!/bin/bash
# Two watch, three get and ten query on one ledger at once: each task has one owner, no file
# is fetched twice, and nobody is shown an error.
#
#	CROWD_TASKS=60
. "$(dirname "$0")/lib.sh"
tasks=${CROWD_TASKS:-60}
start_emulator --time-scale 10

# named NAME VERB...: a process whose requests the emulator's log tells from all others,
# by a header that may say anything
named() {
	local name=$1
	shift
	settings "lan = $name" >"$T/$name.ini"
	# in the foreground, so that a signal comes to it once: a second one ends it at once
	DREAMQ_CONFIG=$T/$name.ini exec timeout --foreground 200 "$DREAMQ" "$@" >"$T/$name.out" 2>"$T/$name.err"
}

# They end one after the other, 2 to 12 s from now; a third of them have four files.
for n in $(seq 0 $((tasks - 1))); do
	make_tasks "{\"account\":\"tester\",\"ids\":[\"c-$n\"],\"prompt\":\"a crowd [items=$((n % 3 ? 1 : 4))] \
[seconds=$((20 + n * 100 / tasks))]\"}"
done >"$T/ids"
files=$((tasks + (tasks + 2) / 3 * 3))
equal "$tasks" "$(wc -l <"$T/ids")" "$tasks tasks that nobody knows yet"
head -n $((tasks * 2 / 3)) "$T/ids" >"$T/ids.g1"
tail -n $((tasks * 2 / 3)) "$T/ids" >"$T/ids.g2"
shuf --random-source="$T/ids" "$T/ids" >"$T/ids.g3"

declare -A pid
for name in w1 w2; do
	named $name watch -o "$T/files" --interval 500ms &
	pid[$name]=$!
done
for name in g1 g2 g3; do
	named $name get -o "$T/files" --interval 500ms --input "$T/ids.$name" &
	pid[$name]=$!
done
sleep 1
for n in $(seq 10); do
	sleep 0.9
	named "q$n" query --input <(shuf -n $((tasks / 2)) "$T/ids") &
	pid[q$n]=$!
done

for name in g1 g2 g3; do
	wait "${pid[$name]}"
	equal 0 $? "$name has all of its files"
done
for n in $(seq 10); do
	wait "${pid[q$n]}"
	status=$?
	case $status in
	0 | 4) ok "q$n had its look" ;;
	*) not_ok "q$n had its look" "status $status" "$(cat "$T/q$n.err")" ;;
	esac
done
kill -TERM "${pid[w1]}" "${pid[w2]}"
for name in w1 w2; do
	wait "${pid[$name]}"
	equal 0 $? "$name ends well"
done

complete "$T/files" $files "each file is there, once"
equal "$files" "$(count_stored)" "and in the ledger"
equal "$files" "$(jq -r 'select(.on == "cdn") | .path' "$T/requests.log" | wc -l)" "each was asked for once"
equal "" "$(jq -r 'select(.on == "cdn") | .path' "$T/requests.log" | sort | uniq -d)" "and none twice"
equal succeeded "$(in_ledger 'map(.state) | unique[]')" "all tasks have succeeded"
for name in w1 w2 g1 g2 g3 q1 q2 q3 q4 q5 q6 q7 q8 q9 q10; do
	# waiting for one another is no trouble, giving up would be
	grep -v 'warning: waiting for the ledger .*, which another program has locked, until' "$T/$name.err" >"$T/$name.trouble"
	says_not "locked|busy|error|cannot|can't|Sanitizer|assert" "$T/$name.trouble" "$name was shown no trouble"
done
for name in g1 g2 g3; do
	equal "$(sort "$T/ids.$name")" "$(sed 's/.*\///; s/_[0-9]*\.[a-z]*$//' "$T/$name.out" | sort -u)" \
		"$name told where the files of its tasks are"
done

# Who asked for what, in the order of asking: "id who". An owner asks again and again; who
# has lost a task never comes back to it while another has it.
jq -r '(.headers | map(select(.[0] | ascii_downcase == "lan"))[0][1]) as $who |
	select(.on == "query" and ($who | startswith("q") | not)) | .ids[] as $id | "\(.time) \($id) \($who)"' \
	"$T/requests.log" | sort -n | awk '{ print $2, $3 }' >"$T/asked"
awk '{ if (last[$1] != $2) { blocks[$1]++; if (seen[$1, $2]++) print $1, "went back to", $2 }
	last[$1] = $2 }' "$T/asked" >"$T/back"
equal "" "$(cat "$T/back")" "no task went back and forth between owners"
equal "$tasks" "$(awk '{ print $1 }' "$T/asked" | sort -u | wc -l)" "each was asked for by an owner"
awk '{ if (last[$1] != $2) changes[$1]++; last[$1] = $2 }
	END { for (id in changes) if (changes[id] > 4) print id, changes[id] }' "$T/asked" >"$T/changes"
equal "" "$(cat "$T/changes")" "and had few of them"
between 2 "$(awk '{ print $2 }' "$T/asked" | sort -u | wc -l)" 5 "(they shared the work)"
equal "" "$(violations)" "the emulator has nothing to complain of"
done_testing
