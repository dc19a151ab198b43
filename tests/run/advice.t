#!/bin/bash
# What a sentence advises works as it is written: each one is brought about, the command that it
# names (or the same one, when it says to run it again) is run as a shell reads it, and does it.
# At the end no sentence of the sources that advises may be left (tests/run/advice.py). The parts run
# beside each other; most of their time they wait.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/advice.sh"
export SOURCE_ROOT

# --- words ------------------------------------------------------------------------------------
words() {
	told 2 "see 'dreamq help'" dreamq xyzzyx && follow 0
	told 2 "see 'dreamq help get'" dreamq get --xyzzyx && follow 0
	told 2 "has no option '--batch'; see 'dreamq help get'" dreamq get --batch x && follow 0
	told 2 "unknown option '-Z'; see 'dreamq help get'" dreamq get -Z && follow 0
	told 2 "unknown option '--xyzzyx'; see 'dreamq help'" dreamq --xyzzyx && follow 0
	told 2 "needs --prompt TEXT, --batch" dreamq submit
	told 2 "needs --prompt TEXT, or --reroll" dreamq run
	told 2 "needs task ids, or --prompt with" dreamq run --reroll
	told 2 "needs task ids: as arguments" dreamq get
	told 2 "takes task ids with --reroll only" dreamq submit some-id
	told 2 "--submit-without-asking needs --allow-submit" dreamq mcp --submit-without-asking
	is 0 "  so" dreamq mcp --allow-submit --submit-without-asking </dev/null
	told 2 "query_result' needs --submit_id" dreamq query_result
	is 2 "an error has its line" dreamq --json get --xyzzyx
	jq -r .do out >err && cat err >>heard && follow 0

	# the first tasks
	told 0 "there are no tasks yet" dreamq stats
	ID=$(make_tasks '{"account":"tester","prefix":"a-","count":1,"prompt":"[seconds=0] [items=1]"}')
	follow 0
	told 2 "give either --output-dir or --sink" dreamq get -o one --sink two "$ID"
	is 0 "  one of them" dreamq get -o one "$ID"
	is 0 "  the other" dreamq get --sink two "$ID"
	told 2 "absolute path; name the folder with --output-dir" dreamq get --name /x/{id} "$ID"
	is 0 "  so" dreamq get --name 'x/{id}' --output-dir one "$ID"
}

# --- submitting -------------------------------------------------------------------------------
submitting() {
	printf '%s\n' one two >"$FILE"
	dreamq submit -q --batch "$FILE" --idempotency-key moved --key-by line >out 2>&1
	sed -i '1i zero' "$FILE"
	told 2 "keep their tasks with --key-by content" dreamq submit --batch "$FILE" --idempotency-key moved --key-by line
	is 0 "  so" dreamq submit --batch "$FILE" --idempotency-key moved2 --key-by content
	told 2 "with --batch prompts and ids come from the lines" dreamq submit --batch "$FILE" --prompt x
	told 2 "task ids, or an --idempotency-key" dreamq submit --prompt x --reroll
	told 2 "give one \(many prompts: --batch FILE\)" dreamq submit --prompt x --prompt y && is 0 "  so" dreamq submit --batch "$FILE"
	told 2 "for a prompt of '@' write '@@'" dreamq submit --prompt @ && is 0 "  so" dreamq submit --prompt @@
	told 2 "no place for .* --submit-via agent sends any field" dreamq submit --prompt x --submit-via web --set odd=1
	is 0 "  so" dreamq submit --prompt x --submit-via agent --set odd=1
	told 2 "--submit-via agent submits it" dreamq submit --kind video --prompt x --submit-via web
	is 0 "  so" dreamq submit --kind video --prompt x --submit-via agent
	printf '.capcut.com\tTRUE\t/\tTRUE\t0\tsessionid\ttester\n' >jar
	env -u DREAMQ_COOKIE_FILE -u DREAMQ_SUBMIT_BASE dreamq --region sg --profile abroad auth import jar >out 2>&1 || cat out
	told 2 "--submit-via web submits pictures" env -u DREAMQ_COOKIE_FILE -u DREAMQ_SUBMIT_BASE dreamq --region sg --profile abroad submit --submit-via agent --prompt x
	is 0 "  so" env -u DREAMQ_COOKIE_FILE -u DREAMQ_SUBMIT_BASE dreamq --region sg --profile abroad submit --submit-via web --prompt x
	told 2 "make it on the site of region 'sg'" env -u DREAMQ_COOKIE_FILE -u DREAMQ_SUBMIT_BASE dreamq --region sg --profile abroad submit --kind video --prompt x
	told 2 "'dreamq credits' or --measure tells its cost" dreamq submit --prompt "never made" --ratio 21:9 --max-credits 9
	advised >said
	equal "dreamq credits" "$(cat said)" "  'dreamq credits' is advised" && follow 0
	is 0 "  --measure, too" dreamq submit --ratio 21:9 --measure --prompt x
	script 'on=submit : ret 1310'
	dreamq submit -q --prompt x --submit-id waits --max-wait 0 >out 2>&1
	told 2 "'dreamq get waits' sends it, once" dreamq submit --reroll waits
	told 1 "'dreamq forget waits' takes it out" dreamq cancel waits && follow 0
	dreamq submit -q --prompt x --submit-id waits2 --max-wait 0 >out 2>&1
	clear_script
	told 2 "'dreamq get waits2' sends it, once" dreamq submit --reroll waits2 && follow 0
	script 'on=cancel : ret 0'
	dreamq submit -q --kind video --prompt "waves [queue=5000]" --submit-id film >out 2>&1
	eventually 5 eval '[ "$(dreamq query --json film | jq -r .state)" = queued ]'
	told 4 "does not show it yet; run this again" dreamq cancel film
	clear_script
	again 0
	told 130 "go on with" timeout --foreground --preserve-status -s INT 1 dreamq get -o "$places" "$(make_tasks '{"account":"tester","prefix":"b-","count":1,"prompt":"[seconds=300] [items=1]"}')"
	follow 0
	told 4 "still running, and nothing is lost; go on with" dreamq wait --max-wait 1s "$(make_tasks '{"account":"tester","prefix":"c-","count":1,"prompt":"[seconds=9000]"}')"
	follow 4
	make_tasks "$(jq -nc '{account:"tester",prefix:"old-",count:30,prompt:"[items=1]",age_seconds:600}')" >/dev/null
	told 0 "older entries: --limit N shows more" dreamq credits --limit 1 && is 0 "  so" dreamq credits --limit 5
}

# --- what others made -------------------------------------------------------------------------
adopting() {
	cp "$SOURCE_ROOT"/tests/fixtures/adopt/* .
	told 0 "to have their files: dreamq watch .*--until-idle" dreamq adopt --ledger "$places/adopted.db" traffic.har
	FOLDER="'$places'" follow 0
	says "25666395318026: not found" followed.err "  of that ledger"
}

# --- the cookie: its own file, with a blank in its name ------------------------------------------
cookies() {
	cookie="$places/cookie"
	told 3 "run 'dreamq auth import .*first" dreamq query --cookie-file "$cookie" "$task" && follow 0 && again 0
	chmod 644 "$cookie"
	told 3 "run .chmod 600" dreamq query --cookie-file "$cookie" "$task" && follow 0 && again 0
	printf 'a\0b' >"$cookie"
	told 3 "is not text; run" dreamq query --cookie-file "$cookie" "$task" && follow 0 && again 0
	printf 'sessionid=expired' >"$cookie"
	told 3 "the login is not accepted; run" dreamq query --cookie-file "$cookie" "$task" && follow 0 && again 0
	account tester expired
	is 3 "a dead login as JSON" dreamq query --json --cookie-file "$cookie" "$task"
	jq -r '.do, .message' out >err && cat err >>heard
	account tester ok
	follow 0
	again 0
	printf 'sessionid=tester; sid_guard=x%%7C%d%%7C%d%%7Cz' $(($(date +%s) - 10000)) 20000 >"$cookie"
	told 0 "ends in .*run 'dreamq auth import" dreamq query --cookie-file "$cookie" "$task" && follow 0
	printf 'sessionid=tester; sid_guard=x%%7C%d%%7C%d%%7Cz' $(($(date +%s) - 20000)) 10000 >"$cookie"
	told 0 "may refuse it; log in" dreamq query --cookie-file "$cookie" "$task" && follow 0
	unset DREAMQ_COOKIE_FILE
	told 2 "no profile 'studio'; known are: default.*'dreamq auth import" dreamq query --profile studio "$task" && follow 0 && again 0
	told 0 "is replaced; 'dreamq auth status" bash -c 'echo sessionid=tester | dreamq auth import --profile studio' && follow 0
	told 0 "is kept; 'dreamq auth status" bash -c 'echo sessionid=tester | dreamq auth import --profile third' && follow 0
	(umask 022 && printf '[default]\nproxy = http://me:secret@h:1\n' >open.ini)
	told 0 "others can read .*run .chmod 600" dreamq config check --config open.ini && follow 0
	equal 600 "$(stat -c %a open.ini)" "  nobody else can, then"
	printf '[default]\ncookie = x\n' >bad.ini
	told 2 "a cookie does not belong into this file" dreamq list --config bad.ini
	sed -i /cookie/d bad.ini
	follow 0
	again 0
	echo sessionid=tester >plain

	# the config file
	ini="$places/c.ini"
	echo '[default]' >"$ini"
	told 2 "does not belong into this file; run 'dreamq auth import" dreamq config --config "$ini" set cookie sessionid=x && follow 0
	printf '[default]\njobs = many\n' >"$ini"
	told 0 "mistakes in other lines; run 'dreamq config check" dreamq config --config "$ini" set output-dir x && follow 2
	printf '[alias]\nnight = xyzzyx\n' >"$ini"
	told 2 "begins with a verb, and 'xyzzyx' is none; see 'dreamq help'" dreamq --config "$ini" night && follow 0
	printf '[alias]\nnight = list\n' >"$ini"
	is 0 "help of an alias" dreamq --config "$ini" help night
	head -1 out >err && cat err >>heard && follow 0
	told 2 "name one with --config" env -u HOME -u XDG_CONFIG_HOME dreamq config set jobs 4
	is 0 "  so" env -u HOME -u XDG_CONFIG_HOME dreamq config --config "$ini" set jobs 4
	told 2 "named, so the keyring would never be asked; leave out --cookie-file" dreamq auth import --keyring --cookie-file "$cookie" plain
	export DREAMQ_COOKIE_FILE=$T/cookie
	ID=$task
	account tester expired
	"$DREAMQ" watch --max-wait 1s -o one >out 2>watch.err
	account tester ok
	"$DREAMQ" watch --max-wait 500ms -o one >out 2>>watch.err
	cat watch.err >>heard
	says "pauses until its cookie changes \('dreamq auth import" watch.err "a watch with a dead login"
	cp watch.err err && follow 0
}

# --- the ledger, in a folder with a blank --------------------------------------------------------
ledger() {
	whole=$T/whole
	db="$places/l.db"
	# ledger_is_whole: three tasks, one of them stored, some of it in the log; as it was
	ledger_is_whole() {
		rm -f "$db"*
		cp "$whole"/l.db* "$places"
	}
	dreamq get -q --ledger "$db" -o "$places/files" "$task" >out 2>&1
	for n in $(seq 20); do jq -nc --arg p "cat $n" '{prompt: $p}'; done | dreamq submit -q --ledger "$db" --batch - >out 2>&1
	mkdir "$whole" && cp "$places"/l.db* "$whole"
	told 6 "is a folder: name a file in it with --ledger" dreamq list --ledger "$places" && is 0 "  so" dreamq list --ledger "$db"
	mkfifo pipe.db && told 6 "no regular file: name another with --ledger" dreamq list --ledger pipe.db
	echo nonsense >none.db && told 6 "is not a ledger: name another file with --ledger" dreamq list --ledger none.db
	told 2 "built without PostgreSQL: name a ledger file with --ledger" dreamq list --ledger postgresql://x/y
	LEDGER=$T/foreign.db lab_foreign "$T/foreign.db"
	told 6 "database of another program: name another file with --ledger" dreamq list --ledger foreign.db
	cp "$whole/l.db" newer.db
	LEDGER=$T/newer.db lab_newer "$T/newer.db"
	told 6 "upgrade dreamq or name another ledger with --ledger" dreamq list --ledger newer.db
	# taken LABEL: what recover has saved is looked at and taken as it says, and all is well
	taken() {
		cp followed.err err
		follow 0
		is 0 "$1" dreamq ledger check --ledger "$db"
	}
	rm "$db-mark"
	python3 - "$db" <<-'P'
	import sys
	with open(sys.argv[1], "r+b") as file:
	    file.seek(4096)
	    file.write(bytes(3 * 4096))
	P
	told 6 "is damaged, and left as it is.*'dreamq ledger recover" dreamq list --ledger "$db" && follow 0
	taken "  and it is good again"
	ledger_is_whole
	rm "$db-wal"
	told 0 "see 'dreamq ledger check" dreamq query --ledger "$db" "$task" && follow 6
	ledger_is_whole
	rm "$db-wal"
	told 6 "or say 'dreamq ledger accept" dreamq submit --ledger "$db" --prompt x
	sed -i "s/.see 'dreamq ledger check.*//" err && follow 0 && again 0
	ledger_is_whole
	rm "$db" "$db-wal"
	told 6 "is gone, and '.*-mark' knows .*'dreamq ledger accept" dreamq query --ledger "$db" "$task" && follow 0 && again 0
	ledger_is_whole
	rm "$db" "$db-mark"
	told 6 "is gone, and its log .*'dreamq ledger accept" dreamq query --ledger "$db" "$task" && follow 0 && again 0
	ledger_is_whole
	dreamq ledger recover -q --ledger "$db" "$COPY" >out 2>&1
	head -c 100000 /dev/urandom >"$db" && rm -f "$db"-*
	told 6 "nothing can be read of .*'dreamq ledger accept .*COPY'" dreamq ledger recover --ledger "$db" && follow 0
	is 0 "  and it is good again" dreamq ledger check --ledger "$db"
	ledger_is_whole
	LEDGER=$db lab_empty_log
	for page in $(LEDGER=$db lab_pages_of assets); do
		dd if=/dev/zero of="$db" bs=4096 seek=$((page - 1)) count=1 conv=notrunc 2>/dev/null
	done
	rm -f "$db-wal" "$db-mark" "$db.recovered"
	told 0 "files could be read: once it is taken, 'dreamq verify" dreamq ledger recover --ledger "$db"
	cp err unread
	grep '^  dreamq' unread >err && follow 0
	grep 'dreamq verify' unread >err && follow 0
	ledger_is_whole
	told 0 "'dreamq ledger accept .*' takes it back" dreamq ledger backup --ledger "$db" "$places/copy.db" && follow 0
	ledger_is_whole
	told 2 "'prune' needs --older-than DUR" dreamq prune --ledger "$db" && is 0 "  so" dreamq prune --ledger "$db" --older-than 90d
	told 2 "'tag' needs .*--rating" dreamq tag --ledger "$db" "$task" && is 0 "  so" dreamq tag --ledger "$db" --rating 3 "$task"
	ledger_is_whole
	LEDGER=$db
	told 0 "'dreamq watch .*asks what became of it" dreamq ledger accept --ledger "$db"
	sed -i 's/dreamq watch/dreamq watch --max-wait 1s -q -o one/' err && follow 0
	ledger_is_whole
	rm "$places/files"/*
	told 6 "'dreamq verify .*--repair' fetches (it|them) again" dreamq verify --ledger "$db" && follow 0
	is 0 "  and all is here" dreamq verify --ledger "$db"
}

# --- looking ------------------------------------------------------------------------------------
looking() {
	told 2 "write --json alone" dreamq stats --json=id && is 0 "  so" dreamq stats --json
	told 2 "give either --json or --print" dreamq show --json=id --print id "$task" && is 0 "  one of them" dreamq list --print id
	told 2 "give one of --format, --json and --print" dreamq list --format csv --json && is 0 "  one of them" dreamq list --format csv
	told 2 "give either --ipv4 or --ipv6" dreamq query -4 -6 "$task" && is 0 "  one of them" dreamq query -4 "$task"
	ID=$(make_tasks '{"account":"tester","prefix":"p-","count":1,"prompt":"[seconds=0] [items=1]"}')
	dreamq query -q "$ID" >out 2>&1
	told 1 "no file of task '$ID' is here; 'dreamq get $ID' brings them" dreamq preview --graphics symbols "$ID"
	told 1 "file 0 of task '$ID' is not here; 'dreamq get $ID' brings it" dreamq preview --graphics symbols --index 0 "$ID" && follow 0
	told 2 "with --graphics symbols pictures go there" dreamq preview "$ID"
	told 1 "no desktop here.*'dreamq preview ID'" env -u DISPLAY -u WAYLAND_DISPLAY -u DREAMQ_OPENER dreamq open "$ID"
	advised >said
	equal "dreamq preview $ID" "$(cat said)" "  'dreamq preview ID' is advised"
	is 0 "  and works on a terminal" env TERM=xterm-256color script -qec "$(cat said)" /dev/null
	rm "$(dreamq list --print path "$ID" 2>/dev/null || dreamq show --json "$ID" | jq -r '.assets[0].path')"
	told 1 "is not there any more; 'dreamq verify --repair'" env DREAMQ_OPENER=true dreamq open "$ID" && follow 0
	is 0 "  it is back" env DREAMQ_OPENER=true dreamq open "$ID"
}

# --- agents ------------------------------------------------------------------------------------
agents() {
	told 2 "'dreamq mcp clients' lists them" dreamq mcp install photoshop-2031 && follow 0
	told 2 "takes the name of one client; 'dreamq mcp clients' lists them" dreamq mcp install && follow 0
	told 2 "leave --project out" dreamq mcp install windsurf --project . && is 0 "  so" dreamq mcp install windsurf
	told 2 "name a project's folder with --project" env -u HOME -u XDG_CONFIG_HOME dreamq mcp install cursor
	is 0 "  so" env -u HOME dreamq mcp install cursor --project .
	told 0 "nothing was written; --yes does it" dreamq mcp install cursor && is 0 "  so" dreamq mcp install cursor --yes
	told 0 "-o DIR says another place" dreamq mcp install zed --yes && is 0 "  so" dreamq mcp install zed -o . --yes
}

# --- this process ------------------------------------------------------------------------------
process() {
	told 6 "raise 'ulimit -n'" bash -c "ulimit -n 20; dreamq get -o one $task"
	is 0 "  so" bash -c "ulimit -n 1024; dreamq get -o one $task"
	script "on=query : not-json"
	told 7 "" dreamq --json query "$task"
	clear_script
	jq -r .do out >>heard
	again 0
	is 0 "  with -v" dreamq -v query "$task"
	is 5 "nobody answers" dreamq --json --api-base http://127.0.0.1:9 query "$task"
	jq -r .do out >>heard
	is 0 "  again later" dreamq --json query "$task"
	script 'on=query : ret 4013'
	told 8 "do by hand what it asks for, and try again later" dreamq query "$task"
	is 8 "  as JSON" dreamq --json query "$task"
	jq -r .do out >>heard
	clear_script
	is 0 "  again later" "${command[@]}"
	script 'on=query : redirect http://127.0.0.1:1/'
	told 7 "check --api-base and --submit-base" dreamq query "$task"
	clear_script
	again 0
	is 6 "no room" dreamq --json get --ledger /dev/full/l.db "$task"
	jq -r .do out >>heard
	FAILED=$(make_tasks '{"account":"tester","prefix":"f-","count":1,"prompt":"[fail]"}')
	dreamq get -q "$FAILED" >out 2>&1
	is 1 "a task that nobody knows" dreamq show --json nobody-knows
	jq -r .do out >err && cat err >>heard
	ID=$FAILED follow 0
}

# --- what browsers, sidecars and webhooks are told -----------------------------------------------
# by_editor LINE: 'config edit' writes this one
by_editor() {
	printf '#!/bin/sh\nsed -i "/^.default]/a %s" "$1"\n' "$1" >editor && chmod 755 editor
	export EDITOR=$PWD/editor
}

asking() {
	local fox=$HOME/.mozilla/firefox/abc.default hook=https://127.0.0.1:1/hook
	told 2 "'setup' asks questions, and there is no terminal; 'dreamq auth import" dreamq setup && follow 0

	# browsers
	told 2 "no profile of Firefox .*see 'dreamq help auth'" dreamq auth import --from-browser firefox --cookie-file "$places/c" && follow 0
	python3 "$SOURCE_ROOT/tests/kit/browsers.py" firefox "$fox" tester nosession
	printf '[Profile0]\nName=default\nIsRelative=1\nPath=abc.default\nDefault=1\n' >"${fox%/*}/profiles.ini"
	told 3 "Firefox is not logged in at .*: log in there with it first, then run this again" dreamq auth import --from-browser firefox --cookie-file "$places/c"
	rm "$fox"/*
	python3 "$SOURCE_ROOT/tests/kit/browsers.py" firefox "$fox" tester
	again 0
	echo sessionid=tester >plain
	told 2 "takes a file or --from-browser, not both" dreamq auth import --from-browser firefox --cookie-file "$places/c" plain
	is 0 "  the one" dreamq auth import --from-browser firefox --cookie-file "$places/c"
	is 0 "  the other" dreamq auth import --cookie-file "$places/c" plain

	# webhooks, and what others could read
	printf 'whsec_%s\n' "$(head -c 32 /dev/zero | base64)" >secret && chmod 600 secret
	told 2 "the webhook needs a secret, for its signature: name a file with --webhook-secret-file" dreamq webhook send --webhook "$hook"
	is 0 "  so" dreamq webhook send --webhook "$hook" --webhook-secret-file secret
	told 2 "no webhook is named: give --webhook URL, or write 'webhook = URL'" dreamq webhook send --webhook-secret-file secret
	is 0 "  given" dreamq webhook send --webhook "$hook" --webhook-secret-file secret
	printf '[default]\nwebhook = %s\n' "$hook" >hook.ini
	is 0 "  written" dreamq webhook send --webhook-secret-file secret --config hook.ini
	told 1 "no delivery 'msg_none' waits or is dead; 'dreamq webhook list' has them" dreamq webhook drop msg_none && follow 0
	ini="$places/c.ini"
	by_editor "webhook = $hook?key=x"
	told 2 "what stands behind a .* of a webhook .*; write 'webhook = ...' with 'dreamq config edit" dreamq config --config "$ini" set webhook "$hook?key=x" && follow 0
	equal "$hook?key=x" "$(dreamq config --config "$ini" get webhook)" "  it is set"
	by_editor "proxy = http://me:secret@h:1"
	told 2 "a proxy's name and password .*; write 'proxy = ...' with 'dreamq config edit" dreamq config --config "$ini" set proxy http://me:secret@h:1 && follow 0
	equal "http://me:secret@h:1" "$(dreamq config --config "$ini" get proxy)" "  it is set"
}

# --- what is said of files -----------------------------------------------------------------------
embedding() {
	ID=$(make_tasks '{"account":"tester","prefix":"e-","count":1,"prompt":"[seconds=0] [items=1]"}')
	dreamq query -q "$ID" >out 2>&1
	told 1 "no such file of task '$ID' is here; 'dreamq get $ID' brings them" dreamq embed -o copies "$ID" && follow 0 && again 0
	told 2 "name the folder that the copies go to: 'dreamq embed -o DIR ID'" dreamq embed "$ID" && follow 0
	echo more >>"${ID}_0.png"
	told 6 "it is not what was stored there; see 'dreamq verify'" dreamq embed -o other "$ID" && follow 6
	is 0 "  as that says" dreamq verify --repair
	rm -f ./*.altered
	again 0
	ID=$(dreamq submit -q --prompt "[seconds=0] [items=1] [jpeg] $(head -c 30000 /dev/zero | tr '\0' '&')")
	dreamq get -q "$ID" >out 2>&1
	told 1 "its prompt is too long for a JPEG, .*; '--sidecar=txt,xmp' of 'dreamq get' writes it beside" dreamq embed -o copies "$ID"
	is 0 "  so" dreamq get -q --sidecar=txt,xmp "$ID"
	equal 2 "$(find . -maxdepth 1 -name "$ID*.txt" -o -maxdepth 1 -name "$ID*.xmp" | wc -l)" "  two are beside it"
	curl -sf "$DREAMQ_API_BASE/_emulator/records" -d account=tester,audio=1 >out
	ID=$(dreamq sync --json --kind audio -o sounds | jq -r 'select(.event == "task") | .submit_id' | tail -1)
	told 1 "a file of the kind '.*' can't have them; '--sidecar=txt,xmp' of 'dreamq get' writes them beside" dreamq embed -o copies "$ID"
	is 0 "  so" dreamq get -q --sidecar=txt,xmp -o sounds "$ID"
	equal 4 "$(find sounds -name '*.txt' -o -name '*.xmp' | wc -l)" "  two are beside each"
	told 0 "1 file would be renamed; with --yes it is" dreamq rename --name 'x-{id}.{ext}' e--0
	is 0 "  so" dreamq rename --name 'x-{id}.{ext}' --yes e--0
	equal x-e--0.png "$(ls x-*)" "  it is"
	told 2 "--dry-run tells of all files: leave --only and --index away" dreamq get --dry-run --only image "$ID"
	is 0 "  so" dreamq get --dry-run "$ID"
	for n in $(seq 200); do echo "odd line $n"; done >odd.txt
	told 2 "odd.txt: more are skipped; --json tells of each" dreamq adopt odd.txt
	dreamq adopt --json odd.txt >out 2>&1
	equal 200 "$(grep '^{' out | jq -r 'select(.event == "skipped") | .number' | wc -l)" "  it does"
}

# --- what doctor and 'dreamq' alone advise: on the service's clock, which is ours ------------------------------
# alone PATTERN: it is said at a terminal; what talks, pays or stays is not followed
alone() {
	env TERM=xterm SHELL=/bin/bash script -qec "stty cols 300; $(printf %q "$DREAMQ")" /dev/null </dev/null | tr -d '\r' >err
	cat err >>heard
	says "$1" err "$1"
	sed -i -E '/^  dreamq (setup|run|watch)/d' err
}

# doctor STATUS PATTERN ARGUMENT...
doctor() { told "$1" "$2" bash -c 'dreamq doctor "$@" >&2' - "${@:3}"; }

meeting() {
	local db="$places/l.db"
	DREAMQ_COOKIE_FILE=$places/none ID=$task
	alone "'dreamq auth import' does it with a cookie at hand; 'dreamq help'" && follow 0
	alone "'dreamq sync' brings home all that the account has" && follow 0
	alone "'dreamq doctor' looks whether all is well" && follow 0
	doctor 1 "log in with the browser and run 'dreamq auth import" --cookie-file "$places/c" && follow 0 && again 0
	printf '[default]\njbs = 3\n' >"$places/bad.ini"
	printf '#!/bin/sh\nsed -i /jbs/d "$1"\n' >editor && chmod 755 editor
	export EDITOR=$PWD/editor
	doctor 1 "run 'dreamq config edit" --config "$places/bad.ini" && follow 0 && again 0
	told 1 "set HOME, or name a file with --ledger" env -u HOME -u XDG_STATE_HOME -u XDG_CONFIG_HOME -u DREAMQ_COOKIE_FILE bash -c 'dreamq doctor "$@" >&2' -
	says "put right what is said; 'dreamq config list' tells where it comes from" err "  and where that comes from"
	grep -m 1 "config list" err >one && mv one err && follow 0
	is 0 "  HOME" env -u XDG_STATE_HOME dreamq doctor
	is 0 "  --ledger" env -u HOME -u XDG_STATE_HOME dreamq doctor --ledger "$db"
	doctor 1 "name a file in it with --ledger .run 'dreamq ledger check .*, which says what to do" --ledger "$places" && follow 6
	is 0 "  so" dreamq doctor --ledger "$db"
	dreamq query --ledger "$db" "$task" >out 2>&1
	LEDGER=$db lab_lose "$task"
	doctor 1 ".run 'dreamq ledger check .*, which says what to do" --ledger "$db"
	sed -i "s/.*(run/(run/" err
	follow 6
	cp followed.err err
	follow 0
	sed '/dreamq verify/d' followed.err >err # for later
	follow 0
	is 0 "  and all is well" dreamq doctor --ledger "$db"
	amid getaddrinfo 127.0.0.1 MS=1500 doctor 1 "no result within 1s .give it longer with --max-wait; a network or a disk may hang" --max-wait 1s
	amid getaddrinfo 127.0.0.1 MS=1500 doctor 0 "names are slow" --max-wait 20s
}

# --- what help and the manual name ----------------------------------------------------------------
accepted() {
	timeout -s INT 20 bash -c "$1" >"$2.out" 2>"$2.err" <cookie.txt
	case $? in
	2 | 12[4-7]) grep -q 'no terminal' "$2.err" || echo "$1: $(head -1 "$2.err")" ;;
	esac
}

named() {
	local tries=() n=0

	cp "$SOURCE_ROOT"/tests/fixtures/adopt/* .
	# Whatever they name is accepted: it may find nothing to do, but it is no wrong usage.
	mkdir -p "$HOME/.dreamina_cli" && lab_make_foreign tasks_1.4.sql "$HOME/.dreamina_cli/tasks.db"
	cp "$DREAMQ_COOKIE_FILE" cookie.txt
	{
		python3 "$SOURCE_ROOT/tests/run/advice.py" described >texts
		commands_in texts
		dreamq help --man | sed -n '/^\.SH EXIT/q; /^\.EX/{n; s/\\-/-/g; s/\\(aq/'"'"'/g; p}'
	} | sed -E "s#\b(ID|ID1|ID2)\b#$task#g; s#\bVERB\b#get#; s#~/pictures#$T/pictures#; s#KEY VALUE#jobs 4#; s#dreamq (watch|night)#& --max-wait 1s#; s#dreamq (sync|wait|run)#& --max-wait 1s#; s#^dreamq (get|forget|query|show)( --json)?\$#& $task#" | sort -u >named
	# Those that rename want files in their folder, which others take elsewhere; then four at once. A
	# line of `bad` is one that was no usage, or did not end.
	dreamq get -q -o pictures "$task" >out 2>&1
	while read -r line; do
		n=$((n + 1))
		accepted "$line" "$n"
	done < <(grep '^dreamq rename' named) >bad
	while read -r line; do
		n=$((n + 1))
		accepted "$line" "$n" >>bad &
		tries+=($!)
		[ "$(jobs -rp | wc -l)" -lt 5 ] || wait -n # the emulator is one of them
	done < <(grep -v -e '^dreamq rename' -e '| source' -e '^dreamq setup$' named) # run/setup.t talks with that one
	wait "${tries[@]}"
	at_least 30 "$(wc -l <named)" "help and manual name commands"
	equal "" "$(cat bad)" "  and each is accepted"
}

beside words begin words
beside submitting begin submitting
beside adopting begin adopting
beside cookies begin cookies
beside ledger begin ledger
beside looking begin looking
beside agents begin agents
beside process begin process
beside asking begin asking
beside embedding begin embedding
OPTIONS_BESIDE='' beside meeting begin meeting
beside named begin named
joined
cat "$T"/*/heard >"$T/heard"
# --- and nothing else ---------------------------------------------------------------------------
equal "" "$(python3 "$SOURCE_ROOT/tests/run/advice.py" unknown "$T/heard" "$DREAMQ")" "no other sentence advises"
done_testing
