#!/bin/bash
# examples/tell.py: the body that each chat service wants, and what becomes of one that refuses.
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 1
err=$T/err
chats=
trap 'kill $chats 2>/dev/null; finish' EXIT
start_emulator --time-scale 100
make_tasks '{"account":"tester","count":10,"prefix":"t","prompt":"一只猫 a cat [items=1]","age_seconds":600}' >ids
make_tasks '{"account":"tester","ids":["bad"],"prompt":"no [reject-text]","age_seconds":600}' >>ids

# chat NAME [BODY...]: start one; $TELL_URL leads to it
chat() {
	/usr/bin/python3 "$SOURCE_ROOT/tests/run/tell.py" "$T/$1.got" "${@:2}" >"$1.port" &
	chats="$chats $!"
	eventually 10 test -s "$1.port"
	export TELL_URL="http://127.0.0.1:$(cat "$1.port")/canary?key=1"
}
tell=$SOURCE_ROOT/examples/tell.py
n=0
# told SERVICE FILTER WANTED [BODY...]: dreamq runs it for a task that is done
told() {
	chat "$1" "${@:4}"
	is 0 "$1" dreamq get -o files --on "done=python3 '$tell' $1" "t-$n"
	says_not 'does not take|canary' "$err" "  takes it"
	equal "$3" "$(jq -r .body "$1.got" | jq -r "$2" 2>/dev/null || jq -r .body "$1.got")" "  as it wants it"
	n=$((n + 1))
}
text="dreamq: done 完成\nt-0\n一只猫 a cat [items=1]\n$T/files/t-0_0.png"
told wecom '"\(.msgtype) \(.text.content)"' "text $(printf "$text")" '{"errcode":0}'
told feishu '"\(.msg_type) \(.content.text)"' "text $(printf "${text//t-0/t-1}")" '{"code":0}'
told dingtalk '"\(.msgtype) \(.text.content)"' "text $(printf "${text//t-0/t-2}")" '{"errcode":0}'
TELL_CHAT=42
export TELL_CHAT
told telegram '"\(.chat_id) \(.text)"' "42 $(printf "${text//t-0/t-3}")" '{"ok":true}'
chat ntfy 'ok'
is 0 "ntfy" dreamq get -q -o files --on "done=python3 '$tell' ntfy" t-4
equal "$(printf "${text//t-0/t-4}")" "$(jq -r .body ntfy.got)" "  takes plain text"
equal "text/plain; charset=utf-8" "$(jq -r .type ntfy.got)" "  as UTF-8"

# --- signed ----------------------------------------------------------------------------------
export TELL_SECRET=secret-7
chat signed '{}'
is 0 "feishu, signed" dreamq get -q -o files --on "done=python3 '$tell' feishu" t-5
stamp=$(jq -r .body signed.got | jq -r .timestamp)
equal "$(printf '' | openssl dgst -sha256 -hmac "$(printf '%s\nsecret-7' "$stamp")" -binary | base64)" \
	"$(jq -r .body signed.got | jq -r .sign)" "  as openssl does"
chat ding '{}'
is 0 "dingtalk, signed" dreamq get -q -o files --on "done=python3 '$tell' dingtalk" t-6
stamp=$(jq -r .path ding.got | sed 's/.*timestamp=\([0-9]*\).*/\1/')
wanted=$(printf '%s\nsecret-7' "$stamp" | openssl dgst -sha256 -hmac secret-7 -binary | base64)
equal "$wanted" "$(jq -r .path ding.got | sed 's/.*sign=//' | python3 -c 'import sys, urllib.parse; print(urllib.parse.unquote_plus(sys.stdin.read().strip()))')" \
	"  as openssl does"

# --- other events, and what goes wrong ---------------------------------------------------------
chat other '500' '{"errcode":0}'
is 1 "a task that fails" dreamq get -o files --on "failed=python3 '$tell' wecom" bad
equal 2 "$(wc -l <other.got)" "  is told again after a status 500"
says '2038' <(jq -r .body other.got | tail -1 | jq -r .text.content) "  with its reason"
says_not 'does not take' "$err" "  and that is no failure"
chat never '{"errcode":93000,"errmsg":"invalid webhook url"}'
is 0 "one that never takes it" dreamq get -o files --on "done=python3 '$tell' wecom" t-7
says 'invalid webhook url' "$err" "  is told"
equal 3 "$(wc -l <never.got)" "  after three times"
says_not 'canary' "$err" "  without the URL"
printf '%s\n' "$TELL_URL" >url
chat file '{}'
printf '%s\n' "$TELL_URL" >url
TELL_URL= TELL_URL_FILE=url is 0 "an URL out of a file" dreamq get -q -o files --on "done=python3 '$tell' wecom" t-8
equal 1 "$(wc -l <file.got)" "  is used"
is 1 "no such service" sh -c "echo '{}' | python3 '$tell' icq"
done_testing
