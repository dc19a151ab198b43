#!/usr/bin/env bash
# The rows on a terminal whose width changes while they are shown: drawn once, nothing of
# theirs is left above, and what stood there before stays. RESIZES (15): of the random ones.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 20
ids=$(make_tasks '{"account":"tester","count":3,"prefix":"r","prompt":"竹林里的熊猫在雪地上玩耍，阳光透过竹叶洒在它们身上，远处是连绵的群山和一条蜿蜒的小河 [seconds=9000]"}
')
unset NO_COLOR TMUX STY XTERM_VERSION
# on_terminal LABEL ARGUMENT... (of resize.py)
on_terminal() {
	local label=$1
	shift
	is 130 "$label" timeout 300 env TERM=xterm-256color "${terminal[@]}" \
		python3 "$SOURCE_ROOT/tests/run/resize.py" "$@" 4 '^(竹林|0 of 3)' "$DREAMQ" wait $ids
	equal "" "$(cat "$T/out")" "  no rubbish"
}
terminal=(A=b)
on_terminal "narrower" 100,60
on_terminal "narrower and narrower" 120,70,45,30,20
on_terminal "wider" 50,80,200
on_terminal "to and fro" 90,40,110,33,77,41
widths=$(python3 -c 'import random, sys
random.seed(sys.argv[2])
print(",".join(str(random.randint(35, 140)) for _ in range(int(sys.argv[1]) + 1)))' \
	"${RESIZES:-15}" "${RESIZE_SEED:-7}")
on_terminal "at random" "$widths"
terminal=(XTERM_VERSION='XTerm(379)')
on_terminal "a terminal that cuts lines instead of wrapping them" --clips 100,60,40,120
terminal=(TERM=linux)
on_terminal "another" --clips 100,50,90
terminal=(XTERM_VERSION='XTerm(379)' TMUX=/tmp/tmux/0)
on_terminal "in one that wraps them, inside one that does not" 100,60,40,120
done_testing
