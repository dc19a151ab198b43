# mcp.sh - for tests that have a script of their own talk to 'dreamq mcp'. Behind lib.sh.

# mcp_parts NAME PART...: what NAME.py finds
mcp_parts() {
	timeout 300 /usr/bin/python3 -B "$SOURCE_ROOT/tests/run/$1.py" "${@:2}" >"$T/parts" 2>"$T/trouble"
	local status=$? line

	while IFS= read -r line; do
		case $line in
		"ok "*) ok "${line#ok }" ;;
		*) not_ok "${line#not ok }" ;;
		esac
	done <"$T/parts"
	[ $status -eq 0 ] && [ -s "$T/parts" ] || not_ok "$* came to its end" "status $status" "$(tail -5 "$T/trouble")"
}
