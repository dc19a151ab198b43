#!/bin/bash
# Profiles and their cookies: what people paste is read, what is replaced is told, and a
# name that nobody has made is an error, not an account of its own.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 100
unset DREAMQ_COOKIE_FILE
cookies=$XDG_CONFIG_HOME/dreamq/cookies
host=${DREAMQ_API_BASE}
day=$(($(date +%s) + 50 * 3600))
import() { "$DREAMQ" auth import "$@" >"$T/out" 2>"$T/err"; }
# who NAME LABEL [OPTION...]: the service sees this account
who() {
	local name=$1 label=$2
	shift 2
	: >"$T/requests.log"
	dreamq "$@" query some-task >/dev/null 2>&1
	equal "$name" "$(jq -r .account "$T/requests.log" | sort -u)" "$label"
}
sent() { jq -r '.headers[] | select((.[0] | ascii_downcase) == "cookie") | .[1]' "$T/requests.log" | sort -u; }

# --- what people paste ---
import <<-END
	curl '$host/mweb/v1/get_history_by_ids?aid=1' \\
	  -H 'accept: application/json' \\
	  -H 'cookie: theme=dark; sessionid=anna' \\
	  --data-raw '{"submit_ids":["x"]}'
END
equal 0 $? "a request copied as cURL"
says "cookie of profile 'default' is kept" "$T/err" "  is told with its profile"
who anna "  is read for its cookie"
equal 1 "$(sent | grep -c sessionid)" "  which is all that is sent"
says_not "curl|accept" "$cookies/default.cookie" "  and kept"
import <<-END
	POST /mweb/v1/get_history_by_ids HTTP/1.1
	Host: ${host#http://}
	Accept: */*
	Cookie: sessionid=boris
END
equal 0 $? "header lines"
says "cookie of profile 'default' is replaced" "$T/err" "  tell that there was one"
who boris "  are read"
printf '[{"domain":"%s","expirationDate":%s.25,"name":"sessionid","value":"clara"},
{"domain":".example.com","name":"other","value":"x"}]' "$(echo "${host#http://}" | cut -d: -f1)" "$day" >"$T/cookies.json"
is 0 "an extension's export" dreamq auth import "$T/cookies.json"
says "it ends on .*\(in 2 days\)|it ends on .*\(in 49 h\)|it ends on .*\(in 50 h\)" "$T/err" "  with its date"
who clara "  is read"
says_not "other" "$cookies/default.cookie" "  and nothing of other sites"
is 0 "and later" dreamq list
says "cookie of profile 'default' ends in" "$T/err" "  the date is still known"
printf '.example.com\tTRUE\t/\tTRUE\t0\tsessionid\tbad\n127.0.0.1\tTRUE\t/\tTRUE\t%s\tsessionid\tdora\n' "$day" |
	import
equal 0 $? "a cookies.txt"
who dora "  is read for the service alone"
equal "$day" "$(date -d "$(dreamq auth status --json 2>/dev/null | jq -r .expires_at)" +%s)" "  with its date"
before=$(sha256sum <"$cookies/default.cookie")
printf 'GET / HTTP/1.1\nHost: example.com\nCookie: sessionid=eve\n' | import
equal 3 $? "a request to another site"
says "another site" "$T/err" "  is refused"
echo '<html>please log in</html>' | import
equal 3 $? "anything else"
says "cURL.*JSON.*cookies.txt" "$T/err" "  is refused, with what would do"
equal "$before" "$(sha256sum <"$cookies/default.cookie")" "  and replaces nothing"
head -c 100000 /dev/zero | tr '\0' '#' >"$T/large.txt"
printf '\n127.0.0.1\tTRUE\t/\tTRUE\t0\tsessionid\tfred\n' >>"$T/large.txt"
is 0 "the cookies of a whole browser" dreamq auth import "$T/large.txt"
who fred "  are read"

# --- profiles that nobody has made ---
(umask 077 && echo sessionid=gina >"$cookies/studio.cookie")
printf '[profile night]\njobs = 1\n' >>"$XDG_CONFIG_HOME/dreamq/config.ini"
(umask 077 && echo sessionid=hal >"$T/cookie-2")
is 1 "a profile by its cookie file" dreamq --profile made --cookie-file "$T/cookie-2" query some-task
for verb in "query some-task" "get some-task" "wait some-task" "cancel some-task" "list" "show some-task" "export" "stats" \
	"verify" "sync" "rescue" "credits" "forget some-task" "watch --until-idle" "submit --prompt x" "mcp" "auth status" "auth remove"; do
	# shellcheck disable=SC2086
	is 2 "$verb of a profile that nobody has made" timeout 20 "$DREAMQ" $verb --profile nope
	says "no profile 'nope'; known are: default, studio, night, made" "$T/err" "  names those that there are"
	says "auth import --profile nope" "$T/err" "  and advises nothing for another one"
	equal "" "$(cat "$T/out")" "  and says nothing else"
done
equal 0 "$(requests submit)" "nothing was sent for it"
for profile in default studio night made; do
	is 0 "the profile $profile" dreamq list --profile "$profile"
done
is 0 "it is made" import --profile nope <<<'sessionid=ida'
is 0 "  and known" dreamq list --profile nope
who ida "  with its cookie" --profile nope
who fred "  and no other has changed"

# --- advice is about the same account ---
account hal expired
is 3 "a login that has ended" dreamq query some-task --cookie-file "$T/cookie-2"
says "auth import --cookie-file $T/cookie-2'" "$T/err" "  is renewed in its file"
account gina expired
is 3 "one of a profile" dreamq query some-task --profile studio
says "auth import --profile studio'" "$T/err" "  is renewed there"
for place in message do; do
	dreamq query some-task --profile studio --json >"$T/out" 2>/dev/null
	jq -r "select(.event == \"error\") | .$place" "$T/out" >"$T/advice"
	says "auth import --profile studio'" "$T/advice" "  and so says '$place' of --json"
done
is 3 "a profile without a cookie" dreamq query some-task --profile night
says "auth import --profile night'" "$T/err" "  gets one of its own"

# --- a value that is forgotten ---
is 2 "a profile that begins with a dash" dreamq --profile -x list
says "profile '-x' is not" "$T/err" "  is none"
is 2 "an option in a value's place" dreamq list --profile --json
says "'--profile' needs a value, and '--json' is an option" "$T/err" "  is told"
is 2 "also for a folder" dreamq get some-task --output-dir --sidecar
equal "" "$(find . -maxdepth 1 -name '--*')" "  which is not made"
done_testing
