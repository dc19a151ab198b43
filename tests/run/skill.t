#!/bin/bash
# Every command in the skill for agents works, and its exit table is the program's.
. "$(dirname "$0")/lib.sh"
skill=$SOURCE_ROOT/skills/dreamina-query-result/SKILL.md
start_emulator --time-scale 100
cd "$T" || exit 1
mkdir bin
ln -s "$DREAMQ" bin/dreamq
PATH=$T/bin:$PATH

ID=$(dreamq submit --prompt "a cat [seconds=1]") || echo "# submit failed"
export ID
echo "$ID" >ids.txt
printf "%s\n" "a cat [seconds=1]" "{\"prompt\": \"a dog [seconds=1]\"}" >prompts.txt
sleep 0.3

lines=$(wc -l <"$skill")
if [ "$lines" -lt 200 ]; then ok "under 200 lines"; else not_ok "under 200 lines" "$lines"; fi

# The commands are the contents of the sh blocks.
awk '/^```sh$/ { block = 1; next } /^```$/ { block = 0 } block' "$skill" >commands
commands=0
while IFS= read -r command; do
	[ -n "$command" ] || continue
	commands=$((commands + 1))
	printf '%s\n' "$command" >command.sh
	is 0 "$command" bash command.sh
	case $command in
	*stats*) says '^\["image",.*,[0-9]+\]$' "$T/out" "  prints how long the next will take" ;;
	*credits*) says '^\[[0-9]+,\[' "$T/out" "  prints what there is, and what ends" ;;
	*jq*) says "results/" "$T/out" "  prints paths" ;;
	*--json*) valid "$T/out" "  its lines follow the schema" ;;
	esac
done <commands
if [ "$commands" -ge 8 ]; then ok "$commands commands were tried"; else not_ok "too few commands" "$commands"; fi
done_testing
