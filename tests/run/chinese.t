#!/usr/bin/env bash
# A Chinese user reads Chinese: what the library says, too, errors and notes of every part.
# With --json the sentence stays English, so that programs read one language; and nothing
# of the language goes into the ledger.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 100

if ! [ -e "$(dirname "$DREAMQ")/po/zh_CN/LC_MESSAGES/dreamq.mo" ]; then
	skip "all of it" "the catalogue is not built"
	done_testing
	exit 0
fi
zh() { env LC_ALL=zh_CN.UTF-8 "$DREAMQ" "$@"; }

# english FILE: three words of English in a row, of which none is a value in quotes, an
# option, a path or an address
english() {
	LC_ALL=C.UTF-8 sed -E "s/“[^”]*”//g; s/--?[A-Za-z][-A-Za-z]*//g; s#[a-z]*:?/[^ ，；：）]*##g" "$1" |
		LC_ALL=C.UTF-8 grep -E "[A-Za-z']+[ ,;:]+[A-Za-z']+[ ,;:]+[A-Za-z']+" || true
}
# speaks PATTERN LABEL: that is what was said, and nothing beside it is English
speaks() {
	says "$1" "$T/err" "$2"
	equal "" "$(english "$T/err")" "  and no English is left"
}

# --- what the command line itself refuses, and the library
is 2 "a bad id" zh query 'a b'
speaks '第 1 个参数：“a b”不是任务 id' "is named with its place"
printf 'good-id\nb?d\n' >"$T/ids"
is 3 "a bad line" zh query --input "$T/ids" --cookie-file "$T/none"
says '，第 2 行：“b.d”不是任务 id' "$T/err" "is named with its line"
is 2 "a bad template" zh get --name '{nope}' -o "$T/o" x
speaks '没有字段“\{nope\}”' "is told"
is 2 "a bad ratio" zh submit --prompt p --ratio 1:77
speaks '必须是|不在可选值' "is told"

is 2 "with a LANGUAGE that says nothing" env LANGUAGE= LC_ALL=zh_CN.UTF-8 "$DREAMQ" submit --prompt p --ratio 1:77
speaks '必须是|不在可选值' "is the same"

# --- login, network, service
is 3 "no cookie" zh query --cookie-file "$T/none" x
speaks '没有 cookie 文件“.*”；请先运行“dreamq' "is told"
printf 'sessionid=x' >"$T/open"
chmod 644 "$T/open"
is 3 "a cookie for everybody" zh query --cookie-file "$T/open" x
speaks '权限是 0644，别人也能读到' "is told"
(umask 077 && printf 'sessionid=expired' >"$T/dead")
is 3 "a dead login" zh query --cookie-file "$T/dead" x
speaks '登录' "is told"
is 5 "no service" zh query --api-base http://127.0.0.1:9 x
speaks '无法连接“127.0.0.1:9”' "is told"
script "on=query : not-json"
is 7 "no JSON" zh query some-id
speaks '不是 JSON|网页' "is told"
clear_script
script "on=query nth=1 : status 429"
found=$(make_tasks '{"account":"tester","prefix":"z1-","count":1,"prompt":"[seconds=0.1] [items=1]"}')
is 0 "a rate limit" zh wait "$found"
speaks '请求太多.*再试一次' "is told, and that it is tried again"
clear_script

# --- the ledger
mkdir "$T/folder"
is 6 "a ledger that is a folder" zh list --ledger "$T/folder"
speaks '账本“.*”是文件夹' "is told"
cp "$LEDGER" "$T/hurt.db"
printf 'not a database, but long enough to be looked at' | dd of="$T/hurt.db" conv=notrunc status=none
is 6 "a ledger that is none" zh list --ledger "$T/hurt.db"
speaks '不是账本' "is told"
head -c 8192 /dev/urandom | dd of="$T/cut.db" bs=4096 seek=1 conv=notrunc status=none
lab_copy "$T/cut2.db"
dd if=/dev/urandom of="$T/cut2.db" bs=4096 seek=1 count=4 conv=notrunc status=none
is 6 "a ledger that is damaged" zh ledger check --ledger "$T/cut2.db"
speaks '已损坏，保持原样' "is told"
is 1 "an id that it lacks" zh show nobody-knows
speaks '没有任务“nobody-knows”|账本不认识' "is told"

# --- files
is 6 "a folder that is a file" zh get -o "$T/ids" "$found"
speaks '挡住了路|不是文件夹' "is told"
script "on=cdn times=20 : status 403"
dead=$(make_tasks '{"account":"tester","prefix":"z2-","count":1,"prompt":"[seconds=0.1] [items=1]"}')
zh get --max-wait 20s -o "$T/dead" "$dead" >"$T/out" 2>"$T/err"
equal "" "$(english "$T/err")" "a link that stays dead: no English is left"
clear_script
is 0 "an --exec that works" zh get -o "$T/o" --exec true "$found"
rm -rf "$T/o"
is 6 "an --exec that fails" zh get -o "$T/o" --exec 'exit 7' "$found"
speaks '已存好，但 --exec 的命令“exit 7”以状态 7 结束' "is told"
printf x >>"$(find "$T/o" -name '*.png' | head -1)"
is 6 "an altered file" zh verify
speaks '被改动 1 个' "is told"
says '变长了：' "$T/out" "  and how"
equal "" "$(english "$T/out" | grep -v '^altered')" "  without English"
is 0 "repaired" zh verify --repair
says '已移到一旁：“.*”，并且已重新取来' "$T/out" "  as it is told"

# --- why the next poll is when
slow=$(make_tasks '{"account":"tester","prefix":"z3-","count":1,"prompt":"[seconds=9000]"}')
is 4 "--explain" zh wait --explain --max-wait 1s "$slow"
says '再次查看|现在就查看' "$T/err" "is told"
equal "" "$(english "$T/err")" "  without English"

# --- programs read English, whatever the language
is 2 "--json" zh query --json 'a b'
says "argument 1: 'a b' is no task id" "$T/out" "  is English"
speaks '第 1 个参数' "  beside it, people read Chinese"
is 3 "--json of the library" zh query --json --cookie-file "$T/none" x
says "there is no cookie file" <(jq -r .message "$T/out") "  is English"
says "^bring a fresh cookie" <(jq -r .do "$T/out") "  what to do, too"
valid "$T/out" "  in the schema"
equal 0 "$(lab_dump | LC_ALL=C grep -cP '[\xe4-\xe9][\x80-\xbf]{2}')" "nothing Chinese is in the ledger"
equal "" "$(violations)" "no violation"
done_testing
