#!/bin/bash
# 'dreamq setup', as a person talks with it at a terminal: of 80 and of 20 columns, in English
# and in Chinese, over and over again; and what it says where there is no terminal.
. "$(dirname "$0")/lib.sh"
start_emulator
unset DREAMQ_COOKIE_FILE
file=$XDG_CONFIG_HOME/dreamq/config.ini
here=$(dirname "$0")
canary=canary0setup7a1k
# types SCREEN ANSWER...: what is typed when the screen shows what
types() { printf '%s\t%s\n' "$@" >"$T/script"; }
# talk COLUMNS [OPTION...]: the screen is in $T/screen, the exit status in $status
talk() {
	local columns=$1
	shift
	env LC_ALL="${locale-C.UTF-8}" python3 "$here/talk.py" "$columns" "$DREAMQ" setup "$@" <"$T/script" >"$T/screen"
	status=$?
}
key() { dreamq config get "$1" 2>/dev/null; }

# --- no terminal
is 2 "without a terminal" "$DREAMQ" setup
says "dreamq auth import.*dreamq config set" "$T/err" "  it says which commands do the same"
is 2 "  also with a pipe" sh -c "echo | '$DREAMQ' setup"
is 2 "nonsense" "$DREAMQ" setup nonsense
rm "$file"

# --- a newcomer, who pastes
types 'account live' '' keyring '' 'Where is the login' h 'Safari' p 'cookie' \
	"sessionid=$canary" 'Which folder' "$T/my files" 'named' '{date}/{id}_{index}.{ext}'
talk 80
equal 0 $status "a newcomer pastes a cookie"
says "F12, Application" "$T/screen" "  how to find it is told for Chrome"
says "^  dreamq auth import$" "$T/screen" "  each command is shown"
says "^  dreamq doctor$" "$T/screen" "  and the next one"
says_not "$canary" "$T/screen" "  the cookie is not"
says "sessionid=$canary" "$XDG_CONFIG_HOME/dreamq/cookies/default.cookie" "  it is kept"
equal "$T/my files" "$(key output-dir)" "  the folder is in the config file"
equal '{date}/{id}_{index}.{ext}' "$(key name)" "  and the names"
equal cn "$(key region)" "  what was passed over is as it was"

# --- once more
cp "$file" "$T/before"
types 'account live' '' keyring '' 'There is a login' '' 'Which folder' '' 'named' ''
talk 80
equal 0 $status "once more, and nothing is changed"
equal "" "$(diff "$T/before" "$file")" "  nothing at all"
says "$T/my files" "$T/screen" "  what is set is shown"
types 'account live' mars 'account live' sg keyring perhaps keyring no 'login' 7 'none of these' '' \
	'Which folder' '' 'named' ''
talk 80
equal 0 $status "with answers that are none"
says "'mars' is not one of" "$T/screen" "  each is told"
says "'perhaps' is neither" "$T/screen" "  and asked again"
equal sg "$(key region)" "  the good one counts"
dreamq config unset region

# --- a browser, a profile, 20 columns
python3 "$SOURCE_ROOT/tests/kit/browsers.py" firefox "$HOME/.mozilla/firefox/a.default" "$canary-fox"
printf '[Profile0]\nName=default\nIsRelative=1\nPath=a.default\nDefault=1\n' >"$HOME/.mozilla/firefox/profiles.ini"
types 'account live' '' keyring '' 'firefox' 1 'Which folder' '' 'named' ''
talk 20 --profile work
equal 0 $status "a browser's login for a profile, in 20 columns"
says "sessionid.$canary-fox" "$XDG_CONFIG_HOME/dreamq/cookies/work.cookie" "  is that profile's"
says_not "$canary" "$T/screen" "  and not shown"
types 'account live' us keyring '^D'
talk 20 --profile work
equal 0 $status "Ctrl-D ends it"
equal us "$(dreamq --profile work config get region)" "  what was answered is kept"
says "kept so far" "$T/screen" "  and that is told"
types 'account live' '^C'
talk 80
equal 130 "$((status == 254 ? 130 : status))" "Ctrl-C ends it, too"

# --- languages
if [ -e "$(dirname "$DREAMQ")/po/zh_CN/LC_MESSAGES/dreamq.mo" ]; then
	types 账号在哪里 '' 密钥环 '' 已有登录 h 谷歌浏览器 '' 哪个文件夹 '' 命名 ''
	locale=zh_CN.UTF-8 talk 20
	equal 0 $status "in Chinese, 20 columns"
	tr -d '\r' <"$T/screen" >"$T/lines"
	says_not '^[，。；：、！？）】》」”]|[（【《「“]$' "$T/lines" "  no line begins with what closes, or ends with what opens"
else
	skip "in Chinese, 20 columns" "the catalogue is not built"
fi
types 'account live' '^D'
locale=xx_YY.UTF-8 talk 80
equal 0 $status "with a locale that does not exist"
locale=C talk 80
equal 0 $status "with LANG=C"

# --- a cookie pasted where none is asked for
rm -f "$file"
types 'account live' '' keyring '' 'login' '' 'Which folder' "sessionid=$canary" 'Which folder' '' 'named' ''
talk 80
equal 0 $status "a cookie in place of a folder"
says "That is a cookie" "$T/screen" "  is told"
says_not "dreamq config set.*$canary" "$T/screen" "  and on no command line"

printf '[default]\njbs = 1\n' >"$file"
talk 80
equal 2 $status "with a bad config file"
says "did you mean 'jobs'" "$T/screen" "  its mistake is told"
done_testing
