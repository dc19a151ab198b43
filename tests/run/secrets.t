#!/bin/bash
# The cookie is found nowhere but in requests to the API; links only where asked for.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 50
canary=canary0sessionid0d3adb33f
login "$canary"
mkdir "$T/all"

task=$(make_tasks "{\"account\":\"$canary\",\"count\":1,\"prefix\":\"s\",\"prompt\":\"a cat\",\"age_seconds\":600}")
step() {
	label=$1
	shift
	n=$((${n:-0} + 1))
	"$@" >"$T/all/$n.out" 2>"$T/all/$n.err" &
	pid=$!
	tr '\0' ' ' <"/proc/$pid/cmdline" >>"$T/all/argv" 2>/dev/null
	wait $pid
	echo "# $label: $?"
}
step "get" "$DREAMQ" get -v -o "$T/files" --sidecar --exec 'env' "$task"
step "get --json" "$DREAMQ" get -v --json -o "$T/files2" --sidecar "$task"
step "submit" "$DREAMQ" submit -v --prompt "a cat"
step "submit refused" "$DREAMQ" submit -v --prompt "[ret=1018]"
step "auth status" "$DREAMQ" auth status -v
step "list" "$DREAMQ" list -v --json
step "show" "$DREAMQ" show -v "$task"
step "export" "$DREAMQ" export
for fault in "status 503" "html status=502" "empty" "not-json" "ret 1015" "ret 1019" "reset" \
	"cut-json" "redirect http://127.0.0.1:1/elsewhere"; do
	script "on=any times=4 : $fault"
	step "query with $fault" "$DREAMQ" query -v "$task"
	clear_script
done
script "on=cdn times=30 : status 403"
step "get with dead links" "$DREAMQ" get -v -o "$T/files3" "$task"
clear_script
printf 'sessionid=%s\001\n' "$canary" >"$T/broken"
chmod 600 "$T/broken"
step "a broken cookie file" "$DREAMQ" --cookie-file "$T/broken" query -v "$task"
printf 'sessionid=%s\n' "$canary" >"$T/open"
chmod 644 "$T/open"
step "a cookie file that others can read" "$DREAMQ" --cookie-file "$T/open" query "$task"

found=$(grep -rl -- "$canary" "$T/all" "$T/files" "$T/files2" "$T/state" 2>/dev/null)
equal "" "$found" "no output, argv, file, sidecar or ledger has the cookie"
equal "" "$(sqlite3 "$LEDGER" .dump | grep -c "$canary" | grep -v '^0$')" "nor a dump of the ledger"
equal 0 "$(jq -s --arg c "$canary" '[.[] | select(.on == "cdn") | select(tostring | contains($c))] | length' "$T/requests.log")" \
	"no request to the CDN has it"
if [ "$(jq -s --arg c "$canary" '[.[] | select(.on != "cdn") | select(tostring | contains($c))] | length' "$T/requests.log")" -gt 5 ]; then
	ok "requests to the API have it (the search would find it)"
else
	not_ok "the search finds nothing even where it must"
fi
signature='x-signature=|x-expires=|/[0-9a-f]{32}/[0-9a-f]{8}/video'
equal "" "$(grep -rlE -- "$signature" "$T"/all/*.err "$T/files" "$T/files2" 2>/dev/null)" \
	"no signed link in talk, sidecars or files"
equal 0 "$(sqlite3 "$LEDGER" .dump | grep -cE -- "$signature")" "nor in the ledger"
done_testing
