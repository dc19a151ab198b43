#!/bin/bash
# --webhook: what is told, signed; what a receiver may answer; nothing is lost, whoever is killed.
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 1
err=$T/err
servers=
trap 'kill $servers 2>/dev/null; finish' EXIT
start_emulator --time-scale 1000
make_tasks '{"account":"tester","count":30,"prefix":"t","prompt":"一只猫 [items=2]","age_seconds":600}' >ids
make_tasks '{"account":"tester","ids":["bad"],"prompt":"no [reject-text]","age_seconds":600}' >>ids

key=000102030405060708090a0b0c0d0e0f1011121314151617
printf 'whsec_%s\n' "$(printf '%s' "$key" | xxd -r -p | base64)" >secret
chmod 600 secret
export DREAMQ_WEBHOOK_SECRET_FILE=$T/secret

# receiver NAME: start one, whose lines go to NAME.got; $hook leads to it
receiver() {
	/usr/bin/python3 "$SOURCE_ROOT/tests/run/webhook.py" "$T/$1.got" "$key" >"$1.port" 2>>receivers.err &
	servers="$servers $!"
	: >"$1.got"
	eventually 10 test -s "$1.port"
	hook="http://127.0.0.1:$(cat "$1.port")/hook"
}
# got NAME FILTER: of each POST
got() { jq -r "$2" "$1.got"; }
outbox() { dreamq webhook list --json | jq -r "$1"; }

# --- what is told ----------------------------------------------------------------------------
receiver plain
is 0 "get" dreamq get -q -o files --webhook "$hook" t-0 t-1
equal "$(printf 'done t-0\ndone t-1')" "$(got plain '"done " + .body.submit_id' | sort)" "  tells of each task"
equal "true true 1 application/json null" "$(got plain '"\(.right) \(.fresh) \(.signatures) \(.type) \(.cookie)"' | sort -u)" \
	"  signed"
equal "2 true null" "$(got plain '.body | "\(.assets | length) \(.assets[0].stored) \(.assets[0].url)"' | sort -u)" \
	"  with its files, without links"
got plain '.body' | jq -c . >lines
equal "sent sent" "$(outbox .state | tr '\n' ' ' | sed 's/ $//')" "  and is in the ledger"
dreamq webhook list --json >>lines
is 0 "get again" dreamq get -q -o files --webhook "$hook" t-0 t-1
equal 2 "$(wc -l <plain.got)" "  tells nothing twice"
is 1 "a failure" dreamq get -q -o files --webhook "$hook" bad
equal "failed bad" "$(got plain '.body | "\(.state) \(.submit_id)"' | tail -1)" "  is told"
is 0 "stored" dreamq get -q -o files --webhook "$hook" --webhook-events stored t-2
equal "$(printf 'stored 0\nstored 1')" "$(got plain '.body | select(.submit_id == "t-2") | "\(.event) \(.index)"' | sort)" \
	"  tells of files, and no more"
is 3 "a dead login" dreamq get -q --cookie-file /nonexistent --webhook "$hook" t-4
equal 5 "$(wc -l <plain.got)" "  before anything began is an exit status"
is 0 "wait" dreamq wait -q --webhook "$hook" t-3
equal "done t-3 false" "$(got plain '.body | "done \(.submit_id) \(.assets[0].stored)"' | tail -1)" "  tells of the end"
is 0 "sync" dreamq sync -q -o files --max-wait 20s --webhook "$hook"
at_least 27 "$(got plain '.body.submit_id' | sort -u | wc -l)" "  of every task"
equal "" "$(got plain .id | sort | uniq -d)" "no id came twice"

# --- what a receiver may answer --------------------------------------------------------------
make_tasks '{"account":"tester","count":30,"prefix":"u","prompt":"a [items=1]","age_seconds":600}' >>ids
receiver odd
printf '503:86400\n' >odd.got.say # by the emulator's clock: 86 s
is 0 "a receiver that fails" dreamq get -o files --webhook "$hook" u-0
says "did not take it \(status 503\)" "$err" "  is told of"
says "not delivered to the webhook yet: 1" "$err" "  and what is left"
says_not '/hook' "$err" "  without its path"
is 0 "the next run" dreamq get -q -o files --webhook "$hook" u-1
equal "u-0 u-1" "$(got odd .body.submit_id | tr '\n' ' ' | sed 's/ $//')" "  tells its own, and waits as long as was asked"
is 0 "send" dreamq webhook send --webhook "$hook"
says 'sent 1, refused 0, not taken 0' "$err" "  does not"
equal 1 "$(got odd 'select(.body.submit_id == "u-0") | .id' | sort -u | wc -l)" "  and the id is the same"
printf '410\n' >odd.got.say
is 0 "410" dreamq get -o files --webhook "$hook" u-2
says 'wants no more of it' "$err" "  is told of"
equal dropped "$(outbox 'select(.submit_id == "u-2") | .state')" "  and drops it"
printf '302:%s\n' "$hook/elsewhere" >odd.got.say
is 0 "a redirect" dreamq get -o files --webhook "$hook" u-3
says 'points elsewhere' "$err" "  is told of"
equal "" "$(got odd 'select(.path == "/hook/elsewhere") | .id')" "  and not followed"
printf 'close\n' >odd.got.say
is 0 "a receiver that hangs up" dreamq get -o files --webhook "$hook" u-4
says 'webhook: ' "$err" "  is told of"
is 0 "send, in Chinese" env LC_ALL=zh_CN.UTF-8 LANGUAGE=zh_CN "$DREAMQ" webhook send --webhook "$hook"
says '已发送' "$err" "  says so"
equal "" "$(outbox 'select(.state == "waiting") | .id')" "  nothing is left"
kill "${servers##* }"
wait "${servers##* }" 2>/dev/null
is 0 "nobody there" dreamq get -o files --webhook "$hook" u-5
says "can't connect" "$err" "  is told of"
is 5 "send to nobody" dreamq webhook send --webhook "$hook"
is 0 "drop, rehearsed" dreamq webhook drop all --dry-run
says 'would drop 1' "$err" "  tells"
is 0 "drop" dreamq webhook drop "$(outbox 'select(.state == "waiting") | .id')"
equal dropped "$(outbox 'select(.submit_id == "u-5") | .state')" "  gives it up"
is 1 "drop again" dreamq webhook drop "$(outbox 'select(.submit_id == "u-5") | .id')"

# --- killed ----------------------------------------------------------------------------------
receiver killed
printf 'hang\n' >killed.got.say
"$DREAMQ" get -q -o files --webhook "$hook" u-6 >out 2>&1 &
pid=$!
eventually 10 test -s killed.got
kill -9 $pid
wait $pid 2>/dev/null
equal waiting "$(outbox 'select(.submit_id == "u-6") | .state')" "killed before the answer: it waits"
is 0 "another run" dreamq get -q -o files --webhook "$hook" u-7
equal "u-6 u-6 u-7" "$(got killed .body.submit_id | sort | tr '\n' ' ' | sed 's/ $//')" "  sends it once more"
equal 1 "$(got killed 'select(.body.submit_id == "u-6") | .id' | sort -u | wc -l)" "  under the same id"
printf 'whsec_%s\n' "$(printf '%s' "$key$key" | xxd -r -p | base64)" >both
cat secret >>both
chmod 600 both
is 0 "two secrets" dreamq get -q -o files --webhook "$hook" --webhook-secret-file both u-8
equal "true 2" "$(got killed '"\(.right) \(.signatures)"' | tail -1)" "  sign both"
for i in 1 2; do
	"$DREAMQ" get -q -o "files$i" --webhook "$hook" u-{10..24} >"out$i" 2>&1 &
	pids[$i]=$!
done
wait "${pids[@]}"
equal 15 "$(got killed 'select(.body.submit_id | test("^u-(1[0-9]|2[0-4])$")) | .id' | sort -u | wc -l)" "two at once: each task is told"
equal "" "$(got killed 'select(.body.submit_id != "u-6") | .id' | sort | uniq -d)" "  once"

# --- killed at random moments -----------------------------------------------------------------
kills=${WEBHOOK_KILLS:-3}
make_tasks '{"account":"tester","count":40,"prefix":"k","prompt":"a [items=1]","age_seconds":600}' >>ids
receiver random
for ((i = 0; i < kills; i++)); do
	"$DREAMQ" get -q -o random --webhook "$hook" k-{0..39} >out 2>&1 &
	pid=$!
	sleep "0.$((RANDOM % 10))"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
done
is 0 "killed $kills times" dreamq get -q -o random --webhook "$hook" k-{0..39}
equal 40 "$(got random '"\(.body.submit_id) \(.id)"' | sort -u | wc -l)" "  of each task one event, and none is missing"
equal 40 "$(got random .body.submit_id | sort -u | wc -l)" "  of each"

# --- tried, in other words -------------------------------------------------------------------
receiver tried
is 0 "test" dreamq webhook test --webhook "$hook"
equal "alert test true" "$(got tried '"\(.body.event) \(.body.what) \(.right)"' | tail -1)" "  sends an event of its own"
cat killed.got tried.got | jq -c .body >>lines
valid lines "every line is as the schema has it"
is 0 "in Chinese, 20 columns" env LC_ALL=zh_CN.UTF-8 LANGUAGE=zh_CN COLUMNS=20 "$DREAMQ" webhook test --webhook "$hook"
is 0 "in a locale that is not there" env LC_ALL=xx_YY.UTF-8 "$DREAMQ" webhook list
is 0 "in LANG=C" env LC_ALL=C LANG=C "$DREAMQ" webhook list sent
for example in "/usr/bin/python3 webhook.py" "node webhook.mjs"; do
	command -v "${example%% *}" >/dev/null || { skip "examples/${example#* }" "no ${example%% *}"; continue; }
	rm -f example.out
	"${example%% *}" "$SOURCE_ROOT/examples/${example#* }" secret >example.out &
	servers="$servers $!"
	eventually 10 test -s example.out
	there=$(sed -n 's/listening on //p' example.out)
	is 0 "examples/${example#* }" dreamq webhook test --webhook "$there"
	equal test "$(tail -1 example.out | jq -r .what)" "  prints the event"
	(umask 077 && head -c 24 /dev/urandom | base64 >other)
	is 5 "  and refuses another's" dreamq webhook test --webhook "$there" --webhook-secret-file other
	says 'status 401' "$err" "  with its status"
done

# --- nonsense --------------------------------------------------------------------------------
is 2 "no URL" dreamq get --webhook nonsense t-0
is 2 "plain http" dreamq get --webhook http://hooks.invalid/x t-0
says 'only https' "$err" "  leaves this machine by https only"
is 2 "a password in the command line" dreamq get --webhook 'https://me:canary@hooks.invalid/' t-0
says_not canary "$err" "  is not shown"
is 2 "a query" dreamq get --webhook 'https://hooks.invalid/?key=canary' t-0
says_not canary "$err" "  is not shown"
is 2 "a password" env DREAMQ_WEBHOOK=https://me:canary@hooks.invalid/ "$DREAMQ" get t-0
says_not canary "$err" "  is not shown"
is 2 "no such event" dreamq get --webhook "$hook" --webhook-events done,lunch t-0
says "no event 'lunch'" "$err" "  is named"
is 2 "no event" dreamq get --webhook "$hook" --webhook-events , t-0
is 2 "no secret" env -u DREAMQ_WEBHOOK_SECRET_FILE "$DREAMQ" get --webhook "$hook" t-0
says 'webhook-secret-file' "$err" "  names the option"
is 0 "a secret of the environment" env -u DREAMQ_WEBHOOK_SECRET_FILE DREAMQ_WEBHOOK_SECRET="$(cat secret)" "$DREAMQ" webhook test --webhook "$hook"
(umask 077 && echo canary >short)
is 2 "a secret that is none" dreamq get --webhook "$hook" --webhook-secret-file short t-0
says_not canary "$err" "  is not shown"
cp secret open
chmod 644 open
is 2 "a secret that others can read" dreamq get --webhook "$hook" --webhook-secret-file open t-0
printf '[default]\nwebhook = %s\nwebhook-secret-file = %s\n' "$hook" "$T/open" >broken.ini
for verb in "webhook list" "webhook drop msg_none" "webhook drop --dry-run all" list "show t-0" stats "tag t-0"; do
	# shellcheck disable=SC2086 # they are words
	dreamq $verb --config broken.ini >out 2>"$err"
	says_not "secret|chmod" "$err" "'$verb' needs no secret"
done
is 2 "send without one" dreamq webhook send
is 2 "nothing to do" dreamq webhook
is 2 "no such word" dreamq webhook dance
is 2 "no such state" dreamq webhook list asleep
is 2 "drop what?" dreamq webhook drop
is 1 "no such delivery" dreamq webhook drop msg_none
printf '[default]\nwebhook = https://hooks.invalid/canary?k=canary\n' >conf.ini
is 0 "config list" sh -c "'$DREAMQ' config list --config conf.ini >out"
says_not canary out "  shows its host only"
says 'hooks.invalid' out "  but that"
is 2 "config set" dreamq config set webhook 'https://hooks.invalid/?k=canary' --config conf.ini
DREAMQ_WEBHOOK=https://127.0.0.1:1/canary is 5 "-v" dreamq webhook test -v
says_not canary "$err" "  logs no path"
equal "" "$(grep -rl canary "$T/state" 2>/dev/null)" "no URL is in the ledger"

# --- a full disk -----------------------------------------------------------------------------
if unshare -rm true 2>/dev/null; then
	receiver full
	is 6 "a full disk" unshare -rm sh -c 'mount -t tmpfs -o size=2m tmpfs "$1" && "$2" get -q -o "$1" --ledger "$1/l.db" u-28 >/dev/null; head -c 3m /dev/zero >"$1/x" 2>/dev/null; exec "$2" get -o "$1" --max-wait 2s --ledger "$1/l.db" --webhook "$3" u-29' - "$T/home" "$DREAMQ" "$hook"
	equal "" "$(got full .id)" "  tells of nothing that is not written"
	is 6 "no room for the files" unshare -rm sh -c 'mount -t tmpfs -o size=1m tmpfs "$1"; head -c 2m /dev/zero >"$1/x" 2>/dev/null; exec "$2" get -o "$1" --max-wait 2s --webhook "$3" u-27' - "$T/home" "$DREAMQ" "$hook"
	equal "alert disk" "$(got full '"\(.body.event) \(.body.what)"' | sort -u)" "  is told"
else
	skip "a full disk" "no right to mount"
fi
done_testing
