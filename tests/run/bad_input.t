#!/bin/bash
# Bad input: a sentence that names the thing, the documented exit status, nothing
# half-written, and a ledger that is as good as before.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 50
cd "$T" || exit 1
good=$(make_tasks '{"account":"tester","count":1,"prefix":"good","prompt":"a cat [items=1]","age_seconds":600}')
is 0 "something is in the ledger" dreamq get -q -o "$T/files" "$good"
rows() { for field in verdict tasks files; do checked $field; done; }
before=$(rows | xargs)
equal "good 1 1" "$before" "  which is good"

# refused STATUS SENTENCE COMMAND...: that status, that sentence, and no data
refused() {
	trouble "$@"
	if [ -s "$T/out" ]; then not_ok "  without data" "$(head -c 600 "$T/out")"; fi
}

# trouble STATUS SENTENCE COMMAND...: that status and that sentence
trouble() {
	local wanted=$1 sentence=$2 label
	shift 2
	"$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
	label=$(printf '%s ' "${@/#$DREAMQ/dreamq}" | tr '\n\t' '??' | sed "s,$T/,,g; s/#/N/g" | cut -c 1-100)
	if [ $status -eq "$wanted" ] && grep -Eq -- "$sentence" "$T/err" &&
		! grep -q "Sanitizer\|runtime error" "$T/err"; then
		ok "$label: $wanted"
	else
		not_ok "$label" "wanted status $wanted and '$sentence'; status $status" \
			"$(head -c 600 "$T/out")" "$(head -c 1500 "$T/err")"
	fi
}
bad() { refused 2 "$@"; }

# Ids.
long=$(printf 'a%.0s' $(seq 65))
for id in '' 'a b' "$long" '../etc/passwd' 'a/b' 'é' 'a;b' 'a?b' 'a.b' "a'b" '{}'; do
	bad "argument 1" dreamq query -- "$id"
done
trouble 2 "argument 2: .*'b!'" dreamq get "$good" 'b!' -o "$T/files"
: >"$T/requests.log"
bad "needs task ids" dreamq wait
: >"$T/empty"
printf '# nothing\n\n   \n' >"$T/comments"
printf '[]' >"$T/array"
for file in empty comments array; do bad "no task ids" dreamq query --input "$T/$file"; done
bad "no task ids" dreamq query -
printf '["%s", 7]' "$good" >"$T/number"
printf '["%s"' "$good" >"$T/cut"
printf '{"ids":["%s"]}' "$good" >"$T/object"
printf '%s\0' "$good" >"$T/nul"
bad "cut" dreamq query --input "$T/cut"
bad "object" dreamq query --input "$T/object"
bad "nul" dreamq query --input "$T/nul"
refused 6 "not-there" dreamq query --input "$T/not-there"
bad "files" dreamq query --input "$T/files"
equal 0 "$(requests query)" "nothing was asked"

printf '%s\nno good\n# a comment\n\n%s-x\nbäd\n' "$good" "$good" >"$T/mixed"
"$DREAMQ" query --json --input "$T/mixed" >"$T/out" 2>"$T/err"
equal 1 $? "bad lines among good ones: the good ones are asked (one of them is unknown)"
equal "$good $good-x" "$(jq -r 'select(.event == "task").submit_id' "$T/out" | xargs)" "  and told"
says "mixed.*2.*'no good'" "$T/err" "  line 2 is named"
says "mixed.*6.*'b" "$T/err" "  line 6 is named"
printf '%s\nno good\n' "$good" >"$T/mixed"
is 2 "a bad line, and the rest went well" dreamq query --json --input "$T/mixed"
equal "$good" "$(jq -r 'select(.event == "task").submit_id' "$T/out")" "  the rest is told"
is 2 "a bad element of an array" dreamq query --json --input "$T/number"
says "number" "$T/err" "  is named"
equal "$good" "$(jq -r 'select(.event == "task").submit_id' "$T/out")" "  the rest is told"

# Options and verbs.
bad "intervall.*did you mean '--interval'" dreamq get --intervall 3s "$good"
bad "unknown verb 'qeury'.*'query'" dreamq qeury "$good"
bad "'frobnicate'" dreamq frobnicate
bad "option '-o'" dreamq query -o x "$good"
bad "option '-o'" dreamq get "$good" -o
for wait in '' soon 5x -1s 1h1 '1 h' 99999999999999999999h 0x10 1e3 NaN ١s; do
	bad "max-wait" dreamq get --max-wait "$wait" "$good"
done
bad "interval" dreamq get --interval -1s "$good"
bad "interval" dreamq get --interval 2000d "$good"
for jobs in 0 65 -1 many 1.5 18446744073709551617; do bad "jobs" dreamq get --jobs $jobs "$good"; done
for limit in -1 many 1.5 1000001 18446744073709551617; do
	bad "requests-per-minute.*'$limit'.*'off'" dreamq wait --requests-per-minute $limit "$good"
done
bad "'list' has no option '--requests-per-minute'" dreamq list --requests-per-minute 5
bad "'query' has no option '--explain'" dreamq query --explain "$good"
bad "color.*'sometimes'" dreamq query --color sometimes "$good"
bad "profile" dreamq query --profile ../x "$good"
bad "did you mean '{prompt}'" dreamq get --name '{promt}' "$good"
for name in '' '{id' '/x/{id}' '../{id}' 'a/../b' 'x/' $'a\nb'; do bad "name" dreamq get --name "$name" "$good"; done
bad "'tcsh'|tcsh" dreamq completion tcsh
for base in ftp://127.0.0.1 http://example.com https://me:secret@example.com nonsense 'http://127.0.0.1:99999' 'http://[::1'; do
	bad "api[-_ ]?base|API" dreamq --api-base "$base" query "$good"
	says_not "secret" "$T/err" "  without a password"
done
bad "DREAMQ_API_BASE|api_base" env DREAMQ_API_BASE=gopher://x "$DREAMQ" query "$good"
bad "s3" dreamq get --sink s3://bucket/x "$good"

# The config file.
for text in '[default]\nintervall = 3s' '[default]\ninterval = soon' 'interval = 3s' '[default' \
	'[default]\nnonsense' '[wire]\nappver = 1' '[wire]\nbatch_max = 0' '[server]' \
	'[default]\nrequests-per-minute = none' '[default]\nrequests-per-minute = -1' \
	'[default]\njobs = 3\njobs = 4' '[default]\nsubmit-id = x'; do
	printf "$text\n" >"$T/bad.ini"
	bad "bad.ini:[0-9]|batch_max" dreamq --config "$T/bad.ini" query "$good"
done
printf '[default]\ncookie = sessionid=s3cr3t\n' >"$T/bad.ini"
bad "cookie" dreamq --config "$T/bad.ini" query "$good"
says_not s3cr3t "$T/err" "  its value is not repeated"
refused 6 "not-there.ini" dreamq --config "$T/not-there.ini" query "$good"

# Submitting: nothing may leave.
: >"$T/requests.log"
bad "prompt" dreamq submit
bad "prompt" dreamq submit --prompt ''
bad "ratio" dreamq submit --prompt x --ratio 5:4
bad "kind" dreamq submit --prompt x --kind audio
bad "duration" dreamq submit --prompt x --kind video --duration 0
bad "set" dreamq submit --prompt x --set nonsense
bad "submit-id|id" dreamq submit --prompt x --submit-id 'a b'
bad "id" dreamq submit --prompt x --submit-id "$good"
printf '{"prompt":' >"$T/body"
bad "body|JSON" dreamq submit --prompt x --body "$T/body"
printf '[1]' >"$T/body"
bad "body|object" dreamq submit --prompt x --body "$T/body"
refused 6 "not-there" dreamq submit --prompt x --body "$T/not-there"
equal 0 "$(requests submit)" "no submit was sent"

# The cookie.
cookie() { # MODE TEXT
	rm -rf "$T/c"
	printf "$2" >"$T/c"
	chmod "$1" "$T/c"
}
auth() { refused 3 "$1" dreamq --cookie-file "${2:-$T/c}" query "$good"; }
for mode in 644 640 604 620 602 666; do
	cookie $mode 'sessionid=s3cr3t\n'
	auth "mode 0$mode.*chmod 600"
done
odd="$T/it's a \"dir\""
mkdir "$odd"
for name in c -c; do
	(cd "$odd" && printf 'sessionid=s3cr3t\n' >./$name && chmod 644 ./$name)
	(cd "$odd" && dreamq --cookie-file="$odd/$name" query "$good" 2>"$T/err")
	(cd "$odd" && eval "$(sed -n 's/.*run `\(.*\)`$/\1/p' "$T/err")")
	equal 600 "$(stat -c %a "$odd/$name")" "the command that is advised for '$name' works in any folder"
	(cd "$odd" && chmod 644 ./$name && dreamq --cookie-file=$name query "$good" 2>"$T/err")
	(cd "$odd" && eval "$(sed -n 's/.*run `\(.*\)`$/\1/p' "$T/err")")
	equal 600 "$(stat -c %a "$odd/$name")" "  and with its name alone"
done
cookie 600 ''
auth "empty; give it as"
cookie 600 'sessionid=s3cr3t\001x\n'
auth "control|auth import"
says_not s3cr3t "$T/err" "  and the cookie is not repeated"
cookie 600 '<html>s3cr3t</html>'
auth "no sessionid is in it"
says_not s3cr3t "$T/err" "  and the page is not repeated"
cookie 600 'sessionid=a\0b\n'
auth "not text|NUL"
auth "not-there" "$T/not-there"
mkdir "$T/folder"
bad "folder" dreamq --cookie-file "$T/folder" query "$good"

# Folders.
echo "not a folder" >"$T/file"
: >"$T/requests.log"
for folder in "$T/file" "$T/file/below" /dev/null /dev/null/x /proc/x; do
	refused 6 "$folder|in the way" dreamq get -o "$folder" "$good"
done
bad "option '-o'" dreamq get -o '' "$good"
equal "not a folder" "$(cat "$T/file")" "the file is as before"
equal 0 "$(requests query)" "nothing was asked"

# Ledgers.
untouched() { # STATUS SENTENCE LEDGER
	local sum
	sum=$(cat "$3" 2>/dev/null | sha256sum)
	for verb in "query $good" list "submit --prompt x"; do
		refused "$1" "$2" dreamq --ledger "$3" $verb
	done
	equal "$sum" "$(cat "$3" 2>/dev/null | sha256sum)" "  it is as before"
}
: >"$T/requests.log"
printf 'this is no database, it only pretends to be one for a while' >"$T/no.db"
untouched 6 "no.db" "$T/no.db"
head -c 100000 /dev/urandom >"$T/noise.db"
untouched 6 "noise.db" "$T/noise.db"
lab_copy "$T/new.db"
lab_newer "$T/new.db"
untouched 6 "new.db.*(newer|99)" "$T/new.db"
# Nor is anything counted that was not done.
for verb in "prune --gone" "prune --older-than 1d --yes" verify "verify --repair" "tag $good +x" \
	"note $good x" "forget $good" "forget --dry-run $good" "rescue tos-cn-i-x/0" sync export; do
	refused 6 "new.db.*newer" dreamq --ledger "$T/new.db" $verb
	equal 1 "$(grep -c . "$T/err")" "  and nothing else"
done
refused 6 "'[^']*/new.db'.*newer" dreamq --ledger "$T/new.db" ledger backup "$T/new-copy.db"
lab_foreign "$T/other.db"
untouched 6 "other.db" "$T/other.db"
untouched 6 "folder" "$T/folder"
refused 6 "file" dreamq --ledger "$T/file/ledger.db" query "$good"
refused 6 "/proc" dreamq --ledger /proc/nowhere/ledger.db query "$good"
bad "postgresql|ledger" dreamq --ledger postgresql://localhost/x query "$good"
bad "ledger" dreamq --ledger mysql://localhost/x query "$good"
equal 0 "$(requests submit)" "nothing was submitted without a ledger"

# As somebody who may not.
if [ "$(id -u)" -eq 0 ] && type -P setpriv >/dev/null; then
	chmod 711 "$T"
	mkdir -p "$T/locked" "$T/own"
	cp "$DREAMQ" "$T/own/dreamq" # the checkout may lie where he may not look
	lab_copy "$T/locked/ledger.db"
	(umask 077 && echo sessionid=tester >"$T/own/cookie" && echo sessionid=tester >"$T/own/shut")
	chown -R 65534:65534 "$T/own"
	chmod 000 "$T/own/shut"
	nobody() {
		setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$T/own" \
			XDG_STATE_HOME="$T/own/state" DREAMQ_COOKIE_FILE="$T/own/cookie" "$T/own/dreamq" "$@"
	}
	is 0 "somebody else, in a place of his own" nobody get -q -o "$T/own/files" "$good"
	refused 6 "shut" nobody --cookie-file "$T/own/shut" query "$good"
	refused 6 "locked" nobody get -o "$T/locked" "$good"
	refused 6 "locked" nobody get -o "$T/locked/below" "$good"
	refused 6 "locked" nobody --ledger "$T/locked/ledger.db" query "$good"
	refused 6 "locked" nobody --ledger "$T/locked/other.db" submit --prompt x
	equal "ledger.db" "$(ls "$T/locked")" "nothing was left there"
else
	skip "what may not be read or written" "needs root, to become somebody else"
fi

# A full disk.
small() { # COMMAND: run with a file system of 9 MB at $T/small
	mkdir -p "$T/small"
	unshare "$unshare" sh -c 'mount -t tmpfs -o size=9m,mode=755 tmpfs "$1" && shift && exec bash -c "$@"' sh "$T/small" "$@"
}
unshare=-m
small true 2>/dev/null || unshare=-rm
if small true 2>/dev/null; then
	big=$(make_tasks '{"account":"tester","count":1,"prefix":"big","prompt":"a cat [items=1] [bytes=3M]","age_seconds":600}')
	export DREAMQ T big good
	is 6 "no space for a file, and no more time" small 'head -c 8M /dev/zero >"$T/small/fill"
		"$DREAMQ" get --max-wait 3s -o "$T/small/files" "$big"
		status=$?
		find "$T/small/files" -type f ! -name ".dreamq-*"
		rm "$T/small/fill"
		"$DREAMQ" get -q -o "$T/small/files" "$big" >&2 || exit 99
		find "$T/small/files" -type f -name ".dreamq-*"
		exit $status'
	says "space|full" "$T/err" "  is told"
	equal "" "$(cat "$T/out")" "  nothing has its final name; and with space it goes on, and leaves nothing"
	is 6 "no space for the ledger" small 'head -c 9M /dev/zero >"$T/small/fill" 2>/dev/null
		"$DREAMQ" --ledger "$T/small/ledger.db" submit --prompt x
		status=$?
		rm "$T/small/fill"
		"$DREAMQ" --ledger "$T/small/ledger.db" submit -q --prompt x 2>&1 >"$T/then" || exit 99
		exit $status'
	says "no space left for the ledger .*: free some and run it again" "$T/err" "  is told"
	equal "" "$(cat "$T/out")" "  and no id is promised"
	equal 1 "$(wc -l <"$T/then")" "  but with some"
	: >"$T/requests.log"
else
	skip "a full disk" "no right to mount a small file system"
fi

# Standard output that takes nothing.
for verb in "query $good" "query --json $good" list "list --json" export "show $good" help --version \
	"get -o $T/files $good" "completion bash"; do
	is 6 "dreamq ${verb//$T/} >/dev/full" sh -c "'$DREAMQ' $verb >/dev/full"
	says "standard output.*space" "$T/err" "  is told"
done
is 6 "submit to a full standard output" sh -c "'$DREAMQ' submit --prompt x >/dev/full"
equal 1 "$(requests submit)" "  was sent once"
is 0 "  and the ledger has its id" dreamq list --json --limit 1
sent=$(jq -r 'select(.on == "submit") | .ids[0]' "$T/requests.log")
equal "$sent" "$(jq -r .submit_id "$T/out")" "  which is the one that was sent"
is 0 "it is forgotten again" dreamq forget "$sent"

# A port in use.
port=${DREAMQ_API_BASE##*:}
refused 5 "$port" "$DREAMQ_EMULATOR" --port "$port"
bad "port" "$DREAMQ_EMULATOR" --port 70000
printf 'on=query : boom\n' >"$T/script"
bad "line 1.*boom" "$DREAMQ_EMULATOR" --script "$T/script"

# Answers that nobody can use. What is known of the task stays.
answers() { # STATUS SENTENCE FAULT
	script "on=query : $3"
	trouble "$1" "$2" dreamq query -- new-id
	trouble "$1" "$2" dreamq wait --max-wait 1s --interval 100ms -- new-id
	clear_script
}
answers 7 "JSON" "not-json"
answers 7 "JSON" "cut-json"
answers 7 "deep|nest" "deep 100000"
answers 7 "is over" "big 40M"
answers 7 "ret|data|twice" "duplicate-keys"
answers 5 "ended too early" "truncate"
is 0 "the unknown id can be forgotten" dreamq forget new-id
dreamq forget "$good-x" 2>/dev/null
[ -z "${big:-}" ] || dreamq forget "$big" 2>/dev/null
equal "$before" "$(rows | xargs)" "the ledger is as it was at the beginning"
done_testing
