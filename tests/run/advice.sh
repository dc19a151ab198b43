# advice.sh - what the tests have who follow advice (advice.t, advice_faults.t). Source it behind
# lib.sh. A sentence is brought about and told; the commands that it names are run as a shell
# reads them; or the same one again, when it says so, after what stood in its way was mended.

mkdir "$T/bin" && ln -s "$DREAMQ" "$T/bin/dreamq"
PATH=$T/bin:$PATH
OPTIONS_BESIDE='--time-scale 100'

# begin PART: what each of them has
begin() {
	places="$T/a place" # with a blank: what is advised has to quote it
	mkdir "$places"
	COOKIE='sessionid=tester' ID='' VERB=get FOLDER=home DIR=home TEXT=words COPY=$T/copy.db N=50 FILE=$T/lines
	task=$(make_tasks '{"account":"tester","prefix":"d-","count":1,"prompt":"[items=1]","age_seconds":600}')
	before=()
	: >heard
	"$@"
}

# told STATUS PATTERN COMMAND...: it ends so, and says that
told() {
	local wanted=$1 says=$2
	shift 2
	command=("$@")
	"${before[@]}" "$@" >out 2>err </dev/null
	status=$?
	cat err >>heard
	if [ "$status" = "$wanted" ] && grep -Eq -- "$says" err; then
		ok "$says"
	else
		not_ok "$says" "wanted $wanted, got $status: $*" "$(cat out)" "$(cat err)"
	fi
}

# mishap CALL WORDS WHAT COMMAND...: run it with this mishap (tests/kit/mishap.c: WHAT is ERRNO=...,
# MS=... or DOES=...)
mishap() {
	env LD_PRELOAD="$MISHAP_LIBRARY" ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		MISHAP_CALL="$1" MISHAP_OF="$2" "MISHAP_$3" "${@:4}"
}

# amid CALL WORDS WHAT told ...: it is told with that mishap; what follows has none
amid() {
	before=(mishap "${@:1:3}")
	"${@:4}"
	before=()
}

# commands_in FILE: those that a text names, one a line: in quotes, on a line of their own, or at
# the end of a sentence; in quotes there may be quotes around a path
commands_in() {
	grep -oP "(?<!\w)['‘“\`](?:source <\()?\K(?:dreamq|chmod) (?:[^'’”\`]|'[^']*')*?(?=\)?(?:['’”\`](?![\w/])|$))" "$1"
	grep -oP '^  \Kdreamq .*$|: \Kdreamq \w[^;:()]*$' "$1"
}

# advised: the commands in what was said, their placeholders filled
advised() {
	commands_in err | sed -E \
		"s#\bID\b#$ID#; s#\bDIR\b#$DIR#; s#\bKEY VALUE\b#jobs 4#; s#\bVERB\b#$VERB#; s#\bFOLDER\b#$FOLDER#; s#\bTEXT\b#$TEXT#; s#\bCOPY\b#$COPY#; s#\bN\b#$N#; s#\bFILE\b#$FILE#"
}

# follow STATUS: every command that it advises ends with that; a cookie is on standard input
follow() {
	local line count=0
	while read -r line; do
		count=$((count + 1))
		echo "$COOKIE" | timeout -s INT 20 bash -c "$line" >followed 2>followed.err
		status=$?
		cat followed.err >>heard
		if [ "$status" = "$1" ]; then
			ok "  $line"
		else
			not_ok "  $line" "wanted $1, got $status" "$(cat followed)" "$(cat followed.err)"
		fi
	done < <(advised)
	[ "$count" -gt 0 ] || not_ok "  a command is advised" "$(cat err)"
}

# again STATUS: the same command, after what stood in its way was mended
again() { is "$1" "  again" "${command[@]}"; }
