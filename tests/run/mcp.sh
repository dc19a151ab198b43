# mcp.sh - for tests that have a script of their own talk to 'dreamq mcp'. Behind lib.sh.

# said_by COMMAND...: what it prints, a line each: "ok LABEL" or "not ok LABEL"
said_by() {
	local status=0 line

	"$@" >"$T/parts" 2>"$T/trouble" || status=$?
	while IFS= read -r line; do
		case $line in
		"ok "*) ok "${line#ok }" ;;
		*) not_ok "${line#not ok }" ;;
		esac
	done <"$T/parts"
	[ $status -eq 0 ] && [ -s "$T/parts" ] || not_ok "it came to its end: $*" "status $status" "$(tail -20 "$T/trouble")"
}

# mcp_parts NAME PART...: what NAME.py finds
mcp_parts() {
	said_by timeout 300 /usr/bin/python3 -B "$SOURCE_ROOT/tests/run/$1.py" "${@:2}"
}
