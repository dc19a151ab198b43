#!/bin/bash
# The config file: what holds and whence, one key written, all mistakes told, an editor,
# aliases; with a broken file, a full disk, no HOME, links, 20 columns, and in Chinese.
. "$(dirname "$0")/lib.sh"
file=$XDG_CONFIG_HOME/dreamq/config.ini
rm "$file"
config() { dreamq config "$@"; }
value() { config list --json "$1" | jq -r 'select(.key == "'"$1"'") | .'"$2"; }

# --- where it is, and what holds
is 0 "config path" config path
equal "$file" "$(cat "$T/out")" "is the default's"
is 0 "list without a file" config list
says '^jobs +8 +default$' "$T/out" "  a default"
says '^api-base +not set$' "$T/out" "  and none"
is 0 "check without a file" config check
says "none is needed" "$T/err" "  says so"
is 1 "get of what has no value" config get api-base
is 0 "get of a default" config get jobs
equal 8 "$(cat "$T/out")" "  prints it alone"

# --- values are read as those of the command line are
cat >"$T/wrong" <<'END'
limit-rate|fast
limit-rate|2M,25:00-26:00=off
proxy|gopher://x
hours|25:00-07:00
name|{nope}
api-base|nonsense
submit-base|http://example.com
doh-url|http://example.com
ledger|mysql://x
sink|s4://x
webhook|http://example.com/hook
webhook-events|stored,nothing
columns|nope
columns|id,,state
END
while IFS='|' read -r key wrong; do
	is 2 "set $key '$wrong'" config set "$key" "$wrong"
	says "config set: " "$T/err" "  is refused"
	sentence=$(sed 's/^dreamq: config set: //' "$T/err")
	[ -e "$file" ] && not_ok "  and nothing is written"
	printf '[default]\n\n%s = %s\n[profile p]\n%s = %s\n' "$key" "$wrong" "$key" "$wrong" >"$T/wrong.ini"
	is 2 "  check finds it" dreamq config check --config "$T/wrong.ini"
	equal "$T/wrong.ini:3: $sentence
$T/wrong.ini:5: $sentence" "$(cat "$T/out")" "  with its line, in every section"
	is 2 "  and a verb" dreamq list --config "$T/wrong.ini"
	says "wrong.ini:3: " "$T/err" "  with its line"
done <"$T/wrong"
for right in "limit-rate 2M,22:00-07:00=off" "proxy none" "proxy socks5h://h:1080" "hours 22:00-07:00,12:00-13:00" \
	"name {date}/{id}_{index}.{ext}" "api-base https://example.com" "doh-url https://example.com/q" "ledger sqlite:x.db" \
	"sink file:///tmp/x" "columns id,state,cost"; do
	is 0 "set $right" config set ${right%% *} "${right#* }"
done
is 0 "all of them together" config check
is 2 "a name that others have" config set hour 1
says "unknown key 'hour'; did you mean 'hours'" "$T/err" "  is told"
is 2 "columns that are none" dreamq list --columns nope
equal "" "$(sed 's/.*there are: //' "$T/err" | tr -d ' ' | tr , '\n' | sort | uniq -d)" "  names each that there is once"
rm "$file"

# --- a secret that others can read
(umask 022 && printf '[default]\nproxy = http://me:geheim@h:1\n' >"$T/open.ini")
is 0 "a password in a file for all" config check --config "$T/open.ini"
says "chmod 600 $T/open.ini" "$T/err" "  is told"
says_not geheim "$T/err" "  and not said"
is 0 "when another key is set, too" config set --config "$T/open.ini" jobs 3
says "chmod 600 $T/open.ini" "$T/err" "  is told"
equal 644 "$(stat -c %a "$T/open.ini")" "  and the mode is the user's"
chmod 600 "$T/open.ini"
is 0 "for us alone" config check --config "$T/open.ini"
says_not chmod "$T/err" "  it is fine"

# --- writing
is 0 "set makes the file" config set jobs 4
equal "[default]
jobs = 4" "$(cat "$file")" "  with its section"
equal 600 "$(stat -c %a "$file")" "  for us alone"
cat >"$file" <<END
# my file
[default]
name = {id}.{ext}
; how many
jobs = 4

[wire]
appvr = 9
END
chmod 640 "$file"
cp "$file" "$T/before"
is 0 "set of a key that is there" config set jobs 5
equal "5c5
< jobs = 4
---
> jobs = 5" "$(diff "$T/before" "$file")" "  changes that line alone"
equal 640 "$(stat -c %a "$file")" "  and keeps the mode"
is 0 "set for a profile" config set profile.work.jobs 2
is 0 "the same by --profile" dreamq --profile work config set output-dir "$T/w"
equal "2 profile $file 11" "$(dreamq --profile work config list --json | jq -r 'select(.key == "jobs") | "\(.value) \(.origin) \(.file) \(.line)"')" "the profile's value has its line"
equal "5 config" "$(value jobs value) $(value jobs origin)" "the others have that of [default]"
equal "environment DREAMQ_REGION" "$(DREAMQ_REGION=sg config list --json | jq -r 'select(.key == "region") | "\(.origin) \(.name)"')" "a variable is named"
equal "option color never" "$(config list --json --color never | jq -r 'select(.key == "color") | "\(.origin) \(.name) \(.value)"')" "so is an option"
config list --json >"$T/list.json"
valid "$T/list.json" "config list --json follows its schema"
is 0 "unset" config unset jobs
equal "8 default" "$(value jobs value) $(value jobs origin)" "  the default holds again"
is 1 "unset once more" config unset jobs
mkdir "$T/dotfiles" && mv "$file" "$T/dotfiles/ini" && ln -s "$T/dotfiles/ini" "$file"
is 0 "set through a link" config set jobs 3
is 0 "  which stays" test -L "$file"
says '^jobs = 3$' "$T/dotfiles/ini" "  and what it points at has the key"
rm "$file" && mv "$T/dotfiles/ini" "$file"

# --- nonsense
before=$(cat "$file")
while read -r words; do
	# shellcheck disable=SC2086 # words
	is 2 "config $words" config $words
	[ -s "$T/err" ] || not_ok "  says why"
done <<END

nonsense
get
get a b
get nonsense
set jobs
set jobs 100
set jobs x
set prompt x
set profile.x.y.z 3
set wire.nothing 1
set alias.get list
set alias.x nothing
set color blue
list nonsense
unset nonsense
path x
check x
END
is 2 "a cookie" config set name "sessionid=geheim"
says_not geheim "$T/err" "  is not repeated"
is 2 "a proxy's password" config set proxy "http://me:geheim@proxy.test:1"
says_not geheim "$T/err" "  is not repeated"
is 2 "  and of a profile" config set profile.work.proxy "me:geheim@proxy.test:1"
is 2 "a value of two lines" config set name "a
b"
equal "$before" "$(cat "$file")" "none of these has changed the file"

# --- a proxy's password is for nobody's eyes
printf '[default]\nproxy = http://me:ge%%2Fhe%%40im@proxy.test:1\n[profile work]\nproxy = me:geheim@proxy.test:2\n' >"$T/secret.ini"
is 0 "list with a proxy's password" config list --config "$T/secret.ini"
says_not 'geheim|ge%2Fhe|im@|me:' "$T/out" "  does not tell it"
says '^proxy +http://\*\*\*@proxy.test:1 ' "$T/out" "  but that there is one"
is 0 "  nor in JSON" config list --json --config "$T/secret.ini"
says_not 'geheim|ge%2Fhe|im@|me:' "$T/out" "  does not tell it"
is 0 "get" config get proxy --config "$T/secret.ini"
equal "http://me:ge%2Fhe%40im@proxy.test:1" "$(cat "$T/out")" "  tells what was asked for"

# --- several at once
writers=()
for n in $(seq 12); do
	"$DREAMQ" config set "alias.a$n" list --config "$T/crowd/ini" &
	writers+=($!)
done
wait "${writers[@]}"
equal 12 "$(grep -c '^a[0-9]* = list$' "$T/crowd/ini")" "of twelve who write at once nobody's line is lost"

# --- all mistakes
printf '[default]\njob = 3\njobs = 100\n[alias]\nget = list\nx = lst\n[what]\na = b\n[wire]\nappvrr = 1\n[profile p]\ncolor = blue\n' >"$T/bad.ini"
is 2 "check of a bad file" config check --config "$T/bad.ini"
equal "2 3 5 6 7 10 12" "$(sed -E 's/^[^:]*:([0-9]+):.*/\1/' "$T/out" | tr '\n' ' ' | sed 's/ $//')" "  tells each line that is wrong, in order"
says "did you mean 'jobs'" "$T/out" "  the nearest key"
says "did you mean 'appvr'" "$T/out" "  the nearest row"
says "did you mean 'list'" "$T/out" "  the nearest verb"
printf '[wire]\nappvr = 9\ntime_scale = fast\nquery_path = mweb\napi_base = http://example.test\ncluster = mars\n' >"$T/wire.ini"
is 2 "check of [wire]" config check --config "$T/wire.ini"
equal "3 4 5 6" "$(sed -E 's/^[^:]*:([0-9]+):.*/\1/' "$T/out" | xargs)" "  tells each value that no request could have"
says "wire.ini:3: time_scale must be 1 to 1000, not 'fast'" "$T/out" "  and why"
is 2 "another verb" dreamq list --config "$T/wire.ini"
says "wire.ini:3: time_scale must" "$T/err" "  names the line, too"
is 2 "such a value is not written" config set wire.query_path mweb --config "$T/wire.ini"
config check --json --config "$T/bad.ini" >"$T/mistakes.json" 2>/dev/null
valid "$T/mistakes.json" "  as JSON it follows its schema"
is 2 "every other verb refuses it" dreamq list --config "$T/bad.ini"
is 0 "set repairs a line" config set jobs 4 --config "$T/bad.ini"
says "dreamq config check" "$T/err" "  and tells of the other ones"
is 0 "sample" config sample
cp "$T/out" "$T/sample.ini"
is 0 "  is a good file" config check --config "$T/sample.ini"

# --- an editor
printf '#!/bin/sh\n[ "$1" = -x ] || exit 9\nprintf "[default]\\nqualty = original\\n" >"$2"\n' >"$T/editor"
chmod +x "$T/editor"
is 2 "edit, and a mistake in it" env EDITOR="$T/editor -x" "$DREAMQ" config edit --config "$T/edited.ini"
says "edited.ini:2:.*'quality'" "$T/out" "  is told afterwards"
is 0 "edit makes a sample" env VISUAL=true "$DREAMQ" config edit --config "$T/made.ini"
equal "$(cat "$T/sample.ini")" "$(cat "$T/made.ini")" "  where there was none"
printf '#!/bin/sh\nkill -INT $PPID\nsleep 0.3\nprintf "[default]\\njobs = 7\\n" >"$1"\n' >"$T/busy" && chmod +x "$T/busy"
is 0 "Ctrl-C while the editor runs" env EDITOR="exec $T/busy" "$DREAMQ" config edit --config "$T/made.ini"
equal 7 "$(sed -n 's/^jobs = //p' "$T/made.ini")" "  is the editor's, which is waited for"
is 2 "an editor that is not there" env VISUAL="$T/none" "$DREAMQ" config edit --config "$T/made.ini"
says "VISUAL or EDITOR" "$T/err" "  what to do"

# --- aliases
start_emulator --time-scale 100
config set alias.few "list --limit 1"
config set alias.pics "get -q -o '$T/my pics'"
make_tasks '{"account":"tester","ids":["al-one","al-two"],"prompt":"a cat [items=1]","age_seconds":600}' >"$T/ids"
is 0 "an alias with a word of two" dreamq pics --input "$T/ids"
equal 2 "$(find "$T/my pics" -type f | wc -l)" "  does what it stands for"
is 0 "an alias is a verb" dreamq few
equal 1 "$(wc -l <"$T/out")" "  with its options"
is 0 "an option behind it counts" dreamq few --limit 2
equal 2 "$(wc -l <"$T/out")" "  and not that of the alias"
is 2 "what its verb does not take" dreamq few --nonsense
says "unknown option '--nonsense'" "$T/err" "  is told"
is 2 "no verb and no alias" dreamq fewer
says "unknown verb 'fewer'" "$T/err" "  is told as ever"
is 0 "its help" dreamq help few
says "'few' is an alias: dreamq list --limit 1" "$T/out" "  is that of its verb, and says what it is"
is 0 "the list of verbs" dreamq help
says "^  few +list --limit 1$" "$T/out" "  has it"
is 0 "bash completes it" bash -c 'eval "$("$DREAMQ" completion bash)"; PATH=$1:$PATH; COMP_WORDS=(dreamq fe) COMP_CWORD=1; _dreamq; echo "${COMPREPLY[@]}"' - "$(dirname "$DREAMQ")"
equal few "$(cat "$T/out")" "  by its name"
stop_emulator

# --- places and languages
is 2 "no HOME" env -u HOME -u XDG_CONFIG_HOME "$DREAMQ" config path
says "name one with --config" "$T/err" "  what to do"
is 0 "no HOME, and a sample" env -u HOME -u XDG_CONFIG_HOME "$DREAMQ" config sample
is 6 "config list to a full disk" sh -c "'$DREAMQ' config list >/dev/full"
if unshare -rm true 2>/dev/null; then
	mkdir "$T/small"
	is 6 "set on a full disk" unshare -rm sh -c 'mount -t tmpfs -o size=16k tmpfs "$1" &&
		printf "[default]\njobs = 3\n" >"$1/c.ini"; head -c 60000 /dev/zero >"$1/fill" 2>/dev/null
		"$2" config set jobs 4 --config "$1/c.ini"; status=$?; cat "$1/c.ini"; exit $status' - "$T/small" "$DREAMQ"
	equal "[default]
jobs = 3" "$(cat "$T/out")" "  leaves the old file as it was"
else
	skip "set on a full disk" "no right to mount"
fi
mkdir "$T/folder.ini"
is 2 "a folder in its place" config set jobs 3 --config "$T/folder.ini"
is 6 "a folder that can't be made" config set jobs 3 --config "$T/sample.ini/config.ini"
for locale in C zh_CN.UTF-8 xx_YY.UTF-8; do
	is 2 "an unknown key under $locale" env LC_ALL=$locale COLUMNS=20 "$DREAMQ" config get nonsense
done
if [ -e "$(dirname "$DREAMQ")/po/zh_CN/LC_MESSAGES/dreamq.mo" ]; then
	is 2 "in Chinese" env LC_ALL=zh_CN.UTF-8 "$DREAMQ" config check --config "$T/bad.ini"
	says "有错，共 6 处" "$T/err" "  the mistakes are counted"
else
	skip "in Chinese" "the catalogue is not built"
fi
done_testing
