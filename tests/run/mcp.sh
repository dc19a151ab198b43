# mcp.sh - for tests that have a script of their own talk to 'dreamq mcp'. Behind lib.sh.

# say PARTS: what a script has found, a line each: "ok LABEL" or "not ok LABEL"
say() {
	local line

	while IFS= read -r line; do
		case $line in
		"ok "*) ok "${line#ok }" ;;
		*) not_ok "${line#not ok }" ;;
		esac
	done <"$1"
}

# said_by COMMAND...: runs it, and says what it prints
said_by() {
	local status=0

	"$@" >"$T/parts" 2>"$T/trouble" || status=$?
	say "$T/parts"
	[ $status -eq 0 ] && [ -s "$T/parts" ] || not_ok "it came to its end: $*" "status $status" "$(tail -20 "$T/trouble")"
}

# mcp_parts NAME PART...: what NAME.py finds
mcp_parts() {
	said_by timeout 300 /usr/bin/python3 -B "$SOURCE_ROOT/tests/run/$1.py" "${@:2}"
}

# mcp_at_once NAME PART...: the same, all at once, each on a ledger of its own
mcp_at_once() {
	local part name=$1 status pids=()

	shift
	for part; do
		DREAMQ_LEDGER=$T/$part.db timeout 300 /usr/bin/python3 -B "$SOURCE_ROOT/tests/run/$name.py" "$part" \
			>"$T/$part.parts" 2>"$T/$part.trouble" &
		pids+=($!)
	done
	for part; do
		status=0
		wait "${pids[0]}" || status=$?
		pids=("${pids[@]:1}")
		say "$T/$part.parts"
		[ $status -eq 0 ] && [ -s "$T/$part.parts" ] || not_ok "$part came to its end" "status $status" "$(tail -5 "$T/$part.trouble")"
	done
}

# a_finished_task: an account, an emulator, and DONE, a task of two pictures that has ended
a_finished_task() {
	login canary
	start_emulator --time-scale 20
	export FOLDER=$T/files DONE
	is 0 "a task" dreamq submit -q --prompt "a cat [seconds=0] [items=2]"
	DONE=$(cat "$T/out")
	is 0 "that has ended" dreamq wait -q "$DONE"
}

# ends_with_us VARIABLE: the process whose id it holds, whenever we end
ends_with_us() {
	end_all() {
		local status=$?

		kill "${!WITH_US}" 2>/dev/null
		(exit $status)
		finish
	}
	WITH_US=$1
	trap end_all EXIT
}
