#!/bin/bash
# Where ids and settings may come from, which one wins, what files are called, and who
# gets to see what.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 100
cd "$T" || exit 1
make_tasks '{"account":"tester","count":6,"prefix":"t","prompt":"a cat [items=1]","age_seconds":600}' >ids
asked() { jq -r 'select(.event == "task") | .submit_id' "$T/out" | sort | xargs; }

# Ids.
is 0 "ids as arguments" dreamq query --json t-0 t-1 t-0
equal "t-0 t-1" "$(asked)" "  each once"
is 0 "from standard input" sh -c "printf 't-0\nt-1\n' | '$DREAMQ' query --json -"
equal "t-0 t-1" "$(asked)" "  all of them"
is 0 "from --input" dreamq query --json --input ids
equal "t-0 t-1 t-2 t-3 t-4 t-5" "$(asked)" "  all of them"
is 0 "from --input -" sh -c "'$DREAMQ' query --json --input - <ids"
equal "t-0 t-1 t-2 t-3 t-4 t-5" "$(asked)" "  all of them"
is 0 "from all three at once" sh -c "printf 't-2\nt-0\n' | '$DREAMQ' query --json t-0 - --input ids t-5"
equal "t-0 t-1 t-2 t-3 t-4 t-5" "$(asked)" "  each once"
printf '\357\273\277# mine\r\n\r\n  t-0  \r\nt-1\t# the second\r\n\tt-0\r\n#t-3\r\nt-2' >odd
is 0 "with comments, blanks, CRLF, a BOM, duplicates, no last newline" dreamq query --json -i odd
equal "t-0 t-1 t-2" "$(asked)" "  the right ones"
printf ' \n[ "t-0",\r\n "t-1", "t-0",\t"t-\\u0032" ]\n' >array
is 0 "a JSON array" dreamq query --json -i array
equal "t-0 t-1 t-2" "$(asked)" "  the right ones"
is 0 "behind --" dreamq query --json -- t-0
history=$(dreamq query --json t-3 | jq -r .history_id)
is 0 "by history id" dreamq query --json "$history"
equal succeeded "$(jq -r .state out)" "  it is found"
hidden=$(make_tasks '{"account":"tester","count":1,"prefix":"h","prompt":"[history-only] [items=1]","age_seconds":600}')
is 1 "what is known by its history id alone is not known by its submit id" dreamq query "$hidden"

# Which setting wins: option, environment, the profile's section, [default]. A dead port
# or a missing file of its own shows which one was taken.
mkdir -p config/dreamq
cat >config/dreamq/config.ini <<-END
	# the standard place
	[default]
	requests-per-minute = off
	api-base = http://127.0.0.1:4
	submit-base = http://127.0.0.1:4
	cookie-file = $T/cookie-4
	ledger = $T/ledger-4.db
	json = yes
	[wire]
	time_scale = 100
	[profile work]
	api-base = http://127.0.0.1:3
	submit-base = http://127.0.0.1:3
	cookie-file = $T/cookie-3
	ledger = $T/ledger-3.db
	json = no
END
for n in 1 2 3 4; do (umask 077 && echo "sessionid=s$n" >"cookie-$n"); done
# bare COMMAND...: without the settings of the test's own environment
bare() { env -u DREAMQ_API_BASE -u DREAMQ_SUBMIT_BASE -u DREAMQ_COOKIE_FILE "$@"; }
# wins N LABEL COMMAND...: it speaks of port N and of no other
wins() {
	local n=$1 label=$2
	shift 2
	bare timeout 20 "$@" >out 2>err
	says "127.0.0.1:$n([^0-9]|$)" err "$label wins"
	says_not "127.0.0.1:[^$n]" err "  alone"
}
wins 4 "api-base: [default]" "$DREAMQ" query x
wins 3 "api-base: the profile" "$DREAMQ" --profile work query x
wins 3 "api-base: the profile by DREAMQ_PROFILE" env DREAMQ_PROFILE=work "$DREAMQ" query x
wins 4 "api-base: --profile over DREAMQ_PROFILE" env DREAMQ_PROFILE=work "$DREAMQ" --profile other query x
wins 2 "api-base: the environment" env DREAMQ_API_BASE=http://127.0.0.1:2 "$DREAMQ" --profile work query x
wins 1 "api-base: the option" env DREAMQ_API_BASE=http://127.0.0.1:2 "$DREAMQ" query x --api-base http://127.0.0.1:1
wins 4 "submit-base: [default]" "$DREAMQ" submit --prompt x
wins 3 "submit-base: the profile" "$DREAMQ" submit --prompt x --profile work
wins 2 "submit-base: the environment" env DREAMQ_SUBMIT_BASE=http://127.0.0.1:2 "$DREAMQ" submit --prompt x
wins 1 "submit-base: the option" env DREAMQ_SUBMIT_BASE=http://127.0.0.1:2 "$DREAMQ" submit --prompt x --submit-base http://127.0.0.1:1

# taken N LABEL COMMAND...: of the ledgers 1 to 4, none of which is there, this one is missed;
# reading makes none
taken() {
	local n=$1 label=$2
	shift 2
	rm -f ledger-?.db*
	bare "$@" >out 2>err
	says "there is no ledger '[^']*/ledger-$n.db'" err "ledger: $label wins"
	equal "" "$(ls ledger-?.db 2>/dev/null | xargs)" "  and none is made"
}
taken 4 "[default]" "$DREAMQ" list
taken 3 "the profile" "$DREAMQ" list --profile work
taken 2 "the environment" env DREAMQ_LEDGER="$T/ledger-2.db" "$DREAMQ" list
taken 1 "the option" env DREAMQ_LEDGER="$T/ledger-2.db" "$DREAMQ" list --ledger "$T/ledger-1.db"
taken 1 "the option as sqlite:" "$DREAMQ" list --ledger "sqlite:$T/ledger-1.db"

# sessions: who asked, as the emulator's log tells
asks_as() {
	local wanted=$1 label=$2
	shift 2
	: >requests.log
	env -u DREAMQ_COOKIE_FILE "$@" >out 2>err
	equal "$wanted" "$(jq -r .account requests.log | sort -u)" "cookie-file: $label wins"
}
asks_as s4 "[default]" "$DREAMQ" query t-0
asks_as s3 "the profile" "$DREAMQ" query t-0 --profile work
asks_as s2 "the environment" env DREAMQ_COOKIE_FILE="$T/cookie-2" "$DREAMQ" query t-0
asks_as s1 "the option" env DREAMQ_COOKIE_FILE="$T/cookie-2" "$DREAMQ" query t-0 --cookie-file "$T/cookie-1"

is 0 "json = yes in the config file" dreamq list
says_not "^[^{]" out "  makes list print JSON"
is 0 "--json=no over it" dreamq query t-0 --json=no
says_not "^[{]" out "  prints a table"
printf '[default]\nledger = %s/ledger-1.db\n' "$T" >named.ini
taken 1 "--config" "$DREAMQ" list --config named.ini
printf '[default]\nledger = %s/ledger-2.db\n' "$T" >second.ini
taken 1 "--config over DREAMQ_CONFIG" env DREAMQ_CONFIG="$T/second.ini" "$DREAMQ" list --config named.ini
taken 2 "DREAMQ_CONFIG" env DREAMQ_CONFIG="$T/second.ini" "$DREAMQ" list
rm -rf config/dreamq

# Profiles with cookies of their own, imported.
unset DREAMQ_COOKIE_FILE
echo 'sessionid=anna' | dreamq auth import --profile anna >out 2>err
echo 'sessionid=boris; other=1' | dreamq auth import --profile boris >out 2>err
equal "600 600" "$(find "$HOME" config state -name '*cookie*' -o -name 'anna*' -o -name 'boris*' | while read -r file; do
	[ -f "$file" ] && stat -c %a "$file"
done | xargs)" "imported cookies are for their owner only"
id=$(dreamq submit --profile anna --prompt "a cat [seconds=1] [items=1]")
: >requests.log
is 0 "anna gets her picture" dreamq get -q --profile anna -o anna --interval 100ms "$id"
is 1 "boris does not know it" dreamq query --profile boris "$id"
equal "anna boris" "$(jq -r 'select(.on == "query") | .account' requests.log | sort -u | xargs)" "each asked with their own cookie"
is 1 "nor does the ledger, for him" dreamq show --profile boris "not-$id"
equal 1 "$(dreamq list --json --profile anna | wc -l)" "anna's list has it"
equal 0 "$(dreamq list --json --profile boris | wc -l)" "boris's list has no id that the service does not know"
equal 2 "$(dreamq list --json --all-accounts | jq -r .submit_id | grep -c -e "$id" -e '^t-0$')" "--all-accounts has hers, and the others'"
is 0 "boris logs out" dreamq auth remove --profile boris
is 3 "and has no cookie" dreamq query --profile boris "$id"
is 0 "anna still has hers" dreamq query --profile anna "$id"
export DREAMQ_COOKIE_FILE=$T/cookie

# File names.
long=$(printf '画一只猫%.0s' $(seq 75))
number=0
while IFS= read -r prompt; do
	number=$((number + 1))
	prompt=$(printf '%b' "$prompt")
	id=$(dreamq submit --prompt "$prompt [seconds=1] [items=1]" --submit-id "name-$number") || echo "# submit failed"
	is 0 "a file named by prompt $number" dreamq get -o "named/$number" --interval 100ms \
		--name '{prompt}-{index1}.{ext}' "$id"
	path=$(cat out)
	if [ "$(dirname "$path")" = "$T/named/$number" ] && [ -f "$path" ] &&
		[ "$(find "named/$number" | wc -l)" -eq 2 ] && [ "${#path}" -lt 400 ] &&
		basename "$path" | grep -Eq '^[^.[:cntrl:]/\\:*?"<>|][^[:cntrl:]/\\:*?"<>|]*-1\.(png|jpg|webp)$'; then
		ok "  is $(basename "$path" | cut -c 1-30 | tr '#' 'N')"
	else
		not_ok "  lies where it may, with a decent name" "$path" "$(find named | head)"
	fi
done <<-END
	../../../../etc/passwd
	..
	/etc/passwd
	.hidden
	a\\nb\\tc\\033[31mred
	CON: a*b?c"d<e>f|g\\\\h
	$long
	{id}{ext}%s%n\$(touch $T/owned)\`touch $T/owned\`
	-rf
	\\xe2\\x80\\xae gnp.exe
END
is 0 "folders in a template" dreamq get -q -o named --name '{account}/{kind}/{date}/{id}.{ext}' t-0
says "^$T/named/default/image/[0-9]{8}/t-0\.png$" out "  are made"
is 0 "one name for many" dreamq get -q -o same --name 'x.{ext}' t-1 t-2 t-3
equal 3 "$(find same -type f | wc -l)" "  replaces nothing"
equal "" "$(ls "$T/owned" 2>/dev/null)" "no prompt was run as a command"

# Who sees what.
is 0 "query -q" dreamq query -q t-0
equal "" "$(cat err)" "  says nothing"
is 0 "get -q of something new" dreamq get -q -o quiet t-4
equal "" "$(cat err)" "  says nothing"
equal "$T/quiet/t-4_0.png" "$(cat out)" "  and prints the path"
is 0 "get -v" dreamq get -v -o loud t-5
says "POST .*get_history_by_ids" err "  tells what is sent"
says "GET " err "  to the CDN, too"
says_not "sessionid|x-signature" err "  without secrets"
equal "$T/loud/t-5_0.png" "$(cat out)" "  stdout is data alone"
is 1 "query -q of an unknown id" dreamq query -q no-such-id
says "no-such-id" err "  an error is told all the same"
escape=$(printf '\033')
is 0 "no colours into a pipe" dreamq query t-0
says_not "$escape" out "  none"
is 0 "--color always" dreamq query --color always t-0
says "$escape" out "  some"
is 0 "--color always beats NO_COLOR" env NO_COLOR=1 "$DREAMQ" query --color always t-0
says "$escape" out "  some"
is 0 "--color never" dreamq query --color never t-0
says_not "$escape" out "  none"
for verb in query wait "get -o files" list export; do
	case $verb in list | export) ids= ;; *) ids="t-0 t-1" ;; esac
	is 0 "$verb --json" dreamq $verb --json $ids
	[ "$verb" = export ] || valid out "  has nothing but lines of the schema on stdout"
done

# --exec and --sidecar.
cat >told.sh <<-'END'
	#!/bin/sh
	printf '%s|%s|%s|%s|%s\n' "$DREAMQ_ID" "$DREAMQ_INDEX" "$DREAMQ_KIND" \
		"$DREAMQ_SHA256" "$(basename "$DREAMQ_PATH")" >>"$T/told"
	[ -z "$(cat)" ] || echo "stdin was not empty" >>"$T/told"
	echo "this goes to stderr"
END
chmod +x told.sh
export T
is 0 "--exec and --sidecar" dreamq get --json -o extras --exec "./told.sh" --sidecar t-0 t-1
valid out "  stdout stays data"
says "this goes to stderr" err "  the command's output goes to stderr"
for n in 0 1; do
	sum=$(sha256sum <"extras/t-${n}_0.png" | cut -c 1-64)
	says "^t-$n\|0\|image\|$sum\|t-${n}_0.png$" told "  --exec was told of t-$n"
	valid "extras/t-${n}_0.png.json" "  its sidecar follows the schema"
	equal "t-$n true null $sum" \
		"$(jq -r '"\(.submit_id) \(.assets[0] | "\(.stored) \(.url) \(.sha256)")"' "extras/t-${n}_0.png.json")" \
		"  and has no link"
done
equal 2 "$(wc -l <told)" "--exec ran once a file"
is 0 "again" dreamq get -o extras --exec "./told.sh" --sidecar t-0 t-1
equal 2 "$(wc -l <told)" "  nothing was stored, so nothing is run"
mkdir taken
echo "my own notes" >taken/t-3_0.png.json
: >taken/t-4_0.png.json
is 0 "a sidecar's name that is taken" dreamq get -o taken --sidecar t-3 t-4
equal "my own notes" "$(cat taken/t-3_0.png.json)" "  is left alone"
says "another file" err "  and told"

# What could be paid for by mistake, and what could wait for ever.
mkfifo cookie.pipe && chmod 600 cookie.pipe
is 3 "a pipe as cookie file" timeout 60 "$DREAMQ" query --cookie-file cookie.pipe t-0
says "cookie.pipe.*pipe" err "  is named"
is 2 "two prompts" dreamq submit --prompt one --prompt two
says "'one'.*'two'" err "  are both named"
is 2 "a second one by its letter" dreamq submit -p one -ptwo
is 6 "--prompt @FILE without the file" dreamq submit -p @nothing.txt
says "@@" err "  says how a text with @ is written"
echo "from a file" >prompt.txt
is 0 "--prompt @FILE" dreamq submit --submit-id from-file -p @prompt.txt
is 0 "--prompt @@text" dreamq submit --submit-id from-text -p @@text
equal "from a file|@text" "$(in_ledger 'map(select(.submit_id | startswith("from-"))) | sort_by(.submit_id) | map(.prompt) | join("|")')" "  pays for what was meant"
equal "" "$(violations)" "the emulator has nothing to complain of"
done_testing
