#!/bin/bash
# Two kinds of secrets, looked for by their values in all that dreamq says and leaves
# behind, with -v, in every verb and on every error path: the cookie, which goes to the
# API alone, and what signs the links, which is data: on standard output, in the "url" of
# JSON and in what `query` was asked for, and nowhere else.
# (Core dumps: hardening.t. The keyring: auth.t.)
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 50
canary=canary0sessionid0d3adb33f
guard=canary0guard0f00d
(umask 077 && printf 'sessionid=%s; sid_guard=%s%%7C%d%%7C9000%%7Cz\n' $canary $guard "$(date +%s)" >"$T/cookie")
mkdir "$T/all" "$T/left"

task=$(make_tasks "{\"account\":\"$canary\",\"count\":1,\"prefix\":\"s\",\"prompt\":\"a cat\",\"age_seconds\":600}")
film=$(make_tasks "{\"account\":\"$canary\",\"count\":1,\"prefix\":\"v\",\"kind\":\"video\",\"prompt\":\"a film\",\"age_seconds\":600}")
slow=$(make_tasks "{\"account\":\"$canary\",\"count\":1,\"prefix\":\"p\",\"prompt\":\"big [items=1] [bytes=4M]\",\"age_seconds\":600}")

# look_at PID: what everybody may see of a process, and its children's
look_at() {
	for process in "$1" $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		cat "/proc/$process/cmdline" >>"$T/all/argv"
		cat "/proc/$process/environ" >>"$T/all/environ"
	done 2>/dev/null
}
n=0
queries=
step() { # LABEL COMMAND...
	label=$1
	shift
	n=$((n + 1))
	[ "${label%% *}" = query ] && [ "$3" != --json ] && queries+=" $n"
	timeout 60 "$@" >"$T/all/$n.out" 2>"$T/all/$n.err" </dev/null &
	pid=$!
	sleep 0.02
	look_at $pid
	wait $pid
	echo "# $n $label: $?"
}
d() { # LABEL ARGUMENT...: dreamq, talkative
	label=$1
	shift
	step "$label" "$DREAMQ" "$@" -v
}
cat >"$T/hook" <<'END'
echo "$DREAMQ_PATH"
env
tr '\0' '\n' </proc/$PPID/cmdline
tr '\0' '\n' </proc/self/environ
ls -l /proc/self/fd
END

# Every verb.
d "query" query "$task" "$film"
d "query --json" query --json "$task" "$film"
d "wait" wait "$task" "$film"
d "wait --json" wait --json "$film"
d "get" get -o "$T/left/a" --sidecar --exec "sh $T/hook" "$task" "$film"
d "get --json" get --json -o "$T/left/b" --sidecar "$task" "$film"
d "submit" submit --prompt "a dog"
d "submit with a key" submit --prompt "a horse" --idempotency-key night
d "the same again" submit --prompt "a horse" --idempotency-key night
d "another wish" submit --prompt "a cow" --idempotency-key night
printf 'a bird\n{"prompt":"a fish"}\n' >"$T/batch"
d "submit --batch" submit --batch "$T/batch"
d "submit --batch --json" submit --batch "$T/batch" --json
d "run" run --prompt "a mouse [items=1]" -o "$T/left/c"
d "watch" watch --until-idle -o "$T/left/d" --sidecar
d "watch --json" watch --until-idle --json -o "$T/left/d"
d "list" list
d "list --json" list --json --all-accounts
d "show" show "$film"
d "show --json" show --json "$film"
d "export" export
d "export --format csv" export --format csv
d "stats" stats
d "stats --json" stats --json
d "verify" verify
truncate -s 100 "$(find "$T/left/a" -name '*.png' -o -name '*.webp' | head -1)"
d "verify --repair" verify --repair --json
d "auth status" auth status
d "auth status --json" auth status --json
d "auth list" auth list
d "forget" forget "$task"
d "query_result" query_result "--submit_id=$film" "--download_dir=$T/left/e"
d "list_task" list_task
d "doctor, or no such verb" doctor
d "preview" preview --graphics symbols "$film"
d "sheet" sheet -o "$T/left/sheet.pdf" "$film"
{
	echo '#!/bin/sh'
	cat "$T/hook"
} >"$T/opener"
chmod +x "$T/opener"
export DREAMQ_OPENER=$T/opener
d "open" open "$film"
d "reveal" reveal "$film"
unset DREAMQ_OPENER

# Every error path.
d "submit refused" submit --prompt "[ret=1018]"
for fault in "status 503" "html status=502" "empty" "not-json" "ret 1015" "ret 1019" "ret 10002" "reset" \
	"cut-json" "duplicate-keys" "wrong-types record" "link http://10.0.0.1/x.png?x-signature=none" \
	"redirect http://127.0.0.1:1/elsewhere" "truncate" "status 401 body=text"; do
	script "on=api times=4 : $fault"
	d "query with $fault" query "$task"
	d "submit with $fault" submit --prompt "after fault $n" --max-wait 300ms
	d "auth status with $fault" auth status
	clear_script
done
for fault in "status 403" "status 404" "status 500 body=text" "html" "json" "empty" "reset after=100" "truncate after=200" \
	"length +7" "bad-range" "redirect http://127.0.0.1:1/x" "redirect ftp://127.0.0.1/x"; do
	script "on=cdn times=3 : $fault"
	d "get with $fault" get --max-wait 3s -o "$T/left/f" --ledger "$T/state/f-$n.db" "$task" "$film"
	clear_script
done
printf 'sessionid=%s\001\n' $canary >"$T/broken"
chmod 600 "$T/broken"
d "a broken cookie file" --cookie-file "$T/broken" query "$task"
printf 'sessionid=%s\n' $canary >"$T/open"
chmod 644 "$T/open"
d "a cookie file that others can read" --cookie-file "$T/open" query "$task"
d "a cookie instead of its file" auth import "sessionid=@"
step "import" sh -c "cat '$T/cookie' | '$DREAMQ' -v --cookie-file '$T/kept' auth import"
echo "session=$canary; $guard" >"$T/nonsense"
step "import of nonsense" sh -c "cat '$T/nonsense' | '$DREAMQ' -v --cookie-file '$T/kept' auth import"
d "remove" --cookie-file "$T/kept" auth remove
if [ -e "$T/kept" ]; then not_ok "auth remove removes"; else ok "auth remove removes"; fi
d "no folder" get -o /proc/none "$film"
d "no ledger" --ledger /proc/none/x.db query "$film"

# Alive, with a ledger that is open and a file half-way; then killed.
script "on=cdn : slow 1M"
"$DREAMQ" get -v -o "$T/left/g" --sidecar "$slow" >"$T/all/alive.out" 2>"$T/all/alive.err" &
pid=$!
eventually 15 sh -c "find '$T/left/g' -name '.dreamq-*' -size +200k | grep -q ." ||
	not_ok "a download is under way" "$(cat "$T/all/alive.err")"
look_at $pid
mkdir "$T/live"
cp "$T"/state/dreamq/* "$T/live/"
kill -9 $pid
wait $pid 2>/dev/null
at_least 1 "$(temporaries "$T/left/g")" "killed, it leaves its partial file"
clear_script

# The values to look for: what the file server was asked for is what signs.
jq -r 'select(.on == "cdn") | .. | strings' "$T/requests.log" >"$T/asked"
{
	grep -oE 'x-signature=[^& ]{8,}' "$T/asked" | cut -d= -f2-
	grep -oE '/[0-9a-f]{32}/[0-9a-f]{8}/' "$T/asked"
} | sort -u >"$T/signatures"
# As they stand in links, and with their percent signs decoded.
sed 's/%2B/+/g; s,%2F,/,g; s/%3D/=/g' "$T/signatures" | sort -u - "$T/signatures" >"$T/signs"
at_least 5 "$(grep -c '[%+=]' "$T/signs")" "there are signatures to look for"
at_least 1 "$(grep -c '^/' "$T/signs")" "and signing parts of paths"
printf '%s\n' $canary $guard >"$T/cookies"

# Without the places for links: "url" of JSON, and the lines of query below its task.
without_urls() { grep -q '"url"' "$1" && jq -c 'walk(if type == "object" then del(.url) else . end)' "$1" 2>/dev/null || cat "$1"; }
mkdir "$T/bare"
for number in $(seq "$n"); do
	case " $queries " in
	*" $number "*) grep -vE '^  [0-9]+  https?://' "$T/all/$number.out" ;;
	*) without_urls "$T/all/$number.out" ;;
	esac >"$T/bare/$number.out"
done
found() { grep -raloF -f "$@" 2>/dev/null | sed "s,$T/,," | sort | tr '\n' ' '; }

equal "" "$(found "$T/cookies" "$T/all" "$T/left" "$T/state" "$T/live")" \
	"the cookie is in no output, argument, environment, file, ledger, log of the ledger"
equal "" "$(found "$T/signs" "$T"/all/*.err "$T/all/argv" "$T/all/environ" "$T/bare")" \
	"no signature is told, but as a url in JSON"
equal "" "$(found "$T/signs" "$T/left")" "none is in a file, a sidecar, a partial or temporary file"
equal "" "$(found "$T/signs" "$T/state" "$T/live")" "none is in a ledger, alive or not"
equal "" "$(for db in "$T"/state/dreamq/ledger.db "$T"/state/*.db; do LEDGER=$db lab_dump; done | grep -cF -f "$T/signs" -f "$T/cookies" | grep -v '^0$')" \
	"nor in a dump of one"
signing='x-signature=[^ ]|lk3s=[0-9a-f]|x-expires=[0-9]'
equal "" "$(grep -lE -- "$signing" "$T"/all/*.err "$T/all/argv" "$T/all/environ" "$T"/bare/* | tr '\n' ' ')" "nor anything of that form"

# The search finds what is there.
equal 0 "$(jq -s --arg c $canary '[.[] | select(.on == "cdn") | select(tostring | contains($c))] | length' "$T/requests.log")" \
	"no request to the CDN has the cookie"
at_least 6 "$(jq -s --arg c $canary '[.[] | select(.on != "cdn") | select(tostring | contains($c))] | length' "$T/requests.log")" \
	"requests to the API have it"
at_least 2 "$(grep -lE 'x-signature=' "$T"/all/*.out | wc -l)" "links are told as JSON"
says "dreamq" "$T/all/argv" "arguments were seen"
says "DREAMQ_COOKIE_FILE" "$T/all/environ" "environments were seen"
says "DREAMQ_SHA256" <(cat "$T"/all/*.err) "and those of programs that were started"
done_testing
