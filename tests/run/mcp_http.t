#!/bin/bash
# mcp_http.t - 'dreamq mcp --http': both eras, what only strangers send, and how it begins and
# ends. (mcp_http.py talks.) SLOW_TOO=yes has it wait for connections that take for ever, too.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mcp.sh"

# parts PART...: what mcp_http.py finds, all of them at once
parts() {
	local part status line pids=()

	for part; do
		timeout 300 /usr/bin/python3 -B "$SOURCE_ROOT/tests/run/mcp_http.py" "$part" >"$T/$part.parts" 2>"$T/$part.trouble" &
		pids+=($!)
	done
	for part; do
		wait "${pids[0]}"
		status=$?
		pids=("${pids[@]:1}")
		while IFS= read -r line; do
			case $line in
			"ok "*) ok "${line#ok }" ;;
			*) not_ok "${line#not ok }" ;;
			esac
		done <"$T/$part.parts"
		[ $status -eq 0 ] && [ -s "$T/$part.parts" ] || not_ok "$part came to its end" "status $status" "$(tail -5 "$T/$part.trouble")"
	done
}

# serve ARG...: starts a server; WHERE is its port, SERVER its process
serve() {
	"$DREAMQ" mcp --http 127.0.0.1:0 "$@" >"$T/served" 2>"$T/serving" &
	SERVER=$!
	eventually 10 grep -q 'serving MCP at' "$T/serving" || return
	WHERE=$(sed -n 's#.*http://127\.0\.0\.1:\([0-9]*\)/mcp.*#\1#p' "$T/serving")
	export WHERE
}

ends_with_us SERVER
login canary
start_emulator --time-scale 20
SLOW=$(make_tasks '{"account":"canary","prefix":"s-","count":1,"prompt":"[seconds=90000]"}')
export SLOW
dreamq query -q "$SLOW" >/dev/null

# --- its token: told when it is new, and only then
serve
says "Authorization: Bearer [0-9a-f]{32}'" "$T/serving" "a new token is told"
TOKEN=$(sed -n "s/.*Bearer \([0-9a-f]*\)'.*/\1/p" "$T/serving")
export TOKEN
parts modern legacy frames guard listen
parts strangers
[ "${SLOW_TOO:-}" != yes ] || parts slow
curl -sN -m 20 "http://127.0.0.1:$WHERE/mcp" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
	-H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: dreamq_wait' \
	-d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"dreamq_wait","arguments":{"ids":["'"$SLOW"'"]},"_meta":{"progressToken":1,"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}' >"$T/stream" &
CURL=$!
eventually 10 grep -q notifications/progress "$T/stream" && ok "a stream is open"
kill -TERM "$SERVER"
wait "$SERVER"
equal 0 $? "SIGTERM ends it, streams and all"
wait "$CURL"
equal "" "$(cat "$T/served")" "standard output has nothing"
printf '%s\n' 'a-token-of-my-own-1234' >"$T/token"
chmod 600 "$T/token"
serve --token-file "$T/token"
says_not "Bearer" "$T/serving" "one of a file is not told"
export TOKEN=a-token-of-my-own-1234
equal 405 "$(curl -s -o "$T/out" -w '%{http_code}' -X PUT "http://127.0.0.1:$WHERE/mcp" -H "Authorization: Bearer $TOKEN")" "  and holds"
is 6 "a port that is taken" dreamq mcp -q --http "127.0.0.1:$WHERE"
says "can't listen at '127.0.0.1:$WHERE'" "$T/err" "  is named"
kill -INT "$SERVER"
wait "$SERVER"
equal 0 $? "SIGINT ends it"
export DREAMQ_MCP_TOKEN=short
is 2 "a token that is too short" dreamq mcp --http 127.0.0.1:0
says "DREAMQ_MCP_TOKEN: a token has 16" "$T/err" "  is told, and where it stands"
unset DREAMQ_MCP_TOKEN

# --- what can't be
chmod 644 "$T/token"
is 3 "a token that others can read" dreamq mcp --http 127.0.0.1:0 --token-file "$T/token"
is 2 "a token without HTTP" dreamq mcp --token-file "$T/token" </dev/null
for where in 0.0.0.0:0 192.168.1.1:80 example.com:80 127.0.0.1 127.0.0.1:99999 nonsense ""; do
	is 2 "an address that is none, or everybody's: '$where'" dreamq mcp --http "$where"
done
mkdir "$T/empty"
: >"$T/empty/libmicrohttpd.so.12"
is 2 "without its library" env LD_LIBRARY_PATH="$T/empty" "$DREAMQ" mcp --http 127.0.0.1:0
says "Debian: libmicrohttpd12" "$T/err" "  its package is named"
for locale in C zh_CN.UTF-8 xx_YY.UTF-8; do
	is 2 "in $locale" env LC_ALL=$locale COLUMNS=20 "$DREAMQ" mcp --http 10.0.0.1:1
	says "127.0.0.1" "$T/err" "  it says what would do"
done
equal 0 "$(violations | wc -l)" "the service saw nothing odd"
done_testing
