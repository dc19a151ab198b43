#!/bin/bash
# Nothing of the cookie on the disk when dreamq dies; nothing that the service says leads
# out of the folder, steers a terminal or grows without end. docs/hardening.md has the list.
. "$(dirname "$0")/lib.sh"
start_emulator
canary=canary0sessionid0c0r3
login $canary
is_sanitized=$(grep -qa __asan_init "$DREAMQ" && echo yes)

# --- no core dump ---

# holds PID TEXT: is it in the memory of that process?
holds() {
	/usr/bin/python3 -c '
import sys
found = False
with open(f"/proc/{sys.argv[1]}/maps") as maps, open(f"/proc/{sys.argv[1]}/mem", "rb") as memory:
    for line in maps:
        low, high = (int(x, 16) for x in line.split()[0].split("-"))
        if line.split()[1][0] != "r" or high - low > 1 << 28:
            continue
        try:
            memory.seek(low)
            found = found or sys.argv[2].encode() in memory.read(high - low)
        except (OSError, ValueError):
            pass
sys.exit(not found)' "$@"
}
# waiting COMMAND...: a dreamq that waits for the answer, as $pid, in a folder for its core
waiting() {
	rm -rf "$T/cores"
	mkdir -p "$T/cores"
	(
		cd "$T/cores" || exit
		ulimit -c unlimited
		exec "$@"
	) >"$T/out" 2>"$T/err" &
	pid=$!
}
script "on=query : stall 100s"
pattern=$(cat /proc/sys/kernel/core_pattern)
for signal in ABRT SEGV QUIT; do
	waiting sleep 100
	sleep 0.1
	kill -$signal $pid
	wait $pid 2>/dev/null
	if [ -z "$(ls "$T/cores")" ]; then
		skip "killed by SIG$signal" "this system writes no core beside a program ($pattern)"
		continue
	fi
	waiting "$DREAMQ" query "some-task"
	if [ -r "/proc/$pid/mem" ]; then
		if eventually 30 holds $pid "sessionid=$canary"; then
			ok "a dreamq that waits has the cookie in its memory"
		else
			not_ok "a dreamq that waits has the cookie in its memory" "$(cat "$T/err")"
		fi
	else
		sleep 1
	fi
	says "^Max core file size +0 " "/proc/$pid/limits" "and may write no core"
	kill -$signal $pid
	wait $pid 2>/dev/null
	equal "" "$(ls "$T/cores")" "killed by SIG$signal it leaves none"
done

# Its own user can't look into it either, nor can a collector be fed.
if [ -n "$is_sanitized" ]; then
	skip "nobody looks into it" "a build with sanitizers has to be looked into"
elif [ "$(id -u)" -eq 0 ] && type -P setpriv >/dev/null; then
	chmod 711 "$T"
	mkdir -p "$T/own"
	cp "$DREAMQ" "$T/own/dreamq"
	(umask 077 && echo "sessionid=$canary" >"$T/own/cookie")
	chown -R 65534:65534 "$T/own"
	as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
	looks_into() { as_nobody /usr/bin/python3 -c 'import sys; open(f"/proc/{sys.argv[1]}/mem", "rb")' "$1" 2>/dev/null; }
	waiting setpriv --reuid 65534 --regid 65534 --clear-groups sleep 100
	if eventually 5 looks_into $pid; then
		kill $pid
		wait $pid 2>/dev/null
		waiting setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$T/own" \
			XDG_STATE_HOME="$T/own/state" DREAMQ_COOKIE_FILE="$T/own/cookie" "$T/own/dreamq" query some-task
		eventually 10 holds $pid "sessionid=$canary" || not_ok "it waits" "$(cat "$T/err")"
		if looks_into $pid; then
			not_ok "its own user can't look into it"
		else
			ok "its own user can't look into it"
		fi
	else
		skip "its own user can't look into it" "here, nobody can look into anything"
	fi
	kill $pid
	wait $pid 2>/dev/null
else
	skip "nobody looks into it" "needs root, to become somebody else"
fi
clear_script

# --- what the service names ---

make_tasks '{"account":"'$canary'","ids":["t1"],"prompt":"a cat [items=1]","age_seconds":600}' >/dev/null
curl -s "$DREAMQ_API_BASE/mweb/v1/get_history_by_ids?aid=513695&device_platform=web&region=cn" \
	-H 'Content-Type: application/json' -H "Cookie: sessionid=$canary" -d '{"submit_ids":["t1"]}' >"$T/answer"
/usr/bin/python3 -c '
import gzip, http.server, sys
class Liar(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = open(sys.argv[1] + "/evil", "rb").read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    def do_GET(self): # a picture, under a tag without end; half of it at first
        picture = open(sys.argv[1] + "/picture", "rb").read()
        packed = self.path.endswith("/packed")
        picture = gzip.compress(picture) if packed else picture
        self.send_response(200)
        if packed: # whatever Accept-Encoding says
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", "image/png")
        self.send_header("ETag", "\"" + "e" * 9000 + "\"")
        huge = self.path.endswith("/huge")
        self.send_header("Content-Length", str(300 * 10**9 if huge else len(picture)))
        self.end_headers()
        half = self.path.endswith("/cut")
        self.wfile.write(picture[:len(picture) // 2] if half else picture)
        self.close_connection = half
    def log_message(self, *words):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
open(sys.argv[1] + "/liar.port", "w").write(str(server.server_port))
server.serve_forever()' "$T" 2>"$T/liar.err" &
liar=$!
trap 'kill $liar 2>/dev/null; finish' EXIT
eventually 10 test -s "$T/liar.port"
liar_base=http://127.0.0.1:$(cat "$T/liar.port")

declare -A evil=(
	[traversal]='"../../../../../../../../../../../../../../'"${T#/}"'/escaped"'
	[absolute]='"'"$T"'/escaped"'
	[control]='"\u001b]0;owned\u0007\u001b[2J\r\nX-Evil: 1\u0085\u009b31m\u007f\b"'
	[long]='("A/" * 40000)'
)
# Everything that is told, kept or named after words of the service.
keys="image_uri format history_record_id history_id task_id submit_id prompt model_name model_req_key
	title description fail_msg fail_code errmsg logid"
# calm FILE...: no control character but line breaks, no C1 in UTF-8
calm() { ! LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$@"; }

worst=
for kind in traversal absolute control long; do
	trouble=
	verbs=()
	case $kind in control | long) verbs=(list "show t1" export) ;; esac # the others are no words
	for key in $keys; do
		at="$T/cases/$kind-$key"
		mkdir -p "$at/in"
		export XDG_STATE_HOME=$at/state
		jq "(.. | objects | select(has(\"$key\") and (.$key | type) == \"string\") | .$key) = ${evil[$kind]}
			| if \"$key\" | startswith(\"fail\") then .data.t1 |= (.status = 30 | .item_list = []) else . end
			| if \"$key\" == \"errmsg\" then .ret = \"1019\" else . end" "$T/answer" >"$T/evil" || exit 1
		(
			cd "$at/in" || exit
			timeout 20 "$DREAMQ" --api-base "$liar_base" get -v -o out --sidecar --max-wait 2s \
				--name '{model}-{prompt}-{history_id}-{index}.{ext}' t1 >../get.out 2>../get.err
			echo $? >../status
			for verb in "${verbs[@]}"; do
				# shellcheck disable=SC2086
				timeout 20 "$DREAMQ" --api-base "$liar_base" --cookie-file "$T/cookie" $verb
			done >../said 2>&1
		)
		case $(cat "$at/status") in 0 | 1 | 4 | 5 | 7 | 8) ;; *) trouble+=" $key:status$(cat "$at/status")" ;; esac
		calm "$at/get.out" "$at/get.err" "$at/said" || trouble+=" $key:terminal"
		# A prompt is kept as it came; whoever shows it makes it fit.
		[ "$key" = prompt ] || calm <(LEDGER=$at/state/dreamq/ledger.db lab_dump) || trouble+=" $key:ledger"
		calm <(find "$at/in" -printf '%P\n') || trouble+=" $key:names"
		[ "$(ls "$at/in")" = out ] || [ -z "$(ls "$at/in")" ] || trouble+=" $key:outside"
		grep -q "Sanitizer\|runtime error" "$at/get.err" "$at/said" && trouble+=" $key:sanitizer"
		find "$at/in" -name '*.json' -exec jq -e . {} + >/dev/null || trouble+=" $key:sidecar"
		worst=$(find "$at/state/dreamq/ledger.db" -size +600k)$worst
		[ "$(stat -c %s "$at/said")" -lt "$([ "$key" = prompt ] && echo 400000 || echo 100000)" ] || trouble+=" $key:said-too-much"
	done
	at_least 8 "$(cat "$T/cases/$kind"-*/status | grep -c '^0$')" "$kind: most tasks bring their file"
	equal "" "$trouble" "$kind in any of $(wc -w <<<"$keys") fields: stays inside, steers nothing"
done
equal "" "$(find "$T" -name '*escaped*' -not -path "$T/cases/*")" "no file anywhere else"
equal "" "$worst" "no ledger grew"
says "owned" "$T/cases/control-fail_msg/said" "(the strange words of fail_msg did arrive)"
says "owned" "$T/cases/control-errmsg/get.err" "(and those of errmsg)"
jq '.data.t1.fail_msg = "a\u0000b"' "$T/answer" >"$T/evil"
is 0 "an answer with a NUL in a string" dreamq --api-base "$liar_base" query t1
says "1 part of the answer can't be read" "$T/err" "costs that string"

# --- what could grow ---

export XDG_STATE_HOME=$T/grows
# bulky JQ: the answer with this change
bulky() { jq -c "$1" "$T/answer" >"$T/evil"; }
bulky '.data.t1.fail_msg = ("x" * 5000000) | .data.t1 |= (.status = 30 | .item_list = [])'
is 1 "5 MB of message" dreamq --api-base "$liar_base" query t1
between 10 "$(cat "$T/out" "$T/err" | wc -c)" 3000 "are a sentence"
dreamq show t1 >"$T/out" 2>&1
between 100 "$(wc -c <"$T/out")" 5000 "and not much more in the ledger"
export XDG_STATE_HOME=$T/grows-too
bulky '.data |= (.t1 as $record | [range(3000) | {("t\(.)"): $record}] | add)'
is 7 "3000 records where one was asked for" dreamq --api-base "$liar_base" query t1
says "records|is over" "$T/err" "are too many"
bulky '.data.t1.item_list |= [range(1000) as $i | .[0]
	| (.. | objects | select(has("image_uri")) | .image_uri) |= "\(.)-\($i)"]'
is 7 "1000 pictures of one task" dreamq --api-base "$liar_base" query --json t1
equal 256 "$(jq 'select(.event == "task").assets | length' "$T/out")" "are cut"
says "744 assets more than the 256" "$T/err" "and how many are left out is told"
export XDG_STATE_HOME=$T/copies
bulky '.data.t1.item_list |= [range(1000) as $i | .[0]]'
is 0 "1000 copies of one picture" dreamq --api-base "$liar_base" query --json t1
equal 1 "$(jq 'select(.event == "task").assets | length' "$T/out")" "are one"
export XDG_STATE_HOME=$T/grows-too
bulky '(.. | objects | select(has("image_url")) | .image_url) |= (. + "&x=" + ("y" * 20000))'
dreamq --api-base "$liar_base" query --json t1 >"$T/out" 2>"$T/err"
equal 0 "$(grep -c yyyyyyyy "$T/out")" "a link of 20 kB is none"

export XDG_STATE_HOME=$T/labelled
find "$T/cases" -name '*.png' | head -1 | xargs -I{} cp {} "$T/picture"
bulky "(.. | objects | select(has(\"image_url\")) | .image_url) = \"$liar_base/cut\""
timeout 20 "$DREAMQ" --api-base "$liar_base" get -o "$T/tagged" --max-wait 1s t1 >"$T/out" 2>"$T/err"
equal 0 "$(LEDGER=$T/labelled/dreamq/ledger.db lab_dump | grep -c eeeeeeee)" "an ETag of 9 kB is not kept"
bulky "(.. | objects | select(has(\"image_url\")) | .image_url) = \"$liar_base/whole\""
is 0 "nor needed" timeout 20 "$DREAMQ" --api-base "$liar_base" get -o "$T/tagged" t1

export XDG_STATE_HOME=$T/large
bulky "(.. | objects | select(has(\"image_url\")) | .image_url) = \"$liar_base/huge\""
is 7 "a file of 300 GB" timeout 30 "$DREAMQ" --api-base "$liar_base" get -o "$T/large-out" t1
says "is over 27[0-9.]* GB" "$T/err" "is not begun"
equal 0 "$(temporaries "$T/large-out")" "and leaves nothing"

export XDG_STATE_HOME=$T/packed
bulky "(.. | objects | select(has(\"image_url\")) | .image_url) = \"$liar_base/packed\""
is 7 "a file that comes packed" timeout 30 "$DREAMQ" --api-base "$liar_base" get -o "$T/packed-out" t1
says "packed \(gzip\)" "$T/err" "is named as such"
complete "$T/packed-out" 0 "and not kept"

export XDG_STATE_HOME=$T/taken
mkdir "$T/crowded"
(cd "$T/crowded" && touch same.png && seq -f 'same-%g.png' 2 10000 | xargs touch)
is 6 "10 000 names that are taken" timeout 60 "$DREAMQ" get -o "$T/crowded" --name same.{ext} t1
says "9999 names like it are taken" "$T/err" "are enough"
equal 10000 "$(find "$T/crowded" -type f -name 'same*' | wc -l)" "and none is touched"
equal "" "$(find "$T/crowded" -name 'same*' -size +0)" "not even one"
done_testing
